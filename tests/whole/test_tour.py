"""The cells of the tour run one after the other as they stand, and do what its text says."""

import re
from pathlib import Path

from matplotlib import pyplot as plt

PAGE = (Path(__file__).parents[2] / "docs" / "tour.md").read_text()
CELLS = re.findall(r"```\{code-cell\} python\n(.*?)```", PAGE, re.DOTALL)


def test_the_tour_shrinks_a_network_while_it_learns(capsys):
    plt.close("all")  # what other tests left open
    names: dict = {}
    with plt.rc_context():  # the tour sets a look of its own
        for cell in CELLS:
            exec(cell, names)
        drawn = len(plt.get_fignums())
        plt.close("all")
    said = capsys.readouterr().out
    assert "1.0000 to 1.0000 nats" in said and "the unit is metastable" in said
    assert drawn == 3  # one for each of its parts
    first, *_, last = names["history"]
    assert first[:3] == (784, 300, 100) and all(a < b / 1.5 for a, b in zip(last[:3], first))
    assert last[3] < 12 and names["gates"].frozen
