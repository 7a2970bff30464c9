"""CIFAR-10: folders, archives, and the cache; damaged and hostile input."""

import io
import os
import shutil
import struct
import sys
import tarfile
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from reproduce.data import ENVIRONMENT, cifar10, image_folder, load
from reproduce.data.cifar10 import CLASSES
from reproduce.errors import DataError

PER_CLASS = {"train": 3, "test": 2}
pytestmark = pytest.mark.usefixtures("elsewhere")


def encoded(pixels, kind="PNG"):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()


def small_set(kind="PNG"):
    """A file's content by its name: a few noise images for each class."""
    rng = np.random.default_rng(0)
    return {
        f"{split}/{name}/{number:04}.{kind.lower()}": encoded(
            rng.integers(0, 256, (32, 32, 3), dtype=np.uint8), kind
        )
        for split, count in PER_CLASS.items()
        for name in CLASSES
        for number in range(count)
    }


def write_folder(root, files):
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)


def write_archive(path, files):
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        return
    with tarfile.open(path, "w" if path.suffix == ".tar" else "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


@pytest.fixture
def files():
    return small_set()


def load_archive(files, name="cifar10.tar.gz"):
    write_archive(Path(name), files)
    return load("cifar10", name)


def test_folder_and_every_kind_of_archive_give_the_same_images(files, tmp_path, monkeypatch):
    write_folder(tmp_path / "a", files)
    data = load("cifar10", "a")
    assert data.train_x.shape == (30, 3, 32, 32) and data.train_x.dtype == torch.uint8
    assert (
        data.train_y.tolist() == sorted(list(range(10)) * 3) and data.train_y.dtype == torch.int64
    )
    assert data.test_x.shape == (20, 3, 32, 32)
    assert data.name == "cifar10_format"
    assert data.title == f"images in CIFAR-10's format (PNG, fingerprint {data.fingerprint})"
    assert data.train_x.is_contiguous(memory_format=torch.channels_last)
    with Image.open(io.BytesIO(files["test/bird/0001.png"])) as image:
        assert torch.equal(data.test_x[5].permute(1, 2, 0), torch.from_numpy(np.array(image)))
    write_folder(tmp_path / "b" / "cifar10", files)
    assert load("cifar10", "b").fingerprint == data.fingerprint
    backwards = {f"./top/{name}": content for name, content in reversed(files.items())}
    for suffix in image_folder.ARCHIVES:
        folder = tmp_path / suffix
        folder.mkdir()
        write_archive(folder / f"cifar10{suffix}", backwards)
        assert load("cifar10", str(folder)).fingerprint == data.fingerprint
        named = shutil.copy(folder / f"cifar10{suffix}", tmp_path / f"other{suffix}")
        monkeypatch.setenv(ENVIRONMENT, str(named))
        assert load("cifar10").fingerprint == data.fingerprint


def test_jpeg_is_named_and_close_to_the_original(monkeypatch):
    smooth = np.linspace(40, 200, 32 * 32 * 3).reshape(32, 32, 3).astype(np.uint8)
    data = load_archive({name: encoded(smooth, "JPEG") for name in small_set("JPEG")})
    assert data.title.startswith("images in CIFAR-10's format (JPEG, ")
    monkeypatch.setattr(cifar10, "JPEG_FINGERPRINT", data.fingerprint)
    data = load("cifar10", "cifar10.tar.gz")
    assert (data.name, data.title) == ("cifar10", "CIFAR-10 (JPEG)")
    assert (
        data.train_x[0].permute(1, 2, 0).int() - torch.from_numpy(smooth).int()
    ).abs().max() < 16


def test_images_are_decoded_once_and_a_damaged_cache_is_made_again(files, monkeypatch):
    fingerprint = load_archive(files).fingerprint
    (cache,) = Path("data/cache").iterdir()
    intact = cache.read_bytes()
    for place in (len(intact) // 2, len(intact) - 400, 3):
        damaged = bytearray(intact)
        damaged[place] ^= 1
        cache.write_bytes(damaged)
        assert load("cifar10", "cifar10.tar.gz").fingerprint == fingerprint
        assert cache.read_bytes() == intact
    cache.write_bytes(intact[:5000])
    assert load("cifar10", "cifar10.tar.gz").fingerprint == fingerprint
    monkeypatch.setattr(image_folder, "read", None)
    again = load("cifar10", "cifar10.tar.gz")
    assert again.fingerprint == fingerprint and "PNG" in again.title


def test_a_changed_folder_is_read_again(files, tmp_path):
    write_folder(tmp_path / "a", files)
    before = load("cifar10", "a").fingerprint
    (tmp_path / "a/train/cat/0000.png").write_bytes(files["train/dog/0000.png"] + b"\0")
    assert load("cifar10", "a").fingerprint != before


def test_a_cache_that_cannot_be_written_does_not_matter(files):
    Path("data").write_text("in the way")
    assert len(load_archive(files).train_x) == 30


def test_what_is_no_image_is_passed_over(files):
    expected = load_archive(files, "plain.zip").fingerprint
    more = {
        "README.md": b"about",
        "train/README.txt": b"about",
        "train/cat/Thumbs.db": b"",
        "train/cat/._0000.png": b"no image",
        "__MACOSX/train/cat/._0001.png": b"no image",
        "a/b/train/cat/0000.png": b"too deep",
    }
    assert load_archive(files | more, "more.zip").fingerprint == expected
    write_folder(Path("folder"), files | more)
    assert load("cifar10", "folder").fingerprint == expected


def test_links_devices_and_paths_out_of_the_archive_write_and_read_nothing(files, tmp_path):
    expected = load_archive(files, "plain.tar").fingerprint
    secret = tmp_path / "secret.png"
    secret.write_bytes(files["train/cat/0000.png"])
    with tarfile.open("cifar10.tar", "w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        kinds = (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE)
        for number, kind in enumerate(kinds):
            member = tarfile.TarInfo(f"train/cat/9{number}.png")
            member.type, member.linkname = kind, str(secret)
            archive.addfile(member)
        member = tarfile.TarInfo("../../escaped/9.png")
        member.size = 3
        archive.addfile(member, io.BytesIO(b"abc"))
    before = set(tmp_path.parent.rglob("*"))
    assert load("cifar10", "cifar10.tar").fingerprint == expected
    new = set(tmp_path.parent.rglob("*")) - before
    assert all(path.is_relative_to(tmp_path / "data") for path in new)


def _sized(width=32, height=32, mode="RGB", kind="PNG"):
    buffer = io.BytesIO()
    Image.new(mode, (width, height)).save(buffer, kind)
    return buffer.getvalue()


def _bomb():
    """A small file whose header says that it holds 81 million pixels."""
    content = bytearray(_sized())
    content[16:24] = struct.pack(">II", 9000, 9000)
    content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
    return bytes(content)


def _without(files, prefix):
    for name in list(files):
        if name.startswith(prefix):
            del files[name]


def _truncated(files):
    files["train/deer/0002.png"] = files["train/deer/0002.png"][:700]


@pytest.mark.parametrize("kind", ["archive", "folder"])
@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda f: _without(f, "test/ship"), "no images .* in test/ship"),
        (lambda f: _without(f, "test"), "no images .* in test/airplane, test/automobile"),
        (_truncated, "train/deer/0002.png is a broken image"),
        (
            lambda f: f.update({"train/frog/7.jpg": _sized(kind="BMP")}),
            "frog/7.jpg .*no JPEG or PNG",
        ),
        (lambda f: f.update({"train/frog/7.jpg": b""}), "frog/7.jpg .*no JPEG or PNG"),
        (lambda f: f.update({"test/cat/7.png": _sized(width=28)}), "cat/7.png is 28x32 RGB; 32x32"),
        (lambda f: f.update({"test/cat/7.png": _sized(mode="L")}), "32x32 grey-scale; 32x32 RGB"),
        (lambda f: f.update({"test/cat/7.png": _sized(mode="RGBA")}), "RGBA; 32x32 RGB"),
        (lambda f: f.update({"test/cat/7.png": _bomb()}), "cat/7.png is 9000x9000"),
        (lambda f: f.update({"test/cat/7.png": bytes(1_000_001)}), "cat/7.png has 1,000,001 bytes"),
        (lambda f: f.update({"train/zebra/1.png": b""}), "train/zebra/1.png is in none of the 10"),
    ],
)
def test_bad_input_is_named_and_leaves_nothing(files, damage, words, kind):
    damage(files)
    if kind == "folder":
        write_folder(Path("folder"), files)
        (Path("folder/test/ship")).mkdir(exist_ok=True, parents=True)
    with pytest.raises(DataError, match=words) as caught:  # noqa: PT012 (one of the two)
        if kind == "folder":
            load("cifar10", "folder")
        load_archive(files)
    assert len(str(caught.value).splitlines()) == 1
    assert not Path("data").exists()


