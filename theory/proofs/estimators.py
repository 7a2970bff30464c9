"""Claims G1 and G2: the path estimator, and what straight-through does instead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from theory._types import Array
from theory.estimators import Path, StraightThrough, coupling_bound, straight_through_attractor
from theory.ledger import claim
from theory.objectives import Objective, gate_gradient, polynomial, quadratic, relu_network
from theory.proofs.proof import Proof
from theory.proofs.tools import compare
from theory.statement import Argued, Lemma, Prose, Statement, Worded
from theory.verdict import Control, Evidence

SOURCE = "own derivation; the abstract says only that the gates' Bernoulli parameters are learnt"
_THETAS = np.array([0.02, 0.3, 0.5, 0.8, 0.97])

PATH = Statement(
    text="With one gate replaced by a uniform {u} and the other gates Bernoulli, the cost's "
    "derivative at {u} {unbiased}. With a random share {ρ} of all gates probed and the derivative "
    "divided by {ρ}, {bias}, {M} the most that a gate can change the cost and {k} the number of "
    "other gates; {multilinear}, and {variance}.",
    symbols="0 <= θ <= 1; 0 < ρ <= 1; M > 0; k, b >= 0; 0 <= u <= 1; β, ε > 0; Δ, h; "
    "a0, a1, a2, a3, a4, a5, a6",
    definitions={
        "density": "1",
        "factor": "1/ρ",
        "C": "a0 + a1*u + a2*u**2 + a3*u**3 + a4*u**4 + a5*u**5 + a6*u**6",
        "kink": "β/(β + ε)",
        "slope": "Δ + h*(u - 1/2)",
        "spread": "(Δ**2 + h**2/12)/ρ - Δ**2",
        "marginal": "θ + ρ*(1/2 - θ)",
        "bound": "2*M*(1 - (1 - ρ)**k)",
        "linear": "2*M*k*ρ",
    },
    conclusions={
        "unbiased": Argued(
            "has the mean difference between the gate on and off, for every cost "
            "absolutely continuous in the gate, ReLU included",
            (
                Prose(
                    "Such a cost is the integral of its derivative, which exists almost "
                    "everywhere; and that for each configuration of the other gates."
                ),
                "polynomials",
                "a ReLU open at both ends",
                "a ReLU opened by the gate",
                "a ReLU closed by the gate",
                "networks",
            ),
        ),
        "bias": Argued(
            "the bias is at most {bound:}, which is at most {linear:}",
            (
                Prose(
                    "Another gate draws from its own law at least with the probability that it is "
                    "not probed, so all of them do with that to the power of their number; where "
                    "they do not, two differences of the cost are apart by twice {M} at most."
                ),
                "no other gate",
                "one gate more",
                "at most linear",
                "bias within its bounds",
            ),
        ),
        "multilinear": Argued(
            "for a cost linear in each gate the probes act as {marginal:} in place of {θ}",
            ("mean gate",),
        ),
        "variance": Argued(
            "for a quadratic cost with the difference {Δ} and the curvature {h} the "
            "variance is {spread:}",
            ("its variance",),
        ),
    },
    lemmas={
        "polynomials": Lemma(
            (), "integrate(ρ*factor*density*diff(C, u), u, 0, 1) == at(C, u=1) - at(C, u=0)"
        ),
        # relu(b + w u) from |b| = β to |b + w| = ε: its slope w on the piece where it is open.
        "a ReLU open at both ends": Lemma((), "integrate((ε - β)*density, u, 0, 1) == ε - β"),
        "a ReLU opened by the gate": Lemma((), "integrate((ε + β)*density, u, kink, 1) == ε"),
        "a ReLU closed by the gate": Lemma((), "integrate(-(ε + β)*density, u, 0, kink) == -β"),
        "networks": Worded("each gate of random ReLU networks, at each corner of the other gates"),
        "no other gate": Lemma((), "at(bound, k=0) == 0"),
        "one gate more": Lemma((), "at(bound, k=k + 1) == bound + ρ*(2*M - bound)"),
        "at most linear": Lemma(
            ("b <= linear",),
            "b + ρ*(2*M - b) <= at(linear, k=k + 1)",
            ({"M": 1, "ρ": "1/2", "k": 0, "b": 0}, {"M": 1, "ρ": "1/2", "k": 1, "b": 1}),
        ),
        "bias within its bounds": Worded(
            "random polynomials in several gates, and one that nears the bound, by enumeration"
        ),
        "mean gate": Lemma((), "(1 - ρ)*θ + ρ*integrate(u*density, u, 0, 1) == marginal"),
        "its variance": Lemma(
            (), "integrate(ρ*factor**2*density*slope**2, u, 0, 1) - Δ**2 == spread"
        ),
    },
    points=(
        {"θ": 0, "ρ": 1, "M": "1/100", "k": 0, "b": 0, "u": 0, "β": "1/100", "ε": "1/100"},
        {"θ": 1, "ρ": "1/100", "M": 1, "k": 1, "b": "1/100", "u": 1},
    ),
    code={"implementation": Path},
)


@claim(
    "G1",
    PATH,
    supports=("A2",),
    source=SOURCE,
    controls={
        "probes with density 2u": Control({"density": "2*u"}, by="polynomials"),
        "not divided by ρ": Control({"factor": "1"}, by="polynomials"),
        "a ReLU that opens late": Control({"kink": "ε/(β + ε)"}, by="a ReLU opened by the gate"),
        "a ReLU whose part is forgotten": Control(
            {"a ReLU closed by the gate": "integrate(-(ε + β)*density, u, 0, 1) == -β"},
            by="a ReLU closed by the gate",
        ),
        "variance without the curvature": Control({"spread": "Δ**2/ρ - Δ**2"}, by="its variance"),
        "probes that shrink θ to 0": Control({"marginal": "θ - ρ*θ"}, by="mean gate"),
        "bound without the factor 2": Control(
            {"bound": "M*(1 - (1 - ρ)**k)"}, by="bias within its bounds"
        ),
        "bound that forgets other gates": Control(
            {"bound": "2*M*(1 - (1 - ρ))"}, by="no other gate"
        ),
        "bound that decreases with n": Control({"linear": "2*M*ρ/(1 + k)"}, by="at most linear"),
        "half as steep": Control({"linear": "M*k*ρ"}, by="at most linear"),
    },
)
def path(p: Proof) -> Iterator[Evidence]:
    """The fundamental theorem of calculus, and a coupling.

    Shown here: polynomials and ReLU pieces symbolically, the algebra of the bound, and networks
    and objectives by enumeration.
    """
    yield p.identity("polynomials")
    for name in ("open at both ends", "opened by the gate", "closed by the gate"):
        yield p.identity(f"a ReLU {name}")
    yield p.identity("no other gate")
    yield p.identity("one gate more")
    yield p.decide("at most linear")
    yield p.identity("mean gate")
    yield p.identity("its variance")
    yield from _path_as_computed(p)
    yield _probed_networks(p)
    yield from _probe_bias(p)


def _path_as_computed(p: Proof) -> Iterator[Evidence]:
    ours, grid = p["implementation"], np.array([0.02, 0.3, 1.0])[:, None]
    values = [ours(rho=share).one_gate(-0.4, 1.5, _THETAS).variance for share in grid[:, 0]]
    moments = [
        ours(rho=share).moments(quadratic(-0.4, 1.5), _THETAS[:, None]).variance[:, 0]
        for share in grid[:, 0]
    ]
    at: dict[str, Any] = {"Δ": -0.4, "h": 1.5, "ρ": grid}
    yield p.compare("spread", values, points=at)
    yield p.shows(
        "variance by enumeration",
        compare(moments, p.values("spread", **at), "", tool="mpmath", rtol=1e-12),
    )
    for share in grid[:, 0]:
        expected = p.values("marginal", θ=_THETAS, ρ=share)
        yield p.shows(
            f"mean gate, ρ = {share:g}",
            compare(ours(rho=share).marginal(_THETAS), expected, "", tool="mpmath", rtol=1e-14),
        )


def _probed_networks(p: Proof) -> Evidence:
    """Every gate of random ReLU networks, the others at each corner: ∫C′ with its own kinks."""
    from scipy.special import roots_legendre

    rng, (nodes, weights) = np.random.default_rng(1), roots_legendre(4)
    weight = weights / 2 * p.values("density", u=(nodes + 1) / 2)
    holds = []
    for _ in range(8):
        hidden, bias = rng.normal(size=(6, 5)), rng.normal(size=6)
        cost = relu_network(hidden, bias, rng.normal(size=6), target=rng.normal())
        corners = (np.arange(32)[:, None] >> np.arange(5) & 1).astype(float)[:, None]
        own = np.eye(5, dtype=bool)
        opened, closed = np.where(own, 1.0, corners), np.where(own, 0.0, corners)
        roots = np.clip(-(bias + closed @ hidden.T) / hidden.T, 0, 1)
        ends = np.concatenate([np.zeros((32, 5, 1)), np.sort(roots), np.ones((32, 5, 1))], -1)
        widths = np.diff(ends)[..., None]
        u = ends[..., :-1, None] + widths * (nodes + 1) / 2
        z = np.where(own[:, None, None], u[..., None], closed[:, :, None, None])
        slopes = np.einsum("cgpni,gi->cgpn", cost.slope(z), own.astype(float))
        mean = (slopes * widths * weight).sum((-2, -1))
        difference = cost.value(opened) - cost.value(closed)
        holds.append(np.abs(mean - difference) <= 1e-10 * (1 + np.abs(difference)))
    return p.cases("networks", np.array(holds))


def _probe_bias(p: Proof) -> Iterator[Evidence]:
    """Bias by enumeration against the bounds, on random polynomials and on one that nears them."""
    rng, path = np.random.default_rng(2), p["implementation"]
    steep = polynomial([2.0, -1.0], [[1, 20], [1, 0]]), np.array([[0.5, 1.0]]), np.array([1.0, 2])
    trials: list[tuple[Objective, Array, Array]] = [steep]
    for _ in range(20):
        coefficients, exponents = rng.normal(size=8), rng.integers(0, 3, (8, 4))
        most = np.abs(coefficients) @ (exponents > 0)
        trials.append((polynomial(coefficients, exponents), rng.random((6, 4)), most))
    shares = np.array([0.01, 0.1, 0.5])[:, None, None]
    holds = []
    for objective, theta, most in trials:
        bias = np.array(
            [path(rho=share).moments(objective, theta).mean for share in shares.flat]
        ) - gate_gradient(objective, theta)
        for name in ("bound", "linear"):
            limit = p.values(name, M=most, ρ=shares, k=float(objective.gates - 1))
            holds.append((np.abs(bias) <= 1e-12 + limit).ravel())
    yield p.cases("bias within its bounds", np.concatenate(holds))
    yield p.shows(
        "the bound as computed",
        compare(
            coupling_bound(0.1, np.arange(1, 13), 3.0),
            6 * (1 - 0.9 ** np.arange(12)),
            "",
            tool="NumPy",
            rtol=1e-12,
        ),
    )
    multilinear = polynomial(rng.normal(size=8), rng.integers(0, 2, (8, 4)))
    gates = rng.random((20, 4))
    shifted = p.values("marginal", θ=gates, ρ=0.3)
    yield p.shows(
        "a multilinear C, ρ = 0.3",
        compare(
            path(rho=0.3).moments(multilinear, gates).mean,
            gate_gradient(multilinear, shifted),
            "",
            tool="enumeration",
            atol=1e-12,
        ),
    )


ALL_UNIFORM = Statement(
    text="‘With all gates uniform the path estimator is unbiased’ is false: for {C=} of two gates, "
    "{y} open with the probability {θ}, the mean gradient of {x} is {wanted}; the probe's mean "
    "with both uniform is {probed}, whatever {θ}; and {biased}.",
    symbols="0 <= θ <= 1; x, y",
    definitions={
        "C": "x*y",
        "gradient": "mean(at(C, x=1) - at(C, x=0), y, θ)",
        "probe": "integrate(integrate(diff(C, x), x, 0, 1), y, 0, 1)",
    },
    conclusions={
        "wanted": "gradient == θ",
        "probed": "probe == 1/2",
        "biased": "at(gradient, θ=9/10) - at(probe, θ=9/10) == 2/5",
    },
    points=({"θ": 0}, {"θ": 1}),
    code={"implementation": Path},
)


@claim(
    "G1x",
    ALL_UNIFORM,
    supports=("A2",),
    source=SOURCE,
    controls={
        "no interaction, hence no bias": Control({"C": "x + y"}, by="biased"),
        "the probed mean is θ₂": Control({"probed": "probe == θ"}, by="probed"),
        "the gradient is θ₂²": Control({"wanted": "gradient == θ**2"}, by="wanted"),
        "a tenth": Control(
            {"biased": "at(gradient, θ=9/10) - at(probe, θ=9/10) == 1/10"}, by="biased"
        ),
    },
)
def all_uniform(p: Proof) -> Iterator[Evidence]:
    """The other gate must stay Bernoulli: its probe has the mean of a half."""
    yield p.identity("wanted")
    yield p.identity("probed")
    yield p.exact("biased")
    at = np.array([0.5, 0.9])
    ours = p["implementation"](rho=1.0).moments(polynomial([1.0], [[1, 1]]), at)
    yield p.shows("as computed", compare(ours.mean[0], 0.5, "", tool="enumeration", rtol=1e-14))


JUMP = Statement(
    text="In the claim before the last ‘absolutely continuous’ cannot be weakened to "
    "‘differentiable almost everywhere’: for a cost that is {before:} up to {middle:} and {after:} "
    "beyond, a hard threshold, the probe's mean is {probed}, and the difference is {difference}.",
    symbols="0 <= u <= 1",
    definitions={
        "before": "0",
        "after": "1",
        "middle": "1/2",
        "probe": "integrate(diff(before, u), u, 0, middle)"
        " + integrate(diff(after, u), u, middle, 1)",
        "jump": "at(after, u=1) - at(before, u=0)",
    },
    conclusions={"probed": "probe == 0", "difference": "jump == 1"},
    points=({"u": 0}, {"u": 1}),
)


@claim(
    "G1y",
    JUMP,
    supports=("A2",),
    source=SOURCE,
    controls={
        "a kink in place of the jump": Control({"after": "u - 1/2"}, by="difference"),
        "a slope that the probe sees": Control({"after": "1 + u"}, by="probed"),
        "a slope before the jump": Control({"before": "u"}, by="probed"),
        "the probe sees the jump": Control({"probed": "probe == 1"}, by="probed"),
        "no jump": Control({"difference": "jump == 0"}, by="difference"),
    },
)
def jump(p: Proof) -> Iterator[Evidence]:
    """A jump is the plainest case; Cantor's function shows that continuity is not enough either."""
    yield p.exact("probed")
    yield p.exact("difference")


