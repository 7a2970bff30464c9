"""Settings: the hash names a run, and every value is checked."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reproduce.errors import UserError
from reproduce.experiments.presets import AS_PUBLISHED
from reproduce.gates.config import GateConfig
from reproduce.runs.settings import Settings, differences


def test_hash_is_pinned():
    """A change here means that stored runs get other names: raise SCHEMA, or don't do it."""
    assert Settings(gates=AS_PUBLISHED).hash == "ac5cd8f0600b"
    assert Settings().hash == "7b8a20b9b0a1"
    assert Settings(method="dense").hash == "30fb7949ba8a"


@given(
    seed=st.integers(0, 1000),
    epochs=st.integers(1, 500),
    log_gamma=st.floats(0.1, 1e3),
    widths=st.tuples(st.just(784), st.integers(1, 999), st.integers(1, 999)),
    method=st.sampled_from(["gates", "dense"]),
)
def test_settings_survive_json(seed, epochs, log_gamma, widths, method):
    gates = GateConfig(log_gamma=log_gamma) if method == "gates" else GateConfig()
    settings = Settings(seed=seed, epochs=epochs, widths=widths, method=method, gates=gates)
    assert Settings.from_dict(settings.to_dict()) == settings


def test_every_field_that_a_run_depends_on_changes_the_hash():
    changes = {
        "dataset": "mnist_sample", "method": "dense", "widths": (784, 30, 10), "init": "xavier",
        "seed": 1, "epochs": 7, "batch_size": 32, "shift": 1, "learning_rate": 0.3,
        "weight_precision": 1.0, "precision": "bfloat16", "flip": True, "warm_up": 9,
        "attach_at": 0.25, "freeze_at": 0.5, "judged_on": "validation", "train_images": 500,
        "gates": GateConfig(log_gamma=1.0),
    }  # fmt: skip
    assert set(changes) | {"network"} == {field.name for field in dataclasses.fields(Settings)}
    hashes = {dataclasses.replace(Settings(), **{k: v}).hash for k, v in changes.items()}
    assert len(hashes | {Settings().hash}) == len(changes) + 1


def test_a_field_that_came_later_leaves_older_hashes_alone_and_survives_json():
    assert "flip" not in Settings().to_dict() and "windows" not in Settings().to_dict()["gates"]
    settings = Settings(flip=True, gates=GateConfig(windows=4))
    assert Settings.from_dict(settings.to_dict()) == settings


def test_a_run_of_before_gates_waited_for_the_weights_did_not_wait():
    waits, hasty = Settings(), Settings(gates=GateConfig(waiting_steps=0))
    assert "waiting_steps" not in hasty.to_dict()["gates"]
    assert Settings.from_dict(hasty.to_dict()) == hasty != waits
    assert Settings.from_dict(waits.to_dict()) == waits


def test_a_whole_number_is_the_same_run_as_the_float():
    whole = Settings(learning_rate=1, gates=GateConfig(log_gamma=45))
    assert whole.hash == Settings(learning_rate=1.0, gates=GateConfig(log_gamma=45.0)).hash
    assert Settings(epochs=7).to_dict()["epochs"] == 7


def test_only_those_settings_are_told_in_which_runs_differ_that_have_them():
    base = Settings(seed=3)
    dearer = dataclasses.replace(base, gates=GateConfig(log_gamma=5.0))
    assert differences([base, dearer]) == [{"log_gamma": 0.0}, {"log_gamma": 5.0}]
    dense = dataclasses.replace(dearer, method="dense", seed=4)
    assert differences([base, dense]) == [
        {"method": "gates", "seed": 3}, {"method": "dense", "seed": 4}
    ]  # fmt: skip
    assert differences([base, base]) == [{}, {}]


def test_each_network_has_its_own_data_and_widths():
    assert Settings(network="vgg16").dataset == "cifar10"
    with pytest.raises(UserError, match="dataset must be one that VGG16 can take: cifar10"):
        Settings(network="vgg16", dataset="mnist")
    with pytest.raises(UserError, match="the third of them 16 times the second"):
        Settings(network="lenet_5", widths=(10, 25, 800, 500))
    assert Settings(network="lenet_5", widths=(10, 25, 400, 250)).widths[2] == 400


def test_gates_of_a_dense_run_do_not_matter_to_its_name():
    dense = Settings(method="dense")
    other = dataclasses.replace(dense, gates=GateConfig(log_gamma=3.0))
    assert other.hash == dense.hash and other == dense == Settings.from_dict(other.to_dict())


def test_unset_widths_and_the_paper_s_widths_are_the_same_run():
    assert Settings(widths=(784, 300, 100)).hash == Settings().hash


@pytest.mark.parametrize(
    ("name", "value"),
    [("network", "lenet"), ("dataset", "svhn"), ("method", "magic"), ("widths", (784, 300)),
     ("shift", 5),
     ("widths", (700, 300, 100)), ("widths", (784, 0, 100)), ("init", "zeros"), ("seed", -1),
     ("epochs", 0), ("batch_size", 1), ("learning_rate", -0.1), ("learning_rate", float("nan")),
     ("weight_precision", -1.0), ("freeze_at", 0.0), ("freeze_at", 1.1),
     ("attach_at", -0.1), ("attach_at", 0.9), ("judged_on", "train")],
)  # fmt: skip
def test_a_value_out_of_range_is_named(name, value):
    with pytest.raises(UserError, match=name):
        Settings(**{name: value})
