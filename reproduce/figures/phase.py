"""One gate and one weight: phase portrait and bifurcation diagram (claims F1 to F5)."""

from typing import Any

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reproduce.figures.style import COLOURS, Drawing, headline
from theory.scalar_gate import ScalarGate

BLUE, RED, GREEN, PINK, ORANGE, _, BLACK = COLOURS[:7]


def portrait(s: float = 1.0, a: float = 1.0, lam: float = 0.3, c: float = 0.35) -> Figure:
    """The phase portrait at one price.

    Args:
        s, a, lam, c: scalars, as of ``ScalarGate``.

    Raises:
        ValueError: if a parameter leaves its range.
    """
    figure, axes = plt.subplots(figsize=(7, 4.8))
    draw_portrait(axes, ScalarGate(s=s, a=a, lam=lam, c=c))
    figure.legend(loc="outside lower center", ncols=3)
    return figure


def portraits(s: float = 1.0, a: float = 1.0, lam: float = 0.3) -> Figure:
    """Phase portraits below c_g, in the metastable band, and above c*."""
    at_zero = ScalarGate(s=s, a=a, lam=lam, c=1.0)
    middle = (at_zero.c_g + at_zero.c_star) / 2
    figure, panels = plt.subplots(1, 3, figsize=(13, 4.6), sharey=True)
    for axes, c in zip(panels, (0.75 * at_zero.c_g, middle, 1.2 * at_zero.c_star)):
        draw_portrait(axes, ScalarGate(s=s, a=a, lam=lam, c=c))
        axes.label_outer()
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=7)
    headline(
        figure,
        f"The price decides: below $c_g$ = {at_zero.c_g:.3g} keeping the unit is best; up to"
        f" $c^*$ = {at_zero.c_star:.3g} it depends on the start; above, every start loses it",
    )
    return figure


def draw_portrait(axes: Axes, gate: ScalarGate) -> None:
    """Direction field, nullclines, equilibria, and the separatrix where there is one."""
    reach = low, high = tuple(np.sort(gate.a * np.array([-0.7, 2.3])))
    w, theta = np.linspace(low, high, 400), np.linspace(0, 1, 201)
    _draw_directions(axes, gate, reach)
    axes.plot(gate.w_nullcline(theta), theta, color=BLUE, label="ẇ = 0")
    for index, root in enumerate(gate.theta_nullcline()):
        if np.isfinite(root):
            axes.axvline(
                root, color=RED, linestyle="--", label=None if index else "θ̇ = 0 (not projected)"
            )
    if gate.c < gate.c_star:
        boundary = gate.separatrix()
        axes.plot(w, boundary(w), color=BLACK, linewidth=2.2, label="separatrix")
        grid = np.meshgrid(w, theta)
        axes.contourf(
            *grid, gate.attracted_on(*grid), levels=[0.5, 1.5], colors=[GREEN], alpha=0.15
        )
        axes.fill_between([], [], color=GREEN, alpha=0.15, label="basin of E1")
        axes.plot(*gate.saddle(), "X", color=PINK, markersize=10, label="saddle", zorder=4)
    stable: dict[str, Any] = {"markersize": 10, "color": BLACK, "clip_on": False, "zorder": 4}
    axes.plot(*gate.equilibrium_off(), "s", label="E0, unit removed", **stable)
    if gate.c < gate.c_star:
        axes.plot(*gate.equilibrium_on(), "o", label="E1, unit kept", **stable)
    axes.set(
        xlabel="weight w (in the units of a)", ylabel="gate probability θ", xlim=reach, ylim=(0, 1)
    )
    axes.set_title(
        f"{gate.regime()}: c = {gate.c:.3g} nats"
        f"  ($c_g$ = {gate.c_g:.3g}, $c^*$ = {gate.c_star:.3g})",
        fontsize=10,
        pad=12,
    )


def _draw_directions(axes: Axes, gate: ScalarGate, reach: tuple[float, float]) -> None:
    """Arrows of one length, in the directions that paths take on the page."""
    grid = np.meshgrid(np.linspace(*reach, 19)[1:-1], np.linspace(0, 1, 12)[1:-1])
    w_dot, theta_dot = gate.flow(*grid)
    length = np.hypot(w_dot, theta_dot)
    axes.quiver(
        *grid,
        w_dot / length,
        theta_dot / length,
        angles="xy",
        pivot="mid",
        color="0.6",
        scale=32,
        width=0.003,
        zorder=1,
    )


def bifurcation(s: float = 1.0, a: float = 1.0, lam: float = 0.3, c: float | None = None) -> Figure:
    """Equilibria over the price, and the objective of the two ends, which cross at c_g.

    Args:
        s, a, lam: scalars, as of ``ScalarGate``.
        c: the highest price drawn, in nats; 1.4 c* if None.

    Raises:
        ValueError: if a parameter leaves its range.
    """
    given = ScalarGate(s=s, a=a, lam=lam, c=1.0 if c is None else c)
    top = 1.4 * given.c_star if c is None else given.c
    gate = ScalarGate(s=s, a=a, lam=lam, c=np.linspace(0, top, 1001)[1:])
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(13, 4.4))
    ends = (
        ("E0, stable", gate.equilibrium_off(), "-", BLACK),
        ("E1, stable", gate.equilibrium_on(), "-", BLUE),
        ("saddle", gate.saddle(), "--", PINK),
    )
    for label, (w, theta), line, colour in ends:
        left.plot(gate.c, theta, line, color=colour, label=label, clip_on=False)
        middle.plot(gate.c, w, line, color=colour, label=label)
        value = gate.objective(np.nan_to_num(w), np.nan_to_num(theta))
        right.plot(gate.c, np.where(np.isnan(w), np.nan, value), line, color=colour, label=label)
    for axes in (left, middle, right):
        axes.axvspan(
            gate.c_g, gate.c_star, color=ORANGE, alpha=0.25, label="E1 metastable, $c_g < c < c^*$"
        )
        axes.set(xlabel="price c (nats)", xlim=(0, top))
    left.set(ylabel="gate probability θ", ylim=(0, 1), title="gate at the equilibria")
    middle.set(ylabel="weight w (in the units of a)", title="weight at the equilibria")
    right.set(ylabel="objective J (nats)", title="objective at the equilibria")
    headline(
        figure,
        f"From a price of $c_g$ = {given.c_g:.3g} on the unit is better gone, yet it stays until"
        f" $c^*$ = {given.c_star:.3g}, where E1 ends",
    )
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure


FIGURES: dict[str, Drawing] = {"phase_portrait": portraits, "bifurcation": bifurcation}
