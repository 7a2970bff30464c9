"""The ledger: what is claimed, how each claim is established, and proof that each check can fail.

A claim's check is a function of a *formula bundle*, the formulas that the claim states. Run on
the true bundle it must yield evidence that all passes. Run on each *negative control*, a named
and plausible wrong bundle, the very same check must find a violation. So no check passes merely
because nothing was looked at.

    @claim("H1", "The density integrates to one.", supports=("A4",), source="own derivation",
           formulas=TRUE, controls={"normaliser inverted": replace(TRUE, density="…")})
    def density(formulas):
        yield identity("normalised", …)

A check that cannot settle its question raises `Undecided` (or crashes): then a claim has failed,
and a control has *not* been rejected.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Kind = Literal["proved", "decided", "checked", "measured"]
VerdictKind = Literal["proved", "decided", "checked", "measured", "failed"]

ABSTRACT_SENTENCES = ("A1", "A2", "A3", "A4", "A5", "A6")


class Undecided(Exception):
    """A tool could neither establish nor refute a statement, or its premises contradict."""


@dataclass(frozen=True)
class Evidence:
    """One finding for or against a claim.

    Attributes:
        kind: `proved` (an identity reduced to exactly zero, or an exactly evaluated statement),
            `decided` (a decision procedure, premises shown satisfiable), `checked` (a number of
            cases), `measured` (an experiment).
        name: what was looked at.
        tool: what looked, such as "SymPy".
        passed: False means a violation was found, not that the tool gave up.
        detail: one line; for a violation, where it is.
        cases: how many cases were covered.
        core: whether the claim rests on it; otherwise an oracle beside the core evidence.
    """

    kind: Kind
    name: str
    tool: str
    passed: bool
    detail: str = ""
    cases: int = 1
    core: bool = True


Check = Callable[[Any], Iterable[Evidence]]


@dataclass(frozen=True)
class Claim:
    """A statement, its check, and the wrong bundles that the check must reject.

    Attributes:
        id: such as "H1".
        statement: one or two plain sentences.
        supports: the sentences of the paper's abstract that rest on it, from A1 to A6.
        source: where the statement comes from.
        check: function of a formula bundle that yields evidence.
        formulas: the true bundle.
        controls: name -> wrong bundle; at least one.

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

    @property
    def kind(self) -> VerdictKind:
        """The weakest kind of core evidence, `failed` if anything failed or no core is there.

        Proved and decided evidence together make `proved`: both are proofs. Evidence that is
        not core can make a claim fail, but neither lifts nor lowers its kind.
        """
        core = {item.kind for item in self.evidence if item.core}
        if self.error or not core or not all(item.passed for item in self.evidence):
            return "failed"
        for weak in ("measured", "checked"):
            if weak in core:
                return weak
        return "proved" if "proved" in core else "decided"

    @property
    def label(self) -> str:
        """The kind as printed, with the number of cases where it is `checked`."""
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
        """The claim stands, and every negative control was rejected."""
        return self.kind != "failed" and all(control.rejected for control in self.controls)

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong, one line each; empty if and only if `ok`."""
        lines = [self.error] if self.error else []
        lines += [f"{e.name}: {e.detail}" for e in self.evidence if not e.passed]
        if not lines and self.kind == "failed":
            lines.append("the check gave no core evidence")
        lines += [f"control not rejected: {c.name}: {c.reason}" for c in self.controls
                  if not c.rejected]
        return tuple(lines)

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
            "evidence": [asdict(item) for item in self.evidence],
            "controls": [asdict(control) for control in self.controls],
            "seconds": self.seconds,
        }

    def _counted(self, core: bool) -> list[Evidence]:
        return [e for e in self.evidence if e.kind in ("checked", "measured") and e.core == core]

    def _cases(self, core: bool) -> int:
        return sum(item.cases for item in self._counted(core))


class Ledger:
    """A registry of claims that verifies them."""

    def __init__(self) -> None:
        self._claims: dict[str, Claim] = {}

    def claim(
        self,
        id: str,
        statement: str,
        *,
        supports: tuple[str, ...],
        source: str,
        formulas: Any,
        controls: Mapping[str, Any],
    ) -> Callable[[Check], Check]:
        """Decorator that registers a check as a claim; see `Claim` for the arguments.

        Raises:
            ValueError: if the id is taken, or `Claim` refuses.
        """

        def register(check: Check) -> Check:
            if id in self._claims:
                raise ValueError(f"claim {id} is already in the ledger")
            self._claims[id] = Claim(id, statement, supports, source, check, formulas, controls)
            return check

        return register

    def claims(self) -> tuple[Claim, ...]:
        """All claims, in the order of their registration."""
        return tuple(self._claims.values())

    def verify(
        self,
        ids: Sequence[str] | None = None,
        on_progress: Callable[[int, int, Claim | None], None] | None = None,
    ) -> list[Verdict]:
        """Run the checks and controls of the claims named, or of all.

        Args:
            ids: claim ids, in the order wanted; None for all.
            on_progress: called as (done, total, claim now starting), and once more at the end
                with None.

        Raises:
            ValueError: if an id is unknown; the message lists those known. Nothing else: a check
                that raises is a failed claim.
        """
        wanted = list(self._claims) if ids is None else list(ids)
        unknown = [id for id in wanted if id not in self._claims]
        if unknown:
            known = ", ".join(self._claims)
            raise ValueError(f"unknown claim {', '.join(unknown)}; known: {known}")
        verdicts: list[Verdict] = []
        for id in wanted:
            if on_progress:
                on_progress(len(verdicts), len(wanted), self._claims[id])
            verdicts.append(_verdict(self._claims[id]))
        if on_progress:
            on_progress(len(verdicts), len(wanted), None)
        return verdicts


def _verdict(claim: Claim) -> Verdict:
    start = time.perf_counter()
    evidence: list[Evidence] = []
    error = None
    try:
        for item in claim.check(claim.formulas):
            evidence.append(item)  # one by one, to keep what came before an exception
    except Exception as exception:
        error = _describe(exception)
    controls = tuple(_try_control(claim, name, wrong) for name, wrong in claim.controls.items())
    return Verdict(claim, tuple(evidence), controls, error, time.perf_counter() - start)


def _try_control(claim: Claim, name: str, wrong: Any) -> ControlResult:
    """Run the check on a wrong bundle up to the first violation; a crash is not a rejection."""
    try:
        for item in claim.check(wrong):
            if not item.passed:
                return ControlResult(name, True, f"{item.name}: {item.detail}")
    except Exception as exception:
        return ControlResult(name, False, _describe(exception))
    return ControlResult(name, False, "the check found nothing wrong with it")


def _describe(exception: Exception) -> str:
    return f"{type(exception).__name__}: {exception}"


_PROJECT = Ledger()
claim = _PROJECT.claim


def claims() -> tuple[Claim, ...]:
    """All of the project's claims, in order. Imports no prover: that waits for `verify`."""
    import theory.proofs  # noqa: F401  (registers the claims; it imports this module in turn)

    return _PROJECT.claims()


def verify(
    ids: Sequence[str] | None = None,
    on_progress: Callable[[int, int, Claim | None], None] | None = None,
) -> list[Verdict]:
    """Verify the project's claims; see `Ledger.verify`."""
    claims()
    return _PROJECT.verify(ids, on_progress)
