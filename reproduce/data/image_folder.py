"""Image folders, on disk or in an archive: train/<class>/<image> and test/<class>/<image>.

Archives are read in memory, member by member; nothing is ever extracted to disk.
"""

import hashlib
import io
import lzma
import stat
import struct
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from reproduce.errors import DataError

SPLITS = ("train", "test")
ARCHIVES = (".tar.gz", ".tgz", ".tar", ".zip")
IMAGES = (".jpg", ".jpeg", ".png")
MOST_BYTES = 1_000_000  # of one image file; 32x32 pixels need a few thousand
UNREADABLE = (
    *(tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(OSError, EOFError, ValueError, RuntimeError),
)

Key = tuple[str, str, str]  # split, class, file name


def read(source: Path, classes: Sequence[str], side: int, most: int) -> dict[str, np.ndarray]:
    """All images of a folder or archive, in the order of their names.

    Args:
        classes: names of the class folders; labels are places in this sequence.
        side: height and width that every image must have, in pixels.
        most: images in all, at most.

    Returns:
        ``train_x`` and ``test_x`` of shape (images, side, side, 3), ``train_y`` and ``test_y`` of
        shape (images,), all uint8, and ``jpeg``: whether any image was compressed with loss.

    Raises:
        DataError: something is damaged, missing, too much, or of the wrong kind.
    """
    images: dict[Key, bytes] = {}
    jpeg = False
    for key, content in _with_bar(_contents(source), most):
        name = "/".join(key)
        if key[1] not in classes:
            raise DataError(
                f"{source}: {name} is in none of the {len(classes)} classes: {', '.join(classes)}"
            )
        images[key], kind = decode(f"{source}: {name}", content, side)
        jpeg |= kind == "JPEG"
        if len(images) > most:
            raise DataError(f"{source} holds more than the {most:,} images that were expected")
    filled = {f"{split}/{kind}" for split, kind, _ in images}
    wanted = (f"{split}/{kind}" for split in SPLITS for kind in classes)
    empty = [folder for folder in wanted if folder not in filled]
    if empty:
        raise DataError(
            f"{source} has no images ({', '.join(IMAGES)}) in {', '.join(empty)}: put them there"
        )
    arrays = {"jpeg": np.array(jpeg)}
    for split in SPLITS:
        keys = sorted(key for key in images if key[0] == split)
        pixels = np.frombuffer(bytearray().join(images.pop(key) for key in keys), np.uint8)
        arrays[f"{split}_x"] = pixels.reshape(-1, side, side, 3)
        arrays[f"{split}_y"] = np.array([classes.index(key[1]) for key in keys], np.uint8)
    return arrays


def digest(source: Path) -> str:
    """SHA-256 of an archive, or of the names, sizes and times of change of a folder's images.

    Raises:
        DataError: the file or a folder can't be read.
    """
    try:
        if source.is_file():
            with open(source, "rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        listed = []
        for path in _image_files(source):
            state = path.stat()
            listed.append(f"{path.relative_to(source)} {state.st_size} {state.st_mtime_ns}")
    except OSError as error:
        raise DataError(f"{source} can't be read: {error}") from error
    return hashlib.sha256("\n".join(listed).encode()).hexdigest()


def decode(name: str, content: bytes, side: int) -> tuple[bytes, str]:
    """The pixels of one image, (side, side, 3) uint8, and its format, JPEG or PNG.

    Raises:
        DataError: it is broken, or of another size or colour; ``name`` says which it is.
    """
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as image:
            if image.size != (side, side) or image.mode != "RGB":
                colours = "grey-scale" if image.mode == "L" else image.mode
                raise DataError(
                    f"{name} is {image.width}x{image.height} {colours}; {side}x{side} RGB expected"
                )
            return image.tobytes(), str(image.format)
    except DataError:
        raise
    except Exception as error:  # Pillow raises errors of many kinds for broken files
        reason = "no JPEG or PNG" if isinstance(error, Image.UnidentifiedImageError) else error
        raise DataError(f"{name} is a broken image ({reason}): replace it") from error


def _contents(source: Path) -> Iterator[tuple[Key, bytes]]:
    if source.is_dir():
        reader = _from_folder
    else:
        reader = _from_zip if source.suffix == ".zip" else _from_tar
    try:
        yield from reader(source)
    except UNREADABLE as error:
        reason = str(error) or type(error).__name__
        if source.is_dir():
            raise DataError(f"{source} can't be read: {reason}") from error
        raise DataError(
            f"{source} is damaged, or not what its name says ({reason}): fetch it again"
        ) from error


def _image_files(source: Path) -> list[Path]:
    paths = (path for split in SPLITS for path in (source / split).glob("*/*"))
    return sorted(path for path in paths if _key(path.relative_to(source).as_posix()))


def _from_folder(source: Path) -> Iterator[tuple[Key, bytes]]:
    for path in _image_files(source):
        name = path.relative_to(source).as_posix()
        key = _key(name)
        if key and path.is_file():
            _check_size(source, name, path.stat().st_size)
            yield key, path.read_bytes()


def _from_tar(source: Path) -> Iterator[tuple[Key, bytes]]:
    with tarfile.open(source, "r:" if source.suffix == ".tar" else "r:gz") as archive:
        for member in archive:
            key = _key(member.name)
            file = archive.extractfile(member) if member.isreg() else None
            if key and file:
                _check_size(source, member.name, member.size)
                yield key, file.read()
        # Python takes a damaged header for the end; the real end is a block of zeros, and reading
        # on to the last byte checks the checksum of gzip.
        archive.fileobj.seek(archive.offset)
        if archive.fileobj.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
            raise tarfile.ReadError("it ends in the middle")
        while archive.fileobj.read(MOST_BYTES):
            pass


def _from_zip(source: Path) -> Iterator[tuple[Key, bytes]]:
    with zipfile.ZipFile(source) as archive:
        for member in archive.infolist():
            key = _key(member.filename)
            if key and stat.S_IFMT(member.external_attr >> 16) in (0, stat.S_IFREG):
                _check_size(source, member.filename, member.file_size)
                with archive.open(member) as file:
                    # Asked for no number, zipfile would unpack all before it sees a false size.
                    yield key, file.read(member.file_size)


def _key(name: str) -> Key | None:
    """Split, class and file name; None for what is no image of a data set, or is hidden."""
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if len(parts) not in (3, 4):  # an archive may hold it all in one folder
        return None
    split, kind, file = parts[-3:]
    hidden = file.startswith(".") or kind.startswith(".")
    known = split in SPLITS and file.lower().endswith(IMAGES)
    return (split, kind, file) if known and not hidden else None


def _check_size(source: Path, name: str, size: int) -> None:
    if size > MOST_BYTES:
        raise DataError(f"{source}: {name} has {size:,} bytes, too many for a small image")


def _with_bar(contents: Iterable[Any], total: int) -> Iterable[Any]:
    """Goes through the images, with a bar on a terminal."""
    if not sys.stderr.isatty():
        return contents
    try:
        from rich.console import Console
        from rich.progress import track
    except ImportError:
        return contents
    return track(contents, "decoding images", total, console=Console(stderr=True), transient=True)
