"""Rival methods: what each cuts, by its definition; folding; resuming; their order in a sweep."""

import math
from dataclasses import replace

import pytest
import torch
from torch.nn import functional as F

from reproduce.errors import UserError
from reproduce.experiments.comparisons import NEED_BATCH_NORM
from reproduce.experiments.presets import AS_PUBLISHED
from reproduce.methods import group_norm, weighed
from reproduce.methods.base import Job
from reproduce.methods.hard_concrete import ALWAYS_CLOSED, TEMPERATURE, HardConcrete, _stretched
from reproduce.methods.learnt_gates import LearntGates
from reproduce.methods.rivals import NormPruning, Scratch, Slimming, SlimmingPerLayer
from reproduce.models import NETWORKS, build
from reproduce.runs.kinds import METHODS
from reproduce.runs.settings import Settings
from reproduce.runs.store import Store
from reproduce.training import sweep
from reproduce.training.loop import Training
from tests.reproduce.training.test_loop import SETTINGS, outcome, same, train

GATES = replace(AS_PUBLISHED, log_gamma=0.5, closing_steps=5)
FLAT = replace(SETTINGS, epochs=4, freeze_at=0.5, gates=GATES)
CONVOLUTIONS = replace(
    FLAT, network="lenet_5", widths=(4, 6, 96, 20), gates=replace(GATES, price="macs")
)
VGG = Settings(network="vgg16", widths=(4, 6) + (8,) * 11, epochs=4, gates=GATES)


@pytest.fixture(scope="module", params=[FLAT, CONVOLUTIONS], ids=["lenet_300_100", "lenet_5"])
def source(request, data, tmp_path_factory):
    """A finished run of gates, and the folder that rivals find it in."""
    root = tmp_path_factory.mktemp("methods")
    return train(request.param, data, root), root


@pytest.fixture(autouse=True)
def little(monkeypatch):
    monkeypatch.setattr(weighed, "LEAST_IMAGES", 2000)
    monkeypatch.setattr(group_norm, "STEPS", 40)


def make(method, settings, kept=()):
    """A method around a fresh network, its optimiser, and a batch of made-up images."""
    model = build(settings.network, settings.widths, 10, settings.init, seed=0)
    x = torch.rand(8, *NETWORKS[settings.network].image, generator=torch.Generator().manual_seed(1))
    job = Job(model, x, settings, samples=320, steps=10, data=None, kept=list(kept))
    return method(job), model, torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9), x


@pytest.mark.parametrize("method", sorted(set(METHODS) - {"gates", *NEED_BATCH_NORM}))
def test_a_rival_resumes_bit_for_bit(method, source, data, tmp_path):
    if method == "torch_pruning":
        pytest.importorskip("torch_pruning", reason="needs the extra 'rivals'")
    run, root = source
    settings = replace(run.settings(), method=method)
    train(run.settings(), data, tmp_path)
    whole = outcome(train(settings, data, root))
    stopped = Store(tmp_path).run(settings)
    for epochs in (1, 2):
        steps = iter(Training(settings, data, stopped).epochs())
        for _ in range(epochs):
            next(steps)
    assert same(outcome(train(settings, data, tmp_path)), whole)


def test_weighing_changes_nothing(data, tmp_path):
    settings = replace(FLAT, method="gates_weighed", gates=replace(GATES, rho=0.02))
    run = train(settings, data, tmp_path)
    plain = train(replace(settings, method="gates"), data, tmp_path)
    assert run.record().kept == plain.record().kept
    assert run.record().loss == plain.record().loss
    seen = run.record().weighed
    assert len(seen.theta) == sum(run.epochs()[1].widths) == len(seen.price)
    assert seen.price == pytest.approx([0.5] * len(seen.price))


def test_fewer_images_are_said_in_the_record_and_more_than_there_are_refused(data, tmp_path):
    settings = replace(FLAT, method="dense", train_images=64)
    assert train(settings, data, tmp_path).record().provenance.train_samples == 64
    with pytest.raises(UserError, match=r"^train_images must be at most the 320 .*; got 321$"):
        train(replace(settings, train_images=321), data, tmp_path)


