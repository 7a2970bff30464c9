"""With all defaults, and dense: runs of several lengths on the embedded sample of MNIST.

python -m benchmarks.defaults trains them (minutes on one core), and writes docs/defaults.md.
"""

import tempfile
from pathlib import Path

import torch

from reproduce import data
from reproduce.files import write_atomic
from reproduce.runs.settings import Settings
from reproduce.runs.store import Store
from reproduce.tables.render import markdown_table
from reproduce.training.loop import Training

PAGE = Path(__file__).parents[1] / "docs" / "defaults.md"
EPOCHS = (1, 3, 10, 60)
TEXT = """\
# With all defaults

Written by `python -m benchmarks.defaults`: `parsimony train lenet_300_100 --dataset mnist_sample`,
with no other flag than `--epochs`, beside dense training of as many epochs. 4,000 training images,
1,000 test images, error after the last epoch, seed 0 (n = 1); PyTorch {torch} on a processor.

"""


def row(epochs: int) -> dict[str, str]:
    """The errors of both, and what is left, after so many epochs."""
    images = data.load("mnist_sample")
    last = {}
    with tempfile.TemporaryDirectory() as folder:
        for method in ("dense", "gates"):
            settings = Settings(dataset=images.name, epochs=epochs, method=method)
            training = Training(settings, images, Store(Path(folder)).run(settings))
            *_, last[method] = training.epochs()
    return {
        "epochs": str(epochs),
        "dense, error %": f"{last['dense'].error:.2f}",
        "defaults, error %": f"{last['gates'].error:.2f}",
        "units left": "-".join(map(str, last["gates"].widths)),
        "MACs, % of dense": f"{100 * last['gates'].macs / last['dense'].macs:.1f}",
    }


if __name__ == "__main__":
    torch.set_num_threads(1)
    rows = [row(epochs) for epochs in EPOCHS]
    table = markdown_table(list(rows[0]), [list(one.values()) for one in rows])
    write_atomic(PAGE, TEXT.format(torch=torch.__version__) + table + "\n")
