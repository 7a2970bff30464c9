"""CIFAR-10 as its authors publish it: the binary and the Python version, found or fetched."""

import hashlib
import io
import struct
import tarfile
from pathlib import Path

import numpy as np
import pytest
import torch

from reproduce.data import cifar10, load
from reproduce.errors import DataError
from tests.reproduce.data.test_cifar10 import small_set, write_archive, write_folder

pytestmark = pytest.mark.usefixtures("elsewhere")


def official(train=2, test=3):
    """The binary version as its authors pack it, with few images: image n has pixel values n."""
    batches = dict.fromkeys(cifar10.BATCHES, train) | {"test_batch.bin": test}
    buffer, first = io.BytesIO(), 0
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, images in batches.items():
            content = b"".join(
                bytes([n % 10]) + b"".join(bytes([n + 50 * plane]) * 1024 for plane in range(3))
                for n in range(first, first + images)
            )
            first += images
            member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


@pytest.fixture
def published(monkeypatch):
    """The small archive in the place of the published one, which nobody serves yet."""
    content = official()
    monkeypatch.setattr(cifar10, "MD5", hashlib.md5(content).hexdigest())
    monkeypatch.setattr(cifar10, "ADDRESS", "http://127.0.0.1:9/nobody")
    return content


def test_the_official_archive_is_read_where_it_lies_and_else_fetched(
    published, served, tmp_path, monkeypatch
):
    (tmp_path / cifar10.OFFICIAL).write_bytes(published)
    data = load("cifar10", ".")
    assert (data.name, data.title) == ("cifar10", "CIFAR-10")
    assert data.train_y.tolist() == list(range(10)) and data.test_y.tolist() == [0, 1, 2]
    assert data.train_x[3, :, 5, 7].tolist() == [3, 53, 103] and data.test_x[2].min() == 12
    assert data.train_x.is_contiguous(memory_format=torch.channels_last)
    address = served({cifar10.OFFICIAL: published})
    monkeypatch.setattr(cifar10, "ADDRESS", address + cifar10.OFFICIAL)
    assert load("cifar10").fingerprint == data.fingerprint
    assert (tmp_path / "data" / cifar10.OFFICIAL).read_bytes() == published


def test_an_official_archive_that_is_another_is_named(published, tmp_path):
    (tmp_path / cifar10.OFFICIAL).write_bytes(published[:-1] + b"!")
    with pytest.raises(DataError, match="not the published file"):
        load("cifar10", ".")
    (tmp_path / "old").mkdir()
    with pytest.raises(DataError, match=r"or cifar-10-binary\.tar\.gz, or cifar-10-python"):
        load("cifar10", "old")
    with pytest.raises(DataError, match=r"can't be downloaded \(http.*: .*refused.*--data-dir"):
        load("cifar10")


def batch(pixels, labels):
    """A file of the Python version, instruction by instruction as its authors' Python 2 has it."""
    content = np.asarray(pixels, np.uint8).tobytes()
    text = lambda word: b"U" + bytes([len(word)]) + word  # noqa: E731
    return b"".join([
        b"\x80\x02}q\x01(", text(b"batch_label"), b"q\x02", text(b"training batch"), b"q\x03",
        text(b"labels"), b"q\x04]q\x05(", *(b"K" + bytes([label]) for label in labels), b"e",
        text(b"data"), b"cnumpy.core.multiarray\n_reconstruct\nq\x06cnumpy\nndarray\nq\x07",
        b"K\x00\x85", text(b"b"), b"\x87Rq\x08(K\x01M", struct.pack("<H", len(labels)),
        b"M\x00\x0c\x86cnumpy\ndtype\nq\x09", text(b"u1"), b"K\x00K\x01\x87Rq\x0a(K\x03",
        text(b"|"), b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89T",
        struct.pack("<I", len(content)), content, b"tb", text(b"filenames"), b"](", text(b"a.png"),
        text(b"b.png"), b"eu.",
    ])  # fmt: skip


def test_the_python_version_is_read_as_the_binary_one(published, tmp_path, monkeypatch):
    (tmp_path / cifar10.OFFICIAL).write_bytes(published)
    binary = load("cifar10", cifar10.OFFICIAL)
    files, first = {}, 0
    for name in cifar10.PICKLES:
        images = range(first, first + (3 if name == "test_batch" else 2))
        first = images.stop
        pixels = [[n + 50 * (place // 1024) for place in range(3072)] for n in images]
        files[f"{cifar10.PICKLED}/{name}"] = batch(pixels, [n % 10 for n in images])
    write_folder(tmp_path / "a", files)
    with pytest.raises(DataError, match="data_batch_1 is damaged, or not the published file"):
        load("cifar10", "a")
    digests = {name.rpartition("/")[2]: hashlib.md5(c).hexdigest() for name, c in files.items()}
    monkeypatch.setattr(cifar10, "PICKLES", digests)
    write_archive(tmp_path / cifar10.PYTHON, files)
    archive = (tmp_path / cifar10.PYTHON).read_bytes()
    monkeypatch.setattr(cifar10, "PYTHON_MD5", hashlib.md5(archive).hexdigest())
    for place in ("a", f"a/{cifar10.PICKLED}", cifar10.PYTHON):
        data = load("cifar10", place)
        assert (data.name, data.title) == ("cifar10", "CIFAR-10")
        assert data.fingerprint == binary.fingerprint
    (tmp_path / "a" / cifar10.PICKLED / "test_batch").unlink()
    with pytest.raises(DataError, match="test_batch can't be read"):
        load("cifar10", "a")


def test_archive_in_the_data_folder_saves_the_download(published):
    Path("data").mkdir()
    write_archive(Path("data/cifar10.tgz"), small_set())
    assert len(load("cifar10").test_x) == 20
