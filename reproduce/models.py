"""The networks, by name, and the ways to initialise them."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from reproduce.errors import NetworkError


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


def lenet_5(widths: tuple[int, ...], classes: int) -> nn.Module:
    """The convolutional LeNet; ``widths``: two layers of filters, flattened features, units."""
    first, second, features, hidden = widths
    return nn.Sequential(
        nn.Conv2d(1, first, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(first, second, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        Select(features),
        nn.Linear(features, hidden),
        nn.ReLU(),
        nn.Linear(hidden, classes),
    )


def vgg16(widths: tuple[int, ...], classes: int) -> nn.Module:
    """VGG16 for 32 x 32 images: 13 convolutions with batch norm, and one linear classifier."""
    parts: list[nn.Module] = []
    channels = 3
    for number, width in enumerate(widths, start=1):
        # Batch norm has a bias of its own, so the convolution needs none.
        convolution = nn.Conv2d(channels, width, 3, padding=1, bias=False)
        parts += [convolution, nn.BatchNorm2d(width), nn.ReLU()]
        if number in (2, 4, 7, 10, 13):
            parts.append(nn.MaxPool2d(2))
        channels = width
    return nn.Sequential(*parts, nn.Flatten(), nn.Linear(channels, classes))


class Residual(nn.Module):
    """Two 3x3 convolutions with batch norm, added to what came in.

    Where the shape changes, a 1x1 convolution with batch norm makes both fit (as He et al.'s
    option B, arXiv:1512.03385).
    """

    def __init__(self, before: int, inner: int, after: int, stride: int):
        super().__init__()
        self.conv1 = nn.Conv2d(before, inner, 3, stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(inner)
        self.conv2 = nn.Conv2d(inner, after, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(after)
        self.shortcut: nn.Module = nn.Identity()
        if stride > 1:
            # Not a convolution with a stride: behind fewer than 8 channels oneDNN's for AVX2 writes
            # past its memory when gradients are computed (uxlfoundation/oneDNN, issue 6035).
            every_second = nn.AvgPool2d(1, stride)
            projection = nn.Conv2d(before, after, 1, bias=False)
            self.shortcut = nn.Sequential(every_second, projection, nn.BatchNorm2d(after))

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm2(self.conv2(functional.relu(self.norm1(self.conv1(x)))))
        return functional.relu(y + self.shortcut(x))


def resnet20(widths: tuple[int, ...], classes: int) -> nn.Module:
    """ResNet-20 for 32x32 images: three stages of three blocks, after He et al., arXiv:1512.03385.

    The channels that are added up in a stage are one width, the inside of each block another:
    ``widths`` has them in the order in which the network makes them (see ``RESNET20_LAYERS``).
    """
    first, *inside = widths[:4]
    parts: list[nn.Module] = [
        nn.Conv2d(3, first, 3, padding=1, bias=False), nn.BatchNorm2d(first), nn.ReLU()
    ]  # fmt: skip
    parts += [Residual(first, inner, first, 1) for inner in inside]
    before = first
    for entry, stage, *inside in (widths[4:8], widths[8:]):
        parts.append(Residual(before, entry, stage, 2))
        parts += [Residual(stage, inner, stage, 1) for inner in inside]
        before = stage
    return nn.Sequential(*parts, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, classes))


RESNET20_LAYERS = (
    "stage 1", "block 1", "block 2", "block 3", "block 4", "stage 2", "block 5", "block 6",
    "block 7", "stage 3", "block 8", "block 9",
)  # fmt: skip


@dataclass(frozen=True)
class Network:
    """A registered network: how it is built, on what, and how wide the paper has it.

    ``image`` is the shape of one input. ``fits`` says whether the data allow these widths; ``rule``
    is what it asks for, in words. ``light``: its layers are so small that on a processor a second
    thread gains little, and beside other processes loses much: threads wait for each other in
    every one of thousands of short steps. ``learning_rate``: where none is given; at
    LeNet-300-100's, LeNet-5 learns nothing. ``note`` stands under its table, of the rows of others;
    ``worth_images``: training images on which a unit's worth is measured, fewer where each costs a
    hundred times more.
    """

    title: str
    original: str  # name of the published data
    build: Callable[[tuple[int, ...], int], nn.Module]
    widths: tuple[int, ...]
    layers: tuple[str, ...]
    datasets: tuple[str, ...]  # those it can take, the published one first
    image: tuple[int, ...] = (3, 32, 32)
    fits: Callable[[tuple[int, ...]], bool] = lambda widths: True
    rule: str = ""
    light: bool = False
    learning_rate: float = 0.05
    note: str = "No published figure is at hand."
    worth_images: int = 5000


MNIST = ("mnist", "mnist_sample", "mnist_format")
CIFAR10 = ("cifar10", "cifar10_format")
NETWORKS = {
    "lenet_300_100": Network(
        "LeNet-300-100",
        "MNIST",
        lenet_300_100,
        widths=(784, 300, 100),
        layers=("input pixels", "hidden layer 1", "hidden layer 2"),
        datasets=MNIST,
        image=(1, 28, 28),
        fits=lambda widths: widths[0] == 784,
        rule=", the first of them 784 pixels",
        light=True,
        learning_rate=0.2,
        note=(
            "Rows of others are published figures, not measured here; RigL's are unstructured, "
            "their MACs are half of the FLOPs listed. Best-epoch errors are lower than last-epoch "
            "ones."
        ),
        worth_images=20_000,
    ),
    "lenet_5": Network(
        "LeNet-5",
        "MNIST",
        lenet_5,
        widths=(20, 50, 800, 500),
        layers=("filters 1", "filters 2", "flattened features", "hidden layer"),
        datasets=MNIST,
        image=(1, 28, 28),
        fits=lambda widths: widths[2] == 16 * widths[1],
        rule=", the third of them 16 times the second",
        light=True,
        note=(
            "Rows of others are published figures, not measured here; their sizes are counted "
            "from the architecture as ours are. Whether their error is that of the last epoch is "
            "not known."
        ),
        worth_images=20_000,
    ),
    "vgg16": Network(
        "VGG16",
        "CIFAR-10",
        vgg16,
        widths=(64, 64, 128, 128, 256, 256, 256, *(512,) * 6),
        layers=tuple(f"convolution {number}" for number in range(1, 14)),
        datasets=CIFAR10,
        note=(
            "Rows of others are published figures, not measured here, on the original CIFAR-10; "
            "an empty cell is not known, and a share is given only where the whole network is "
            "ours."
        ),
    ),
    "resnet20": Network(
        "ResNet-20",
        "CIFAR-10",
        resnet20,
        widths=(16,) * 4 + (32,) * 4 + (64,) * 4,
        layers=RESNET20_LAYERS,
        datasets=CIFAR10,
        note=(
            "The channels that are added up in a stage are one unit each, wherever they occur; "
            "where the shape changes, the shortcut is a 1x1 convolution. No published figure is "
            "at hand."
        ),
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

# As tables and figures call them.
INITIALISATION_TITLES = {
    "kaiming_normal": "Kaiming, normal",
    "kaiming_uniform": "Kaiming, uniform",
    "xavier": "Xavier",
    "orthogonal": "orthogonal",
    "normal_002": "N(0, 0.02²)",
    "pytorch": "PyTorch's own",
}


def build(name: str, widths: tuple[int, ...], classes: int, init: str, seed: int) -> nn.Module:
    """Builds a registered network with the initialisation and the seed asked for (on the CPU).

    Filters lie channels-last, which convolutions are quickest with. Raises KeyError for a name
    that is not registered.
    """
    model = NETWORKS[name].build(widths, classes)
    initialise(model, init, seed)
    return model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # stub lacks it


def assemble(
    name: str, widths: tuple[int, ...], classes: int, tensors: dict[str, Tensor]
) -> nn.Module:
    """A registered network, however far it was cut, with the parameters and buffers it ended with.

    Args:
        name: of the network.
        widths: that are left.
        classes: of the output.
        tensors: its state dict.

    Raises:
        NetworkError: there is no such network, or these are not its tensors.
        KeyError: the name is not registered.
    """
    try:
        with torch.device("meta"):  # only shapes, whatever sizes are asked for
            model = NETWORKS[name].build(widths, classes)
    except (RuntimeError, ValueError) as error:
        raise NetworkError(f"no {name} can have the widths {'-'.join(map(str, widths))}") from error
    wanted = model.state_dict()
    for key in wanted.keys() | tensors.keys():
        kinds = [
            f"{tuple(held[key].shape)} {held[key].dtype}" if key in held else "absent"
            for held in (tensors, wanted)
        ]
        if kinds[0] != kinds[1]:
            raise NetworkError(f"{key} is {kinds[0]}, and in this network it would be {kinds[1]}")
    model.load_state_dict(tensors, assign=True)
    for module in model.modules():
        if isinstance(module, Select):
            module.keep(module.index)
    return model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # stub lacks it


@torch.no_grad()
def initialise(model: nn.Module, init: str, seed: int) -> None:
    """Draws all weights of a network on the CPU anew; biases start at zero."""
    generator = torch.Generator().manual_seed(seed)
    for module in model.modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            INITIALISATIONS[init](module.weight, generator)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
