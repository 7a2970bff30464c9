"""Mutants of the second kind: a weaker or a different theorem under the same sentence.

    python -m tests.second_kind [P1 G5 ...]

Each is one change of the text of a module in theory/proofs, in memory, after which what `verify`
looks at must find the claim wanting: a premise narrowed, a conjunct dropped or weakened, a
sentence changed, a proof of less than is stated, a control that fails for the wrong reason. Two
findings are told apart: what a claim's own mathematics and points betray, and what only the record
of statements (theory/record.json) does. `make mutants` runs all, after the mechanical ones.
"""

from __future__ import annotations

import importlib.util
import os
import re
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from theory import ledger, record

BAR = 0.95


class Mutant(NamedTuple):
    """One change: in the module of a claim, the one place of a text gets another."""

    claim: str
    what: str
    old: str
    new: str


PREMISE, CONCLUSION, SENTENCE, PROOF, CONTROL = (
    "premise narrowed",
    "conclusion dropped or weakened",
    "sentence changed",
    "proof of less than is stated",
    "control that fails for the wrong reason",
)

MUTANTS = [
    Mutant(*fields)
    for fields in (
        # H1 to H5: the hyper-prior.
        (
            "H1",
            PREMISE,
            'symbols="γ, x > 0; 0 <= π, u <= 1; L"',
            'symbols="γ > 1; x > 0; 0 <= π, u <= 1; L"',
        ),
        (
            "H1",
            CONCLUSION,
            '("positive", "derivative", "from zero", "to one")',
            '("positive", "derivative", "from zero")',
        ),
        ("H1", CONCLUSION, "(1/2 - L/12 + L**3/720))/L**4", "(1/2 - L/12))/L**2"),
        ("H1", SENTENCE, "its mean {mean}, its variance", "its variance"),
        (
            "H2",
            PREMISE,
            'symbols="γ > 0; 0 <= θ <= 1; 0 < π < 1; x"',
            'symbols="γ > 0; 0 < θ < 1; 0 < π < 1; x"',
        ),
        (
            "H2",
            CONCLUSION,
            '"affine": "diff(profile, θ) == log(γ)"',
            '"affine": "diff(profile, θ, 2) == 0"',
        ),
        ("H2", CONCLUSION, '"left": "π < π_star"', '"left": "2*π < π_star"'),
        (
            "H3",
            PREMISE,
            'symbols="γ > 0; 0 < θ < 1; 0 < π < 1; x"',
            'symbols="γ > 1; 0 < θ < 1; 0 < π < 1; x"',
        ),
        ("H3", PROOF, '"diff(bracket, θ, 2) <= -4"', '"diff(bracket, θ, 2) <= 0"'),
        ("H4", CONCLUSION, '"at least": "K0 >= 4"', '"at least": "K0 >= 3"'),
        ("H4", PREMISE, '"regular": "A >= 0 and B >= 0"', '"regular": "A >= 1 and B >= 1"'),
        ("H5", CONCLUSION, '"diff(fixed_slope, θ) >= 4"', '"diff(fixed_slope, θ) >= 0"'),
        ("H5", PREMISE, '"worthy": "γ < E"', '"worthy": "2*γ < E"'),
        (
            "H5",
            CONCLUSION,
            '("beta rests", "beta inside", "beta window", "beta closed",',
            '("beta rests", "beta inside", "beta window",',
        ),
        # D1 to D4: deterministic networks.
        (
            "D1",
            PREMISE,
            '"no corner is higher": Lemma(("down >= F",), "up <= F"',
            '"no corner is higher": Lemma(("down == F",), "up <= F"',
        ),
        (
            "D1",
            CONCLUSION,
            '"F >= Min(at(F, θ=0), at(F, θ=1))"',
            '"F >= Min(at(F, θ=0), at(F, θ=1)) - 1"',
        ),
        ("D1", PROOF, '    yield p.decide("no flat edge")\n', ""),
        ("D1x", PREMISE, '"beyond": Needed("x > q", fails', '"beyond": Needed("x > 2*q", fails'),
        (
            "D1x",
            PREMISE,
            '"near": "Abs(θ1 - x) < Abs(x - q)"',
            '"near": "Abs(θ1 - x) < Abs(x - q)/2"',
        ),
        ("D2", CONCLUSION, '"falls": "ν_low < 0"', '"falls": "ν_low < 1"'),
        ("D2", PREMISE, '"mixed": Needed("b != 0", fails', '"mixed": Needed("b > 0", fails'),
        (
            "D2x",
            CONCLUSION,
            '"lowest": "J >= at(J, θ1=x, θ2=y)"',
            '"lowest": "J >= at(J, θ1=x, θ2=y) - 1"',
        ),
        (
            "D3",
            CONCLUSION,
            '"worthy": "W >= c",\n        "unworthy"',
            '"worthy": "2*W >= c",\n        "unworthy"',
        ),
        ("D3", CONCLUSION, '("inactive: needed", "inactive: enough")', '("inactive: needed",)'),
        ("D4", PREMISE, '"as good": Needed("J <= C0"', '"as good": Needed("J + c <= C0"'),
        ("D4", CONCLUSION, '"size": "S <= B"', '"size": "S <= 2*B"'),
        ("D4x", PREMISE, 'Needed("Λ >= c", fails', 'Needed("Λ >= 2*c", fails'),
        # F1 to F5: one gate, one weight.
        ("F1", CONCLUSION, '"near": "2*s*Abs(a*w) < c"', '"near": "4*s*Abs(a*w) < c"'),
        (
            "F1",
            CONCLUSION,
            '"rests": "at(ẇ, w=0, θ=0) == 0 and at(θ̇, w=0, θ=0) < 0"',
            '"rests": "at(θ̇, w=0, θ=0) < 1"',
        ),
        ("F2", PREMISE, '"room": "s*r*(r + 2*Abs(k)) <= Δ"', '"room": "2*s*r*(r + 2*Abs(k)) <= Δ"'),
        (
            "F2",
            CONCLUSION,
            'w == w1 and c <= c_star)",\n        "stable"',
            'w == w1 and c < c_star)",\n        "stable"',
        ),
        ("F2x", PREMISE, '"left": "w < w1"', '"left": "2*w < w1"'),
        (
            "F3",
            CONCLUSION,
            'c_star and w == w_s and θ == θ_s)",\n        "determinant"',
            'c_star)",\n        "determinant"',
        ),
        ("F3", PROOF, '    yield p.decide("alone")\n', ""),
        (
            "F3",
            CONCLUSION,
            '"there": "Implies(c < c_star, "\n                 "at(ẇ',
            '"there": "Implies(2*c < c_star, "\n                 "at(ẇ',
        ),
        (
            "F4",
            CONCLUSION,
            '"bounds": "c_g < c_star < 2*c_g",\n',
            '"bounds": "c_g < c_star < 3*c_g",\n',
        ),
        (
            "F5",
            CONCLUSION,
            '"J bounds w": Lemma((), "J >= λ*w**2/2 + c*θ"',
            '"J bounds w": Lemma((), "J >= 0"',
        ),
        (
            "F5",
            PREMISE,
            '"dear": "c > c_star",\n        "resting"',
            '"dear": "c > 2*c_star",\n        "resting"',
        ),
        # P1 to P4: when it is safe to prune.
        (
            "P1",
            PREMISE,
            'Lemma(("ṙ <= ṙ_max", "θ̇ <= θ̇_max"), "V̇ <= V̇_max"',
            'Lemma(("ṙ == ṙ_max", "θ̇ == θ̇_max"), "V̇ <= V̇_max"',
        ),
        ("P1", PREMISE, 'Needed("G <= κ", fails', 'Needed("2*G <= κ", fails'),
        (
            "P1",
            PREMISE,
            '"inside": Needed("V < V̄", fails=("V falls"',
            '"inside": Needed("2*V < V̄", fails=("V falls"',
        ),
        (
            "P1",
            CONCLUSION,
            '"V falls": Lemma(("inside",), "V̇_max < 0")',
            '"V falls": Lemma(("inside",), "V̇_max < 1")',
        ),
        (
            "P1",
            PROOF,
            '    yield p.decide("enters")\n',
            '    yield p.decide("enters", narrowed=("λ >= 1",))\n',
        ),
        (
            "P1",
            CONTROL,
            '"μ = m": Control({"μ": "m"}, by="μ is m − λ")',
            '"μ = m": Control({"μ": "m"}, by="m in place of λ")',
        ),
        ("P2", SENTENCE, '"small": "a*m <= 1"', '"small": "a*μ <= 1"'),
        ("P2", SENTENCE, 'With {small}, "\n', 'With a ≤ {μ}, "\n'),
        ("P2", PREMISE, 'Needed("a*κ**2 <= m", fails', 'Needed("a*κ**2 <= m/2", fails'),
        ("P2", CONCLUSION, '"no rise": "V_next <= V",\n', '"no rise": "V_next <= 2*V",\n'),
        (
            "P2",
            CONTROL,
            '"no bound from the decay": Control({"decay step": None}, by="no rise")',
            '"no bound from the decay": Control({"inside": None}, by="beyond the clip")',
        ),
        ("P3", PREMISE, 'Needed("a*m <= 1", fails=("room"', 'Needed("2*a*m <= 1", fails=("room"'),
        ("P3", PREMISE, 'Needed("Abs(n_θ) <= b_θ", fails', 'Needed("2*Abs(n_θ) <= b_θ", fails'),
        ("P3", CONCLUSION, '"bounded": "Abs(η) <= b"', '"bounded": "Abs(η) <= 2*b"'),
        ("P3x", CONCLUSION, '"not calm": "v_c > v_m"', '"not calm": "v_c > v_m - 1"'),
        (
            "P3x",
            CONCLUSION,
            '"r is not clipped", "the cap is out of reach", "rises",',
            '"r is not clipped", "rises",',
        ),
        ("P4", PREMISE, '"certificate": "κ*r < c"', '"certificate": "2*κ*r < c"'),
        ("P4", CONCLUSION, '"sign": "Iff(W < c, g > 0)"', '"sign": "Implies(2*W < c, g > 0)"'),
        # G1 to G7: estimators and steps.
        (
            "G1",
            CONCLUSION,
            '"a ReLU closed by the gate", "networks")',
            '"a ReLU closed by the gate")',
        ),
        (
            "G1",
            PREMISE,
            "0 <= θ <= 1; 0 < ρ <= 1; M > 0; k, b >= 0",
            "0 <= θ <= 1; 0 < ρ < 1; M > 0; k, b >= 0",
        ),
        (
            "G1x",
            CONCLUSION,
            '"biased": "at(gradient, θ=9/10) - at(probe, θ=9/10) == 2/5"',
            '"biased": "at(gradient, θ=1/2) - at(probe, θ=1/2) == 2/5"',
        ),
        ("G1y", CONCLUSION, '"difference": "jump == 1"', '"difference": "probe == 0"'),
        (
            "G2",
            CONCLUSION,
            '"interior": "Iff(0 < θ_star < 1, Abs(g) < h/2)"',
            '"interior": "Implies(Abs(g) < h/4, 0 < θ_star < 1)"',
        ),
        ("G2", PROOF, '    yield p.decide("attracts")\n', ""),
        ("G2x", PREMISE, '"far": "Abs(g) >= h/2"', '"far": "Abs(g) >= h"'),
        (
            "G3",
            PREMISE,
            'symbols="0 < θ < 1; Δ, h; 0 <= u <= 1; ξ"',
            'symbols="1/4 < θ < 1; Δ, h; 0 <= u <= 1; ξ"',
        ),
        ("G3x", CONCLUSION, '("bias", "slope at 0", "slope at 1")', '("bias",)'),
        (
            "G3b",
            PREMISE,
            'symbols="0 <= θ <= 1; 0 < δ <= 1/2;',
            'symbols="0 < θ < 1; 0 < δ <= 1/2;',
        ),
        (
            "G3b",
            CONCLUSION,
            '"strays": "Abs(clipped - θ) <= δ"',
            '"strays": "Abs(clipped - θ) <= 1"',
        ),
        ("G3bx", CONCLUSION, '"lower": "floored < gradient"', '"lower": "floored < gradient + 1"'),
        (
            "G3by",
            CONCLUSION,
            '"condition": "Iff(ours < theirs, 4*q*(1 - q) > ρ)"',
            '"condition": "Implies(ours < theirs, 5*q*(1 - q) > ρ)"',
        ),
        ("G4", CONCLUSION, '"anti < at(pair, θ=p)"', '"anti < 2*at(pair, θ=p)"'),
        (
            "G4",
            PROOF,
            '        if name != "less than two draws":',
            '        if name not in ("less than two draws", "three draws"):',
        ),
        (
            "G4x",
            PREMISE,
            '"worse where": Lemma(("b != 0",), "exactly"',
            '"worse where": Lemma(("b > 2",), "exactly"',
        ),
        ("G5", PREMISE, '("i == η*d + o", "s >= i**2",', '("i == η*d", "s >= i**2",'),
        ("G5", PREMISE, "η**2*(σ**2 + d**2) - s >= 0", "η**2*σ**2 - s >= 0"),
        ("G5", CONCLUSION, '"within": "bound <= ε"', '"within": "bound <= 2*ε"'),
        ("G5x", PREMISE, 'Needed("d >= σ", fails', 'Needed("d >= 2*σ", fails'),
        (
            "G6a",
            PREMISE,
            '"below the chord": Lemma(("3*μ <= 1",)',
            '"below the chord": Lemma(("4*μ <= 1",)',
        ),
        ("G6a", CONCLUSION, '"most": "at(moment_most, D=1)"', '"most": "2*at(moment_most, D=1)"'),
        (
            "G6b",
            PREMISE,
            'Needed("p1 + p2 + p3 == 1", fails',
            'Needed("p1 + p2 + p3 == 1 and p1 == 1", fails',
        ),
        ("G6b", CONCLUSION, '"Abs((1/2 - ξ)*y) <= M/2",\n', '"Abs((1/2 - ξ)*y) <= M",\n'),
        (
            "G6c",
            CONCLUSION,
            '"square": "estimate**2 <= factor*g**2"',
            '"square": "estimate**2 <= 2*factor*g**2"',
        ),
        ("G6c", PREMISE, 'Needed("Abs(g) <= D", fails', 'Needed("2*Abs(g) <= D", fails'),
        (
            "G6ax",
            CONCLUSION,
            '"beyond": "at(Δ, K=1) > constant"',
            '"beyond": "at(Δ, K=2) > constant"',
        ),
        (
            "G6bx",
            PREMISE,
            '"dear": Lemma(("D > 2",), "worst > 0"',
            '"dear": Lemma(("D > 3",), "worst > 0"',
        ),
        (
            "G6cx",
            CONCLUSION,
            '"ordered": Lemma((), "Iff(ours > trapezoid, larger)")',
            '"ordered": Lemma((), "Implies(ours > trapezoid, q > 1/4)")',
        ),
        ("G7", CONCLUSION, '("at rest", "just that")', '("just that",)'),
        ("G7", PREMISE, 'Needed("G1 == -ρ*w1", fails', 'Needed("G1 == -ρ*w1 and w1 == w2", fails'),
        ("G7x", PREMISE, 'Needed("ρ*w**2 < c", fails', 'Needed("2*ρ*w**2 < c", fails'),
        ("G7y", PREMISE, '"large": "w > 2*a"', '"large": "w > 3*a"'),
    )
]


