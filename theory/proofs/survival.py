"""Claims D3 and D4: what a unit that stays is worth, and how many can stay.

Claim D4x is a counterexample: it shows that a stronger wording of D4 is false.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from theory.ledger import claim
from theory.proofs.cube import extend, neighbours, off_and_on, tables, vertices
from theory.proofs.determinism import GATE, SOURCE
from theory.proofs.proof import Proof
from theory.statement import Argued, Lemma, Needed, Prose, Statement, Worded
from theory.verdict import Control, Evidence

SURVIVAL = Statement(
    text="At a vertex that no flip of a single gate improves, each active unit is worth at least "
    "its price, and each inactive one at most, where a unit is worth {W=}; and these conditions "
    "suffice: {active}, and {inactive}.",
    symbols="c > 0; off, on",
    definitions={
        "W": "off - on",
        "best_on": "on + c <= off",
        "best_off": "off <= on + c",
        "worthy": "W >= c",
        "unworthy": "W <= c",
    },
    conclusions={
        "active": Argued(
            "it is best active if and only if {worthy}", ("active: needed", "active: enough")
        ),
        "inactive": Argued(
            "best inactive if and only if {unworthy}", ("inactive: needed", "inactive: enough")
        ),
    },
    lemmas={
        "active: needed": Lemma(("best_on",), "worthy"),
        "active: enough": Lemma(("worthy",), "best_on"),
        "inactive: needed": Lemma(("best_off",), "unworthy"),
        "inactive: enough": Lemma(("unworthy",), "best_off"),
    },
    points=(
        {"c": 1, "off": 3, "on": 2},
        {"c": 1, "off": 4, "on": 2},
        {"c": "1/100", "off": -1, "on": -1},
    ),
    shown_as=GATE,
)


@claim(
    "D3",
    SURVIVAL,
    supports=("A3", "A5"),
    source=SOURCE,
    controls={
        "worth with the wrong sign": Control({"W": "on - off"}, by="active: needed"),
        "half the price": Control({"worthy": "W >= c/2"}, by="active: enough"),
        "active only if worth more": Control({"worthy": "W > c"}, by="active: needed"),
        "inactive only if worth less": Control({"unworthy": "W < c"}, by="inactive: needed"),
        "twice the price": Control({"unworthy": "W <= 2*c"}, by="inactive: enough"),
        "a price for being off": Control({"best_on": "on <= off + c"}, by="active: needed"),
        "no price while on": Control({"best_off": "off <= on"}, by="inactive: enough"),
    },
)
def survival(p: Proof) -> Iterator[Evidence]:
    """One flip changes the objective by worth − c if it switches off, by c − worth if on."""
    yield p.decide("active: needed")
    yield p.decide("active: enough")
    yield p.decide("inactive: needed")
    yield p.decide("inactive: enough")
    costs, bits = tables(3, 3), vertices(3)
    off, on = off_and_on(costs)
    for price in (0.5, 1.0, 1.5):
        total = costs + price * bits.sum(-1)
        optimal = (total[:, neighbours(3)] >= total[..., None]).all(-1)
        kept, dropped = (
            p.numeric(rule, "off on c")(off, on, price) for rule in ("worthy", "unworthy")
        )
        yield p.cases(
            f"every cost over 3 gates with values 0, 1, 2; c = {price:g}",
            np.where(bits, kept, dropped).all(-1) == optimal,
        )


SIZE = Statement(
    text="Where the objective {J=} is at most that of the empty network, {as good}, with a cost "
    "{cost} and a weight penalty {penalty}, the expected number {S} of active units is at most "
    "{B=}; {sharp}. So {size} and {saved}, whatever the starting width, where {C0} is {classes} "
    "for zero logits of {K} classes and {N} samples. {diminishing}.",
    symbols="c > 0; S >= 0; N, K >= 1; C, P, C0, D, W, k",
    definitions={
        "J": "C + P + c*S",
        "B": "(C0 - C)/c",
        "worthy": "W >= c",
        "fewer_on": "D >= W",
        "saves": "C0 - C >= k*c",
    },
    premises={
        "as good": Needed(
            "J <= C0", fails=("size", {"c": 1, "S": 2, "C": 0, "P": 0, "C0": 0, "N": 1, "K": 1})
        ),
        "cost": Needed(
            "C >= 0", fails=("saved", {"c": 1, "S": 0, "C": -1, "P": 0, "C0": 0, "N": 1, "K": 1})
        ),
        "penalty": Needed(
            "P >= 0", fails=("size", {"c": 1, "S": 1, "C": 0, "P": -1, "C0": 0, "N": 1, "K": 1})
        ),
    },
    conclusions={
        "size": "S <= B",
        "saved": "B <= C0/c",
        "classes": "-N*log(exp(0)/(K*exp(0))) == N*log(K)",
        "sharp": Argued("without a penalty the bound may be met", ("met",)),
        "diminishing": Argued(
            "If marginal values diminish, every vertex that no flip of a single gate improves is "
            "as good as the empty network, so that the bounds hold there too",
            (
                Prose(
                    "Switch its active gates on, one after the other, from the empty network. "
                    "Each saves at least what it is worth at the vertex, where all the others "
                    "are on; and that is its price at least (claim D3)."
                ),
                "each saves its price",
                "one gate more",
                Prose("So after the last one the cost has fallen by the price of all."),
                "as good again",
                "every small cost",
            ),
        ),
    },
    lemmas={
        "met": Lemma((), "at(J, S=B, P=0) == C0"),
        "each saves its price": Lemma(
            ("fewer_on", "worthy"),
            "D >= c",
            ({"c": 1, "W": 1, "D": 1}, {"c": 1, "W": 2, "D": 2}, {"c": 1, "W": 2, "D": 3}),
        ),
        "one gate more": Lemma(
            ("saves", "D >= c"),
            "C0 - (C - D) >= (k + 1)*c",
            (
                {"c": 1, "C0": 5, "C": 2, "k": 3, "D": 1},
                {"c": 1, "C0": 6, "C": 2, "k": 3, "D": 2},
                {"c": 1, "C0": -2, "C": -5, "k": 3, "D": 1},
            ),
        ),
        "as good again": Lemma(
            ("saves",),
            "at(J, P=0, S=k) <= C0",
            ({"c": 1, "C0": 5, "C": 2, "k": 3}, {"c": 1, "C0": 6, "C": 2, "k": 3}),
        ),
        "every small cost": Worded(
            "no exception among the costs over three gates with values from zero to three"
        ),
    },
    points=(
        {"c": 1, "S": 2, "C": 0, "P": 0, "C0": 2, "N": 2, "K": 2},
        {"c": 1, "S": 0, "C": 0, "P": 0, "N": 1, "K": 1, "C0": 0},
        {"c": "1/100", "S": 1, "C": 1, "P": 1, "C0": 3},
    ),
    shown_as={"C0": "C(0)", "S": "Σθᵢ"},
)


@claim(
    "D4",
    SIZE,
    supports=("A4",),
    source=SOURCE,
    controls={
        "C(0)/c alone": Control({"B": "C0/c"}, by="met"),
        "half the bound": Control({"B": "(C0 - C)/(2*c)"}, by="size"),
        "N K nats for the empty network": Control(
            {"classes": "-N*log(exp(0)/(K*exp(0))) == N*K"}, by="classes"
        ),
        "any point at all": Control({"as good": None}, by="size"),
        "a reward for large weights": Control({"penalty": None}, by="size"),
        "a cost of any sign": Control({"cost": None}, by="saved"),
        "half of C(0)/c": Control({"saved": "B <= C0/(2*c)"}, by="saved"),
        "marginal values need not diminish": Control(
            {"fewer_on": "Abs(D - W) >= 0"}, by="every small cost"
        ),
        "marginal values that grow": Control({"fewer_on": "D <= W"}, by="each saves its price"),
        "kept at half the price": Control({"worthy": "W >= c/2"}, by="each saves its price"),
    },
)
def size(p: Proof) -> Iterator[Evidence]:
    """Its own price must not exceed what the network saves; C ≥ 0, as −ln of a probability."""
    yield p.decide("size", given=("as good", "penalty"))
    yield p.decide("saved", given=("cost",))
    yield p.identity("classes", at=[{"K": 10}])
    yield p.identity("met")
    yield p.decide("each saves its price")
    yield p.decide("one gate more")
    yield p.decide("as good again")
    yield p.cases("every small cost", _diminishing(p))
    yield p.cases("random points as good as the empty network", _random_points(p))


def _random_points(p: Proof) -> np.ndarray:
    """Points of the cube, up to 10 gates, that are as good as the empty network."""
    rng = np.random.default_rng(3)
    empty = 50 * np.log(10)
    within = []
    for n in range(1, 11):
        costs = rng.uniform(0, 1.2 * empty, size=(40, 2**n))
        costs[:, 0] = empty
        theta = rng.beta(0.3, 0.3, size=(200, 1, n))
        price = rng.uniform(0.01, 0.5, size=(200, 1)) * empty
        expected = extend(costs, theta)
        accepted = expected + price * theta.sum(-1) <= empty
        bound = p.numeric("B", "C0 C c")(empty, expected, price)
        within.append((theta.sum(-1) <= bound + 1e-9)[accepted])
    return np.concatenate(within)


def _diminishing(p: Proof) -> np.ndarray:
    """The bound at optimal vertices, of every such cost whose marginal values diminish."""
    costs, bits, across = tables(3, 4), vertices(3), neighbours(3)
    worth = np.subtract(*off_and_on(costs))
    fewer_on = p.numeric("fewer_on", "D W")(worth[:, across], worth[:, :, None])
    diminishing = (fewer_on | ~bits[..., None]).all((1, 2, 3))
    costs, worth = costs[diminishing], worth[diminishing]
    prices = np.array([0.5, 1, 1.5, 2])[:, None, None]
    worthy = p.numeric("worthy", "W c")(worth, prices[..., None])
    optimal = np.where(bits, worthy, worth <= prices[..., None]).all(-1)
    bound = p.numeric("B", "C0 C c")(costs[:, :1], costs, prices)
    return (bits.sum(-1) <= bound)[optimal]


CONJUNCTION = Statement(
    text="It is false that every vertex that no flip of a single gate improves has at most {M=} "
    "active units: with all {n:} gates of an AND on, its cost being {C:} with {k} of {n=} gates "
    "on, {optimal}, for every {dear}; yet, if {cheap}, {more}, and {worse}.",
    symbols="c > 0; Λ; k",
    definitions={"n": "100", "C": "Λ*(1 - floor(k/n))", "M": "(at(C, k=0) - at(C, k=n))/c"},
    premises={
        "dear": Needed("Λ >= c", fails=("optimal", {"c": 1, "Λ": "1/2"})),
        "cheap": Needed("Λ < n*c", fails=("more", {"c": 1, "Λ": 100})),
    },
    conclusions={
        "optimal": "at(C, k=n - 1) - at(C, k=n) >= c",
        "more": "M < n",
        "worse": "at(C, k=n) + c*n > at(C, k=0)",
    },
    points=(
        {"c": 1, "Λ": 1, "k": 0},
        {"c": 1, "Λ": 99, "k": 0},
        {"c": "1/100", "Λ": "1/50", "k": 0},
    ),
)


@claim(
    "D4x",
    CONJUNCTION,
    supports=("A4",),
    source=SOURCE,
    controls={
        "an OR": Control({"C": "Λ*(1 - ceil(k/n))"}, by="optimal"),
        "a sum": Control({"C": "Λ*(1 - k/n)"}, by="optimal"),
        "worth less than its price": Control({"dear": "Λ >= c/2"}, by="optimal"),
        "worth as much as all prices": Control({"cheap": "Λ <= n*c"}, by="more"),
        "worth more than all prices": Control({"cheap": None}, by="worse"),
        "worse by one price more": Control(
            {"worse": "at(C, k=n) + c*n > at(C, k=0) + c"}, by="worse"
        ),
        "twice as many as that": Control({"more": "2*M < n"}, by="more"),
    },
)
def conjunction(p: Proof) -> Iterator[Evidence]:
    """All gates are alike, so one flip at the vertex stands for every one."""
    yield p.decide("optimal", given=("dear",))
    yield p.decide("more", given=("cheap",))
    yield p.decide("worse", given=("cheap",))
