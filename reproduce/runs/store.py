"""Where results lie and under which name; every write is atomic, and damage is found out."""

import fcntl
import hashlib
import io
import json
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import torch

from reproduce.errors import BusyError, StoreError, UserError, from_extra
from reproduce.files import read_json, within, write_atomic, write_json
from reproduce.runs.agreement import between, contradictions
from reproduce.runs.loaded import Loaded, Trained
from reproduce.runs.record import Epoch, Record, epoch_of, read, settings_of, to_json
from reproduce.runs.settings import Settings

LOG = logging.getLogger("parsimony")
DIGEST_BYTES = 32
MARKS = ("settings.json", "record.json")
ENDINGS = (".json", ".jsonl", ".pt", ".safetensors")  # of the files of a run


@dataclass(frozen=True)
class Run:
    """The folder of one run.

    ``settings.json`` is written first, ``record.json`` last: a run with a record is finished.
    Weights and checkpoints are PyTorch files that load with ``weights_only=True``. Nothing in it
    is a link, nor is it one: what is read or written here is this run's and nobody else's.
    """

    folder: Path

    @property
    def finished(self) -> bool:
        """Whether there is a record, or whatever stands in its place: to read it finds that out."""
        return self._record in within(self.folder)

    @property
    def written(self) -> float:
        """When the metrics were written last, in seconds since the epoch; 0 if never."""
        path = self.folder / "epochs.jsonl"
        return path.stat().st_mtime if path.is_file() else 0.0

    @property
    def _record(self) -> Path:
        return self.folder / "record.json"

    @property
    def _checkpoint(self) -> Path:
        return self.folder / "checkpoint.pt"

    @property
    def _previous(self) -> Path:
        return self.folder / "checkpoint.previous.pt"

    @property
    def weights(self) -> Path:
        """The file of the final weights; those that are committed are safetensors."""
        committed = self.folder / "weights.safetensors"
        return committed if committed.is_file() else self._own_weights

    @property
    def _own_weights(self) -> Path:
        return self.folder / "weights.pt"

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Keeps other processes from training this run; a process that dies lets go of it.

        Raises:
            BusyError: another process has it.
            StoreError: the folder can't be made.
        """
        self._require_own()
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
            self._sweep_up()
            yield
        finally:
            os.close(handle)

    def _require_own(self) -> None:
        """Raises StoreError where the folder or a file in it is a link, or a file is none."""
        for path in (self.folder, *within(self.folder)):
            if path.is_symlink():
                raise StoreError(
                    f"{path} is a link, and a run has a folder and files of its own: put what it"
                    " points to in its place"
                )
            if path.suffix in ENDINGS and not path.is_file():
                raise StoreError(f"{path} is no file: move it away")

    def _sweep_up(self) -> None:
        """Removes what a process that was killed had half written."""
        for temporary in self.folder.glob(".*.[0-9]*"):
            with suppress(OSError):  # it is in nobody's way
                temporary.unlink()

    def begin(self, settings: Settings, epochs: Sequence[Epoch] = ()) -> None:
        """Writes the settings, and the metrics of the epochs that the run goes on from.

        Both may be damaged, or ahead of the checkpoint.
        """
        write_json(self.folder / "settings.json", settings.to_dict())
        self._write_epochs(epochs)

    def settings(self) -> Settings:
        """Raises StoreError when they are damaged, of another schema, or of another run."""
        self._require_own()
        path = self.folder / "settings.json"
        content = read_json(path)
        try:
            settings = settings_of(content)
        except ValueError as error:
            raise StoreError(f"{path} holds {error}") from error
        if settings.name != self.folder.name:
            raise StoreError(
                f"{self.folder} holds the settings of {settings.name}: it was copied or edited;"
                " move it away"
            )
        return settings

    def save_checkpoint(self, state: dict[str, Any], epochs: Sequence[Epoch]) -> None:
        """Saves the state, its SHA-256 in front, and keeps the one before."""
        content = _serialised(state | {"epochs": [to_json(epoch) for epoch in epochs]})
        content = hashlib.sha256(content).digest() + content
        write_atomic(self._checkpoint, content, self._previous)
        self._write_epochs(epochs)

    def load_checkpoint(self) -> dict[str, Any] | None:
        """The last state that is intact, its ``epochs`` among it, or None where there is none.

        What is damaged is set aside, never deleted, and one line says so.

        Raises:
            StoreError: a file can't be read, or not be set aside.
        """
        state, damaged = None, []
        for path in filter(Path.is_file, (self._checkpoint, self._previous)):
            state = _intact(path)
            if state is not None:
                break
            damaged.append(f"{path.name} (now {self._set_aside(path).name})")
        if damaged:
            then = "going on from the one before" if state else "starting anew"
            LOG.warning(f"{self.folder}: damaged and set aside: {', '.join(damaged)}; {then}")
        return state

    def _set_aside(self, path: Path) -> Path:
        names = (path.with_name(f"{path.name}.{number}.damaged") for number in count(1))
        aside = next(name for name in names if not name.exists())
        try:
            return path.rename(aside)
        except OSError as error:
            raise StoreError(
                f"{path} is damaged, and can't be set aside: {error.strerror}"
            ) from error

    def finish(self, record: Record, epochs: Sequence[Epoch], weights: dict[str, Any]) -> None:
        """Keeps metrics, weights and the record, in this order, and drops the checkpoints."""
        self._write_epochs(epochs)
        content = _serialised(weights)
        write_atomic(self._own_weights, content)
        checked = replace(record, weights_sha256=hashlib.sha256(content).hexdigest())
        write_json(self._record, to_json(checked))
        self._drop_checkpoints()

    def _drop_checkpoints(self) -> None:
        for path in (self._checkpoint, self._previous):
            path.unlink(missing_ok=True)

    def load_weights(self) -> dict[str, torch.Tensor]:
        """The state dict of the final network of a finished run, on the CPU.

        Raises:
            StoreError: it is not there, or damaged.
            UserError: it is safetensors, and the extra ``export`` is not installed.
        """
        safe = self.weights.suffix == ".safetensors"
        if safe:
            safetensors = from_extra("export", "safetensors.torch", "reading committed weights")
        expected = self.trained().record.weights_sha256  # records of before have none
        if not self.weights.is_file():
            raise StoreError(
                f"{self.folder} has no {self.weights.name} (most run records that were"
                " committed come without): move the folder away and train the run again"
            )
        try:
            content = self.weights.read_bytes()
            if expected not in (None, hashlib.sha256(content).hexdigest()):
                raise ValueError("its checksum does not fit")
            if safe:
                return safetensors.load(content)
            return torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
        except Exception as error:  # torch has many ways to fail on a damaged file
            raise StoreError(
                f"{self.weights} is damaged: move {self.folder} away and train the run again"
            ) from error

    def record(self) -> Record:
        """Raises StoreError when it can't be read, or is none."""
        content = read_json(self._record)
        try:
            return read(Record, content)
        except ValueError as error:
            raise StoreError(f"{self._record} is no record of a run ({error})") from error

    def trained(self) -> Trained:
        """All that is known of this finished run.

        Raises:
            StoreError: a file can't be read, or two of them contradict each other.
        """
        settings, record, epochs = self.settings(), self.record(), self.epochs()
        for what in contradictions(settings, record, epochs):
            raise StoreError(f"{self.folder} was mixed up or edited: {what}; move it away")
        return Trained(self.folder, record, epochs)

    def files(self) -> dict[str, bytes]:
        """All there is of this run, by name, to take it to another machine; see ``receive``."""
        return {path.name: path.read_bytes() for path in self.folder.glob("[!.]*")}

    def receive(self, files: dict[str, bytes]) -> None:
        """Writes what another machine has of this run, the record last; a finished run is whole."""
        for name in sorted(files, key=self._record.name.__eq__):
            write_atomic(self.folder / name, files[name])
        if self.finished:
            self._drop_checkpoints()

    def epochs(self) -> list[Epoch]:
        """Metrics of every complete epoch, oldest first. Raises StoreError for a damaged file."""
        path = self.folder / "epochs.jsonl"
        if not path.is_file():
            return []
        try:
            return [epoch_of(json.loads(line)) for line in path.read_text().splitlines()]
        except (OSError, ValueError, RecursionError) as error:
            raise StoreError(f"can't read {path} ({error}): move it away") from error

    def _write_epochs(self, epochs: Sequence[Epoch]) -> None:
        lines = "".join(json.dumps(to_json(epoch)) + "\n" for epoch in epochs)
        write_atomic(self.folder / "epochs.jsonl", lines)


