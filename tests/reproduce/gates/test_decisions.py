"""What training decides of gates, against what the theory proves of it."""

import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.special import ndtri

from reproduce.gates.decisions import Patience, closing_price, layer_step, unworthy
from theory.gate_step import layer_step as proved_step
from theory.pruning_test import gate_z

POSITIVE = st.floats(1e-6, 1e3)


@given(POSITIVE, POSITIVE, st.floats(1e-3, 10), st.integers(1, 10_000))
def test_the_step_is_that_of_claim_g5(price, noise, alpha, closing_steps):
    c, moment = (torch.tensor([x], dtype=torch.double) for x in (price, noise**2))
    ours = layer_step(c, moment, alpha, closing_steps).item()
    assert ours == pytest.approx(proved_step(price, noise, alpha, closing_steps), rel=1e-12)


@given(st.floats(-3, 3), st.floats(0.01, 1e3), st.floats(1e-3, 10), st.integers(1, 10_000))
def test_at_its_closing_price_a_gate_falls_from_1_to_0_in_k_steps_of_claim_g5(w, noise, alpha, k):
    worth, moment = (torch.tensor([x], dtype=torch.double) for x in (w, noise**2))
    price = closing_price(worth, moment, alpha, k)
    step = alpha * price / moment  # the first bound of the step alone
    assert (step * (price - worth) * k).item() == pytest.approx(1, rel=1e-4)
    assert price >= max(w, 0)
    (worthless,) = closing_price(0 * worth, moment, alpha, k).tolist()
    both = alpha * worthless / noise**2, 1 / (k * worthless)
    assert both == pytest.approx([proved_step(worthless, noise, alpha, k)] * 2, rel=1e-9)
    assert closing_price(worth + 1, moment, alpha, k) > price


@given(st.floats(-3, 3), st.floats(0, 5), st.integers(2, 2000), st.floats(0.5, 0.9999999))
@example(0.0, 5e-157, 2, 0.5)  # its square has no inverse but infinity
def test_the_test_is_that_of_claim_p4(mean, deviation, steps, confidence):
    z = gate_z(mean, mean**2 + deviation**2, steps)
    limit = ndtri(confidence)
    if abs(z - limit) <= 1e-9 * abs(limit):
        return  # rounding decides
    x, s = (torch.tensor([value], dtype=torch.double) for value in (mean, deviation))
    assert unworthy(x, s, steps, confidence).item() == (z > 0 and z >= limit)


@pytest.mark.parametrize("steps", [0, 1])
def test_a_window_of_fewer_than_two_steps_decides_nothing(steps):
    with pytest.raises(ValueError, match="count"):
        gate_z(1.0, 1.0, steps)
    assert not unworthy(torch.ones(3), torch.zeros(3), steps, 0.5).any()


def test_regret_in_the_table_is_the_theorys():
    from reproduce.runs.record import Removal, Survivor, Witnessed
    from reproduce.tables.practice import summary
    from theory.pruning_test import regret

    rng = np.random.default_rng(0)
    worth, price = rng.normal(size=200), rng.uniform(0.1, 1, 200)
    gone = tuple(Removal(0, n, w, 0.1, c, 0.0, 1.0) for n, (w, c) in enumerate(zip(worth, price)))
    seen = Witnessed(gone, (Survivor(0, 1.0, 0.1, 1.0),), loss=1.0, penalty=1.0, empty=2.0)
    assert summary([seen])["regret"] == pytest.approx(100 * regret(worth, price))


def patience_after(worths, steps=400, price=0.01):
    patience = Patience(steps)
    for worth in worths:
        patience.see(torch.tensor(worth), torch.tensor(price))
    return patience


NOISE = torch.randn(400, generator=torch.Generator().manual_seed(0))


@given(st.floats(0.1, 5.0), st.floats(0.0, 0.02))
def test_rising_worths_let_gates_move_after_a_third_of_the_steps_if_they_are_above_the_price(
    rise, noise
):
    rising = (rise * torch.linspace(0, 1, 400).square() + noise * rise * NOISE).tolist()
    assert not patience_after(rising[:139]).over and patience_after(rising[:140]).over
    assert not patience_after(rising, price=rise).over


@given(st.floats(0.0, 10.0))
def test_gates_wait_for_ever_where_units_are_worth_nothing(noise):
    assert not patience_after((noise * NOISE).tolist()).over


@given(st.floats(0.1, 5.0), st.integers(40, 80))
def test_gates_move_after_two_whole_windows_past_the_highest_worths(height, peak):
    steps = torch.arange(400)
    worths = height * torch.minimum(steps / peak, 1 - (steps - peak) / 800)
    assert not patience_after(worths[:peak].tolist()).over
    assert patience_after(worths[: peak + 60].tolist()).over


def test_patience_is_resumed_within_a_window():
    worths = (torch.cat([torch.linspace(0, 1, 50), torch.ones(50)]) + 0.1 * NOISE[:100]).tolist()
    for cut in range(0, 100, 7):
        first, second = patience_after(worths[:cut]), Patience(400)
        second.load_state_dict(first.state_dict())
        for worth in worths[cut:]:
            second.see(torch.tensor(worth), torch.tensor(0.01))
        whole = patience_after(worths)
        assert second.state_dict() == whole.state_dict()
