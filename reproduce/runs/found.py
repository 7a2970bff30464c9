"""Runs that a user names, by their folder or their name; and all there are, the newest first."""

import difflib
from collections.abc import Iterator
from pathlib import Path

from reproduce.errors import UserError
from reproduce.runs.store import Run, every


def find(wanted: str, results: Path) -> Run:
    """The run in the folder ``wanted``, or of that name somewhere below ``results``.

    The same run may lie there twice: one whose weights are at hand goes first.

    Raises:
        UserError: there is none.
    """
    if (Path(wanted) / "settings.json").is_file():
        return Run(Path(wanted))
    runs = every(results)
    named = [run for run in runs if run.folder.name == wanted]
    if not named:
        near = difflib.get_close_matches(wanted, {run.folder.name for run in runs}, 1, 0.8)
        hint = f"did you mean {near[0]}?" if near else "'parsimony runs' lists them"
        raise UserError(f"{wanted} is neither a run's folder nor a run in {results}; {hint}")
    return max(named, key=lambda run: run.weights.is_file())


def newest_first(results: Path) -> Iterator[tuple[str, Run]]:
    """All runs below a results folder, each with the name of its collection."""
    for run in sorted(every(results), key=lambda run: (-run.written, run.folder.name)):
        yield run.folder.relative_to(results).parts[0], run
