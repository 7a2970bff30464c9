"""Claim G6c and what may not be dropped from G6: the second-order estimator's noise and limits."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from theory.estimators import GaussNewton, StraightThrough, Trapezoid
from theory.ledger import claim
from theory.objectives import cross_entropy, gate_gradient, quadratic
from theory.proofs.proof import Proof
from theory.second_order import second_moment_factor, taylor_bound, trapezoid_factor
from theory.statement import Argued, Lemma, Needed, Statement
from theory.verdict import Control, Evidence

SOURCE = "own derivation; the abstract says only that the gates' Bernoulli parameters are learnt"
_THETAS = np.array([0.0, 0.02, 0.3, 0.5, 0.97, 1.0])

NOISE = Statement(
    text="Where {sample}, with {D} the largest slope of a logit less the least, a sample's "
    "estimate {estimate=} at a gate {ξ} is bounded by its slope, {square}. So with mean squared "
    "slopes {S1} and {S0} at the open and at the closed gate, and {q} the probability of the "
    "first, its second moment is at most {ours:}. What the gate adds to the variance of means {e1} "
    "and {e0} at its ends is {spread:}, as {variance}: nothing at a gate that is closed or open "
    "for certain, {shut} and {open}. The trapezoid's second moment is {trapezoid:}, of which "
    "{unbounded}; at equal slopes {equal}, where {multiple=}: {ratio}, above eight and a half.",
    symbols="g, e1, e0; 0 <= q, ξ <= 1; D, S1, S0, S >= 0; M > 0",
    definitions={
        "estimate": "g + (1/2 - ξ)*g**2",
        "factor": "(1 + D/2)**2",
        "ours": "factor*(q*S1 + (1 - q)*S0)",
        "trapezoid": "(S1/q + S0/(1 - q))/4",
        "multiple": "1/(4*q*(1 - q))",
        "spread": "q*(1 - q)*(e1 - e0)**2",
        "rare": "4*q*M < S1",
    },
    premises={"sample": Needed("Abs(g) <= D", fails=("square", {"g": 1, "D": 0, "ξ": 0}))},
    conclusions={
        "square": "estimate**2 <= factor*g**2",
        "variance": "q*e1**2 + (1 - q)*e0**2 - (q*e1 + (1 - q)*e0)**2 == spread",
        "shut": "at(spread, q=0) == 0",
        "open": "at(spread, q=1) == 0",
        "unbounded": Argued("no bound holds that does not depend on {q}", ("rare gates",)),
        "equal": "at(trapezoid, S1=S, S0=S) == multiple*S",
        "ratio": "at(multiple, q=97/100) == 2500/291",
    },
    lemmas={
        "rare gates": Lemma(
            ("0 < q", "q < 1", "rare"),
            "trapezoid > M",
            (
                {"q": "1/100", "S1": "101/2500", "S0": 0, "M": 1},
                {"q": "99/100", "S1": 4, "S0": 0, "M": 1},
            ),
        )
    },
    points=(
        {"g": 1, "D": 1, "ξ": 0, "q": 0, "S": 0, "S1": 0, "S0": 0, "M": "1/100"},
        {"g": -1, "D": 2, "ξ": 1, "q": 1, "S1": 1, "S0": 1, "S": 1},
        {"g": 0, "D": 0, "ξ": 1},
    ),
    shown_as={"estimate": "Ĝ"},
    code={
        "implementation": GaussNewton,
        "second_moment_factor": second_moment_factor,
        "trapezoid_factor": trapezoid_factor,
    },
)


@claim(
    "G6c",
    NOISE,
    supports=("A2", "A3"),
    source=SOURCE,
    controls={
        "as if without the curvature": Control({"factor": "1"}, by="square"),
        "slopes of any size": Control({"sample": None}, by="square"),
        "variance without the closed gate": Control({"spread": "q*(e1 - e0)**2"}, by="variance"),
        "noise at a closed gate": Control({"shut": "at(spread, q=0) == (e1 - e0)**2"}, by="shut"),
        "noise at an open gate": Control({"open": "at(spread, q=1) == (e1 - e0)**2"}, by="open"),
        "rare by twice as much": Control({"rare": "2*q*M < S1"}, by="rare gates"),
        "without the quarter": Control({"multiple": "1/(q*(1 - q))"}, by="equal"),
        "ten times": Control({"ratio": "at(multiple, q=97/100) == 10"}, by="ratio"),
    },
)
def noise(p: Proof) -> Iterator[Evidence]:
    """Pointwise, then in the mean over samples: the factor does not depend on the sample."""
    yield p.decide("square")
    yield p.identity("variance")
    yield p.identity("shut")
    yield p.identity("open")
    yield p.decide("rare gates")
    yield p.identity("equal")
    yield p.exact("ratio")
    yield from _noise_as_computed(p)


def _noise_as_computed(p: Proof) -> Iterator[Evidence]:
    """The code's closed form, its enumeration, and sampled labels at gates without noise."""
    ours, objective = p["implementation"](), quadratic(-0.4, 1.5)
    opened, closed = (-0.4 + sign * 0.75 for sign in (1, -1))
    e1, e0 = opened - opened**2 / 2, closed + closed**2 / 2
    ends: dict[str, ArrayLike] = {"q": _THETAS, "e1": e1, "e0": e0}
    closed_form = ours.one_gate(-0.4, 1.5, _THETAS)
    counted = ours.moments(objective, _THETAS[:, None])
    for variance in (closed_form.variance, counted.variance[:, 0]):
        yield p.compare("spread", variance, rtol=1e-10, atol=1e-14, points=ends)
    mean = _THETAS * e1 + (1 - _THETAS) * e0
    yield p.cases("the mean as computed", np.abs(closed_form.mean - mean) < 1e-12)
    spread, q = np.array([0.0, 0.3, 2.0]), np.array([0.03, 0.5, 0.9])
    yield p.compare("factor", p["second_moment_factor"](spread), points={"D": spread})
    yield p.compare("multiple", p["trapezoid_factor"](q), points={"q": q})
    yield p.cases("second moments on softmaxes", list(_second_moments(p)))


