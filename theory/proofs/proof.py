"""A proof in progress: hands the provers a statement's own formulas by name, and keeps the books.

    def check(p: Proof) -> Iterator[Evidence]:
        yield p.decide("falls")                           Z3 and cvc5: premises ⇒ conclusion
        yield p.identity("rate")                          SymPy: an equation between formulas
        yield p.exact("lifts off", κ=1, c=2)              SymPy: a relation at a point
        yield p.enclose("bound")                          mpmath: an inequality over a box
        yield p.compare("V̄", ours, κ=…, c=…)              the code against the formula's digits
        yield p.cases("simulated", holds)                 many cases

Each makes ``Evidence`` that says which part it establishes, under which premises, and on which
parts of the statement it rests. A premise that the statement does not have must be declared
``narrowed``; then the ledger counts the part as established in part only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from theory._types import Array, Mask
from theory.formula import formula, names, shown_name
from theory.proofs import tools
from theory.proofs.pins import holds
from theory.proofs.solvers import LIMIT
from theory.proofs.symbols import Names, exact_number
from theory.statement import Lemma, Point, Statement
from theory.verdict import Evidence, Undecided, Vacuous

if TYPE_CHECKING:
    import sympy as sp


class Proof:
    """A statement in the hands of the provers; see the module."""

    def __init__(self, statement: Statement, only: str | None = None) -> None:
        """``only`` names the evidence that is wanted; all other is passed over, to save time."""
        self.statement = statement
        self._only = only
        self._touched: set[str] = set()
        self._names: dict[tuple[bool, bool, tuple[str, ...]], Names] = {}
        self._read: dict[tuple[str, bool, bool, tuple[str, ...]], sp.Basic] = {}

    def __getitem__(self, name: str) -> Any:
        """A symbol or definition as a SymPy expression, a part as a relation, or the code."""
        self._touched |= {name}
        if name in self.statement.code:
            return self.statement.code[name]
        if name in self._known():
            self._touched |= self.statement.uses(name)
            return self._known()[name]
        return self.relation(name)

    def relation(
        self, name: str, *, full: bool = False, tied: bool = True, atoms: Sequence[str] = ()
    ) -> sp.Basic:
        """A named part's relation, or that of a formula.

        Args:
            name: of the part, or the formula.
            full: expand coordinates as well.
            tied: express by a coordinate the symbol that it replaces; else both are free, as if
                nothing were known of their connection.
            atoms: definitions left as symbols, of which nothing is known.
        """
        text = self.statement.relation(name) or name
        self._touched |= {name, *self.statement.uses(text)}
        key = (text, full, tied, tuple(atoms))
        if key not in self._read:
            self._read[key] = formula(text, self._known(full, tied, tuple(atoms)))
        return self._read[key]

    def values(self, name: str, **points: ArrayLike) -> Array:
        """A definition's values at real points, by names of symbols, worked out in many digits."""
        self._touched |= {name, *self.statement.uses(name)}
        return tools.evaluate(self._known(full=True)[name], **points)

    def truths(self, name: str, **points: ArrayLike) -> Mask:
        """Where one inequality holds, worked out in many digits at real points."""
        relation = self.relation(name, full=True)
        margin = tools.evaluate(relation.gts - relation.lts, **points)
        return margin > 0 if relation.func.__name__.startswith("Strict") else margin >= 0

    def numeric(self, name: str, arguments: str) -> Callable[..., Any]:
        """A definition or relation in doubles: a NumPy function of blank-separated symbols."""
        import sympy as sp

        expression = self.relation(name, full=True)
        known = self._known(full=True)
        return sp.lambdify([known[symbol] for symbol in arguments.split()], expression, "numpy")

    def decide(
        self,
        name: str,
        *,
        given: Sequence[str] | None = None,
        narrowed: Sequence[str] = (),
        atoms: Sequence[str] = (),
        core: bool = True,
    ) -> Evidence:
        """Decide with both solvers that premises imply a conclusion or lemma.

        Args:
            name: the part.
            given: names of those premises that are enough; a lemma's own, or all, if None.
            narrowed: relations that the statement does not have.
            atoms: definitions of which the solvers are told only what is given, which is easier
                where that is enough. No derivative may occur, as it would see through them.
        """
        if self._passed_over(name):
            return _PASSED_OVER
        facts = self._facts(name, given)
        evidence = self._decide([*self._standing(facts), *narrowed], name, name, tuple(atoms))
        evidence = replace(evidence, core=core)
        return self._book(evidence, name, facts, narrowed)

    def split(
        self, name: str, cases: Mapping[str, str], *, given: Sequence[str] | None = None
    ) -> Evidence:
        """Like ``decide``, case by case; that the cases leave nothing out is decided first."""
        if self._passed_over(name):
            return _PASSED_OVER
        facts = self._facts(name, given)
        premises, options = (
            self._standing(facts),
            " or ".join(f"({case})" for case in cases.values()),
        )
        found = [self._decide(premises, options, f"{name}: no other case")]
        found += [
            self._decide([*premises, case], name, f"{name}: {label}")
            for label, case in cases.items()
        ]
        worst = next((item for item in found if not item.passed), found[0])
        evidence = replace(
            worst,
            name=name,
            detail=worst.detail
            if not worst.passed
            else f"in {len(cases)} cases, premises satisfiable, no exception",
            smt="".join(item.smt for item in found),
        )
        return self._book(evidence, name, facts)

    def identity(self, name: str, *, at: Sequence[Point] = ({},), core: bool = True) -> Evidence:
        """Prove with SymPy a part that is an equation, after trying it in numbers ``at`` points."""
        import sympy as sp

        if self._passed_over(name):
            return _PASSED_OVER
        relation = self.relation(name)
        if not isinstance(relation, sp.Equality):
            raise TypeError(f"{name} is no equation: {relation}")
        places = [
            {self._known()[key]: exact_number(value) for key, value in point.items()}
            for point in at
        ]
        part = self.statement.lemmas.get(name)
        given = part.given if isinstance(part, Lemma) else ()
        for fact in map(self.relation, self._standing(given)):  # such as θ = 0
            if not (isinstance(fact, sp.Equality) and fact.lhs.is_Symbol):
                raise TypeError(f"{name}: an identity uses only values of symbols, not {fact}")
            relation = sp.Eq(
                *(side.subs(fact.lhs, fact.rhs) for side in relation.args), evaluate=False
            )
        evidence = tools.identity(relation.lhs, relation.rhs, name, at=places, core=core)
        return self._book(evidence, name, given)

    def exact(self, name: str, *, core: bool = True, **point: Any) -> Evidence:
        """Evaluate a part exactly, at a point if it has symbols."""
        if self._passed_over(name):
            return _PASSED_OVER
        truth = holds(self.relation(name, full=True), self.place(point))
        if truth is None:
            raise Undecided(f"{name}: SymPy cannot evaluate {self.statement.show(name)}")
        detail = f"evaluates to {str(truth).lower()}"
        return self._book(Evidence("proved", name, "SymPy", truth, detail, core=core), name, ())

    def enclose(self, name: str, box: Mapping[str, tuple[Any, Any]] | None = None) -> Evidence:
        """Prove an inequality over a box by interval arithmetic; see ``theory.proofs.enclose``.

        Args:
            name: the part, an inequality in symbols whose domains are bounded on both sides.
            box: symbol -> (low, high); where it is less than the domain the part is narrowed.
        """
        from theory.proofs.enclose import enclose

        if self._passed_over(name):
            return _PASSED_OVER
        relation = self.relation(name, full=True)
        sides, narrowed = dict(box or {}), []
        for symbol in sorted(relation.free_symbols, key=str):
            ends = {bound.operator[0]: bound.value for bound in self.statement.domain[symbol.name]}
            low, high = sides.setdefault(symbol.name, (ends.get(">"), ends.get("<")))
            if low is None or high is None:
                raise ValueError(f"{name}: give {symbol.name} a side of the box")
            if (str(low), str(high)) != (ends.get(">"), ends.get("<")):
                narrowed.append(f"{low} <= {symbol.name} <= {high}")
        given = self.statement.lemmas.get(name)
        if isinstance(given, Lemma):
            narrowed = [text for text in narrowed if text not in given.given]
        evidence = enclose(
            relation, {self._known()[key]: value for key, value in sides.items()}, name
        )
        return self._book(evidence, name, (), narrowed)

    def compare(
        self,
        name: str,
        ours: ArrayLike,
        *,
        rtol: float = 1e-12,
        atol: float = 0.0,
        points: Mapping[str, ArrayLike],
    ) -> Evidence:
        """The code's numbers against a definition's, worked out in many digits."""
        title = f"{shown_name(name, self.statement.shown_as)} as computed"
        if self._passed_over(title):
            return _PASSED_OVER
        oracle = self.values(name, **points)
        evidence = tools.compare(ours, oracle, title, tool="mpmath", rtol=rtol, atol=atol)
        return self._book(evidence, None, ())

    def cases(
        self, name: str, cases: ArrayLike, *, tool: str = "NumPy", uses: Sequence[str] = ()
    ) -> Evidence:
        """A property in every case; core if ``name`` is a part, else an oracle beside the proof.

        It rests on ``uses``, and on whatever was taken from this proof since the evidence before.
        """
        self._touched |= set(uses)
        part = name if self._is_part(name) else None
        return self._book(tools.cases(cases, name, tool=tool, core=part is not None), part, ())

    def shows(self, name: str, evidence: Evidence, uses: Sequence[str] = ()) -> Evidence:
        """Evidence made with ``theory.proofs.tools`` for a part, or beside the proof.

        It rests on whatever was taken from this proof since the evidence before.
        """
        self._touched |= set(uses)
        return self._book(
            replace(evidence, name=name, core=self._is_part(name)),
            name if self._is_part(name) else None,
            (),
        )

    def coordinates(self) -> Iterator[Evidence]:
        """That the coordinates of the proof reach every admissible value."""
        import sympy as sp

        for name, (symbol, text) in self.statement.coordinates.items():
            if self._passed_over(f"{shown_name(name)} in place of {symbol}"):
                continue
            known = self._known(full=True)
            expressed = formula(text, known)
            title = f"{shown_name(name)} in place of {symbol}"
            yield replace(
                tools.identity(expressed, known[symbol], title), core=False, uses=(name, symbol)
            )
            bounds = self._bounds({str(s) for s in known[name].free_symbols}, full=True)
            positive = sp.Gt(known[name], 0, evaluate=False)
            yield replace(
                tools.decide(bounds, positive, f"{shown_name(name)} is positive"),
                core=False,
                uses=(name, symbol),
            )

    def _passed_over(self, name: str) -> bool:
        return self._only not in (None, name)

    def _is_part(self, name: str) -> bool:
        return name in self.statement.conclusions or name in self.statement.lemmas

    def _facts(self, name: str, given: Sequence[str] | None) -> tuple[str, ...]:
        part = self.statement.lemmas.get(name) or self.statement.conclusions.get(name)
        own = part.given if isinstance(part, Lemma) else tuple(self.statement.premises)
        if given is None:
            return own
        for item in set(given) - set(own):
            lemma = self.statement.lemmas.get(item)
            # A lemma may serve as a fact where all that it needs is given anyway.
            if not isinstance(lemma, Lemma) or not set(lemma.given) <= {*own, *given}:
                raise ValueError(f"{name} is not given {item!r}: declare it as narrowed")
        return tuple(given)

    def _standing(self, facts: Iterable[str]) -> list[str]:
        """The facts without premises that a control dropped."""
        dropped = {key for key, value in self.statement.premises.items() if value is None}
        return [fact for fact in facts if fact not in dropped]

    def _decide(
        self, premises: Sequence[str], goal: str, title: str, atoms: tuple[str, ...] = ()
    ) -> Evidence:
        """First with coordinates untied, which is easier where it is enough; then tied."""
        if atoms and (seen := self._derivatives((*premises, goal), atoms)):
            raise ValueError(f"{title}: {seen} sees through what is left as a symbol")

        def decide(tied: bool, limit: float | None = None) -> Evidence:
            given = [self.relation(premise, tied=tied, atoms=atoms) for premise in premises]
            wanted = self.relation(goal, tied=tied, atoms=atoms)
            # The bounds of all symbols that occur, also of those that a coordinate replaces.
            occurring = {str(symbol) for part in (*given, wanted) for symbol in part.free_symbols}
            if tied:
                occurring |= {
                    symbol
                    for name, (symbol, _) in self.statement.coordinates.items()
                    if name in occurring
                }
            bounds = self._bounds(occurring, tied=tied)
            return tools.decide([*bounds, *given], wanted, title, limit=limit)

        if self.statement.coordinates:
            try:
                loosely = decide(tied=False, limit=LIMIT / 3)
            except (Undecided, Vacuous):
                pass
            else:
                if loosely.passed:
                    return loosely
        return decide(tied=True)

    def _derivatives(self, parts: Sequence[str], atoms: Sequence[str]) -> str:
        """A formula in the parts, definitions expanded but for atoms, that differentiates."""
        waiting = [self.statement.relation(part) or part for part in parts]
        looked: set[str] = set()
        while waiting:
            text = waiting.pop()
            looked.add(text)
            if re.search(r"\b(diff|at|limit)\(", text):
                return text
            waiting += {
                self.statement.definitions[name]
                for name in names(text)
                if name in self.statement.definitions and name not in atoms
            } - looked
        return ""

    def _bounds(
        self, symbols: set[str], *, full: bool = False, tied: bool = True
    ) -> list[sp.Basic]:
        return [
            formula(bound.name, self._known(full, tied))
            for bound in self.statement.bounds
            if bound.symbol in symbols
        ]

    def _book(
        self,
        evidence: Evidence,
        establishes: str | None,
        under: Sequence[str],
        narrowed: Sequence[str] = (),
    ) -> Evidence:
        uses = {*self._touched, *under}
        for name in (establishes, *under):
            if name:
                uses |= self.statement.uses(self.statement.relation(name) or "0") | {name}
        self._touched = set()
        return replace(
            evidence,
            establishes=establishes or "",
            under=tuple(under),
            narrowed=tuple(narrowed),
            uses=tuple(sorted(uses)),
        )

    def place(self, point: Point) -> dict[sp.Symbol, sp.Expr]:
        known = self._known(full=True)
        return {known[name]: exact_number(value) for name, value in point.items()}

    def _known(self, full: bool = False, tied: bool = True, atoms: tuple[str, ...] = ()) -> Names:
        key = (full, tied, atoms)
        if key not in self._names:
            self._names[key] = Names(
                self.statement, {} if full else self.statement.coordinates, tied, atoms
            )
        return self._names[key]


_PASSED_OVER = Evidence("checked", "passed over", "", True, core=False)
