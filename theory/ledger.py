"""The ledger: what is claimed, how each claim is established, and proof that each check can fail.

A claim's check is a function of a *formula bundle*, the formulas that the claim states. Run on
the true bundle it must yield evidence that all passes. Run on each *negative control*, a named
and plausible wrong bundle, the very same check must find a violation. So no check passes merely
because nothing was looked at.

    @claim("H1", HYPERPRIOR, supports=("A4",), source="own derivation",
           controls={"normaliser inverted": Control({"density": "…"}, by="normalised")})
    def density(p):
        yield p.identity("normalised")

The bundle is a ``theory.statement.Statement``, from which the sentence is rendered; the check
receives it as a ``theory.proofs.proof.Proof``, whose evidence names the part that it establishes.
The verdict then is ``partly`` where a part is left open, or shown under more premises than stated;
``undecided`` where a tool could not settle its question; ``failed`` where a violation was found or
the check crashed. (A claim may also be a plain sentence with a bundle of any kind; then its
evidence is not tied to parts.) A control at which the check cannot settle its question is *not*
rejected.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from theory.statement import Statement
from theory.verdict import (
    Check,
    Claim,
    ControlResult,
    Evidence,
    Gap,
    PremiseResult,
    Undecided,
    Verdict,
)


class Ledger:
    """A registry of claims that verifies them."""

    def __init__(self) -> None:
        self._claims: dict[str, Claim] = {}

    def claim(
        self,
        id: str,
        statement: str | Statement,
        *,
        supports: tuple[str, ...],
        source: str,
        formulas: Any = None,
        controls: Mapping[str, Any],
    ) -> Callable[[Check], Check]:
        """Decorator that registers a check as a claim; see ``Claim`` for the arguments.

        Args:
            statement: as data; or a sentence, and then ``formulas`` is the bundle.

        Raises:
            ValueError: if the id is taken, or ``Claim`` refuses.
        """

        def register(check: Check) -> Check:
            if id in self._claims:
                raise ValueError(f"claim {id} is already in the ledger")
            states = statement if isinstance(statement, Statement) else None
            self._claims[id] = Claim(
                id,
                states.sentence if states else str(statement),
                supports,
                source,
                check,
                states or formulas,
                controls,
                states,
            )
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
            verdicts.append(examine(self._claims[id]))
        if on_progress:
            on_progress(len(verdicts), len(wanted), None)
        return verdicts


def with_findings(claim: Claim, found: Mapping[str, Any]) -> Verdict:
    """The verdict that ``Verdict.findings`` was made of."""

    def tuples(kind: type, items: Iterable[Mapping[str, Any]]) -> tuple[Any, ...]:
        return tuple(
            kind(
                **{
                    name: tuple(value) if isinstance(value, list) else value
                    for name, value in item.items()
                }
            )
            for item in items
        )

    return Verdict(
        **{
            **found,
            "claim": claim,
            "evidence": tuples(Evidence, found["evidence"]),
            "controls": tuples(ControlResult, found["controls"]),
            "premises": tuples(PremiseResult, found["premises"]),
            "gaps": tuples(Gap, found["gaps"]),
        }
    )


def examine(claim: Claim) -> Verdict:
    """Run a claim's check on the claim and on its controls."""
    start = time.perf_counter()
    evidence: list[Evidence] = []
    error, undecided = None, False
    premises: tuple[PremiseResult, ...] = ()
    gaps: tuple[Gap, ...] = ()
    try:
        if claim.states:
            premises, gaps = examine_points(claim.states)
        last = time.perf_counter()
        for item in run(claim, claim.formulas):
            now = time.perf_counter()
            evidence.append(replace(item, seconds=now - last))
            last = now
    except Exception as exception:
        error, undecided = _describe(exception), isinstance(exception, Undecided)
    controls = tuple(_try_control(claim, name, wrong) for name, wrong in claim.controls.items())
    return Verdict(
        claim,
        tuple(evidence),
        controls,
        error,
        time.perf_counter() - start,
        undecided,
        premises,
        gaps,
    )


def run(claim: Claim, bundle: Any, only: str | None = None) -> Iterator[Evidence]:
    """The evidence that a claim's check finds for a bundle; of a statement perhaps ``only`` one."""
    if not isinstance(bundle, Statement):
        yield from claim.check(bundle)
        return
    from theory.proofs.proof import Proof

    proof = Proof(bundle, only)
    yield from proof.coordinates()
    yield from claim.check(proof)


def examine_points(states: Statement) -> tuple[tuple[PremiseResult, ...], tuple[Gap, ...]]:
    """What the points of a statement say of its premises and edges."""
    from theory.proofs import pins
    from theory.proofs.proof import Proof

    proof = Proof(states)
    return tuple(pins.premises(proof)), tuple(pins.gaps(proof))


def _try_control(claim: Claim, name: str, wrong: Any) -> ControlResult:
    """Run the check on a wrong bundle up to the violation that counts.

    A crash is no rejection, nor is a violation found by other evidence than the control names, or
    by evidence that does not rest on what the control changes.
    """
    try:
        bundle = claim.states.but(wrong.changes) if claim.states else wrong
        for item in run(claim, bundle, wrong.by if claim.states else None):
            if item.passed or (
                claim.states
                and not (
                    item.name == wrong.by and set(wrong.changes) & {*item.uses, item.establishes}
                )
            ):
                continue
            return ControlResult(name, True, f"{item.name}: {item.detail}")
    except Exception as exception:
        return ControlResult(name, False, _describe(exception))
    by = f" by {wrong.by!r}" if claim.states else ""
    return ControlResult(name, False, f"the check found nothing wrong with it{by}")


def _describe(exception: Exception) -> str:
    return f"{type(exception).__name__}: {exception}"


_PROJECT = Ledger()
claim = _PROJECT.claim


def claims() -> tuple[Claim, ...]:
    """All of the project's claims, in order. Imports no prover: that waits for ``verify``."""
    import theory.proofs  # noqa: F401  (registers the claims; it imports this module in turn)

    return _PROJECT.claims()


def verify(
    ids: Sequence[str] | None = None,
    on_progress: Callable[[int, int, Claim | None], None] | None = None,
) -> list[Verdict]:
    """Verify the project's claims, several at once; see ``Ledger.verify``.

    Raises:
        ValueError: if an id is unknown.
        KeyboardInterrupt: on Ctrl-C, at any moment; no process is left behind.
    """
    known = {claim.id: claim for claim in claims()}
    wanted = list(known) if ids is None else list(dict.fromkeys(ids))
    if len(wanted) < 2 or set(wanted) - set(known):
        return [_on_record(verdict) for verdict in _PROJECT.verify(ids, on_progress)]
    from theory._verifier import findings

    verdicts: dict[str, Verdict] = {}
    report = on_progress or (lambda done, total, claim: None)
    report(0, len(wanted), known[wanted[0]])
    for found in findings(wanted):
        verdicts[found["claim"]] = with_findings(known[found["claim"]], found)
        left = [id for id in wanted if id not in verdicts]
        report(len(verdicts), len(wanted), known[left[0]] if left else None)
    return [_on_record(verdicts[id]) for id in wanted]


def _on_record(verdict: Verdict) -> Verdict:
    """The verdict, and where the claim says something else than on record."""
    from theory import record

    return replace(verdict, gaps=(*verdict.gaps, *record.differences(verdict.claim)))
