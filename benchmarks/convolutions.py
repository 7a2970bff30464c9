"""A training step of VGG16 with small maps convolved as products, against torch's convolutions.

In the arithmetic that VGG16 is trained in on this machine (float32 where bfloat16 is emulated), in
batches of 128 images; dense, and at the sizes that committed runs ended with. All small maps go
through products here, also where training would leave them to torch.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from benchmarks.networks import RESULTS, Step, settings_of
from benchmarks.timing import COLUMNS, cells, digits, milliseconds, ratio, take_turns
from reproduce import convolutions
from reproduce.experiments.studies import study
from reproduce.runs.settings import Settings
from reproduce.runs.store import Store

THREADS = 1
USES = ("torch",)
HEAD = (*COLUMNS, "ms, products", "arithmetic")
WIDTHS = {"full width": 1, "half width": 2, "quarter width": 4}
PRUNED = {
    "full width, pruned": ("methods_vgg16", "ours", "compact"),
    "quarter width, pruned": ("methods_vgg16_quarter", "ours, second order", "smallest"),
}
ROUNDS = 12


def measure() -> dict[str, Any]:
    return {name: measured(Step(settings, gated=False)) for name, settings in sizes().items()}


def sizes() -> dict[str, Settings]:
    full = settings_of("vgg16")
    widths = {name: tuple(width // part for width in full.widths) for name, part in WIDTHS.items()}
    widths |= {name: _ended_with(*where) for name, where in PRUNED.items()}
    return {name: replace(full, widths=each) for name, each in widths.items()}


def _ended_with(name: str, group: str, point: str) -> tuple[int, ...]:
    """The widths of the first committed run of a row."""
    asked = study(name)
    (row,) = (row for row in asked.groups[group] if row.name == point)
    return tuple(Store(RESULTS / asked.folder).load().seeds(row.settings)[0].record.end.widths)


def measured(step: Step, **others: Callable[..., bool]) -> dict[str, Any]:
    """The step with all small maps as products, and with others, against the same with none.

    Args:
        step: of VGG16.
        others: more sides, by name; each says which maps it takes products for, as ``gains`` does.
    """

    def by(gains: Callable[..., bool]) -> Callable[[], None]:
        def turn() -> None:
            with patch.object(convolutions, "gains", gains):
                step()

        return turn

    sides = {"products": lambda *_: True, "torch": lambda *_: False} | others
    turns = take_turns({name: by(gains) for name, gains in sides.items()}, ROUNDS)
    ratios = {name: ratio(turns[name], turns["torch"]) for name in others}
    return {
        "milliseconds": milliseconds(turns["products"]),
        "milliseconds, torch": milliseconds(turns["torch"]),
        "arithmetic": step.arithmetic,
        **ratio(turns["products"], turns["torch"]),
        **ratios,
    }


def rows(result: dict[str, Any]) -> list[list[str]]:
    return [
        [
            *cells(name, "torch's convolutions", one),
            digits(one["milliseconds"]),
            one["arithmetic"],
        ]
        for name, one in result.items()
    ]
