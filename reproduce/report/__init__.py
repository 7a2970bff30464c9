"""The report: all results as one HTML page. ``page`` puts it together from ``markdown`` tables,
``pictures`` and the ``provenance`` of runs; ``elements`` are the pieces of HTML.
"""
