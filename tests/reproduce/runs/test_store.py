"""The store: atomic writes, checksums, and errors that leave earlier results intact."""

import errno
import hashlib
import json
import os
from dataclasses import replace

import pytest
import torch

from reproduce.data import mnist
from reproduce.errors import StoreError
from reproduce.files import write_atomic, write_json
from reproduce.runs.record import Epoch, Provenance, Record, Size
from reproduce.runs.settings import Settings
from reproduce.runs.store import Store

HELD_OUT = 40  # images
COST = {"train_macs": 3 * 128 * 3, "seconds": 0.1, "process": "p"}  # of one batch
END = Size((2, 1, 1), 3, 6)
EPOCH = Epoch(**vars(END), epoch=1, train_loss=2.3, error=90.0, loss=2.3, **COST)
OWN = Settings(dataset="mnist_format")


def data_of(settings, other):
    """Title and fingerprint that fit the name of a data set, those of images of one's own by it."""
    if settings.dataset == "mnist":
        return "MNIST", mnist.FINGERPRINT
    if settings.dataset == "cifar10":
        return "CIFAR-10", "f"
    return f"images in MNIST's format (fingerprint {other})", other


def record(settings, end=END, error=90.0, data="f"):
    """As a run has it whose epochs are all alike but for their number, each of one batch."""
    made = Provenance(
        settings.hash, *data_of(settings, data), settings.batch_size, HELD_OUT, "cpu", 1, "x86_64",
        "3", "2", "2",
    )  # fmt: skip
    start, n = Size(settings.widths, 2 * end.macs, 2 * end.parameters), settings.epochs
    kept = tuple(tuple(range(width)) for width in end.widths)
    cost = n * 3 * settings.batch_size * end.macs
    return Record(settings, made, start, end, error, 2.3, cost, 0.1 * n, kept)


def finished(store, settings, end=END, error=90.0, weights=None, data="f"):
    run = store.run(settings)
    run.begin(settings)
    cost = 3 * settings.batch_size * end.macs
    epoch = replace(EPOCH, **vars(end), error=error, train_macs=cost)
    epochs = [replace(epoch, epoch=number) for number in range(1, settings.epochs + 1)]
    run.finish(record(settings, end, error, data), epochs, weights or {"w": torch.zeros(2)})
    return run


def test_a_full_disk_leaves_the_old_file_and_no_half_written_one(tmp_path, monkeypatch):
    path = tmp_path / "record.json"
    write_atomic(path, "old")

    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="No space left on device; earlier results are intact"):
        write_atomic(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_unwritable_folder_is_named(tmp_path):
    (tmp_path / "results").write_text("a file where the folder should be")
    with pytest.raises(StoreError, match="can't write"):
        Store(tmp_path / "results").run(Settings()).begin(Settings())


def test_checkpoints_come_back_and_a_damaged_one_is_detected(tmp_path):
    run = Store(tmp_path).run(Settings())
    assert run.load_checkpoint() is None
    run.save_checkpoint({"x": torch.arange(3)}, [EPOCH])
    assert run.load_checkpoint()["x"].tolist() == [0, 1, 2]
    assert run.epochs() == [EPOCH]
    path = run.folder / "checkpoint.pt"
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)
    assert run.load_checkpoint() is None


def test_a_run_is_finished_when_its_record_is_there_and_then_has_no_checkpoint(tmp_path):
    run = Store(tmp_path).run(Settings())
    run.begin(Settings())
    run.save_checkpoint({}, [])
    assert not run.finished
    finished(Store(tmp_path), Settings())
    checksum = hashlib.sha256(run.weights.read_bytes()).hexdigest()
    assert run.finished and run.record() == replace(record(Settings()), weights_sha256=checksum)
    assert sorted(p.name for p in run.folder.iterdir()) == [
        "epochs.jsonl", "record.json", "settings.json", "weights.pt",
    ]  # fmt: skip
    assert torch.load(run.weights, weights_only=True)["w"].shape == (2,)


def test_seeds_of_a_row_are_found_by_their_settings(tmp_path):
    store = Store(tmp_path)
    for seed in (3, 0, 10):
        finished(store, Settings(seed=seed))
    store.run(Settings(seed=4)).begin(Settings(seed=4))  # not finished
    other = Settings(epochs=3)
    store.run(other).begin(other)
    loaded = store.load()
    assert [run.settings.seed for run in loaded.seeds(Settings(seed=99))] == [0, 3, 10]
    assert loaded.get(Settings(seed=3)).epochs[0] == EPOCH
    assert loaded.get(Settings(seed=4)) is None
    assert len(list(store.runs())) == 5


def test_runs_on_different_data_are_in_no_table_together_and_are_not_taken_for_done(tmp_path):
    store = Store(tmp_path)
    finished(store, OWN)
    assert store.finished(OWN, "f") and not store.finished(OWN.with_seed(2), "f")
    with pytest.raises(StoreError, match="is of other data"):
        store.finished(OWN, "g")
    finished(store, OWN.with_seed(1), data="g")
    with pytest.raises(StoreError, match="are of different data"):
        store.load()


def test_runs_that_start_with_the_same_network_start_with_the_same_size(tmp_path):
    store = Store(tmp_path)
    finished(store, OWN)
    finished(store, OWN.with_seed(1))
    path = store.run(OWN).folder / "record.json"
    content = json.loads(path.read_text())
    content["start"]["macs"] *= 10
    write_json(path, content)
    with pytest.raises(StoreError, match="start with the same network, and it has another size"):
        store.load()


@pytest.mark.parametrize("content", ["{", "{}", '{"schema": 99}', '{"schema": 1, "colour": 3}'])
def test_damaged_settings_are_named(tmp_path, content):
    run = Store(tmp_path).run(Settings())
    run.begin(Settings())
    (run.folder / "settings.json").write_text(content)
    with pytest.raises(StoreError, match=r"settings\.json"):
        run.settings()
