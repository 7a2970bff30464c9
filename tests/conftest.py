"""What all tests share: deterministic property tests, one thread, and small data sets."""

import os

# Before numpy and torch read it; processes that tests start inherit it. On small networks a second
# thread only adds to the time.
os.environ["OMP_NUM_THREADS"] = "1"

import signal
import struct
import sys
from pathlib import Path
from unittest.mock import MagicMock

import numpy as np
import pytest
from hypothesis import Phase, settings

# A shell starts what it puts in the background with Ctrl-C ignored, and tests of it, and processes
# that they start, would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("dev", derandomize=True, deadline=None, max_examples=25)
settings.register_profile("fuzz", deadline=None, max_examples=700)
settings.register_profile("thorough", deadline=None, max_examples=500)
# For mutation runs a failure is enough, and looking for the simplest one takes most of the time.
settings.register_profile(
    "mutants",
    settings.get_profile("dev"),
    phases=(Phase.explicit, Phase.generate),
    report_multiple_bugs=False,
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


def write_idx(folder: Path, train: int = 320, test: int = 160, seed: int = 0) -> None:
    """An MNIST folder of made-up digits: each class a noisy bar of its own, so it can be learnt."""
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    for stem, n in (("train", train), ("t10k", test)):
        labels = rng.integers(0, 10, n).astype(np.uint8)
        images = rng.integers(0, 60, (n, 28, 28)).astype(np.uint8)
        images[:, :4] = 0
        for image, label in zip(images, labels):
            image[6 + 2 * label : 8 + 2 * label, 5:23] += 150
        header = bytes((0, 0, 8, 3)) + struct.pack(">3I", n, 28, 28)
        (raw / f"{stem}-images-idx3-ubyte").write_bytes(header + images.tobytes())
        header = bytes((0, 0, 8, 1)) + struct.pack(">I", n)
        (raw / f"{stem}-labels-idx1-ubyte").write_bytes(header + labels.tobytes())


@pytest.fixture(scope="session")
def mnist_folder(tmp_path_factory) -> Path:
    """A small folder in MNIST's format."""
    folder = tmp_path_factory.mktemp("data")
    write_idx(folder)
    return folder


@pytest.fixture(scope="session")
def lightning():
    """PyTorch Lightning (extra ``lightning``), beside a torchvision that torch can't load too.

    Its metrics import names from any torchvision that is installed; none of them is used here.
    """
    pytest.importorskip("lightning_fabric", reason="needs the extra 'lightning'")
    try:
        import torchvision  # noqa: F401
    except (ImportError, RuntimeError):
        with pytest.MonkeyPatch.context() as patched:
            for name in ("torchvision", "torchvision.models"):
                patched.setitem(sys.modules, name, MagicMock())
            import pytorch_lightning
    import pytorch_lightning

    return pytorch_lightning
