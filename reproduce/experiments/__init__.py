"""What is run: lists of settings, declared. ``presets`` for the main tables of each network,
``studies`` for everything else: with ``comparisons`` of methods, and ``explorations`` before them.
"""
