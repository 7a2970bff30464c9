"""The ledger's claims: all stand, every control is rejected, and by the evidence meant."""

import csv
import dataclasses
import io
import json
import re
from pathlib import Path

import pytest

from reproduce.tables import ledger, proofs
from theory import claims, record, verify
from theory.statement import Argued, Worded, parts_of, typed_formula

TABLES = Path(__file__).parents[2] / "paper_tables"

KINDS = {
    "H1": "proved", "H2": "proved", "H3": "proved", "H4": "proved",
    "H5": "proved",
    "D1": "checked", "D1x": "proved", "D2": "proved", "D2x": "proved", "D3": "decided",
    "D4": "checked", "D4x": "decided", "B1": "checked", "B2": "checked", "B2x": "decided",
    "B3": "checked",
    "F1": "proved", "F2": "proved", "F2x": "proved", "F3": "proved", "F4": "proved",
    "F5": "checked",
    "P1": "proved", "P2": "proved", "P3": "checked", "P3x": "proved", "P4": "checked",
    "G1": "checked", "G1x": "proved", "G1y": "proved", "G2": "proved", "G2x": "proved",
    "G3": "proved", "G3x": "proved", "G3b": "proved", "G3bx": "proved", "G3by": "proved",
    "G4": "proved", "G4x": "proved", "G5": "proved", "G5x": "proved",
    "G6a": "proved", "G6b": "proved", "G6c": "proved", "G6cx": "decided", "G6ax": "proved",
    "G6bx": "proved", "G7": "proved", "G7x": "decided", "G7y": "decided",
}  # fmt: skip
CLAIMS = {claim.id: claim for claim in claims()}


@pytest.fixture(scope="module")
def verdicts():
    return {verdict.claim.id: verdict for verdict in verify()}


def test_they_are_all_there():
    assert list(CLAIMS) == list(KINDS)


@pytest.mark.parametrize("id", KINDS)
def test_established_with_every_control_rejected(verdicts, id):
    verdict = verdicts[id]
    assert verdict.problems == ()
    assert verdict.ok and verdict.kind == KINDS[id]
    assert len(verdict.controls) >= 2


@pytest.mark.parametrize("id", ["H1", "H2", "H3", "H4"])
def test_both_provers_and_an_oracle_were_used(verdicts, id):
    kinds = {(item.kind, item.core) for item in verdicts[id].evidence}
    assert kinds == {("proved", True), ("decided", True), ("checked", False)}


@pytest.mark.parametrize("id", ["F1", "F2", "F2x", "F3", "F4", "F5"])
def test_both_provers_and_numbers_were_used(verdicts, id):
    assert {item.kind for item in verdicts[id].evidence} == {"proved", "decided", "checked"}


@pytest.mark.parametrize("id", KINDS)
def test_stated_as_data_without_a_formula_typed_by_hand(id):
    states = CLAIMS[id].states
    assert CLAIMS[id].statement == states.sentence
    words = [part.words for _, part in parts_of(states) if isinstance(part, (Argued, Worded))]
    assert not any(map(typed_formula, [states.text, *words]))


def test_all_that_the_claims_say_is_on_record():
    """After a change that is meant: make ledger."""
    assert [gap for claim in CLAIMS.values() for gap in record.differences(claim)] == []
    assert set(json.loads(record.RECORD.read_text(encoding="utf-8"))) == set(CLAIMS)


def test_the_record_sees_what_changes():
    claim = CLAIMS["P2"]
    narrowed = dataclasses.replace(claim, states=claim.states.but({"small": "2*a*m <= 1"}))
    assert [gap.part for gap in record.differences(narrowed)] == ["small", "both bounds", "room"]
    assert record.differences(narrowed)[0].problem == (
        "says something else than on record: small = am ≤ 1"
    )
    unknown = dataclasses.replace(claim, id="P9")
    assert record.differences(unknown)[0].problem.startswith("holds no such claim")


def test_the_committed_ledger_is_what_verify_renders_now(verdicts):
    """But for times, and for numbers of cases, in which rounding has a say."""
    text = (TABLES / "claims.csv").read_text(encoding="utf-8")
    committed = list(csv.DictReader(io.StringIO(text)))
    now = list(csv.DictReader(io.StringIO(ledger.as_csv(list(verdicts.values())))))
    for row in (*committed, *now):
        del row["time (s)"], row["how established"]
        row["verdict"] = row["verdict"].split(" (")[0]
    assert committed == now


@pytest.mark.parametrize("id", KINDS)
def test_the_committed_questions_are_what_the_solvers_were_asked(verdicts, id):
    path = TABLES / "smt" / f"{id}.smt2"
    asked = proofs.questions(verdicts[id])
    assert (path.read_text(encoding="utf-8") if path.exists() else "") == asked


@pytest.mark.parametrize("id", proofs.WRITTEN)
def test_the_committed_pages_are_those_of_the_verdicts(verdicts, id):
    page = TABLES.parent / "docs" / "theory" / f"{id}.md"
    without_cases = [
        re.sub(r"\(\d+ cases\)", "", text)
        for text in (page.read_text(encoding="utf-8"), proofs.page(verdicts[id]))
    ]
    assert without_cases[0] == without_cases[1]
