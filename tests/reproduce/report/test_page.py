"""The page of all results: complete, small, escaped, without network, and right in a browser."""

import csv
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reproduce import cli
from reproduce.errors import UserError
from reproduce.report import elements, evidence, markdown, page, pictures

ROOT = Path(__file__).parents[3]
TABLES, FIGURES, RESULTS = (ROOT / name for name in ("paper_tables", "figures", "results"))
RUN = min((RESULTS / "full").iterdir())  # one that is finished
HASH = RUN.name.rpartition("-")[2]
MOST_BYTES = 5e6
VOID = {"meta", "img", "input", "link", "br"}


class Reader(HTMLParser):
    """Collects elements, and asserts that each is closed where it must be."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


def test_a_caption_says_what_a_deep_networks_picture_shows():
    assert "histogram by epoch" in pictures.caption("lenet_5_separation")
    assert "after the last epoch" in pictures.caption("vgg16_cifar10_separation")
    assert "a line for each start" in pictures.caption("robustness_vgg16_sizes")


@pytest.fixture(scope="module")
def committed() -> str:
    return page.page(page.Source(TABLES, FIGURES, RESULTS, ROOT / "benchmarks" / "results.md"))


@pytest.fixture
def small(tmp_path, monkeypatch) -> Path:
    """A folder with one table, its raw values and run, and one figure; it is the current one."""
    (tmp_path / "paper_tables").mkdir()
    (tmp_path / "figures").mkdir()
    (tmp_path / "paper_tables" / "net.md").write_text(
        "# A net\n\n| a | n |\n| --- | --- |\n| x | 2 |\n"
    )
    raw = f"method,seed,configuration\nx,0,{HASH}\n"
    (tmp_path / "paper_tables" / "net_runs.csv").write_text(raw)
    (tmp_path / "figures" / "net_error.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 30 15"><metadata><a/></metadata>'
        '<path d="M 1.23456 -0.0001 \nL 2.5 3 \nL 2.5001 3 \n" style="fill: #fff"/>'
        "<text>0.00125 θ</text></svg>"
    )
    shutil.copytree(RUN, tmp_path / "results" / "own" / RUN.name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def source_in(folder: Path) -> page.Source:
    return page.Source(*(folder / name for name in ("paper_tables", "figures", "results")))


def test_the_committed_page_is_small_enough_to_mail(committed):
    assert len(committed.encode()) <= MOST_BYTES


def test_every_table_figure_and_run_is_there(committed):
    reader = Reader(committed)
    ids = [attributes["id"] for _, attributes in reader.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {path.stem for path in TABLES.glob("*.md")} < set(ids)
    assert {path.stem for path in FIGURES.glob("*.svg")} < set(ids)
    assert {f"#{i}" for i in ids} >= {a["href"] for a in reader.all("a") if a["href"][0] == "#"}
    for path in TABLES.glob("*_runs.csv"):
        assert f'<a download="{path.name}"' in committed
        with path.open() as file:
            for run in csv.DictReader(file):
                assert run["configuration"] in committed and run["fingerprint"] in committed
    for path in RESULTS.glob("full/*/record.json"):
        assert f"<code>{path.relative_to(ROOT)}</code>" in committed
    with (TABLES / "claims.csv").open() as ledger:
        for claim in csv.DictReader(ledger):
            id = claim["claim"]
            row = f'<tr id="{evidence.anchor(id)}"><th scope="row">{id}</th>'
            assert row in committed


def test_the_result_comes_first_and_raw_tables_can_be_saved(committed, small):
    assert re.findall('<section id="([^"]*)"', committed)[0] == "result"
    assert committed.index("borne out") < committed.index('<section id="claims"')
    assert re.search(r"on \d{4}-\d\d-\d\d,\s+version", committed)
    (link,) = re.findall('<a download="net_runs.csv" href="([^"]*)"', page.page(source_in(small)))
    kept = (small / "paper_tables" / "net_runs.csv").read_text()
    assert unquote(link.removeprefix("data:text/csv;charset=utf-8,")) == kept


def test_another_folders_runs_are_reported_and_no_others(small, capsys):
    assert cli.main(["report", "--results", "elsewhere"]) == 2
    assert "no finished runs of a preset or study in elsewhere" in capsys.readouterr().err
    for run in RESULTS.glob("short/lenet_5-*"):
        shutil.copytree(run, f"elsewhere/short/{run.name}")
    assert cli.main(["report", "--results", "elsewhere", "--out", "other.html"]) == 0
    text = (small / "other.html").read_text()
    assert "Runs in elsewhere." in text and 'id="lenet_5"' in text
    assert 'id="net"' not in text and 'id="claims"' not in text
    assert 'id="lenet_300_100"' not in text


def test_every_figure_has_a_caption_and_a_text_alternative(committed):
    images = Reader(committed).all("img")
    assert len(images) == len(list(FIGURES.glob("*.svg")))
    assert all(len(image["alt"]) > 60 for image in images)
    for path in FIGURES.glob("*.svg"):
        assert pictures.caption(path.stem).endswith("."), path


def test_nothing_is_loaded_from_anywhere(committed):
    reader = Reader(committed)
    for tag, attributes in reader.elements:
        for name in ("src", "srcset", "href", "data", "action", "poster"):
            link = attributes.get(name, "")
            assert not link or link.startswith(("data:image/svg+xml,", "#")) or tag == "a"
    kept_inside = ("#", "data:text/csv;", "https://arxiv.org/abs/")
    assert all(a["href"].startswith(kept_inside) for a in reader.all("a"))
    assert not {"link", "iframe", "object", "embed", "base"} & {tag for tag, _ in reader.elements}
    style = re.search("<style>(.*?)</style>", committed, re.S)[1]
    assert "url(" not in style and "@import" not in style
    assert "default-src 'none'" in committed


EVIL = "<script>alert(1)</script>\"'&<b onclick=x>"


def test_all_text_is_escaped(small):
    table = small / "paper_tables" / "net.md"
    table.write_text(
        f"# {EVIL}\n\n{EVIL}\n\n| {EVIL} |\n| --- |\n| {EVIL} |\n\n- {EVIL}\n\n## {EVIL}\n"
    )
    (small / "paper_tables" / "net_runs.csv").write_text(f"method,<b>\n1,{EVIL}\n")
    figure = (small / "figures" / "net_error.svg").read_text()
    evil = EVIL.replace("&", "&amp;").replace("<", "&lt;")
    (small / "figures" / "net_\"'<b>.svg").write_text(figure.replace("0.00125", evil))
    reader = Reader(page.page(source_in(small)))
    assert len(reader.all("script")) == 1 and not reader.all("b")
    assert any(EVIL in image["alt"] for image in reader.all("img"))
    assert not any(
        name.startswith("on") for _, attributes in reader.elements for name in attributes
    )


def test_pictures_lose_digits_but_no_words(small):
    text = (small / "figures" / "net_error.svg").read_text()
    uri = pictures.data_uri(ElementTree.fromstring(text))
    root = ElementTree.fromstring(unquote(uri.removeprefix("data:image/svg+xml,")))
    path, words, style = root
    assert path.get("d") == "M1.23 0L2.5 3" and words.text == "0.00125 θ"
    assert style.text == f".{path.get('class')}{{fill: #fff}}"


def test_markdown_as_our_tables_have_it():
    title, body = markdown.to_html(
        "# One\n\n| a | b |\n| --- | --- |\n| x\\|y\\* | 1,200 ± 3 |\n|  | -2e-05 |\n"
        "\n- `c`\n  d\n- e\n",
        "t",
    )
    whole = "1,200\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}3"
    assert title == "One" and f'<th scope="row">x|y*</th><td class="number">{whole}</td>' in body
    assert "<ul><li><code>c</code> d</li><li>e</li></ul>" in body
    assert (
        "<p>of results, [1, 2] (n)</p>" in markdown.to_html("of [results](a.md), [1, 2] (n)", "")[1]
    )
    assert elements.linked("arXiv:1811.03060") == (
        '<a href="https://arxiv.org/abs/1811.03060">arXiv:1811.03060</a>'
    )


def test_the_command_writes_the_page_with_the_record_of_each_run(small, capsys):
    assert cli.main(["report", "--out", "all.html"]) == 0
    text = (small / "all.html").read_text()
    assert "all.html" in capsys.readouterr().out
    assert f"results/own/{RUN.name}/record.json" in text and "Of these 1 runs 1 have" in text
    made = json.loads((RUN / "record.json").read_text())["provenance"]
    assert f"<td>{made['data']}</td>" in text and f">{made['numpy']}</td>" in text


def _remove_tables(folder: Path) -> None:
    shutil.rmtree(folder / "paper_tables")


MISTAKES = {
    "no tables": (_remove_tables, "no tables in paper_tables"),
    "a damaged figure": (lambda f: (f / "figures" / "net_error.svg").write_text("<svg"), "damaged"),
    "no text": (lambda f: (f / "paper_tables" / "net.md").write_bytes(b"\xff"), "can't read"),
    "an empty table": (lambda f: (f / "paper_tables" / "net_runs.csv").write_text(""), "is empty"),
    "no record": (
        lambda f: (f / "results" / "own" / RUN.name / "record.json").write_text("[1]"),
        "is no record",
    ),
    "a folder in the way": (lambda f: (f / "report.html").mkdir(), "report.html is no file"),
}


@pytest.mark.parametrize(("spoil", "words"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_gives_one_line_and_nothing_is_written(small, capsys, spoil, words):
    spoil(small)
    before = sorted(small.rglob("*"))
    assert cli.main(["report"]) == 2
    out, err = capsys.readouterr()
    assert out == "" and len(err.splitlines()) == 1 and words in err
    assert sorted(small.rglob("*")) == before


FILES = ("paper_tables/net.md", "paper_tables/net_runs.csv", "figures/net_error.svg")
PIECES = (
    "|", "\n", "# ", "- ", ",", '"', "<", ">", "&", "`", "\\", "1e", "---",
    "method,configuration\n", "../*", '<svg viewBox="0 0 1">',
)  # fmt: skip


def test_a_page_is_not_begun_for_a_folder_that_is_not_there(small, capsys, monkeypatch):
    monkeypatch.setattr("reproduce.commands.report._of", lambda *_: pytest.fail("drawn before"))
    for results in ([], ["--results", "elsewhere"]):
        assert cli.main(["report", "--out", "nowhere/all.html", *results]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert "there is no folder nowhere" in line and not (small / "nowhere").exists()


@given(st.sampled_from(FILES), st.data())
def test_whatever_the_files_hold_the_page_is_whole_or_refused(tmp_path_factory, name, data):
    folder = tmp_path_factory.mktemp("any")
    for part in ("paper_tables", "figures", "results"):
        (folder / part).mkdir()
    (folder / "paper_tables" / "net.md").write_text("# A net\n")
    piece = st.sampled_from(PIECES) | st.text()
    text = "".join(data.draw(st.lists(piece, max_size=12)))
    (folder / name).write_bytes(text.encode(errors="replace"))
    try:
        whole = page.page(source_in(folder))
    except UserError:
        return
    assert len(Reader(whole).all("script")) == 1


# What a reader would look at and do; the results are written into the page, which is then dumped.
LOOK = """<script>addEventListener("load", () => {
  const texts = (table, column) =>
    [...table.tBodies[0].rows].map((row) => row.cells[column].textContent);
  const table = document.querySelector("#lenet_300_100 table");
  const heads = [...table.tHead.rows[0].cells];
  const column = heads.findIndex((head) => head.textContent === "MACs %");
  const button = heads[column].querySelector("button");
  const before = texts(table, column);
  const sorts = [1, 2, 3].map(() => {
    button.click();
    return [heads[column].getAttribute("aria-sort"), texts(table, column)];
  });
  const words = document.querySelector("#claims input");
  words.value = "saddle";
  words.dispatchEvent(new Event("input", { bubbles: true }));
  const shown = [...document.querySelectorAll("#claims tbody tr")].filter((row) => !row.hidden);
  document.querySelectorAll("details").forEach((one) => { one.open = true; });
  document.body.style.width = "360px";
  const result = {
    before, sorts,
    shown: shown.map((row) => row.textContent),
    images: [...document.images].map((image) => image.complete && image.naturalWidth),
    overflow: document.body.scrollWidth - document.body.clientWidth,
  };
  const pre = document.createElement("pre");
  pre.id = "result";
  pre.textContent = encodeURIComponent(JSON.stringify(result));
  document.body.append(pre);
});</script>"""


def _chromium(file: Path, profile: Path) -> tuple[str, str]:
    """The document as it is after loading, and what the browser said meanwhile."""
    quiet = ("background-networking", "component-update", "default-apps", "extensions", "gpu",
             "quic", "sync")  # fmt: skip
    done = subprocess.run(
        ["chromium", "--headless", "--no-sandbox", "--no-first-run", "--enable-logging=stderr",
         *(f"--disable-{name}" for name in quiet), f"--user-data-dir={profile}",
         "--window-size=500,900", "--virtual-time-budget=20000", "--dump-dom", file.as_uri()],
        capture_output=True, text=True, timeout=200,
    )  # fmt: skip
    return done.stdout, done.stderr


@pytest.mark.skipif(not shutil.which("chromium"), reason="chromium is not installed")
def test_in_a_browser_pictures_are_drawn_and_tables_sort_and_filter(committed, tmp_path):
    file = tmp_path / "report.html"
    file.write_text(committed.replace("</body>", f"{LOOK}</body>"))
    document, said = _chromium(file, tmp_path / "profile")
    assert [line for line in said.splitlines() if ":CONSOLE" in line] == []
    found = re.search('<pre id="result">(.*?)</pre>', document)
    assert found, said
    result = json.loads(unquote(found[1]))
    assert len(result["images"]) == len(list(FIGURES.glob("*.svg"))) and min(result["images"]) > 0
    (up, rising), (down, falling), (none, restored) = result["sorts"]
    numbers = [float(text.replace(",", "")) for text in rising if text]
    assert (up, down, none) == ("ascending", "descending", "none")
    assert numbers == sorted(numbers) and rising[len(numbers) :] == falling[len(numbers) :]
    assert falling[: len(numbers)] == rising[: len(numbers)][::-1] and restored == result["before"]
    assert result["shown"] and all("saddle" in text.lower() for text in result["shown"])
    assert result["overflow"] <= 0
