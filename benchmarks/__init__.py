"""What things cost, as ratios: of a step, a run, an answer; written to results.json and results.md.

Each benchmark is a module with

- ``measure() -> dict``: what is kept in results.json;
- ``rows(result)``: the cells of its table in results.md, under ``HEAD``;
- ``THREADS``: of torch while it runs, and ``USES``: packages whose versions matter.

The module's docstring stands above its table.
"""
