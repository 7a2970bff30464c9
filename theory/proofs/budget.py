"""Claim B2: how a price is found for a budget where no unit's worth depends on the others.

Claim B2x is a counterexample: it shows what is lost where worths do depend on each other.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from theory._types import Mask
from theory.budget import found, kept
from theory.ledger import claim
from theory.proofs.cube import vertices
from theory.proofs.multiplier import SOURCE
from theory.proofs.proof import Proof
from theory.statement import Argued, Lemma, Needed, Statement, Worded
from theory.verdict import Control, Evidence

INDEPENDENT = Statement(
    text="Where no unit's worth {W} depends on the others, its gate's part of the objective at a "
    "price {p} is {J=} for the size {k}, and {open}, {closed}: the best set is what no flip "
    "improves. What stays at a higher price {q} stays at a lower one, {nested}, so that as the "
    "price rises units go in the order of their worth for their size, and what is left only "
    "shrinks. {bisection}: the rest, {s} less {k}, is smaller than the budget {B} by less than "
    "that last unit, {gap}.",
    symbols="p, k > 0; 0 <= θ <= 1; q, W, s, B",
    definitions={
        "J": "(p*k - W)*θ",
        "worthy": "W >= p*k",
        "unworthy": "W <= p*k",
        "stays_at_q": "W >= q*k",
        "above": "s > B",
        "within": "s - k <= B",
        "nearly": "B - (s - k) < k",
    },
    conclusions={
        "open": Argued("open is best where {worthy}", ("open is best",)),
        "closed": Argued("closed where {unworthy}", ("closed is best",)),
        "nested": Lemma(("stays_at_q", "q >= p"), "worthy"),
        "bisection": Argued(
            "Bisection over that order finds the last unit that must go for a budget, to within "
            "one unit",
            ("nested", "gap", "every budget"),
        ),
        "gap": Lemma(("above", "within"), "nearly"),
    },
    lemmas={
        "open is best": Lemma(("worthy",), "at(J, θ=1) <= J"),
        "closed is best": Lemma(("unworthy",), "at(J, θ=0) <= J"),
        "every budget": Worded("no exception among networks of four units, and their budgets"),
    },
    points=(
        {"p": 1, "k": 2, "θ": 0, "q": 1, "W": 2, "s": 5, "B": 3},
        {"p": 1, "k": 2, "θ": 1, "q": 2, "W": 9, "s": "301/100", "B": 3},
        {"p": "1/100", "k": "1/100", "θ": "1/2", "q": 0, "W": -1, "s": 0, "B": "-1/200"},
    ),
    code={"kept": kept, "found": found},
)


def _by_worth(worth: ArrayLike, size: ArrayLike, budget: float) -> Mask:
    """A wrong way: units go in the order of their worth, whatever their size."""
    worth, size = np.asarray(worth), np.asarray(size)
    stays = np.ones(len(worth), dtype=bool)
    for unit in worth.argsort():
        stays[unit] = size[stays].sum() <= budget
    return stays


@claim(
    "B2",
    INDEPENDENT,
    supports=("A5",),
    source=SOURCE,
    controls={
        "a reward for size": Control({"J": "(-p*k - W)*θ"}, by="closed is best"),
        "open below the price": Control({"worthy": "W >= p*k/2"}, by="open is best"),
        "closed up to twice the price": Control({"unworthy": "W <= 2*p*k"}, by="closed is best"),
        "what stays at a lower price": Control(
            {"nested": Lemma(("stays_at_q", "q <= p"), "worthy")}, by="nested"
        ),
        "to within half a unit": Control({"nearly": "B - (s - k) < k/2"}, by="gap"),
        "one unit too many": Control({"above": "s > B - k"}, by="gap"),
        "the first that stays goes too": Control(
            {"found": lambda worth, size, budget: found(worth, size, budget - 1)}, by="every budget"
        ),
        "by worth alone": Control({"found": _by_worth}, by="every budget"),
        "more is kept than is worthy": Control(
            {"kept": lambda worth, size, price: kept(worth, size, price / 2)}, by="every budget"
        ),
    },
)
def independent(p: Proof) -> Iterator[Evidence]:
    """One gate at a time, since the objective is a sum of such parts."""
    yield p.decide("open is best")
    yield p.decide("closed is best")
    yield p.decide("nested")
    yield p.decide("gap")
    yield p.cases("every budget", _every_budget(p))


def _every_budget(p: Proof) -> Mask:
    """What bisection finds, beside what a price keeps, and beside all sets that are as small."""
    size, bits, holds = np.array([1.0, 2.0, 3.0, 4.0]), vertices(4), []
    for each in ((1.0, 2.0, 3.0, 4.0), (4.0, 3.0, 2.0, 1.0), (2.5, 0.5, 3.0, 1.5)):
        worth = np.array(each) * size
        for budget in range(11):
            stays = p["found"](worth, size, budget)
            last = np.where(stays, 0, each).argmax()  # of those that went the one worth most
            fits = size[stays].sum() <= budget
            one_more = stays.all() or size[stays].sum() + size[last] > budget
            price = 0 if stays.all() else each[last] + 0.25
            as_kept = (stays == p["kept"](worth, size, price)).all()
            others = worth @ bits[bits @ size <= size[stays].sum()].T
            holds.append(fits and one_more and as_kept and others.max() <= worth[stays].sum())
    return np.array(holds)


DEPENDENT = Statement(
    text="It is false without ‘depends on no other’ that the kept sets are nested, and that a "
    "price finds every budget to within one unit. Substitutes: one unit saves {a}, two others "
    "save {b} together and nothing apart, and all three save {b}; all are of one size. At a price "
    "{p}, {cheap}, the two are best: {two}; at a price {q} with {dear} and {low} the one: {one}. "
    "So it stays at the higher price, and not at the lower. Complements: {n} gates save {Λ} "
    "together and nothing if one is closed; with {k} of them open, {some}, the objective {part} is "
    "above that of all or of none, {none or all}, at every price, so no price keeps {k} units.",
    symbols="p > 0; q, a, b, Λ; k, n",
    definitions={"part": "p*k"},
    premises={
        "cheap": Needed(
            "p < b - a", fails=("two", {"p": 3, "q": 4, "a": 5, "b": 7, "Λ": 1, "k": 1, "n": 2})
        ),
        "dear": Needed(
            "q > b - a", fails=("one", {"p": "1/2", "q": 1, "a": 3, "b": 5, "Λ": 1, "k": 1, "n": 2})
        ),
        "low": Needed(
            "q < a", fails=("one", {"p": "1/2", "q": 4, "a": 3, "b": 5, "Λ": 1, "k": 1, "n": 2})
        ),
        "some": Needed(
            "k > 0",
            fails=("none or all", {"p": 1, "q": 2, "a": 3, "b": "9/2", "Λ": -1, "k": 0, "n": 2}),
        ),
    },
    conclusions={
        "two": "b - 2*p > Max(0, a - p, -p, a - 2*p, b - 3*p)",
        "one": "a - q > Max(0, b - 2*q, -q, a - 2*q, b - 3*q)",
        "none or all": "part > Min(0, n*p - Λ)",
    },
    points=(
        {"p": "99/100", "q": "101/100", "a": 3, "b": 4, "Λ": 2, "k": "1/100", "n": 2},
        {"p": "1/100", "q": "298/100", "a": 3, "b": 5, "Λ": "1/100", "k": "1/100", "n": 2},
    ),
)


@claim(
    "B2x",
    DEPENDENT,
    supports=("A5",),
    source=SOURCE,
    controls={
        "two that save no more than one": Control({"cheap": None}, by="two"),
        "the price of the two": Control({"dear": None}, by="one"),
        "any price above": Control({"low": None}, by="one"),
        "the two at the higher price": Control(
            {"two": "b - 2*q > Max(0, a - q, -q, a - 2*q, b - 3*q)"}, by="two"
        ),
        "the one at the lower price": Control(
            {"one": "a - p > Max(0, b - 2*p, -p, a - 2*p, b - 3*p)"}, by="one"
        ),
        "none of them too": Control({"some": "k >= 0"}, by="none or all"),
        "a sum, not an AND": Control({"part": "p*k - k*Λ/n"}, by="none or all"),
    },
)
def dependent(p: Proof) -> Iterator[Evidence]:
    """All sets of the three units, by what they save less what they are charged."""
    yield p.decide("two", given=("cheap", "dear", "low"))
    yield p.decide("one", given=("cheap", "dear", "low"))
    yield p.decide("none or all", given=("some",))
