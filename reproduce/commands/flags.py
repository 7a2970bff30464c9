"""The flags that several commands have."""

from argparse import ArgumentParser
from pathlib import Path


def add_results(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--results", type=Path, default=Path("results"), metavar="DIR", help="folder of all runs"
    )


def add_out(parser: ArgumentParser, what: str, default: str, kind: str = "DIR") -> None:
    parser.add_argument(
        "--out", type=Path, default=Path(default), metavar=kind, help=f"{what} ({default})"
    )


def add_data_dir(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--data-dir",
        metavar="DIR",
        help="folder with MNIST/raw or CIFAR-10 (or set PARSIMONY_DATA)",
    )


def add_run_options(parser: ArgumentParser) -> None:
    """What every command that trains in this process takes."""
    add_data_dir(parser)
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    add_results(parser)
    add_tensorboard(parser)


def add_tensorboard(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--tensorboard",
        action="store_true",
        help="also write scalars, widths and gate histograms to tensorboard/ in the results folder",
    )


def add_preset(parser: ArgumentParser, default: str = "lenet_300_100") -> None:
    from reproduce.experiments.presets import PRESETS  # it needs torch, which simulations do not

    parser.add_argument(
        "network", nargs="?", metavar="NETWORK", help=f"{', '.join(PRESETS)} ({default})"
    )
    parser.add_argument(
        "--preset",
        metavar="NAME",
        help="lenet_300_100: quick (minutes) or full (hours); the others: short (two cores,"
        " hours) or paper (an accelerator); all but quick keep their results as the committed ones"
        " (the first named)",
    )
