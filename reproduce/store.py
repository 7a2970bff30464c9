"""Where results lie and under which name; every write is atomic."""

import fcntl
import hashlib
import io
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from reproduce.errors import BusyError, StoreError, UserError
from reproduce.settings import SCHEMA, Settings

DIGEST_BYTES = 32
EPOCH = {"epoch": int, "error": (int, float), "widths": list, "macs": int}  # what is read of one


def write_atomic(path: Path, content: bytes | memoryview | str) -> None:
    """Writes a file whole or not at all: temporary file, fsync, rename.

    Raises:
        StoreError: the folder can't be written, or the disk is full; the old file is intact.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with open(temporary, "wb") as file:
                file.write(content.encode() if isinstance(content, str) else content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        reason = error.strerror or error
        raise StoreError(f"can't write {path}: {reason}; earlier results are intact") from error


def write_json(path: Path, content: Any) -> None:
    write_atomic(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def read_json(path: Path) -> Any:
    """Raises StoreError when the file can't be read or is no JSON."""
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise StoreError(f"can't read {path} ({error}): move it away and run again") from error


@dataclass(frozen=True)
class Run:
    """The folder of one run.

    ``settings.json`` is written first, ``record.json`` last: a run with a record is finished.
    Weights and checkpoints are PyTorch files that load with ``weights_only=True``.
    """

    folder: Path

    @property
    def finished(self) -> bool:
        return self._record.is_file()

    @property
    def _record(self) -> Path:
        return self.folder / "record.json"

    @property
    def _checkpoint(self) -> Path:
        return self.folder / "checkpoint.pt"

    @property
    def weights(self) -> Path:
        return self.folder / "weights.pt"

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Keeps other processes from training this run; a process that dies lets go of it.

        Raises:
            BusyError: another process has it.
            StoreError: the folder can't be made.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.folder, os.O_RDONLY)
        except OSError as error:
            raise StoreError(f"can't write {self.folder}: {error.strerror}") from error
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BusyError(
                    f"{self.folder} is being trained by another process: wait until it has ended,"
                    " or stop it"
                ) from None
            yield
        finally:
            os.close(handle)

    def begin(self, settings: Settings) -> None:
        write_json(self.folder / "settings.json", settings.to_dict())

    def settings(self) -> Settings:
        """Raises StoreError when the settings are damaged or of another schema."""
        path = self.folder / "settings.json"
        content = read_json(path)
        try:
            if content["schema"] != SCHEMA:
                raise StoreError(f"{path} is of schema {content['schema']}, not {SCHEMA}")
            return Settings.from_dict(content)
        except (KeyError, TypeError, UserError) as error:
            raise StoreError(f"{path} holds no settings of a run: {error}") from error

    def save_checkpoint(self, state: dict[str, Any], epochs: list[dict[str, Any]]) -> None:
        """Saves the state after an epoch; its SHA-256 stands in front of it."""
        content = _serialised(state | {"epochs": epochs})
        write_atomic(self._checkpoint, hashlib.sha256(content).digest() + content)
        self._write_epochs(epochs)

    def load_checkpoint(self) -> dict[str, Any] | None:
        """The state after the last complete epoch, or None where there is none.

        Raises:
            StoreError: the file is damaged.
        """
        if not self._checkpoint.is_file():
            return None
        try:
            content = self._checkpoint.read_bytes()
        except OSError as error:
            raise StoreError(f"can't read {self._checkpoint}: {error.strerror}") from error
        digest, content = content[:DIGEST_BYTES], content[DIGEST_BYTES:]
        if hashlib.sha256(content).digest() != digest:
            raise StoreError(
                f"{self._checkpoint} is damaged (its checksum does not fit):"
                " delete it to train this run from the start"
            )
        return torch.load(io.BytesIO(content), weights_only=True)

    def finish(
        self, record: dict[str, Any], epochs: list[dict[str, Any]], weights: dict[str, Any]
    ) -> None:
        """Keeps metrics, weights and the record, in this order, and drops the checkpoint."""
        self._write_epochs(epochs)
        write_atomic(self.weights, _serialised(weights))
        write_json(self._record, record)
        self._checkpoint.unlink(missing_ok=True)

    def load_weights(self) -> dict[str, torch.Tensor]:
        """The state dict of the final network of a finished run, on the CPU.

        Raises:
            StoreError: it is not there, or damaged.
        """
        if not self.weights.is_file():
            raise StoreError(
                f"{self.folder} has no {self.weights.name} (run records that were committed come"
                " without): move the folder away and train the run again"
            )
        try:
            return torch.load(self.weights, map_location="cpu", weights_only=True)
        except Exception as error:  # torch has many ways to fail on a damaged file
            raise StoreError(f"{self.weights} is damaged: train the run again") from error

    def record(self) -> dict[str, Any]:
        return read_json(self._record)

    def files(self) -> dict[str, bytes]:
        """All there is of this run, by name, to take it to another machine; see ``receive``."""
        return {path.name: path.read_bytes() for path in self.folder.glob("[!.]*")}

    def receive(self, files: dict[str, bytes]) -> None:
        """Writes what another machine has of this run, the record last; a finished run is whole."""
        for name in sorted(files, key=self._record.name.__eq__):
            write_atomic(self.folder / name, files[name])
        if self.finished:
            self._checkpoint.unlink(missing_ok=True)

    def epochs(self) -> list[dict[str, Any]]:
        """Metrics of every complete epoch, oldest first."""
        path = self.folder / "epochs.jsonl"
        if not path.is_file():
            return []
        try:
            epochs = [json.loads(line) for line in path.read_text().splitlines()]
            _check(epochs, EPOCH)
        except (OSError, ValueError) as error:
            raise StoreError(f"can't read {path} ({error}): move it away") from error
        return epochs

    def _write_epochs(self, epochs: list[dict[str, Any]]) -> None:
        lines = "".join(json.dumps(epoch) + "\n" for epoch in epochs)
        write_atomic(self.folder / "epochs.jsonl", lines)


