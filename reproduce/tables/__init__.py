"""The tables, one module a kind: ``results``, ``methods``, ``practice``, ``robustness``, ``ledger``.

``published`` has the rows of others; ``render`` and ``latex`` make text of rows.
"""
