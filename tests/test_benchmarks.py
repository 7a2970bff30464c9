"""The benchmarks' bookkeeping, with a clock of its own: nothing is timed here."""

import json
from types import ModuleType

import pytest
import torch

from benchmarks import results, timing


class Clock:
    """Stands still unless a side says how long it takes."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def taking(self, *seconds: float):
        """A side that takes these times, one after another."""
        left = list(seconds)

        def side() -> None:
            self.now += left.pop(0)

        return side


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(timing, "perf_counter", clock)
    return clock


def test_ratio_is_the_median_over_rounds_whatever_the_load(clock):
    # First a round that is not counted; then load grows tenfold, and one call is disturbed.
    ours, theirs = clock.taking(9, 1, 10, 1, 1), clock.taking(9, 3, 30, 99, 3)
    times = timing.take_turns({"ours": ours, "theirs": theirs}, rounds=4, warm_up=1)
    assert times == {"ours": [1, 10, 1, 1], "theirs": [3, 30, 99, 3]}
    measured = timing.ratio(times["theirs"], times["ours"])
    assert measured["ratio"] == 3
    assert measured["rounds"] == 4
    assert measured["quartiles"][:2] == [3, 3]
    assert timing.milliseconds(times["theirs"]) == 16_500


def test_sides_alternate_and_preparing_is_outside_the_clock(clock):
    called = []
    times = timing.take_turns(
        {"a": lambda: called.append("a"), "b": lambda: called.append("b")},
        rounds=2,
        prepare=lambda: (called.append("prepare"), clock.taking(5)()),
        warm_up=0,
    )
    assert called == ["prepare", "a", "b"] * 2
    assert times == {"a": [0, 0], "b": [0, 0]}


def test_rounds_go_on_for_the_seconds_asked_for(clock):
    times = timing.take_turns({"a": clock.taking(*[2] * 9)}, rounds=1, warm_up=0, least=7)
    assert len(times["a"]) == 4


def test_committed_tables_are_what_the_results_give():
    # Where a docstring or a table was changed: results.write_md()
    markdown = results.JSON.with_suffix(".md").read_text()
    assert markdown == results.markdown(json.loads(results.JSON.read_text()))


def test_a_benchmark_renews_its_own_part_only(tmp_path, monkeypatch):
    fake = ModuleType("fake", "What it is.")
    vars(fake).update(THREADS=1, USES=("numpy",), HEAD=("what", "ratio"))
    fake.measure = lambda: {"ratio": 2.0}
    fake.rows = lambda result: [["step", f"{result['ratio']:.1f}"]]
    monkeypatch.setattr(torch, "set_num_threads", lambda threads: None)
    monkeypatch.setattr(results, "BENCHMARKS", {"other": fake, "fake": fake})
    path = tmp_path / "results.json"
    other = {"machine": {"cores": 2}, "result": {"ratio": 7.0}}
    path.write_text(json.dumps({"other": other}))
    results.renew("fake", path)
    content = json.loads(path.read_text())
    assert content["other"] == other
    assert content["fake"]["result"] == {"ratio": 2.0}
    assert {"cores", "load before", "load after", "numpy"} <= content["fake"]["machine"].keys()
    markdown = path.with_suffix(".md").read_text()
    assert markdown == results.markdown(content)
    assert "| step | 7.0 |" in markdown
    assert "| step | 2.0 |" in markdown
