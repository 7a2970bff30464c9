"""The official files, as torchvision reads and fetches them."""

import socket
from http.client import HTTPException
from pathlib import Path
from typing import Any

from reproduce.errors import DataError

PATIENCE = 20  # seconds without a byte


def splits(name: str, root: Path, download: bool) -> tuple[Any, Any]:
    """Training and test part of the class ``name`` of torchvision.datasets, from below ``root``.

    Args:
        download: fetches what is missing or damaged there.

    Raises:
        DataError: torchvision can't be used, the files are damaged, or there is no network.
    """
    try:
        from torchvision import datasets
    # torchvision raises RuntimeError when it doesn't fit the torch beside it.
    except (ImportError, RuntimeError) as error:
        raise DataError(
            f"{name} needs a torchvision that fits the torch beside it ({_line(error)});"
            " or name another folder with --data-dir"
        ) from error
    patience = socket.getdefaulttimeout()
    socket.setdefaulttimeout(PATIENCE)
    try:
        kind = getattr(datasets, name)
        return tuple(kind(str(root), train=train, download=download) for train in (True, False))
    except (OSError, RuntimeError, HTTPException) as error:
        if download:
            problem = f"{name} can't be downloaded ({_line(error)}); name a folder with --data-dir"
        else:
            problem = f"{name} in {root} can't be read ({_line(error)}): fetch it again"
        raise DataError(problem) from error
    finally:
        socket.setdefaulttimeout(patience)


def _line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
