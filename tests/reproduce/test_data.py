"""Data: the real formats, the fingerprint, batches and splits, and damaged files."""

import gzip
import shutil

import pytest
import torch

from reproduce.data import ENVIRONMENT, load
from reproduce.errors import DataError


@pytest.fixture
def folder(mnist_folder, tmp_path):
    """A copy of the small MNIST folder, to be damaged."""
    shutil.copytree(mnist_folder, tmp_path / "copy")
    return tmp_path / "copy"


def test_reads_idx_files_plain_and_packed_and_by_the_environment(folder, monkeypatch):
    plain = load("mnist", str(folder))
    assert plain.train_x.shape == (320, 1, 28, 28) and plain.train_x.dtype == torch.uint8
    assert plain.test_y.shape == (160,) and plain.test_y.dtype == torch.int64
    raw = folder / "MNIST" / "raw"
    for path in list(raw.iterdir()):
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    monkeypatch.setenv(ENVIRONMENT, str(folder))
    assert load("mnist").fingerprint == plain.fingerprint


def test_our_reader_agrees_with_torchvision(folder):
    try:
        from torchvision.datasets import MNIST
    except (ImportError, RuntimeError):
        pytest.skip("the torchvision at hand does not fit the torch beside it")
    for train, x, y in ((True, "train_x", "train_y"), (False, "test_x", "test_y")):
        theirs, ours = MNIST(str(folder), train=train), load("mnist", str(folder))
        assert torch.equal(theirs.data, getattr(ours, x)[:, 0])
        assert torch.equal(theirs.targets, getattr(ours, y))


def test_fingerprint_sees_a_single_pixel(folder):
    before = load("mnist", str(folder)).fingerprint
    path = folder / "MNIST" / "raw" / "t10k-images-idx3-ubyte"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    assert load("mnist", str(folder)).fingerprint != before


def _truncate(raw):
    path = raw / "train-images-idx3-ubyte"
    path.write_bytes(path.read_bytes()[:5000])


def _wrong_magic(raw):
    (raw / "train-labels-idx1-ubyte").write_bytes(b"not an IDX file")


def _missing(raw):
    (raw / "t10k-labels-idx1-ubyte").unlink()


def _broken_gzip(raw):
    path = raw / "t10k-images-idx3-ubyte"
    packed = gzip.compress(path.read_bytes())
    path.unlink()
    path.with_name(path.name + ".gz").write_bytes(packed[: len(packed) // 2])


def _too_few_labels(raw):
    (raw / "t10k-labels-idx1-ubyte").write_bytes(bytes((0, 0, 8, 1, 0, 0, 0, 2, 1, 1)))


def _label_of_ten(raw):
    path = raw / "train-labels-idx1-ubyte"
    path.write_bytes(path.read_bytes()[:-1] + bytes((10,)))


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (_truncate, "truncated or damaged"),
        (_wrong_magic, "no IDX file"),
        (_missing, "has no t10k-labels"),
        (_broken_gzip, "can't be read"),
        (_too_few_labels, "test images"),
        (_label_of_ten, "label is 10"),
    ],
)
def test_damaged_files_are_named(folder, damage, words):
    damage(folder / "MNIST" / "raw")
    with pytest.raises(DataError, match=words):
        load("mnist", str(folder))


def test_a_folder_without_mnist_is_named_with_what_is_expected(tmp_path):
    with pytest.raises(DataError, match="train-images-idx3-ubyte"):
        load("mnist", str(tmp_path))


def test_embedded_sample_is_stratified_and_fixed():
    sample = load("mnist_sample")
    assert sample.train_y.bincount().tolist() == [400] * 10
    assert sample.test_y.bincount().tolist() == [100] * 10
    assert sample.fingerprint == "c4d2eca6d2ee836e"


def test_validation_split_is_fixed_disjoint_and_without_test_images(mnist_folder):
    data = load("mnist", str(mnist_folder))
    split = data.with_validation()
    assert len(split.train_x) + len(split.test_x) == len(data.train_x)
    seen = {image.numpy().tobytes() for image in split.train_x}
    assert not seen & {image.numpy().tobytes() for image in split.test_x}
    assert not {i.numpy().tobytes() for i in data.test_x} & seen
    assert torch.equal(split.test_x, data.with_validation().test_x)


def test_an_epoch_shows_each_image_once_normalised_and_in_a_new_order(mnist_folder):
    data = load("mnist", str(mnist_folder))
    generator = torch.Generator().manual_seed(0)
    first = list(data.batches(64, generator))
    second = list(data.batches(64, generator))
    assert [len(x) for x, _ in first] == [64] * 5
    assert all(x.dtype == torch.float32 and 0 <= x.min() and x.max() <= 1 for x, _ in first)
    shown = torch.cat([x for x, _ in first])
    assert torch.equal(
        shown.sum((1, 2, 3)).sort().values,
        data.normalise(data.train_x).sum((1, 2, 3)).sort().values,
    )
    assert not torch.equal(first[0][0], second[0][0])


def test_shifted_images_are_moved_whole_and_filled_with_background(mnist_folder):
    data = load("mnist", str(mnist_folder))
    data.train_x.fill_(0)
    data.train_x[:, 0, 10, 20] = 255
    x, _ = next(data.batches(320, torch.Generator().manual_seed(0), shift=2))
    row, column = x[:, 0].flatten(1).argmax(1) // 28, x[:, 0].flatten(1).argmax(1) % 28
    assert x.shape == (320, 1, 28, 28) and (x.sum((1, 2, 3)) == 1).all()
    assert set(row.tolist()) == set(range(8, 13)) and set(column.tolist()) == set(range(18, 23))
