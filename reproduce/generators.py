"""Random numbers that go on where a checkpoint left them."""

import hashlib

import torch
from torch import Tensor


def resume(generator: torch.Generator, state: Tensor) -> None:
    """Takes a saved state over.

    One of another kind of device can't be: its digest seeds a new stream, so that going on twice
    from one checkpoint is the same twice.
    """
    if state.shape == generator.get_state().shape:
        generator.set_state(state)
    else:
        digest = hashlib.sha256(state.numpy().tobytes()).digest()
        generator.manual_seed(int.from_bytes(digest[:7]))
