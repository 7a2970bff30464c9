"""The ledger's rows as places to link to, with what stands behind them; symbols explained."""

import re
from html import escape
from pathlib import Path

import theory
from reproduce.report import evidence

SYMBOLS = {
    "θ": "probability that a unit's gate is open",
    "π": "prior probability that it is open",
    "γ": "parameter of the flattening hyper-prior; ln γ is the price of a unit in nats",
    "λ": "precision of the weights' prior: weight decay",
    "ξ": "a gate: 1 with probability θ, else 0",
    "κ": "bound on the gradient of a unit's outgoing weights",
    "ρ": "share of the gates that are drawn as uniform probes",
    "η": "step size of the gates",
    "V̄": "edge of the certified region: where V is below it, the unit dies",
    "c*": "price above which no start keeps the unit",
    "c_g": "price above which the unit is better gone",
    "C": "cost: nats on the training set",
    "J": "objective: cost, weight penalty and price of the gates",
}
GLOSSARY = (
    '<h3>Symbols</h3><dl class="symbols">'
    + "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in SYMBOLS.items())
    + "</dl>"
)
# Those that cannot be part of a word or of another symbol are explained where they stand.
_HOVER = re.compile("|".join(name for name in SYMBOLS if re.fullmatch(r"[θπγλξκρη]", name)))


def explained(ledger: str, tables: Path) -> str:
    """The ledger's HTML with an anchor at each claim, its files and pictures, and symbols to hover.

    Args:
        ledger: as ``markdown.to_html`` makes it.
        tables: the folder it comes from: figures lie in the one beside it.
    """
    known = {claim.id: claim for claim in theory.claims()}

    def row(match: re.Match[str]) -> str:
        id, statement = match[1], match[2]
        claim = known.get(id)
        behind = _behind(claim) if claim else ""
        return (
            f'<tr id="{evidence.anchor(id)}"><th scope="row">{escape(id)}</th>'
            f"<td>{_hovered(statement)}{behind}</td>"
        )

    return re.sub(r'<tr><th scope="row">([^<]*)</th><td>(.*?)</td>', row, ledger)


def _hovered(text: str) -> str:
    """The first of each symbol with its meaning, outside of tags."""
    seen: set[str] = set()

    def explain(match: re.Match[str]) -> str:
        if match[0] in seen:
            return match[0]
        seen.add(match[0])
        return f'<abbr title="{escape(SYMBOLS[match[0]])}">{match[0]}</abbr>'

    parts = re.split(r"(<[^>]*>)", text)
    parts[::2] = [_HOVER.sub(explain, part) for part in parts[::2]]
    return "".join(parts)


def _behind(claim: theory.Claim) -> str:
    files = f"<code>{evidence.proof(claim)}</code>, <code>{evidence.tests(claim)}</code>"
    drawn = "".join(
        f', <a href="#{name}">{escape(name.replace("_", " "))}</a>'
        for name in evidence.pictures(claim.id)
    )
    return f'<p class="behind">Proof, tests, pictures: {files}{drawn}</p>'