class Follower(Run):
    """A run of several ranks as all but the first see it: they read it and write nothing."""

    @contextmanager
    def claimed(self) -> Iterator[None]:
        yield

    def begin(self, settings: Settings) -> None:
        """Left to the first rank."""

    def save_checkpoint(self, state: dict[str, Any], epochs: list[dict[str, Any]]) -> None:
        """Left to the first rank."""

    def finish(
        self, record: dict[str, Any], epochs: list[dict[str, Any]], weights: dict[str, Any]
    ) -> None:
        """Left to the first rank."""


def _check(found: list[Any], fields: dict[str, Any]) -> None:
    """Raises ValueError unless all are objects that have these fields, of these types."""
    for content in found:
        for name, kind in fields.items():
            if not isinstance(content, dict) or not isinstance(content.get(name), kind):
                raise ValueError(f"no {name}, or none that can be read")


def _serialised(state: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    torch.save(state, buffer)
    return buffer.getvalue()


@dataclass(frozen=True)
class Store:
    """A folder of runs, each under the name that the hash of its settings gives."""

    root: Path

    def run(self, settings: Settings) -> Run:
        return Run(self.root / settings.name)

    def runs(self) -> Iterator[Run]:
        """All runs, finished or not, by name."""
        for path in sorted(self.root.glob("*/settings.json")):
            yield Run(path.parent)

    def seeds(self, settings: Settings) -> list[Run]:
        """The finished runs with these settings, whatever their seed, in the order of seeds."""
        return self._by_family().get(settings.with_seed(0), [])

    def _by_family(self) -> dict[Settings, list[Run]]:
        families: dict[Settings, list[tuple[int, Run]]] = {}
        for run in self.runs():
            if run.finished:
                settings = run.settings()
                families.setdefault(settings.with_seed(0), []).append((settings.seed, run))
        return {
            family: [run for _, run in sorted(members, key=lambda member: member[0])]
            for family, members in families.items()
        }
