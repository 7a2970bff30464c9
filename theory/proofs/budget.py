"""Claims B1 and B2: what a price keeps, and how a price is found for a budget.

Claim B2x is a counterexample: it shows what is lost where worths depend on each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from theory._types import Array, Mask
from theory.budget import found, kept
from theory.ledger import claim
from theory.proofs.cube import neighbours, off_and_on, tables, vertices
from theory.proofs.proof import Proof
from theory.statement import Argued, Lemma, Needed, Statement, Worded
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
        "active": Argued("a gate is best open if and only if {worthy}",
                         ("open: needed", "open: enough", "every cost")),
        "inactive": Argued("best closed if and only if {unworthy}",
                           ("closed: needed", "closed: enough", "every cost")),
        "least": Argued("no set of the cost {A} and a size {B} that fits, {fits}, is cheaper",
                        ("no cheaper",)),
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
        {"p": 1, "k": 1, "q": "101/100", "S": 2, "B": 2, "T": 2, "C": 1, "A": 1, "D": 1,
         "off": 2, "on": 1},
        {"p": 1, "k": 2, "q": 3, "S": 3, "B": 2, "T": 1, "C": 1, "A": 9, "D": 4,
         "off": 5, "on": 1},
        {"p": "1/100", "k": "1/100", "q": 1, "S": -1, "B": -2, "T": -2, "C": -1, "A": 0,
         "D": -1, "off": -1, "on": -1},
    ),
)


@claim(
    "B1",
    MULTIPLIER,
    supports=("A1",),
    source=SOURCE,
    controls={
        "a price without sizes": Control({"worthy": "W >= p"}, by="open: needed"),
        "charged by the unit": Control({"best_on": "on + p <= off"}, by="open: enough"),
        "closed only if worth less": Control({"unworthy": "W/k < p"}, by="closed: needed"),
        "twice the price": Control({"unworthy": "W/k <= 2*p"}, by="closed: enough"),
        "worth with the wrong sign": Control({"W": "on - off"}, by="every cost"),
        "larger sets too": Control({"fits": "B >= S"}, by="no cheaper"),
        "best by cost and half the price": Control({"best_at_p": "C + p*S/2 <= A + p*B"},
                                                   by="no cheaper"),
        "at a lower price": Control({"no larger": Lemma(
            ("p_against_q", "q_against_p", "q < p"), "T <= S")}, by="no larger"),
        "cheaper at a higher price": Control({"not cheaper": "D <= C"}, by="not cheaper"),
        "best at one of the prices only": Control({"no larger": Lemma(
            ("p_against_q", "q > p"), "T <= S")}, by="no larger"),
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
        stays, goes = (p.numeric(rule, "off on p k")(off, on, price, _SIZES)
                       for rule in ("worthy", "unworthy"))
        agree.append(np.where(bits, stays, goes).all(-1) == optimal)
    return np.concatenate(agree)


def _rising() -> Mask:
    """Size and cost of the best set, of equals the first, at each price and the next."""
    costs, sizes = tables(3, 3), vertices(3) @ _SIZES
    best = [(costs + price * sizes).argmin(1) for price in _PRICES]
    rows = np.arange(len(costs))
    return np.concatenate([
        (sizes[dear] <= sizes[cheap]) & (costs[rows, dear] >= costs[rows, cheap])
        for cheap, dear in pairwise(best)
    ])


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
            "one unit", ("nested", "gap", "every budget")),
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


@claim(
    "B2",
    INDEPENDENT,
    supports=("A1",),
    source=SOURCE,
    controls={
        "a reward for size": Control({"J": "(-p*k - W)*θ"}, by="closed is best"),
        "open below the price": Control({"worthy": "W >= p*k/2"}, by="open is best"),
        "closed up to twice the price": Control({"unworthy": "W <= 2*p*k"}, by="closed is best"),
        "what stays at a lower price": Control(
            {"nested": Lemma(("stays_at_q", "q <= p"), "worthy")}, by="nested"),
        "to within half a unit": Control({"nearly": "B - (s - k) < k/2"}, by="gap"),
        "one unit too many": Control({"above": "s > B - k"}, by="gap"),
        "the first that stays goes too": Control(
            {"found": lambda worth, size, budget: found(worth, size, budget - 1)},
            by="every budget"),
        "by worth alone": Control(
            {"found": lambda worth, size, budget: _by_worth(worth, size, budget)},
            by="every budget"),
        "more is kept than is worthy": Control(
            {"kept": lambda worth, size, price: kept(worth, size, price / 2)},
            by="every budget"),
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
    """What bisection finds, beside all sets that fit the budget, and beside what a price keeps.

    Worths for their size are all different: else it is not said which of two units goes first.
    """
    size, bits = np.array([1.0, 2.0, 3.0, 4.0]), vertices(4)
    sizes, holds = bits @ size, []
    for each in ((1.0, 2.0, 3.0, 4.0), (4.0, 3.0, 2.0, 1.0), (2.5, -1.0, 3.0, 0.5)):
        worth = np.array(each) * size
        for budget in range(11):
            mask = p["found"](worth, size, budget)
            left, goes = sizes[bits.tolist().index(mask.tolist())], ~mask
            last = np.where(goes, each, -np.inf).argmax()  # of those that went
            at = p["kept"](worth, size, each[last] + 0.25 if goes.any() else -2.0)
            fitting = sizes <= left
            holds.append((mask == at).all() and left <= budget
                         and (not goes.any() or left + size[last] > budget)
                         and (bits[fitting] @ worth).max() <= worth[mask].sum() + 1e-12
                         if worth[mask].min(initial=0.0) >= 0 else left <= budget)
    return np.array(holds)


def _by_worth(worth: Array, size: Array, budget: float) -> Mask:
    """A wrong way: units go in the order of their worth, whatever their size."""
    order = np.argsort(worth)
    mask = np.ones(len(order), dtype=bool)
    for unit in order:
        if size[mask].sum() <= budget:
            break
        mask[unit] = False
    return mask


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
        "cheap": Needed("p < b - a", fails=("two", {
            "p": 3, "q": 4, "a": 5, "b": 7, "Λ": 1, "k": 1, "n": 2})),
        "dear": Needed("q > b - a", fails=("one", {
            "p": "1/2", "q": 1, "a": 3, "b": 5, "Λ": 1, "k": 1, "n": 2})),
        "low": Needed("q < a", fails=("one", {
            "p": "1/2", "q": 4, "a": 3, "b": 5, "Λ": 1, "k": 1, "n": 2})),
        "some": Needed("k > 0", fails=("none or all", {
            "p": 1, "q": 2, "a": 3, "b": "9/2", "Λ": -1, "k": 0, "n": 2})),
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
    supports=("A1",),
    source=SOURCE,
    controls={
        "two that save no more than one": Control({"cheap": None}, by="two"),
        "the price of the two": Control({"dear": None}, by="one"),
        "any price above": Control({"low": None}, by="one"),
        "the two at the higher price": Control(
            {"two": "b - 2*q > Max(0, a - q, -q, a - 2*q, b - 3*q)"}, by="two"),
        "the one at the lower price": Control(
            {"one": "a - p > Max(0, b - 2*p, -p, a - 2*p, b - 3*p)"}, by="one"),
        "none of them too": Control({"some": "k >= 0"}, by="none or all"),
        "a sum, not an AND": Control({"part": "p*k - k*Λ/n"}, by="none or all"),
    },
)
def dependent(p: Proof) -> Iterator[Evidence]:
    """All sets of the three units, by what they save less what they are charged."""
    yield p.decide("two", given=("cheap", "dear", "low"))
    yield p.decide("one", given=("cheap", "dear", "low"))
    yield p.decide("none or all", given=("some",))
