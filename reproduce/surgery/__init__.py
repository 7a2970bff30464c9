"""Cutting units out of a network: as a chain of layers, or as a graph that branches.

``chain`` and ``graph`` read a network into a plan of sites; ``slicing`` cuts modules, and the
optimisers that hold their weights.
"""
