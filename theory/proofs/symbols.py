"""A statement's symbols and definitions as SymPy's, under the assumptions that its domains give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from theory.domain import Bound
from theory.formula import formula
from theory.statement import Statement

if TYPE_CHECKING:
    import sympy as sp


class Names(Mapping[str, Any]):
    """Symbols and definitions by name, expanded when asked for."""

    def __init__(
        self,
        statement: Statement,
        coordinates: Mapping[str, tuple[str, str]],
        tied: bool,
        atoms: tuple[str, ...],
    ) -> None:
        self.statement, self.coordinates, self.atoms = statement, coordinates, atoms
        self.expressed = dict(coordinates.values()) if tied else {}
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def _make(self, name: str) -> Any:
        import sympy as sp

        if name in self.atoms:
            return sp.Symbol(name, real=True)
        if name in self.coordinates:
            return sp.Symbol(name, positive=True)
        if name in self.expressed:
            return formula(self.expressed[name], self)
        if name in self.statement.definitions:
            return formula(self.statement.definitions[name], self)
        return _symbol(name, self.statement.domain[name])

    def __iter__(self) -> Iterator[str]:
        yield from (*self.statement.domain, *self.statement.definitions)

    def __len__(self) -> int:
        return len(self.statement.domain) + len(self.statement.definitions)


def _symbol(name: str, bounds: Sequence[Bound]) -> sp.Symbol:
    """A real symbol with those of its bounds that SymPy knows as assumptions."""
    import sympy as sp

    if any(bound.operator[0] == ">" and sp.Rational(bound.value) >= 0 for bound in bounds):
        strict = any(
            bound.operator == ">" or sp.Rational(bound.value) > 0
            for bound in bounds
            if bound.operator[0] == ">" and sp.Rational(bound.value) >= 0
        )
        return sp.Symbol(name, **{"positive" if strict else "nonnegative": True})
    return sp.Symbol(name, real=True)


def exact_number(value: Any) -> sp.Expr:
    """An exact number from an int, a decimal, or a formula of numbers."""
    import sympy as sp

    return formula(value, {}) if isinstance(value, str) else sp.Rational(str(value))
