"""Data: the real formats, the fingerprint, batches and splits, and damaged files."""

import gzip
import hashlib
import os
import shutil

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from reproduce.data import ENVIRONMENT, Dataset, load, mnist
from reproduce.errors import DataError


def made_up(samples=60, channels=3, side=8, seed=0, **normalisation):
    """Noise whose labels are the images' numbers, so that each can be followed."""
    generator = torch.Generator().manual_seed(seed)
    shape = (samples, channels, side, side)
    x = torch.randint(0, 256, shape, generator=generator, dtype=torch.uint8)
    y = torch.arange(samples)
    return Dataset("made_up", "made-up", x, y, x[:10], y[:10], **normalisation)


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


def test_only_what_has_mnists_fingerprint_is_called_mnist(folder, monkeypatch):
    other = load("mnist", str(folder))
    assert other.name == "mnist_format"
    assert other.title == f"images in MNIST's format (fingerprint {other.fingerprint})"
    assert load("mnist_format", str(folder)).name == "mnist_format"
    monkeypatch.setattr(mnist, "FINGERPRINT", other.fingerprint)
    known = load("mnist", str(folder))
    assert (known.name, known.title) == ("mnist", "MNIST")


@pytest.mark.skipif(not os.environ.get(ENVIRONMENT), reason="the whole of MNIST is not at hand")
def test_the_whole_of_mnist_is_known():
    assert load("mnist").title == "MNIST"


def test_what_is_missing_is_fetched_from_whoever_has_the_published_file(
    folder, served, tmp_path, monkeypatch
):
    """The first mirror has another file, and one file there is damaged."""
    raw = folder / "MNIST" / "raw"
    packed = {f"{path.name}.gz": gzip.compress(path.read_bytes()) for path in raw.iterdir()}
    published = {name: (hashlib.md5(c).hexdigest(), len(c)) for name, c in packed.items()}
    monkeypatch.setattr(mnist, "PUBLISHED", published)
    labels = "t10k-labels-idx1-ubyte.gz"
    good, bad = served(packed), served(dict.fromkeys(packed, b"x" * 10000))
    monkeypatch.setattr(mnist, "MIRRORS", (bad, good))
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    monkeypatch.chdir(tmp_path)
    here = load("mnist")
    assert here.fingerprint == load("mnist", str(folder)).fingerprint
    at = tmp_path / "data" / "MNIST" / "raw"
    (at / labels).unlink()
    monkeypatch.setattr(mnist, "MIRRORS", (bad,))
    with pytest.raises(DataError, match=f"{labels} can't be downloaded .*not the published file"):
        load("mnist")
    assert not (at / labels).exists()
    monkeypatch.setattr(mnist, "MIRRORS", (bad + "nowhere/", good))
    assert load("mnist").fingerprint == here.fingerprint


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


@pytest.mark.parametrize("name", ["mnist", "cifar10"])
def test_a_folder_that_does_not_exist_is_named(name, tmp_path):
    with pytest.raises(DataError, match="nowhere does not exist"):
        load(name, str(tmp_path / "nowhere"))


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


def test_a_subset_is_drawn_by_the_seed_and_leaves_the_test_set(mnist_folder):
    data = load("mnist", str(mnist_folder))
    few, again, other = data.subset(40, 1), data.subset(40, 1), data.subset(40, 2)
    assert torch.equal(few.train_x, again.train_x) and not torch.equal(few.train_x, other.train_x)
    whole = {image.numpy().tobytes() for image in data.train_x}
    assert len({i.numpy().tobytes() for i in few.train_x} & whole) == 40 == len(few.train_y)
    assert few.test_x is data.test_x


def test_an_epoch_shows_each_image_once_normalised_and_in_a_new_order(mnist_folder):
    data = load("mnist", str(mnist_folder))
    generator = torch.Generator().manual_seed(0)
    first = list(data.batches(64, generator))
    second = list(data.batches(64, generator))
    assert [len(x) for x, _ in first] == [64] * 5
    assert all(x.dtype == torch.float32 and x.min() >= 0 and x.max() <= 1 for x, _ in first)
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


