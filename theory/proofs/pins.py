"""What pins a statement: points on its edges, and a point at which it fails without a premise.

Everything here is evaluated at given points, exactly where numbers are rational and to 60 digits
where not; no solver is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from theory.formula import inequalities
from theory.statement import Convenience, Lemma
from theory.verdict import Gap, PremiseResult

if TYPE_CHECKING:
    import sympy as sp

    from theory.proofs.proof import Proof

NEAR = 0.02  # how close to its edge a point must come to pin a strict inequality
_ZERO = 1e-40


def holds(relation: Any, place: Mapping[sp.Symbol, sp.Expr]) -> bool | None:
    """Whether a relation holds at a place; None if the place leaves a symbol open."""
    import sympy as sp

    relation = sp.sympify(relation)
    if relation in (sp.true, sp.false):
        return bool(relation)
    if isinstance(relation, (sp.And, sp.Or)):
        parts = [holds(part, place) for part in relation.args]
        decisive = isinstance(relation, sp.Or)
        return decisive if decisive in parts else None if None in parts else not decisive
    if isinstance(relation, sp.Not):
        inner = holds(relation.args[0], place)
        return None if inner is None else not inner
    if isinstance(relation, sp.Implies):
        return holds(sp.Or(sp.Not(relation.args[0]), relation.args[1]), place)
    if isinstance(relation, sp.Equivalent):
        left, right = (holds(part, place) for part in relation.args)
        return None if None in (left, right) else left == right
    side = sign(relation.lhs - relation.rhs, place)
    if side is None:
        return None
    return {
        sp.Gt: side > 0,
        sp.Ge: side >= 0,
        sp.Lt: side < 0,
        sp.Le: side <= 0,
        sp.Eq: side == 0,
        sp.Ne: side != 0,
    }[relation.func]


def sign(expression: sp.Expr, place: Mapping[sp.Symbol, sp.Expr]) -> int | None:
    """The sign of an expression at a place; 0 only if it vanishes to 40 digits."""
    free = expression.free_symbols
    if not free <= place.keys():
        return None
    return _sign(expression, frozenset((symbol, place[symbol]) for symbol in free))


@cache
def _sign(expression: sp.Expr, place: frozenset[tuple[sp.Symbol, sp.Expr]]) -> int | None:
    """The sign at a place of just the expression's symbols, kept: each lemma asks for it again."""
    import sympy as sp

    value = expression.xreplace(dict(place))
    if not value.is_Rational:
        value = sp.N(value, 60, maxn=200)
        if value in (sp.oo, -sp.oo):  # a limit
            return 1 if value == sp.oo else -1
        if not value.is_real or value.has(sp.nan, sp.zoo):
            return None
    return 0 if abs(value) < _ZERO else (1 if value > 0 else -1)


def premises(p: Proof) -> list[PremiseResult]:
    """Each premise with its witness, or why none is given."""
    return [_premise(p, name) for name in p.statement.premises]


def _premise(p: Proof, name: str) -> PremiseResult:
    statement = p.statement
    premise = statement.premises[name]
    formula_shown = statement.show(name)
    if isinstance(premise, Convenience):
        return PremiseResult(name, formula_shown, "convenience", premise.reason, "")
    part, point = premise.fails
    place, fault = p.place(point), ""
    for other in statement.premises:
        truth = holds(p.relation(other, full=True), place)
        if other == name and truth is not False:
            fault = f"the witness does not violate {name}"
        elif other != name and truth is not True:
            fault = f"the witness does not satisfy {other}"
    if not admitted(p, place, ()):
        fault = "the witness leaves the domain"
    if holds(p.relation(part, full=True), place) is not False:
        fault = f"{part} does not fail at the witness"
    lemma = statement.lemmas.get(part)
    if isinstance(lemma, Lemma) and not all(
        holds(p.relation(item, full=True), place) for item in lemma.given if item != name
    ):
        fault = f"the witness is not one of {part}"
    at = ", ".join(f"{statement.show(key)} = {value}" for key, value in point.items())
    return PremiseResult(
        name, formula_shown, "needed", f"without it {statement.show(part)} fails at {at}", fault
    )


