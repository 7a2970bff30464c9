"""Watched runs: the same as unwatched ones; what they record, against the network itself."""

import copy
import csv
from dataclasses import replace

import pytest
import torch
from torch.nn import functional as F

from reproduce import outputs
from reproduce.experiments.rows import Practice, Row
from reproduce.methods.base import Job
from reproduce.methods.witness import Witness
from reproduce.models import build
from reproduce.runs.record import Removal, Survivor, Witnessed
from reproduce.runs.store import Store
from reproduce.tables import practice as practice_tables
from tests.reproduce.methods.test_rivals import CONVOLUTIONS, FLAT, VGG
from tests.reproduce.training.test_loop import train


@pytest.fixture(scope="module", params=[FLAT, CONVOLUTIONS], ids=["lenet_300_100", "lenet_5"])
def watched(request, data, tmp_path_factory):
    settings = replace(request.param, method="gates_watched")
    return train(settings, data, tmp_path_factory.mktemp("watched"))


def test_watching_changes_nothing(watched, data, tmp_path):
    plain = train(replace(watched.settings(), method="gates"), data, tmp_path)

    def told(run):
        return [replace(epoch, seconds=0.0) for epoch in run.epochs()]

    assert told(plain) == told(watched)
    assert plain.record().kept == watched.record().kept


def test_every_unit_is_accounted_for(watched):
    record = watched.record()
    seen, ends = record.witness, record.end.widths
    for site, (started, left) in enumerate(zip(record.start.widths, ends)):
        removed = [unit for where, unit, *_ in seen.removals if where == site]
        assert len(set(removed)) == len(removed)
        assert not set(removed) & set(record.kept[site])
        assert len(removed) + left <= started
        assert sum(where == site for where, *_ in seen.survivors) == left
    assert seen.removals and seen.loss < seen.empty


def in_colour(data):
    """The digits on 32 by 32 pixels of three channels, as VGG16 takes them."""
    names = ("train_x", "test_x")
    return replace(
        data, **{name: F.pad(getattr(data, name), (2,) * 4).repeat(1, 3, 1, 1) for name in names}
    )


@pytest.mark.parametrize("settings", [FLAT, CONVOLUTIONS, VGG], ids=lambda s: s.network)
def test_worth_is_that_of_the_network_with_and_without_the_unit(settings, data):
    """Gates are all 0 or 1, so that the weights of closed units can be set to 0 instead."""
    if settings.network == "vgg16":
        data = in_colour(data)
    model = build(settings.network, settings.widths, 10, settings.init, seed=0)
    samples = len(data.train_x)
    x = data.normalise(data.train_x)
    job = Job(model, x[:8], settings, samples=samples, steps=10, data=data, kept=[])
    witness = Witness(job)
    witness.before_epoch(1, None)
    gates, last = witness.gates, settings.widths[-1]
    gates.theta[:] = 1
    closed = [len(gates.theta) - last, len(gates.theta) - 1]  # two units of the last layer
    gates.theta[closed] = 0
    gates._window[0], gates._window[1], gates._window_steps = 2.0, 2.0, 2
    before = copy.deepcopy(model.state_dict())
    witness._before_prune()
    assert model.training and all(torch.equal(before[k], v) for k, v in model.state_dict().items())
    twin = copy.deepcopy(model)
    for module in twin.modules():
        module._forward_pre_hooks.clear()
    by_averages = exactly(twin.eval(), witness)
    exact = exactly(twin.train(), witness)  # batch norm by the statistics of the images at hand
    assert [removal[1] for removal in witness._removals] == list(exact) == [0, last - 1]
    for _, unit, worth, error, price, kappa_r, _, *lagging in witness._removals:
        value, slope = exact[unit]
        assert worth == pytest.approx(value, abs=1e-6 * samples)
        assert 0 <= error < samples  # 0 for a unit that is dead
        assert price == pytest.approx(gates.prices()[-1] * samples)
        assert kappa_r >= 0.999 * slope  # the greatest of three points, this one of them
        if settings.network == "vgg16":
            assert lagging[0] == pytest.approx(by_averages[unit][0], abs=1e-6 * samples)
            assert abs(lagging[0] - worth) > 1e-3 * abs(worth)  # not the same measurement twice
        else:
            assert lagging == []


def exactly(twin, witness):
    """Worth of the two closed units of the last layer and kappa r at their present weights."""
    samples = witness._job.samples
    out = [m for m in twin.modules() if isinstance(m, torch.nn.Linear)][-1]
    weight = out.weight.detach().clone()
    units = (0, weight.shape[1] - 1)
    reference = {}
    for open_ in (None, *units):
        with torch.no_grad():
            out.weight.copy_(weight)
            out.weight[:, [unit for unit in units if unit != open_]] = 0
        loss = F.cross_entropy(twin(witness._x), witness._y)
        (gradient,) = torch.autograd.grad(loss, out.weight)
        reference[open_] = samples * loss.item(), samples * gradient
    with torch.no_grad():
        out.weight.copy_(weight)
    empty, _ = reference.pop(None)
    return {
        unit: (empty - loss, (gradient[:, unit].norm() * weight[:, unit].norm()).item())
        for unit, (loss, gradient) in reference.items()
    }


def test_the_summary_counts_units():
    removals = (
        Removal(0, 0, 3.0, 0.1, 2.0, 1.0, 0.5),
        Removal(0, 1, 2.1, 0.1, 2.0, 0.1, 0.5),
        Removal(1, 0, -1.0, 0.1, 2.0, 0.2, 0.5),
        Removal(1, 0, -1.0, 0.1, 2.0, 0.2, 0.5),
    )
    survivors = (Survivor(0, 1.0, 2.0, 2.0), Survivor(1, 6.0, 0.1, 2.0))
    seen = Witnessed(removals, survivors, loss=10.0, penalty=5.0, empty=90.0)
    row = practice_tables.summary([seen])
    assert (
        row["regret"] == 50
        and row["sure_regret"] == 25
        and row["certified"] == 75
        and row["removed"] == 4
    )
    assert row["worth_their_price"] == 50 and row["surely_not"] == 0 and row["kkt_residual"] == 25
    assert row["bound"] == 40 and row["left"] == 2 and "lagging_regret" not in row
    by_averages = ((1.0, 9.0), (9.0, 1.0), (3.0, 1.0), (1.0, 1.0))
    twice = tuple(Removal(*one[:7], *two) for one, two in zip(removals, by_averages))
    row = practice_tables.summary([replace(seen, removals=twice, loss=1.0)])
    assert row["regret"] == row["lagging_regret"] == 50
    assert row["sure_regret"] == row["lagging_sure_regret"] == 25


def test_the_table_and_the_picture(watched, tmp_path):
    row = Row("a network", watched.settings())
    study = Practice("theory_test", "Theory in practice", {"watched": (row,)}, seeds=1)
    place = outputs.Place(watched.folder.parent, tmp_path / "tables", tmp_path / "figures")
    files = outputs.write(study, Store(watched.folder.parent).load(), place)
    assert {"theory_test_worths.png", "theory_test.md"} <= {file.name for file in files}
    with (tmp_path / "tables/theory_test.csv").open() as file:
        (numbers,) = csv.DictReader(file)
    assert int(float(numbers["left"])) == sum(watched.record().end.widths)
    assert outputs.write(study, Store(tmp_path / "nothing").load(), place) == []
