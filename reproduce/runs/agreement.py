"""Whether the files of a finished run agree: what was edited or mixed up is in no table."""

import math
from collections.abc import Iterator, Sequence

from reproduce.data import known_as
from reproduce.runs.record import TRAINING_PASSES, Epoch, GatedEpoch, Record, Size
from reproduce.runs.settings import Settings

SLACK = 1e-6  # of a float that was added up, or stands for a whole number


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
    if not math.isclose(record.seconds, sum(epoch.seconds for epoch in epochs), abs_tol=SLACK):
        yield "the record's seconds are not the sum of its epochs'"
    yield from _impossible_on_its_data(settings, record, epochs)
    yield from _impossible_in_size(settings, record, epochs)
    yield from _impossible_of_gates(settings, record, epochs)


def between(one: Record, other: Record) -> Iterator[str]:
    """What can't be so of two runs on one data set, in words that come after their folders."""
    data, elsewhere = one.provenance, other.provenance
    if data.fingerprint != elsewhere.fingerprint:
        yield f"are of different data ({data.data}, {elsewhere.data})"
    begun = [(run.settings.network, run.settings.widths) for run in (one, other)]
    if begun[0] == begun[1] and one.start != other.start:
        yield "start with the same network, and it has another size in each"


def _impossible_on_its_data(
    settings: Settings, record: Record, epochs: Sequence[Epoch]
) -> Iterator[str]:
    made = record.provenance
    if not known_as(settings.dataset, made.data, made.fingerprint):
        yield f"{made.data}, fingerprint {made.fingerprint}, is not the data set {settings.dataset}"
    if settings.train_images not in (0, made.train_samples):
        yield "the training images are not as many as the settings ask for"
    for epoch in epochs:
        errors = [epoch.error]
        if isinstance(epoch, GatedEpoch):
            errors.append(epoch.mean_gate_error)
        for error in errors:
            if not _share_of(made.held_out_samples, error):
                yield f"an error of {error} % is no number of {made.held_out_samples} images"
        if epoch.seconds <= 0:
            yield "a time is not above zero"


def _share_of(images: int, percent: float) -> bool:
    """Whether so many per cent of the images are a whole number of them."""
    number = images * percent / 100
    return 0 <= percent <= 100 and images > 0 and abs(number - round(number)) <= SLACK * images


def _impossible_in_size(
    settings: Settings, record: Record, epochs: Sequence[Epoch]
) -> Iterator[str]:
    """Of the network, and of what it costs to train."""
    if record.start.widths != settings.widths:
        yield "the record does not start at the widths of its settings"
    if tuple(len(kept) for kept in record.kept) != record.end.widths:
        yield "the units kept are not as many as the final widths"
    for kept, width in zip(record.kept, record.start.widths):
        if list(kept) != sorted({*kept} & {*range(width)}):
            yield "a unit that is kept was not there, or is kept twice"
    batch = settings.batch_size
    passes = TRAINING_PASSES * batch * (record.provenance.train_samples // batch)
    for before, epoch in zip([record.start, *(epoch.size for epoch in epochs)], epochs):
        if not _may_become(before, epoch.size):
            yield f"the network of epoch {epoch.epoch} is none that the one before can be cut to"
        if not passes * epoch.macs <= epoch.train_macs <= passes * before.macs:
            yield f"the training MACs of epoch {epoch.epoch} are not those of its network"


def _impossible_of_gates(
    settings: Settings, record: Record, epochs: Sequence[Epoch]
) -> Iterator[str]:
    for epoch in epochs:
        if not isinstance(epoch, GatedEpoch):
            continue
        bins = epoch.theta_histogram
        if tuple(map(sum, bins)) != settings.widths or min(map(min, bins)) < 0:
            yield f"the gates of epoch {epoch.epoch} are not as many as the units started with"
        layers = [epoch.noise, epoch.price, *([epoch.worth] if epoch.worth else [])]
        if any(len(layer) != len(bins) for layer in layers) or min(epoch.noise) < 0:
            yield f"noise, price or worth of epoch {epoch.epoch} is not that of its layers"
        if not all(0 <= share <= 1 for share in (epoch.decided, epoch.decided_hidden)):
            yield f"a share of the gates of epoch {epoch.epoch} is not between 0 and 1"
    seen, weighed = record.witness, record.weighed
    if seen and len(seen.survivors) != sum(record.end.widths):
        yield "the units that were watched to the end are not those that are left"
    if weighed and len({len(column) for column in vars(weighed).values()}) > 1:
        yield "not every gate was weighed"


def _may_become(before: Size, after: Size) -> bool:
    """Whether one network may have been cut to another, or is the same."""
    if before.widths == after.widths:
        return before == after
    fits = len(before.widths) == len(after.widths)
    narrower = all(0 < n <= m for n, m in zip(after.widths, before.widths))
    return (
        fits and narrower and 0 < after.macs < before.macs and after.parameters < before.parameters
    )
