"""The subcommands of ``parsimony``, one module each: its flags, its examples and what it does."""
