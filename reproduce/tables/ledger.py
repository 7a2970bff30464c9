"""The ledger as a table in CSV, Markdown and LaTeX, from verdicts; nothing is verified here."""

import platform
from collections import Counter
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

import theory
from reproduce.files import write_atomic
from reproduce.tables import proofs
from reproduce.tables.latex import latex
from reproduce.tables.render import csv_table, escape_markdown, markdown_table
from theory import record as statements
from theory.verdict import Verdict

# What the paper's abstract says, in this project's words.
SENTENCES = {
    "A1": "pruning happens while training, which saves training and inference cost",
    "A2": "variational inference learns the Bernoulli gates of units and filters",
    "A3": "the gates practically converge to 0 or 1: the final network is deterministic",
    "A4": "the hyper-prior makes the result independent of initialisation and starting size",
    "A5": "the convergence is proved, with theoretical and practical pruning conditions",
    "A6": "the pruning is on par with the state of the art, at better test accuracy",
}


def _outcome(verdict: Verdict) -> str:
    """The verdict's word where something is missing; a control not rejected is a failure."""
    return verdict.kind if verdict.kind in ("partly", "undecided") else "failed"


Cell = Callable[[Verdict], str]

COLUMNS: dict[str, Cell] = {
    "claim": lambda verdict: verdict.claim.id,
    "statement": lambda verdict: verdict.claim.statement,
    "supports": lambda verdict: ", ".join(verdict.claim.supports),
    "how established": lambda verdict: verdict.established,
    "verdict": lambda verdict: (
        verdict.label if verdict.ok else f"{_outcome(verdict)}: {verdict.problems[0]}"
    ),
    "controls rejected": lambda verdict: (
        f"{sum(control.rejected for control in verdict.controls)} of {len(verdict.controls)}"
    ),
    "time (s)": lambda verdict: f"{verdict.seconds:.1f}",
}
_LATEX_WIDTHS = ("l", "p{90mm}", "l", "p{38mm}", "p{20mm}", "l", "r")


def as_csv(verdicts: Sequence[Verdict]) -> str:
    return csv_table([{name: cell(v) for name, cell in COLUMNS.items()} for v in verdicts])


def as_markdown(verdicts: Sequence[Verdict]) -> str:
    cells = [[escape_markdown(cell(verdict)) for cell in COLUMNS.values()] for verdict in verdicts]
    remarks = (f"- {note}" for note in notes(verdicts))
    return "\n".join(["# The claims", "", markdown_table(list(COLUMNS), cells), "", *remarks, ""])


def as_latex(verdicts: Sequence[Verdict]) -> str:
    """A ``longtable``, for pdfLaTeX with the package of that name; mathematics is in ASCII."""
    body = [
        " & ".join(latex(cell(verdict)) for cell in COLUMNS.values()) + r" \\"
        for verdict in verdicts
    ]
    return "\n".join(
        [
            *(f"% {note}" for note in ["Needs the package longtable.", *notes(verdicts)]),
            r"\begin{longtable}{" + "".join(_LATEX_WIDTHS) + "}",
            r"\hline",
            " & ".join(latex(name) for name in COLUMNS) + r" \\",
            r"\hline",
            r"\endhead",
            *body,
            r"\hline",
            r"\end{longtable}",
            "",
        ]
    )


def notes(verdicts: Sequence[Verdict]) -> list[str]:
    """What a reader must know beside the verdicts."""
    kinds = Counter(verdict.kind if verdict.ok else _outcome(verdict) for verdict in verdicts)
    tools = {
        "SymPy": "sympy",
        "Z3": "z3-solver",
        "cvc5": "cvc5",
        "NumPy": "numpy",
        "SciPy": "scipy",
    }
    made = ", ".join(f"{tool} {version(package)}" for tool, package in tools.items())
    return [
        f"{len(verdicts)} claims: " + ", ".join(f"{n} {kind}" for kind, n in kinds.items()) + ".",
        "Verdicts: proved, identities reduced to exactly zero by SymPy and inequalities decided by"
        " Z3 and by cvc5; decided, by these two alone; checked, an argument with the number of"
        " cases looked at; measured, an experiment; partly, with what is missing; undecided, a tool"
        " gave up. Cases beside are an independent oracle's, on which the claim does not rest.",
        "Controls are plausible wrong variants of a claim's formulas; the same check must reject"
        " each by a violation, not by a crash.",
        "The abstract says: " + "; ".join(f"{key} {text}" for key, text in SENTENCES.items()) + ".",
        f"Made with Python {platform.python_version()}, {made}; times are of one run.",
    ]


def record(tree: Path) -> None:
    """Verifies all claims and commits to the tree what they say: ``make ledger``.

    That is the tables, the solvers' questions, the pages of the written arguments, and the record
    of all statements that ``verify`` compares with.
    """
    statements.write(theory.claims())
    verdicts = theory.verify()
    write(verdicts, tree / "paper_tables")
    for verdict in verdicts:
        if verdict.claim.id in proofs.WRITTEN and verdict.claim.states:
            page = tree / "docs" / "theory" / f"{verdict.claim.id}.md"
            write_atomic(page, proofs.page(verdict))
    for verdict in verdicts:
        for problem in verdict.problems:
            print(f"{verdict.claim.id}: {problem}")


def write(verdicts: Sequence[Verdict], folder: Path) -> list[Path]:
    """Writes ``claims.csv``, ``claims.md``, ``claims.tex``, and the solvers' questions in ``smt``.

    Returns the files written; none without verdicts.

    Raises:
        StoreError: the folder can't be written.
    """
    if not verdicts:
        return []
    content = {"csv": as_csv, "md": as_markdown, "tex": as_latex}
    paths = [folder / f"claims.{ending}" for ending in content]
    for path, table in zip(paths, content.values()):
        write_atomic(path, table(verdicts))
    return [*paths, *proofs.write(verdicts, folder / "smt")]


if __name__ == "__main__":
    record(Path(__file__).parents[2])
