"""Gates around a network: sampling, the step, pruning, freezing."""

import copy
import math
from dataclasses import replace
from itertools import product

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from reproduce.errors import UserError
from reproduce.experiments.presets import AS_PUBLISHED
from reproduce.gates.config import GateConfig
from reproduce.gates.gates import Gates
from reproduce.gates.priors import PRIORS
from reproduce.models import build, lenet_300_100
from theory.priors import BetaHyperprior, FixedPrior

CONFIG = replace(AS_PUBLISHED, log_gamma=2.0)
RUN = {"samples": 1000, "steps": 100}


def attached(config=CONFIG, widths=(16, 6, 5), seed=0, **run):
    torch.manual_seed(seed)
    model = lenet_300_100(widths, 3)
    return model, Gates.attach(model, torch.zeros(2, 1, 4, 4), config, **RUN | run)


def batch(n=64):
    generator = torch.Generator().manual_seed(3)
    return torch.rand(n, 1, 4, 4, generator=generator), torch.arange(n) % 3


def test_the_loop_of_the_readme_learns_prunes_and_leaves_a_plain_smaller_network():
    model, gates = attached(CONFIG)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    x, y = batch()
    x[:, 0, 0, 0] = (2.0 * torch.arange(len(x)) % 4) - 1
    y = (x[:, 0, 0, 0] > 0).long()  # one pixel says it all
    for _ in range(10):
        for _ in range(40):
            loss = F.cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            gates.step()
        gates.prune(optimizer)
    gates.freeze(optimizer)
    assert sum(gates.plan.widths()) < 16 + 6 + 5
    assert 0 in gates.kept[0]
    assert all(not m._forward_pre_hooks for m in model.modules())
    assert model[2].in_features == len(gates.kept[0]) == len(model[1].index)
    assert torch.equal(model(x), model(x))
    live = {id(p) for p in model.parameters()}
    assert live == {id(p) for group in optimizer.param_groups for p in group["params"]}


def test_gate_gradient_of_a_relu_network_is_that_of_exact_enumeration():
    """Path estimator with few probes on all gates of a small network, against all 2^n of them."""
    config = replace(AS_PUBLISHED, rho=0.02, theta0=0.6)
    torch.manual_seed(1)
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
    x, y = torch.randn(1, 3), torch.tensor([1])
    z = torch.tensor(list(product((0.0, 1.0), repeat=7)))
    with torch.no_grad():
        hidden = torch.relu(model[0](x)) * z[:, :4]
        logits = model[4](torch.relu(model[2](hidden)) * z[:, 4:])
        cost = F.cross_entropy(logits, y.expand(len(z)), reduction="none")
    others = torch.where(z == 1, 0.6, 0.4)
    weight = others.prod(1, keepdim=True) / others
    exact = ((2 * z - 1) * weight * cost[:, None]).sum(0)
    gates = Gates.attach(model, x, config, **RUN)
    n = 400_000
    F.cross_entropy(model(x.expand(n, 3)), y.expand(n)).backward()
    assert torch.allclose(gates._estimate(), exact, atol=0.01)


SECOND_ORDER = replace(CONFIG, estimator="gauss_newton", floor=0.0, theta0=1.0)


def test_second_order_takes_the_squares_of_each_samples_own_derivative():
    """Claim G6 by hand: mean of g + (1/2 - z) g^2, g from one backward pass for each sample."""
    model, gates = attached(replace(SECOND_ORDER, theta0=0.6))
    x, y = batch(8)
    F.cross_entropy(model(x), y).backward()
    (one,) = gates._passes
    z = one.drawn.values
    by_hand = torch.zeros_like(gates.theta)
    gates.detach()
    z = z.clone().requires_grad_()
    for reader, sites in zip(gates.plan.readers(), z.split(gates.plan.widths(), 1)):
        reader.module.register_forward_pre_hook(lambda _, inputs, sites=sites: inputs[0] * sites)
    losses = F.cross_entropy(model(x), y, reduction="none")
    for number, loss in enumerate(losses):
        (g,) = torch.autograd.grad(loss, z, retain_graph=True)
        by_hand += (g + (0.5 - z) * g * g)[number].detach() / len(x)
    assert torch.allclose(gates._estimate(), by_hand, atol=1e-6)


