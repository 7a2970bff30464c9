"""What can be trained: ``base`` has what methods share, ``learnt_gates`` is ours, ``witness`` and
``weighed`` look at it, ``rivals`` and ``hard_concrete`` are beside it. ``runs.kinds`` lists them.
"""
