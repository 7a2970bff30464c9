"""``parsimony figures``: the figures again, from stored runs, and those of the theory."""

from argparse import Namespace
from functools import partial
from pathlib import Path

from reproduce import figures, outputs
from reproduce.commands import again

KEPT = "files are whole or as they were, the same command writes them again"
EXAMPLES = """examples:
  parsimony figures
  parsimony figures vgg16"""

add_arguments = again.add_arguments


def run(options: Namespace) -> int:
    theory = partial(figures.write, figures.THEORY, Path("figures"))
    return again.write(options, outputs.write_figures, [theory])
