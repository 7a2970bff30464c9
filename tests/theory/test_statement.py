"""A claim as data: what it refuses, and what of it a verdict finds missing."""

import pytest

from theory import ledger
from theory.proofs.solvers import Reply
from theory.statement import Argued, Convenience, Lemma, Needed, Prose, Statement, Worded
from theory.verdict import Control

SQUARES = {
    "text": "If {small}, then {shrinks}; {grows:} is larger, {so}.",
    "symbols": "x > 0",
    "definitions": {"y": "x**2", "grows": "x + 1"},
    "premises": {"small": Needed("x <= 1", fails=("shrinks", {"x": "3/2"}))},
    "conclusions": {
        "shrinks": "y <= x",
        "so": Argued("which is plain", ("larger", Prose("No more is needed."))),
    },
    "lemmas": {"larger": Lemma((), "grows > x")},
    "points": ({"x": 1}, {"x": "1/100"}),
    "loose": {"larger": "it is larger by one"},
}
CONTROLS = {
    "twice": Control({"y": "2*x**2"}, by="shrinks"),
    "any": Control({"small": None}, by="shrinks"),
    "half": Control({"shrinks": "2*y <= x"}, by="shrinks"),
    "less": Control({"larger": "grows < x"}, by="larger"),
}


def prove(p):
    yield p.decide("shrinks")
    yield p.decide("larger")


def verdict_of(check=prove, controls=CONTROLS, **changes):
    book = ledger.Ledger()
    book.claim(
        "T1",
        Statement(**{**SQUARES, **changes}),
        supports=("A4",),
        source="a test",
        controls=controls,
    )(check)
    (verdict,) = book.verify()
    return verdict


def missing(**arguments):
    verdict = verdict_of(**arguments)
    assert verdict.kind == "partly" and not verdict.ok
    return [f"{gap.part}: {gap.problem}" for gap in verdict.missing]


def test_a_claim_that_is_proved_as_it_is_stated():
    verdict = verdict_of()
    assert verdict.problems == () and verdict.kind == "decided"
    assert verdict.claim.statement == "If x ≤ 1, then y ≤ x; x+1 is larger, which is plain."
    (premise,) = verdict.premises
    assert (premise.status, premise.formula) == ("needed", "x ≤ 1")
    assert premise.detail == "without it y ≤ x fails at x = 3/2"
    assert [part.by for part in verdict.parts] == [("Z3 and cvc5",)] * 2


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"text": "If {small}, {shrinks}."}, "leaves out so"),
        ({"text": "{small} {shrinks} {so} {other}"}, "unknown part 'other'"),
        ({"text": "If {small}, then {shrinks}, {so}, and x is 1."}, "types 'x' by hand"),
        ({"text": "If {small}, then {shrinks}, {so} ≤ {y}."}, "types '≤' by hand"),
        ({"lemmas": {"small": Lemma((), "x > 0")}}, "two parts have the name small"),
        ({"shown_as": {"y": "x·x"}}, "shown as the formula"),
        ({"loose": {"nothing": "no reason"}}, r"called loose: \['nothing'\]"),
        (
            {"conclusions": {"shrinks": "y <= x", "so": Argued("plain", ("nothing",))}},
            r"argued by unknown parts: \['nothing'\]",
        ),
        ({"symbols": "x > 0; x < 1"}, "two domains"),
    ],
)
def test_statements_that_are_refused(changes, complaint):
    with pytest.raises(ValueError, match=complaint):
        Statement(**{**SQUARES, **changes})


def test_a_step_that_is_not_proved():
    found = missing(
        check=lambda p: [p.decide("shrinks")],
        controls={name: control for name, control in CONTROLS.items() if name != "less"}
        | {"less": Control({"larger": "grows < x"}, by="shrinks")},
    )
    assert "so: rests on larger: is not established" in found
    assert "larger: is not established" in found


def test_a_proof_under_more_premises_than_stated():
    def check(p):
        yield p.decide("shrinks", narrowed=("x >= 1/2",))
        yield p.decide("larger")

    assert missing(check=check) == ["shrinks: is shown only where x >= 1/2"]


