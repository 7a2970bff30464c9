"""What the proofs are written with: each tool looks at one thing and returns ``Evidence``.

    identity(left, right, name)              SymPy: left − right is exactly zero     proved
    exact(relation, name)                    SymPy: an exactly evaluated relation    proved
    decide(premises, conclusion, name)       Z3 and cvc5: premises ⇒ conclusion      decided
    compare(ours, oracle, name, rtol=…)      numbers against an independent source   checked
    cases(holds, name)                       a property over many cases              checked

Each tells "violated" (``Evidence`` that did not pass, with the place) from "could not tell"
(``Undecided`` is raised). Formulas are SymPy expressions; ``evaluate`` turns one into numbers. The
solvers' statements are SymPy relations too; a symbol's own assumptions (positive, non-negative)
join the premises by themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.verdict import Evidence, Undecided, Vacuous

if TYPE_CHECKING:
    import sympy as sp

    from theory.proofs.solvers import Reply

# Sample values for a refutation by numbers: rationals in (0, 1), without small common factors.
_SAMPLES = ((3, 7), (5, 11), (8, 13), (4, 17), (10, 19), (6, 23), (20, 29), (9, 31))


def evaluate(expression: sp.Expr, digits: int = 60, /, **values: ArrayLike) -> NDArray[np.float64]:
    """Values of an expression at real points, worked out in many digits, rounded to doubles.

    Args:
        expression: its free symbols are named as the keywords.
        digits: decimal digits to work with: enough to survive the worst cancellation.
        values: a number or array for each symbol, broadcast together; numbers may be mpmath's,
            beyond the range of a double.

    Returns:
        An array of the broadcast shape.
    """
    import mpmath
    import sympy as sp

    by_name = {symbol.name: symbol for symbol in expression.free_symbols}
    function = sp.lambdify(
        [by_name.get(name, sp.Symbol(name)) for name in values], expression, "mpmath"
    )
    points = np.broadcast(*(np.asarray(value, dtype=object) for value in values.values()))
    with mpmath.workdps(digits):
        results = [float(function(*map(mpmath.mpf, point))) for point in points]
    return np.reshape(results, points.shape)


def identity(
    left: sp.Expr,
    right: sp.Expr | int,
    name: str,
    *,
    at: Sequence[Mapping[sp.Symbol, object]] = ({},),
    core: bool = True,
) -> Evidence:
    """Prove left = right with SymPy.

    First the two sides are evaluated to 30 digits at each point of ``at`` (a symbol without a
    value there gets a rational in (0, 1)): a difference is a violation, and shown. Then the
    difference must simplify to exactly zero.

    Raises:
        Undecided: if the sides agree in numbers but SymPy does not reduce the difference to 0.
    """
    import sympy as sp

    difference = sp.sympify(left) - right
    for point in at:
        place = _complete(point, difference.free_symbols)
        value = sp.N(difference.subs(place), 30)
        if not value.is_number or value.has(sp.nan, sp.zoo):
            raise Undecided(f"{name}: no value at {_show(place)}")
        if abs(value) > sp.Float("1e-20"):
            detail = f"left − right = {sp.N(value, 4, chop=True)} at {_show(place)}"
            return Evidence("proved", name, "SymPy", False, detail, core=core)
    if not _reduces_to_zero(difference):
        raise Undecided(f"{name}: SymPy leaves left − right = {sp.simplify(difference)}")
    return Evidence("proved", name, "SymPy", True, "left − right is exactly 0", core=core)


def exact(relation: sp.Basic | bool, name: str, *, core: bool = True) -> Evidence:
    """Prove a SymPy relation without free symbols by exact evaluation: a witness, a limit.

    Raises:
        Undecided: if the relation does not evaluate to true or false.
    """
    import sympy as sp

    verdict = sp.sympify(relation)
    if verdict not in (sp.true, sp.false):
        raise Undecided(f"{name}: SymPy cannot evaluate {relation}")
    detail = "evaluates to true" if verdict == sp.true else "evaluates to false"
    return Evidence("proved", name, "SymPy", verdict == sp.true, detail, core=core)


def decide(
    premises: Sequence[sp.Basic],
    conclusion: sp.Basic,
    name: str,
    *,
    core: bool = True,
    limit: float | None = None,
) -> Evidence:
    """Decide with Z3 and with cvc5 whether the premises imply the conclusion, in real numbers.

    Both are SymPy relations between rational functions, and And, Or, Not, Implies of such. A
    positive or non-negative symbol adds that premise. A relation in which something is divided
    by zero does not hold. Roots, logarithms and exponentials: see
    ``theory.proofs.smt.question``. ``limit`` is in seconds for each solver.

    Raises:
        Vacuous: if the premises contradict one another: then they imply anything.
        Undecided: if a solver gives up or runs out of time, or they disagree.
        TypeError: if something else is not a rational function.
    """
    from theory.proofs.smt import question

    asked = question(premises, conclusion)
    # A model is its own witness, so one solver's is enough; that there is none takes both.
    if _answer(asked.facts, name, limit).answer != "sat":
        raise Vacuous(f"{name}: the premises contradict one another")
    reply = _answer(asked.negated, name, limit)
    if reply.answer == "unsat":
        return Evidence(
            "decided",
            name,
            "Z3 and cvc5",
            True,
            "premises satisfiable, no exception",
            core=core,
            smt=asked.script(name),
        )
    place = ", ".join(
        f"{entry} = {value}"
        for entry, value in sorted(reply.model.items())
        if entry not in asked.stands_for
    )
    if asked.stands_for:
        _confirm(conclusion, reply.model, f"{name}: not decided, but not refuted at {place}")
    return Evidence("decided", name, "Z3", False, f"violated at {place}", core=core)


def _answer(text: str, name: str, limit: float | None) -> Reply:
    """The first solver's model, or both solvers' word that there is none.

    Raises:
        Undecided: if one gives up or runs out of time, or they disagree.
    """
    from theory.proofs.solvers import ask

    replies = [ask("Z3", text, limit)]
    if replies[0].answer != "sat":
        replies.append(ask("cvc5", text, limit))
    if replies[0].answer == "unknown" or len({reply.answer for reply in replies}) > 1:
        raise Undecided(
            f"{name}: "
            + ", ".join(
                f"{reply.solver} says {reply.answer}"
                + (f" ({reply.reason})" if reply.reason else "")
                for reply in replies
            )
        )
    return replies[0]


def _confirm(conclusion: sp.Basic, model: Mapping[str, str], complaint: str) -> None:
    """Whether the conclusion is false at a model's place, roots and logarithms as they are.

    Raises:
        Undecided: if it is true there, so that the model is of the abstraction alone.
    """
    import sympy as sp

    from theory.proofs.pins import holds

    place = {
        symbol: sp.Rational(model[symbol.name])
        for symbol in conclusion.free_symbols
        if symbol.name in model
    }
    if holds(conclusion, place):
        raise Undecided(complaint)


def compare(
    ours: ArrayLike,
    oracle: ArrayLike,
    name: str,
    *,
    tool: str,
    rtol: float = 0.0,
    atol: float = 0.0,
    core: bool = False,
) -> Evidence:
    """Compare numbers with those of an independent oracle, named by ``tool``.

    The two broadcast; NaN on either side is a violation, equal infinities are not. The evidence
    stands beside a proof, unless ``core`` says that the claim rests on it.
    """
    ours, oracle = np.broadcast_arrays(np.asarray(ours, float), np.asarray(oracle, float))
    same = ours == oracle
    with np.errstate(invalid="ignore", divide="ignore"):
        error = np.where(same, 0.0, np.abs(ours - oracle))
        excess = np.where(same, 0.0, error / (atol + rtol * np.abs(oracle)))
    worst = int(np.argmax(np.nan_to_num(excess, nan=np.inf)))
    passed = bool(excess.flat[worst] <= 1)
    detail = (
        f"largest deviation {excess.flat[worst]:.2g} of the tolerance"
        if passed
        else f"{ours.flat[worst]:.17g} against {oracle.flat[worst]:.17g} in case {worst}"
    )
    return Evidence("checked", name, tool, passed, detail, ours.size, core)


def cases(holds: ArrayLike, name: str, *, tool: str = "NumPy", core: bool = True) -> Evidence:
    """Check that a property holds in every case of a boolean array.

    Raises:
        Undecided: if there is no case at all.
    """
    holds = np.asarray(holds, dtype=bool)
    if holds.size == 0:
        raise Undecided(f"{name}: no case to look at")
    failed = np.flatnonzero(~holds)
    detail = (
        f"fails in {failed.size} of {holds.size} cases, first in case {failed[0]}"
        if failed.size
        else "no exception"
    )
    return Evidence("checked", name, tool, not failed.size, detail, holds.size, core)


def _complete(point: Mapping, free: set[sp.Symbol]) -> dict:
    """The point, with a rational in (0, 1) for each symbol that it leaves out."""
    import sympy as sp

    missing = sorted(free - set(point), key=str)
    if len(missing) > len(_SAMPLES):
        raise ValueError(f"give values for some of {missing}: there are {len(_SAMPLES)} defaults")
    fillers = {symbol: sp.Rational(*sample) for symbol, sample in zip(missing, _SAMPLES)}
    return {symbol: value for symbol, value in {**fillers, **point}.items() if symbol in free}


def _show(place: Mapping) -> str:
    return ", ".join(f"{symbol} = {value}" for symbol, value in place.items()) or "the constant"


def _reduces_to_zero(difference: sp.Expr) -> bool:
    """Whether one of SymPy's routes, cheapest first, ends in exactly zero."""
    import sympy as sp

    routes: tuple[Callable[[sp.Expr], sp.Expr], ...] = (
        sp.expand,
        lambda expression: sp.cancel(_split_logarithms(expression)),
        sp.simplify,
        lambda expression: sp.simplify(_split_logarithms(expression)),
    )
    return any(route(difference) == 0 for route in routes)


def _split_logarithms(expression: sp.Expr) -> sp.Expr:
    """Write each logarithm as a sum of logarithms of irreducible polynomials.

    This drops ln(−1), that is, multiples of πi: constants on each connected piece of the domain,
    which the comparison in numbers has shown to be zero where ``identity`` was given a point.
    """
    import sympy as sp

    def split(argument: sp.Expr) -> sp.Expr:
        total = sp.Integer(0)
        for sign, part in zip((1, -1), sp.together(argument).as_numer_denom()):
            constant, factors = sp.factor_list(part)
            total += sign * sp.log(abs(constant))
            total += sign * sum(power * sp.log(factor) for factor, power in factors)
        return total

    return sp.expand_log(expression, force=True).replace(sp.log, split)
