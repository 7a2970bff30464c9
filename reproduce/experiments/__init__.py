"""What is run: ``rows`` of settings, made up into ``presets`` for each network's table and
``studies`` for everything else.
"""
