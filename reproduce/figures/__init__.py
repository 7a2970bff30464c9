"""All figures: ``runs`` draws stored runs, the other modules draw the theory.

A theory module joins by its ``FIGURES``, file name to a function without arguments.
"""

from pathlib import Path

from matplotlib import pyplot as plt

from reproduce.figures import attraction, estimators, hyperprior, phase
from reproduce.figures.style import STYLE, Drawing, save

THEORY = hyperprior.FIGURES | phase.FIGURES | attraction.FIGURES | estimators.FIGURES


def write(drawings: dict[str, Drawing], folder: Path) -> list[Path]:
    """Draws each picture that has something to show; returns the files written."""
    written = []
    with plt.rc_context(STYLE):
        for name, draw in drawings.items():
            figure = draw()
            if figure is not None:
                written += save(figure, folder / name)
    return written
