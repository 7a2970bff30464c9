"""``parsimony verify``: the proofs of the ledger, and the controls that they must reject."""

import json
from argparse import ArgumentParser, Namespace

import theory
from reproduce import console
from reproduce.errors import UserError

KEPT = "no verdict is kept, the same command begins again"
EXAMPLES = """examples:
  parsimony verify
  parsimony verify H1 H2 --json"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("claims", nargs="*", metavar="CLAIM", help="such as H1 (all)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def run(options: Namespace) -> int:
    try:
        if options.json:
            verdicts = theory.verify(options.claims or None)
        else:
            verdicts = proofs(options.claims or None)
    except ValueError as error:
        raise UserError(str(error)) from error
    if options.json:
        print(json.dumps([verdict.to_json() for verdict in verdicts], indent=1, ensure_ascii=False))
    else:
        console.ledger(verdicts)
    return 0 if all(verdict.ok for verdict in verdicts) else 1


def proofs(claims: list[str] | None = None) -> list[theory.Verdict]:
    """The verdicts on some claims, or on all, with a bar."""
    with console.verifying() as on_progress:
        return theory.verify(claims, on_progress)
