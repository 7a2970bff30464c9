"""Data sets in memory: images and labels, their fingerprint, splits, and batches of them."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor
from torch.nn import functional as F

FORMAT = "_format"  # ends the name of images that are not the published ones
SPLIT_SEED = 20230101  # fixes the validation split and the sample's test split for every run


@dataclass(frozen=True)
class Dataset:
    """Images as uint8 on one device, their labels, and where they come from.

    Shapes: images (samples, channels, height, width) uint8, those of several channels best in
    channels_last memory format; labels (samples,) int64. ``mean`` and ``std`` of each channel, in
    units of pixel/255, turn pixel values into network input: (pixel/255 - mean) / std.
    """

    name: str
    title: str
    train_x: Tensor
    train_y: Tensor
    test_x: Tensor
    test_y: Tensor
    classes: int = 10
    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of all pixels and labels, the first 16 hexadecimal digits."""
        digest = hashlib.sha256()
        for part in (self.train_x, self.train_y, self.test_x, self.test_y):
            digest.update(part.cpu().contiguous().numpy().data)
        return digest.hexdigest()[:16]

    def to(self, device: torch.device) -> "Dataset":
        if device == self.train_x.device:
            return self
        names = ("train_x", "train_y", "test_x", "test_y")
        return replace(self, **{name: getattr(self, name).to(device) for name in names})

    def only_in_format(self, of: str, kind: str = "") -> "Dataset":
        """These images under a name of their own: they look like the set ``of``, and are others."""
        title = f"images in {of}'s format ({kind}fingerprint {self.fingerprint})"
        return replace(self, name=self.name + FORMAT, title=title)

    def with_validation(self) -> "Dataset":
        """The training images alone, an eighth or 5,000 of them in the place of the test set.

        Choices are made on this: the test images are not in it at all.
        """
        held_out = min(5000, len(self.train_x) // 8)
        order = torch.randperm(
            len(self.train_x), generator=torch.Generator().manual_seed(SPLIT_SEED)
        ).to(self.train_x.device)
        rest, held = order[held_out:], order[:held_out]
        return replace(
            self,
            train_x=self.train_x[rest],
            train_y=self.train_y[rest],
            test_x=self.train_x[held],
            test_y=self.train_y[held],
        )

    def subset(self, count: int, seed: int) -> "Dataset":
        """So many of the training images, drawn by the seed, beside the whole test set."""
        order = torch.randperm(len(self.train_x), generator=torch.Generator().manual_seed(seed))
        chosen = order[:count].to(self.train_x.device)
        return replace(self, train_x=self.train_x[chosen], train_y=self.train_y[chosen])

    def normalise(self, images: Tensor) -> Tensor:
        """Network input, float32, of images (batch, channels, height, width) as uint8.

        Images of several channels come out in channels_last memory format.
        """
        scale, offset = self._scale_and_offset
        pixels = images.permute(0, 2, 3, 1)
        values = pixels.flatten(1).float().mul_(scale).sub_(offset)
        if images.shape[1] == 1:
            return values.view(images.shape)  # as channels_last it would change how LeNets round
        return values.view(pixels.shape).permute(0, 3, 1, 2)

    @cached_property
    def _scale_and_offset(self) -> tuple[Tensor, Tensor]:
        """Both for each pixel of an image in the order rows, columns, channels: fast to apply."""
        _, channels, height, width = self.train_x.shape
        std = torch.tensor(self.std, dtype=torch.float64).expand(channels)
        mean = torch.tensor(self.mean, dtype=torch.float64).expand(channels)
        scale, offset = (
            part.to(self.train_x.device, torch.float32).repeat(height * width)
            for part in (1 / 255 / std, mean / std)
        )
        return scale, offset

    def batches(
        self,
        size: int,
        generator: torch.Generator,
        shift: int = 0,
        flip: bool = False,
        skip: int = 0,
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """One epoch of training batches in a new random order; an incomplete last one is left out.

        Args:
            size: images in a batch.
            generator: random state of the order, the shifts and the flips, on the CPU.
            shift: each image is moved by up to this many pixels up or down, left or right.
            flip: each image is mirrored left to right with probability 1/2.
            skip: the first batches are left out, their random numbers drawn all the same.
        """
        device = self.train_x.device
        pixels = self.train_x.permute(0, 2, 3, 1)
        order = torch.randperm(len(pixels), generator=generator).to(device)
        for number, index in enumerate(order.split(size)[: len(order) // size]):
            if shift:
                offsets = torch.randint(0, 2 * shift + 1, (2, size), generator=generator)
            if flip:
                mirrored = torch.randint(0, 2, (size,), generator=generator)
            if number < skip:
                continue
            images = pixels.index_select(0, index)
            if flip:
                images = _mirror(images, mirrored.to(device))
            if shift:
                images = _move(images, shift, offsets.to(device))
            yield self.normalise(images.permute(0, 3, 1, 2)), self.train_y[index]


def _mirror(images: Tensor, mirrored: Tensor) -> Tensor:
    """The images (batch, height, width, channels), left-right where ``mirrored`` (batch,) is 1."""
    size = len(images)
    both = torch.cat((images, images.flip(2)))
    return both.index_select(0, torch.arange(size, device=images.device) + size * mirrored)


def _move(images: Tensor, shift: int, offsets: Tensor) -> Tensor:
    """Each image (batch, height, width, channels) out of its zero-padded self.

    Args:
        images: in contiguous memory.
        shift: width of the padding, in pixels.
        offsets: (2, batch), first row and first column in the padded image.
    """
    size, height, width, channels = images.shape
    padded = F.pad(images, (0, 0, shift, shift, shift, shift))
    down, right = offsets[:, :, None]
    count, row = (torch.arange(n, device=images.device) for n in (size, height))
    # A row of an image is one stretch of memory: rows are copied whole, by where they start.
    row = count[:, None] * padded.shape[1] + down + row
    stretches = padded.view(-1).unfold(0, width * channels, channels)
    return stretches.index_select(0, (row * padded.shape[2] + right).flatten()).view(images.shape)