def test_a_premise_that_the_statement_has_not_must_be_declared():
    verdict = verdict_of(lambda p: [p.decide("shrinks", given=("x < 1/2",))])
    assert verdict.kind == "failed" and "declare it as narrowed" in verdict.error


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        # The premise, the domain, the conclusion and the lemma, each narrowed or weakened.
        (
            {"premises": {"small": Needed("2*x <= 1", fails=("shrinks", {"x": "3/2"}))}},
            "small: excludes point 1",
        ),
        ({"symbols": "x >= 1/50"}, "x >= 1/50: excludes point 2"),
        (
            {"conclusions": {**SQUARES["conclusions"], "shrinks": "y <= 2*x"}},
            "shrinks: y ≤ 2x is met with equality at no point",
        ),
        ({"loose": {}}, "larger: grows > x is nearly met at no point"),
        (
            {"premises": {"small": Needed("x <= 1", fails=("shrinks", {"x": "1/2"}))}},
            "small: shrinks does not fail at the witness",
        ),
        ({"symbols": "x > 0; z"}, "z: occurs nowhere"),
        ({"points": ({"x": 1},)}, "small: x ≤ 1 holds with room to spare at no point"),
        (
            {
                "lemmas": {**SQUARES["lemmas"], "idle": Lemma((), "x + 2 > x")},
                "loose": {"larger": "", "idle": ""},
            },
            "idle: nothing rests on it",
        ),
    ],
)
def test_what_is_not_pinned_or_used(changes, expected):
    assert expected in missing(**changes)


def test_a_premise_of_convenience_needs_no_witness():
    verdict = verdict_of(premises={"small": Convenience("x <= 1", "a unit is enough")})
    assert verdict.ok and verdict.premises[0].detail == "a unit is enough"


def test_a_conclusion_needs_a_control_of_its_own():
    controls = {name: CONTROLS[name] for name in ("twice", "any", "half")}
    assert missing(controls=controls) == ["so: no control breaks it alone"]


@pytest.mark.parametrize(
    "control",
    [
        Control({"larger": "grows < x"}, by="shrinks"),  # found, but elsewhere
        Control({"shrinks": "y <= x/0"}, by="shrinks"),  # a crash
        Control({"shrinks": "y <= 2*x"}, by="shrinks"),  # nothing is wrong with it
    ],
)
def test_a_control_that_fails_for_the_wrong_reason_is_not_rejected(control):
    verdict = verdict_of(controls=CONTROLS | {"wrong": control})
    assert not verdict.ok
    assert [found.rejected for found in verdict.controls] == [True] * 4 + [False]


def test_worded_parts_are_established_by_cases():
    def check(p):
        yield from prove(p)
        yield p.cases("tried", [True, True])

    lemmas = {**SQUARES["lemmas"], "tried": Worded("two numbers")}
    conclusions = {**SQUARES["conclusions"], "so": Argued("plain", ("larger", "tried"))}
    verdict = verdict_of(check, lemmas=lemmas, conclusions=conclusions)
    assert verdict.ok and verdict.label == "checked (2 cases)"


@pytest.mark.parametrize(
    ("z3", "cvc5"),
    [("unsat", "unknown"), ("unknown", "unsat"), ("unsat", "sat"), ("unknown", "unknown")],
)
def test_solvers_that_give_up_or_disagree_leave_a_claim_undecided(monkeypatch, z3, cvc5):
    answers = {"Z3": z3, "cvc5": cvc5}

    def ask(solver, text, limit=None):
        answer = answers[solver] if "(assert (not" in text else "sat"
        return Reply(solver, answer, "out of time" if answer == "unknown" else "")

    monkeypatch.setattr("theory.proofs.solvers.ask", ask)
    verdict = verdict_of()
    assert verdict.kind == verdict.label == "undecided" and not verdict.ok
    assert f"Z3 says {z3}" in verdict.problems[0]


def test_contradictory_premises_are_a_failure():
    verdict = verdict_of(premises={"small": Convenience("x <= -1", "a mistake")}, points=())
    assert verdict.kind == "failed" and "contradict one another" in verdict.error


def test_a_verdict_survives_its_findings():
    verdict = verdict_of()
    assert ledger.with_findings(verdict.claim, verdict.findings()) == verdict
