"""The simulations of ``parsimony simulate``: gate dynamics with parameters of one's own, drawn."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Progress = Callable[[int, int], None]
Columns = Mapping[str, Any]
Numbers = Mapping[str, str]  # what is printed: names, and values with their units

_WORST = {
    "kappa": (1.0, "bound κ on the unit's gradient"),
    "lam": (0.5, "weight decay λ"),
    "c": (0.6, "price of the unit in nats"),
}
_GATE = {
    "s": (1.0, "curvature of the fit"),
    "a": (1.0, "target of the weight, not 0"),
    "lam": (0.3, "weight decay λ"),
}
# Steps for each unit of time and rate, and the most that are taken.
_RESOLUTION, _MOST_STEPS = 20, 200_000
_RECORDS = 400  # points of a trajectory that are drawn and written


@dataclass(frozen=True)
class Simulation:
    """One kind: what it shows, its flags (name -> default and help), and the function that runs."""

    text: str
    flags: Mapping[str, tuple[float | None, str]]
    examples: tuple[str, ...]
    run: Callable[..., tuple["Figure", Columns, Numbers]]


def _whole(name: str, value: int, low: int, high: int) -> int:
    from theory._checks import require

    return int(require(name, value, low, high))


def _steps(time: float, rate: float) -> int:
    """Enough Runge–Kutta steps to resolve the fastest rate; ValueError if they are too many."""
    import math

    from theory._checks import require

    longest = _MOST_STEPS / (_RESOLUTION * rate)
    return max(100, math.ceil(_RESOLUTION * rate * float(require("time", time, 0, longest))))


def _basin(
    kappa: float, lam: float, c: float, time: float | None, side: int, on_progress: Progress
) -> tuple["Figure", Columns, Numbers]:
    from matplotlib import pyplot as plt

    from reproduce.figures import attraction
    from theory.attraction import Attraction
    from theory.dynamics import flow
    from theory.systems import WorstCase

    region = Attraction(kappa=kappa, lam=lam, c=c)
    start = attraction.starts(kappa, lam, c, _whole("side", side, 2, 2000))
    time = attraction.horizon(kappa, lam, c) if time is None else time
    outcome = flow(
        WorstCase(kappa=kappa, lam=lam, c=c),
        start,
        time=time,
        steps=_steps(time, region.m),
        on_progress=on_progress,
    )
    figure, axes = plt.subplots(figsize=(7, 4.6))
    attraction.basin_of(kappa, lam, c, start, outcome, axes)
    return (
        figure,
        {
            "r": start[0],
            "theta": start[1],
            "certified": region.contains(*start),
            "died": outcome.state[1] == 0,
            "last_alive": outcome.last_alive,
            "certified_death_time": region.death_time(*start),
        },
        {
            "V̄, the edge of A": f"{region.threshold:.4g} nats",
            "A is": "the whole basin (tight)" if region.tight else "a part of the basin (capped)",
            "starts in A": f"{region.contains(*start).sum():,} of {start.shape[1]:,}",
            "of these died": f"{(outcome.state[1][region.contains(*start)] == 0).sum():,}",
            "of all died": f"{(outcome.state[1] == 0).sum():,}",
        },
    )


def _flow(
    s: float,
    a: float,
    lam: float,
    c: float,
    time: float,
    trajectories: int,
    seed: int,
    on_progress: Progress,
) -> tuple["Figure", Columns, Numbers]:
    import numpy as np
    from matplotlib import pyplot as plt

    from reproduce.figures.phase import draw_portrait
    from reproduce.figures.style import COLOURS
    from theory.dynamics import flow
    from theory.scalar_gate import ScalarGate
    from theory.systems import ScalarUnit

    gate = ScalarGate(s=s, a=a, lam=lam, c=c)
    count = _whole("trajectories", trajectories, 1, 10_000)
    rng = np.random.default_rng(_whole("seed", seed, 0, 2**63))
    start = np.stack([a * rng.uniform(-0.7, 2.3, count), rng.random(count)])
    every = -(-_steps(time, s + lam + 2 * s * abs(a)) // _RECORDS)
    outcome = flow(
        ScalarUnit(gate),
        start,
        time=time,
        steps=_RECORDS * every,
        every=every,
        on_progress=on_progress,
    )
    path = outcome.path
    assert path is not None  # asked for by `every`
    figure, axes = plt.subplots(figsize=(8, 5.2))
    axes.plot(path[:, 0], path[:, 1], color=COLOURS[5], linewidth=0.8, alpha=0.7)
    axes.plot([], [], color=COLOURS[5], label="simulated")
    draw_portrait(axes, gate)
    figure.legend(loc="outside lower center", ncols=4)
    records = len(outcome.times)
    return (
        figure,
        {
            "trajectory": np.repeat(np.arange(count), records),
            "time": np.tile(outcome.times, count),
            "w": path[:, 0].T.ravel(),
            "theta": path[:, 1].T.ravel(),
        },
        _of_gate(gate)
        | {
            "regime at c": f"{gate.regime()}, c = {c:g} nats",
            "ended with the gate open": f"{(path[-1, 1] > 0.5).sum():,} of {count:,} starts",
        },
    )


def _of_gate(gate: Any) -> dict[str, str]:
    """The prices at which a gate's portrait changes."""
    return {
        "c_g, above which the unit is better gone": f"{gate.c_g:.4g} nats",
        "c*, above which every start loses it": f"{gate.c_star:.4g} nats",
    }


