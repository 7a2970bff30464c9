"""The subcommands of ``parsimony``, one module each: its flags, its examples and what it does.

``KEPT`` says what a stop leaves behind at any moment of the command: its last line then.
"""
