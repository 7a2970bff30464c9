"""Interval arithmetic: an inequality proved over a whole box, by bisecting it.

Each evaluation with mpmath's ``iv`` encloses all values on a box, with rounding outwards; a box on
which the enclosure does not settle the sign is cut in halves along its longest side. It ends where
the inequality holds with a margin; near a place of equality it does not end, and is given up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from theory.verdict import Evidence, Undecided

if TYPE_CHECKING:
    import sympy as sp

MOST_BOXES = 20_000


def enclose(relation: sp.Basic, box: Mapping[sp.Symbol, tuple[Any, Any]], name: str) -> Evidence:
    """Prove an inequality on a box.

    Args:
        relation: one inequality between expressions that mpmath's ``iv`` evaluates.
        box: symbol -> (low, high), numbers or texts of rationals.
        name: what is looked at.

    Raises:
        Undecided: if boxes are left after ``MOST_BOXES``.
    """
    import sympy as sp
    from mpmath import iv

    if not isinstance(relation, (sp.Gt, sp.Ge, sp.Lt, sp.Le)):
        raise TypeError(f"{name} is no single inequality: {relation}")
    larger, smaller = relation.gts, relation.lts
    symbols = sorted(box, key=str)
    margin = sp.lambdify(symbols, larger - smaller, modules=[_functions(iv), "mpmath"])
    ends = [[sp.Rational(str(end)) for end in box[symbol]] for symbol in symbols]
    waiting, looked = [ends], 0
    while waiting:
        sides = waiting.pop()
        looked += 1
        value = margin(*(iv.mpf([_mpf(iv, low).a, _mpf(iv, high).b]) for low, high in sides))
        if value.b < 0:
            place = ", ".join(
                f"{symbol} in [{low}, {high}]" for symbol, (low, high) in zip(symbols, sides)
            )
            return Evidence("proved", name, "interval arithmetic", False, f"violated for {place}")
        if value.a > 0:
            continue
        if looked > MOST_BOXES:
            raise Undecided(f"{name}: {MOST_BOXES} boxes do not settle it")
        longest = max(range(len(sides)), key=lambda k: sides[k][1] - sides[k][0])
        low, high = sides[longest]
        for half in ((low, (low + high) / 2), ((low + high) / 2, high)):
            waiting.append([*sides[:longest], list(half), *sides[longest + 1 :]])
    return Evidence(
        "proved",
        name,
        "interval arithmetic",
        True,
        f"holds with a margin on each of {looked} boxes",
    )


def _mpf(iv: Any, value: sp.Rational) -> Any:
    return iv.mpf(int(value.p)) / int(value.q)


def _functions(iv: Any) -> dict[str, Any]:
    return {name: getattr(iv, name) for name in ("exp", "log", "sqrt", "cos", "sin")} | {
        "mpf": iv.mpf
    }