def _noise(
    kappa: float,
    lam: float,
    c: float,
    step: float,
    start: float,
    largest: float,
    sizes: int,
    steps: int,
    trajectories: int,
    seed: int,
    on_progress: Progress,
) -> tuple["Figure", Columns, Numbers]:
    import numpy as np

    from reproduce.figures import attraction
    from theory._checks import positive, require

    require("step", step, 0, 1, open_low=True)
    require("start", start, 0, 1, open_high=True)
    count = _whole("trajectories", trajectories, 1, 1_000_000)
    number = _whole("sizes", sizes, 2, 1000)
    grid = np.linspace(0, float(positive("largest", largest)), number + 1)[1:]
    scan = attraction.noise_scan(kappa, lam, c, step, start, grid, steps, count, seed, on_progress)
    title = attraction.escape_title(kappa, lam, c, step, start, steps, count)
    beyond = (scan["escaped_before_clip"] > scan["bound"]).sum()
    return (
        attraction.escape_against_bound(scan, count, title),
        scan,
        {
            "noise sizes certified for ever": f"{scan['holds_for_ever'].sum()} of {number}",
            "escapes before the first clip": f"up to {scan['escaped_before_clip'].max():.4g}",
            "escapes at all": f"up to {scan['escaped'].max():.4g}",
            "sizes at which P3's bound fails": f"{beyond} of {number}",
        },
    )


def _bifurcation(
    s: float, a: float, lam: float, c: float | None, time: float, prices: int, on_progress: Progress
) -> tuple["Figure", Columns, Numbers]:
    import numpy as np

    from reproduce.figures.phase import bifurcation
    from reproduce.figures.style import COLOURS
    from theory.dynamics import flow
    from theory.scalar_gate import ScalarGate
    from theory.systems import ScalarUnit

    given = ScalarGate(s=s, a=a, lam=lam, c=1.0 if c is None else c)
    top = 1.4 * float(given.c_star) if c is None else c
    count = _whole("prices", prices, 2, 10_000)
    charged = np.linspace(0, top, count + 1)[1:]
    gate = ScalarGate(s=s, a=a, lam=lam, c=charged)
    start = np.tile([[a], [1.0]], count)
    outcome = flow(
        ScalarUnit(gate),
        start,
        time=time,
        steps=_steps(time, s + lam + 2 * s * abs(a)),
        on_progress=on_progress,
    )
    w, theta = outcome.state
    figure = bifurcation(s=s, a=a, lam=lam, c=top)
    for axes, values in zip(figure.axes, (theta, w, gate.objective(w, theta))):
        axes.plot(
            gate.c,
            values,
            ".",
            color=COLOURS[2],
            markersize=5,
            clip_on=False,
            zorder=4,
            label=f"simulated from (a, 1), time {time:g}",
        )
    figure.legends[0].remove()
    figure.legend(*figure.axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=5)
    on_w, on_theta = gate.equilibrium_on()
    saddle_w, saddle_theta = gate.saddle()
    return (
        figure,
        {
            "c": gate.c,
            "regime": gate.regime(),
            "w": w,
            "theta": theta,
            "w_kept": on_w,
            "theta_kept": on_theta,
            "w_saddle": saddle_w,
            "theta_saddle": saddle_theta,
        },
        _of_gate(given)
        | {
            "kept from (a, 1)": f"{(theta > 0.5).sum()} of {count} prices",
            "highest price at which it is kept": f"{charged[theta > 0.5].max():.4g} nats"
            if (theta > 0.5).any()
            else "none",
        },
    )


SIMULATIONS = {
    "basin": Simulation(
        "simulate the worst case from a grid of starts, against the certified region",
        _WORST
        | {
            "time": (None, "how long (12/μ, which decides nearly all starts)"),
            "side": (161, "starts along each axis"),
        },
        ("", "--kappa 1 --lam 1.6 --c 0.9", "--side 400 --out elsewhere"),
        _basin,
    ),
    "flow": Simulation(
        "simulate one gate and one weight from random starts, in their phase portrait",
        _GATE
        | {
            "c": (0.35, "price of the gate in nats"),
            "time": (30.0, "how long"),
            "trajectories": (60, "random starts"),
            "seed": (0, "of the starts"),
        },
        ("", "--c 0.45 --trajectories 200"),
        _flow,
    ),
    "noise": Simulation(
        "simulate the worst case under noise, escapes against their bound",
        _WORST
        | {
            "lam": (0.4, "weight decay λ"),
            "c": (0.4, "price of the unit in nats"),
            "step": (0.1, "step size as a share of 1/m"),
            "start": (0.6, "V at the start as a share of V̄"),
            "largest": (0.5, "largest noise ±b on each gradient"),
            "sizes": (17, "how many noise sizes"),
            "steps": (500, "steps of a trajectory"),
            "trajectories": (2500, "for each size"),
            "seed": (0, "of the noise"),
        },
        ("", "--lam 0.1 --c 0.3 --steps 1000", "--trajectories 20000 --largest 0.3"),
        _noise,
    ),
    "bifurcation": Simulation(
        "simulate one gate and one weight at many prices, against their equilibria",
        _GATE
        | {
            "c": (None, "highest price in nats (1.4 c*)"),
            "time": (60.0, "how long"),
            "prices": (60, "how many prices"),
        },
        ("", "--lam 1 --a 2 --prices 200"),
        _bifurcation,
    ),
}
