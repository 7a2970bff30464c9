"""Where gates stand: in front of a layer, on the channels that it reads."""

from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from reproduce.errors import UserError


@dataclass(frozen=True)
class Rows:
    """How the samples of a batch lie in what a layer takes: along ``dim``, each sample ``inner``
    times in a row, and all of that ``outer`` times."""

    dim: int = 0
    outer: int = 1
    inner: int = 1


@dataclass(frozen=True)
class Reader:
    """A layer in front of which gates stand.

    ``dim``: of its channels in what it takes, the last if -1; ``block``: how many neighbouring
    channels share a gate.
    """

    name: str
    module: nn.Module
    block: int = 1
    dim: int = 1
    rows: Rows = Rows()

    def apart(self, x: Tensor, batch: int) -> Tensor:
        """A view of what the layer takes, shape (batch, units, ...), of which ``together`` makes
        what it was.

        Args:
            x: what the layer takes.
            batch: how many samples went into the network; 1 is any number of them.

        Raises:
            UserError: the batch can't be told apart.
        """
        channels = self.dim % x.dim()
        if (self.rows.dim, channels, self.rows.outer, self.rows.inner) != (0, 1, 1, 1) or (
            batch not in (1, len(x))
        ):
            x = x.unflatten(self.rows.dim, self._samples(x, batch))
            channels += 2 * (channels > self.rows.dim)
            x = x.movedim((self.rows.dim + 1, channels), (0, 1))
        return x.unflatten(1, (-1, self.block)) if self.block > 1 else x

    def together(self, x: Tensor, like: Tensor) -> Tensor:
        """Undoes ``apart``; ``like``: what the layer took."""
        x = x.flatten(1, 2) if self.block > 1 else x
        if x.dim() > like.dim():
            channels = self.dim % like.dim()
            channels += 2 * (channels > self.rows.dim)
            x = x.movedim((0, 1), (self.rows.dim + 1, channels))
            x = x.flatten(self.rows.dim, self.rows.dim + 2)
        return x

    def _samples(self, x: Tensor, batch: int) -> tuple[int, int, int]:
        n, rows = x.shape[self.rows.dim], self.rows
        if batch == 1:
            return 1, 1, n
        if n == rows.outer * batch * rows.inner:
            return rows.outer, batch, rows.inner
        if n % batch == 0 and 1 in (rows.outer, rows.inner):  # larger images have more windows
            return (1, batch, n // batch) if rows.outer == 1 else (n // batch, batch, 1)
        raise UserError(
            f"'{self.name}' takes {n} rows, which are not those of {batch} samples as they were in"
            " the example: attach the gates with an example like the batches"
        )


def first_tensor(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Tensor | None:
    """What a layer takes, of all its arguments."""
    return next((x for x in (*args, *kwargs.values()) if isinstance(x, Tensor)), None)


def replaced(
    args: tuple[Any, ...], kwargs: dict[str, Any], old: Tensor, new: Tensor
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments with another tensor in the place of one."""
    return (
        tuple(new if x is old else x for x in args),
        {name: new if x is old else x for name, x in kwargs.items()},
    )
