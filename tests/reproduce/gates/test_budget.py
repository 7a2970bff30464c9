"""A budget in place of a price: the price that is found, what may go, and what is left."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from reproduce.errors import BudgetError, UserError
from reproduce.experiments.presets import AS_PUBLISHED
from reproduce.gates.budget import Budget
from reproduce.gates.config import GateConfig
from reproduce.gates.decisions import closing_price
from reproduce.gates.gates import Gates
from reproduce.models import build, lenet_300_100
from reproduce.surgery.graph import plan_of
from theory.budget import found, kept

SMALL = (6, 5, 4)


def chain(widths=SMALL):
    torch.manual_seed(0)
    return lenet_300_100(widths, 3), torch.rand(2, 1, 2, 3)


def lenet_5():
    return build("lenet_5", (2, 3, 48, 4), 3, "pytorch", 0), torch.rand(2, 1, 28, 28)


class Residual(nn.Module):
    """A branch with batch norm and a grouped convolution, so that sites share parameters."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 4, 3, padding=1)
        self.inner = nn.Conv2d(4, 6, 3, padding=1)
        self.norm = nn.BatchNorm2d(6)
        self.each = nn.Conv2d(6, 6, 3, padding=1, groups=6)
        self.back = nn.Conv2d(6, 4, 1)
        self.last = nn.Linear(4, 3)

    def forward(self, x):
        x = torch.relu(self.first(x))
        x = x + self.back(torch.relu(self.each(torch.relu(self.norm(self.inner(x))))))
        return self.last(x.mean((2, 3)))


def residual():
    torch.manual_seed(0)
    return Residual(), torch.rand(2, 3, 5, 5)


@pytest.mark.parametrize("network", [chain, lenet_5, residual])
@settings(max_examples=10)
@given(data=st.data())
def test_the_size_that_would_be_left_is_the_size_that_is_left(network, data):
    model, x = network()
    plan = plan_of(model, x)
    masks = [
        torch.tensor(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)))
        for n in plan.widths()
    ]
    plan.spare(masks, [torch.arange(len(mask)) for mask in masks])
    stays = [~mask for mask in masks]
    predicted = [plan.size_with(stays, what) for what in ("macs", "params")]
    numbers = [torch.arange(n) for n in plan.widths()]
    plan.cut_to(numbers, [n[stay] for n, stay in zip(numbers, stays)], None)
    assert predicted == [plan.macs(), plan.parameters()]


class OneLayer:
    """A plan whose units have sizes of their own and depend on nothing."""

    def __init__(self, sizes):
        self.sizes = sizes

    def widths(self):
        return (1,) * len(self.sizes)

    def saving(self, what):
        return self.sizes

    def size_with(self, stays, what):
        return sum(s for s, stay in zip(self.sizes, stays) if stay.all())

    def spare(self, gone, value):
        return []


def of_macs(sizes, share):
    return Budget(OneLayer(sizes), {"macs": sum(sizes)}, {"macs": share})


UNITS = st.lists(st.tuples(st.integers(-3, 40), st.integers(1, 9)), min_size=1, max_size=7)


@given(UNITS, st.floats(0.01, 1))
def test_the_price_is_that_of_the_theory_and_of_all_prices_there_are(units, share):
    """Against ``theory.budget``, and by trying every price at which a unit is indifferent."""
    worth, sizes = (torch.tensor(column, dtype=torch.float64) for column in zip(*units))
    budget = of_macs(sizes.tolist(), share)
    most = budget.most["macs"]
    budget.ascend(budget.measure(worth), 0.1)
    price = budget.price
    ratios = sorted({0.0, *(worth / sizes).tolist()})
    needed = [p for p in ratios if p >= 0 and sizes[worth / sizes > p].sum() <= most]
    assert price == pytest.approx(min(needed))
    just_below = np.nextafter(price, -1)
    if price > 0:
        assert sizes[torch.tensor(kept(worth, sizes, just_below))].sum() > most
    gone = budget.must_go(torch.ones(len(units)))
    assert torch.equal(~gone, torch.tensor(found(worth, sizes, most)))


