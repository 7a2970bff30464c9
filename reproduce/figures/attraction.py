"""The certified region, and what it certifies: basins, death times, escapes (claims P1 to P3)."""

from collections.abc import Callable

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reproduce.figures.style import COLOURS, Drawing, headline
from theory._types import Array
from theory.attraction import Attraction
from theory.dynamics import Noise, Outcome, descend, flow
from theory.systems import WorstCase

TIGHT = {"kappa": 1.0, "lam": 0.5, "c": 0.6}
CAPPED = {"kappa": 1.0, "lam": 1.6, "c": 0.9}
_DEAD, _ALIVE = "#D9E8F2", "#F7DCC8"  # tints of the palette's blue and vermilion


def starts(kappa: float, lam: float, c: float, side: int) -> Array:
    """A grid of side² starts (r, θ) around the certified region, of shape (2, side²)."""
    widest = 1.6 * Attraction(kappa=kappa, lam=lam, c=c).threshold / kappa
    r, theta = np.meshgrid(np.linspace(0, widest, side), np.linspace(0, 1, side))
    return np.stack([r.ravel(), theta.ravel()])


def horizon(kappa: float, lam: float, c: float) -> float:
    """Long enough for all but the starts next to the separatrix to be decided."""
    return 12 / Attraction(kappa=kappa, lam=lam, c=c).mu


def basin_of(
    kappa: float, lam: float, c: float, start: Array, outcome: Outcome, axes: Axes
) -> None:
    """Draws which starts died, from a simulation on a grid, and the certified region."""
    region = Attraction(kappa=kappa, lam=lam, c=c)
    side = round(start.shape[1] ** 0.5)
    r, theta = (row.reshape(side, side) for row in start)
    died = (outcome.state[1] == 0).reshape(side, side)
    axes.contourf(r, theta, died, levels=[-0.5, 0.5, 1.5], colors=[_ALIVE, _DEAD])
    edge = np.linspace(0, min(1, region.threshold / region.m), 50)
    axes.plot(
        (region.threshold - region.m * edge) / kappa,
        edge,
        color=COLOURS[0],
        label="V = V̄, the edge of A",
    )
    axes.annotate("A, certified", (0.05, 0.05), xycoords="axes fraction", color=COLOURS[0])
    saddle = region.saddle
    if region.tight:
        axes.plot(*saddle, "o", color=COLOURS[6], label="saddle")
    for tint, label in ((_DEAD, "dies (simulated)"), (_ALIVE, "lives (simulated)")):
        if died.any() if tint == _DEAD else not died.all():
            axes.fill([], [], color=tint, label=label)
    kind = "tight: A is the basin" if region.tight else "capped: every start dies"
    axes.set(
        xlabel="norm of the weights r",
        ylabel="gate probability θ",
        ylim=(0, 1),
        xlim=(0, r.max()),
        title=f"κ = {kappa:g}, λ = {lam:g}, c = {c:g}: {kind}",
    )
    axes.legend(loc="upper right", framealpha=0.95)


def basin(
    tight: dict[str, float] = TIGHT, capped: dict[str, float] = CAPPED, side: int = 161
) -> Figure:
    """The worst case's simulated basin against the certified region (claim P1)."""
    figure, panels = plt.subplots(1, 2, figsize=(11, 4.2))
    certified = died = 0
    for axes, parameters in zip(panels, (tight, capped)):
        start = starts(**parameters, side=side)
        outcome = flow(WorstCase(**parameters), start, time=horizon(**parameters), steps=400)
        basin_of(**parameters, start=start, outcome=outcome, axes=axes)
        inside = Attraction(**parameters).contains(*start)
        certified, died = certified + inside.sum(), died + (outcome.state[1][inside] == 0).sum()
    headline(figure, f"{died:,} of {certified:,} simulated starts in the certified region A die")
    return figure


def death_times(
    kappa: float = 1.0,
    lam: float = 0.5,
    c: float = 0.6,
    step: float = 0.25,
    trajectories: int = 3000,
    seed: int = 0,
) -> Figure:
    """Simulated death times in A against t*, for the flow and for steps (claims P1 and P2)."""
    region, worst = Attraction(kappa=kappa, lam=lam, c=c), WorstCase(kappa=kappa, lam=lam, c=c)
    rng = np.random.default_rng(seed)
    theta = rng.random(trajectories)
    r = rng.random(trajectories) * np.maximum(region.threshold - region.m * theta, 0) / kappa
    start = np.stack([r, theta])[:, region.potential(r, theta) < 0.995 * region.threshold]
    share = region.potential(*start) / region.threshold
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.2), sharex=True)
    longest = float(region.death_time(0.996 * region.threshold / kappa, 0))
    smooth = flow(worst, start, time=longest, steps=600)
    size = step * region.safe_step
    stepped = descend(worst, start, step=size, steps=int(longest / size) + 50)
    line = np.linspace(0, 0.995, 1991)
    at = line * region.threshold / kappa, np.zeros_like(line)
    for axes, outcome, bound, unit, name in (
        (left, smooth, region.death_time(*at), "time", "flow: t*"),
        (right, stepped, region.death_step(*at, size), "steps", "steps: the bound of claim P2"),
    ):
        axes.plot(share, outcome.last_alive, ".", markersize=2, alpha=0.6, label="simulated")
        axes.plot(line, bound, color=COLOURS[1], label=name)
        axes.set(xlabel="V₀ / V̄ at the start", ylabel=f"θ > 0 for the last time ({unit})")
        axes.set_ylim(0, 1.05 * bound.max())
        axes.legend(loc="upper left")
    left.set_title(f"gradient flow, κ = {kappa:g}, λ = {lam:g}, c = {c:g}", fontsize=10)
    right.set_title(f"gradient steps of size {step:g}/m", fontsize=10)
    bounds = region.death_time(*start), region.death_step(start[0], start[1], size)
    late = sum((o.last_alive > bound).sum() for o, bound in zip((smooth, stepped), bounds))
    headline(figure, f"{late} of {2 * start.shape[1]:,} simulated gates close later than their"
                     " bound allows")  # fmt: skip
    return figure