_STRAIGHT = {
    "C": "(Δ - h/2)*u + h*u**2/2",
    "slope": "diff(C, u)",
    "estimate": "mean(at(slope, u=ξ), ξ, θ)",
    "field": "-(estimate + c)",
    "g": "Δ + c",
}

STRAIGHT = Statement(
    text="Straight-through, which draws the gate, has the mean {by slopes}. For a quadratic cost "
    "of the difference {Δ} and the curvature {h} that is {quadratic}, with {variance}, and it "
    "{creates}, {θ_star=}; {interior}. There {true}.",
    symbols="0 <= θ <= 1; c, h > 0; Δ; 0 <= u <= 1; ξ",
    definitions=_STRAIGHT
    | {
        "slope1": "at(slope, u=1)",
        "slope0": "at(slope, u=0)",
        "spread": "mean(at(slope, u=ξ)**2, ξ, θ) - estimate**2",
        "θ_star": "1/2 - g/h",
    },
    conclusions={
        "by slopes": "estimate == θ*slope1 + (1 - θ)*slope0",
        "quadratic": "estimate == Δ + h*(θ - 1/2)",
        "variance": "spread == h**2*θ*(1 - θ)",
        "creates": Argued("creates an attracting rest point", ("difference", "rests", "attracts")),
        "interior": "Iff(0 < θ_star < 1, Abs(g) < h/2)",
        "true": Argued(
            "the true gradient {g:} does not depend on the gate and drives it to an end",
            ("constant",),
        ),
    },
    lemmas={
        "difference": Lemma((), "at(C, u=1) - at(C, u=0) == Δ"),
        "rests": Lemma((), "at(field, θ=θ_star) == 0"),
        "attracts": Lemma((), "diff(field, θ) < 0"),
        "constant": Lemma((), "diff(g, θ) == 0"),
    },
    points=(
        {"θ": 0, "c": "1/100", "h": "1/100", "Δ": "-51/10000", "u": 0},
        {"θ": 1, "c": 1, "h": 2, "Δ": "-2/100", "u": 1},
        {"θ": 1, "c": 1, "h": 1, "Δ": "-51/100"},
        {"θ": 1, "c": 1, "h": 1, "Δ": "-149/100"},
    ),
    shown_as={"slope1": "C′(1)", "slope0": "C′(0)", "estimate": "E[C′]", "spread": "Var[C′]"},
    spelt=("g",),
    code={"implementation": StraightThrough, "attractor": straight_through_attractor},
)


