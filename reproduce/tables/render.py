"""CSV, Markdown and LaTeX from rows of text."""

import csv
import io
import re
from collections.abc import Sequence
from typing import Any

from reproduce.tables.latex import latex

_NUMBER = re.compile(r"([-−+]?\d[\d,]*(\.\d+)?( [±(].*)?)?")  # or an empty cell


def csv_table(rows: Sequence[dict[str, Any]]) -> str:
    """One line for each dictionary under a header of their keys; floats to six digits."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, rows[0].keys(), lineterminator="\n")
    writer.writeheader()
    writer.writerows(
        {k: f"{v:.6g}" if isinstance(v, float) else v for k, v in row.items()} for row in rows
    )
    return buffer.getvalue()


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def escape_markdown(text: str) -> str:
    r"""Escapes what Markdown would read as markup: c\* for c*."""
    return re.sub(r"([\\|*_<>`~$])", r"\\\1", text)


def latex_table(head: Sequence[str], rows: Sequence[Sequence[str]], comments: Sequence[str]) -> str:
    """A ``tabular``: columns of numbers set to the right, text to the left."""
    columns = [[row[place] for row in rows] for place in range(len(head))]
    sides = ["r" if all(map(_NUMBER.fullmatch, cells)) else "l" for cells in columns]
    lines = [" & ".join(map(latex, line)) + r" \\" for line in (head, *rows)]
    return "\n".join(
        [
            *(f"% {comment}" for comment in comments),
            r"\begin{tabular}{" + "".join(sides) + "}",
            r"\hline",
            lines[0],
            r"\hline",
            *lines[1:],
            r"\hline",
            r"\end{tabular}",
            "",
        ]
    )
