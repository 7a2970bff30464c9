"""The command line as a user meets it: results, and one clear line for every mistake."""

import json
import shutil

import pytest

from reproduce import cli, data
from reproduce.data import mnist
from theory.ledger import Ledger
from theory.verdict import Evidence

SMALL = ["--widths", "784-16-8", "--epochs", "2", "--batch-size", "32", "--log-gamma", "0.5"]


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Runs a command in an empty folder; gives its status, output and error output."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(data.ENVIRONMENT, raising=False)

    def command(*arguments):
        try:
            status = cli.main(list(map(str, arguments)))
        except SystemExit as stop:
            status = stop.code
        out, err = capsys.readouterr()
        return status, out, err

    return command


def test_train_reports_lists_and_does_not_train_again(run, mnist_folder):
    train = ["train", "lenet_300_100", *SMALL, "--data-dir", mnist_folder, "--device", "cpu"]
    status, out, err = run(*train)
    assert status == 0 and "784-16-8 →" in out and "after the last epoch" in out
    assert "trained before" not in out and "trained lenet_300_100" in err
    assert "trained before" in run(*train)[1]
    status, out, _ = run("runs")
    assert status == 0 and "finished" in out


def test_a_budget_is_told_beside_what_is_left(run, mnist_folder):
    train = ["train", "lenet_300_100", *SMALL, "--data-dir", mnist_folder, "--device", "cpu"]
    status, out, err = run(*train, "--target-macs", "0.4")
    assert "macs 40 %" in err and "ln γ" not in err
    (told,) = (line for line in out.splitlines() if line.startswith("budget: "))
    assert status == 0 and told.startswith("budget: 40 % of the MACs; left: ")
    left = float(told.split()[-2])
    assert 30 < left <= 40
    (listed,) = json.loads(run("runs", "--json")[1])
    assert listed["budget"] == "macs 40 %" and listed["MACs %"] == pytest.approx(left, abs=0.01)
    _, out, _ = run(*train, "--target-macs", "0.4", "--target-params", "0.3")
    told = [line for line in out.splitlines() if line.startswith("budget: ")]
    assert ["40 % of the MACs" in told[0], "30 % of the parameters" in told[1]] == [True] * 2
    assert any(
        one["budget"] == "macs 40 %, params 30 %" for one in json.loads(run("runs", "--json")[1])
    )
    status, _, err = run(*train, "--target-params", "1e-6")
    assert status == 2 and "target_params must be at least" in err and "Traceback" not in err


MISTAKES = {
    "unknown network": ["train", "lenet_5000"],
    "gamma below one": ["train", "lenet_300_100", "--log-gamma", "-1"],
    "rho of zero": ["train", "lenet_300_100", "--rho", "0"],
    "rho above one": ["train", "lenet_300_100", "--rho", "1.01"],
    "a budget above one": ["train", "lenet_300_100", "--target-macs", "1.5"],
    "two budgets": ["train", "lenet_5", "--target-macs", "0.3", "--target-params", "1.3"],
    "widths": ["train", "lenet_300_100", "--widths", "784-x-3"],
    "unknown flag": ["train", "lenet_300_100", "--gamma", "3"],
    "unknown command": ["prune"],
    "a name that no file can have": ["export", "a" * 300, "--to", "onnx"],
    "a choice that does not exist": ["train", "lenet_5", "--init", "xavir"],
    "a setting file that is not there": ["train", "mine.toml"],
    "neither network nor run": ["train", "--epochs", "3"],
    "a run that is not there": ["compare", "one", "two"],
    "no folder of runs": ["runs"],
    "a network without runs": ["runs", "--network", "alexnet"],
    "unknown claim": ["verify", "Z9"],
    "no seeds": ["reproduce", "--seeds", "0"],
    "no runs to tabulate": ["tables", "--preset", "full"],
    "an unknown study": ["study", "everything"],
    "no jobs": ["study", "robustness_lenet_300_100", "--jobs", "0"],
    "an unknown network": ["reproduce", "alexnet"],
    "a preset of another network": ["reproduce", "vgg16", "--preset", "quick"],
    "data that the network cannot take": ["train", "vgg16", "--dataset", "mnist"],
    "data folder without MNIST": ["train", "lenet_300_100", "--data-dir", "."],
    "data folder that is not there": ["reproduce", "--data-dir", "nowhere"],
}


