"""Estimators of the gate gradient, and the gate step (claims G1 to G6)."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.special import softmax

from reproduce.figures.style import COLOURS, Drawing, headline
from theory.estimators import ESTIMATORS, StraightThrough, straight_through_attractor
from theory.gate_step import ReflectedGate
from theory.objectives import Objective, cross_entropy, gate_gradient, polynomial

# Two of a kind share a colour: the plain one solid, its variant dashed.
LINES: dict[str, dict[str, Any]] = {
    "exact": {"color": "0.6", "linewidth": 4},
    "path": {"color": COLOURS[0]},
    "straight-through": {"color": COLOURS[1]},
    "trapezoid": {"color": COLOURS[2]},
    "trapezoid with floor": {"color": COLOURS[2], "linestyle": "--"},
    "gauss-newton": {"color": COLOURS[6], "linewidth": 2},
    "score function": {"color": COLOURS[3]},
    "score function, baseline": {"color": COLOURS[3], "linestyle": "--"},
    "leave-one-out": {"color": COLOURS[4]},
    "antithetic": {"color": COLOURS[5]},
}


def moments(gates: int = 4, terms: int = 16, seed: int = 2, points: int = 81) -> Figure:
    """Exact bias and variance of all estimators over θ, of two random costs (claims G1 to G6).

    A cubic one, and a cross-entropy whose labels are those that the model expects with all gates
    halfway. All gates share θ; shown are the bias's root mean square and the mean variance.
    """
    rng = np.random.default_rng(seed)
    # Half of the exponents are 0, so that a gate also matters when the others are closed.
    exponents = rng.choice([0, 0, 0, 1, 2, 3], (terms, gates))
    exponents[0] = 0
    costs = {"a cubic cost": polynomial(rng.normal(size=terms), exponents)}
    slopes, offset = 0.5 * rng.normal(size=(3, gates)), rng.normal(size=3)
    costs["a cross-entropy"] = cross_entropy(slopes, offset, softmax(offset + slopes.sum(1) / 2))
    figure, axes = plt.subplots(2, 2, figsize=(11, 8.4), sharex=True)
    for (left, right), (what, cost) in zip(axes, costs.items()):
        biased, variance = _bias_and_variance(left, right, cost, np.linspace(0.005, 0.995, points))
        left.set_title(f"bias, {what}; those not shown have none", fontsize=10)
        right.set_title(f"variance, {what}", fontsize=10)
    for ax in axes[-1]:
        ax.set_xlabel("gate probability θ, the same for all gates")
    axes[0, 0].legend(fontsize=8, loc="lower right", ncols=2)
    axes[0, 1].legend(fontsize=8, ncols=2, loc="upper center")
    times = variance["score function"] / variance["trapezoid"]
    headline(figure, f"{len(biased)} of {len(ESTIMATORS)} estimators are biased on {what}; the"
                     f" score function, which is not, has {times:.0f} times the trapezoid's"
                     f" variance ({gates} gates, ρ = 0.1, floor 0.05)")  # fmt: skip
    return figure


def _bias_and_variance(
    left: Axes, right: Axes, cost: Objective, theta: np.ndarray
) -> tuple[list[str], dict[str, float]]:
    """Draws both; the names of the biased, and the median variance of each."""
    everywhere = np.repeat(theta[:, None], cost.gates, axis=1)
    truth = gate_gradient(cost, everywhere)
    left.plot(theta, _size(truth), ":", color="black", label="the gradient itself")
    biased, typical = [], {}
    for name, estimator in ESTIMATORS.items():
        mean, variance = estimator.moments(cost, everywhere)
        bias = _size(mean - truth)
        typical[name] = float(np.median(variance))
        if bias.max() > 1e-9:
            biased.append(name)
            left.plot(theta, bias, label=name, **LINES.get(name, {}))
        if name != "exact":
            right.plot(theta, variance.mean(1), label=name, **LINES.get(name, {}))
    left.set(ylabel="root mean square bias (cost units)", yscale="log", ylim=(1e-3, None))
    right.set(ylabel="variance of one draw (cost units²)", yscale="log")
    return biased, typical


def attractor(
    delta: float = -0.3, price: float = 0.1, curvatures: Sequence[float] = (0.2, 0.6, 1.2, 3.0)
) -> Figure:
    """Straight-through's drift of a gate that is worth its price, and where it comes to rest (G2).

    The cost is quadratic, C(1) − C(0) = delta < −price: the true drift opens the gate.
    """
    theta = np.linspace(0, 1, 201)
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.4))
    left.axhline(-(delta + price), color="0.6", linewidth=4, label="true drift −(Δ+c)")
    left.axhline(0, color="black", linewidth=0.8)
    for curvature, colour in zip(curvatures, COLOURS):
        drift = -(StraightThrough().one_gate(delta, curvature, theta).mean + price)
        left.plot(theta, drift, color=colour, label=f"straight-through, h = {curvature:g}")
        rest = straight_through_attractor(delta, curvature, price)
        left.plot(rest, 0, "o", color=colour)
    left.set(xlabel="gate probability θ", ylabel="drift of θ per unit of step (cost units)")
    left.set_title(
        f"its drift for worth {-delta:g} at price {price:g}; dots: rest points", fontsize=10
    )
    left.legend(fontsize=8)
    slope, bends = np.linspace(-1, 1, 401), np.linspace(0.01, 2.5, 251)
    rest = straight_through_attractor(slope - price, bends[:, None], price)
    image = right.pcolormesh(
        slope, bends, rest, cmap="viridis", vmin=0, vmax=1, shading="nearest", rasterized=True
    )
    right.grid(False)
    right.plot(slope, 2 * np.abs(slope), color=COLOURS[1], label="|Δ+c| = h/2")
    right.text(0.72, 0.35, "closes,\nas it should", ha="center")
    right.text(-0.72, 0.35, "opens,\nas it should", ha="center")
    right.set(
        xlabel="Δ + c: price less worth (cost units)",
        ylabel="curvature h (cost units)",
        ylim=(0, 2.5),
    )
    right.set_title("where a gate comes to rest", fontsize=10)
    right.legend(loc="upper center", fontsize=8)
    figure.colorbar(image, ax=right, label="rest point θ*")
    stuck = [f"{h:g}" for h in curvatures if 0 < straight_through_attractor(delta, h, price) < 1]
    headline(figure, "Straight-through leaves a gate undecided where |Δ+c| < h/2: here at h ="
                     f" {', '.join(stuck)}")  # fmt: skip
    return figure


def trajectories(
    spread: float = 1.5,
    label: float = 0.63,
    price: float = 0.1,
    step: float = 0.012,
    steps: int = 1500,
    walks: int = 300,
    seed: int = 0,
) -> Figure:
    """One gate that is worth twice its price, moved by each estimator from θ = ½.

    Its cost is the cross-entropy of two classes, whose log odds it moves from −spread/2 to
    spread/2; `label` is the share of the first. Shown are median and middle 80 % of `walks` runs
    of θ ← clip(θ − step·(estimate + price)), and how many gates are nearly open at the end. θ is
    kept in [0.001, 0.999], as the score function needs it.
    """
    objective = cross_entropy([[spread], [0.0]], [-spread / 2, 0.0], [label, 1 - label])
    closed, open_ = objective.slope(np.array([[0.0], [1.0]]))[:, 0]
    rest = straight_through_attractor((closed + open_) / 2, open_ - closed, price)
    worth = -gate_gradient(objective, [0.5])[0]
    rng = np.random.default_rng(seed)
    columns = -(-len(ESTIMATORS) // 2)
    figure, axes = plt.subplots(2, columns, figsize=(2.7 * columns, 5.6), sharex=True, sharey=True)
    opened = []
    for ax, (name, estimator) in zip(axes.flat, ESTIMATORS.items()):
        history = np.full((steps + 1, walks, 1), 0.5)
        for before, after in pairwise(history):
            moved = before - step * (estimator.estimates(objective, before, rng) + price)
            np.clip(moved, 0.001, 0.999, out=after)
        low, middle, high = np.quantile(history[..., 0], [0.1, 0.5, 0.9], axis=1)
        colour = LINES.get(name, {}).get("color", COLOURS[0])
        ax.fill_between(range(steps + 1), low, high, color=colour, alpha=0.3, linewidth=0)
        ax.plot(middle, color=colour)
        ax.set_title(f"{name}: {100 * np.mean(after > 0.9):.0f} % above 0.9", fontsize=8)
        if middle[-1] > 0.9:
            opened.append(name)
    place = list(ESTIMATORS).index("straight-through")
    axes.flat[place].axhline(rest, color="black", linestyle=":", label="θ* of claim G2")
    axes.flat[place].legend(fontsize=8, loc="lower right")
    for ax in axes[:, 0]:
        ax.set_ylabel("gate probability θ")
    for ax in axes[-1]:
        ax.set_xlabel("step")
    headline(
        figure,
        f"{len(opened)} of {len(ESTIMATORS)} estimators open a gate worth {worth:.2g}"
        f" at a price of {price:g}; straight-through stops at θ* = {rest:.2f}"
        f" (cross-entropy, η = {step:g}; median, middle 80 % of {walks} runs)",
    )
    return figure


def gate_steps(
    drift: float = 0.05,
    sizes: Sequence[float] = (0.02, 0.05, 0.2),
    steps: int = 1500,
    walks: int = 2000,
    seed: int = 0,
) -> Figure:
    """The stationary law of a noisy projected gate, and what deciding it costs (claim G5).

    Args:
        drift: |d| in units of the noise σ.
        sizes: gate steps η, in gate units per σ.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.4))
    rng, places = np.random.default_rng(seed), np.linspace(0, 1, 201)
    for size, colour in zip(sizes, COLOURS):
        law, x = ReflectedGate(drift=drift, noise=1.0, step=size), np.zeros(walks)
        for _ in range(steps):
            x = np.clip(x + size * (rng.normal(size=walks) - drift), 0, 1)
        left.plot(places, law.cdf(places), color=colour, label=f"η = {size:g}: law")
        left.plot(
            np.sort(x),
            np.arange(walks) / walks,
            ":",
            color=colour,
            label=f"η = {size:g}: {walks:,} simulated gates",
        )
    left.set(
        xlabel="distance x from the boundary it is pushed to",
        ylabel="share of gates below x",
        ylim=(0, 1.02),
    )
    left.set_title(f"where gates are, |d| = {drift:g} σ", fontsize=10)
    left.legend(fontsize=8)
    grid = np.geomspace(1e-4, 10, 200)
    for ratio, colour in zip((0.02, 0.05, 0.2), COLOURS):
        law = ReflectedGate(drift=ratio, noise=1.0, step=grid)
        right.plot(law.mean(), law.steps_to_boundary(), color=colour, label=f"|d| = {ratio:g} σ")
        right.plot(grid, 1 / (2 * ratio**2 * grid), ":", color=colour)
    right.set(
        xlabel="mean distance from the boundary, set by the step η",
        xscale="log",
        ylabel="mean steps from one end to the other",
        yscale="log",
        xlim=(2e-3, 0.5),
        ylim=(10, 1e6),
    )
    right.set_title("how long it takes (dotted: (σ/d)²/2ε)", fontsize=10)
    right.legend(fontsize=8)
    near = [float(ReflectedGate(drift=drift, noise=1.0, step=size).cdf(0.1)) for size in sizes]
    headline(figure, f"Small steps decide, but take long: {100 * near[0]:.0f} % of gates are within"
                     f" 0.1 of their end at η = {sizes[0]:g}, {100 * near[-1]:.0f} % at"
                     f" η = {sizes[-1]:g}")  # fmt: skip
    return figure


def _size(values: np.ndarray) -> np.ndarray:
    """Root mean square over the gates."""
    return np.sqrt((values**2).mean(1))


FIGURES: dict[str, Drawing] = {
    "estimators_moments": moments,
    "estimators_attractor": attractor,
    "estimators_trajectories": trajectories,
    "gate_step": gate_steps,
}
