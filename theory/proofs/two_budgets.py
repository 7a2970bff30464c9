"""Claim B3: two budgets at once, and how their two prices are found."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np

from theory._types import Mask
from theory.budget import found, found_for_both
from theory.ledger import claim
from theory.proofs.cube import vertices
from theory.proofs.multiplier import SOURCE
from theory.proofs.proof import Proof
from theory.statement import Argued, Lemma, Statement, Worded
from theory.verdict import Control, Evidence

TWO = Statement(
    text="Two budgets have a multiplier each. If a set of the cost {C} and of the sizes {S} and "
    "{T} is the best of all at the prices {p} and {q} for each unit of either, {least}. When the "
    "prices shift from the first size to the second, to {u} with {lower} and {v} with {higher}, "
    "{shifted}. So bisection over that shift looks for a set that keeps both budgets, and "
    "where no unit's worth depends on the others, {sound}.",
    symbols="p > 0; q, u, v >= 0; C, S, T, A, B, F, D, M, N",
    definitions={
        "best": "C + p*S + q*T <= A + p*B + q*F",
        "best_before": "C + p*S + q*T <= D + p*M + q*N",
        "best_after": "D + u*M + v*N <= C + u*S + v*T",
        "fits": "B <= S",
        "fits_too": "F <= T",
        "lower": "u < p",
        "higher": "v >= q",
        "no_less_second": "N >= T",
        "no_less_first": "M >= S",
    },
    conclusions={
        "least": Argued(
            "no set of the cost {A} and of sizes {B} and {F} that fit, {fits} and {fits_too}, is "
            "cheaper",
            ("no cheaper",),
        ),
        "shifted": Argued(
            "a set that is best then, with {D}, {M} and {N}, and has no less of the second, "
            "{no_less_second}, has no less of the first, {no_less_first}",
            ("no exchange",),
        ),
        "sound": Argued(
            "what is left keeps both, breaks one with some unit that went, and is worth most of "
            "all that is as small in both",
            ("every two budgets",),
        ),
    },
    lemmas={
        "no cheaper": Lemma(("best", "fits", "fits_too"), "A >= C"),
        "no exchange": Lemma(
            ("best_before", "best_after", "lower", "higher", "no_less_second"), "no_less_first"
        ),
        "every two budgets": Worded("no exception among networks of four units of two sizes"),
    },
    points=(
        {
            "p": 1, "q": 1, "u": "99/100", "v": 1, "C": 1, "A": 1, "D": 1,
            "S": 2, "B": 2, "M": 2, "T": 3, "F": 3, "N": 3,
        },
        {
            "p": 1, "q": 1, "u": "1/2", "v": 2, "C": 1, "A": 9, "D": -4,
            "S": 3, "B": 2, "M": 8, "T": 3, "F": 2, "N": 4,
        },
        {
            "p": "1/100", "q": 0, "u": 0, "v": 0, "C": -1, "A": 0, "D": -1,
            "S": -1, "B": -2, "M": -1, "T": -1, "F": -2, "N": 0,
        },
    ),
    code={"found_for_both": found_for_both},
)  # fmt: skip


@claim(
    "B3",
    TWO,
    supports=("A5",),
    source=SOURCE,
    controls={
        "larger in the first": Control({"fits": "B >= S"}, by="no cheaper"),
        "larger in the second": Control({"fits_too": "F >= T"}, by="no cheaper"),
        "best with a reward for the second": Control(
            {"best": "C + p*S - q*T <= A + p*B - q*F"}, by="no cheaper"
        ),
        "shifted the other way": Control({"lower": "u > p"}, by="no exchange"),
        "both prices lower": Control({"higher": "v <= q"}, by="no exchange"),
        "less of the second too": Control({"no_less_second": "N <= T"}, by="no exchange"),
        "less of the first": Control({"no_less_first": "M <= S"}, by="no exchange"),
        "the first budget alone": Control(
            {"found_for_both": lambda worth, sizes, budgets: found(worth, sizes[0], budgets[0])},
            by="every two budgets",
        ),
        "half of the budgets": Control(
            {"found_for_both": lambda w, sizes, budgets: found_for_both(w, sizes, budgets / 2)},
            by="every two budgets",
        ),
        "the most worthy go first": Control(
            {"found_for_both": lambda w, sizes, budgets: found_for_both(-w, sizes, budgets)},
            by="every two budgets",
        ),
    },
)
def two_budgets(p: Proof) -> Iterator[Evidence]:
    """Sums of inequalities; and beside all sets there are, what the bisection over prices finds."""
    yield p.decide("no cheaper")
    yield p.decide("no exchange")
    yield p.cases("every two budgets", _every_two(p))


def _every_two(p: Proof) -> Mask:
    """What is found for each pair of budgets, beside all sets that are as small in both sizes."""
    sizes, bits, holds = np.array([[1.0, 2, 3, 4], [4.0, 1, 2, 3]]), vertices(4), []
    for worth in np.array([[1.0, 2.5, 3, 4.5], [4.0, 3, 2, 1], [2.5, 0.5, 3, 1.5]]):
        for budgets in np.array(list(product(range(1, 11), repeat=2)), float):
            stays = p["found_for_both"](worth, sizes, budgets)
            left = sizes[:, stays].sum(1)
            as_small = (bits @ sizes.T <= left).all(1)
            more = left + sizes[:, ~stays].T  # with one of the units that went
            breaks = stays.all() or (more > budgets).any(1).any()
            best = (bits[as_small] @ worth).max() <= worth[stays].sum()
            holds.append((left <= budgets).all() and breaks and best)
    return np.array(holds)
