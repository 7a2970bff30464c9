"""Claims D3 and D4: what a unit that stays is worth, and how many can stay.

Claim D4x is a counterexample: it shows that a stronger wording of D4 is false.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from theory.ledger import Evidence, claim
from theory.proofs.determinism import (
    SOURCE,
    extend,
    neighbours,
    numeric,
    off_and_on,
    tables,
    vertices,
)
from theory.proofs.tools import cases, decide, identity, parse, symbols


@dataclass(frozen=True)
class SurvivalFormulas:
    """What claim D3 states, with C(ξ_i=0) = off, C(ξ_i=1) = on, and worth = their difference."""

    worth: str = "off - on"
    kept: str = "worth >= c"
    dropped: str = "worth <= c"


_SURVIVAL = SurvivalFormulas()


@claim(
    "D3",
    "At a coordinate-wise optimal vertex each active unit is worth at least its price, "
    "C(ξ_i=0) − C(ξ_i=1) ≥ c, and each inactive one at most; and these conditions suffice.",
    supports=("A3", "A5"),
    source=SOURCE,
    formulas=_SURVIVAL,
    controls={
        "worth with the wrong sign": replace(_SURVIVAL, worth="on - off"),
        "half the price": replace(_SURVIVAL, kept="worth >= c/2"),
        "active only if worth more": replace(_SURVIVAL, kept="worth > c"),
        "inactive only if worth less": replace(_SURVIVAL, dropped="worth < c"),
        "twice the price": replace(_SURVIVAL, dropped="worth <= 2*c"),
    },
)
def survival(f: SurvivalFormulas) -> Iterator[Evidence]:
    """One flip changes the objective by worth − c if it switches off, by c − worth if on."""
    import sympy as sp

    (c,) = symbols("c")
    off, on, name = sp.symbols("off on worth", real=True)
    worth = parse(f.worth, off, on)
    kept, dropped = (parse(rule, name, c).subs(name, worth) for rule in (f.kept, f.dropped))
    yield decide([on + c <= off], kept, "active and optimal: worth at least c")
    yield decide([kept], on + c <= off, "worth at least c: active is optimal")
    yield decide([on + c >= off], dropped, "inactive and optimal: worth at most c")
    yield decide([dropped], on + c >= off, "worth at most c: inactive is optimal")
    yield from _every_optimal_vertex(f)


def _every_optimal_vertex(f: SurvivalFormulas) -> Iterator[Evidence]:
    costs, bits = tables(3, 3), vertices(3)
    worth = numeric(f.worth, "off on")(*off_and_on(costs))
    for price in (0.5, 1.0, 1.5):
        total = costs + price * bits.sum(-1)
        optimal = (total[:, neighbours(3)] >= total[..., None]).all(-1)
        kept, dropped = (numeric(rule, "worth c")(worth, price) for rule in (f.kept, f.dropped))
        yield cases(np.where(bits, kept, dropped).all(-1) == optimal,
                    f"every cost over 3 gates with values 0, 1, 2; c = {price:g}", core=False)


@dataclass(frozen=True)
class SizeFormulas:
    """What claim D4 states, with the cost C, C(0) = C0, price c, N samples and K classes."""

    bound: str = "(C0 - C)/c"
    empty: str = "N*log(K)"
    as_good_as_empty: bool = True
    diminishing: bool = True


_SIZE = SizeFormulas()


@claim(
    "D4",
    "Where the objective is at most that of the empty network, Σθ_i ≤ (C(0) − C)/c ≤ N ln K/c "
    "for K classes with zero logits, whatever the starting width. If marginal values diminish, "
    "that holds at every coordinate-wise optimal vertex.",
    supports=("A4",),
    source=SOURCE,
    formulas=_SIZE,
    controls={
        "C(0)/c alone": replace(_SIZE, bound="C0/c"),
        "half the bound": replace(_SIZE, bound="(C0 - C)/(2*c)"),
        "N K nats for the empty network": replace(_SIZE, empty="N*K"),
        "any point at all": replace(_SIZE, as_good_as_empty=False),
        "marginal values need not diminish": replace(_SIZE, diminishing=False),
    },
)
def size(f: SizeFormulas) -> Iterator[Evidence]:
    """Its own price must not exceed what the network saves; C ≥ 0, as −ln of a probability.

    With diminishing marginal values: switch the m active gates of a coordinate-wise optimal
    vertex on, one after the other, from the empty network. Each saves at least what it is worth
    at the vertex, where all the others are on, and that is at least c (claim D3). So
    C(0) − C ≥ mc, and the objective there is at most that of the empty network.
    """
    import sympy as sp

    c, samples, classes = symbols("c N K")
    total, cost, penalty, empty = sp.symbols("S C W C0", nonnegative=True)
    bound = parse(f.bound, empty, cost, c)
    objective = cost + penalty + c * total
    given = [objective <= empty] if f.as_good_as_empty else []
    yield decide(given, sp.And(total <= bound, bound <= empty / c), "the size is bounded")
    yield identity(objective.subs({total: bound, penalty: 0}), empty, "attained without penalty")
    k = sp.Symbol("k", integer=True)
    classes_sum = sp.summation(sp.exp(0), (k, 1, classes))
    yield identity(-samples * sp.log(sp.exp(0) / classes_sum), parse(f.empty, samples, classes),
                   "the cost of zero logits", at=[{classes: 10}])
    yield _random_points(f)
    yield _diminishing(f)


def _random_points(f: SizeFormulas) -> Evidence:
    """Points of the cube, up to 10 gates, that are as good as the empty network."""
    rng = np.random.default_rng(3)
    empty = float(numeric(f.empty, "N K")(50, 10))
    within = []
    for n in range(1, 11):
        costs = rng.uniform(0, 1.2 * empty, size=(40, 2**n))
        costs[:, 0] = empty
        theta = rng.beta(0.3, 0.3, size=(200, 1, n))
        price = rng.uniform(0.01, 0.5, size=(200, 1)) * empty
        expected = extend(costs, theta)
        accepted = expected + price * theta.sum(-1) <= empty
        bound = numeric(f.bound, "C0 C c")(empty, expected, price)
        within.append((theta.sum(-1) <= bound + 1e-9)[accepted])
    return cases(np.concatenate(within), "random points as good as the empty network", core=False)


def _diminishing(f: SizeFormulas) -> Evidence:
    """Every cost over 3 gates with values 0 to 3 whose marginal values diminish."""
    costs, bits, across = tables(3, 4), vertices(3), neighbours(3)
    worth = np.subtract(*off_and_on(costs))
    fewer_on = worth[:, across] >= worth[:, :, None]
    if f.diminishing:
        diminishing = (fewer_on | ~bits[..., None]).all((1, 2, 3))
        costs, worth = costs[diminishing], worth[diminishing]
    prices = np.array([0.5, 1, 1.5, 2])[:, None, None]
    optimal = np.where(bits, worth >= prices[..., None], worth <= prices[..., None]).all(-1)
    bound = numeric(f.bound, "C0 C c")(costs[:, :1], costs, prices)
    return cases((bits.sum(-1) <= bound)[optimal], "optimal vertices, diminishing marginal values")


@dataclass(frozen=True)
class ConjunctionFormulas:
    """The counterexample of claim D4x: a cost when k of n gates are on, with C(0) = Λ."""

    cost: str = "Λ*(1 - floor(k/n))"
    scale: str = "2*c"
    gates: int = 100


_CONJUNCTION = ConjunctionFormulas()


@claim(
    "D4x",
    "It is false that every coordinate-wise optimal vertex has at most (C(0) − C)/c active units: "
    "with all 100 gates of an AND on, each alone is worth Λ = 2c, yet together they are worth 2c "
    "too, and cost 100c.",
    supports=("A4",),
    source=SOURCE,
    formulas=_CONJUNCTION,
    controls={
        "an OR": replace(_CONJUNCTION, cost="Λ*(1 - ceiling(k/n))"),
        "a sum": replace(_CONJUNCTION, cost="Λ*(1 - k/n)"),
        "worth less than its price": replace(_CONJUNCTION, scale="c/2"),
        "worth more than all prices": replace(_CONJUNCTION, scale="100*c"),
    },
)
def conjunction(f: ConjunctionFormulas) -> Iterator[Evidence]:
    """All gates are alike, so one flip at the vertex stands for every one."""

    c, k, n, scale = symbols("c k n Λ")
    cost = parse(f.cost, k, n, scale).subs({scale: parse(f.scale, c), n: f.gates})
    empty, full, one_off = (cost.subs(k, count) for count in (0, f.gates, f.gates - 1))
    yield decide([], one_off - full >= c, "all on is coordinate-wise optimal")
    yield decide([], (empty - full) / c < f.gates, "more gates are on than (C(0) − C)/c")
    yield decide([], full + c * f.gates > empty, "the empty network is better")
