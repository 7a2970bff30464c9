"""One run from settings to record: ``settings`` are what is asked for and name its folder,
``kinds`` what a method is, ``store`` the folders of all runs, ``record`` what they hold.
"""