def noise_scan(
    kappa: float,
    lam: float,
    c: float,
    step: float,
    start: float,
    sizes: Array,
    steps: int,
    trajectories: int,
    seed: int,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, Array]:
    """Escape frequencies of the worst case under fair signs, and their bound, by noise size.

    Args:
        step: as a share of 1/m, the largest admitted step.
        start: V₀ as a share of V̄; half of it is the gate's, if θ ≤ 1 allows it.
        sizes: b_θ = b_r, of shape (k,).
        on_progress: called as (sizes done, sizes).

    Returns:
        Columns of shape (k,): noise, bound, escaped before the first clip, escaped at all,
        and whether the bound holds for ever.
    """
    region, worst = Attraction(kappa=kappa, lam=lam, c=c), WorstCase(kappa=kappa, lam=lam, c=c)
    size, level = step * region.safe_step, start * region.threshold
    theta = min(0.5 * level / region.m, 1.0)
    r = (level - region.m * theta) / kappa
    begin = np.tile([[r], [theta]], trajectories)
    early, ever = [], []
    for done, noise in enumerate(sizes):
        on_progress(done, len(sizes))
        outcome = descend(
            worst,
            begin,
            step=size,
            steps=steps,
            seed=seed,
            region=region,
            noise=Noise("sign", (noise, noise)),
        )
        early.append(np.mean(outcome.escape < outcome.clip))
        ever.append(np.mean(outcome.escape < np.inf))
    return {
        "noise": sizes,
        "bound": region.escape_bound(r, theta, size, region.noise_bound(sizes, sizes)),
        "escaped_before_clip": np.array(early),
        "escaped": np.array(ever),
        "holds_for_ever": region.holds_for_ever(size, sizes, sizes),
    }


def escape_against_bound(scan: dict[str, Array], trajectories: int, title: str) -> Figure:
    """Draws the result of `noise_scan`."""
    figure, axes = plt.subplots(figsize=(7, 4.2))
    sizes, least = scan["noise"], 0.3 / trajectories
    axes.plot(sizes, scan["bound"], color=COLOURS[1], label="bound of claim P3")
    for column, marker, colour, label in (
        ("escaped_before_clip", "o", COLOURS[0], "escaped before the first clip (simulated)"),
        ("escaped", "x", COLOURS[3], "escaped at all (simulated)"),
    ):
        seen = scan[column] > 0
        axes.plot(sizes[seen], scan[column][seen], marker, color=colour, label=label)
    if scan["holds_for_ever"].any():
        axes.axvspan(
            0,
            sizes[scan["holds_for_ever"]].max(),
            color=_DEAD,
            zorder=0,
            label="certified for ever: $v_c$ ≤ V̄ − b/μ",
        )
    axes.set(
        xlabel="noise of each gradient, ±b (nats per unit)",
        ylabel="probability",
        yscale="log",
        ylim=(least, 1.5),
        xlim=(0, 1.02 * sizes.max()),
    )
    axes.set_title(title, fontsize=9)
    axes.legend(loc="lower right", fontsize=8)
    early, ever = (scan[name] > scan["bound"] for name in ("escaped_before_clip", "escaped"))
    beyond = f", later ones do from b = {sizes[ever][0]:.2g} on" if ever.any() else ""
    headline(figure, f"Escapes before the first clip exceed P3's bound at {early.sum()} of"
                     f" {len(sizes)} noise sizes{beyond}")  # fmt: skip
    return figure


def escape(
    kappa: float = 1.0,
    lam: float = 0.4,
    c: float = 0.4,
    step: float = 0.1,
    start: float = 0.6,
    steps: int = 500,
    trajectories: int = 2500,
    seed: int = 0,
) -> Figure:
    """Escape frequencies under noise against their bound (claim P3)."""
    sizes = np.linspace(0.02, 0.5, 17)
    scan = noise_scan(kappa, lam, c, step, start, sizes, steps, trajectories, seed)
    return escape_against_bound(
        scan, trajectories, escape_title(kappa, lam, c, step, start, steps, trajectories)
    )


def escape_title(
    kappa: float, lam: float, c: float, step: float, start: float, steps: int, trajectories: int
) -> str:
    return (
        f"Escapes within {steps} steps of size {step:g}/m from V₀ = {start:g} V̄\n"
        f"κ = {kappa:g}, λ = {lam:g}, c = {c:g}, {trajectories} trajectories each"
    )


FIGURES: dict[str, Drawing] = {"basin": basin, "death_times": death_times, "escape": escape}
