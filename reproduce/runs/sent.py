"""Settings of a run as a TOML file that can be sent, and be trained by ``parsimony train FILE``."""

import json
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

from reproduce.errors import UserError, unknown
from reproduce.files import write_atomic
from reproduce.gates.config import GateConfig
from reproduce.runs.settings import SCHEMA, Settings


def write(settings: Settings, path: Path) -> None:
    """Writes all settings, those that have their defaults too, and those of the gates below.

    Raises:
        StoreError: the file can't be written.
    """
    own = {f.name: getattr(settings, f.name) for f in fields(Settings) if f.name != "gates"}
    lines = ["# A run of parsimony: train it with 'parsimony train FILE'", *_lines(own)]
    lines.append(f"schema = {SCHEMA}")
    if settings.gated:
        asked = fields(GateConfig)
        gates = {f.name: getattr(settings.gates, f.name) for f in asked}
        lines += ["", "[gates]", *_lines(gates)]
    write_atomic(path, "\n".join(lines) + "\n")


def _lines(values: dict[str, Any]) -> list[str]:
    """TOML writes strings, numbers, truth values and lists of them as JSON does."""
    return [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in values.items()]


def read(path: Path) -> Settings:
    """The settings in a file; those that it does not name have their defaults.

    Raises:
        UserError: the file can't be read, names a setting that does not exist, or has a value
            that is out of range or of the wrong kind.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"can't read settings from {path}: {error}") from error
    schema, gates = content.pop("schema", SCHEMA), content.pop("gates", {})
    if schema != SCHEMA:
        raise UserError(f"{path} is of schema {schema}, not {SCHEMA}")
    if not isinstance(gates, dict):
        raise UserError(f"gates in {path} must be a table, [gates]; got {gates!r}")
    own, of_gates = _checked(Settings, content, path), _checked(GateConfig, gates, path)
    return Settings(**own, gates=GateConfig(**of_gates))


def _checked(kind: type, given: dict[str, Any], path: Path) -> dict[str, Any]:
    """The values for a dataclass of settings, each of the type of its default."""
    defaults = {f.name: f.default for f in fields(kind) if "help" in f.metadata}
    for name, value in given.items():
        if name not in defaults:
            raise unknown(f"setting in {path}", name, defaults)
        wanted = type(defaults[name])
        right = type(value) is (list if wanted is tuple else wanted)
        if not right and not (wanted is float and type(value) is int):
            raise UserError(
                f"{name} in {path} must be like {json.dumps(defaults[name])}; got {value!r}"
            )
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in given.items()
    }
