"""Official files from the net, each checked against the digest that their authors published."""

import hashlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from reproduce.errors import DataError
from reproduce.files import write_atomic

PATIENCE = 20  # seconds without a byte
PIECE = 1 << 20  # bytes read at once


def fetch(urls: Sequence[str], path: Path, md5: str, size: int) -> None:
    """Downloads one file: the first answer of ``urls`` that is what was published.

    Args:
        path: where it goes, whole or not at all.
        md5: hexadecimal digest of the published file.
        size: its length in bytes; what is longer is not read to its end.

    Raises:
        DataError: none of the addresses gives it; the message has the reason of each.
        StoreError: the folder can't be written.
    """
    reasons = []
    for url in urls:
        try:
            content = _answer(url, size)
        except (OSError, HTTPException, ValueError) as error:
            reasons.append(f"{url}: {(str(error).splitlines() or [type(error).__name__])[0]}")
            continue
        if is_published(content, md5):
            return write_atomic(path, content)
        reasons.append(f"{url}: {len(content):,} bytes that are not the published file")
    raise DataError(
        f"{path.name} can't be downloaded ({'; '.join(reasons)}): name a folder that holds the data"
        " with --data-dir"
    )


def is_published(content: bytes, md5: str) -> bool:
    """Whether a file is the one whose MD5 its authors gave: it tells files apart, not forgers."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest() == md5


def _answer(url: str, size: int) -> bytes:
    with urlopen(url, timeout=PATIENCE) as answer, _bar(url.rpartition("/")[2], size) as advance:
        content = bytearray()
        while len(content) <= size and (piece := answer.read(PIECE)):
            content += piece
            advance(len(piece))
    return bytes(content)


@contextmanager
def _bar(name: str, size: int) -> Iterator[Any]:
    """What to call with the bytes that have come; a bar on a terminal."""
    if not sys.stderr.isatty():
        yield lambda arrived: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    columns = (TextColumn("fetching {task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task(name, total=size)
        yield lambda arrived: bars.advance(task, arrived)
