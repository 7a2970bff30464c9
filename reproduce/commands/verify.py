"""``parsimony verify``: the proofs of the ledger, and the controls that they must reject."""

import json
from argparse import ArgumentParser, Namespace

import theory
from reproduce import console, screens
from reproduce.errors import unknown
from reproduce.interrupts import at_end
from theory._verifier import end_all
from theory.proofs import solvers

at_end.extend((end_all, solvers.end_all))
KEPT = "no verdict is kept, the same command begins again"
EXAMPLES = """examples:
  parsimony verify                             a line for each claim
  parsimony verify h2                          all there is of one
  parsimony verify H1 H2 --json"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("claims", nargs="*", metavar="CLAIM", help="such as H1, in full (all)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")


def run(options: Namespace) -> int:
    named = [_known(name) for name in options.claims]
    verdicts = theory.verify(named or None) if options.json else proofs(named)
    if options.json:
        print(json.dumps([verdict.to_json() for verdict in verdicts], indent=1, ensure_ascii=False))
    elif named:
        screens.whole_claims(verdicts)
    else:
        screens.claims(verdicts)
    return 0 if all(verdict.ok for verdict in verdicts) else 1


def _known(name: str) -> str:
    """The claim that is meant, in whatever case. Raises UserError where there is none."""
    known = {claim.id.lower(): claim.id for claim in theory.claims()}
    if name.lower() not in known:
        raise unknown("claim", name, list(known.values()))
    return known[name.lower()]


def proofs(claims: list[str] | None = None) -> list[theory.Verdict]:
    """The verdicts on some claims, or on all, with a bar."""
    with console.verifying() as on_progress:
        return theory.verify(claims or None, on_progress)
