"""Published figures, each with its source: facts taken over, none of them measured here."""

from dataclasses import dataclass

RIGL = "RigL, arXiv:1911.11134, table 2"


@dataclass(frozen=True)
class Published:
    """One published row. ``architecture`` holds kept units, input first, classes left out."""

    method: str
    architecture: tuple[int, ...]
    test_error: float  # %
    source: str
    macs: float | None = None  # given where it does not follow from the architecture


LENET_300_100 = (
    Published("SBP", (245, 160, 55), 1.6, f"{RIGL} (best epoch)"),
    Published("L0", (266, 88, 33), 1.6, f"{RIGL} (best epoch)"),
    Published("VIB", (97, 71, 33), 1.6, f"{RIGL} (best epoch)"),
    Published("RigL, 87.0 % sparse", (408, 100, 69), 1.48, f"{RIGL} (last epoch)", 12.6e3 / 2),
    Published("RigL+, 88.6 % sparse", (375, 62, 51), 1.69, f"{RIGL} (last epoch)", 6.2e3 / 2),
)
