"""What was edited, mixed up or damaged in the results is named in one line, and is in no table."""

import json
import shutil
from pathlib import Path

import pytest

from reproduce import cli
from reproduce.experiments import presets

ROOT = Path(__file__).parents[3]
DENSE = presets.preset("lenet_300_100", "full").rows[0].settings


@pytest.fixture
def results(tmp_path, monkeypatch):
    """Two committed runs of one row, in the folder that is current."""
    monkeypatch.chdir(tmp_path)
    for seed in (0, 1):
        name = DENSE.with_seed(seed).name
        shutil.copytree(ROOT / "results" / "full" / name, tmp_path / "results" / "full" / name)
    return tmp_path / "results"


def changed(name, **changes):
    """One of the two JSON files with other values."""

    def tamper(run):
        content = json.loads((run / name).read_text())
        (run / name).write_text(json.dumps(content | changes))

    return tamper


def written(name, text):
    return lambda run: (run / name).write_bytes(text)


def edited(name, old, new, count=-1):
    def tamper(run):
        text = (run / name).read_text()
        assert old in text
        (run / name).write_text(text.replace(old, new, count))

    return tamper


def copied(run):
    shutil.copytree(run, run.with_name("lenet_300_100-dense-0123456789ab"))


def swapped(run):
    """The whole of another seed's run in this one's folder."""
    (other,) = set(run.parent.iterdir()) - {run}
    shutil.rmtree(run)
    shutil.copytree(other, run)


def another_record(run):
    (other,) = set(run.parent.iterdir()) - {run}
    shutil.copy(other / "record.json", run)


def linked(run):
    run.rename(run.parents[2] / "elsewhere")
    run.symlink_to(run.parents[2] / "elsewhere")


def linked_record(run):
    (run / "record.json").rename(run.parents[2] / "record.json")
    (run / "record.json").symlink_to(run.parents[2] / "record.json")


def last_epoch_lost(run):
    lines = (run / "epochs.jsonl").read_text().splitlines(keepends=True)
    (run / "epochs.jsonl").write_text("".join(lines[:-1]))


def folder_for_record(run):
    (run / "record.json").unlink()
    (run / "record.json").mkdir()


def half_an_image(run):
    """In both files alike."""
    error = json.loads((run / "record.json").read_text())["error"]
    for name in ("record.json", "epochs.jsonl"):
        edited(name, f'"error": {error}', f'"error": {error + 0.005}')(run)


END = {"widths": [784, 300, 99], "macs": 265000, "parameters": 266610}
TAMPERING = {
    "a run copied under another name": (copied, "holds the settings of"),
    "a run in another's folder": (swapped, "holds the settings of"),
    "the record of another seed": (another_record, "is of other settings than settings.json"),
    "a better error": (changed("record.json", error=0.5), "is not the last epoch's"),
    "a smaller network": (changed("record.json", end=END), "final size is not the last epoch's"),
    "fewer units kept": (changed("record.json", kept=[[0], [0], [0]]), "not as many as the final"),
    "a cheaper training": (changed("record.json", train_macs=1), "not the sum of its epochs'"),
    "another seed in the settings": (changed("settings.json", seed=7), "holds the settings of"),
    "an epoch less": (last_epoch_lost, "has not the epochs 1 to 50"),
    "no object": (written("record.json", b"{}"), "is no record of a run"),
    "a list": (written("record.json", b"[" * 100_000), "can't read"),
    "NaN": (changed("record.json", error=float("nan")), "error: nan is no"),
    "10^400": (changed("record.json", train_macs=10**400), "train_macs"),
    "NaN in an epoch": (edited("epochs.jsonl", '"loss": ', '"loss": NaN, "x": ', 1), "loss"),
    "half a file": (written("record.json", b'{"settings": {'), "can't read"),
    "no text": (written("record.json", b"\xff\xfe"), "can't read"),
    "no settings": (lambda run: (run / "settings.json").unlink(), "can't read"),
    "ten times the network at the start": (
        edited("record.json", '"macs": 266200', '"macs": 2662000', 1),
        "the network of epoch 1 is none that",
    ),
    "a tenth of the images": (
        edited("record.json", '"train_samples": 60000', '"train_samples": 6000'),
        "the training MACs of epoch 1 are not",
    ),
    "other images under that name": (
        edited("record.json", "1e35582d42a90940", "0123456789abcdef"),
        "is not the data set mnist",
    ),
    "half an image wrong": (half_an_image, "is no number of 10000 images"),
    "brackets without end": (written("epochs.jsonl", b"[" * 100_000), "can't read"),
    "a folder for a record": (folder_for_record, "is no file"),
    "text that can't be written": (edited("record.json", "x86_64", r"\ud800"), "is no text"),
    "no epochs": (lambda run: (run / "epochs.jsonl").unlink(), "has not the epochs"),
    "a link to a run": (linked, "is a link"),
    "a link to a record": (linked_record, "is a link"),
}


