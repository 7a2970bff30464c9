"""Claim B1: a price is the multiplier of a budget."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from theory._types import Mask
from theory.ledger import claim
from theory.proofs.cube import neighbours, off_and_on, tables, vertices
from theory.proofs.proof import Proof
from theory.statement import Argued, Lemma, Statement, Worded
from theory.verdict import Control, Evidence

SOURCE = "own derivation; the abstract asks for no budget"
_SIZES = np.array([1.0, 2.0, 3.0])  # of three gates
_PRICES = (0.25, 0.5, 1.0)

MULTIPLIER = Statement(
    text="A price is the multiplier of a budget. At a price {p} for each unit of size, no flip of "
    "a single gate improves a set of units just where each kept unit is worth its "
    "charge for its size {k}, and no other is worth more, with {W=}: {active}, and {inactive}. If "
    "a set of the cost {C} and the size {S} is the best of all, {least}. And at a higher price, "
    "{q}, a best set, with {D} and {T}, is never larger nor cheaper: {smaller}, and {dearer}.",
    symbols="p, k > 0; q, S, T, B, C, D, A, off, on",
    definitions={
        "best_at_p": "C + p*S <= A + p*B",
        "p_against_q": "C + p*S <= D + p*T",
        "q_against_p": "D + q*T <= C + q*S",
        "fits": "B <= S",
        "best_on": "on + p*k <= off",
        "best_off": "off <= on + p*k",
        "W": "off - on",
        "worthy": "W/k >= p",
        "unworthy": "W/k <= p",
    },
    conclusions={
        "active": Argued(
            "a gate is best open if and only if {worthy}",
            ("open: needed", "open: enough", "every cost"),
        ),
        "inactive": Argued(
            "best closed if and only if {unworthy}",
            ("closed: needed", "closed: enough", "every cost"),
        ),
        "least": Argued(
            "no set of the cost {A} and a size {B} that fits, {fits}, is cheaper", ("no cheaper",)
        ),
        "smaller": Argued("{T} is at most {S}", ("no larger",)),
        "dearer": Argued("{D} is at least {C}", ("not cheaper",)),
    },
    lemmas={
        "open: needed": Lemma(("best_on",), "worthy"),
        "open: enough": Lemma(("worthy",), "best_on"),
        "closed: needed": Lemma(("best_off",), "unworthy"),
        "closed: enough": Lemma(("unworthy",), "best_off"),
        "no cheaper": Lemma(("best_at_p", "fits"), "A >= C"),
        "no larger": Lemma(("p_against_q", "q_against_p", "q > p"), "T <= S"),
        "not cheaper": Lemma(("p_against_q", "T <= S"), "D >= C"),
        "every cost": Worded("no exception among the costs over three gates of unequal sizes"),
    },
    points=(
        {
            "p": 1,
            "k": 1,
            "q": "101/100",
            "S": 2,
            "B": 2,
            "T": 2,
            "C": 1,
            "A": 1,
            "D": 1,
            "off": 2,
            "on": 1,
        },
        {"p": 1, "k": 2, "q": 3, "S": 3, "B": 2, "T": 1, "C": 1, "A": 9, "D": 4, "off": 5, "on": 1},
        {
            "p": "1/100",
            "k": "1/100",
            "q": 1,
            "S": -1,
            "B": -2,
            "T": -2,
            "C": -1,
            "A": 0,
            "D": -1,
            "off": -1,
            "on": -1,
        },
    ),
)


@claim(
    "B1",
    MULTIPLIER,
    supports=("A5",),
    source=SOURCE,
    controls={
        "a price without sizes": Control({"worthy": "W >= p"}, by="open: needed"),
        "charged by the unit": Control({"best_on": "on + p <= off"}, by="open: enough"),
        "closed only if worth less": Control({"unworthy": "W/k < p"}, by="closed: needed"),
        "twice the price": Control({"unworthy": "W/k <= 2*p"}, by="closed: enough"),
        "worth with the wrong sign": Control({"W": "on - off"}, by="every cost"),
        "larger sets too": Control({"fits": "B >= S"}, by="no cheaper"),
        "best by cost and half the price": Control(
            {"best_at_p": "C + p*S/2 <= A + p*B"}, by="no cheaper"
        ),
        "at a lower price": Control(
            {"no larger": Lemma(("p_against_q", "q_against_p", "q < p"), "T <= S")}, by="no larger"
        ),
        "cheaper at a higher price": Control({"not cheaper": "D <= C"}, by="not cheaper"),
        "best at one of the prices only": Control(
            {"no larger": Lemma(("p_against_q", "q > p"), "T <= S")}, by="no larger"
        ),
    },
)
def multiplier(p: Proof) -> Iterator[Evidence]:
    """Sums of two inequalities each; enumerated beside it, the best sets at several prices."""
    for name in p.statement.lemmas:
        if name != "every cost":
            yield p.decide(name)
    yield p.cases("every cost", _no_flip(p))
    yield p.cases("best sets over three gates, at rising prices", _rising())


def _no_flip(p: Proof) -> Mask:
    """That no flip improves a vertex, against the rule, for every cost over three gates."""
    costs, bits = tables(3, 3), vertices(3)
    off, on = off_and_on(costs)
    agree = []
    for price in _PRICES:
        total = costs + price * (bits @ _SIZES)
        optimal = (total[:, neighbours(3)] >= total[..., None]).all(-1)
        stays, goes = (
            p.numeric(rule, "off on p k")(off, on, price, _SIZES) for rule in ("worthy", "unworthy")
        )
        agree.append(np.where(bits, stays, goes).all(-1) == optimal)
    return np.concatenate(agree)


def _rising() -> Mask:
    """Size and cost of the best set, of equals the first, at each price and the next."""
    costs, sizes = tables(3, 3), vertices(3) @ _SIZES
    best = [(costs + price * sizes).argmin(1) for price in _PRICES]
    rows = np.arange(len(costs))
    return np.concatenate(
        [
            (sizes[dear] <= sizes[cheap]) & (costs[rows, dear] >= costs[rows, cheap])
            for cheap, dear in pairwise(best)
        ]
    )
