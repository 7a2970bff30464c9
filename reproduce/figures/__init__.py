"""All figures: ``runs`` draws stored runs, the other modules draw the theory.

A theory module joins by its ``FIGURES``, file name to a function without arguments.
"""

from pathlib import Path

from matplotlib import pyplot as plt

from reproduce.experiments import Preset
from reproduce.figures import attraction, estimators, hyperprior, phase, runs
from reproduce.figures.style import STYLE, save
from reproduce.store import Store

THEORY = hyperprior.FIGURES | phase.FIGURES | attraction.FIGURES | estimators.FIGURES


def write(preset: Preset, store: Store, folder: Path) -> list[Path]:
    """Draws the theory, and all that the finished runs allow; returns the files written."""
    written = []
    with plt.rc_context(STYLE):
        for name, draw in (THEORY | runs.figures(preset, store)).items():
            figure = draw()
            if figure is not None:
                written += save(figure, folder / name)
    return written
