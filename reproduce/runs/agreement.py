"""Whether the files of a finished run agree: what was edited or mixed up is in no table."""

import math
from collections.abc import Iterator, Sequence

from reproduce.runs.record import Epoch, Record
from reproduce.runs.settings import Settings


def contradictions(settings: Settings, record: Record, epochs: Sequence[Epoch]) -> Iterator[str]:
    """What can't be so in the files of one run, each in a few words."""
    if record.settings != settings:
        yield "the record is of other settings than settings.json"
    if record.provenance.configuration != settings.hash:
        yield "the record's configuration is not the hash of its settings"
    if [epoch.epoch for epoch in epochs] != list(range(1, settings.epochs + 1)):
        yield f"epochs.jsonl has not the epochs 1 to {settings.epochs}"
        return
    last = epochs[-1]
    if (record.error, record.loss) != (last.error, last.loss):
        yield "the record's error or loss is not the last epoch's"
    if record.end != last.size:
        yield "the record's final size is not the last epoch's"
    if record.train_macs != sum(epoch.train_macs for epoch in epochs):
        yield "the record's training MACs are not the sum of its epochs'"
    if not math.isclose(record.seconds, sum(epoch.seconds for epoch in epochs), abs_tol=1e-6):
        yield "the record's seconds are not the sum of its epochs'"
    yield from _impossible(settings, record, epochs)


def _impossible(settings: Settings, record: Record, epochs: Sequence[Epoch]) -> Iterator[str]:
    """What no run can have."""
    if record.start.widths != settings.widths:
        yield "the record does not start at the widths of its settings"
    if tuple(len(kept) for kept in record.kept) != record.end.widths:
        yield "the units kept are not as many as the final widths"
    for kept, width in zip(record.kept, record.start.widths):
        if list(kept) != sorted({*kept} & {*range(width)}):
            yield "a unit that is kept was not there, or is kept twice"
    if any(not 0 <= epoch.error <= 100 or epoch.seconds < 0 for epoch in epochs):
        yield "an error is no percentage, or a time below zero"