@pytest.mark.parametrize("estimator", ["straight_through", "gauss_newton"])
def test_a_step_may_accumulate_unequal_batches_under_any_scale(estimator):
    """Gates without noise, so that what is drawn is the same."""
    config = replace(SECOND_ORDER, estimator=estimator)
    x, y = batch(64)
    estimates = []
    for sizes, scale in (((64,), 1.0), ((40, 24), 1.0), ((16, 16, 32), 1024.0)):
        model, gates = attached(config)
        for part, labels in zip(x.split(sizes), y.split(sizes)):
            gates.batch_share = len(part) / len(x)
            loss = F.cross_entropy(model(part), labels) * gates.batch_share
            (scale * loss).backward()
        estimates.append(gates._estimate(scale))
    assert estimates[0].abs().max() > 1e-3
    assert all(torch.allclose(estimates[0], e, rtol=1e-4, atol=1e-8) for e in estimates[1:])


def test_squares_of_accumulated_batches_need_to_be_told_their_share():
    model, gates = attached(SECOND_ORDER)
    x, y = batch(16)
    for part, labels in zip(x.split(8), y.split(8)):
        (F.cross_entropy(model(part), labels) / 2).backward()
    with pytest.raises(UserError, match=r"^2 batches .* set gates\.batch_share .* 1 / 2; or"):
        gates.step()


def test_gates_without_noise_leave_training_as_it_is_until_they_close():
    """Floor 0 and theta 1: the gated network is the plain one, and worthless gates still close."""
    model, gates = attached(replace(SECOND_ORDER, closing_steps=10))
    x, y = batch()
    plain = copy.deepcopy(model)
    gates_off = [m._forward_pre_hooks.clear() for m in plain.modules()]
    assert gates_off and torch.equal(model(x), plain(x))
    for _ in range(60):
        F.cross_entropy(model(x), y).backward()
        gates.step()
    assert (gates.theta == 0).any()


def test_closed_units_are_exactly_zero_downstream_and_the_freeze_changes_no_output():
    model, gates = attached()
    gates.theta[::2] = 0
    gates.theta[1::2] = 1
    x, _ = batch()
    model.eval()
    before = model(x)
    gates.freeze(None)
    assert torch.allclose(before, model(x), atol=1e-6)
    assert gates.plan.widths() == (8, 3, 2)


def test_mean_and_thresholded_evaluation_differ_only_for_undecided_gates():
    model, gates = attached()
    model.eval()
    x, _ = batch()
    gates.theta.fill_(0.75)
    thresholded = model(x)
    gates.evaluate_with = "mean"
    assert not torch.allclose(thresholded, model(x))
    gates.theta.fill_(1.0)
    assert torch.allclose(thresholded, model(x))


def test_step_of_a_layer_follows_claim_g5():
    """theta moves by min(alpha c / sigma^2, 1 / (K c)) times the drift, annealed linearly."""
    model, gates = attached()
    x, y = batch()
    F.cross_entropy(model(x), y).backward()
    gradient, theta = gates._estimate(), gates.theta.clone()
    price = CONFIG.log_gamma / RUN["samples"]
    gates.step()
    for g, before, after in zip(*(gates.by_site(v) for v in (gradient, theta, gates.theta))):
        rate = min(CONFIG.alpha * price / g.square().mean(), 1 / (CONFIG.closing_steps * price))
        expected = (before - 0.99 * rate * (g + price)).clamp(0, 1)
        assert torch.allclose(after, expected, atol=1e-6)


