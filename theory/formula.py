"""Formulas as text: read once, then shown to people in Unicode and given to provers as SymPy.

    shown("m*θ + κ*r <= V̄")                   "mθ+κr ≤ V̄"
    relation("m*θ + κ*r <= V̄", symbols)       the SymPy relation

The text is a Python expression: + - * / **, comparisons (also chained), and, or, not, and the
functions in ``FUNCTIONS``. Names may be Greek and carry marks. A name is shown as it stands but for
the endings _next (⁺), _star (*) and digits (subscripts): V_next is V⁺, c_star is c*, V0 is V₀.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sympy as sp

_SUPER = str.maketrans("0123456789-+nk", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿᵏ")
_SUB = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_COMPARED = {ast.Lt: "<", ast.LtE: "≤", ast.Gt: ">", ast.GtE: "≥", ast.Eq: "=", ast.NotEq: "≠"}
_NAMED = {"log": "ln", "exp": "exp", "cosh": "cosh", "Max": "max", "Min": "min", "ceil": "⌈⌉",
          "floor": "⌊⌋"}  # fmt: skip
# How tightly each holds together.
_LOOSE, _NOT, _RELATION, _SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(8)


@cache
def read(text: str) -> ast.expr:
    """The syntax tree of a formula.

    Raises:
        ValueError: if it is no formula.
    """
    try:
        return ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise ValueError(f"{text!r} is no formula: {error.msg}") from None


@cache
def names(text: str) -> frozenset[str]:
    """The names of symbols and definitions in a formula, functions apart."""
    tree = read(text)
    functions = {node.func for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return frozenset(
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and node not in functions
    )


def is_relation(text: str) -> bool:
    match read(text):
        case ast.Compare() | ast.BoolOp() | ast.Call(func=ast.Name(id="Iff" | "Implies")):
            return True
    return False


def shown(
    text: str, dictionary: Mapping[str, str] | None = None, spelt: Mapping[str, str] | None = None
) -> str:
    """The formula as people read it.

    Args:
        text: the formula.
        dictionary: how some names are shown.
        spelt: names -> formulas that are written out in their place.
    """
    return _Shown(text, dictionary or {}, spelt or {}).of(read(text))[0]


def shown_name(name: str, dictionary: Mapping[str, str] | None = None) -> str:
    if dictionary and name in dictionary:
        return dictionary[name]
    name = re.sub(r"_next$", "⁺", name)
    name = re.sub(r"_star$", "*", name)
    return re.sub(r"(?<=\w)\d+$", lambda digits: digits[0].translate(_SUB), name)


def formula(text: str, known: Mapping[str, Any]) -> sp.Basic:
    """The SymPy expression, relation or Boolean of a formula in the names ``known``.

    Relations are not evaluated, so that a positive symbol's x ≥ 0 stays one.

    Raises:
        ValueError: if it contains any other name, or what this module does not know.
    """
    return _Sympy(text, known).of(read(text))


class _Shown:
    def __init__(self, text: str, dictionary: Mapping[str, str], spelt: Mapping[str, str]) -> None:
        self.text, self.dictionary, self.spelt = text, dictionary, spelt

    def of(self, node: ast.expr) -> tuple[str, int]:
        """The text of a node, and how tightly it holds together."""
        match node:
            case ast.Name(id="oo"):
                return "∞", _ATOM
            case ast.Name() if node.id in self.spelt:
                inner = self.spelt[node.id]
                return _Shown(inner, self.dictionary, self.spelt).of(read(inner))
            case ast.Name():
                name = shown_name(node.id, self.dictionary)
                return name, _ATOM if re.fullmatch(r"[^\s+\-−*/]+\*?", name) else _SIGN
            case ast.Constant():
                return ast.get_source_segment(self.text.strip(), node) or repr(node.value), _ATOM
            case ast.UnaryOp(op=ast.USub()):
                return "−" + self.within(node.operand, _PRODUCT), _SIGN
            case ast.UnaryOp(op=ast.Not()):
                return "not " + self.within(node.operand, _RELATION), _NOT
            case ast.BoolOp():
                word = " and " if isinstance(node.op, ast.And) else " or "
                return word.join(self.within(part, _NOT) for part in node.values), _LOOSE
            case ast.Compare():
                parts = [self.within(node.left, _SUM)]
                for operator, right in zip(node.ops, node.comparators):
                    parts += [_COMPARED[type(operator)], self.within(right, _SUM)]
                return " ".join(parts), _RELATION
            case ast.BinOp(op=ast.Add()):
                return f"{self.within(node.left, _SUM)}+{self.within(node.right, _SUM)}", _SUM
            case ast.BinOp(op=ast.Sub()):
                return f"{self.within(node.left, _SUM)}−{self.within(node.right, _PRODUCT)}", _SUM
            case ast.BinOp(op=ast.Mult()):
                return self.product(node), _PRODUCT
            case ast.BinOp(op=ast.Div()):
                over, under = self.within(node.left, _PRODUCT), self.of(node.right)
                return f"{over}/{under[0] if under[1] >= _POWER else f'({under[0]})'}", _PRODUCT
            case ast.BinOp(op=ast.Pow()):
                return self.power(node)
            case ast.Call(func=ast.Name(id=name)):
                return self.call(name, node)
        raise ValueError(f"{self.text!r} contains {ast.unparse(node)!r}, which is no formula")

    def within(self, node: ast.expr, tightness: int) -> str:
        text, own = self.of(node)
        return text if own >= tightness else f"({text})"

    def product(self, node: ast.BinOp) -> str:
        left, right = self.within(node.left, _PRODUCT), self.within(node.right, _PRODUCT)
        if _starts_with_word(right):  # a function: 2 ln x
            return f"{left} {right}"
        # Letters stand side by side; a word, a digit or a quotient keeps its distance.
        last = node.left.right if isinstance(node.left, ast.BinOp) else node.left
        before = self.of(last)[0].removeprefix("−")
        words = len(_bare(before)) > 1 and not isinstance(last, ast.Constant) and before[-1] != ")"
        if isinstance(node.left, ast.BinOp) and isinstance(node.left.op, ast.Div):
            words = True
        letter = not right[0].isdigit() and len(_bare(right.split("(")[0])) == 1
        plain = (right[0] in "(√|" and " " not in before) or (
            letter and not words and before[-1] != "*"
        )
        return f"{left}{right}" if plain else f"{left}·{right}"

    def power(self, node: ast.BinOp) -> tuple[str, int]:
        base, exponent = self.within(node.left, _ATOM), self.of(node.right)[0].replace("−", "-")
        if all(ord(digit) in _SUPER for digit in exponent):
            return base + exponent.translate(_SUPER), _POWER
        tight = self.of(node.right)[1] >= _POWER
        return f"{base}^{exponent if tight else f'({exponent})'}".replace("-", "−"), _POWER

    def call(self, name: str, node: ast.Call) -> tuple[str, int]:
        arguments = [self.of(argument) for argument in node.args]
        first, tightness = arguments[0]
        rest = [text for text, _ in arguments[1:]]
        match name:
            case "sqrt":
                return f"√{first if tightness == _ATOM else f'({first})'}", _ATOM
            case "Abs":
                return f"|{first}|", _ATOM
            case "pos":
                return f"({first})₊", _ATOM
            case "ceil" | "floor":
                return f"{_NAMED[name][0]}{first}{_NAMED[name][1]}", _ATOM
            case "Max" | "Min":
                return f"{_NAMED[name]}{{{', '.join((first, *rest))}}}", _ATOM
            case "log" if tightness == _ATOM:
                return f"ln {first}", _POWER
            case "log" | "exp" | "cosh":
                return f"{_NAMED[name]}({first})", _ATOM
            case "diff":
                over = first if tightness == _ATOM else f"({first})"
                order = rest[1].translate(_SUPER) if len(rest) > 1 else ""
                return f"d{order}{over}/d{rest[0]}{order}", _PRODUCT
            case "limit":
                return f"lim({first}; {rest[0]} → {rest[1]})", _ATOM
            case "integrate":
                low, high = rest[1:]
                return (
                    f"∫{{{low} to {high}}} {self.within(node.args[0], _PRODUCT)} d{rest[0]}",
                    _PRODUCT,
                )
            case "mean":
                return f"E_{rest[0]}[{first}]", _ATOM
            case "at":
                places = ", ".join(
                    f"{shown_name(word.arg or '', self.dictionary)} = {self.of(word.value)[0]}"
                    for word in node.keywords
                )
                return f"{first if tightness >= _POWER else f'({first})'}[{places}]", _ATOM
            case "Implies":
                return (
                    f"{self.within(node.args[1], _NOT)} if {self.within(node.args[0], _NOT)}",
                    _LOOSE,
                )
            case "Iff":
                return (
                    f"{self.within(node.args[0], _NOT)} if and only if "
                    f"{self.within(node.args[1], _NOT)}"
                ), _LOOSE
        raise ValueError(f"{self.text!r} contains the unknown function {name!r}")


def _bare(text: str) -> str:
    """Without the marks of composed letters and subscripts, which lengthen no name."""
    return re.sub(r"[\u0300-\u036f⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ₀-₉*|√]|_\w", "", text)


def _starts_with_word(text: str) -> bool:
    return bool(re.match(r"(ln|exp|cosh|max|min|lim)\b", text))


class _Sympy:
    def __init__(self, text: str, known: Mapping[str, Any]) -> None:
        self.text, self.known = text, known

    def of(self, node: ast.expr) -> Any:
        import sympy as sp

        match node:
            case ast.Name():
                if node.id == "oo":
                    return sp.oo
                if node.id not in self.known:
                    raise ValueError(
                        f"{self.text!r} contains the unknown name {node.id!r};"
                        f" known: {', '.join(self.known)}"
                    )
                return self.known[node.id]
            case ast.Constant():
                return sp.Rational(
                    ast.get_source_segment(self.text.strip(), node) or repr(node.value)
                )
            case ast.UnaryOp(op=ast.USub()):
                return -self.of(node.operand)
            case ast.UnaryOp(op=ast.Not()):
                return sp.Not(self.of(node.operand))
            case ast.BoolOp():
                join = sp.And if isinstance(node.op, ast.And) else sp.Or
                return join(*(self.of(part) for part in node.values))
            case ast.Compare():
                return self.comparison(node)
            case ast.BinOp():
                left, right = self.of(node.left), self.of(node.right)
                match node.op:
                    case ast.Add():
                        return left + right
                    case ast.Sub():
                        return left - right
                    case ast.Mult():
                        return left * right
                    case ast.Div():
                        return left / right
                    case ast.Pow():
                        return left**right
            case ast.Call(func=ast.Name(id=name)):
                return self.call(name, node)
        raise ValueError(f"{self.text!r} contains {ast.unparse(node)!r}, which is no formula")

    def comparison(self, node: ast.Compare) -> sp.Basic:
        import sympy as sp

        kinds = {
            ast.Lt: sp.Lt,
            ast.LtE: sp.Le,
            ast.Gt: sp.Gt,
            ast.GtE: sp.Ge,
            ast.Eq: sp.Eq,
            ast.NotEq: sp.Ne,
        }
        sides = [self.of(side) for side in (node.left, *node.comparators)]
        return sp.And(
            *(
                kinds[type(operator)](left, right, evaluate=False)
                for operator, left, right in zip(node.ops, sides, sides[1:])
            )
        )

    def call(self, name: str, node: ast.Call) -> sp.Basic:
        import sympy as sp

        if name == "diff":  # in a symbol, even if that is expressed by others
            expression, *by = (self.of(argument) for argument in node.args)
            return sp.diff(expression, *by)
        arguments = [self.of(argument) for argument in node.args]
        if name == "integrate":
            expression, by, low, high = arguments
            return sp.integrate(sp.expand(expression), (by, low, high))
        if name == "mean":  # over a gate that is 1 with a probability, and 0 otherwise
            expression, gate, chance = arguments
            return chance * expression.subs(gate, 1) + (1 - chance) * expression.subs(gate, 0)
        if name == "at":
            return arguments[0].subs(
                {self.known[word.arg or ""]: self.of(word.value) for word in node.keywords},
                simultaneous=True,
            )
        functions = {
            "sqrt": sp.sqrt,
            "log": sp.log,
            "exp": sp.exp,
            "cosh": sp.cosh,
            "Abs": sp.Abs,
            "Max": sp.Max,
            "Min": sp.Min,
            "ceil": sp.ceiling,
            "floor": sp.floor,
            "pos": lambda x: sp.Max(x, 0),
            "Implies": sp.Implies,
            "Iff": sp.Equivalent,
            "limit": sp.limit,
        }
        if name not in functions:
            raise ValueError(f"{self.text!r} contains the unknown function {name!r}")
        return functions[name](*arguments)


def inequalities(text: str) -> list[tuple[str, str, str]]:
    """Every inequality within a formula, as (left, operator, right) texts; equalities apart."""
    found = []
    for node in ast.walk(read(text)):
        if isinstance(node, ast.Compare):
            sides = [ast.unparse(side) for side in (node.left, *node.comparators)]
            for operator, left, right in zip(node.ops, sides, sides[1:]):
                if not isinstance(operator, (ast.Eq, ast.NotEq)):
                    found.append((left, _COMPARED[type(operator)], right))
    return found
