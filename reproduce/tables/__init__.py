"""The tables, one module a kind: ``results``, ``methods``, ``practice``, ``robustness`` and
``ledger``.
``published`` has the rows of others; ``render`` and ``latex`` make text of rows.
"""