def _broken_anyhow(source: str) -> str:
    """The pattern of a piece of source, however it is broken into lines."""
    words = re.findall(r"\w+|\S", source)
    return r"\s*".join((r",?\s*" if word in ")]}" else "") + re.escape(word) for word in words)


def planted(mutant: Mutant) -> ledger.Claim:
    """The claim of the changed module, in a ledger of its own.

    Raises:
        LookupError: if the text is not there exactly once.
        ValueError: as the statement may, and then `verify` does not even begin.
    """
    claims = {claim.id: claim for claim in ledger.claims()}
    spec = importlib.util.find_spec(claims[mutant.claim].check.__module__)
    assert spec and spec.origin
    text = Path(spec.origin).read_text(encoding="utf-8")
    source, times = re.subn(_broken_anyhow(mutant.old), lambda _: mutant.new.strip(), text)
    if times != 1:
        raise LookupError(f"its text is there {times} times")
    book, module, entered = ledger.Ledger(), ModuleType(spec.name), ledger.claim
    module.__spec__, module.__file__, module.__package__ = spec, spec.origin, spec.parent
    sys.modules[spec.name], ours = module, sys.modules.get(spec.name)
    ledger.claim = book.claim
    try:
        exec(compile(source, spec.origin, "exec"), vars(module))
    finally:
        ledger.claim = entered
        if ours:
            sys.modules[spec.name] = ours
    return next(claim for claim in book.claims() if claim.id == mutant.claim)


