"""The numbers behind a table: raw values, and which run on which machine gave them."""

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from reproduce.errors import UserError
from reproduce.report import elements
from reproduce.runs.loaded import Trained
from reproduce.runs.record import to_json
from reproduce.runs.store import every

ABSENT = "not here"


def downloads(paths: Sequence[Path]) -> str:
    """CSV files as they are, to be saved from inside the page."""
    links = []
    for path in paths:
        _rows(path)  # what is no table is not handed on
        which = "every run's" if path.stem.endswith("_runs") else "unrounded"
        content = quote(elements.read(path))
        links.append(
            f'<a download="{escape(path.name)}" href="data:text/csv;charset=utf-8,{content}">'
            f"{escape(path.name)}</a> ({which} values)"
        )
    return f'<p class="downloads">Download: {", ".join(links)}</p>'


def runs(path: Path, results: Path, records: Mapping[str, Trained]) -> str:
    """The runs of a file of raw values: configuration, data, seed, versions and device."""
    head, *rows = _rows(path)
    found = [dict(zip(head, row)) for row in rows]
    n = Counter(run.get("method", "") for run in found)
    lines = [
        _line(run, n[run.get("method", "")], records.get(run.get("configuration", "")), results)
        for run in found
    ]
    if not lines:
        return ""
    here = sum(line["record"] != ABSENT for line in lines)
    text = (
        f"<p>Of these {len(lines)} runs {here} have their record in {escape(results.name)}/."
        " Configuration: hash of all settings. Fingerprint: that of the data. n: runs of that name,"
        " one for each seed.</p>"
    )
    name = f"Provenance: the {len(lines)} runs behind these numbers"
    cells = [[str(value) for value in line.values()] for line in lines]
    return elements.details(name, text + elements.table(name, list(lines[0]), cells))


def _line(run: dict[str, str], n: int, done: Trained | None, results: Path) -> dict[str, Any]:
    """What the raw values know of a run, and what only its record does."""
    made = to_json(done.record.provenance) if done else {}
    path = done.folder / "record.json" if done else None
    return {
        "run": run.get("method", ""),
        "n": n,
        **{key: run.get(key, "") for key in ("seed", "configuration")},
        "data": made.get("data", ""),
        **{key: run.get(key, "") for key in ("fingerprint", "device")},
        **{key: made.get(key, "") for key in ("machine", "threads")},
        **{key: run.get(key, "") for key in ("torch", "python")},
        "numpy": made.get("numpy", ""),
        "record": f"`{path.relative_to(results.parent)}`" if path else ABSENT,
    }


def records(results: Path) -> dict[str, Trained]:
    """The finished runs by their hash; any, where several folders have one.

    Raises:
        UserError: there is no such folder.
        StoreError: a run is damaged.
    """
    done = [run.trained() for run in reversed(every(results)) if run.finished]
    return {run.settings.hash: run for run in done}


def _rows(path: Path) -> list[list[str]]:
    """Raises UserError when the file is no CSV with a header."""
    try:
        rows = list(csv.reader(io.StringIO(elements.read(path), newline="")))
    except csv.Error as error:
        raise UserError(f"can't read {path} ({error}): write it again") from error
    if not rows:
        raise UserError(f"{path} is empty: write it again")
    return rows
