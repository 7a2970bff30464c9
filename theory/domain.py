"""The domains of a claim's symbols, read from text such as ``a, b > 0; 0 <= x < 1; y``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from theory.formula import names


@dataclass(frozen=True)
class Bound:
    """One bound of a symbol's domain: symbol operator value."""

    symbol: str
    operator: str
    value: str

    @property
    def name(self) -> str:
        return f"{self.symbol} {self.operator} {self.value}"


def shown_domain(bounds: Sequence[Bound], name: str) -> str:
    """One symbol's domain, as people read it."""
    low = [f"{b.value} {b.operator.replace('>', '<')} " for b in bounds if b.operator[0] == ">"]
    high = [f" {b.operator} {b.value}" for b in bounds if b.operator[0] == "<"]
    text = (
        "".join([*low, name, *high])
        if low and high
        else name + "".join(f" {b.operator} {b.value}" for b in bounds)
    )
    return text.replace("<=", "≤").replace(">=", "≥")


@cache
def read_domain(symbols: str) -> dict[str, tuple[Bound, ...]]:
    """The bounds of each symbol, by its name.

    Raises:
        ValueError: if a part states no domain, or a symbol has two.
    """
    found: dict[str, tuple[Bound, ...]] = {}
    for group in filter(None, (part.strip() for part in symbols.split(";"))):
        pieces = re.split(r"(<=|>=|<|>)", group)
        match [piece.strip() for piece in pieces]:
            case [listed]:
                bounds: Sequence[tuple[str, str]] = ()
            case [listed, operator, value]:
                bounds = ((operator, value),)
            case [low, ("<" | "<=") as left, listed, ("<" | "<=") as right, high]:
                bounds = ((left.replace("<", ">"), low), (right, high))
            case _:
                raise ValueError(f"{group!r} states no domain")
        for name in (item.strip() for item in listed.split(",")):
            if name in found:
                raise ValueError(f"the symbol {name} has two domains")
            (name,) = names(name)  # composed as Python composes names
            found[name] = tuple(Bound(name, *bound) for bound in bounds)
    return found