def outcome(mutant: Mutant) -> tuple[str, str]:
    """What becomes of a mutant, and how it was found."""
    try:
        claim = planted(mutant)
    except LookupError as error:
        return "not planted", str(error)
    except ValueError as error:
        return "caught", f"ValueError: {error}"
    assert claim.states
    # What the points say is part of the verdict, and asked first because it is quick.
    premises, gaps = ledger.examine_points(claim.states)
    own = [f"{gap.part}: {gap.problem}" for gap in gaps]
    own += [f"{item.name}: {item.fault}" for item in premises if item.fault]
    own = own or list(ledger.examine(claim).problems)
    if own:
        return "caught", own[0]
    noted = record.differences(claim)
    if noted:
        return "caught by the record", f"{noted[0].part}: {noted[0].problem}"
    return "survived", "the claim stands"


def main(claims: list[str]) -> int:
    ledger.claims()
    wanted = [mutant for mutant in MUTANTS if not claims or mutant.claim in claims]
    at_once = int(os.environ.get("MUTANTS_AT_ONCE", os.cpu_count() or 1))
    count: Counter[str] = Counter()
    with ProcessPoolExecutor(at_once) as pool:
        for mutant, (became, how) in zip(wanted, pool.map(outcome, wanted)):
            count[became] += 1
            print(f"{mutant.claim:5} {mutant.what}: {became} ({how})", flush=True)
    caught = count["caught"] + count["caught by the record"]
    share = caught / len(wanted) if wanted else 0.0
    print(
        f"\n{caught} of {len(wanted)} mutants of the second kind caught: {share:.1%} "
        f"(bar: {BAR:.0%}); {count['caught by the record']} of them by the record alone"
    )
    return int(share < BAR)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
