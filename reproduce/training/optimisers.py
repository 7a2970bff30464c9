"""Optimisers of torch that leave its compiler alone: importing that takes seconds a process."""

import inspect
from typing import TypeVar

import torch
from torch.optim import Optimizer

Kind = TypeVar("Kind", bound=Optimizer)
WRAPPED = ("add_param_group", "zero_grad", "state_dict", "load_state_dict")


def lean(kind: type[Kind]) -> type[Kind]:
    """An optimiser of torch, its methods without the wrappers that import ``torch._dynamo``.

    These only keep the compiler from compiling the methods, and nothing is compiled here. The
    arithmetic is torch's own, to the bit.
    """
    methods = {name: inspect.unwrap(getattr(kind, name)) for name in WRAPPED}
    methods["step"] = torch.no_grad()(inspect.unwrap(kind.step))
    return type(kind.__name__, (kind,), methods)


SGD, Adam = lean(torch.optim.SGD), lean(torch.optim.Adam)