@pytest.mark.parametrize(("tamper", "words"), TAMPERING.values(), ids=TAMPERING)
def test_every_command_names_what_was_tampered_with_and_uses_none_of_it(
    tamper, words, results, tmp_path, capsys
):
    run = results / "full" / DENSE.name
    tamper(run)
    name = run.name
    for command in (
        ["tables", "lenet_300_100", "--preset", "full"],
        ["figures", "lenet_300_100", "--preset", "full"],
        ["runs"],
        ["export", name, "--to", "safetensors"],
    ):
        if tamper is copied and command[0] == "export":
            continue  # the run of this name is as it was
        assert cli.main(command) == 2, command
        out, err = capsys.readouterr()
        assert not out and len(err.splitlines()) == 1 and words in err, (command, err)
        assert "lenet_300_100-dense" in err
    assert not (tmp_path / "paper_tables").exists() and not (tmp_path / "figures").exists()


def test_a_run_that_can_t_be_looked_into_is_not_left_out_without_a_word(
    results, monkeypatch, capsys
):
    run, listed = results / "full" / DENSE.name, Path.iterdir

    def locked(folder):
        if folder.name == run.name:
            raise PermissionError(13, "Permission denied", str(folder))
        return listed(folder)

    monkeypatch.setattr(Path, "iterdir", locked)
    for command in (["tables", "lenet_300_100", "--preset", "full"], ["runs"]):
        assert cli.main(command) == 2
        out, err = capsys.readouterr()
        assert not out and f"can't look into results/full/{run.name}: Permission denied" in err


def test_the_runs_as_they_were_committed_are_tabled(results, capsys):
    assert cli.main(["tables", "lenet_300_100", "--preset", "full"]) == 0
    capsys.readouterr()
    assert cli.main(["runs"]) == 0
    assert capsys.readouterr().out.count("MNIST".lower()) == 2


@pytest.mark.parametrize("command", [["runs"], ["report"], ["tables"], ["figures"]])
def test_a_results_folder_that_is_not_there_is_named(command, results, capsys):
    (results.parent / "paper_tables").mkdir()
    (results.parent / "paper_tables" / "net.md").write_text("# A net\n")
    before = sorted(results.parent.rglob("*"))
    assert cli.main([*command, "--results", "nowhere"]) == 2
    out, err = capsys.readouterr()
    assert not out and len(err.splitlines()) == 1 and "nowhere" in err
    assert sorted(results.parent.rglob("*")) == before


def test_training_does_not_write_through_a_link(results, mnist_folder, tmp_path, capsys):
    where = ["--data-dir", str(mnist_folder), "--epochs", "1", "--batch-size", "32"]
    command = ["train", "lenet_300_100", "--method", "dense", *where, "--widths", "784-9-5"]
    assert cli.main([*command, "--results", "other"]) == 0
    (run,) = (tmp_path / "other" / "own").iterdir()
    (run / "record.json").unlink()
    linked(run)
    before = {path: path.read_bytes() for path in (tmp_path / "elsewhere").iterdir()}
    assert cli.main([*command, "--results", "other"]) == 2
    assert "is a link" in capsys.readouterr().err
    assert before == {path: path.read_bytes() for path in (tmp_path / "elsewhere").iterdir()}
