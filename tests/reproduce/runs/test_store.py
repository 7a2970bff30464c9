"""The store: atomic writes, checksums, and errors that leave earlier results intact."""

import errno
import hashlib
import json
import os
from dataclasses import replace

import pytest
import torch

from reproduce.errors import StoreError
from reproduce.files import write_atomic, write_json
from reproduce.runs.record import Epoch, Provenance, Record, Size, to_json
from reproduce.runs.settings import Settings
from reproduce.runs.store import Store

COST = {"train_macs": 9, "seconds": 0.1, "process": "p"}
END = Size((2, 1, 1), 3, 6)
EPOCH = Epoch(**vars(END), epoch=1, train_loss=2.3, error=90.0, loss=2.3, **COST)


def record(settings, end=END, error=90.0):
    """As a run has it whose epochs are all alike but for their number."""
    made = Provenance(settings.hash, "MNIST", "f", 10, 5, "cpu", 1, "x86_64", "3", "2", "2")
    start, n = Size(settings.widths, 300, 600), settings.epochs
    kept = tuple(tuple(range(width)) for width in end.widths)
    return Record(settings, made, start, end, error, 2.3, 9 * n, 0.1 * n, kept)


def finished(store, settings, end=END, error=90.0, weights=None):
    run = store.run(settings)
    run.begin(settings)
    epoch = replace(EPOCH, **vars(end), error=error)
    epochs = [replace(epoch, epoch=number) for number in range(1, settings.epochs + 1)]
    run.finish(record(settings, end, error), epochs, weights or {"w": torch.zeros(2)})
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
    finished(store, Settings())
    other = finished(store, Settings(seed=1))
    assert store.finished(Settings(), "f") and not store.finished(Settings(seed=2), "f")
    with pytest.raises(StoreError, match="is of other data"):
        store.finished(Settings(), "g")
    made = replace(record(Settings(seed=1)).provenance, fingerprint="g")
    path = other.folder / "record.json"
    write_json(path, json.loads(path.read_text()) | {"provenance": to_json(made)})
    with pytest.raises(StoreError, match="are of different data"):
        store.load()


@pytest.mark.parametrize("content", ["{", "{}", '{"schema": 99}', '{"schema": 1, "colour": 3}'])
def test_damaged_settings_are_named(tmp_path, content):
    run = Store(tmp_path).run(Settings())
    run.begin(Settings())
    (run.folder / "settings.json").write_text(content)
    with pytest.raises(StoreError, match=r"settings\.json"):
        run.settings()
