"""The ledger's claims: all stand, every control is rejected, and by the evidence meant."""

import dataclasses

import pytest

from theory import claims, verify

KINDS = {
    "H1": "proved", "H2": "proved", "H3": "proved", "H4": "proved",
    "H5": "proved",
    "D1": "checked", "D1x": "proved", "D2": "proved", "D2x": "proved", "D3": "decided",
    "D4": "checked", "D4x": "decided",
    "F1": "proved", "F2": "proved", "F2x": "proved", "F3": "proved", "F4": "proved",
    "F5": "checked",
    "P1": "proved", "P2": "proved", "P3": "checked", "P3x": "proved", "P4": "checked",
    "G1": "checked", "G1x": "proved", "G1y": "proved", "G2": "proved", "G2x": "proved",
    "G3": "proved", "G3x": "proved", "G3b": "proved", "G3bx": "proved", "G3by": "proved",
    "G4": "proved", "G4x": "proved", "G5": "proved", "G5x": "proved",
    "G6a": "proved", "G6b": "proved", "G6c": "proved", "G6cx": "decided", "G6ax": "proved",
    "G6bx": "proved", "G7": "proved", "G7x": "decided", "G7y": "decided",
}
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


def is_code(value):
    """Whether it is the code that a claim checks: beside its family are mistakes for that."""
    return (module := getattr(value, "__module__", "")).startswith("theory.") and (
        not module.startswith("theory.proofs."))


@pytest.mark.parametrize("id", [id for id in KINDS if CLAIMS[id].states is None])
def test_every_formula_that_a_claim_states_is_under_control(id):
    """A formula that no control changes might not be looked at."""
    true = CLAIMS[id].formulas
    unchanged = {
        field.name
        for field in dataclasses.fields(true)
        if not is_code(getattr(true, field.name))
        and all(getattr(wrong, field.name) == getattr(true, field.name)
                for wrong in CLAIMS[id].controls.values())
    }
    assert not unchanged
