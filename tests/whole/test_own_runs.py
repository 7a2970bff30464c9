"""Runs of one's own: sent as files, begun from others, compared, drawn, and listed."""

import csv
import json
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reproduce import cli
from reproduce.commands.compare import told_apart
from reproduce.errors import UserError
from reproduce.gates.config import GateConfig
from reproduce.runs import sent
from reproduce.runs.settings import Settings

SMALL = ["--widths", "784-16-8", "--epochs", "2", "--batch-size", "32", "--log-gamma", "0.5"]
GIVEN = Settings(init="xavier", widths=(784, 30, 20), gates=GateConfig(log_gamma=7.0, rho=0.25))


@pytest.fixture(scope="module")
def trained(mnist_folder, tmp_path_factory):
    """A folder with a run, the same with another price, and a dense one."""
    folder = tmp_path_factory.mktemp("own")
    common = ["--data-dir", str(mnist_folder), "--device", "cpu", "--results", str(folder)]
    assert cli.main(["train", "lenet_300_100", *SMALL, *common]) == 0
    (first,) = [path.name for path in folder.glob("own/*")]
    assert cli.main(["train", "--from", first, "--log-gamma", "5", *common]) == 0
    assert cli.main(["train", "--from", first, "--method", "dense", *common]) == 0
    return folder, first


def told(trained, capsys, *arguments):
    capsys.readouterr()
    assert cli.main([*arguments, "--results", str(trained[0])]) == 0
    return capsys.readouterr().out


def test_a_run_from_another_has_its_settings_but_for_what_is_changed(trained):
    folder, first = trained
    runs = {path.name: json.loads((path / "settings.json").read_text())
            for path in folder.glob("own/*")}  # fmt: skip
    (other,) = [one for name, one in runs.items() if "-gates-" in name and name != first]
    assert other["gates"].pop("log_gamma") == 5.0 and runs[first]["gates"].pop("log_gamma") == 0.5
    assert other == runs[first]
    (dense,) = [one for name, one in runs.items() if "-dense-" in name]
    assert dense["widths"] == [784, 16, 8] and "gates" not in dense


def test_runs_are_lines_that_can_be_searched(trained, capsys):
    _, first = trained
    head, *lines = told(trained, capsys, "runs").splitlines()
    assert len(lines) == 3 and {len(line.split("\t")) for line in lines} == {len(head.split("\t"))}
    assert [line for line in lines if line.startswith(f"{first}\t")]
    newest, *_ = json.loads(told(trained, capsys, "runs", "--json"))
    assert newest["method"] == "dense" and newest["widths"] == [784, 16, 8]
    (dense,) = json.loads(told(trained, capsys, "runs", "--json", "--method", "dense"))
    assert dense == newest
    assert json.loads(told(trained, capsys, "runs", "--json", "--network", "lenet_5")) == []


def test_runs_beside_each_other(trained, capsys, tmp_path):
    names = [path.name for path in trained[0].glob("own/*")]
    out = told(trained, capsys, "compare", *names, "--out", str(tmp_path))
    assert all(name in out for name in names)
    with (tmp_path / "compare.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {row["what differs"] for row in rows} == {
        "gates, ln γ 0.5", "gates, ln γ 5", "dense",
    }  # fmt: skip
    assert (tmp_path / "compare.png").stat().st_size > 10_000


def test_pictures_of_one_run(trained, capsys, tmp_path):
    _, first = trained
    out = told(trained, capsys, "figures", first, "--out", str(tmp_path))
    assert {Path(line).name for line in out.splitlines()} == {
        f"{first}_{kind}.{ending}"
        for kind in ("training", "separation", "noise")
        for ending in ("png", "svg")
    }


def test_settings_that_are_saved_are_trained_as_they_were(trained, mnist_folder, tmp_path, capsys):
    _, first = trained
    file = tmp_path / "mine.toml"
    told(trained, capsys, "train", "--from", first, "--save-settings", str(file))
    data = ["--data-dir", str(mnist_folder), "--device", "cpu"]
    assert "trained before" in told(trained, capsys, "train", str(file), *data)


gated = st.builds(
    GateConfig, log_gamma=st.floats(0.1, 1e4), rho=st.floats(0.01, 1), windows=st.integers(1, 9)
)
settings = st.builds(
    Settings, init=st.sampled_from(["xavier", "pytorch"]),
    method=st.sampled_from(["gates", "dense"]), flip=st.booleans(), epochs=st.integers(1, 1000),
    learning_rate=st.floats(1e-12, 1e3), gates=gated,
)  # fmt: skip


@given(settings)
def test_settings_come_back_as_they_were(tmp_path_factory, given_):
    file = tmp_path_factory.mktemp("sent") / "mine.toml"
    sent.write(given_, file)
    assert sent.read(file) == given_ and sent.read(file).hash == given_.hash


def test_a_file_says_all_settings_and_may_leave_out_those_with_defaults(tmp_path):
    file = tmp_path / "mine.toml"
    sent.write(GIVEN, file)
    content = tomllib.loads(file.read_text())
    assert content["init"] == "xavier" and content["gates"]["rho"] == 0.25
    assert {"epochs", "shift", "train_images"} <= content.keys()
    file.write_text('network = "lenet_5"\n[gates]\nlog_gamma = 3\n')
    assert sent.read(file) == Settings("lenet_5", gates=GateConfig(log_gamma=3.0))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("epoch = 3", "did you mean epochs?"),
        ("[gates]\nlog_gama = 3.0", "did you mean log_gamma?"),
        ("epochs = 3.5", "epochs in"),
        ("epochs = true", "epochs in"),
        ("gates = 3", "must be a table"),
        ("schema = 9", "schema 9"),
        ("epochs 3", "can't read settings"),
        ("rho = 0.5", "unknown setting"),
        ("epochs = 0", "epochs must be at least 1"),
    ],
)
def test_a_mistake_in_a_file_is_named(tmp_path, text, words):
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(UserError, match=r".*") as mistake:
        sent.read(tmp_path / "mine.toml")
    assert words in str(mistake.value)


def test_runs_are_told_apart_by_what_differs():
    other = replace(GIVEN, seed=3, widths=(784, 9, 9))
    assert told_apart([GIVEN, other]) == ["widths 784-30-20, seed 0", "widths 784-9-9, seed 3"]
    dense = replace(GIVEN, method="dense")
    assert told_apart([GIVEN, dense]) == ["gates", "dense"]
