"""``parsimony completion``: the script that completes commands and flags in a shell."""

from argparse import ArgumentParser, Namespace

import shtab

KEPT = "nothing was changed"
EXAMPLES = """examples:
  parsimony completion bash > ~/.local/share/bash-completion/completions/parsimony
  parsimony completion zsh > ~/.zfunc/_parsimony"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("shell", choices=("bash", "zsh", "tcsh"))


def run(options: Namespace) -> int:
    from reproduce.cli import parser

    print(shtab.complete(parser(), options.shell))
    return 0
