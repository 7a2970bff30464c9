"""Removals are tried on smaller images only where a network does the same with them."""

import pytest
import torch
from torch import nn

from reproduce.surgery.discovery import discover, smaller
from reproduce.surgery.following import Example
from reproduce.surgery.trial import stir
from tests.reproduce.surgery.test_graph_kinds import Made


def layers():
    return {"first": nn.Conv2d(3, 4, 3, stride=2), "last": nn.Conv2d(4, 2, 3)}


def pooled():
    return Made(lambda s, x: s.last(s.first(x).relu()).mean((2, 3)), **layers())


def flattened():
    def forward(self, x):
        return self.out(self.last(self.first(x).relu()).flatten(1))

    return Made(forward, out=nn.Linear(2 * 45 * 45, 3), **layers())


def otherwise_with_large_images():
    def forward(self, x):
        y = self.first(x)
        return self.last(y.softmax(1) if x.shape[-1] > 80 else y.relu()).mean((2, 3))

    return Made(forward, **layers())


def once_more_with_large_images():
    def forward(self, x):
        y = self.first(x).relu()
        return self.last(y.relu() if x.shape[-1] > 80 else y).mean((2, 3))

    return Made(forward, **layers())


@pytest.mark.parametrize(
    ("make", "side", "expected"),
    [
        (pooled, 96, 64),
        (pooled, 64, None),
        (flattened, 96, None),
        (otherwise_with_large_images, 96, None),
        (once_more_with_large_images, 96, None),
    ],
)
def test_images_are_as_small_as_the_network_allows(make, side, expected):
    model, batch = make(), Example.of(torch.randn(2, 3, side, side))
    small = smaller(model, batch, set(), discover(model, batch, set()))
    assert expected == (small and small.args[0].shape[-1])


def test_no_factor_is_so_small_that_it_hides_what_is_behind_it():
    model = nn.Conv2d(3, 4, 3)
    model.scale = nn.Parameter(torch.full((4, 1, 1), 1e-6))
    weight = model.weight.detach().clone()
    stir(model, torch.Generator().manual_seed(0))
    assert model.scale.min() >= 0.5 and torch.equal(model.weight, weight)
