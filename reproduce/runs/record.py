"""What a run leaves behind: its record and its epochs' metrics; how they become JSON and back.

Whoever reads a run goes through ``read``, so that a damaged or made-up file is found out in one
place. Fields that came later have a default: older files are without them.
"""

import math
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, NamedTuple, TypeVar, get_args, get_origin, get_type_hints

from reproduce.errors import UserError
from reproduce.runs.settings import SCHEMA, Settings

Kind = TypeVar("Kind")
# MACs of a training step against those of inference: the way back costs twice the way there.
TRAINING_PASSES = 3
LARGEST = 2**63  # no count of anything here comes near


@dataclass(frozen=True)
class Size:
    """How large a network is: units left at each site, MACs of one inference, parameters."""

    widths: tuple[int, ...]
    macs: int
    parameters: int


@dataclass(frozen=True, kw_only=True)
class Epoch(Size):
    """Metrics of one complete epoch: errors in %, losses in nats per sample, cost, and the size.

    Attributes:
        epoch: counted from 1.
        train_macs: multiply-accumulates of the epoch's training.
        process: who timed ``seconds``; times of one process compare.
    """

    epoch: int
    train_loss: float
    error: float
    loss: float
    train_macs: int
    seconds: float
    process: str

    @property
    def size(self) -> Size:
        return Size(self.widths, self.macs, self.parameters)


@dataclass(frozen=True, kw_only=True)
class GatedEpoch(Epoch):
    """An epoch with gates.

    Attributes:
        mean_gate_error, mean_gate_loss: with every gate at its mean.
        decided: share of gates removed or near 0 or 1; ``decided_hidden``: of hidden units only.
        noise, worth, price: for each site, of the gradient's estimate and of a unit, nats per
            sample.
        theta_histogram: for each site how many gates lie in each of equal bins of [0, 1].
    """

    mean_gate_error: float
    mean_gate_loss: float
    decided: float
    decided_hidden: float
    noise: tuple[float, ...]
    price: tuple[float, ...]
    theta_histogram: tuple[tuple[int, ...], ...]
    worth: tuple[float, ...] | None = None


@dataclass(frozen=True)
class Provenance:
    """What a run was made from, and on what; ``arithmetic``: what its layers really computed in."""

    configuration: str
    data: str
    fingerprint: str
    train_samples: int
    held_out_samples: int
    device: str
    threads: int
    machine: str
    python: str
    torch: str
    numpy: str
    arithmetic: str | None = None


class Removal(NamedTuple):
    """One unit that went by P4: its worth then, that measurement's error, its price, P1's sides.

    All are nats on the training set. Where there is batch norm, worth and error by its running
    averages stand at the end.
    """

    site: int
    unit: int
    worth: float
    worth_error: float
    price: float
    kappa_r: float
    edge: float
    lagging_worth: float | None = None
    lagging_error: float | None = None


class Survivor(NamedTuple):
    """One unit of the final network: its worth and that measurement's error, its price; nats."""

    site: int
    worth: float
    worth_error: float
    price: float


@dataclass(frozen=True)
class Witnessed:
    """What was seen of a watched run; ``loss``, ``penalty`` and ``empty`` are D4's, in nats."""

    removals: tuple[Removal, ...]
    survivors: tuple[Survivor, ...]
    loss: float
    penalty: float
    empty: float


@dataclass(frozen=True)
class Weighed:
    """Each gate before the freeze: its probability, its unit's worth and error, its price; nats."""

    theta: tuple[float, ...]
    worth: tuple[float, ...]
    worth_error: tuple[float, ...]
    price: tuple[float, ...]


@dataclass(frozen=True)
class Record:
    """What is kept of a finished run.

    Attributes:
        start, end: the network's size before training and after.
        error: on the held-out images after the last epoch, in %; ``loss`` in nats per sample.
        train_macs, seconds: of the whole training.
        kept: the original numbers of the units left, site by site.
        spared: layers that would have lost their last unit, and were not let.
        witness, weighed: what the methods of these names add.
        weights_sha256: of the final weights' file.
    """

    settings: Settings
    provenance: Provenance
    start: Size
    end: Size
    error: float
    loss: float
    train_macs: int
    seconds: float
    kept: tuple[tuple[int, ...], ...]
    spared: tuple[str, ...] = ()
    witness: Witnessed | None = None
    weighed: Weighed | None = None
    weights_sha256: str | None = None


def to_json(value: Any) -> Any:
    """A record, or a part of one, as JSON has it; what is None is left out."""
    if isinstance(value, Settings):
        return value.to_dict()
    if is_dataclass(value):
        named = ((field.name, getattr(value, field.name)) for field in fields(value))
        return {name: to_json(part) for name, part in named if part is not None}
    if isinstance(value, tuple):
        return [to_json(part) for part in value if part is not None]
    return value


def read(kind: type[Kind], content: Any) -> Kind:
    """Makes one of the classes above of JSON.

    Raises:
        ValueError: a field is missing, of another type, or no finite number; the message names it.
    """
    if not isinstance(content, dict):
        raise ValueError("it is no JSON object")
    values = {}
    readers = _readers(kind)  # type: ignore[arg-type]  # a class is hashable
    for name, (reader, needed) in readers.items():
        if name not in content:
            if needed:
                raise ValueError(f"it has no {name}")
            continue
        try:
            values[name] = reader(content[name])
        except (ValueError, TypeError) as error:
            raise ValueError(f"{name}: {error}") from error
    return kind(**values)


def epoch_of(content: Any) -> Epoch:
    """Metrics from JSON, with or without gates. Raises ValueError as ``read`` does."""
    gated = isinstance(content, dict) and "theta_histogram" in content
    return read(GatedEpoch if gated else Epoch, content)


def settings_of(content: Any) -> Settings:
    """Settings from JSON. Raises ValueError where it holds none, or those of another schema."""
    try:
        if content["schema"] != SCHEMA:
            raise ValueError(f"schema {content['schema']}, not {SCHEMA}")
        return Settings.from_dict(content)
    except (KeyError, TypeError, AttributeError, OverflowError, UserError) as error:
        raise ValueError(f"no settings of a run: {error}") from error


@cache
def _readers(kind: Any) -> dict[str, tuple[Callable[[Any], Any], bool]]:
    """For each field of a class what reads it, and whether it must be there."""
    hints = get_type_hints(kind)
    return {
        field.name: (_reader(hints[field.name]), field.default is MISSING) for field in fields(kind)
    }


def _reader(hint: Any) -> Callable[[Any], Any]:
    if hint in (int, float, str):
        return {int: _count, float: _number, str: _text}[hint]
    if hint is Settings:
        return settings_of
    if get_origin(hint) is UnionType:
        (inner,) = (part for part in get_args(hint) if part is not NoneType)
        return _reader(inner)
    if get_origin(hint) is tuple:
        each = _reader(get_args(hint)[0])
        return lambda content: tuple(map(each, _list(content)))
    if issubclass(hint, tuple):  # a named one
        return lambda content: hint(*map(_number, _list(content)))
    return lambda content: read(hint, content)


def _list(content: Any) -> list[Any]:
    if not isinstance(content, list):
        raise ValueError("it is no list")
    return content


def _text(content: Any) -> str:
    if not isinstance(content, str) or not content.isprintable():
        raise ValueError(f"{content!r:.40} is no text of one line")
    return content


def _count(content: Any) -> int:
    if type(content) is not int or abs(content) >= LARGEST:
        raise ValueError(f"{content!r:.40} is no whole number")
    return content


def _number(content: Any) -> float:
    if type(content) is float and math.isfinite(content):
        return content
    return _count(content)