def test_more_images_than_cifar10_has_are_refused(files, monkeypatch):
    monkeypatch.setattr("reproduce.data.cifar10.IMAGES", 49)
    with pytest.raises(DataError, match="more than the 49 images"):
        load_archive(files)


def test_a_zip_that_lies_about_a_size_is_not_unpacked():
    name, size = "train/cat/7.png", 20_000_000
    with zipfile.ZipFile("cifar10.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, bytes(size))
    content = Path("cifar10.zip").read_bytes()
    small = content.replace(struct.pack("<I", size), struct.pack("<I", 1000))
    assert content.count(struct.pack("<I", size)) == 2
    Path("cifar10.zip").write_bytes(small)
    tracemalloc.start()
    with pytest.raises(DataError, match="CRC"):
        load("cifar10", "cifar10.zip")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2_000_000


def test_a_file_that_cannot_be_read_is_named(files, monkeypatch):
    write_folder(Path("folder"), files)

    def denied(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", denied)
    with pytest.raises(DataError, match=r"folder can't be read: .*test/airplane/0000\.png"):
        load("cifar10", "folder")


@pytest.mark.parametrize("suffix", image_folder.ARCHIVES)
def test_damaged_archives_are_named(files, suffix):
    path = Path(f"cifar10{suffix}")
    write_archive(path, files)
    intact = path.read_bytes()
    end = len(intact.rstrip(b"\0")) - 4
    for content in (b"", b"no archive at all" * 99, intact[: end // 2], intact[:end]):
        path.write_bytes(content)
        with pytest.raises(DataError, match=f"cifar10{suffix} .*(damaged|broken|no images)"):
            load("cifar10", str(path))
    assert not Path("data").exists()


def test_a_damaged_header_in_the_middle_is_not_taken_for_the_end(files):
    write_archive(Path("cifar10.tar"), files)
    content = bytearray(Path("cifar10.tar").read_bytes())
    content[content.index(b"test/truck/0001.png")] ^= 1
    Path("cifar10.tar").write_bytes(content)
    with pytest.raises(DataError, match="ends in the middle"):
        load("cifar10", "cifar10.tar")


def test_a_folder_without_cifar10_and_a_file_of_another_kind_are_named(tmp_path):
    with pytest.raises(DataError, match=r"no CIFAR-10 in .*expected cifar10\.tar\.gz"):
        load("cifar10", str(tmp_path))
    Path("notes.txt").write_text("no archive")
    with pytest.raises(DataError, match=r"notes\.txt is neither a folder nor an archive"):
        load("cifar10", "notes.txt")


def test_a_bar_is_shown_on_a_terminal_and_not_needed(files, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert len(load_archive(files).train_x) == 30
    shutil.rmtree("data")
    monkeypatch.setitem(sys.modules, "rich.console", None)
    assert len(load_archive(files).train_x) == 30


SHARED = Path(os.environ.get(ENVIRONMENT, "absent")).resolve() / "cifar10.tar.gz"


@pytest.mark.skipif(not SHARED.is_file(), reason="the whole archive is not at hand")
def test_the_whole_archive_has_all_images_in_its_members():
    keys = [key for key, _ in image_folder._contents(SHARED)]
    for split, count in (("train", 5000), ("test", 1000)):
        for name in CLASSES:
            assert sum(key[:2] == (split, name) for key in keys) == count