@pytest.mark.parametrize("arguments", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_gives_one_line_and_status_2(run, arguments, tmp_path):
    status, out, err = run(*arguments)
    assert status == 2 and out == ""
    assert len(err.splitlines()) == 1 and "Traceback" not in err
    assert not list(tmp_path.iterdir())


def test_damaged_files_and_folders_give_one_line_and_status_2(run, mnist_folder, tmp_path):
    train = ["train", "lenet_300_100", *SMALL, "--data-dir"]
    shutil.copytree(mnist_folder, "copy")
    images = tmp_path / "copy" / "MNIST" / "raw" / "train-images-idx3-ubyte"
    images.write_bytes(images.read_bytes()[:-7])
    (tmp_path / "file").write_text("")
    for arguments, words in (
        ([*train, "copy"], "truncated"),
        ([*train, mnist_folder, "--results", "file"], "can't write"),
    ):
        status, _, err = run(*arguments)
        assert status == 2 and words in err and len(err.splitlines()) == 1


def test_a_corrupted_checkpoint_is_set_aside_and_finished_runs_stay(
    run, mnist_folder, tmp_path, caplog
):
    train = ["train", "lenet_300_100", *SMALL, "--data-dir", mnist_folder]
    run(*train)
    (finished,) = tmp_path.glob("results/own/*")
    record = (finished / "record.json").read_bytes()
    run(*train, "--seed", 1)
    (begun,) = set(tmp_path.glob("results/own/*")) - {finished}
    (begun / "record.json").unlink()
    (begun / "checkpoint.pt").write_bytes(b"x" * 1000)
    status, out, _ = run(*train, "--seed", 1)
    assert status == 0 and "trained before" not in out
    (line,) = caplog.messages
    assert "checkpoint.pt (now checkpoint.pt.1.damaged); starting anew" in line
    assert (begun / "checkpoint.pt.1.damaged").read_bytes() == b"x" * 1000
    assert (finished / "record.json").read_bytes() == record


def test_verify_prints_json_and_fails_with_a_claim(run, monkeypatch):
    ledger = Ledger()

    def register(id, truth, wrong):
        @ledger.claim(
            id, "A statement.", supports=("A4",), source="test", formulas=truth,
            controls={"wrong": wrong},
        )  # fmt: skip
        def check(value):
            yield Evidence("checked", "value", "test", value == 1, "it is not 1")

    register("T1", 1, 2)
    monkeypatch.setattr("theory.verify", ledger.verify)
    status, out, _ = run("verify", "--json")
    assert status == 0 and json.loads(out)[0]["verdict"] == "checked"
    register("T2", 1, 1)
    status, out, _ = run("verify")
    assert status == 1 and "control not rejected" in out


def test_memory_that_does_not_suffice_is_said_in_one_line(run, mnist_folder):
    """A first layer of 784 million units: 2.5 TB of weights."""
    widths = ["--widths", "784-784000000-8", "--data-dir", mnist_folder]
    status, _, err = run("train", "lenet_300_100", *widths)
    assert status == 2 and len(err.splitlines()) == 1
    assert "memory" in err and "batch_size" in err


def test_a_device_that_is_not_there_is_named(run, mnist_folder, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    status, _, err = run("reproduce", "--device", "cuda", "--data-dir", mnist_folder)
    assert status == 2 and "no CUDA device" in err and "--device cpu" in err


def test_without_folder_and_network_the_sample_is_used_and_named(run, monkeypatch):
    monkeypatch.setattr(mnist, "MIRRORS", ("http://127.0.0.1:9/",))  # nobody answers there
    status, out, err = run("train", "lenet_300_100", *SMALL, "--epochs", "1")
    assert status == 0 and "embedded sample" in err
    assert "MNIST sample of 5,000 images" in out


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (["trian"], "train"),
        (["train", "lenet_300"], "lenet_300_100"),
        (["train", "lenet_30"], "lenet_300_100"),
        (["train", "lenet_5", "--init", "xavir"], "xavier"),
        (["study", "ablatoin"], "ablation"),
        (["tables", "methods_lenet5"], "methods_lenet_5"),
        (["verify", "h22"], "H2"),
        (["runs", "--method", "gatse", "--results", "."], "gates"),
    ],
)
def test_what_was_meant_is_asked(run, arguments, meant):
    status, _, err = run(*arguments)
    assert status == 2 and f"did you mean {meant}?" in err


def test_alone_it_shows_its_commands_and_it_knows_its_version(run):
    status, out, err = run()
    assert status == 0 and err == "" and all(command in out for command in cli.COMMANDS)
    assert run("--version")[1].startswith("parsimony ")
    assert [line for line in out.splitlines() if len(line) > 80] == []


def test_a_shell_can_complete_commands_and_flags(run):
    status, out, _ = run("completion", "bash")
    assert status == 0 and "--save-settings" in out and "compare" in out


@pytest.mark.parametrize("command", ["", *cli.COMMANDS])
def test_help_shows_examples(run, command):
    status, out, _ = run(*([command] if command else []), "--help")
    assert status == 0 and "examples:" in out
