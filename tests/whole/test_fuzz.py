"""Nonsense on the command line and in every file that is read: one line, status 2, nothing outside.

`make fuzz` tries thousands of inputs; the suite a few of each kind.
"""

import argparse
import gzip
import io
import json
import os
import tracemalloc
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reproduce import cli
from reproduce.commands import reproduce, simulate
from reproduce.data import image_folder, load
from reproduce.data.cache import load as load_cache
from reproduce.data.cache import save as save_cache
from reproduce.data.cifar10 import CLASSES
from reproduce.errors import DataError, StoreError
from reproduce.runs.settings import Settings
from reproduce.runs.store import Run, Store
from reproduce.training import sweep, turns
from tests.conftest import write_idx
from tests.reproduce.data.test_cifar10 import small_set, write_archive
from tests.reproduce.methods.test_rivals import FLAT
from tests.reproduce.training.test_loop import train

MOST_MEMORY = 200e6  # bytes that reading a damaged small file may take


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """An empty folder, current for this module's tests; beside it nothing may ever appear."""
    folder = tmp_path_factory.mktemp("fuzz") / "here"
    folder.mkdir()
    before = Path.cwd()
    os.chdir(folder)
    yield folder
    os.chdir(before)
    assert list(folder.parent.iterdir()) == [folder]


def damaged(content: bytes):
    """The content with some bytes changed, and perhaps cut, doubled or replaced."""
    places = st.integers(0, len(content) - 1)

    def change(edits, end, tail):
        changed = bytearray(content)
        for place, byte in edits:
            changed[place] = byte
        return bytes(changed[:end]) + tail

    edits = st.lists(st.tuples(places, st.integers(0, 255)), max_size=5)
    near_the_start = st.lists(
        st.tuples(st.integers(0, min(60, len(content) - 1)), st.integers(0, 255)), max_size=4
    )
    return st.builds(
        change, edits | near_the_start, st.none() | places, st.binary(max_size=20)
    ) | st.binary(max_size=200)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


def actions(parser):
    """All arguments of a parser and of those below it."""
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for one in action.choices.values():
                yield from actions(one)


ACTIONS = list(actions(cli.parser()))
FLAGS = sorted({flag for action in ACTIONS for flag in action.option_strings})
WORDS = st.sampled_from(
    [
        *cli.COMMANDS,
        *simulate.SIMULATIONS,
        *FLAGS,
        *"lenet_300_100 lenet_5 vgg16 ablation H1 quick full nan mnist".split(),
        *"0 1 -1 1e400 784-300-100 784--1 ../.. /dev/null -- é".split(),
        "",
    ]
)


