"""Published figures, each with its source: facts taken over, none of them measured here."""

from dataclasses import dataclass

from reproduce.data.dataset import FORMAT

CLASSES = 10
RIGL = "RigL, arXiv:1911.11134, table 2"
FLOPS_OBJECTIVE = "as listed in arXiv:1811.03060"


@dataclass(frozen=True)
class Published:
    """One published row; sizes are None where the source leaves them open.

    ``of`` names the network where it is not quite the one in the table.
    """

    method: str
    test_error: float  # %
    source: str
    architecture: tuple[int, ...] = ()  # kept units, classes left out
    params: float | None = None
    macs: float | None = None
    of: str = ""


def fully_connected(widths: tuple[int, ...]) -> tuple[int, int]:
    """Parameters and MACs of layers between these widths, input first, and ten classes."""
    pairs = list(zip(widths, [*widths[1:], CLASSES]))
    macs = sum(a * b for a, b in pairs)
    return macs + sum(b for _, b in pairs), macs


def lenet_5(widths: tuple[int, ...]) -> tuple[int, int]:
    """Parameters and MACs of LeNet-5 on 28 x 28 images: 5 x 5 filters without padding."""
    first, second, features, hidden = widths
    filters = (25 * first, 25 * first * second)
    dense = features * hidden + hidden * CLASSES
    params = sum(filters) + dense + first + second + hidden + CLASSES
    return params, filters[0] * 24 * 24 + filters[1] * 8 * 8 + dense


def _mlp(method: str, architecture: tuple[int, ...], test_error: float) -> Published:
    sizes = fully_connected(architecture)
    return Published(method, test_error, f"{RIGL} (best epoch)", architecture, *sizes)


def _lenet(
    method: str, architecture: tuple[int, ...], test_error: float, source: str = FLOPS_OBJECTIVE
) -> Published:
    return Published(method, test_error, source, architecture, *lenet_5(architecture))


SBP_REPOSITORY = "repository of Neklyudov et al., 2017"
PUBLISHED = {
    "lenet_300_100": (
        _mlp("SBP", (245, 160, 55), 1.6),
        _mlp("L0", (266, 88, 33), 1.6),
        _mlp("VIB", (97, 71, 33), 1.6),
        # Unstructured: MACs are half of the FLOPs listed, parameters are not.
        Published("RigL, 87.0 % sparse", 1.48, f"{RIGL} (last epoch)", (408, 100, 69), None, 6.3e3),
        Published("RigL+, 88.6 % sparse", 1.69, f"{RIGL} (last epoch)", (375, 62, 51), None, 3.1e3),
    ),
    "lenet_5": (
        _lenet("GD", (7, 13, 208, 16), 1.1),
        _lenet("SBP", (3, 18, 284, 283), 0.9),
        _lenet("BC-GNJ", (8, 13, 88, 13), 1.0),
        _lenet("BC-GHS", (5, 10, 76, 16), 1.0),
        _lenet("L0", (20, 25, 45, 462), 0.9),
        _lenet("L0-sep", (9, 18, 65, 25), 1.0),
        _lenet("SparseVD", (17, 32, 329, 75), 0.75, SBP_REPOSITORY),
        _lenet("SSL", (3, 12, 800, 500), 1.00, SBP_REPOSITORY),
        _lenet("StructuredBP", (3, 18, 284, 283), 0.86, SBP_REPOSITORY),
    ),
    "vgg16": (
        Published("HRank", 7.66, "HRank's repository", (), 2.64e6, 108.61e6),
        Published(
            "network slimming, 160 epochs of fine-tuning", 6.22,
            "its re-implementation's repository", (), 2.25e6, of="VGG-19 of 20.04M parameters",
        ),
        Published("BC-GNJ", 8.6, "Bayesian Compression's tutorial repository", of="VGG, 14×"),
        Published("BC-GHS", 9.0, "Bayesian Compression's tutorial repository", of="VGG, 18×"),
    ),
    "resnet20": (),
}  # fmt: skip


def comparable(network: str, dataset: str) -> tuple[Published, ...]:
    """The rows that may stand beside ours: none beside images that only look like those."""
    return () if dataset.endswith(FORMAT) else PUBLISHED.get(network, ())
