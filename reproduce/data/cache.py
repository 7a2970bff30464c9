"""Decoded images, kept so that they are decoded once."""

import hashlib
import io
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from reproduce.errors import StoreError
from reproduce.files import write_atomic

CHECKSUM = "sha256"  # the entry that holds the checksum of all others
DAMAGED = (OSError, EOFError, ValueError, KeyError, RuntimeError, MemoryError, zipfile.BadZipFile)


def load(path: Path) -> dict[str, np.ndarray] | None:
    """The arrays of a cache file, or None where there is none or it is damaged."""
    try:
        # NumPy would leave a damaged file open that it has opened itself.
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as content:
            arrays = dict(content)
        intact = arrays.pop(CHECKSUM).tobytes() == _checksum(arrays)
    except DAMAGED:
        return None
    return arrays if intact else None


def save(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Keeps the arrays, whole or not at all; without them, images are only decoded again."""
    buffer = io.BytesIO()
    entries: dict[str, Any] = {**arrays, CHECKSUM: np.frombuffer(_checksum(arrays), np.uint8)}
    np.savez(buffer, **entries)
    with suppress(StoreError):  # a folder that can't be written, or a full disk: no reason to stop
        write_atomic(path, buffer.getbuffer())


def _checksum(arrays: dict[str, np.ndarray]) -> bytes:
    """SHA-256 of the names, shapes and contents of arrays."""
    digest = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        digest.update(f"{name} {array.dtype} {array.shape}\n".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.digest()
