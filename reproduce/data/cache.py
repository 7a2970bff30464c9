"""Decoded images, kept so that they are decoded once."""

import io
import zipfile
from pathlib import Path

import numpy as np

from reproduce.errors import StoreError
from reproduce.store import write_atomic


def load(path: Path) -> dict[str, np.ndarray] | None:
    """The arrays of a cache file, or None where there is none or it is damaged."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return dict(arrays)  # reads all, which checks each array's CRC-32
    except (OSError, EOFError, ValueError, zipfile.BadZipFile):
        return None


def save(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Keeps the arrays, whole or not at all; without it they are only decoded again."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    try:
        write_atomic(path, buffer.getbuffer())
    except StoreError:
        pass  # a folder that can't be written, or a full disk, is no reason to stop
