"""What pictures say in words is what the records say, and their axes can be read."""

from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot as plt

from reproduce.experiments.rows import Row
from reproduce.figures import findings, style
from reproduce.runs.settings import Settings

DENSE = Row("dense", Settings(method="dense"))
OURS = Row("ours", Settings())
STRAIGHT_THROUGH = replace(OURS.settings.gates, estimator="straight_through")
BIASED = Row("biased", replace(OURS.settings, gates=STRAIGHT_THROUGH))


@dataclass(frozen=True)
class Fake:
    """A run with the records a test wants."""

    widths: tuple[tuple[int, ...], ...] = ((784, 300, 100), (100, 50, 20))  # start, then by epoch
    error: float = 1.0
    cost: int = 50

    @property
    def record(self) -> SimpleNamespace:
        start, end = (
            SimpleNamespace(widths=list(widths), macs=sum(widths))
            for widths in (self.widths[0], self.widths[-1])
        )
        return SimpleNamespace(start=start, end=end, error=self.error, train_macs=self.cost)

    @property
    def epochs(self) -> list[SimpleNamespace]:
        return [SimpleNamespace(widths=list(widths)) for widths in self.widths[1:]]


def test_what_is_saved_is_said_of_ours_against_the_dense_run_that_is_shown():
    cheap, dear = Fake(cost=50), Fake(cost=300)
    dense = (DENSE, [Fake(cost=200)])
    assert "“ours” trains for 25 %" in findings.saving([dense, (OURS, [cheap])])
    assert "no training here costs less" in findings.saving([dense, (OURS, [dear])])
    assert "“ours”" in findings.saving([dense, (OURS, [cheap]), (BIASED, [Fake(cost=1)])])


def test_runs_that_fail_are_counted_and_named():
    fine = [Fake(error=1.0), Fake(error=1.2)]
    said = findings.errors([(OURS, fine), (BIASED, fine)])
    assert "all 4 runs from 2 starts end between 1.00 and 1.20 %" in said
    said = findings.errors([(OURS, fine), (BIASED, [Fake(error=1.1), Fake(error=89.0)])])
    assert "1 of 4 runs fail, with 89 % errors or more (biased)" in said


def test_how_far_sizes_are_apart_at_first_and_at_the_end():
    small = Fake(((784, 100, 50), (300, 60, 40), (200, 50, 30)))
    large = Fake(((784, 400, 200), (300, 200, 90), (220, 50, 45)))
    shown = [(OURS, [small]), (BIASED, [large])]
    said = findings.sizes(shown)
    assert "start 4× apart" in said and "end 1× to 1.5× apart (most: hidden layer 2)" in said
    assert "within 1.5× of each other from epoch 2 on" in findings.together(shown)
    larger = Fake((*large.widths[:-1], (220, 50, 46)))
    assert "stay more than 1.5× apart" in findings.together([(OURS, [small]), (BIASED, [larger])])


def test_rivals_are_compared_at_our_widths_only():
    ours = [(np.array([9.0, 1.5]), [[3, 2]], 40)]
    same, other = [(np.array([9.0, 1.2]), [[3, 2]], 40)], [(np.array([5.0, 9.9]), [[1, 1]], 40)]
    said = findings.rivals({"ours": ours, "scratch": same, "free": other})
    assert "scratch 0.30 points fewer" in said and "free" not in said
    assert said.startswith("On the front are 0 of 1 of ours.")
    assert findings.rivals({"ours": ours, "free": other}) == "On the front are 1 of 1 of ours"


def test_beside_dense_alone_ours_says_its_gap_and_its_share():
    dense, ours = [(np.array([20.0, 1.2]), [[6, 4]], 40)], [(np.array([8.0, 1.5]), [[3, 2]], 40)]
    said = findings.rivals({"dense": dense, "ours, second order": ours})
    assert said == "ours, second order: 0.30 points more than dense at 40 % of its MACs"
    scratch = [(np.array([8.0, 1.4]), [[3, 2]], 40)]
    said = findings.rivals({"dense": dense, "ours, second order": ours, "scratch": scratch})
    assert said.endswith("At the widths of ours: scratch 0.10 points fewer")


def test_a_front_is_of_rows_of_as_many_epochs_as_a_rival_has():
    ours = [(np.array([9.0, 1.5]), [[3, 2]], 40)]
    longer = [(np.array([8.0, 1.1]), [[2, 2]], 80)]
    rival = [(np.array([9.5, 1.4]), [[1, 1]], 40)]
    shown = {"ours": ours, "ours, twice the epochs": longer, "rival": rival}
    assert findings.rivals(shown) == "On the front are 1 of 1 of ours"
    shown["longer rival"] = [(np.array([7.0, 1.0]), [[1, 1]], 80)]
    said = "On the front are 1 of 1 of ours and 0 of 1 of ours, twice the epochs"
    assert findings.rivals(shown) == said


@given(st.floats(1e-2, 1e7), st.floats(1.3, 1e5))
def test_a_logarithmic_axis_has_some_ticks_and_all_are_round(low, ratio):
    ticks = np.array(style.Counts().tick_values(low, low * ratio))
    assert 2 <= len(ticks) <= 10 and (np.diff(ticks) > 0).all()
    assert ticks[0] >= low and ticks[-1] <= low * ratio * (1 + 1e-12)
    if ratio > 10:
        leading = ticks / 10.0 ** np.floor(np.log10(ticks) + 1e-9)
        assert all(np.isclose(leading[:, None], [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8]).any(1))


@pytest.mark.parametrize(("errors", "scale"), [((1.4, 1.8), "linear"), ((0.7, 89.0), "log")])
def test_an_axis_of_errors_shows_what_is_there(errors, scale):
    figure, ax = plt.subplots()
    ax.plot(errors, errors, "o")
    style.error_axis(ax.xaxis, errors)
    assert ax.get_xscale() == scale
    low, high = ax.get_xlim()
    assert low <= errors[0] and high >= errors[1]
    assert scale == "log" or high - low < 1.3 * (errors[1] - errors[0])
    plt.close(figure)
