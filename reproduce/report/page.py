"""One HTML file that holds all results: the ledger, tables, figures, and the runs behind them.

It is made of stored files alone, and asks the network for nothing.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from importlib.resources import files
from pathlib import Path

from reproduce.errors import UserError
from reproduce.experiments import presets, studies
from reproduce.figures import THEORY
from reproduce.files import write_atomic
from reproduce.report import markdown, pictures, provenance, result, symbols
from reproduce.report.elements import linked, read
from reproduce.runs.loaded import Trained

LEDGER = "claims"
# Even a page with a mistake in it could load nothing: neither from the network nor from a disk.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
INTRODUCTION = """<p>Verifies and reproduces <cite>Robust Learning of Parsimonious Deep Neural
Networks</cite> (V. F. I. Guenter and A. Sideris,
<a href="https://arxiv.org/abs/2205.04650">arXiv:2205.04650</a>). Every claim here is proved, or
measured, or reported as failed. Of the paper only the abstract was at hand: the derivations are
this project's own, and no number here is called the paper's. Letters and words (θ, κ, r, V̄, nats;
claims H, D, B, F, P and G) are explained in the project's <code>docs/glossary.md</code>.</p>"""


@dataclass(frozen=True)
class Source:
    """What a page is made of.

    Attributes:
        tables, figures: folders of files that are written by the program.
        results: the folder of the runs behind them.
        benchmarks: Markdown of what things cost, if it is to be there.
        note: whose runs these are, where it is not the committed ones.
    """

    tables: Path
    figures: Path
    results: Path
    benchmarks: Path | None = None
    note: str = ""


def write(source: Source, out: Path) -> Path:
    """Writes the page to ``out``, whole or not at all, and returns it.

    Raises:
        UserError: there are no tables, a file can't be read, or ``out`` can't be written.
    """
    require_place(out)
    write_atomic(out, page(source))
    return out


def require_place(out: Path) -> None:
    """Raises UserError where a file can't be written: said before tables are read and drawn."""
    if out.exists() and not out.is_file():
        raise UserError(f"{out} is no file that could be replaced: name another with --out")
    if not out.parent.is_dir():
        raise UserError(f"there is no folder {out.parent}: make it, or name another with --out")
    if not os.access(out.parent, os.W_OK):
        raise UserError(f"can't write to the folder {out.parent}: name another with --out")


def page(source: Source) -> str:
    """The whole page: the result, the claims, theory in pictures, results, studies, costs.

    Raises:
        UserError: there are no tables, or a file can't be read.
    """
    stems = _in_order([path.stem for path in source.tables.glob("*.md")])
    if not stems:
        raise UserError(f"no tables in {source.tables}: write some with 'parsimony reproduce'")
    drawn = _by_table(sorted(source.figures.glob("*.svg")), stems)
    records = provenance.records(source.results)
    links = set(stems) | {path.stem for paths in drawn.values() for path in paths}
    parts = [("result", "The result", result.section(source.tables, links))]
    for stem in stems:
        file = source.tables / f"{stem}.md"
        parts.append((stem, *_section(file, drawn[stem], source.results, records)))
    if drawn[""]:
        place = 1 + stems.count(LEDGER)  # right behind the ledger, which is first if there is one
        parts.insert(place, ("theory", *_theory(drawn[""])))
    if source.benchmarks and source.benchmarks.is_file():
        parts.append(("benchmarks", *markdown.to_html(read(source.benchmarks), "benchmarks")))
    count = {
        "tables": len(stems),
        "figures": sum(map(len, drawn.values())),
        "finished runs": len(records),
    }
    counted = ", ".join(f"{n} {things}" for things, n in count.items())
    return _document(parts, f"{source.note} {counted}".strip())


def _in_order(stems: Sequence[str]) -> list[str]:
    """The ledger, results, studies, each as they are declared, then what else there is."""
    known = [LEDGER, *(preset.file for preset in presets.committed()), *studies.STUDIES]
    return sorted(
        stems, key=lambda stem: (known.index(stem) if stem in known else len(known), stem)
    )


def _by_table(paths: Sequence[Path], stems: Sequence[str]) -> dict[str, list[Path]]:
    """Figures by the table that their name begins with; those of theory under ''."""
    drawn: dict[str, list[Path]] = {stem: [] for stem in ("", *stems)}
    for path in paths:
        owners = [stem for stem in stems if f"{path.stem}_".startswith(f"{stem}_")]
        drawn[max(owners, key=len, default="")].append(path)
    return drawn


def _section(
    path: Path, drawn: Sequence[Path], results: Path, records: Mapping[str, Trained]
) -> tuple[str, str]:
    """The title of a table, and all there is of it: notes, figures, raw values and runs."""
    ledger = path.stem == LEDGER
    title, body = markdown.to_html(read(path), path.stem, "ledger" if ledger else "")
    if ledger:
        body = symbols.explained(body, path.parent) + symbols.GLOSSARY
    raw = [] if ledger else [path.with_name(path.stem + end) for end in (".csv", "_runs.csv")]
    raw = [file for file in raw if file.is_file()]
    details = [provenance.downloads(raw)] if raw else []
    runs = [file for file in raw if file.stem.endswith("_runs")]
    details += [provenance.runs(file, results, records) for file in runs]
    shown = [pictures.figure(one, taken=path.stem) for one in drawn]
    return title, "\n".join([body, *shown, *details])


def _theory(drawn: Sequence[Path]) -> tuple[str, str]:
    """Pictures of the theory in the order of its argument: hyper-prior, one gate, many, steps."""
    text = "<p>Closed forms and simulations behind the claims; nothing here was trained.</p>"
    order = list(THEORY)
    known = {name: place for place, name in enumerate(order)}
    paths = sorted(drawn, key=lambda path: known.get(path.stem, len(order)))
    return "Theory in pictures", "\n".join([text, *map(pictures.figure, paths)])


def _document(parts: Sequence[tuple[str, str, str]], count: str) -> str:
    own = files(__package__)
    style, script = (own.joinpath(f"page.{kind}").read_text("utf-8") for kind in ("css", "js"))
    contents = "".join(f'<li><a href="#{escape(i)}">{linked(t)}</a></li>' for i, t, _ in parts)
    sections = "\n".join(
        f'<section id="{escape(i)}" aria-labelledby="{escape(i)}-title">'
        f'\n<h2 id="{escape(i)}-title">{linked(title)}</h2>\n{body}\n</section>'
        for i, title, body in parts
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>parsimony: all results</title>
<style>
{style}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the results</a>
<header>
<h1>parsimony: all results</h1>
{INTRODUCTION}
<p>{escape(count)}; written by <code>parsimony report</code> on {date.today().isoformat()},
version {escape(result.version())}.</p>
</header>
<nav aria-labelledby="contents"><h2 id="contents">Contents</h2><ul>{contents}</ul></nav>
<main id="main">
{sections}
</main>
<script>
{script}</script>
</body>
</html>
"""