@given(UNITS, st.floats(0.01, 1), st.floats(0.01, 5), st.floats(0, 1))
def test_the_price_closes_what_is_due_and_is_the_least_that_does(units, share, noise, due):
    """Where gates have waited: by trying the price at which each of them closes in time."""
    worth, sizes = (torch.tensor(column, dtype=torch.float64) for column in zip(*units))
    budget = of_macs(sizes.tolist(), share)
    most = sizes.sum().item() * share**due
    closing = closing_price(budget.measure(worth), torch.full_like(worth, noise), 1.0, 7)
    budget.solve(worth, closing, due)

    def tried(prices):
        """One unit after the other, the cheapest first, until what is left fits."""
        left, gone = sizes.sum().item(), []
        for unit in sorted(range(len(units)), key=lambda n: prices[n].item() / units[n][1]):
            if left <= most:
                break
            left -= units[unit][1]
            gone.append(max(prices[unit].item() / units[unit][1], 0))
        return gone

    must = tried(closing)
    # Within a unit of what is due gates open again: what is left is worth more than that price.
    expected = must if len(must) > 1 else tried(worth)
    assert budget.price == pytest.approx(max(expected, default=0))


def gates_of(target, widths=SMALL, **config):
    model, x = chain(widths)
    config = replace(AS_PUBLISHED, **{"closing_steps": 5, **target, **config})
    return model, Gates.attach(model, x, config, samples=100, steps=60)


def trained(target, prune=True, **config):
    """A few windows on made-up images; the size after each, and after the freeze."""
    model, gates = gates_of(target, (6, 12, 8), **config)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    x = torch.rand(64, 1, 2, 3, generator=torch.Generator().manual_seed(1))
    y = (3 * x[:, 0, 0, 0]).long()
    sizes = [(gates.plan.macs(), gates.plan.parameters())]
    for _ in range(6):
        for _ in range(10):
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
            optimizer.zero_grad()
            gates.step()
        gates.prune(optimizer)
        sizes.append((gates.plan.macs(), gates.plan.parameters()))
    gates.freeze(optimizer)
    return model, gates, sizes, (gates.plan.macs(), gates.plan.parameters())


@pytest.mark.parametrize(("what", "place"), [("target_macs", 0), ("target_params", 1)])
@pytest.mark.parametrize("share", [0.8, 0.4, 0.15])
def test_the_size_comes_down_to_the_budget_and_no_further_than_by_a_unit(what, place, share):
    _, gates, sizes, end = trained({what: share})
    asked = share * sizes[0][place]
    assert all(size[place] >= asked for size in sizes)
    largest = max(gates.plan.saving(what.removeprefix("target_"))) * 1.3  # a little more before
    assert asked - largest < end[place] <= asked


@pytest.mark.parametrize(("macs", "params"), [(0.4, 0.5), (0.7, 0.2), (0.2, 0.7)])
def test_of_a_budget_of_both_each_keeps_its_share_and_one_of_them_no_more_than_that(macs, params):
    _, gates, sizes, end = trained({"target_macs": macs, "target_params": params})
    asked = [share * whole for share, whole in zip((macs, params), sizes[0])]
    assert all(size[0] >= asked[0] or size[1] >= asked[1] for size in sizes)
    largest = [1.3 * max(gates.plan.saving(what)) for what in ("macs", "params")]
    assert all(size <= most for size, most in zip(end, asked))
    assert any(size > most - unit for size, most, unit in zip(end, asked, largest))


class TwoSizes(OneLayer):
    """Units that have MACs and parameters of their own."""

    def saving(self, what):
        return self.sizes[what]

    def widths(self):
        return (1,) * len(self.sizes["macs"])

    def size_with(self, stays, what):
        return sum(s for s, stay in zip(self.sizes[what], stays) if stay.all())


def of_both(macs, params, shares):
    plan = TwoSizes({"macs": macs, "params": params})
    whole = {"macs": sum(macs), "params": sum(params)}
    return Budget(plan, whole, dict(zip(whole, shares)))


NUMBERS = st.tuples(st.integers(0, 30), st.integers(1, 9), st.integers(1, 9))


@given(st.lists(NUMBERS, min_size=1, max_size=6), st.tuples(st.floats(0.1, 1), st.floats(0.1, 1)))
def test_of_all_sets_as_small_in_macs_and_parameters_none_is_worth_more(units, shares):
    worth, *sizes = (torch.tensor(column, dtype=torch.float64) for column in zip(*units))
    budget = of_both(*(size.tolist() for size in sizes), shares)
    budget.ascend(budget.measure(worth), 0.1)
    stays = ~budget.must_go(torch.ones(len(units)))
    left = [size[stays].sum() for size in sizes]
    assert all(size <= most for size, most in zip(left, budget.most.values()))
    for other in torch.tensor(list(product([False, True], repeat=len(units)))):
        if all(size[other].sum() <= most for size, most in zip(sizes, left)):
            assert worth[other].sum() <= worth[stays].sum()


