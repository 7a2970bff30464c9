"""The loop: killed and resumed runs end bit for bit like one left alone; what a record holds."""

import signal
import subprocess
import sys
from dataclasses import replace

import pytest
import torch

from reproduce.errors import StoreError, UserError
from reproduce.experiments.presets import AS_PUBLISHED
from reproduce.models import build
from reproduce.runs.record import GatedEpoch
from reproduce.runs.settings import Settings
from reproduce.runs.store import Store
from reproduce.training.loop import Training

GATES = replace(AS_PUBLISHED, log_gamma=0.3, closing_steps=10)
SETTINGS = Settings(
    dataset="mnist_format",
    widths=(784, 24, 12),
    epochs=6,
    batch_size=32,
    weight_precision=0.1,
    freeze_at=0.67,
    gates=GATES,
)

KILLED = """
import os, signal, sys
from pathlib import Path
from reproduce.data import load
from reproduce.runs.store import Store
from reproduce.training.loop import Training
from tests.reproduce.training.test_loop import SETTINGS

results, data, last_step = sys.argv[1], sys.argv[2], int(sys.argv[3])
steps = 0
def on_step():
    global steps
    steps += 1
    if steps == last_step:
        os.kill(os.getpid(), signal.SIGKILL)
run = Store(Path(results)).run(SETTINGS)
for _ in Training(SETTINGS, load("mnist", data), run).epochs(on_step):
    pass
"""


def train(settings, data, root):
    run = Store(root).run(settings)
    for _ in Training(settings, data, run).epochs():
        pass
    return run


def outcome(run):
    """All that a run leaves, times left out."""
    epochs = [replace(epoch, seconds=0.0, process="") for epoch in run.epochs()]
    record = replace(run.record(), seconds=0.0)
    return epochs, record, torch.load(run.weights, weights_only=True)


def same(ours, theirs):
    weights = [(ours[2][name], tensor) for name, tensor in theirs[2].items()]
    return (
        ours[:2] == theirs[:2]
        and ours[2].keys() == theirs[2].keys()
        and all(torch.equal(a, b) for a, b in weights)
    )


