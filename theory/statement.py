"""What a claim states, as data: the one source of its sentence, of its proof and of its tests.

::

    Statement(
        symbols="κ, c > 0; λ, r >= 0; 0 <= θ <= 1",
        definitions={"V": "m*θ + κ*r", …},
        premises={"inside": Needed("V < V̄", fails=("falls", dict(κ=1, …)))},
        conclusions={"falls": "V_next <= V", "dead": Argued("{θ} is {zero} for good", …)},
        lemmas={"absorbing": Lemma(("κ*r <= c",), "growth_θ <= 0")},
        points=(dict(κ=1, λ=0, …),),
        text="If {inside}, then {falls}, and {dead}.",
    )

Every formula in it is text in the language of ``theory.formula``, stands once, and has a name; the
sentence is the template ``text`` with the names filled in. What holds is kept from drifting by
points: every non-strict inequality must be met with equality at one of them, every strict one
nearly, so that neither a premise can be narrowed nor a conclusion weakened unseen. Where nothing
can pin an inequality, ``loose`` says why.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from theory.domain import Bound, read_domain, shown_domain
from theory.formula import is_relation, names, shown, shown_name

Point = Mapping[str, Any]
# What a definition may be shown as: words, letters and marks without operator, or a derivative.
_WORD = r"[^=<>≤≥≠+−·/^√]+|∂\S+/∂\S+"


@dataclass(frozen=True)
class Needed:
    """A premise without which the claim is false.

    Attributes:
        formula: the relation.
        fails: a part of the statement, and a point at which all other premises hold, this one
            does not, and that part is false.
    """

    formula: str
    fails: tuple[str, Point]


@dataclass(frozen=True)
class Convenience:
    """A premise that may be more than is needed.

    Attributes:
        formula: the relation.
        reason: what it is for, or what is known without it.
    """

    formula: str
    reason: str


@dataclass(frozen=True)
class Lemma:
    """A step that a machine checks: given ⇒ then.

    Attributes:
        given: names of premises or lemmas' conclusions, or relations of its own.
        then: the relation.
        points: pin it, beside the statement's own points.
    """

    given: tuple[str, ...]
    then: str
    points: tuple[Point, ...] = ()


@dataclass(frozen=True)
class Worded:
    """A part that is no relation of numbers; evidence of any kind that names it establishes it."""

    words: str


class Prose(str):
    """A step of an argument that no machine checks."""


@dataclass(frozen=True)
class Argued:
    """A conclusion in words that follows by an argument.

    Attributes:
        words: a template.
        argument: its steps in order: names of lemmas and other parts, which a machine must have
            established, and ``Prose``.
    """

    words: str
    argument: tuple[str, ...]

    @property
    def by(self) -> tuple[str, ...]:
        """The steps that must be established."""
        return tuple(step for step in self.argument if not isinstance(step, Prose))


Premise = Needed | Convenience
Conclusion = str | Lemma | Worded | Argued


@dataclass(frozen=True)
class Statement:
    """A theorem as data; see the module. Not yet checked: ``theory.proofs.proof`` does that.

    Attributes:
        text: the sentence: ``{name}`` a part or a symbol, or a definition that is a relation;
            ``{name=}`` a definition, ``{name:}`` its right side alone, or a symbol's domain.
        symbols: domains, "κ, c > 0; λ, r >= 0; 0 <= θ <= 1; x"; x may be any real number.
        premises, conclusions: by name.
        definitions: name -> formula; where a lemma needs a relation as a word of its own, that too.
        lemmas: by name.
        points: values of some or all symbols, as numbers or formulas of numbers.
        loose: name of a part or bound -> why its edge is not pinned by a point.
        coordinates: name of a definition -> (symbol, formula): proofs use the definition as a
            coordinate and express the symbol by it, such as {"m": ("λ", "m - κ**2/m")}.
        shown_as: how some names are shown.
        spelt: definitions that are written out wherever they occur.
        code: name -> what computes it.

    Raises:
        ValueError: if two parts share a name, or the template leaves one out, names an unknown
            one, or holds a formula of its own.
    """

    text: str
    symbols: str
    conclusions: Mapping[str, Conclusion]
    premises: Mapping[str, Premise] = field(default_factory=dict)
    definitions: Mapping[str, str] = field(default_factory=dict)
    lemmas: Mapping[str, Lemma | Worded] = field(default_factory=dict)
    points: tuple[Point, ...] = ()
    loose: Mapping[str, str] = field(default_factory=dict)
    coordinates: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    shown_as: Mapping[str, str] = field(default_factory=dict)
    spelt: tuple[str, ...] = ()
    code: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        parts = [
            *self.premises,
            *self.conclusions,
            *self.definitions,
            *self.lemmas,
            *self.code,
            *self.domain,
        ]
        twice = sorted({name for name in parts if parts.count(name) > 1})
        if twice:
            raise ValueError(f"two parts have the name {', '.join(twice)}")
        # The text between placeholders; a worded conclusion is a template too.
        templates = [
            self.text,
            *(
                part.words
                for part in self.conclusions.values()
                if isinstance(part, (Argued, Worded))
            ),
        ]
        for template in templates:
            if typed := typed_formula(template):
                raise ValueError(f"the sentence types {typed!r} by hand: {template!r}")
            for name in placeholders(template):
                if name not in parts:
                    raise ValueError(f"the sentence names the unknown part {name!r}")
        told = placeholders(self.text)
        silent = [name for name in (*self.premises, *self.conclusions) if name not in told]
        if silent:
            raise ValueError(f"the sentence leaves out {', '.join(silent)}")
        for name, conclusion in self.conclusions.items():
            if isinstance(conclusion, Argued) and (
                unknown := set(conclusion.by) - set(self.lemmas) - set(self.conclusions)
            ):
                raise ValueError(f"{name} is argued by unknown parts: {sorted(unknown)}")
        for name, word in self.shown_as.items():
            if name in self.definitions and not re.fullmatch(_WORD, word):
                raise ValueError(f"{name} is shown as the formula {word!r}; spell it instead")
        if unknown := set(self.loose) - set(parts) - {b.name for b in self.bounds}:
            raise ValueError(f"unknown parts are called loose: {sorted(unknown)}")

    @property
    def domain(self) -> dict[str, tuple[Bound, ...]]:
        """The bounds of each symbol, in order."""
        return read_domain(self.symbols)

    @property
    def bounds(self) -> list[Bound]:
        return [bound for bounds in self.domain.values() for bound in bounds]

    @property
    def domain_shown(self) -> str:
        """The domains of the symbols, as people read them."""
        text = re.sub(
            r"[^\W\d][\w\u0300-\u036f]*",
            lambda found: shown_name(found[0], self.shown_as),
            self.symbols,
        )
        return text.replace("<=", "≤").replace(">=", "≥")

    @property
    def sentence(self) -> str:
        """The ledger's sentence, rendered from the parts."""
        return self.fill(self.text)

    @property
    def idle(self) -> list[str]:
        """Lemmas that no argument and no other lemma names."""
        named = {
            step
            for part in self.conclusions.values()
            if isinstance(part, Argued)
            for step in part.by
        }
        named |= {
            item
            for part in (*self.lemmas.values(), *self.conclusions.values())
            if isinstance(part, Lemma)
            for item in part.given
        }
        return [name for name in self.lemmas if name not in named]

    @property
    def unused(self) -> list[str]:
        """Symbols that no formula of a part and no placeholder contains."""
        formulas = [
            formula
            for name, part in parts_of(self)
            for formula in (
                *(part.given if isinstance(part, Lemma) else ()),
                self.relation(name) or "0",
            )
        ]
        occurring = self.uses(*(item for item in formulas if item not in dict(parts_of(self))))
        words = [
            self.text,
            *(part.words for _, part in parts_of(self) if isinstance(part, (Argued, Worded))),
        ]
        occurring |= self.uses(
            *(
                name
                for template in words
                for name in placeholders(template)
                if name in self.definitions
            )
        )
        return [name for name in self.domain if name not in occurring]

    def fill(self, template: str) -> str:
        """A template with its placeholders filled in."""
        return re.sub(r"\{([^{}]*)\}", lambda found: self._filling(found[1]), template)

    def relation(self, name: str) -> str | None:
        """The formula of a premise, conclusion or lemma; None if it is worded, or no part."""
        part = self.premises.get(name) or self.conclusions.get(name) or self.lemmas.get(name)
        match part:
            case Needed() | Convenience():
                return part.formula
            case Lemma():
                return part.then
            case str():
                return part
        return None

    def show(self, name: str) -> str:
        """A part as people read it: a relation, "given ⇒ then" of a lemma, or words."""
        part = self.conclusions.get(name) or self.lemmas.get(name)
        if isinstance(part, Lemma):
            given = ", ".join(self._show(self.relation(item) or item) for item in part.given)
            then = self._show(part.then)
            return f"{given} ⇒ {then}" if given else then
        if isinstance(part, (Worded, Argued)):
            return self.fill(part.words)
        formula = self.relation(name)
        if formula is None and name in self.definitions:
            return f"{shown_name(name, self.shown_as)} = {self._show(self.definitions[name])}"
        return self._show(formula if formula is not None else name)

    def uses(self, *formulas: str) -> frozenset[str]:
        """The names in formulas, and, through the definitions, in what these stand for."""
        found: set[str] = set()
        new = set().union(*(names(formula) for formula in formulas)) if formulas else set()
        while new:
            found |= new
            new = (
                set().union(
                    *(names(self.definitions[name]) for name in new if name in self.definitions)
                )
                - found
            )
        return frozenset(found)

    def but(self, changes: Mapping[str, Any]) -> Statement:
        """The statement with some parts replaced: a negative control.

        Args:
            changes: name -> another formula, other words' ``Lemma`` and the like, other code, or
                None to drop a premise.

        Raises:
            KeyError: if there is no part of that name.
        """
        replaced: dict[str, dict[str, Any]] = {}
        for name, new in changes.items():
            for kind in ("premises", "conclusions", "definitions", "lemmas", "code"):
                parts = getattr(self, kind)
                if name in parts:
                    replaced.setdefault(kind, dict(parts))[name] = _changed(parts[name], new)
                    break
            else:
                raise KeyError(f"no part {name!r} to change")
        return replace(self, **replaced)  # type: ignore[arg-type]

    def _show(self, formula: str) -> str:
        """A relation that a definition names is written out."""
        spelt = {
            name: text
            for name, text in self.definitions.items()
            if name in self.spelt or is_relation(text)
        }
        return shown(formula, self.shown_as, spelt)

    def _filling(self, placeholder: str) -> str:
        name, ending = re.fullmatch(r"(.*?)([=:]?)", placeholder).groups()  # type: ignore[union-attr]
        if ending == ":" and name in self.domain:
            return shown_domain(self.domain[name], shown_name(name, self.shown_as))
        if ending == ":":
            return self._show(self.definitions[name])
        if is_relation(self.definitions.get(name, "0")):
            return self._show(self.definitions[name])
        if name in self.spelt:
            return self._show(name)
        if ending == "=" or name not in (*self.definitions, *self.domain):
            return self.show(name)
        return shown_name(name, self.shown_as)


def placeholders(template: str) -> list[str]:
    return [found.rstrip("=:") for found in re.findall(r"\{([^{}]*)\}", template)]


def typed_formula(template: str) -> str:
    """What in a template looks like a formula outside its placeholders; empty if nothing does."""
    bare = re.sub(r"\{[^{}]*\}", "", template)
    found = re.search(r"[^A-Za-z\s.,;:'‘’“”()–-]+|(?<![\w'’])(?![aAI]\b)[A-Za-z](?![\w'’])", bare)
    return found[0] if found else ""


def _changed(old: Any, new: Any) -> Any:
    """A part with its formula replaced, if text is given for it."""
    if isinstance(new, str) and isinstance(old, (Needed, Convenience)):
        return replace(old, formula=new)
    if isinstance(new, str) and isinstance(old, Lemma):
        return replace(old, then=new)
    return new


def parts_of(statement: Statement) -> Iterator[tuple[str, Any]]:
    """All premises, conclusions and lemmas by name."""
    for kind in (statement.premises, statement.conclusions, statement.lemmas):
        yield from kind.items()
