"""Formulas as text: what people read, what SymPy is given, and what is refused."""

import pytest
import sympy as sp

from theory.formula import formula, inequalities, is_relation, names, shown

X, Y = sp.symbols("x y", positive=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("m*θ + κ*r <= V̄", "mθ+κr ≤ V̄"),
        ("m**2*c/κ**2", "m²c/κ²"),
        ("(λ + sqrt(λ**2 + 4*κ**2))/2", "(λ+√(λ²+4κ²))/2"),
        ("a**2*s**2*(s + 2*λ)/(2*(s + λ)**2)", "a²s²(s+2λ)/(2(s+λ)²)"),
        ("θ*log(γ) + log(log(γ)/(γ - 1))", "θ ln γ+ln(ln γ/(γ−1))"),
        ("n*2**(n - 1)", "n·2ⁿ⁻¹"),
        ("x - (y - z)", "x−(y−z)"),
        ("x/(y*z)", "x/(yz)"),
        ("(x/y)*z", "x/y·z"),
        ("-(x + y)**2", "−(x+y)²"),
        ("c_star < 2*c_g", "c* < 2c_g"),
        ("V_next <= V0 and not θ == 1", "V⁺ ≤ V₀ and not θ = 1"),
        ("Iff(0 < x < 1, Abs(x - y) < h/2)", "0 < x < 1 if and only if |x−y| < h/2"),
        ("Max(0, Min(x, 1)) + pos(x - y)", "max{0, min{x, 1}}+(x−y)₊"),
        ("exp(-κ*x)*0.5", "exp(−κx)·0.5"),
        ("at(V, r=c/κ) > ceil(s)", "V[r = c/κ] > ⌈s⌉"),
    ],
)
def test_shown(text, expected):
    assert shown(text) == expected


def test_definitions_may_be_shown_by_a_word_or_written_out():
    assert shown("2*g + h", {"h": "H̃"}, {"g": "x + y"}) == "2(x+y)+H̃"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x**2/4 - log(y)", X**2 / 4 - sp.log(Y)),
        ("0.1*x", X / 10),
        ("diff(x**3, x)", 3 * X**2),
        ("at(x*y, x=y, y=x)", X * Y),
        ("integrate(x**2, x, 0, y)", Y**3 / 3),
        ("mean((2*x + y)**2, x, 1/3)", (2 + Y) ** 2 / 3 + 2 * Y**2 / 3),
        ("limit(sqrt(1 + x)/x, x, oo)", sp.Integer(0)),
        ("pos(x - y)", sp.Max(X - Y, 0)),
    ],
)
def test_given_to_sympy(text, expected):
    assert sp.simplify(formula(text, {"x": X, "y": Y}) - expected) == 0


def test_relations_are_not_evaluated():
    relation = formula("x > 0", {"x": X})
    assert relation.func is sp.StrictGreaterThan and relation.lhs == X
    assert formula("0 < x <= y", {"x": X, "y": Y}) == sp.And(
        sp.Lt(0, X, evaluate=False), sp.Le(X, Y, evaluate=False)
    )


@pytest.mark.parametrize("text", ["x +", "x if y else z", "f(x)", "[x]", "x.y", "lambda: x"])
def test_what_is_no_formula(text):
    with pytest.raises(ValueError, match=r"no formula|unknown function"):
        formula(text, {"x": X, "y": Y, "z": Y})
    with pytest.raises(ValueError, match="unknown name 'w'; known: x"):
        formula("x + w", {"x": X})


def test_names_and_inequalities():
    assert names("log(x) + at(y, z=1)") == {"x", "y"}
    assert inequalities("Iff(0 < x <= 1, x == y)") == [("0", "<", "x"), ("x", "≤", "1")]
    assert is_relation("x < y") and is_relation("Iff(x > 0, y > 0)") and not is_relation("x + y")
