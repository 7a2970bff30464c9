"""What all benchmarks share: calls that take turns, and the median of their ratios."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from time import perf_counter
from typing import Any

COLUMNS = ("what", "against", "ratio (median)", "quartiles", "rounds")


def seconds(function: Callable[[], Any]) -> float:
    begin = perf_counter()
    function()
    return perf_counter() - begin


def take_turns(
    sides: Mapping[str, Callable[[], Any]],
    rounds: int,
    prepare: Callable[[], Any] = lambda: None,
    warm_up: int = 2,
    least: float = 0.0,
) -> dict[str, list[float]]:
    """Seconds of every call, by side.

    In each round every side is called once, so that whatever else the machine does disturbs them
    alike. ``prepare`` is called before each round, outside the clock.

    Args:
        sides: what is timed, by name.
        rounds: at least so many are timed.
        prepare: for the next round.
        warm_up: rounds before those; first calls fill caches and start workers.
        least: seconds that all rounds take together, at least.
    """
    times: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(warm_up):
        prepare()
        for side in sides.values():
            side()
    begin, done = perf_counter(), 0
    while done < rounds or perf_counter() - begin < least:
        prepare()
        for name, side in sides.items():
            times[name].append(seconds(side))
        done += 1
    return times


def ratio(above: Sequence[float], below: Sequence[float]) -> dict[str, Any]:
    """Median and quartiles of the ratios, round by round."""
    ratios = [a / b for a, b in zip(above, below)]
    return {
        "ratio": statistics.median(ratios),
        "quartiles": statistics.quantiles(ratios, n=4),
        "rounds": len(ratios),
    }


def milliseconds(times: Sequence[float]) -> float:
    """The median."""
    return 1e3 * statistics.median(times)


def cells(what: str, against: str, measured: Mapping[str, Any]) -> list[str]:
    """One line of a table under ``COLUMNS``."""
    low, _, high = map(digits, measured["quartiles"])
    rounds = str(measured["rounds"])
    return [what, against, digits(measured["ratio"]), f"{low} to {high}", rounds]


def digits(value: float) -> str:
    """Three digits, or all those before the point."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