@pytest.fixture(scope="module")
def no_work():
    """Commands go as far as the work itself, which is left out."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(turns, "run_all", lambda *_: 0)
        patch.setattr(sweep, "run", lambda *_: iter(()))
        patch.setattr(sweep, "most_seconds", lambda *_: 0.0)
        patch.setattr("theory.verify", lambda claims=None, on_progress=None: [])
        patch.setattr(reproduce, "proofs", list)
        yield


def command(arguments):
    """The status of a command, which says one line where that is 2."""
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()) as said:
        try:
            status = cli.main(arguments)
        except SystemExit as end:
            status = end.code
    if status == 2:
        (line,) = said.getvalue().strip().splitlines()
        assert line.startswith("parsimony")
    return status


@given(
    st.lists(WORDS | st.text(max_size=6), max_size=6)
    | st.tuples(st.sampled_from(sorted(cli.COMMANDS)), st.lists(WORDS, max_size=5)).map(
        lambda parts: [parts[0], *parts[1]]
    )
)
@example(["train", "lenet_300_100", "--widths", "784--1"])
@example(["runs", "--results", "/dev/null"])
def test_any_command_line(here, no_work, mnist_folder, arguments):
    if "simulate" in arguments:  # its own work is seconds long and has no folder of results
        arguments = [*arguments, "--no-such-flag"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PARSIMONY_DATA", str(mnist_folder))
        assert command(arguments) in (0, 1, 2)


@given(
    JSON
    | st.dictionaries(st.sampled_from(sorted(FLAT.to_dict())), JSON).map(
        lambda changes: FLAT.to_dict() | changes
    )
    | st.dictionaries(st.sampled_from(sorted(FLAT.to_dict()["gates"])), JSON).map(
        lambda changes: FLAT.to_dict() | {"gates": FLAT.to_dict()["gates"] | changes}
    )
)
def test_any_settings_file(here, content):
    folder = here / "results" / "run"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "settings.json").write_text(json.dumps(content))
    with suppress(StoreError):  # main makes one line of it
        assert isinstance(Run(folder).settings(), Settings)


@pytest.fixture(scope="module")
def finished(mnist_folder, tmp_path_factory):
    return train(FLAT, load("mnist", str(mnist_folder)), tmp_path_factory.mktemp("finished"))


@given(st.data())
def test_any_file_of_a_run(here, finished, data):
    """What lists runs says which file is wrong, in one line."""
    files = finished.files()
    name = data.draw(st.sampled_from(["settings.json", "record.json", "epochs.jsonl"]))
    folder = here / "damaged" / "own" / finished.folder.name
    Run(folder).receive(files | {name: data.draw(damaged(files[name]))})
    assert command(["runs", "--results", str(here / "damaged")]) in (0, 2)


@given(st.data())
def test_any_checkpoint(here, data):
    """Only an intact one is loaded; any other is set aside, and the one before is taken."""
    run = Store(here / "checkpoints").run(FLAT)
    run.save_checkpoint({"model": {}, "fingerprint": "before"}, [])
    run.save_checkpoint({"model": {}, "fingerprint": "x"}, [])
    path = run._checkpoint
    intact = path.read_bytes()
    path.write_bytes(data.draw(damaged(intact)))
    state = run.load_checkpoint()
    assert state["fingerprint"] == ("x" if path.exists() else "before")
    assert not path.exists() or path.read_bytes() == intact
    for aside in run.folder.glob("*.damaged"):
        aside.unlink()


@given(st.data(), st.booleans())
def test_any_idx_file(here, data, packed):
    root = here / "idx"
    if not root.exists():
        write_idx(root, train=12, test=6)
    raw = root / "MNIST" / "raw"
    names = sorted(path.name for path in raw.glob("*-ubyte*"))
    name = data.draw(st.sampled_from(names)).removesuffix(".gz")
    plain, zipped = raw / name, raw / (name + ".gz")
    intact = plain.read_bytes()
    path = zipped if packed else plain
    path.write_bytes(data.draw(damaged(gzip.compress(intact, mtime=0) if packed else intact)))
    if packed:
        plain.unlink()
    try:
        with read_or_refused():
            load("mnist", str(root))
    finally:
        zipped.unlink(missing_ok=True)
        plain.write_bytes(intact)


@contextmanager
def bounded():
    tracemalloc.start()
    try:
        yield
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < MOST_MEMORY


@contextmanager
def read_or_refused():
    """Reading ends well or with one line, in bounded memory."""
    with bounded():
        try:
            yield
        except DataError as error:
            assert len(str(error).splitlines()) == 1  # noqa: PT017 (it may, it need not raise)


def test_a_gzip_bomb_is_not_unpacked(here):
    root = here / "bomb"
    write_idx(root, train=12, test=6)
    images = root / "MNIST" / "raw" / "train-images-idx3-ubyte"
    images.with_name(images.name + ".gz").write_bytes(gzip.compress(bytes(2**28)))
    images.unlink()
    with bounded(), pytest.raises(DataError, match="more bytes than MNIST has"):
        load("mnist", str(root))


NAMES = (
    st.lists(
        st.sampled_from(
            ["train", "test", "..", ".", "", "/", "cat", "dog", "0.png", "x.jpg", "/etc", "C:"]
        ),
        min_size=1,
        max_size=6,
    )
    .map("/".join)
    .filter(bool)
)


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    folder = tmp_path_factory.mktemp("archives")
    made = {}
    for suffix in (".zip", ".tar", ".tar.gz"):
        write_archive(folder / f"a{suffix}", small_set())
        made[suffix] = (folder / f"a{suffix}").read_bytes()
    return made


@given(st.data(), st.sampled_from([".zip", ".tar", ".tar.gz"]))
def test_any_damaged_archive(here, archives, data, suffix):
    path = here / f"damaged{suffix}"
    path.write_bytes(data.draw(damaged(archives[suffix])))
    with read_or_refused():
        image_folder.read(path, CLASSES, 32, 100)


@given(
    st.dictionaries(NAMES, st.binary(max_size=50), max_size=4), st.sampled_from([".zip", ".tar"])
)
def test_any_names_in_an_archive(here, extra, suffix):
    """Traversal and absolute paths are names like any other: nothing is ever written."""
    path = here / f"names{suffix}"
    before = {*here.rglob("*"), path}
    write_archive(path, extra)
    with read_or_refused():
        image_folder.read(path, CLASSES, 32, 100)
    assert set(here.rglob("*")) == before


@given(st.data())
def test_any_cache_file(here, data):
    """A damaged cache is as good as none."""
    path, arrays = here / "cache.npz", {"x": np.arange(12, dtype=np.uint8)}
    save_cache(path, arrays)
    path.write_bytes(data.draw(damaged(path.read_bytes())))
    loaded = load_cache(path)
    assert loaded is None or np.array_equal(loaded["x"], arrays["x"])
