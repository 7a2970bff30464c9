"""Fields of settings: help text, choices, what came later; and the check of their ranges."""

import math
from dataclasses import field, fields
from typing import Any

from reproduce.errors import UserError


def setting(default: Any, text: str, choices: tuple[str, ...] = ()) -> Any:
    """A field of a settings dataclass with its help text, from which the command line derives."""
    return field(default=default, metadata={"help": text, "choices": choices})


def later(default: Any, text: str, choices: tuple[str, ...] = (), *, before: Any = None) -> Any:
    """A setting that older runs did not have.

    They had what is its default now, or else ``before``: with that value it is left out of what is
    stored, and a stored run without the setting has that value.
    """
    stands_for = default if before is None else before
    metadata = {"help": text, "choices": choices, "before": stands_for}
    return field(default=default, metadata=metadata)


def kept(settings: Any) -> dict[str, Any]:
    """The fields of settings, but those that came later and have the value that runs had before."""
    values = {f: getattr(settings, f.name) for f in fields(settings)}
    return {
        f.name: value
        for f, value in values.items()
        if "before" not in f.metadata or value != f.metadata["before"]
    }


def before(kind: type) -> dict[str, Any]:
    """What stands for the fields that stored settings lack, since they came later."""
    return {f.name: f.metadata["before"] for f in fields(kind) if "before" in f.metadata}


def as_floats(settings: Any) -> None:
    """Makes 45 the float that it is meant to be where one is asked for: one run, one hash."""
    for f in fields(settings):
        value = getattr(settings, f.name)
        if isinstance(f.default, float) and isinstance(value, int):
            object.__setattr__(settings, f.name, float(value))


def require(settings: Any, checks: dict[str, tuple[bool, str]]) -> None:
    """Raises UserError for the first named setting whose check fails."""
    for name, (holds, range_) in checks.items():
        value = getattr(settings, name)
        if not holds or value == math.inf:
            raise UserError(f"{name} must be {range_}; got {value!r}")
