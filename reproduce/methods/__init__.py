"""What can be trained: ``base`` has what methods share, ``learnt_gates`` is ours, ``witness`` and
``weighed`` look at it, ``rivals``, ``hard_concrete`` and ``group_norm`` are beside it.
``runs.kinds`` lists them.
"""