@given(st.floats(0.1, 0.9), st.floats(0.1, 0.9), st.floats(0.05, 20))
def test_where_no_unit_has_both_each_kind_has_a_budget_and_a_price_of_its_own(macs, params, worth):
    ones, none = [1.0] * 20, [0.0] * 20
    budget = of_both(ones + none, none + ones, (macs, params))
    worths = torch.arange(1.0, 21.0)
    budget.ascend(budget.measure(torch.cat([worths, worth * worths])), 0.1)
    stays = ~budget.must_go(torch.ones(40))
    for left, share in ((stays[:20], macs), (stays[20:], params)):
        assert left.sum() in (int(20 * share), int(20 * share) - 1)  # to within a unit


def test_a_budget_that_asks_for_nothing_more_charges_nothing():
    budget = of_both([1.0] * 40, [2.0] * 20 + [1.0] * 20, (0.2, 0.9))
    budget.ascend(budget.measure(torch.arange(1.0, 41.0)), 0.1)
    assert budget.rates["params"] < 0.01 * budget.rates["macs"]


def test_gates_stand_still_until_the_first_price_is_found_and_then_move_by_it():
    model, gates = gates_of({"target_macs": 0.5})
    before = gates.theta.clone()
    x, y = torch.rand(32, 1, 2, 3), torch.arange(32) % 3
    for _ in range(5):
        F.cross_entropy(model(x), y).backward()
        gates.step()
    assert torch.equal(gates.theta, before) and set(gates.prices()) == {0.0}
    gates._window[0] = -torch.arange(1.0, 16.0)  # an untrained network's units are worth nothing
    gates.prune(None)
    assert min(gates.prices()) > 0
    F.cross_entropy(model(x), y).backward()
    gates.step()
    assert not torch.equal(gates.theta, before)
    pixels, first, _ = gates.prices()
    assert first / pixels == pytest.approx((6 + 4) / 5)  # by the MACs that a unit saves


def test_a_freeze_opens_again_what_there_is_room_for_by_worth():
    _, gates = gates_of({"target_macs": 0.5})
    gates.theta.zero_()
    gates._window_steps = 10
    gates._window[0] = -torch.cat([torch.arange(1.0, n + 1) for n in SMALL])
    whole = gates.plan.macs()
    gates.freeze(None)
    assert 0.5 * whole * 0.7 < gates.plan.macs() <= 0.5 * whole
    for left, n in zip(gates.kept, SMALL):
        assert left.tolist() == list(range(n - len(left), n))


@pytest.mark.parametrize("waiting", [-1, 30])
def test_what_is_due_grows_from_where_gates_begin_to_move_and_all_is_due_early(waiting):
    _, gates = gates_of({"target_macs": 0.3}, waiting_steps=waiting)
    gates._steps = gates._patience.waited = 30  # of 60: they begin to move now
    due = []
    for _ in range(3):
        gates._steps, gates._window_steps = gates._steps + 6, 6
        due.append(gates._due())
    assert due == pytest.approx([12 / 20, 18 / 20, 1.0])


@pytest.mark.parametrize("target", [0.95, 0.3])
def test_however_large_the_budget_gates_of_worthy_units_open(target):
    """The price is that of the least worthy, here nothing; without noise, so that all is sure."""
    _, gates = gates_of({"target_macs": target}, closing_steps=1, alpha=3.0)
    gates._estimate = lambda scale: -torch.arange(len(gates.theta)).float()
    for _ in range(30):
        gates.step()
        if gates._window_steps == 10:
            gates.prune(None)
    assert gates.theta[-1] > 0.9


def test_while_the_network_is_too_large_the_price_rises_and_then_it_is_the_least():
    budget = of_macs([1.0, 1.0, 1.0, 1.0], 0.25)
    prices = []
    for worth in (3.0, 2.0, 20.0):  # of the last that must go
        budget.ascend(budget.measure(torch.tensor([50.0, worth, 1.0, 1.0])), 0.5)
        prices.append(budget.price)
        budget.worth = None  # no mean with the windows before
    assert prices == pytest.approx([3.0, 3.0 * 4**0.5, 20.0])
    budget._plan.sizes = [1.0]  # the budget is kept: nothing is asked of what is left
    budget.ascend(budget.measure(torch.tensor([5.0])), 0.5)
    assert budget.price == 0.0