@pytest.mark.parametrize(
    "last_step", [10, 27, 41, 53], ids=["between epochs", "within an epoch", "frozen", "at last"]
)
def test_a_killed_run_resumes_bit_for_bit(last_step, undisturbed, data, mnist_folder, tmp_path):
    """Ten steps an epoch: SIGKILL after so many, then the same run goes on in this process."""
    command = [sys.executable, "-c", KILLED, str(tmp_path), str(mnist_folder), str(last_step)]
    killed = subprocess.run(command, capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    run = Store(tmp_path).run(SETTINGS)
    assert not run.finished and len(run.epochs()) == (last_step - 1) // 10
    assert same(outcome(train(SETTINGS, data, tmp_path)), undisturbed)


@pytest.mark.parametrize(
    ("stop", "attach_at", "target"),
    [
        (3, 0.0, 0.0),
        (25, 0.0, 0.0),
        (47, 0.0, 0.0),
        (3, 0.34, 0.0),
        (25, 0.34, 0.0),
        (25, 0.0, 0.3),
    ],
)
def test_a_run_stopped_within_an_epoch_goes_on_within_it(
    stop, attach_at, target, data, tmp_path, monkeypatch
):
    """Shifts, mirroring, several windows in an epoch, gates that come late, a price that is being
    found: all go on as it was."""
    gates = replace(GATES, windows=3, waiting_steps=5, target_macs=target)
    settings = replace(SETTINGS, shift=1, flip=True, attach_at=attach_at, gates=gates)
    whole = outcome(train(settings, data, tmp_path / "whole"))
    monkeypatch.setattr("reproduce.training.loop.CHECKPOINT_SECONDS", 0.0)
    run, steps = Store(tmp_path / "stopped").run(settings), []

    def on_step():
        steps.append(0)
        if len(steps) == stop:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(Training(settings, data, run).epochs(on_step))
    resumed = []
    for _ in Training(settings, data, run).epochs(lambda: resumed.append(0)):
        pass
    assert len(resumed) == 60 - stop + 1  # the step that was cut off had not been kept
    assert same(outcome(run), whole)


@pytest.mark.parametrize("method", ["gates", "hard_concrete"])
def test_until_gates_are_attached_the_run_is_a_dense_one(method, data, tmp_path):
    late = replace(SETTINGS, method=method, attach_at=0.34)
    dense, gated = (
        train(settings, data, tmp_path).epochs()
        for settings in (replace(SETTINGS, method="dense"), late)
    )
    assert late.attach_epoch == 2 and late.freeze_epoch == 4
    losses = [[epoch.train_loss for epoch in epochs] for epochs in (dense, gated)]
    assert losses[0][:2] == losses[1][:2] and losses[0][2] != losses[1][2]
    if method == "gates":
        with_gates = [epoch.epoch for epoch in gated if isinstance(epoch, GatedEpoch)]
        assert with_gates == [3, 4] and len(gated) == 6
        assert gated[-1].macs < dense[-1].macs


def test_bfloat16_and_warm_up_train_too(data, tmp_path):
    settings = replace(SETTINGS, precision="bfloat16", warm_up=15, epochs=3)
    record = train(settings, data, tmp_path).record()
    assert record.error < 70 and record.settings.precision == "bfloat16"


def test_the_run_prunes_and_learns(undisturbed):
    epochs, record, weights = undisturbed
    start, end = record.start, record.end
    assert end.macs < start.macs and min(end.widths) >= 1
    assert record.error < 50
    assert [len(kept) for kept in record.kept] == list(end.widths)
    assert weights["2.weight"].shape == tuple(reversed(end.widths[:2]))
    assert record.error == epochs[-1].error
    assert all(isinstance(epoch, GatedEpoch) for epoch in epochs[:4])
    assert not isinstance(epochs[-1], GatedEpoch)


def test_the_pruned_network_does_without_the_gates(undisturbed, data):
    """Zeroing what was removed in a full-size network gives the recorded error."""
    _, record, weights = undisturbed
    pixels, first, second = (torch.tensor(kept) for kept in record.kept)
    model = build("lenet_300_100", (784, 24, 12), 10, "kaiming_normal", 0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        model[2].weight[first[:, None], pixels] = weights["2.weight"]
        model[4].weight[second[:, None], first] = weights["4.weight"]
        model[6].weight[:, second] = weights["6.weight"]
        model[2].bias[first], model[4].bias[second] = weights["2.bias"], weights["4.bias"]
        model[6].bias.copy_(weights["6.bias"])
        wrong = model(data.normalise(data.test_x)).argmax(1) != data.test_y
    assert 100 * wrong.float().mean().item() == pytest.approx(record.error)


def test_training_macs_follow_the_network_physically_there(undisturbed):
    epochs, record, _ = undisturbed
    before = [record.start.macs] + [epoch.macs for epoch in epochs]
    # The freeze comes before the fifth epoch's first step.
    before[4] = epochs[4].macs
    assert [e.train_macs for e in epochs] == [3 * 320 * macs for macs in before[:6]]
    assert record.train_macs == sum(epoch.train_macs for epoch in epochs)


@pytest.mark.parametrize("estimator", ["path", "straight_through"])
@pytest.mark.parametrize("price", ["params", "macs"])
def test_every_estimator_and_price_trains(estimator, price, data, tmp_path):
    gates = replace(GATES, estimator=estimator, price=price)
    run = train(replace(SETTINGS, epochs=2, freeze_at=1.0, gates=gates), data, tmp_path)
    assert run.finished and run.record().end.macs < run.record().start.macs


def test_dense_training_removes_nothing_and_validation_never_sees_the_test_images(data, tmp_path):
    settings = replace(SETTINGS, method="dense", epochs=2, judged_on="validation")
    record = train(settings, data, tmp_path).record()
    assert record.end.widths == (784, 24, 12)
    assert record.provenance.train_samples == 280
    assert record.provenance.held_out_samples == 40


def test_other_data_under_a_begun_run_are_refused(data, tmp_path):
    training = Training(SETTINGS, data, Store(tmp_path).run(SETTINGS))
    next(training.epochs())
    other = replace(data, test_x=255 - data.test_x)
    with pytest.raises(StoreError, match="other data"):
        Training(SETTINGS, other, Store(tmp_path).run(SETTINGS))


def test_a_loss_that_is_not_finite_stops_the_run_with_a_hint(data, tmp_path):
    settings = replace(SETTINGS, learning_rate=1e30)
    with pytest.raises(UserError, match="lower learning_rate"):
        train(settings, data, tmp_path)


def test_a_batch_larger_than_the_data_is_refused(data, tmp_path):
    settings = replace(SETTINGS, batch_size=1000)
    with pytest.raises(UserError, match="at most the 320"):
        Training(settings, data, Store(tmp_path).run(settings))
