"""From SymPy to SMT-LIB 2: the one text that both solvers are given, and that is kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sympy as sp

_COMPARED = {
    "StrictGreaterThan": ">",
    "GreaterThan": ">=",
    "StrictLessThan": "<",
    "LessThan": "<=",
    "Equality": "=",
    "Unequality": "distinct",
}
_JOINED = {"And": "and", "Or": "or", "Not": "not", "Implies": "=>", "Equivalent": "="}


@dataclass(frozen=True)
class Question:
    """Whether facts imply a conclusion over the reals.

    Attributes:
        facts: SMT-LIB 2 that declares the constants and asserts the premises.
        goal: the conclusion, a term.
        stands_for: what an abstracted constant stands for: name -> SymPy expression.
    """

    facts: str
    goal: str
    stands_for: dict[str, sp.Expr]

    @property
    def negated(self) -> str:
        """The facts, and that the conclusion is false."""
        return f"{self.facts}(assert (not {self.goal}))\n"

    def script(self, name: str) -> str:
        """A file for any solver; it answers sat, for the premises alone, and then unsat."""
        return (
            f"; {name}\n(set-logic QF_NRA)\n{self.facts}"
            f"(set-info :status sat)\n(check-sat) ; the premises do not contradict\n"
            f"(assert (not {self.goal}))\n"
            f"(set-info :status unsat)\n(check-sat) ; and imply the conclusion\n"
        )


def question(premises: Sequence[sp.Basic], conclusion: sp.Basic) -> Question:
    """State in SMT-LIB whether the premises imply the conclusion.

    Symbols' assumptions (positive, non-negative, negative) join the premises. A relation in which
    something is divided by zero does not hold. A square root is the non-negative R with R² = its
    argument. A logarithm or an exponential is any number of which the textbook facts in ``known``
    are true; what follows for all such numbers holds for the true one. A relation with a root or a
    logarithm that does not exist does not hold either. Max, Min and Abs are exact.

    Raises:
        TypeError: if anything else is not a rational function, or a symbol is not real.
    """
    import sympy as sp

    writer = _Writer()
    # The conclusion's roots and logarithms are facts too, hence first.
    goal = writer.term(sp.sympify(conclusion))
    asserted = [writer.term(sp.sympify(premise)) for premise in premises]
    free = set().union(*(sp.sympify(s).free_symbols for s in (*premises, conclusion)))
    asserted += [writer.term(fact) for fact in assumptions(free)]
    asserted += writer.known()
    names = sorted({symbol.name for symbol in free} | set(writer.stands_for))
    lines = [f"(declare-const {quote(name)} Real)" for name in names]
    lines += [f"(assert {fact})" for fact in asserted if fact != "true"]
    return Question("\n".join(lines) + "\n", goal, writer.stands_for)


def quote(name: str) -> str:
    return f"|{name}|"


def assumptions(free: Iterable[sp.Symbol]) -> list[sp.Basic]:
    """The symbols' assumptions as explicit relations, which SymPy would fold to true."""
    import sympy as sp

    relations: list[sp.Basic] = []
    for symbol in sorted(free, key=str):
        if not symbol.is_real:
            raise TypeError(f"symbol {symbol} must be declared real or positive for a solver")
        if symbol.is_positive:
            relations.append(sp.Gt(symbol, 0, evaluate=False))
        elif symbol.is_nonnegative:
            relations.append(sp.Ge(symbol, 0, evaluate=False))
        elif symbol.is_negative:
            relations.append(sp.Lt(symbol, 0, evaluate=False))
    return relations