@pytest.mark.parametrize("prior", PRIORS)
@given(theta=st.floats(1e-4, 1 - 1e-4), price=st.floats(0.1, 40.0))
def test_slope_of_each_prior_is_that_of_the_theory(prior, theta, price):
    """Claims H2 and H4: FixedPrior(1/(1+gamma)) and BetaHyperprior(1, gamma) as oracles."""
    gamma = math.exp(price)
    oracle = {
        "flattening": price,
        "fixed": FixedPrior(1 / (1 + gamma)).profile_slope(theta),
        "beta": BetaHyperprior(1.0, gamma).profile_slope(theta),
    }
    values = torch.tensor([[theta], [price]], dtype=torch.float64)
    slope = price + PRIORS[prior].beyond(*values).item()
    assert slope == pytest.approx(oracle[prior], rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("prior", ["fixed", "beta"])
def test_only_under_the_flattening_prior_does_an_indifferent_gate_reach_an_end(prior):
    """No gradient at all, and a price of 2 nats: pi_0 for the fixed prior, 0 for the others."""
    ends = {}
    for name in ("flattening", prior):
        _, gates = attached(replace(CONFIG, prior=name, closing_steps=20), steps=10**6)
        gates._estimate = lambda scale: 1e-6 * torch.randn(27)
        for _ in range(2000):
            gates.step()
        ends[name] = gates.theta
    assert (ends["flattening"] == 0).all()
    rest = 1 / (1 + math.exp(2)) if prior == "fixed" else PRIORS[prior].edge
    assert torch.allclose(ends[prior], torch.tensor(rest), atol=1e-3)


def test_a_worthless_unit_takes_at_least_the_closing_steps_and_then_goes():
    config = replace(CONFIG, theta0=0.5, closing_steps=40)
    model, gates = attached(config)
    with torch.no_grad():
        model[4].weight[:, 0] = 0  # unit 0 of the first hidden layer is worth nothing
    x, y = batch()
    steps = 0
    while gates.theta[16] > 0:
        F.cross_entropy(model(x), y).backward()
        gates.step()
        steps += 1
    assert steps >= 0.5 * 40 - 1  # from theta 1/2
    removed = gates.prune(None)
    assert 0 in removed["4"]


def test_a_closed_unit_that_is_worth_its_price_is_not_pruned():
    """Noise alone prunes nothing: theta at 0 is not enough (claim P4)."""
    _, gates = attached()
    gates.theta.zero_()
    gates._window_steps = 100
    gates._window[0] = -1.0
    gates._window[1] = 1.0
    assert gates.prune(None) == {}
    gates._window_steps = 4
    gates._window[0], gates._window[1] = 0.4, 40.0  # mean 0.1, deviation 3: no confidence
    assert gates.prune(None) == {}


def test_a_site_never_vanishes():
    model, gates = attached()
    gates.theta.zero_()
    gates.theta[18] = 0.3
    gates.freeze(None)
    assert gates.plan.widths() == (1, 1, 1)
    assert gates.spared == {"2", "4", "6"}
    assert gates.kept[1].tolist() == [2]
    assert model(batch()[0]).shape == (64, 3)


@given(
    filters=st.lists(st.booleans(), min_size=3, max_size=3),
    features=st.lists(st.booleans(), min_size=48, max_size=48),
)
def test_filters_go_with_their_last_feature_and_features_with_their_filter(filters, features):
    """Whatever is switched off: what is left is connected, and gives the output it gave."""
    torch.manual_seed(0)
    model = build("lenet_5", (2, 3, 48, 4), 3, "pytorch", 0)
    x = torch.rand(3, 1, 28, 28)
    gates = Gates.attach(model, x, CONFIG, **RUN)
    gates.theta = torch.tensor([1.0, 1.0, *map(float, filters + features), 1.0, 1.0, 1.0, 1.0])
    model.eval()
    before = model(x)
    gates.freeze(None)
    _, kept_filters, kept_features, _ = gates.kept
    owners = set((kept_features // 16).tolist())
    assert owners == set(kept_filters.tolist())
    if not gates.spared:
        assert torch.allclose(before, model(x), atol=1e-6)


@pytest.mark.parametrize(("network", "shape"), [("lenet_5", (1, 28, 28)), ("vgg16", (3, 32, 32))])
def test_in_bfloat16_the_gates_leave_the_layers_arithmetic_alone(network, shape):
    widths = {"lenet_5": (4, 3, 48, 6), "vgg16": (4,) * 13}[network]
    model = build(network, widths, 3, "kaiming_normal", 0)
    x = torch.rand(8, *shape)
    gates = Gates.attach(model, x[:2], CONFIG, **RUN)
    seen = []
    for site in gates.plan.sites:
        site.consumer.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].dtype))
    with torch.autocast("cpu", torch.bfloat16):
        logits = model(x)
    F.cross_entropy(logits.float(), torch.arange(8) % 3).backward()
    assert set(seen) == {torch.bfloat16}
    estimate = gates._estimate()
    assert estimate.dtype == torch.float32 and (estimate != 0).any()
    gates.step()


