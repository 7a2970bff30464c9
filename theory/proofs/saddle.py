"""Claim F3: the saddle between the closed gate and the open one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from theory._types import Array
from theory.ledger import claim
from theory.proofs.proof import Proof
from theory.proofs.scalar_gate import (
    CORNERS,
    GATE,
    SOURCE,
    SYMBOLS,
    gate_of,
    gate_samples,
)
from theory.proofs.tools import compare
from theory.scalar_gate import ScalarGate
from theory.statement import Convenience, Statement
from theory.verdict import Control, Evidence

UNIT = {"s": 1, "a": 1, "λ": 1}  # where c* = 3/8, w₁ = 1/2 and c_g = 1/4


# The saddle next to either end of its way.
NEARLY_MERGED = UNIT | {
    "c": "37499/100000",
    "w": "1 - sqrt(25002/100000)",
    "θ": "1/sqrt(25002/100000) - 1",
}


NEARLY_OFF = UNIT | {"c": "1/100", "w": "1 - sqrt(98/100)", "θ": "1/sqrt(98/100) - 1"}


NO_TARGET = "without a target no price is below c*"


SADDLE = Statement(
    text="In the flow {ẇ=}, {θ̇=} of {J=} with {target}, an interior equilibrium, {inside}, exists "
    "if and only if {cheap}, for {c_star=}, and it is unique: {there} with {w_s=}, {θ_s=} and "
    "{ρ=}; {alone}. Its determinant is {D=}, {determinant}; {saddle}: it is a saddle.",
    symbols=SYMBOLS,
    definitions=GATE
    | {
        "inside": "ẇ == 0 and θ̇ == 0 and 0 < θ < 1",
        "cheap": "c < c_star",
        "D": "diff(ẇ, w)*diff(θ̇, θ) - diff(ẇ, θ)*diff(θ̇, w)",
        "far": "a*(1 + ρ)",
    },
    premises={"target": Convenience("a != 0", NO_TARGET)},
    conclusions={
        "there": "Implies(c < c_star, "
        "at(ẇ, w=w_s, θ=θ_s) == 0 and at(θ̇, w=w_s) == 0 and 0 < θ_s < 1)",
        "alone": "Implies(ẇ == 0 and θ̇ == 0 and 0 < θ < 1, c < c_star and w == w_s and θ == θ_s)",
        "determinant": "at(D, w=w_s) == -s**2*(a - w_s)**2",
        "saddle": "Implies(c < c_star, at(D, w=w_s) < 0)",
    },
    points=(*CORNERS, NEARLY_MERGED, NEARLY_OFF, UNIT | {"c": "3/8", "w": "1/2", "θ": 1}),
    shown_as={"D": "det"},
    code={"implementation": ScalarGate},
)


@claim(
    "F3",
    SADDLE,
    supports=("A3", "A5"),
    source=SOURCE,
    controls={
        "the other root": Control({"w_s": "a*(1 + ρ)"}, by="there"),
        "c/s for 2c/s": Control({"ρ": "sqrt(1 - c/(s*a**2))"}, by="there"),
        "half of w_s, and θ_s to it": Control({"w_s": "a*(1 - ρ)/2"}, by="there"),
        "half of θ_s": Control({"θ_s": "λ*w_s/(2*s*(a - w_s))"}, by="there"),
        "unique at the other root": Control({"w_s": "a*(1 + ρ)"}, by="alone"),
        "unique at half of θ_s": Control({"θ_s": "λ*w_s/(2*s*(a - w_s))"}, by="alone"),
        "θ_s without s": Control({"θ_s": "λ*w_s/(a - w_s)"}, by="there"),
        "at c = c* too": Control(
            {
                "there": "Implies(c <= c_star, at(ẇ, w=w_s, θ=θ_s) == 0 and at(θ̇, w=w_s) == 0 "
                "and 0 < θ_s < 1)"
            },
            by="there",
        ),
        "up to twice c*": Control({"c_star": f"2*{GATE['c_star']}"}, by="there"),
        "as far as w_s is real": Control({"c_star": "s*a**2/2"}, by="there"),
        "only up to half of c*": Control({"c_star": f"{GATE['c_star']}/2"}, by="alone"),
        "unique even at the ends of θ": Control(
            {"alone": "Implies(ẇ == 0 and θ̇ == 0, c < c_star and w == w_s and θ == θ_s)"},
            by="alone",
        ),
        "a positive determinant": Control(
            {"determinant": "at(D, w=w_s) == s**2*(a - w_s)**2"}, by="determinant"
        ),
        "determinant −s(a−w)²": Control(
            {"determinant": "at(D, w=w_s) == -s*(a - w_s)**2"}, by="determinant"
        ),
        "a determinant without its second product": Control(
            {"D": "diff(ẇ, w)*diff(θ̇, θ)"}, by="saddle"
        ),
        "a saddle at c = a²s/2 too": Control(
            {"saddle": "Implies(c <= s*a**2/2, at(D, w=w_s) < 0)"}, by="saddle"
        ),
    },
)
def saddle(p: Proof) -> Iterator[Evidence]:
    """All is rational in ρ = √(1−2c/(sa²)), and c < c* if and only if ρ > λ/(s+λ)."""
    yield p.decide("there")
    yield p.decide("alone")
    yield p.identity("determinant")
    yield p.decide("saddle")
    yield from _saddle_as_computed(p)
    yield from _saddle_by_other_means(p)


def _saddle_as_computed(p: Proof) -> Iterator[Evidence]:
    samples = gate_samples(0.001, 0.999, spread=2)
    gate = gate_of(p["implementation"], samples)
    w, height = gate.saddle()
    near, far = gate.theta_nullcline()
    three = {name: samples[name] for name in ("s", "a", "c")}
    yield p.compare("w_s", w, points=three, rtol=1e-11)
    yield p.compare("θ_s", height, points=samples, rtol=1e-11)
    yield p.shows("near θ-nullcline as computed", compare(near, w, "", tool="saddle"))
    yield p.compare("far", far, points=three, rtol=1e-11)
    yield p.shows(
        "w-nullcline as computed",
        compare(gate.w_nullcline(height), w, "", tool="saddle", rtol=1e-11),
    )
    dear = gate_of(p["implementation"], gate_samples(1.001, 3, spread=2))
    yield p.cases("none above c* as computed", np.isnan(dear.saddle()))


def _saddle_by_other_means(p: Proof) -> Iterator[Evidence]:
    """A root finder that knows only the flow, and eigenvalues of differences of the flow."""
    from scipy.optimize import fsolve

    gate = gate_of(p["implementation"], gate_samples(0.1, 0.9, spread=0.7, number=20))
    w, theta = (values[:, 0] for values in gate.saddle())
    start = np.stack([0.97 * w, theta + 0.03 * (0.5 - theta)])

    def drift(point: Array) -> Array:
        w_dot, theta_dot = gate.flow(*point.reshape(2, 20, 1))
        return np.stack([w_dot, theta_dot]).ravel()

    found = fsolve(drift, start.ravel(), xtol=1e-12).reshape(2, 20)
    yield p.shows(
        "saddle by root finding", compare(found, (w, theta), "", tool="SciPy fsolve", rtol=1e-8)
    )
    e = 1e-5
    place = w[:, None], theta[:, None]
    columns = [
        np.subtract(
            gate.flow(place[0] + e * u, place[1] + e * v),
            gate.flow(place[0] - e * u, place[1] - e * v),
        )
        / (2 * e)
        for u, v in ((1, 0), (0, 1))
    ]
    matrices = np.moveaxis(np.array(columns)[..., 0], (2, 1, 0), (0, 1, 2))
    yield p.shows(
        "Jacobian",
        compare(
            gate.jacobian(*place)[:, 0], matrices, "", tool="differences", rtol=1e-6, atol=1e-8
        ),
    )
    yield p.shows(
        "eigenvalues",
        compare(
            np.stack(gate.eigenvalues(*place), -1)[:, 0],
            np.linalg.eigvalsh(matrices),
            "",
            tool="NumPy eigvalsh",
            rtol=1e-6,
        ),
    )
