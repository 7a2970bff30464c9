"""What a unit costs, by what it saves."""

from dataclasses import replace

import pytest
import torch

from tests.reproduce.gates.test_gates import CONFIG, attached


def test_price_by_macs_is_proportional_to_what_a_unit_saves_and_keeps_the_mean():
    _, gates = attached(replace(CONFIG, price="macs"))
    pixels, first, second = gates.prices()
    assert gates._price.mean().item() == pytest.approx(2.0 / 1000, rel=1e-5)
    assert first / pixels == pytest.approx((16 + 5) / 6)
    assert second / pixels == pytest.approx((6 + 3) / 6)


def test_price_in_two_parts_is_the_mean_of_both():
    def price(what):
        config = replace(CONFIG, price=what)
        return torch.tensor(attached(config)[1].prices())

    assert torch.allclose(price("params+macs"), (price("params") + price("macs")) / 2)
    assert not torch.allclose(price("params"), price("macs"))
