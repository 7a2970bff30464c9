"""Gates on units: ``gates`` has them from attachment to freeze, ``config`` their settings.

``estimators`` and ``priors`` say how a gate is drawn and charged, ``prices`` what a unit costs,
``decisions`` how far a gate moves and which units go; ``passes`` is what gates do while the network
is at work, with ``hooks`` in front of each layer that reads a unit.
"""
