"""Files are written whole or not at all, and JSON that can't be read is said in one line."""

import json
import os
from pathlib import Path
from typing import Any

from reproduce.errors import StoreError


def write_atomic(
    path: Path, content: bytes | memoryview | str, previous: Path | None = None
) -> None:
    """Writes a file whole or not at all: temporary file, fsync, rename.

    Args:
        path: of the file.
        content: all of it.
        previous: where to keep what is there now; at any moment one of the two files is whole.

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
            if previous and path.exists():
                os.replace(path, previous)
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
    except (OSError, ValueError, RecursionError) as error:
        raise StoreError(f"can't read {path} ({error}): move it away and run again") from error


def within(folder: Path) -> list[Path]:
    """All there is in a folder, by name; nothing where there is none.

    Raises:
        StoreError: it can't be looked into, and what is there would be missing without a word.
    """
    try:
        return sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise StoreError(f"can't look into {folder}: {error.strerror}") from error


def require_writable(folder: Path) -> None:
    """Makes a folder if need be: what ends there is begun only where it can be kept.

    Raises:
        StoreError: it can't be made, or not be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"can't make the folder {folder}: {error.strerror}") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StoreError(f"can't write to the folder {folder}: choose another by --results")
