"""The Markdown that this project's tables are written in, as HTML; no more of it than that."""

import re

from reproduce.report import elements


def to_html(text: str, name: str, kind: str = "") -> tuple[str, str]:
    """The title, ``name`` where there is none, and the rest, its headings from the third level on.

    Args:
        kind: the class of the tables.
    """
    title, heading, parts = name, name, []
    for block in re.split(r"\n\s*\n", text.strip()):
        if block.startswith("# "):
            title = heading = _plain(block[2:])
        elif block.startswith("## "):
            heading = _plain(block[3:])
            parts.append(f"<h3>{elements.linked(heading)}</h3>")
        elif block.startswith("|"):
            head, _, *rows = [_cells(line) for line in block.splitlines()] + [[]]
            parts.append(elements.table(heading, head, [row for row in rows if row], kind))
        elif block.startswith("- "):
            items = map(_prose, re.split(r"^- ", block, flags=re.M)[1:])
            parts.append("<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>")
        else:
            parts.append(f"<p>{_prose(block)}</p>")
    return title, "\n".join(parts)


def _cells(line: str) -> list[str]:
    """The cells of a line of a table; a bar behind a backslash is part of its cell."""
    return [_plain(cell) for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


def _prose(text: str) -> str:
    """Text with its marks; of a link to another file, which no page has beside it, the words."""
    return elements.linked(re.sub(r"\[([^\]]+)\]\([^()\s]+\)", r"\1", _plain(text)))


def _plain(text: str) -> str:
    return re.sub(r"\\([\\|*_<>`~$])", r"\1", " ".join(text.split()))
