"""Training: ``loop`` trains one run, ``turns`` several in turn, ``sweep`` many at once.

``cluster`` is the sweep on other machines.
"""