def _second_moments(p: Proof) -> Iterator[bool]:
    """Of one sample, over its gate and its label: within the factor of claim G6c."""
    rng = np.random.default_rng(8)
    for _ in range(60):
        slopes = rng.uniform(0.1, 3) * rng.normal(size=4)
        weights, law = rng.random(4), rng.dirichlet(np.ones(4))
        for end in (0.0, 1.0):
            softmax = weights * np.exp(slopes * end)
            g = slopes @ softmax / softmax.sum() - slopes
            second = law @ (g + (0.5 - end) * g**2) ** 2
            yield second <= p["second_moment_factor"](np.ptp(slopes)) * (law @ g**2) + 1e-12


MORE_NOISE = Statement(
    text="'The second-order estimator never varies more than the trapezoid' is false: of a gate "
    "whose slope is {g} where it is open and nothing where it is closed, the second moments are "
    "{ours:} and {trapezoid:}, and the first is larger {exactly}.",
    symbols="0 < q < 1; 0 < g < 2",
    definitions={
        "ours": "q*(g - g**2/2)**2 + (1 - q)*0",
        "trapezoid": "q*(g/(2*q))**2",
        "larger": "2*q*(1 - g/2) > 1",
    },
    conclusions={"exactly": Argued("exactly if {larger:}", ("ordered",))},
    lemmas={"ordered": Lemma((), "Iff(ours > trapezoid, larger)")},
    points=(
        {"q": "99/100", "g": "99/100"},
        {"q": "1/100", "g": "1/100"},
        {"q": "99/100", "g": "199/100"},
        {"q": "51/100", "g": "1/50"},
    ),
)


@claim(
    "G6cx",
    MORE_NOISE,
    supports=("A2",),
    source=SOURCE,
    controls={
        "a slope at the closed gate as well": Control(
            {"trapezoid": "q*(g/(2*q))**2 + (1 - q)*(g/(2*(1 - q)))**2"}, by="ordered"
        ),
        "from half on, whatever the slope": Control({"larger": "2*q > 1"}, by="ordered"),
        "without the second order": Control({"ours": "q*g**2"}, by="ordered"),
    },
)
def more_noise(p: Proof) -> Iterator[Evidence]:
    """The squares' roots are compared, all of them positive."""
    yield p.decide("ordered")
    # C = g z²/2 has these slopes; and at q = .97 the second moments stand in this order.
    cost, at = quadratic(0.05, 0.1), np.array([0.97])
    ours, theirs = (estimator.moments(cost, at) for estimator in (GaussNewton(), Trapezoid()))
    moments = [m.variance[0] + m.mean[0] ** 2 for m in (ours, theirs)]
    yield p.cases("as computed at q = .97", [moments[0] > 3 * moments[1]])


NOT_AFFINE = Statement(
    text="'The step with the curvature of squared slopes misses by the third order at most' is "
    "false where the logits are not affine in the gate. With two classes, the labels that the "
    "closed gate expects, and log odds {odds=} of a unit that opens halfway, the cost is {cost=}, "
    "and the estimate at the closed gate is nothing: {flat} is the slope there, {flat square} the "
    "mean of its square. But the unit matters: for {Δ=}, at a spread of one, {beyond}; and "
    "{order}, while the bound falls with the cube.",
    symbols="z; K > 0",
    definitions={
        "odds": "K*Max(z - 1/2, 0)",
        "cost": "log(1 + exp(odds)) - odds/2",
        "slope": "at(diff(cost, z), z=0)",
        "squared": "at(diff(odds, z), z=0)**2/4",
        "Δ": "at(cost, z=1) - at(cost, z=0)",
        "constant": "1/(36*sqrt(3))",
    },
    conclusions={
        "flat": "slope == 0",
        "flat square": "squared == 0",
        "beyond": "at(Δ, K=1) > constant",
        "order": "limit(Δ/K**2, K, 0) == 1/32",
    },
    points=({"K": "1/100"},),
    loose={"beyond": "it is twice the bound, at one point"},
    shown_as={"odds": "o", "cost": "C"},
)