def test_closed_units_go_before_open_ones_whatever_they_are_worth():
    budget = of_macs([1.0, 1.0, 1.0], 1 / 3)
    budget.ascend(budget.measure(torch.tensor([3.0, 2.0, 1.0])), 0.1)
    assert budget.must_go(torch.tensor([0.0, 0.6, 1.0])).tolist() == [True, False, True]
    assert budget.must_go(torch.tensor([0.0, 0.2, 1.0])).tolist() == [True, True, False]


def test_what_may_go_leaves_the_network_above_its_budget():
    budget = of_macs([1.0, 1.0, 1.0, 1.0], 0.375)
    budget.ascend(budget.measure(torch.tensor([4.0, 3.0, 2.0, 1.0])), 0.1)
    theta = torch.zeros(4)
    every = torch.ones(4, dtype=torch.bool)
    assert budget.may_go(every, theta).tolist() == [False, False, True, True]
    assert budget.may_go(torch.tensor([True, False, False, False]), theta).tolist()[0]
    assert not budget.may_go(~every, theta).any()


@pytest.mark.parametrize("what", ["target_macs", "target_params"])
def test_a_budget_out_of_reach_is_refused_with_the_least_that_can_be_asked_for(what):
    with pytest.raises(BudgetError, match=rf"^{what} must be at least 0\.\d+ ") as refused:
        gates_of({what: 0.01})
    least = float(str(refused.value).split("at least ")[1].split()[0])
    _, gates = gates_of({what: least + 0.001})
    gates.freeze(None)
    assert gates.plan.widths() == (1, 1, 1)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"target_macs": 1.0}, "target_macs must be in (0, 1), or 0 for none; got 1.0"),
        ({"target_macs": -0.1}, "target_macs must be in (0, 1), or 0 for none; got -0.1"),
        ({"target_params": 30}, "target_params must be in (0, 1)"),
        ({"target_macs": 0.3, "target_params": 1}, "target_params must be in (0, 1)"),
        ({"target_macs": float("nan")}, "target_macs must be in (0, 1)"),
        ({"target_macs": 0.3, "price": "params"}, "price must be left out beside target_macs"),
        ({"target_macs": 0.3, "target_params": 0.3, "price": "macs"}, "price must be left out"),
    ],
)
def test_a_bad_budget_is_refused_in_a_line(values, message):
    with pytest.raises(UserError) as refused:
        GateConfig(**values)
    assert message in str(refused.value) and "\n" not in str(refused.value)


def test_settings_without_a_budget_keep_their_names():
    from reproduce.runs.settings import Settings

    assert "target_macs" not in Settings().to_dict()["gates"]
    asked = Settings(gates=GateConfig(target_macs=0.3))
    assert Settings.from_dict(asked.to_dict()) == asked and asked.hash != Settings().hash


def test_a_checkpoint_from_before_there_were_budgets_of_both_can_be_resumed():
    _, gates = gates_of({"target_macs": 0.4})
    state = gates.state_dict()
    del state["budget"]["weights"]
    gates.load_state_dict(state, None)
    assert gates.state_dict()["budget"]["weights"] == {"macs": 1.0}


def test_a_budget_is_resumed_bit_for_bit():
    """Saved after two windows and a half, and gone on with in another network."""
    x, y = torch.rand(32, 1, 2, 3), torch.arange(32) % 3

    def steps(model, gates, n):
        for _ in range(n):
            model.zero_grad()
            F.cross_entropy(model(x), y).backward()
            gates.step()

    model, gates = gates_of({"target_macs": 0.4})
    for _, n in product(range(2), (10,)):
        steps(model, gates, n)
        gates.prune(None)
    steps(model, gates, 5)
    twin, copies = gates_of({"target_macs": 0.4})
    copies.load_state_dict(gates.state_dict(), None)
    twin.load_state_dict(model.state_dict())
    for ours, theirs in ((model, gates), (twin, copies)):
        steps(ours, theirs, 5)
        theirs.prune(None)
        steps(ours, theirs, 5)
        theirs.freeze(None)
    assert gates.prices() == copies.prices()
    assert all(torch.equal(a, b) for a, b in zip(gates.kept, copies.kept))