def test_an_estimate_of_a_loss_moves_nothing():
    method, model, optimizer, x = make(LearntGates, FLAT)
    method.before_epoch(1, optimizer)
    gates = method.gates
    theta, state = gates.theta.clone(), gates._generator.get_state()
    one = gates.estimate(F.cross_entropy(model(x), torch.arange(8)))
    gates._generator.set_state(state)
    assert all(p.grad is None for p in model.parameters()) and torch.equal(gates.theta, theta)
    F.cross_entropy(model(x), torch.arange(8)).backward()
    assert torch.equal(one, gates._estimate())


def test_a_rival_of_our_size_needs_the_run_that_it_takes_the_size_from(data, tmp_path):
    with pytest.raises(UserError, match="train that first"):
        Training(replace(FLAT, method="norm"), data, Store(tmp_path).run(FLAT))


@pytest.mark.parametrize("method", ["scratch", "norm"])
def test_rivals_end_at_our_size(method, source, data):
    run, root = source
    ours, theirs = run.record(), train(replace(run.settings(), method=method), data, root).record()
    assert theirs.start == ours.start and theirs.end == ours.end
    if method == "scratch":
        assert theirs.kept == ours.kept
        steps = run.settings().epochs * (320 // 32) * 32
        assert theirs.train_macs == 3 * ours.end.macs * steps


def test_from_scratch_the_weights_are_drawn_for_the_small_network():
    """Kaiming's variance 2 / fan-in, with the fan-in that is left."""
    settings = replace(FLAT, widths=(784, 300, 100))
    kept = [list(range(0, 784, 4)), list(range(60)), list(range(50))]
    method, model, optimizer, _ = make(Scratch, settings, kept)
    method.before_epoch(1, optimizer)
    assert method.kept() == kept
    weight = model[2].weight
    assert weight.shape == (60, 196)
    assert weight.std().item() == pytest.approx(math.sqrt(2 / 196), rel=0.05)


def test_norm_pruning_keeps_the_filters_of_largest_l1_norm_and_their_best_features():
    kept = [[0, 1], [0, 1, 2], list(range(10)), list(range(7))]
    method, model, optimizer, _ = make(NormPruning, CONVOLUTIONS, kept)
    first, second, hidden = (m.weight.detach().clone() for m in (model[0], model[3], model[8]))
    method.before_epoch(2, optimizer)
    assert method.plan.widths() == (4, 6, 96, 20)
    method.before_epoch(3, optimizer)
    assert method.plan.widths() == (2, 3, 10, 7)
    for weight, stays in zip((first, second), method.kept()):
        norms = weight.abs().sum((1, 2, 3)).tolist()
        assert set(stays) == set(sorted(range(len(norms)), key=norms.__getitem__)[-len(stays) :])
    outgoing = hidden.abs().sum(0).tolist()
    allowed = [f for f in range(96) if f // 16 in method.kept()[1]]
    assert set(method.kept()[2]) == set(sorted(allowed, key=outgoing.__getitem__)[-10:])


def test_slimming_shrinks_scales_and_cuts_the_least_of_the_whole_network():
    method, model, optimizer, _ = make(Slimming, VGG, [[0]] * 13)
    norms = [module for module in model if isinstance(module, torch.nn.BatchNorm2d)]
    generator = torch.Generator().manual_seed(2)
    for norm in norms:
        norm.weight.data.copy_(torch.rand(len(norm.weight), generator=generator) + 0.1)
    norms[4].weight.data.mul_(1e-3)  # a layer whose scales are all small keeps one
    before = [norm.weight.detach().clone() for norm in norms]
    method.after_step(1, optimizer)
    assert all((norm.weight < old).all() for norm, old in zip(norms, before))
    method.before_epoch(3, optimizer)
    assert sum(method.plan.widths()) == 13 and len(method.kept()[4]) == 1
    scales = [norm.weight.detach().clone() for norm in norms]
    method.after_step(1, optimizer)
    assert all(torch.equal(norm.weight, old) for norm, old in zip(norms, scales))


def test_shrinking_ends_with_the_cut_even_where_nothing_is_cut_and_in_a_resumed_epoch_too():
    all_of_it = [list(range(width)) for width in VGG.widths]
    method, model, optimizer, _ = make(Slimming, VGG, all_of_it)
    method.before_epoch(3, optimizer)
    twin, other, its_optimizer, _ = make(Slimming, VGG, all_of_it)
    twin.load_state_dict(method.state_dict(), its_optimizer)
    assert method.plan.widths() == twin.plan.widths() == VGG.widths
    for each, network in ((method, model), (twin, other)):
        before = [p.detach().clone() for p in network.parameters()]
        each.after_step(1, optimizer)
        assert all(map(torch.equal, before, network.parameters()))


def test_slimming_per_layer_keeps_the_greatest_scales_of_each_layer():
    wanted = [width - 3 for width in VGG.widths]
    method, model, _, _ = make(SlimmingPerLayer, VGG, [[0] * count for count in wanted])
    norms = [module for module in model if isinstance(module, torch.nn.BatchNorm2d)]
    generator = torch.Generator().manual_seed(2)
    for number, norm in enumerate(norms):  # one threshold would empty the first layers
        norm.weight.data.copy_(torch.randn(len(norm.weight), generator=generator) * 10.0**number)
    least = [norm.weight.detach().abs().argsort()[:3].tolist() for norm in norms]
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    method.before_epoch(3, optimizer)
    assert list(method.plan.widths()) == wanted
    for kept, gone, width in zip(method.kept(), least, VGG.widths):
        assert set(kept) == set(range(width)) - set(gone)


def test_slimming_pulls_by_the_same_sum_however_many_steps():
    def shrunk(epochs):
        method, model, optimizer, _ = make(Slimming, replace(VGG, epochs=epochs), [[0]] * 13)
        total = epochs * 10
        for step in range(total // 2):
            rate = 0.5 * (1 + math.cos(math.pi * step / total)) * VGG.learning_rate
            optimizer.param_groups[0]["lr"] = rate
            method.after_step(step, optimizer)
        return 1 - model[1].weight[0].item()

    assert shrunk(4) == pytest.approx(0.3, abs=0.02) and shrunk(40) == pytest.approx(0.3, abs=0.01)


def test_slimming_without_batch_norm_is_refused():
    with pytest.raises(UserError, match="LeNet-5 has not"):
        make(Slimming, CONVOLUTIONS, [[0]] * 4)


@pytest.mark.parametrize("method", [name for name, kind in METHODS.items() if kind.chains_only])
def test_a_method_that_knows_only_chains_refuses_a_network_that_branches(method):
    widths = tuple(width // 4 for width in NETWORKS["resnet20"].widths)
    settings = Settings(network="resnet20", widths=widths, method=method)
    with pytest.raises(UserError, match=r"ResNet-20 branches: take gates, .*dense"):
        make(METHODS[method].load(), settings)


def test_the_hard_concrete_penalty_is_the_probability_of_an_open_gate():
    log_alpha = torch.tensor([-3.0, -1.0, 0.0, 2.0])
    noise = torch.logit(torch.rand(200_000, 1, generator=torch.Generator().manual_seed(0)))
    drawn = _stretched(torch.sigmoid((log_alpha + noise) / TEMPERATURE))
    formula = torch.sigmoid(log_alpha - TEMPERATURE * ALWAYS_CLOSED)
    assert torch.allclose((drawn > 0).float().mean(0), formula, atol=0.005)


@pytest.mark.parametrize("settings", [FLAT, CONVOLUTIONS, VGG], ids=lambda s: s.network)
def test_freezing_hard_concrete_gates_changes_no_output(settings):
    """Closed gates are cut, the others multiplied into weights: the noiseless network stays."""
    method, model, optimizer, x = make(HardConcrete, settings)
    method.before_epoch(1, optimizer)
    generator = torch.Generator().manual_seed(3)
    method._log_alpha.data.copy_(4 * torch.randn(len(method._log_alpha), generator=generator))
    model.eval()
    with torch.no_grad():
        gated = model(x)
        method.finish(optimizer)
        assert torch.allclose(model(x), gated, atol=1e-5)
    assert sum(method.plan.widths()) < sum(settings.widths)


def test_a_hard_concrete_layer_never_vanishes(data, tmp_path):
    settings = replace(FLAT, method="hard_concrete", gates=replace(GATES, log_gamma=500.0))
    run = train(replace(settings, epochs=30, freeze_at=0.9), data, tmp_path)
    record = run.record()
    assert min(record.end.widths) >= 1 and record.spared


def test_a_sweep_trains_the_source_before_the_rival(mnist_folder, tmp_path):
    runs = [replace(FLAT, method="scratch"), replace(FLAT, method="norm"), FLAT]
    with sweep.Pool(Store(tmp_path), str(mnist_folder)) as train:
        ended = list(sweep.run(runs, train, 2))
    assert ended[0] == (FLAT, None) and [failure for _, failure in ended] == [None] * 3