class _Writer:
    """Writes terms, and keeps what fresh symbols stand for."""

    def __init__(self) -> None:
        self.stands_for: dict[str, sp.Expr] = {}

    def term(self, expression: sp.Basic) -> str:
        import sympy as sp

        if expression in (sp.true, sp.false):
            return "true" if expression == sp.true else "false"
        if expression.is_Relational:
            return self._relation(expression)
        if joined := _JOINED.get(expression.func.__name__):
            return f"({joined} {' '.join(self.term(part) for part in expression.args)})"
        if isinstance(expression, sp.Expr):
            return self._polynomial(expression)
        raise TypeError(f"the solvers are given only rational functions, not {expression}")

    def _relation(self, relation: sp.Rel) -> str:
        """n/d ⋚ 0 as n·d ⋚ 0 and d ≠ 0, or as n ⋚ 0 where d > 0.

        Solvers are much better at polynomials than at division. Roots and logarithms must exist,
        or the relation does not hold.
        """
        import sympy as sp

        difference = relation.lhs - relation.rhs
        needed = [
            part.base >= 0
            for part in difference.atoms(sp.Pow)
            if part.exp.is_Rational and part.exp.q == 2
        ]
        needed += [part.args[0] > 0 for part in difference.atoms(sp.log)]
        whole = self._abstract(difference)
        numerator, denominator = sp.fraction(sp.together(whole))
        compared = _COMPARED[relation.func.__name__]
        parts = []
        if denominator.is_positive or denominator.is_negative:
            sign = 1 if denominator.is_positive else -1
            parts.append(f"({compared} {self._polynomial(sp.expand(sign * numerator))} 0.0)")
        elif compared in ("=", "distinct"):
            parts.append(f"({compared} {self._polynomial(numerator)} 0.0)")
            parts.append(f"(distinct {self._polynomial(denominator)} 0.0)")
        else:
            parts.append(f"({compared} {self._polynomial(numerator * denominator)} 0.0)")
            parts.append(f"(distinct {self._polynomial(denominator)} 0.0)")
        parts += [
            self._relation(condition) for condition in dict.fromkeys(needed) if condition != sp.true
        ]
        return parts[0] if len(parts) == 1 else f"(and {' '.join(parts)})"

    def _abstract(self, expression: sp.Expr) -> sp.Expr:
        """With a fresh symbol for each root, logarithm and so on, innermost first."""
        import sympy as sp

        def is_atom(part: sp.Basic) -> bool:
            return isinstance(part, (sp.log, sp.exp, sp.Max, sp.Min, sp.Abs)) or (
                isinstance(part, sp.Pow) and part.exp.is_Rational and part.exp.q == 2
            )

        while True:
            parts = [part for part in sp.preorder_traversal(expression) if is_atom(part)]
            parts = [
                p
                for p in parts
                if not any(is_atom(q) for a in p.args for q in sp.preorder_traversal(a))
            ]
            if not parts:
                return expression
            part = parts[0]
            if isinstance(part, sp.Pow):
                root = self._symbol(sp.sqrt(part.base))
                expression = expression.xreplace({part: root**part.exp.p})
            else:
                expression = expression.xreplace({part: self._symbol(part)})

    def _symbol(self, part: sp.Expr) -> sp.Symbol:
        import sympy as sp

        for name, known in self.stands_for.items():
            if known == part:
                return sp.Symbol(name, real=True)
        name = str(part).replace("|", "‖").replace("\\", "")
        self.stands_for[name] = part
        return sp.Symbol(name, real=True)

    def _polynomial(self, expression: sp.Expr) -> str:
        import sympy as sp

        if expression.is_Symbol:
            return quote(expression.name)
        if expression.is_Rational:
            whole = f"{abs(expression.p)}.0"
            value = whole if expression.q == 1 else f"(/ {whole} {expression.q}.0)"
            return value if expression >= 0 else f"(- {value})"
        if expression.is_Pow and expression.exp.is_Integer and expression.exp > 0:
            return (
                f"(* {' '.join([self._polynomial(expression.base)] * int(expression.exp))})"
                if expression.exp > 1
                else self._polynomial(expression.base)
            )
        if isinstance(expression, (sp.Add, sp.Mul)):
            sign = "+" if isinstance(expression, sp.Add) else "*"
            return f"({sign} {' '.join(self._polynomial(part) for part in expression.args)})"
        raise TypeError(f"the solvers are given only rational functions, not {expression}")

    def known(self) -> list[str]:
        """Textbook facts of all that fresh symbols stand for, as asserted terms."""
        import sympy as sp

        facts: list[sp.Basic] = []
        for name, part in list(self.stands_for.items()):
            value = sp.Symbol(name, real=True)
            inner, *others = (self._abstract(argument) for argument in part.args)
            if isinstance(part, (sp.Max, sp.Min, sp.Abs)):
                options = [inner, -inner] if isinstance(part, sp.Abs) else [inner, *others]
                beyond = sp.Le if isinstance(part, sp.Min) else sp.Ge
                facts += [beyond(value, option, evaluate=False) for option in options]
                facts.append(sp.Or(*(sp.Eq(value, option) for option in options)))
            elif isinstance(part, sp.Pow):
                facts += [sp.Ge(value, 0, evaluate=False), sp.Or(inner < 0, sp.Eq(value**2, inner))]
            elif isinstance(part, sp.log):
                facts.append(
                    sp.Or(
                        inner <= 0,
                        sp.And(
                            sp.Implies(inner > 1, value > 0),
                            sp.Implies(inner < 1, value < 0),
                            sp.Implies(sp.Eq(inner, 1), sp.Eq(value, 0)),
                            sp.Or(
                                sp.Eq(inner, 1),
                                sp.And(value < inner - 1, value * inner > inner - 1),
                            ),
                        ),
                    )
                )
            else:
                facts += [
                    value > 0,
                    sp.Or(sp.Eq(inner, 0), value > 1 + inner),
                    sp.Implies(sp.Eq(inner, 0), sp.Eq(value, 1)),
                    sp.Implies(inner > 0, value > 1),
                    sp.Implies(inner < 0, value < 1),
                ]
        return [self.term(fact) for fact in facts]