@pytest.mark.parametrize(("shift", "digest"), [(0, "deb3eae1f9c0e3d4"), (1, "104d46426fdcb956")])
def test_batches_of_one_channel_are_to_the_bit_those_of_the_committed_runs(shift, digest):
    """The digests were computed before there were means, mirroring and skipping."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randint(0, 256, (100, 1, 28, 28), generator=generator, dtype=torch.uint8)
    y = torch.randint(0, 10, (100,), generator=torch.Generator().manual_seed(1))
    data, order, seen = Dataset("a", "A", x, y, x, y), torch.Generator().manual_seed(7), []
    for _ in range(2):
        for images, labels in data.batches(32, order, shift=shift):
            seen += [images.numpy().tobytes(), labels.numpy().tobytes()]
    assert hashlib.sha256(b"".join(seen)).hexdigest()[:16] == digest


def test_normalisation_is_by_channel_and_leaves_several_in_channels_last():
    data = made_up(mean=(0.5, 0.25, 0.0), std=(0.5, 0.2, 1.0))
    wanted = (data.test_x / 255 - torch.tensor(data.mean)[:, None, None]) / torch.tensor(data.std)[
        :, None, None
    ]
    for images in (data.test_x, data.test_x.contiguous(memory_format=torch.channels_last)):
        found = data.normalise(images)
        assert torch.allclose(found, wanted, atol=1e-6) and found.dtype == torch.float32
        assert found.is_contiguous(memory_format=torch.channels_last)
    assert data.normalise(data.test_x[:0]).shape == (0, 3, 8, 8)
    single = made_up(channels=1)
    assert single.normalise(single.test_x).stride() == (64, 64, 8, 1)


@given(
    seed=st.integers(0, 2**31),
    size=st.integers(2, 30),
    shift=st.integers(0, 4),
    flip=st.booleans(),
    channels=st.sampled_from([1, 3]),
    skip=st.integers(0, 31),
)
def test_every_image_comes_once_with_its_label_moved_mirrored_or_not(
    seed, size, shift, flip, channels, skip
):
    data = made_up(channels=channels)
    batches = list(data.batches(size, torch.Generator().manual_seed(seed), shift, flip))
    labels = torch.cat([y for _, y in batches]).tolist()
    assert len(batches) == 60 // size and len(set(labels)) == len(labels) == 60 // size * size
    padded = torch.nn.functional.pad(data.train_x, (shift,) * 4)
    for x, y in batches:
        for image, label in zip((x * 255).round().byte(), y):
            sides = (image, image.flip(2)) if flip else (image,)
            windows = padded[label].unfold(1, 8, 1).unfold(2, 8, 1)
            fits = [(windows == side[:, None, None]).all(4).all(3).all(0).sum() for side in sides]
            assert sum(fits) == 1
    generator = torch.Generator().manual_seed(seed)
    rest = list(data.batches(size, generator, shift, flip, skip=skip))
    assert len(rest) == max(0, len(batches) - skip)
    for (x, y), (wanted_x, wanted_y) in zip(rest, batches[skip:]):
        assert torch.equal(x, wanted_x) and torch.equal(y, wanted_y)
    whole = torch.Generator().manual_seed(seed)
    list(data.batches(size, whole, shift, flip))
    assert torch.equal(generator.get_state(), whole.get_state())


def test_half_of_the_images_are_mirrored_and_all_offsets_are_as_frequent():
    data = made_up(samples=4000, side=4)
    data.train_x.zero_()
    data.train_x[:, :, 1, 0] = 255
    x, _ = next(data.batches(4000, torch.Generator().manual_seed(0), flip=True))
    assert x[:, :, 1, 0].sum() + x[:, :, 1, 3].sum() == 3 * 4000
    assert abs(x[:, 0, 1, 3].mean() - 0.5) < 0.03
    data.train_x.zero_()
    data.train_x[:, :, 1:3, 1:3] = 255
    x, _ = next(data.batches(4000, torch.Generator().manual_seed(0), shift=1))
    corners = torch.stack([x[:, 0, 0, 0], x[:, 0, 0, 3], x[:, 0, 3, 0], x[:, 0, 3, 3]])
    assert (abs(corners.mean(1) - 1 / 9) < 0.02).all()


def test_mirroring_leaves_order_and_shifts_alone_in_the_first_batch():
    data = made_up()
    plain, mirrored = (
        next(data.batches(20, torch.Generator().manual_seed(3), flip=flip)) for flip in (0, 1)
    )
    same = (plain[0] == mirrored[0]).flatten(1).all(1)
    assert torch.equal(plain[1], mirrored[1]) and same.any() and not same.all()
    assert torch.equal(mirrored[0][~same], plain[0][~same].flip(3))
