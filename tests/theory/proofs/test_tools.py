"""The provers' tools: each can say yes, say no and where, and say that it cannot tell."""

import mpmath
import numpy as np
import pytest
import sympy as sp

from theory import Undecided
from theory.proofs.proof import Proof
from theory.proofs.tools import cases, compare, decide, evaluate, exact, identity
from theory.statement import Statement
from theory.verdict import Vacuous

X, Y = sp.symbols("x y", positive=True)
Z = sp.Symbol("z", real=True)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ((X + Y) ** 2, X**2 + 2 * X * Y + Y**2),
        (sp.log(X**2 - Y**2), sp.log(X - Y) + sp.log(X + Y)),
        (X * sp.log((1 - X) / Y), X * sp.log(1 - X) - X * sp.log(Y)),
        (sp.log(sp.sqrt(X) * Y), sp.log(X) / 2 + sp.log(Y)),
        (1 / (1 + sp.exp(-Z)), sp.exp(Z) / (1 + sp.exp(Z))),
        (sp.sin(X) ** 2 + sp.cos(X) ** 2, 1),
    ],
)
def test_identities(left, right):
    point = {X: sp.Rational(2, 3), Y: sp.Rational(1, 3)}
    evidence = identity(left, right, "it", at=[point])
    assert evidence.passed and evidence.kind == "proved" and evidence.core


def test_a_false_identity_shows_where():
    evidence = identity(X**2, X**2 + X / 1000, "it", at=[{}, {X: 7}])
    assert not evidence.passed
    assert evidence.detail == "left − right = -0.0004286 at x = 3/7"


def test_an_identity_is_tried_at_every_point_given():
    evidence = identity(sp.Abs(Z), Z, "it", at=[{Z: 2}, {Z: -2}])
    assert not evidence.passed and evidence.detail.endswith("at z = -2")


def test_numbers_alone_prove_no_identity():
    """|z| = z at the default point, but SymPy must not call that a proof."""
    with pytest.raises(Undecided, match="SymPy leaves"):
        identity(sp.Abs(Z), Z, "it")


def test_an_identity_without_value():
    with pytest.raises(Undecided, match="no value at x = 0"):
        identity(1 / X, 0, "it", at=[{X: 0}])


def test_exact():
    assert exact(sp.sqrt(2) < sp.Rational(3, 2), "it").passed
    assert exact(sp.Eq(sp.limit(sp.sin(X) / X, X, 0), 1), "it").passed
    assert not exact(sp.pi < 3, "it").passed
    with pytest.raises(Undecided, match="cannot evaluate"):
        exact(Z > 0, "it")


def test_decide_yes_and_no():
    assert decide([X < 1], X**2 < X, "it").passed
    refuted = decide([Z > -1], Z**2 < 1, "it")
    assert not refuted.passed and refuted.kind == "decided"
    assert refuted.detail.startswith("violated at z = ")


def test_the_assumptions_of_a_symbol_are_premises():
    assert decide([], X + Y > X, "it").passed
    assert not decide([], Z + X > X, "it").passed
    at_least_0 = sp.Symbol("w", nonnegative=True)
    below_0 = sp.Symbol("v", negative=True)
    assert decide([], at_least_0**3 * X >= below_0, "it").passed
    assert not decide([], at_least_0 * X > 0, "it").passed


def test_contradictory_premises_imply_nothing():
    with pytest.raises(Vacuous, match="the premises contradict one another"):
        decide([Z > 1, Z < 0], Z > 5, "it")
    with pytest.raises(Vacuous, match="the premises contradict one another"):
        decide([X + Y < 0], X > 5, "it")


def test_decide_connectives_and_division():
    assert decide([], sp.Or(Z > 0, sp.Not(Z > 0)), "it").passed
    assert decide([], sp.Implies(sp.Eq(Z, 2), sp.Ne(Z, 3)), "it").passed
    assert decide([X < Y], 1 / X > 1 / Y, "it").passed
    assert not decide([], 1 / Z**2 >= 0, "undefined at 0").passed
    assert decide([sp.Ne(Z, 0)], 1 / Z**2 >= 0, "it").passed
    assert decide([sp.Rational(1, 3) >= X], 3 * X <= 1, "thirds are exact").passed


def test_decide_refuses_what_the_solvers_cannot_hold():
    with pytest.raises(TypeError, match="only rational functions"):
        decide([], sp.sin(Z) > X, "it")
    with pytest.raises(TypeError, match="u must be declared real"):
        decide([], sp.Eq(sp.Symbol("u"), 0), "it")


def test_compare():
    evidence = compare([1.0, 2.0], [1.0, 2.0 + 1e-13], "it", tool="abacus", rtol=1e-12)
    assert evidence.passed and evidence.cases == 2 and not evidence.core
    assert evidence.tool == "abacus" and evidence.kind == "checked"
    worse = compare([1, 2, 3], [1, 2.5, 3.1], "it", tool="abacus", rtol=1e-3)
    assert not worse.passed and worse.detail == "2 against 2.5 in case 1"


def test_compare_infinities_and_nan():
    assert compare([np.inf, -np.inf], [np.inf, -np.inf], "it", tool="abacus").passed
    assert not compare(np.inf, -np.inf, "it", tool="abacus", rtol=1).passed
    assert not compare(np.inf, 1.0, "it", tool="abacus", rtol=1).passed
    assert not compare(np.nan, np.nan, "it", tool="abacus", rtol=1).passed
    assert not compare([1.0, np.nan], 1.0, "it", tool="abacus", rtol=1).passed


def test_cases():
    assert cases(np.ones((2, 3), bool), "it").cases == 6
    failed = cases([True, False, False], "it")
    assert not failed.passed and failed.detail == "fails in 2 of 3 cases, first in case 1"
    with pytest.raises(Undecided, match="no case"):
        cases([], "it")


def test_evaluate_keeps_digits_that_doubles_lose():
    values = evaluate(((1 + X) - 1) / X, x=[1e-30, 1.0])
    np.testing.assert_array_equal(values, [1, 1])
    difference = sp.exp(X) - sp.exp(Y)
    assert evaluate(difference, x=1e-20, y=0) == pytest.approx(1e-20, rel=1e-15)


def test_evaluate_broadcasts_and_leaves_the_range_of_doubles():
    values = evaluate(sp.log(X) + Y, x=np.array([[mpmath.mpf("1e1000")], [1]]), y=[0, 1, 2])
    np.testing.assert_allclose(values, np.add.outer([1000 * np.log(10), 0], range(3)))


def test_definitions_left_as_symbols_hide_nothing_and_no_derivative_looks_through_them():
    statement = Statement(
        text="{square}, {slope}.",
        symbols="x",
        definitions={"y": "x**2"},
        conclusions={"square": "y >= 0", "slope": "diff(y, x) == 2*x"},
    )
    proof = Proof(statement)
    assert proof.decide("square").passed
    assert not proof.decide("square", atoms=("y",)).passed
    with pytest.raises(ValueError, match="sees through"):
        proof.decide("slope", atoms=("y",))
