"""Results tables as CSV, Markdown and LaTeX, written from run records; nothing trains here."""

import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reproduce.data.dataset import FORMAT
from reproduce.experiments.rows import Preset, Row
from reproduce.files import write_atomic
from reproduce.gates.decisions import UNDECIDED
from reproduce.models import NETWORKS
from reproduce.runs.loaded import Loaded, Trained
from reproduce.runs.record import TRAINING_PASSES, Epoch, GatedEpoch, Record, Size
from reproduce.runs.settings import Settings
from reproduce.tables.published import Published, comparable
from reproduce.tables.render import csv_table, latex_table, markdown_table


@dataclass(frozen=True)
class Result:
    """One row of a results table; the CSV columns are these fields, empty where not known.

    Counts are means over the runs, shares are against the network started with, errors in %,
    cost ratios against the dense runs of the same seeds.
    """

    method: str
    dataset: str
    architecture: str
    params: float | None
    params_share: float | None
    macs: float | None
    macs_share: float | None
    test_error_mean: float | None
    test_error_std: float | None
    n: int | None
    train_mac_ratio: float | None
    wall_ratio: float | None
    source: str


def results(preset: Preset, loaded: Loaded) -> list[Result]:
    """The main table's measured rows, those without a finished run left out."""
    dense = {run.settings.seed: run for run in loaded.seeds(preset.dense.settings)}
    rows = ((row, loaded.seeds(row.settings)) for row in preset.rows)
    return [measured(row, runs, dense) for row, runs in rows if runs]


def measured(row: Row, runs: list[Trained], dense: dict[int, Trained]) -> Result:
    """One row from its finished runs, at least one; ``dense``: the dense runs by seed."""
    records = [run.record for run in runs]
    errors = [record.error for record in records]
    start, ends = records[0].start, [record.end for record in records]
    params = statistics.mean(end.parameters for end in ends)
    macs = statistics.mean(end.macs for end in ends)
    pairs = [(run, dense[run.settings.seed]) for run in runs if run.settings.seed in dense]
    walls = [ratio for pair in pairs if (ratio := _wall_ratio(*pair)) is not None]
    costs = [record.train_macs / dense_train_macs(record) for record in records]
    judged = {"test": "", "validation": " (validation error)"}[row.settings.judged_on]
    return Result(
        method=row.label + judged,
        dataset=records[0].provenance.data,
        architecture=architecture([end.widths for end in ends]),
        params=params,
        params_share=params / start.parameters,
        macs=macs,
        macs_share=macs / start.macs,
        test_error_mean=statistics.mean(errors),
        test_error_std=statistics.stdev(errors) if len(errors) > 1 else None,
        n=len(errors),
        train_mac_ratio=statistics.mean(costs),
        wall_ratio=statistics.median(walls) if walls else None,
        source="this project, last epoch",
    )


def architecture(widths: Sequence[Sequence[int]]) -> str:
    """Kept units per site, such as 131-103-53; mean [least, greatest] where the runs differ."""
    parts = []
    for site in zip(*widths):
        low, high = min(site), max(site)
        parts.append(str(low) if low == high else f"{statistics.mean(site):.0f} [{low}, {high}]")
    return (" - " if "[" in "".join(parts) else "-").join(parts)


