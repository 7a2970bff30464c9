"""What is claimed, what was found of it, and what follows: evidence, controls, verdicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from theory.statement import Argued, Statement

Kind = Literal["proved", "decided", "checked", "measured"]
VerdictKind = Literal["proved", "decided", "checked", "measured", "partly", "undecided", "failed"]
ABSTRACT_SENTENCES = ("A1", "A2", "A3", "A4", "A5", "A6")


class Undecided(Exception):
    """A tool could neither establish nor refute a statement: it gave up, or ran out of time."""


class Vacuous(Exception):
    """Premises contradict one another, so that they imply anything."""


@dataclass(frozen=True)
class Evidence:
    """One finding for or against a claim.

    Attributes:
        kind: ``proved`` (an identity reduced to exactly zero, or an exactly evaluated statement),
            ``decided`` (a decision procedure, premises shown satisfiable), ``checked`` (a number of
            cases), ``measured`` (an experiment).
        name: what was looked at.
        tool: what looked, such as "SymPy".
        passed: False means a violation was found, not that the tool gave up.
        detail: one line; for a violation, where it is.
        cases: how many cases were covered.
        core: whether the claim rests on it; otherwise an oracle beside the core evidence.
        establishes: the part of the statement that it establishes, if it does.
        under: the premises used.
        narrowed: relations used that the statement does not have.
        uses: the statement's parts and names on which it rests.
        smt: what the solvers were asked, as SMT-LIB 2.
        seconds: it took.
    """

    kind: Kind
    name: str
    tool: str
    passed: bool
    detail: str = ""
    cases: int = 1
    core: bool = True
    establishes: str = ""
    under: tuple[str, ...] = ()
    narrowed: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    smt: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Control:
    """A wrong variant of a statement.

    Attributes:
        changes: name of a part -> what replaces it; see ``Statement.but``.
        by: the evidence that must find the violation; any other is the wrong reason.
    """

    changes: Mapping[str, Any]
    by: str


@dataclass(frozen=True)
class PremiseResult:
    """What became of a premise: ``needed``, with a witness, or a ``convenience``, with a reason.

    Attributes:
        fault: what is wrong with the witness; empty if nothing is.
    """

    name: str
    formula: str
    status: Literal["needed", "convenience"]
    detail: str
    fault: str


@dataclass(frozen=True)
class Gap:
    """A part of a statement that is not pinned, or not established as it stands."""

    part: str
    problem: str


@dataclass(frozen=True)
class PartResult:
    """What became of a conclusion: how it is shown, and by which tools, unless gaps are left."""

    name: str
    text: str
    by: tuple[str, ...]
    gaps: tuple[Gap, ...]


Check = Callable[[Any], Iterable[Evidence]]


@dataclass(frozen=True)
class Claim:
    """A statement, its check, and the wrong bundles that the check must reject.

    Attributes:
        id: such as "H1".
        statement: one or two plain sentences; rendered from ``states`` if that is given.
        supports: the sentences of the paper's abstract that rest on it, from A1 to A6.
        source: where the statement comes from.
        check: function of a formula bundle that yields evidence.
        formulas: the true bundle.
        controls: name -> wrong bundle, or ``Control`` where ``states`` is given; at least one.
        states: the statement as data.

    Raises:
        ValueError: if there is no control, or an unknown sentence of the abstract.
    """

    id: str
    statement: str
    supports: tuple[str, ...]
    source: str
    check: Check
    formulas: Any
    controls: Mapping[str, Any]
    states: Statement | None = None

    def __post_init__(self) -> None:
        if not self.controls:
            raise ValueError(f"claim {self.id} has no negative control; give at least one")
        unknown = set(self.supports) - set(ABSTRACT_SENTENCES)
        if unknown:
            raise ValueError(f"claim {self.id} supports {sorted(unknown)}; admissible: A1 to A6")


@dataclass(frozen=True)
class ControlResult:
    """What became of a negative control: rejected, and by which evidence, or why not."""

    name: str
    rejected: bool
    reason: str


@dataclass(frozen=True)
class Verdict:
    """The outcome of one claim: its evidence, its controls, its error if its check raised."""

    claim: Claim
    evidence: tuple[Evidence, ...]
    controls: tuple[ControlResult, ...]
    error: str | None
    seconds: float
    undecided: bool = False
    premises: tuple[PremiseResult, ...] = ()
    gaps: tuple[Gap, ...] = ()

    @property
    def kind(self) -> VerdictKind:
        """The weakest kind of core evidence, ``failed`` if anything failed or no core is there.

        Proved and decided evidence together make ``proved``: both are proofs. Evidence that is
        not core can make a claim fail, but neither lifts nor lowers its kind.
        """
        core = {item.kind for item in self.evidence if item.core}
        if not all(item.passed for item in self.evidence) or (self.error and not self.undecided):
            return "failed"
        if self.undecided:
            return "undecided"
        if not core:
            return "failed"
        if self.missing:
            return "partly"
        for weak in ("measured", "checked"):
            if weak in core:
                return weak
        return "proved" if "proved" in core else "decided"

    @property
    def label(self) -> str:
        """The kind as printed, with the number of cases where it is ``checked``."""
        if self.kind != "checked":
            return self.kind
        return f"checked ({self._cases(core=True)} cases)"

    @property
    def established(self) -> str:
        """How, by tool: such as "SymPy: 12 proved; Z3: 3 decided; SciPy: 40 cases beside"."""
        exact = Counter((e.tool, e.kind) for e in self.evidence if e.kind in ("proved", "decided"))
        parts = [f"{tool}: {count} {kind}" for (tool, kind), count in exact.items()]
        for core, suffix in ((True, ""), (False, " beside")):
            tools = dict.fromkeys(e.tool for e in self._counted(core))
            if tools:
                parts.append(f"{', '.join(tools)}: {self._cases(core)} cases{suffix}")
        return "; ".join(parts)

    @property
    def ok(self) -> bool:
        """The whole claim stands, and every negative control was rejected."""
        return self.kind not in ("failed", "undecided", "partly") and all(
            control.rejected for control in self.controls
        )

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong, one line each; empty if and only if ``ok``."""
        lines = [self.error] if self.error else []
        lines += [f"{e.name}: {e.detail}" for e in self.evidence if not e.passed]
        if not lines and self.kind == "failed":
            lines.append("the check gave no core evidence")
        lines += [f"{gap.part}: {gap.problem}" for gap in self.missing]
        lines += [
            f"control not rejected: {c.name}: {c.reason}" for c in self.controls if not c.rejected
        ]
        return tuple(lines)

    @property
    def parts(self) -> tuple[PartResult, ...]:
        """The conclusions of a statement, and what is left open of each."""
        states = self.claim.states
        if states is None:
            return ()
        return tuple(
            PartResult(name, states.show(name), self._tools(name), tuple(self._open(name)))
            for name in states.conclusions
        )

    @property
    def missing(self) -> tuple[Gap, ...]:
        """What of the statement is not established as it stands, or not pinned."""
        states = self.claim.states
        if states is None:
            return self.gaps
        found = [Gap(item.name, item.fault) for item in self.premises if item.fault]
        found += [gap for part in self.parts for gap in part.gaps]
        found += [gap for name in states.lemmas for gap in self._open(name)]
        found += [Gap(name, "nothing rests on it") for name in states.idle]
        found += [Gap(name, "occurs nowhere") for name in states.unused]
        found += [
            Gap(name, "no control breaks it alone")
            for name in states.conclusions
            if not self._controlled(name)
        ]
        return tuple(dict.fromkeys([*self.gaps, *found]))

    def _open(self, name: str) -> list[Gap]:
        states = self.claim.states
        assert states is not None
        conclusion = states.conclusions.get(name)
        if isinstance(conclusion, Argued):
            return [
                Gap(name, f"rests on {step}: {gap.problem}")
                for step in conclusion.by
                for gap in self._open(step)
            ]
        shown = [
            item for item in self.evidence if item.establishes == name and item.core and item.passed
        ]
        if not shown:
            return [Gap(name, "is not established")]
        if all(item.narrowed for item in shown):
            return [Gap(name, f"is shown only where {' and '.join(shown[0].narrowed)}")]
        return []

    def _tools(self, name: str) -> tuple[str, ...]:
        states = self.claim.states
        assert states is not None
        conclusion = states.conclusions.get(name)
        parts = (name, *conclusion.by) if isinstance(conclusion, Argued) else (name,)
        return tuple(
            dict.fromkeys(
                item.tool for item in self.evidence if item.establishes in parts and item.core
            )
        )

    def _controlled(self, name: str) -> bool:
        """Whether some control changes one part alone and this conclusion's evidence finds it."""
        states = self.claim.states
        assert states is not None
        conclusion = states.conclusions[name]
        parts = {name, *conclusion.by} if isinstance(conclusion, Argued) else {name}
        return any(
            len(control.changes) == 1 and control.by in parts
            for control in self.claim.controls.values()
        )

    def to_json(self) -> dict[str, Any]:
        """The verdict as plain dictionaries, lists, strings, numbers and booleans."""
        return {
            "id": self.claim.id,
            "statement": self.claim.statement,
            "supports": list(self.claim.supports),
            "source": self.claim.source,
            "verdict": self.kind,
            "label": self.label,
            "ok": self.ok,
            "established": self.established,
            "problems": list(self.problems),
            "premises": [asdict(item) for item in self.premises],
            "conclusions": [asdict(part) for part in self.parts],
            "missing": [asdict(gap) for gap in self.missing],
            "evidence": [asdict(item) for item in self.evidence],
            "controls": [asdict(control) for control in self.controls],
            "seconds": self.seconds,
        }

    def findings(self) -> dict[str, Any]:
        """All but the claim, in JSON's types; ``with_findings`` makes the verdict of it again."""
        content = asdict(replace(self, claim=None))  # type: ignore[arg-type]
        return content | {"claim": self.claim.id}

    def _counted(self, core: bool) -> list[Evidence]:
        return [e for e in self.evidence if e.kind in ("checked", "measured") and e.core == core]

    def _cases(self, core: bool) -> int:
        return sum(item.cases for item in self._counted(core))
