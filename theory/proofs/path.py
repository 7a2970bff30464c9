"""Claim G1: the path estimator; claims G1x and G1y: what it needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from theory._types import Array
from theory.estimators import Path, coupling_bound
from theory.ledger import claim
from theory.objectives import Objective, gate_gradient, polynomial, quadratic, relu_network
from theory.proofs.drawn import SOURCE, THETAS
from theory.proofs.proof import Proof
from theory.proofs.tools import compare
from theory.statement import Argued, Lemma, Prose, Statement, Worded
from theory.verdict import Control, Evidence

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
    values = [ours(rho=share).one_gate(-0.4, 1.5, THETAS).variance for share in grid[:, 0]]
    moments = [
        ours(rho=share).moments(quadratic(-0.4, 1.5), THETAS[:, None]).variance[:, 0]
        for share in grid[:, 0]
    ]
    at: dict[str, Any] = {"Δ": -0.4, "h": 1.5, "ρ": grid}
    yield p.compare("spread", values, points=at)
    yield p.shows(
        "variance by enumeration",
        compare(moments, p.values("spread", **at), "", tool="mpmath", rtol=1e-12),
    )
    for share in grid[:, 0]:
        expected = p.values("marginal", θ=THETAS, ρ=share)
        yield p.shows(
            f"mean gate, ρ = {share:g}",
            compare(ours(rho=share).marginal(THETAS), expected, "", tool="mpmath", rtol=1e-14),
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
