"""The record of what the claims say, in ``record.json``: a claim that says something else is seen.

A statement is changed on purpose or by mistake, and its sentence with it: what its provers then
show is what it says, but not what it said. So what each claim says is recorded, part by part as
people read it, and ``verify`` compares. ``make ledger`` records what the claims say now.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from theory.statement import Argued
from theory.verdict import Claim, Gap

RECORD = Path(__file__).with_name("record.json")


def says(claim: Claim) -> dict[str, str]:
    """All that a claim says: its sentence, domains, definitions, parts, and what is not pinned."""
    said = {"sentence": claim.statement}
    if states := claim.states:
        said["where"] = states.domain_shown
        for name in (*states.definitions, *states.premises, *states.conclusions, *states.lemmas):
            said[name] = states.show(name)
        for name, part in states.conclusions.items():
            if isinstance(part, Argued):
                said[f"argument of {name}"] = " / ".join(map(states.fill, part.argument))
        said |= {f"{name} is not pinned": reason for name, reason in states.loose.items()}
    return said


def differences(claim: Claim) -> tuple[Gap, ...]:
    """What a claim says that is not on record, and the other way round."""
    recorded, said = _recorded().get(claim.id), says(claim)
    if recorded is None:
        return (Gap("record", "holds no such claim; make ledger enters it"),)
    return tuple(
        Gap(name, f"says something else than on record: {recorded.get(name, 'nothing')}")
        for name in dict.fromkeys([*said, *recorded])
        if said.get(name) != recorded.get(name)
    )


def write(claims: tuple[Claim, ...], path: Path = RECORD) -> None:
    content = {claim.id: says(claim) for claim in claims}
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


@cache
def _recorded() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads(RECORD.read_text(encoding="utf-8"))
    return found