def test_gates_wait_for_the_weights():
    config = replace(CONFIG, waiting_steps=2)
    model, gates = attached(config)
    x, y = batch()
    moved = []
    for _ in range(3):
        before = gates.theta.clone()
        F.cross_entropy(model(x), y).backward()
        gates.step()
        moved.append(bool((gates.theta != before).any()))
    assert moved == [False, False, True]


def test_worth_is_the_mean_of_what_the_units_of_a_site_are_worth_over_the_window():
    model, gates = attached()
    x, y = batch()
    gradients = []
    for _ in range(3):
        F.cross_entropy(model(x), y).backward()
        gradients.append(gates._estimate())
        gates.step()
    gates.prune(None)
    expected = [-part.mean().item() for part in gates.by_site(sum(gradients) / 3)]
    assert gates.worth() == pytest.approx(expected, abs=1e-6)


@given(
    st.lists(st.booleans(), min_size=27, max_size=27),
    st.sampled_from(["unit", "macs", "params+macs"]),
)
def test_saved_gates_come_back_as_they_were(closed, price):
    config = replace(CONFIG, price=price)
    model, gates = attached(config)
    x, y = batch()
    F.cross_entropy(model(x), y).backward()
    gates.step()
    gates.theta[torch.tensor(closed)] = 0
    gates._window[0] = 1.0
    gates._window[1] = 1.0
    gates.prune(None)
    twin, copies = attached(config)
    copies.load_state_dict(gates.state_dict(), torch.optim.SGD(twin.parameters(), lr=0.1))
    twin.load_state_dict(model.state_dict())
    assert copies.plan.widths() == gates.plan.widths()
    for ours, theirs in ((model, gates), (twin, copies)):
        ours.zero_grad()
        F.cross_entropy(ours(x), y).backward()
        theirs.step()
    assert torch.equal(gates.theta, copies.theta)
    assert torch.allclose(gates._price, copies._price)


def test_samples_and_steps_are_asked_for():
    with pytest.raises(UserError, match="samples"):
        attached(samples=0)


def test_by_default_a_network_is_trained_as_if_it_had_no_gates_until_its_worths_stop_rising():
    def trained(gated):
        torch.manual_seed(0)
        model = lenet_300_100((16, 6, 5), 3)
        gates = Gates.attach(model, torch.zeros(2, 1, 4, 4), GateConfig(), **RUN) if gated else None
        optimizer, (x, y) = torch.optim.SGD(model.parameters(), lr=0.01), batch()
        for _ in range(30):  # each worth more than before
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
            if gates:
                gates.step()
        assert gates is None or ((gates.theta == 1).all() and not gates.prune(optimizer))
        return model.state_dict()

    plain, gated = trained(False), trained(True)
    assert all(torch.equal(plain[name], gated[name]) for name in plain)


def test_a_layer_that_would_lose_its_last_unit_is_named_once_with_what_to_do(caplog):
    _, gates = attached()
    for _ in range(2):
        gates._window[0], gates._window_steps = 1.0, 5
        gates.theta.zero_()
        gates.prune(None)
    assert len(caplog.messages) == 3 and "lower log_gamma" in caplog.messages[0]
