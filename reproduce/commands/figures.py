"""``parsimony figures``: all figures of stored runs and of the theory, or those of one run."""

from argparse import ArgumentParser, Namespace
from functools import partial
from pathlib import Path

from reproduce import console, figures, outputs
from reproduce.commands import again
from reproduce.commands.compare import finished
from reproduce.commands.flags import add_out
from reproduce.experiments.presets import PRESETS
from reproduce.experiments.studies import STUDIES
from reproduce.figures import own
from reproduce.runs.found import newest_first

KEPT = "files are whole or as they were, the same command writes them again"
EXAMPLES = """examples:
  parsimony figures
  parsimony figures vgg16
  parsimony figures lenet_300_100-gates-1f0c2b3d4e5f --out pictures   of one run"""


def add_arguments(parser: ArgumentParser) -> None:
    again.add_arguments(parser)
    add_out(parser, "folder for the figures of one run", "drawn")


def run(options: Namespace) -> int:
    if _names_a_run(options):
        (one,) = finished([options.network], options.results)
        with console.working("drawing"):
            drawn = figures.write(own.figures(one), options.out)
        console.files(drawn)
        return 0
    theory = partial(figures.write, figures.THEORY, Path("figures"))
    return again.write(options, outputs.write_figures, [theory])


def _names_a_run(options: Namespace) -> bool:
    """Whether it is a run's folder or name, and no network's or study's."""
    name = options.network
    if not name or name in (*PRESETS, *STUDIES):
        return False
    named = {one.folder.name for _, one in newest_first(options.results)}
    return name in named or (Path(name) / "settings.json").is_file()
