"""Text and tables as HTML, everything escaped."""

import re
from collections.abc import Sequence
from html import escape
from pathlib import Path

from reproduce.errors import UserError

_NUMBER = re.compile(r"[-−+]?\d[\d,]*(\.\d+)?(e[-+]?\d+)?( [±(].*)?")

NO_BREAK = "\N{NO-BREAK SPACE}"


def read(path: Path) -> str:
    """Raises UserError when the file can't be read or is no text."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise UserError(f"can't read {path} ({error}): write it again") from error


def linked(text: str) -> str:
    """Text with `code`, with papers of arXiv as links; a number keeps its unit and its spread."""
    text = re.sub(r"(?<=\d) (?=%)", NO_BREAK, text.replace(" ± ", f"{NO_BREAK}±{NO_BREAK}"))
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))
    return re.sub(
        r"arXiv:(\d{4}\.\d{4,5})", r'<a href="https://arxiv.org/abs/\1">arXiv:\1</a>', text
    )


def table(label: str, head: Sequence[str], rows: Sequence[Sequence[str]], kind: str = "") -> str:
    """A table that scrolls within its own frame; columns of numbers are set to the right.

    Args:
        label: what a screen reader calls it.
        kind: its class.
    """
    columns = range(len(head))
    rows = [[*row, *[""] * len(head)][: len(head)] for row in rows]
    numeric = [all(not row[i] or _NUMBER.fullmatch(row[i]) for row in rows) for i in columns]
    sides = [' class="number"' if right else "" for right in numeric]
    names = "".join(f'<th scope="col"{sides[i]}>{linked(head[i])}</th>' for i in columns)
    body = "\n".join(
        "<tr>" + "".join(_cell(row[i], sides[i], header=not i) for i in columns) + "</tr>"
        for row in rows
    )
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(label)}">'
        f'<table class="sortable {kind}" aria-label="{escape(label)}">\n'
        f"<thead><tr>{names}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>"
    )


def _cell(text: str, side: str, header: bool) -> str:
    if header:
        return f'<th scope="row"{side}>{linked(text)}</th>'
    failed = ' class="failed"' if text.startswith("failed: ") else side
    return f"<td{failed}>{linked(text)}</td>"


def details(summary: str, body: str) -> str:
    """What is shown on demand."""
    return f"<details><summary>{linked(summary)}</summary>\n{body}\n</details>"