def dense_train_macs(record: Record) -> int:
    """What the whole network would have cost over the same steps."""
    settings, samples = record.settings, record.provenance.train_samples
    size = settings.batch_size
    return TRAINING_PASSES * record.start.macs * (samples // size) * size * settings.epochs


def _wall_ratio(run: Trained, dense: Trained) -> float | None:
    """Training seconds against dense, if one process timed every epoch of both."""
    ours, theirs = run.epochs, dense.epochs
    if len({epoch.process for epoch in ours + theirs}) != 1 or len(ours) != len(theirs):
        return None
    return sum(e.seconds for e in ours) / sum(e.seconds for e in theirs)


def published(rows: Sequence[Published], dataset: str, start: Size) -> list[Result]:
    """Published rows; shares are against the network that ours started with, if it is theirs."""
    return [_published(row, dataset, start) for row in rows]


def _published(row: Published, dataset: str, start: Size) -> Result:
    def share(size: float | None, whole: int) -> float | None:
        return None if size is None or row.of else size / whole

    return Result(
        method=row.method,
        dataset=dataset,
        architecture="-".join(map(str, row.architecture)) or row.of,
        params=row.params,
        params_share=share(row.params, start.parameters),
        macs=row.macs,
        macs_share=share(row.macs, start.macs),
        test_error_mean=row.test_error,
        test_error_std=None,
        n=None,
        train_mac_ratio=None,
        wall_ratio=None,
        source=row.source,
    )


RAW_PROVENANCE = ("configuration", "fingerprint", "device", "torch", "python")


def raw_values(shown: Sequence[Row], loaded: Loaded) -> list[dict[str, Any]]:
    """Every run behind a table and its figures, one row each."""
    rows = []
    for row in shown:
        for run in loaded.seeds(row.settings):
            record, last = run.record, run.gated[-1] if run.gated else None
            rows.append(
                {
                    "method": row.label,
                    "seed": record.settings.seed,
                    "architecture": "-".join(map(str, record.end.widths)),
                    "macs": record.end.macs,
                    f"{record.settings.judged_on}_error": record.error,
                    "decided_before_freeze": last and last.decided,
                    "decided_hidden_before_freeze": last and last.decided_hidden,
                    "mean_gate_error": last and last.mean_gate_error,
                    "thresholded_error": last and last.error,
                    "train_seconds": round(record.seconds, 1),
                    **{name: getattr(record.provenance, name) for name in RAW_PROVENANCE},
                }
            )
    return rows


Cell = Callable[[Result], str]


def _number(name: str, spec: str, factor: float = 1.0) -> Cell:
    def cell(row: Result) -> str:
        value = getattr(row, name)
        return "" if value is None else format(value * factor, spec)

    return cell


def _error(row: Result) -> str:
    spread = "" if row.test_error_std is None else f" ± {row.test_error_std:.2f}"
    return f"{row.test_error_mean:.2f}{spread}"


LARGE = 1e7  # MACs of a network from which on its sizes are told in millions


def labelled(label: str, n: int | None) -> str:
    """What a table calls a row of so many runs: a single one says so, for it has no spread."""
    return f"{label} (n = 1)" if n == 1 else label


def columns(start: Size) -> dict[str, Cell]:
    """The columns for reading: method, size and error first; sizes in one unit for the network."""
    large = start.macs >= LARGE
    return {
        "method": lambda row: labelled(row.method, row.n),
        "MACs %": _number("macs_share", ".2f", 100),
        "test error %": _error,
        "n": _number("n", ".0f"),
        "MMAC" if large else "kMAC": _number("macs", ".2f", 1e-6 if large else 1e-3),
        "params %": _number("params_share", ".2f", 100),
        "M params" if large else "k params": _number("params", ".2f", 1e-6 if large else 1e-3),
        "training MACs / dense": _number("train_mac_ratio", ".3f"),
        "wall-clock / dense": _number("wall_ratio", ".2f"),
        "architecture": lambda row: row.architecture,
        "source": lambda row: row.source,
    }


def before_the_freeze(rows: Sequence[Row], loaded: Loaded) -> str:
    """How decided the gates of each row were before the freeze, and how early they saved."""
    gated = [
        [
            labelled(row.label, len(values)),
            *(f"{statistics.mean(column):.3g}" for column in zip(*values)),
            str(len(values)),
        ]
        for row in rows
        if (values := [v for run in loaded.seeds(row.settings) if (v := _of_the_gates(run))])
    ]
    return f"""
## Gates before the freeze, and how early they save

Means over n runs. Decided: removed, or θ outside {UNDECIDED}, after the last epoch with gates.
Half saved: the share of the epochs after which half of the final saving of MACs was there.

{markdown_table(["method", *GATED, HALF_SAVED, "n"], gated)}
"""


def _details(preset: Preset, loaded: Loaded) -> str:
    """How decided the gates were before the freeze, and where different starts end."""
    text = before_the_freeze(preset.rows, loaded)
    starts = [
        [row.label, architecture([end.widths]), f"{end.macs / 1e3:.2f}", f"{error:.2f}"]
        for row in preset.starts
        for run in loaded.seeds(row.settings)[:1]
        for end, error in [(run.record.end, run.record.error)]
    ]
    if not starts:
        return text
    return f"""{text}
## One price, different starts

The compact price, seed 0.

{markdown_table(["start", "end", "kMAC", "test error %"], starts)}
"""


HALF_SAVED = "half saved after %"
GATED: dict[str, Callable[[GatedEpoch], float]] = {
    "all gates decided %": lambda last: 100 * last.decided,
    "hidden gates decided %": lambda last: 100 * last.decided_hidden,
    "mean-gate error %": lambda last: last.mean_gate_error,
    "thresholded error %": lambda last: last.error,
    "mean-gate loss less thresholded": lambda last: last.mean_gate_loss - last.loss,
}


def _of_the_gates(run: Trained) -> list[float]:
    """The columns of GATED and HALF_SAVED for one run; empty for a run without gates."""
    if not run.gated:
        return []
    saved = 100 * half_saved(run.record.start.macs, run.epochs)
    return [*(value(run.gated[-1]) for value in GATED.values()), saved]


def half_saved(start: int, epochs: Sequence[Epoch]) -> float:
    """Share of the epochs after which half of the final saving of MACs was there (claim A1)."""
    half = (start + epochs[-1].macs) / 2
    return next(e.epoch for e in epochs if e.macs <= half) / len(epochs)


def notes(preset: Preset, loaded: Loaded) -> list[str]:
    """What a reader must know beside the numbers."""
    record = loaded.seeds(preset.dense.settings)[0].record
    return [
        data_note(record),
        "Test error of the final deterministic network after the last epoch, mean ± standard"
        " deviation over n seeds; every raw value is in the file ending in `_runs.csv`.",
        f"Architecture: kept {' - '.join(NETWORKS[preset.network].layers)}; where runs differ,"
        " their mean with the least and the greatest.",
        "MACs are counted from the architecture, biases left out; training MACs are 3 × forward of"
        " the network physically there, against dense training of as many epochs. Wall-clock:"
        " training only, against a dense run of as many epochs that took turns with it in one"
        " process; median over the seeds.",
        *_spared(preset, loaded),
        *([] if preset.dataset.endswith(FORMAT) else [NETWORKS[preset.network].note]),
        made_note([run.record for row in preset.rows for run in loaded.seeds(row.settings)]),
    ]


def data_note(record: Record) -> str:
    """What a run was trained and judged on, and how."""
    made, settings = record.provenance, record.settings
    named = made.fingerprint in made.data
    known_by = "" if named else f" (fingerprint {made.fingerprint})"
    return (
        f"Data: {made.data}{known_by}, {made.train_samples:,}"
        f" training and {made.held_out_samples:,} {settings.judged_on} images;"
        f" {settings.epochs} epochs of batches of {settings.batch_size},"
        f" {_augmentation(settings)}, {settings.precision},"
        " unless the row says otherwise."
    )


def made_note(records: Sequence[Record]) -> str:
    """The machines and the versions behind runs, and how many runs are behind which."""
    runs = Counter(_made(record) for record in records)
    if len(runs) == 1:
        return f"Made on: {next(iter(runs))}."
    return "Made on: " + "; ".join(f"{made}: n = {n}" for made, n in runs.items()) + "."


def _made(record: Record) -> str:
    made, asked = record.provenance, record.settings.precision
    used = made.arithmetic or asked
    return (
        f"{made.device} ({made.machine}, {made.threads} threads), Python"
        f" {made.python}, torch {made.torch}, numpy {made.numpy}"
        + ("" if used == asked else f", in {used} for want of {asked}")
    )


def _spared(preset: Preset, loaded: Loaded) -> list[str]:
    return [
        f"{row.label}, seed {record.settings.seed}: no unit of {', '.join(record.spared)}"
        " was worth its price; the best was kept all the same."
        for row in preset.rows
        for record in (run.record for run in loaded.seeds(row.settings))
        if record.spared
    ]


def _augmentation(settings: Settings) -> str:
    moved = f"images shifted by up to ±{settings.shift} pixels" if settings.shift else ""
    flipped = "mirrored at random" if settings.flip else ""
    return " and ".join(filter(None, (moved, flipped))) or "images as they are"


def write(preset: Preset, loaded: Loaded, folder: Path) -> list[Path]:
    """Writes the main table (CSV, Markdown, LaTeX), its raw values and their provenance.

    Returns the files written; none when the dense baseline has no finished run.
    """
    ours = results(preset, loaded)
    if not ours or not loaded.seeds(preset.dense.settings):
        return []
    record = loaded.seeds(preset.dense.settings)[0].record
    original = NETWORKS[preset.network].original
    beside = comparable(preset.network, preset.dataset)
    rows = ours + published(beside, original, record.start)
    shown = columns(record.start)
    return write_files(
        folder / preset.file,
        title=f"{NETWORKS[preset.network].title} on {ours[0].dataset}",
        head=list(shown),
        cells=[[cell(row) for cell in shown.values()] for row in rows],
        remarks=notes(preset, loaded),
        rows=[vars(row) for row in rows],
        raw=raw_values([*preset.rows, *preset.starts], loaded),
        more=_details(preset, loaded),
    )


def write_files(
    path: Path,
    title: str,
    head: Sequence[str],
    cells: Sequence[Sequence[str]],
    remarks: Sequence[str],
    rows: Sequence[dict[str, Any]],
    raw: Sequence[dict[str, Any]],
    more: str = "",
) -> list[Path]:
    """Writes one table in its three formats, and its raw values; returns the files.

    Args:
        path: of the files, without ending.
        cells: text of the table for reading; ``rows`` the same as numbers, for the CSV.
        remarks: what a reader must know beside the numbers.
        more: Markdown that follows the table.
    """
    bullets = "\n".join(f"- {remark}" for remark in remarks)
    content = {
        ".csv": csv_table(rows),
        ".md": f"# {title}\n\n{markdown_table(head, cells)}\n\n{bullets}\n{more}",
        ".tex": latex_table(head, cells, [title, *remarks]),
        "_runs.csv": csv_table(raw),
    }
    paths = [path.with_name(path.name + ending) for ending in content]
    for file, text in zip(paths, content.values()):
        write_atomic(file, text)
    return paths