@claim(
    "G2",
    STRAIGHT,
    supports=("A2", "A3"),
    source=SOURCE,
    controls={
        "θ on the wrong side": Control(
            {"by slopes": "estimate == θ*slope0 + (1 - θ)*slope1"}, by="by slopes"
        ),
        "unbiased": Control({"quadratic": "estimate == Δ"}, by="quadratic"),
        "bias of half the size": Control(
            {"quadratic": "estimate == Δ + h*(θ - 1/2)/2"}, by="quadratic"
        ),
        "rest point mirrored": Control({"θ_star": "1/2 + g/h"}, by="rests"),
        "rest point whenever |Δ+c| < h": Control(
            {"interior": "Iff(0 < θ_star < 1, Abs(g) < h)"}, by="interior"
        ),
        "no rest point beyond |Δ+c| = h/3": Control(
            {"interior": "Iff(0 < θ_star < 1, Abs(g) < h/3)"}, by="interior"
        ),
        "it repels": Control({"attracts": "diff(field, θ) > 0"}, by="attracts"),
        "the true gradient bends too": Control({"constant": "diff(g, Δ) == 0"}, by="constant"),
        "variance at θ = ½ for all": Control({"variance": "spread == h**2/4"}, by="variance"),
    },
)
def straight_through(p: Proof) -> Iterator[Evidence]:
    """The mean field −(mean + c) falls through zero at θ*; a drawn gate's values are 0 and 1."""
    for name in ("by slopes", "quadratic", "variance", "difference", "rests", "constant"):
        yield p.identity(name)
    yield p.decide("attracts")
    yield p.decide("interior")
    yield from _straight_through_numbers(p)


