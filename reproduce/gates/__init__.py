"""Gates on units: ``gates`` has them from attachment to freeze, ``config`` their settings.

``estimators`` and ``priors`` say how a gate is drawn and charged, ``prices`` what a unit costs,
``hooks`` how a gate multiplies what a layer reads.
"""
