"""Export: what comes back is the run's network; every broken or missing file is one clear line."""

import hashlib
import json
import os
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from reproduce import cli, export
from reproduce.data import load, source
from reproduce.errors import StoreError, UserError
from reproduce.files import write_json
from reproduce.models import NETWORKS
from reproduce.runs.found import find
from reproduce.runs.record import Size, to_json
from reproduce.runs.settings import Settings
from reproduce.runs.store import Run, Store, every
from tests.reproduce.runs.test_store import finished
from tests.whole.test_plain_networks import WIDTHS, frozen

safetensors = pytest.importorskip("safetensors.torch", reason="needs the extra 'export'")
for package in ("onnx", "onnxscript", "onnxruntime"):
    pytest.importorskip(package, reason="needs the extra 'export'")
ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "running.md").read_text()
(SNIPPET,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
TRAIN = ["--widths", "784-16-8", "--epochs", "2", "--batch-size", "32", "--log-gamma", "0.5"]


def stored(network, root):
    """A finished run with a pruned network of random weights, and that network."""
    model, images, plan = frozen(network)
    settings = Settings(network=network, widths=WIDTHS[network])
    left = Size(plan.widths(), plan.macs(), plan.parameters())
    run = finished(Store(root), settings, left, 12.5, model.state_dict())
    return run, model, images


def forget_checksum(run):
    """Makes the run one of before, whose records had no checksum of the weights."""
    before = replace(run.record(), weights_sha256=None)
    write_json(run.folder / "record.json", to_json(before))


@pytest.fixture
def main(tmp_path, monkeypatch, capsys):
    """Runs a command in an empty folder; gives its status and the lines of its error output."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments):
        status = cli.main(list(map(str, arguments)))
        return status, capsys.readouterr().err.splitlines()

    return command


@pytest.mark.parametrize("network", NETWORKS)
def test_safetensors_and_json_bring_the_network_back(network, tmp_path):
    run, model, images = stored(network, tmp_path)
    written = export.export(run, "safetensors", tmp_path / "out")
    assert [path.suffix for path in written] == [".safetensors", ".json"]
    for path in written:
        again = export.load(path)
        assert torch.allclose(again(images), model(images), atol=1e-6) and not again.training
        saved, kept = again.state_dict(), model.state_dict()
        assert {*saved} == {*kept} and all(torch.equal(saved[key], kept[key]) for key in kept)
    about = json.loads(written[1].read_text())
    assert about["image"] == list(images.shape[1:]) and about["classes"] == 10
    assert about["test_error_percent"] == 12.5 and about["run"] == run.folder.name
    assert about["mean"] == list(source(run.settings().dataset).mean)


@pytest.mark.parametrize("network", NETWORKS)
def test_onnx_runtime_agrees_with_pytorch_for_any_batch(network, tmp_path):
    import onnx
    import onnxruntime

    run, model, images = stored(network, tmp_path)
    (path,) = export.export(run, "onnx", tmp_path / "out")
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    for batch in (images[:1], images[:5], torch.randn(33, *images.shape[1:])):
        (logits,) = session.run(["logits"], {"images": batch.numpy()})
        assert (torch.from_numpy(logits) - model(batch)).abs().max() < 1e-4
    about = {entry.key: entry.value for entry in onnx.load(path).metadata_props}
    assert about["run"] == run.folder.name and json.loads(about["image"]) == list(images.shape[1:])
    for folder in (export.__file__, torch.__file__):
        assert folder.rpartition("/")[0].encode() not in path.read_bytes()


def test_an_onnx_file_that_disagrees_is_not_written(tmp_path, monkeypatch):
    run, *_ = stored("lenet_300_100", tmp_path)
    monkeypatch.setattr(export, "_difference", lambda *_: float("nan"))
    with pytest.raises(UserError, match="differ"):
        export.export(run, "onnx", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_trained_run_is_exported_by_its_name_or_folder(main, mnist_folder, tmp_path):
    assert main("train", "lenet_300_100", *TRAIN, "--data-dir", mnist_folder)[0] == 0
    (run,) = Store(tmp_path / "results" / "own").runs()
    name = run.folder.name
    assert main("export", name, "--to", "safetensors")[0] == 0
    assert main("export", run.folder, "--to", "safetensors", "--out", "other")[0] == 0
    assert sorted(p.name for p in (tmp_path / "exported").iterdir()) == [
        f"{name}.json", f"{name}.safetensors",
    ]  # fmt: skip
    data = load("mnist", str(mnist_folder))
    for folder in ("exported", "other"):
        model = export.load(tmp_path / folder / f"{name}.json")
        wrong = model(data.normalise(data.test_x)).argmax(1) != data.test_y
        assert 100 * wrong.float().mean().item() == pytest.approx(run.record().error)
    for path in (tmp_path / "exported").iterdir():
        path.rename(path.with_stem("RUN"))
    names: dict = {}
    exec(SNIPPET, names)  # as the text has it
    assert isinstance(names["model"], torch.nn.Module) and not names["model"].training


def test_of_two_runs_of_one_name_the_one_with_weights_is_taken(tmp_path):
    bare, *_ = stored("lenet_300_100", tmp_path / "committed")
    bare.weights.unlink()
    whole, *_ = stored("lenet_300_100", tmp_path / "own")
    assert find(whole.folder.name, tmp_path).folder == whole.folder


def test_what_cannot_be_exported_is_said_in_one_line(main, tmp_path, monkeypatch):
    run, *_ = stored("lenet_300_100", tmp_path / "results" / "own")
    name = run.folder.name
    begun = Store(tmp_path / "results" / "own").run(Settings(epochs=9))
    begun.begin(Settings(epochs=9))
    (tmp_path / "file").write_text("")

    def refused(*words, wanted=name, to="safetensors", out="exported"):
        status, lines = main("export", wanted, "--to", to, "--out", out)
        assert status == 2 and len(lines) == 1, lines
        assert all(word in lines[0] for word in words), lines
        assert not (tmp_path / "exported").exists()

    refused("not finished (epoch 0 of 9)", wanted=begun.folder.name)
    refused("neither", "parsimony runs", wanted="nothing")
    refused(f"did you mean {name}?", wanted=name[:-1])
    refused("can't write", out="file")
    for to, package in (("safetensors", "safetensors.torch"), ("onnx", "onnxscript")):
        with monkeypatch.context() as missing:
            missing.setitem(sys.modules, package, None)
            refused(package.partition(".")[0], "pip install -e '.[export]'", to=to)
    whole = run.weights.read_bytes()
    run.weights.write_bytes(whole[:-1] + b"x")
    refused("weights.pt is damaged")
    forget_checksum(run)
    run.weights.write_bytes(whole[:1000])
    refused("weights.pt is damaged")
    torch.save({"weight": torch.zeros(2, 3)}, run.weights)
    refused("absent")
    run.weights.unlink()
    refused("no weights.pt", "train the run again")


def test_weights_that_would_run_code_are_refused(tmp_path, main):
    """A pickle that calls a function on loading: weights_only keeps it from being called."""
    run, *_ = stored("lenet_300_100", tmp_path / "results" / "own")

    class Trap:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "sprung"),)

    forget_checksum(run)
    torch.save({"weight": Trap()}, run.weights)
    status, lines = main("export", run.folder.name, "--to", "onnx")
    assert status == 2 and "weights.pt is damaged" in lines[0]
    assert not (tmp_path / "sprung").exists()


def altered(change):
    """Changes the JSON's content."""

    def apply(description, weights):
        description.write_text(json.dumps(json.loads(description.read_text()) | change))

    return apply


def resaved(change):
    """Changes the tensors, and the checksum with them."""

    def apply(description, weights):
        content = safetensors.save(change(safetensors.load(weights.read_bytes())))
        weights.write_bytes(content)
        altered({"sha256": hashlib.sha256(content).hexdigest()})(description, weights)

    return apply


def replaced(content):
    """Other bytes for weights, vouched for by the JSON."""

    def apply(description, weights):
        weights.write_bytes(content)
        altered({"sha256": hashlib.sha256(content).hexdigest()})(description, weights)

    return apply


DAMAGES = {
    "no JSON file": (lambda d, w: d.unlink(), "can't read"),
    "no weights file": (lambda d, w: w.unlink(), "can't read"),
    "JSON cut short": (lambda d, w: d.write_text(d.read_text()[:40]), "can't read"),
    "JSON is no text": (lambda d, w: d.write_bytes(b"\xff\xfe\x00"), "can't read"),
    "JSON is a list": (lambda d, w: d.write_text("[]"), "no architecture"),
    "another format": (altered({"format": 2}), "no architecture of format 1"),
    "unknown network": (altered({"network": "alexnet"}), "lenet_300_100"),
    "network is a list": (altered({"network": ["vgg16"]}), "no architecture"),
    "another network": (altered({"network": "lenet_5"}), "widths must list 4 numbers"),
    "widths of text": (altered({"widths": ["1", 2, 3]}), "whole numbers"),
    "negative widths": (altered({"widths": [-1, 2, 3]}), "whole numbers"),
    "huge widths": (altered({"widths": [2**31 - 1] * 3}), "holds no network"),
    "other widths": (altered({"widths": [1, 2, 3]}), "it would be"),
    "no classes": (altered({"classes": None}), "whole numbers"),
    "no checksum": (altered({"sha256": None}), "checksum"),
    "weights cut short": (lambda d, w: w.write_bytes(w.read_bytes()[:99]), "checksum"),
    "weights that are none": (replaced(b"x" * 99), "holds no network"),
    "empty weights": (replaced(b""), "holds no network"),
    "a tensor missing": (resaved(lambda t: {k: t[k] for k in list(t)[1:]}), "absent"),
    "a tensor too many": (resaved(lambda t: t | {"x": torch.zeros(1)}), "absent"),
    "half precision": (resaved(lambda t: {k: v.half() for k, v in t.items()}), "float16"),
    "pixels that no image has": (
        resaved(lambda t: t | {"1.index": t["1.index"] + 700}),
        "holds no network",
    ),
}


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    root = tmp_path_factory.mktemp("pair")
    run, *_ = stored("lenet_300_100", root)
    return {path.suffix: path.read_bytes() for path in export.export(run, "safetensors", root)}


@pytest.mark.parametrize(("damage", "words"), DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_pair_is_one_line(damage, words, pair, tmp_path):
    paths = [tmp_path / f"network{suffix}" for suffix in (".json", ".safetensors")]
    for path in paths:
        path.write_bytes(pair[path.suffix])
    export.load(paths[0])
    damage(*paths)
    with pytest.raises(StoreError, match=words) as raised:
        export.load(paths[0])
    assert len(str(raised.value).splitlines()) == 1


COMMITTED = [run for run in every(ROOT / "results") if run.weights.suffix == ".safetensors"]


def test_a_network_of_each_lenet_is_committed_with_its_weights():
    assert {run.settings().network for run in COMMITTED} == {"lenet_300_100", "lenet_5"}


@pytest.mark.parametrize("run", COMMITTED, ids=lambda run: run.folder.name)
def test_a_committed_network_can_be_exported_from_a_fresh_clone(run, tmp_path):
    found = find(run.folder.name, ROOT / "results")
    (path, _) = export.export(found, "safetensors", tmp_path)
    images = load("mnist_sample")
    with torch.no_grad():
        logits = export.load(path)(images.normalise(images.test_x))
    wrong = (logits.argmax(1) != images.test_y).float().mean()
    assert 100 * wrong < found.trained().record.error + 1


def test_committed_weights_that_were_damaged_are_refused(tmp_path):
    run = COMMITTED[0]
    copied = Run(tmp_path / run.folder.name)
    copied.receive(run.files())
    copied.weights.write_bytes(copied.weights.read_bytes()[:-1] + b"x")
    with pytest.raises(StoreError, match=r"weights\.safetensors is damaged"):
        copied.load_weights()
