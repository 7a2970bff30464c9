"""The ledger: what it calls proved, what makes a claim fail, and what counts as a rejection."""

import json
import subprocess
import sys

import pytest

from theory import Evidence, Undecided, ledger

PASS = Evidence("proved", "an identity", "SymPy", True)
FAIL = Evidence("proved", "an identity", "SymPy", False, "off by 2")


def enter(book, check, id="T1", controls=None, **changes):
    """Register a check in a ledger; its bundle is the word "true", its control "wrong"."""
    controls = {"wrong": "wrong"} if controls is None else controls
    arguments = {"supports": ("A4",), "source": "a test", "formulas": "true", **changes}
    book.claim(id, "Something holds.", controls=controls, **arguments)(check)


def verdict_of(check, **arguments):
    book = ledger.Ledger()
    enter(book, check, **arguments)
    (verdict,) = book.verify()
    return verdict


def honest(formulas):
    yield PASS if formulas == "true" else FAIL


def test_a_claim_that_holds_and_can_fail():
    verdict = verdict_of(honest)
    assert verdict.ok and verdict.kind == verdict.label == "proved"
    assert verdict.controls == (ledger.ControlResult("wrong", True, "an identity: off by 2"),)
    assert verdict.problems == ()
    assert verdict.seconds >= 0


def test_a_violation_fails_the_claim():
    verdict = verdict_of(lambda formulas: [PASS, FAIL])
    assert not verdict.ok and verdict.kind == "failed"
    assert verdict.problems == ("an identity: off by 2",)


def test_a_violated_oracle_beside_a_proof_fails_the_claim():
    oracle = Evidence("checked", "numbers", "NumPy", False, "case 3", 10, core=False)
    assert verdict_of(lambda formulas: [PASS, oracle]).kind == "failed"


def test_a_control_that_is_not_rejected_is_a_failure():
    """The check looks at nothing, so it cannot fail: the ledger must say so."""
    verdict = verdict_of(lambda formulas: [PASS])
    assert verdict.kind == "proved"
    assert not verdict.ok
    assert "control not rejected: wrong" in verdict.problems[0]


def test_a_check_that_raises_is_a_failed_claim_and_keeps_what_came_before():
    def check(formulas):
        yield PASS
        raise RuntimeError("out of luck")

    verdict = verdict_of(check)
    assert verdict.kind == "failed"
    assert [item.name for item in verdict.evidence] == [PASS.name]
    assert verdict.problems[0] == "RuntimeError: out of luck"


@pytest.mark.parametrize("error", [TypeError("unrelated"), Undecided("no proof, no exception")])
def test_a_crash_in_a_control_is_not_a_rejection(error):
    def check(formulas):
        if formulas == "wrong":
            raise error
        yield PASS

    verdict = verdict_of(check)
    assert verdict.kind == "proved" and not verdict.ok
    (control,) = verdict.controls
    assert not control.rejected
    assert control.reason == f"{type(error).__name__}: {error}"


def test_a_control_is_rejected_by_the_first_violation():
    def check(formulas):
        yield PASS
        if formulas == "wrong":
            yield FAIL
            raise AssertionError("nothing is looked at after the first violation")

    assert verdict_of(check).ok


def test_a_claim_without_evidence_fails():
    verdict = verdict_of(lambda formulas: [] if formulas == "true" else [FAIL])
    assert verdict.kind == "failed"
    assert verdict.problems == ("the check gave no core evidence",)


def test_oracles_alone_establish_nothing():
    oracle = Evidence("checked", "numbers", "NumPy", True, cases=10, core=False)
    assert verdict_of(lambda formulas: [oracle]).kind == "failed"


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (["proved"], "proved"),
        (["proved", "decided"], "proved"),
        (["decided"], "decided"),
        (["proved", "checked"], "checked (5 cases)"),
        (["checked", "checked"], "checked (10 cases)"),
        (["proved", "checked", "measured"], "measured"),
    ],
)
def test_the_verdict_is_the_weakest_core_evidence(kinds, expected):
    core = [Evidence(kind, "a", "tool", True, cases=5) for kind in kinds]
    beside = Evidence("checked", "b", "NumPy", True, cases=100, core=False)
    assert verdict_of(lambda formulas: [*core, beside]).label == expected


def test_how_a_claim_is_established():
    evidence = [
        PASS,
        PASS,
        Evidence("decided", "b", "Z3", True),
        Evidence("checked", "c", "NumPy", True, cases=7),
        Evidence("checked", "d", "SciPy", True, cases=5, core=False),
    ]
    verdict = verdict_of(lambda formulas: evidence)
    assert verdict.established == (
        "SymPy: 2 proved; Z3: 1 decided; NumPy: 7 cases; SciPy: 5 cases beside"
    )


def test_a_claim_needs_a_control():
    with pytest.raises(ValueError, match="T1 has no negative control"):
        enter(ledger.Ledger(), honest, controls={})


def test_a_claim_supports_known_sentences():
    with pytest.raises(ValueError, match=r"T1 supports \['A7'\]; admissible: A1 to A6"):
        enter(ledger.Ledger(), honest, supports=("A7",))


def test_an_id_is_used_once():
    book = ledger.Ledger()
    enter(book, honest)
    with pytest.raises(ValueError, match="T1 is already in the ledger"):
        enter(book, honest)


def test_claims_are_chosen_by_id():
    book = ledger.Ledger()
    for id in ("T1", "T2", "T3"):
        enter(book, honest, id=id)
    assert [verdict.claim.id for verdict in book.verify(["T3", "T1"])] == ["T3", "T1"]
    assert [claim.id for claim in book.claims()] == ["T1", "T2", "T3"]
    with pytest.raises(ValueError, match="unknown claim X9; known: T1, T2, T3"):
        book.verify(["T1", "X9"])


def test_progress():
    book, calls = ledger.Ledger(), []
    for id in ("T1", "T2"):
        enter(book, honest, id=id)
    book.verify(on_progress=lambda done, total, claim: calls.append((done, total, claim)))
    first, second = book.claims()
    assert calls == [(0, 2, first), (1, 2, second), (2, 2, None)]


def test_json():
    verdict = verdict_of(honest)
    record = json.loads(json.dumps(verdict.to_json()))
    assert record["id"] == "T1" and record["verdict"] == "proved" and record["ok"] is True
    assert record["controls"] == [
        {"name": "wrong", "rejected": True, "reason": "an identity: off by 2"}
    ]
    assert record["evidence"][0]["tool"] == "SymPy"
    assert set(record) == {
        "id",
        "statement",
        "supports",
        "source",
        "verdict",
        "label",
        "ok",
        "established",
        "problems",
        "premises",
        "conclusions",
        "missing",
        "evidence",
        "controls",
        "seconds",
    }


def test_importing_the_theory_loads_no_prover_and_no_torch():
    program = (
        "import sys, theory; theory.claims(); "
        "print(*{'sympy', 'z3', 'torch', 'scipy.stats'} & set(sys.modules))"
    )
    output = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert output.stdout.strip() == ""