def gaps(p: Proof) -> Iterator[Gap]:
    """Points that the statement does not admit, and inequalities that no point pins."""
    statement = p.statement
    places = [p.place(point) for point in statement.points]
    # A conclusion with facts of its own is pinned where these hold, as a lemma is.
    bare = [name for name, part in statement.conclusions.items() if not isinstance(part, Lemma)]
    for number, place in enumerate(places, 1):
        for name in statement.premises:
            if holds(p.relation(name, full=True), place) is False:
                yield Gap(name, f"excludes point {number}")
        for bound in statement.bounds:
            if holds(p.relation(bound.name, full=True), place) is False:
                yield Gap(bound.name, f"excludes point {number}")
        for name in bare:
            relation = statement.relation(name)
            if relation and holds(p.relation(name, full=True), place) is False:
                yield Gap(name, f"is false at point {number}")
    inside = [place for place in places if admitted(p, place, tuple(statement.premises))]
    for bound in statement.bounds:
        yield from _unpinned(p, bound.name, bound.name, inside)
        yield from _tight(p, bound.name, bound.name, inside)
    for name in (*statement.premises, *bare):
        relation = statement.relation(name)
        if relation:
            yield from _unpinned(p, name, relation, inside)
            if name in statement.premises:
                yield from _tight(p, name, relation, inside)
    for name, lemma in (*statement.conclusions.items(), *statement.lemmas.items()):
        if isinstance(lemma, Lemma):
            yield from _lemma_gaps(p, name, lemma, places)


def _lemma_gaps(p: Proof, name: str, lemma: Lemma, places: Sequence[Any]) -> Iterator[Gap]:
    own = [p.place(point) for point in lemma.points]
    for number, place in enumerate(own, 1):
        if not admitted(p, place, lemma.given):
            yield Gap(name, f"does not admit its point {number}")
    inside = [place for place in (*places, *own) if admitted(p, place, lemma.given)]
    if any(holds(p.relation(name, full=True), place) is False for place in inside):
        yield Gap(name, "is false at a point")
    known = {*p.statement.premises, *p.statement.lemmas, *p.statement.conclusions}
    for item in lemma.given:
        if item not in known:
            relation = p.statement.definitions.get(item, item)
            yield from _unpinned(p, name, relation, inside)
            yield from _tight(p, name, relation, inside)
    yield from _unpinned(p, name, p.statement.definitions.get(lemma.then, lemma.then), inside)


def admitted(p: Proof, place: Mapping[Any, Any], given: Sequence[str]) -> bool:
    """Whether a place satisfies all bounds of its symbols, and all given that it settles."""
    relations = [*(bound.name for bound in p.statement.bounds), *given]
    return all(holds(p.relation(text, full=True), place) is not False for text in relations)


def _unpinned(p: Proof, name: str, text: str, places: Sequence[Any]) -> Iterator[Gap]:
    if name in p.statement.loose:
        return
    for left, operator, right in inequalities(text):
        difference = p.relation(f"({left}) - ({right})", full=True)
        sides = [p.relation(side, full=True) for side in (left, right)]
        if not any(_on_edge(difference, sides, operator, place) for place in places):
            edge = "met with equality" if operator in "≤≥" else "nearly met"
            yield Gap(
                name,
                f"{p.statement.show(f'{left} {_plain(operator)} {right}')} is {edge} at no point",
            )


def _tight(p: Proof, name: str, text: str, places: Sequence[Any]) -> Iterator[Gap]:
    """What is assumed must hold with room to spare somewhere, lest it be an equation in truth."""
    if name in p.statement.loose:
        return
    for left, operator, right in inequalities(text):
        difference = p.relation(f"({left}) - ({right})", full=True)
        wanted = -1 if operator in "<≤" else 1
        if not any(sign(difference, place) == wanted for place in places):
            yield Gap(
                name,
                f"{p.statement.show(f'{left} {_plain(operator)} {right}')} holds with"
                " room to spare at no point",
            )


def _on_edge(
    difference: sp.Expr, sides: Sequence[sp.Expr], operator: str, place: Mapping[Any, Any]
) -> bool:
    import sympy as sp

    if difference.free_symbols - set(place):
        return False
    if sign(difference, place) == 0:
        # 0 ≤ 0 would be met by 0 ≤ 2·0 as well, unless that side is 0 for good.
        scaled = all(side.free_symbols and sign(side, place) == 0 for side in sides)
        return operator in "≤≥" and not scaled
    if operator in "≤≥":
        return False
    sizes = [abs(sp.N(side.xreplace(place))) for side in sides]
    if not all(size.is_real for size in sizes):
        return False
    scale = 1 if 0 in sizes else max(sizes)
    return bool(abs(sp.N(difference.xreplace(place))) <= NEAR * scale)


def _plain(operator: str) -> str:
    return {"≤": "<=", "≥": ">="}.get(operator, operator)
