"""With all defaults a short run ends where dense training does, and a budget is kept."""

import logging

import pytest

from reproduce import data
from reproduce.gates.config import GateConfig
from reproduce.runs.settings import Settings
from reproduce.runs.store import Store
from reproduce.training.loop import Training


@pytest.mark.parametrize(
    ("network", "epochs"), [("lenet_300_100", 1), ("lenet_300_100", 3), ("lenet_5", 2)]
)
def test_a_short_run_with_all_defaults_learns_and_ends_within_two_points_of_dense(
    network, epochs, tmp_path
):
    images = data.load("mnist_sample")

    def error(method):
        settings = Settings(network, images.name, method, epochs=epochs)
        *_, last = Training(settings, images, Store(tmp_path).run(settings)).epochs()
        return last.error

    assert error("gates") <= error("dense") + 2 < 15


@pytest.mark.parametrize("epochs", [1, 10])
def test_a_budget_with_all_defaults_is_kept_and_what_goes_is_learnt_if_there_is_time(
    epochs, tmp_path, caplog
):
    images = data.load("mnist_sample")
    settings = Settings(
        dataset=images.name, epochs=epochs, seed=1, gates=GateConfig(target_macs=0.3)
    )
    training = Training(settings, images, Store(tmp_path).run(settings))
    dense = training.plan.macs()
    with caplog.at_level(logging.WARNING, logger="parsimony"):
        *before, last = training.epochs()
    assert 0.29 * dense < last.macs <= 0.3 * dense
    hasty = [line for line in caplog.messages if "train longer" in line]
    if epochs == 1:
        assert len(hasty) == 1 and "\n" not in hasty[0]
    else:
        assert not hasty and before[-1].macs < 0.33 * dense  # little is left for the freeze
        assert last.error < 8  # dense: 6.2
