"""One claim in full: its parts, what established each, its witnesses; and the solvers' questions.

in_full(verdict)      plain text, a claim as a reader wants to check it
page(verdict)         the same as a page of docs/theory
questions(verdict)    SMT-LIB 2, everything of the claim that solvers decided
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from reproduce.files import write_atomic
from reproduce.tables.render import escape_markdown
from theory.statement import Argued, Prose, Statement
from theory.verdict import Evidence, Verdict

# The claims whose proof is an argument that deserves a page.
WRITTEN = ("D1", "P3", "F5", "G6a")


def in_full(verdict: Verdict) -> str:
    """Premises with witnesses, conclusions with their steps, evidence with its time, controls."""
    lines = [
        f"{verdict.claim.id}: {verdict.label}, in {verdict.seconds:.1f} s",
        "",
        verdict.claim.statement,
        "",
    ]
    if verdict.claim.states:
        lines += [*_statement(verdict, verdict.claim.states), ""]
    beside = [item for item in verdict.evidence if not item.establishes]
    if beside:
        lines += [
            "Beside the proof" if verdict.claim.states else "Evidence",
            *(f"  {item.name}: {_outcome(item)}" for item in beside),
            "",
        ]
    lines.append("Controls")
    for control in verdict.controls:
        outcome = "rejected" if control.rejected else "NOT rejected"
        lines.append(f"  {control.name}: {outcome} ({control.reason})")
    if verdict.problems:
        lines += ["", "Missing", *(f"  {problem}" for problem in verdict.problems)]
    return "\n".join(lines) + "\n"


def page(verdict: Verdict) -> str:
    """A claim's written argument in Markdown: what a machine checked says so, the rest is prose."""
    states = verdict.claim.states
    assert states is not None
    used = [name for name, part in states.conclusions.items() if isinstance(part, Argued)]
    lines = [
        f"# {verdict.claim.id}",
        "",
        escape_markdown(states.sentence),
        "",
        f"Verdict: {verdict.label}. This page is written by the program, from the claim as it "
        "stands in `theory/proofs`. A step in *italics* is prose; every other one was checked "
        "by the tool that it names.",
    ]
    if states.premises:
        lines += ["", "## Premises", ""]
        lines += [
            f"- {escape_markdown(item.formula)}: {escape_markdown(item.detail)}"
            for item in verdict.premises
        ]
    for name in used:
        part = states.conclusions[name]
        assert isinstance(part, Argued)
        lines += ["", f"## {escape_markdown(_capital(states.fill(part.words)))}", ""]
        lines += [
            f"{number}. {_step(verdict, states, step)}"
            for number, step in enumerate(part.argument, 1)
        ]
    return "\n".join(lines) + "\n"


def questions(verdict: Verdict) -> str:
    """Everything of a claim that the solvers decided, to be run by any; empty if nothing was."""
    parts = [item.smt for item in verdict.evidence if item.smt]
    if not parts:
        return ""
    head = f"; Claim {verdict.claim.id}: {verdict.claim.statement}\n"
    return head + "(reset)\n".join(f"\n{part}" for part in parts)


def write(verdicts: Sequence[Verdict], folder: Path) -> list[Path]:
    """Writes the solvers' questions, ``CLAIM.smt2`` for each claim that has some."""
    asked = {verdict.claim.id: questions(verdict) for verdict in verdicts}
    paths = []
    for id, text in asked.items():
        if text:
            paths.append(folder / f"{id}.smt2")
            write_atomic(paths[-1], text)
    return paths


def _statement(verdict: Verdict, states: Statement) -> Iterator[str]:
    yield "Where"
    yield f"  {states.domain_shown}"
    yield from (f"  {states.show(name)}" for name in states.definitions)
    if verdict.premises:
        yield "Premises"
        for item in verdict.premises:
            yield f"  {item.name}: {item.formula}"
            yield f"    {item.status}: {item.fault or item.detail}"
    yield "Conclusions"
    for part in verdict.parts:
        yield f"  {part.name}: {part.text}"
        if not isinstance(states.conclusions[part.name], Argued):
            yield from (f"    {_outcome(item)}" for item in _evidence(verdict, part.name))
    yield "Steps"
    told: set[str] = set()
    for name, conclusion in states.conclusions.items():
        if isinstance(conclusion, Argued):
            yield f"  for {name}"
            for number, step in enumerate(conclusion.argument, 1):
                yield f"    {number}. {_plain_step(verdict, states, step)}"
                told.add(step)
    for name in states.lemmas:
        if name not in told:
            yield f"  {_plain_step(verdict, states, name)}"


def _plain_step(verdict: Verdict, states: Statement, step: str) -> str:
    if isinstance(step, Prose):
        return f"(in words) {states.fill(step)}"
    if isinstance(states.conclusions.get(step), Argued):
        return f"{step}, as argued"
    outcome = "; ".join(_outcome(item) for item in _evidence(verdict, step)) or "not established"
    return f"{step}: {states.show(step)}: {outcome}"


def _step(verdict: Verdict, states: Statement, step: str) -> str:
    if isinstance(step, Prose):
        return f"*{escape_markdown(states.fill(step))}*"
    if isinstance(states.conclusions.get(step), Argued):
        (part,) = (part for part in verdict.parts if part.name == step)
        return f"**{_capital(step)}**, as argued" + (", NOT established" if part.gaps else "")
    tools = ", ".join(dict.fromkeys(item.tool for item in _evidence(verdict, step) if item.passed))
    shown = escape_markdown(states.show(step))
    return f"**{_capital(step)}.** {shown} ({tools or 'NOT established'})"


def _evidence(verdict: Verdict, part: str) -> list[Evidence]:
    return [item for item in verdict.evidence if item.establishes == part]


def _outcome(item: Evidence) -> str:
    result = item.kind if item.passed else "VIOLATED"
    narrowed = f", only where {' and '.join(item.narrowed)}" if item.narrowed else ""
    cases = f", {item.cases} cases" if item.kind in ("checked", "measured") else ""
    return f"{result} by {item.tool}{cases}{narrowed}, {item.seconds:.2f} s; {item.detail}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:] if text[:1].isascii() else text