class Follower(Run):
    """A run of several ranks as all but the first see it: they read it and write nothing."""

    @contextmanager
    def claimed(self) -> Iterator[None]:
        yield

    def begin(self, settings: Settings, epochs: Sequence[Epoch] = ()) -> None:
        """Left to the first rank."""

    def _set_aside(self, path: Path) -> Path:
        """Left to the first rank; this one reads the same state, whether or not that is done."""
        return path

    def save_checkpoint(self, state: dict[str, Any], epochs: Sequence[Epoch]) -> None:
        """Left to the first rank."""

    def finish(self, record: Record, epochs: Sequence[Epoch], weights: dict[str, Any]) -> None:
        """Left to the first rank."""


def _intact(path: Path) -> dict[str, Any] | None:
    """The state in a checkpoint, or None where it is damaged."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StoreError(f"can't read {path}: {error.strerror}") from error
    digest, content = content[:DIGEST_BYTES], content[DIGEST_BYTES:]
    if hashlib.sha256(content).digest() != digest:
        return None
    try:
        # The accelerator that saved it need not be here; what was there goes to where it is loaded.
        state = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except MemoryError:
        raise
    except Exception:  # torch has many ways to fail; whatever this is, it is no checkpoint
        return None
    if not isinstance(state, dict) or "epochs" not in state:
        return None
    try:
        return state | {"epochs": [epoch_of(epoch) for epoch in state["epochs"]]}
    except ValueError:
        return None


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
        for folder in _folders(self.root):
            yield Run(folder)

    def load(self) -> Loaded:
        """All finished runs, with all that tables and figures need of them.

        Raises:
            StoreError: one of them can't be read; the message names its file.
        """
        done = [run.trained() for run in self.runs() if run.finished]
        first: dict[tuple[Any, ...], Trained] = {}
        for run in done:
            data, *start = run.settings.dataset, run.settings.network, run.settings.widths
            for alike in ((data,), (data, *start)):
                other = first.setdefault(alike, run)
                for what in between(run.record, other.record):
                    raise StoreError(
                        f"{run.folder} and {other.folder} {what}, and can't be in one table: move"
                        " one of them away"
                    )
        return Loaded(done)

    def finished(self, settings: Settings, fingerprint: str) -> bool:
        """Whether there is this run, finished, on the data that have this fingerprint.

        Raises:
            StoreError: it is finished on other data, or contradicts itself.
        """
        run = self.run(settings)
        if not run.finished:
            return False
        made = run.trained().record.provenance
        if made.fingerprint != fingerprint:
            raise StoreError(
                f"{run.folder} is of other data ({made.data}, fingerprint {made.fingerprint}; now"
                f" {fingerprint}): use the same, or move the folder away"
            )
        return True


def every(results: Path) -> list[Run]:
    """All runs in the folders of a results folder, by name.

    Raises:
        UserError: there is no such folder, or one in it can't be looked into.
    """
    if not results.is_dir():
        raise UserError(f"there is no folder {results}: name the one of the results by --results")
    collections = [path for path in within(results) if path.is_dir()]
    roots = [*collections, *(path / "runs" for path in collections)]
    return [Run(folder) for root in roots for folder in _folders(root)]


def _folders(root: Path) -> list[Path]:
    """The folders in one that hold a run, or what is left of one, by name."""
    return [
        folder
        for folder in within(root)
        if folder.is_dir() and any(path.name in MARKS for path in within(folder))
    ]