def _straight_through_numbers(p: Proof) -> Iterator[Evidence]:
    """The code against a Bernoulli sum, and where the mean field ends up by simulation."""
    rng = np.random.default_rng(3)
    network = relu_network(rng.normal(size=(5, 3)), rng.normal(size=5), rng.normal(size=5), 0.4)
    theta, ours = rng.random((10, 3)), p["implementation"]()
    corners = (np.arange(8)[:, None] >> np.arange(3) & 1).astype(float)
    chance = np.where(corners == 1, theta[:, None], 1 - theta[:, None]).prod(-1)
    slope = network.slope(corners)
    mean = chance @ slope
    moments = ours.moments(network, theta)
    yield p.shows(
        "mean on a ReLU network", compare(moments.mean, mean, "", tool="enumeration", atol=1e-12)
    )
    yield p.shows(
        "variance on a ReLU network",
        compare(moments.variance, chance @ slope**2 - mean**2, "", tool="enumeration", atol=1e-12),
    )
    delta, curvature, price = rng.uniform(-1, 1, 200), rng.uniform(-3, 3, 200), 0.2
    closed = ours.one_gate(delta, curvature, _THETAS[:, None])
    at = {"Δ": delta, "h": curvature, "θ": _THETAS[:, None]}
    yield p.compare("estimate", closed.mean, atol=1e-14, rtol=0, points=at)
    yield p.compare("spread", closed.variance, atol=1e-14, rtol=0, points=at)
    low, high = np.full(200, 0.01), np.full(200, 0.99)
    for _ in range(2000):
        low, high = (
            np.clip(at - 0.02 * (ours.one_gate(delta, curvature, at).mean + price), 0, 1)
            for at in (low, high)
        )
    settled = (np.abs(low - high) < 1e-6) & (low > 0.01) & (low < 0.99)
    found, stated = np.where(settled, low, np.nan), p["attractor"](delta, curvature, price)
    clear = np.isnan(stated) | ((stated > 0.02) & (stated < 0.98))
    same = np.isclose(found, stated, atol=1e-6) | (np.isnan(found) & np.isnan(stated))
    yield p.cases("where the mean field settles from both ends", same[clear])


