"""Random numbers after a checkpoint, on the same kind of device and on another."""

import torch

from reproduce.generators import resume


def test_numbers_go_on_where_they_were():
    before, after = torch.Generator().manual_seed(3), torch.Generator()
    torch.rand(7, generator=before)
    resume(after, before.get_state())
    assert torch.equal(torch.rand(9, generator=after), torch.rand(9, generator=before))


def test_the_state_of_another_kind_of_device_begins_a_stream_of_its_own():
    """As an accelerator's, which is 16 bytes; going on twice from one is the same twice."""
    states = [torch.arange(first, first + 16, dtype=torch.uint8) for first in (0, 0, 1)]
    drawn = []
    for state in states:
        generator = torch.Generator()
        resume(generator, state)
        drawn.append(torch.rand(9, generator=generator))
    assert torch.equal(drawn[0], drawn[1]) and not torch.equal(drawn[0], drawn[2])
