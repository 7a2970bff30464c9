"""The first section of the page: the scorecard, the headline table, and what did not come out."""

import subprocess
from collections.abc import Collection
from html import escape
from importlib import metadata
from pathlib import Path

from reproduce.report import elements, evidence, scorecard

MARKS = {"borne out": "good", "not borne out": "failed"}


def section(tables: Path, links: Collection[str]) -> str:
    """The result as HTML.

    Args:
        tables: the folder of tables.
        links: the parts of the page that can be linked to.
    """
    read = scorecard.Tables(tables)
    sentences = scorecard.sentences(read)
    rows = "".join(_sentence(one, links) for one in sentences)
    head, body = scorecard.headline(read)
    parts = [
        "<p>What the paper's abstract says, sentence by sentence, and what became of it here: borne"
        " out if all of what is asked for is there and the claims that it rests on hold, partly if"
        " some of it is. What is asked for, and how much, was settled after the tables had been"
        " seen, in <code>reproduce/report/scorecard.py</code>.</p>",
        f'<table class="card" aria-label="Scorecard"><tbody>{rows}</tbody></table>',
    ]
    if body:
        parts += ["<h3>In numbers</h3>", elements.table("In numbers", head, body)]
    failed = [f for one in sentences for f in one.findings if not f.supports]
    if failed:
        items = "".join(f"<li>{_finding(finding, links)}</li>" for finding in failed)
        parts.append(f"<h3>What did not come out as one would hope</h3><ul>{items}</ul>")
    return "\n".join(parts)


def _sentence(one: scorecard.Sentence, links: Collection[str]) -> str:
    mark = MARKS.get(one.verdict, "")
    findings = "".join(f"<li>{_finding(finding, links)}</li>" for finding in one.findings)
    claims = ", ".join(
        f'<a href="#{evidence.anchor(id)}">{escape(id)}</a>' if "claims" in links else escape(id)
        for id in one.claims
    )
    if claims:
        hold = len(one.claims) - len(one.failed)
        findings = f"<li>{hold} of {len(one.claims)} claims hold: {claims}</li>" + findings
    drawn = [name for id in one.claims for name in evidence.pictures(id) if name in links]
    if drawn:
        shown = ", ".join(f'<a href="#{name}">{name}</a>' for name in dict.fromkeys(drawn))
        findings += f"<li>in pictures: {shown}</li>"
    return (
        f'<tr><th scope="row">{one.id}</th><td>{escape(one.text)}'
        f'<p class="verdict {mark}">{escape(one.verdict)}</p>'
        f'<p class="bar">Asked for: {elements.linked(one.bar)}.</p></td>'
        f"<td><ul>{findings}</ul></td></tr>\n"
    )


def _finding(finding: scorecard.Finding, links: Collection[str]) -> str:
    text = elements.linked(finding.text)
    if finding.table in links:
        text += f' (<a href="#{escape(finding.table)}">table</a>)'
    return text


def version() -> str:
    """The version, and the commit where this is a checkout."""
    try:
        number = metadata.version("parsimonet")
    except metadata.PackageNotFoundError:
        number = "not installed"
    here = Path(__file__).parent
    asked = ["git", "-C", str(here), "rev-parse", "--short=12", "HEAD"]
    try:
        commit = subprocess.run(asked, capture_output=True, text=True, timeout=10).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        commit = ""
    return f"{number}, commit {commit}" if commit else number