NO_ATTRACTOR = Statement(
    text="‘Straight-through always has an attracting interior rest point’ is false: {repelling}; "
    "{none}; and {linear}.",
    symbols="0 <= θ <= 1; c > 0; Δ, h; 0 <= u <= 1; ξ",
    definitions=_STRAIGHT
    | {"concave": "h < 0", "straight": "h == 0", "far": "Abs(g) >= h/2", "inner": "0 < θ < 1"},
    conclusions={
        "repelling": Argued("where {concave}, the rest point repels", ("rests", "repels")),
        "none": Argued("where {far} there is none", ("no rest",)),
        "linear": Argued(
            "for {straight}, a cost linear in the gate, it is unbiased", ("unbiased",)
        ),
    },
    lemmas={
        "rests": Lemma(("c == -Δ",), "at(field, θ=1/2) == 0"),
        "repels": Lemma(("concave",), "diff(field, θ) > 0", ({"h": "-1/100"},)),
        "no rest": Lemma(
            ("h > 0", "far", "inner"),
            "field != 0",
            (
                {"h": "1/100", "Δ": "1/200", "c": "1/1000", "θ": "1/100"},
                {"h": 2, "Δ": "1/2", "c": "1/2", "θ": "99/100"},
            ),
        ),
        "unbiased": Lemma(("straight",), "estimate == Δ"),
    },
    points=({"θ": 0, "c": "1/100", "u": 0}, {"θ": 1, "c": 1, "u": 1}),
    spelt=("g",),
)


@claim(
    "G2x",
    NO_ATTRACTOR,
    supports=("A3",),
    source=SOURCE,
    controls={
        "positive curvature": Control({"concave": "h > 0"}, by="repels"),
        "slope below h/2": Control({"far": "Abs(g) >= h/3"}, by="no rest"),
        "a curved cost": Control({"straight": "h == 1"}, by="unbiased"),
        "rest at a third": Control({"rests": "at(field, θ=1/3) == 0"}, by="rests"),
    },
)
def no_attractor(p: Proof) -> Iterator[Evidence]:
    """Each clause is a lemma; the code's mean on multilinear costs stands beside the last."""
    yield p.identity("rests")
    yield p.decide("repels")
    yield p.decide("no rest")
    yield p.identity("unbiased")
    rng = np.random.default_rng(4)
    linear, at = polynomial(rng.normal(size=6), rng.integers(0, 2, (6, 3))), rng.random((20, 3))
    yield p.shows(
        "unbiased for a multilinear C",
        compare(
            StraightThrough().moments(linear, at).mean,
            gate_gradient(linear, at),
            "",
            tool="enumeration",
            atol=1e-12,
        ),
    )