@claim(
    "G6ax",
    NOT_AFFINE,
    supports=("A2",),
    source=SOURCE,
    controls={
        "the slope at the open gate": Control({"slope": "at(diff(cost, z), z=1)"}, by="flat"),
        "odds that move at once": Control({"odds": "K*Max(z, z/2)"}, by="flat square"),
        "within four times the bound": Control({"constant": "1/(9*sqrt(3))"}, by="beyond"),
        "of the third order": Control({"order": "limit(Δ/K**2, K, 0) == 0"}, by="order"),
    },
)
def not_affine(p: Proof) -> Iterator[Evidence]:
    """Up to one half of the gate the odds are even; the labels are even as well."""
    yield p.identity("flat")
    yield p.identity("flat square")
    yield p.exact("beyond")
    yield p.exact("order")
    spread = np.array([0.1, 0.5, 1.0, 1.5])
    yield p.cases(
        "beyond the bound up to a spread of 1.5", np.log(np.cosh(spread / 4)) > taylor_bound(spread)
    )


CERTAIN = Statement(
    text="'The squared slopes will do for any labels' is false: with two classes, of which the "
    "first is the label for certain, {odds} to one against it at the closed gate {z} and log odds "
    "that the gate raises by {D}, the cost is {cost:}. The more the model doubts the label, the "
    "nearer the estimate {estimate=} comes to {worst:}, {estimated}, while the difference of the "
    "cost comes to {true}. Beyond a {D} of two the estimate {wrong sign} and "
    "closes a unit that the cost needs; at a {D} of one "
    "it misses by more than the third order may, {beyond}. The bound on the "
    "excess {excess=}, with {p=}, is met in that limit, {met}.",
    symbols="D, odds > 0; z",
    definitions={
        "cost": "log(1 + odds*exp(-D*z))",
        "g": "at(diff(cost, z), z=0)",
        "estimate": "g + g**2/2",
        "Δ": "at(cost, z=1) - at(cost, z=0)",
        "p": "1/(1 + odds)",
        "excess": "g**2 - p*(1 - p)*D**2",
        "worst": "D**2/2 - D",
    },
    conclusions={
        "estimated": "limit(estimate, odds, oo) == worst",
        "true": "limit(Δ, odds, oo) == -D",
        "wrong sign": Argued("has the wrong sign", ("dear",)),
        "beyond": "at(worst + D, D=1) > 1/(36*sqrt(3))",
        "met": "limit(excess, odds, oo) == D**2",
    },
    lemmas={"dear": Lemma(("D > 2",), "worst > 0", ({"D": "2001/1000"},))},
    points=({"D": "1/100", "odds": "1/100"},),
    loose={"beyond": "it is thirty times the bound, at one point"},
    shown_as={"estimate": "Ĝ", "odds": "ω", "excess": "e"},
)


@claim(
    "G6bx",
    CERTAIN,
    supports=("A2",),
    source=SOURCE,
    controls={
        "labels as the model expects them": Control(
            {"estimate": "g + p*(1 - p)*D**2/2"}, by="estimated"
        ),
        "a cost that is met": Control({"true": "limit(Δ, odds, oo) == 0"}, by="true"),
        "wrong from one on": Control({"dear": Lemma(("D > 1",), "worst > 0")}, by="dear"),
        "missed by what the curvature adds": Control(
            {"beyond": "at(worst + D, D=1/10) > 1/(36*sqrt(3))"}, by="beyond"
        ),
        "half of the bound": Control({"met": "limit(excess, odds, oo) == D**2/2"}, by="met"),
    },
)
def certain(p: Proof) -> Iterator[Evidence]:
    """Limits by SymPy; a model that is nearly sure of the other class, as computed."""
    yield p.identity("estimated")
    yield p.identity("true")
    yield p.decide("dear")
    yield p.exact("beyond")
    yield p.identity("met")
    cost, closed = cross_entropy([[3.0], [0.0]], [-9.0, 0.0], [1, 0]), np.array([0.0])
    found = GaussNewton().moments(cost, closed).mean[0]
    first = StraightThrough().moments(cost, closed).mean[0]
    yield p.cases("as computed", [found > 1.4, gate_gradient(cost, closed)[0] < -2.9, first < -2.9])
