"""The networks, by name, and the ways to initialise them."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn


class Select(nn.Module):
    """Passes the listed features on, and no others.

    A network puts it where single features (input pixels, flattened feature maps) are to be
    gated one by one: removing a feature then shortens ``index`` and the next layer's input.

    Args:
        features: how many features come in; at first all of them are kept.

    Shapes: input (batch, features), output (batch, len(index)).
    """

    index: Tensor

    def __init__(self, features: int):
        super().__init__()
        self.register_buffer("index", torch.arange(features))
        self.complete = True

    @property
    def out_features(self) -> int:
        return len(self.index)

    def forward(self, x: Tensor) -> Tensor:
        return x if self.complete else x.index_select(1, self.index)

    def keep(self, index: Tensor) -> None:
        """Replaces the list of features that are passed on."""
        self.index = index
        self.complete = False


def lenet_300_100(widths: tuple[int, ...], classes: int) -> nn.Module:
    """The fully connected LeNet; ``widths`` are input pixels and the two hidden layers."""
    pixels, first, second = widths
    return nn.Sequential(
        nn.Flatten(),
        Select(pixels),
        nn.Linear(pixels, first),
        nn.ReLU(),
        nn.Linear(first, second),
        nn.ReLU(),
        nn.Linear(second, classes),
    )


@dataclass(frozen=True)
class Network:
    """A registered network: how it is built, and how wide the paper has it."""

    build: Callable[[tuple[int, ...], int], nn.Module]
    widths: tuple[int, ...]
    layers: tuple[str, ...]
    fixed: int = 0  # how many of the leading widths are given by the data


NETWORKS = {
    "lenet_300_100": Network(
        lenet_300_100,
        widths=(784, 300, 100),
        layers=("input pixels", "hidden layer 1", "hidden layer 2"),
        fixed=1,
    ),
}

INITIALISATIONS: dict[str, Callable[[Tensor, torch.Generator], Tensor]] = {
    "kaiming_normal": lambda w, g: nn.init.kaiming_normal_(w, nonlinearity="relu", generator=g),
    "kaiming_uniform": lambda w, g: nn.init.kaiming_uniform_(w, nonlinearity="relu", generator=g),
    "xavier": lambda w, g: nn.init.xavier_uniform_(w, generator=g),
    "orthogonal": lambda w, g: nn.init.orthogonal_(w, generator=g),
    "normal_002": lambda w, g: nn.init.normal_(w, std=0.02, generator=g),
    "pytorch": lambda w, g: nn.init.kaiming_uniform_(w, a=5**0.5, generator=g),
}


def build(name: str, widths: tuple[int, ...], classes: int, init: str, seed: int) -> nn.Module:
    """Builds a registered network with the initialisation and the seed asked for (on the CPU).

    Biases start at zero. Raises KeyError for a name that is not registered.
    """
    model = NETWORKS[name].build(widths, classes)
    generator = torch.Generator().manual_seed(seed)
    for module in model.modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            INITIALISATIONS[init](module.weight, generator)
            nn.init.zeros_(module.bias)
    return model
