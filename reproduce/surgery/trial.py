"""Removals are tried on a copy of the network before they are trusted.

Units drawn at random, and so many of them that no pattern is left, are multiplied by zero, and then
cut. Outputs must be the same, in eval mode and in training, in float64; and a gradient must reach
each site's gates. Where that fails the sites at fault are found by halving, and left dense. No
activation is kept: a trial takes little more memory than the network in float64.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any

import torch
from torch import Tensor, nn

from reproduce.surgery.chain import Plan
from reproduce.surgery.copying import all_in_double
from reproduce.surgery.following import Example, Mode
from reproduce.surgery.reading import first_tensor, replaced

AGREEMENT = 1e-5  # most that an output may change, relative to the largest
REMOVED = 0.4  # share of units that a trial removes

MakePlan = Callable[[set[str]], Plan]


class _Fault(Exception):
    """Why units can't be cut; ``sites``: where, if that is known."""

    def __init__(self, reason: str, sites: Sequence[str] = ()):
        super().__init__(reason)
        self.sites = sites


def at_fault(names: list[str], make: MakePlan, example: Example) -> dict[str, str]:
    """The sites, of those named, whose units can't be cut, each with the reason.

    Args:
        names: of all sites.
        make: gives the plan of a copy of the network to be used up, without the sites named.
        example: a batch of two or so.
    """
    bad: dict[str, str] = {}

    def test(some: list[str]) -> str:
        """Why these can't be cut together; empty if they can."""
        while remaining := [name for name in some if name not in bad]:
            try:
                _try_out(make({*names} - {*remaining}), example)
            except _Fault as fault:
                if not fault.sites:
                    return str(fault)
                bad.update(dict.fromkeys(fault.sites, str(fault)))
            else:
                break
        return ""

    def search(some: list[str]) -> None:
        before = len(bad)
        reason = test(some)
        if not reason:
            return
        if len(some) == 1:
            bad[some[0]] = reason
            return
        middle = len(some) // 2
        search(some[:middle])
        search(some[middle:])
        if len(bad) == before:  # each half alone can be cut
            bad.update(dict.fromkeys(some[middle:], f"together with others: {reason}"))

    search(names)
    if bad and (reason := test(names)):
        bad.update(dict.fromkeys(names, f"together with others: {reason}"))
    return bad


def difference(plan: Plan, example: Example) -> str:
    """Why units drawn at random can't be cut; empty if they can. The plan's network is used up."""
    try:
        _try_out(plan, example)
    except _Fault as fault:
        return str(fault)
    return ""


def _try_out(plan: Plan, example: Example) -> None:
    model = plan.model
    generator = torch.Generator().manual_seed(0)
    device = next(model.parameters()).device
    for p in model.parameters():
        p.requires_grad_(False)
    try:
        with all_in_double(), torch.random.fork_rng([] if device.type == "cpu" else [device]):
            model.double()
            example = example.map(lambda x: _stirred(x, generator))
            stir(model, generator)
            keep = [_some(n, generator) for n in plan.widths()]
            before = _masked(plan, keep, example)
            kept = [torch.arange(n, device=device) for n in plan.widths()]
            plan.cut_to(kept, [stays.to(device) for stays in keep], None)
            after = [
                y for training in (False, True)
                for y in _steady(model, example, training, grad=False)
            ]  # fmt: skip
    except _Fault:
        raise
    except Exception as error:
        line = (str(error).splitlines() or [""])[0] or type(error).__name__
        raise _Fault(f"without some of its units the network fails ({line})") from error
    _compare(before, after)


def _stirred(x: Any, generator: torch.Generator) -> Any:
    """In float64, and drawn at random where an example is all zeros, say."""
    if not isinstance(x, Tensor) or not x.is_floating_point():
        return x
    if x.numel() < 2 or bool((x != x.flatten()[0]).any()):
        return x.double()
    return torch.rand(x.shape, generator=generator, dtype=torch.float64).to(x.device)


def _compare(before: list[Tensor], after: list[Tensor]) -> None:
    if len(before) != len(after):
        raise _Fault("without some of its units the network gives other things")
    for old, new in zip(before, after):
        if old.shape != new.shape:
            raise _Fault("its units are the network's output")
        if not old.numel():
            continue
        largest = old.abs().max().clamp_min(1e-12)
        if not (old - new).abs().max() <= AGREEMENT * largest:
            raise _Fault("units at zero still change the output: something mixes them")


def _some(units: int, generator: torch.Generator) -> Tensor:
    """Which units stay, at least one, and at least one less than there are."""
    order = torch.randperm(units, generator=generator)
    gone = min(max(round(units * REMOVED), 1), units - 1)
    return order[gone:].sort().values


@torch.no_grad()
def stir(model: nn.Module, generator: torch.Generator) -> None:
    """Norms and biases are drawn at random, since fresh ones map zero to zero; averages stay."""
    for tensor in (*model.parameters(), *model.buffers()):
        if not tensor.is_floating_point():
            continue
        if tensor.dim() and sum(n > 1 for n in tensor.shape) <= 1:  # factors by channel too
            tensor.copy_(_drawn(tensor, generator) + 0.5)
        elif tensor.dim() > 1 and not tensor.any():
            scale = max(tensor[0].numel(), 1) ** 0.5
            tensor.copy_((_drawn(tensor, generator) - 0.5) / scale)
    for module in model.modules():
        if getattr(module, "running_mean", None) is not None and hasattr(module, "momentum"):
            setattr(module, "momentum", 0.0)  # noqa: B010  # whatever kind of norm it is


def _drawn(like: Tensor, generator: torch.Generator) -> Tensor:
    return torch.rand(like.shape, generator=generator, dtype=like.dtype)


def _masked(plan: Plan, keep: list[Tensor], example: Example) -> list[Tensor]:
    """Outputs in eval mode and in training with all units but some at zero."""
    device = next(plan.model.parameters()).device
    mask = torch.cat([
        torch.zeros(n).index_fill(0, stays, 1) for n, stays in zip(plan.widths(), keep)
    ]).to(device).requires_grad_()  # fmt: skip
    padded = torch.cat([mask, mask.new_ones(1)])
    channels = plan.channels() or _in_order(plan, device)
    with ExitStack() as stack:
        for reader, index in zip(plan.readers(), channels):

            def hook(
                module: nn.Module, args: Any, kwargs: Any, reader: Any = reader, i: Tensor = index
            ) -> Any:
                x = first_tensor(args, kwargs)
                assert x is not None
                units = reader.apart(x, example.batch)
                gated = units * padded[i].reshape(1, -1, *(1,) * (units.dim() - 2))
                return replaced(args, kwargs, x, reader.together(gated, x))

            handle = reader.module.register_forward_pre_hook(hook, with_kwargs=True)
            stack.callback(handle.remove)
        outputs = _steady(plan.model, example, False, grad=False)
        forgotten = _Forgotten()
        with torch.autograd.graph.saved_tensors_hooks(forgotten.forget, forgotten.make_up):
            trained = _steady(plan.model, example, True, grad=True)
            _learn(trained)  # with the hooks in place, since a checkpoint runs again
    gradient = torch.zeros_like(mask) if mask.grad is None else mask.grad
    by_site = zip(plan.sites, gradient.split(plan.widths()))
    asleep = [site.name for site, g in by_site if not g.any()]
    if asleep:
        raise _Fault("no gradient reaches its gates", asleep)
    return outputs + [y.detach() for y in trained]


class _Forgotten:
    """Stands in for activations that a backward pass would keep.

    Whether a gradient arrives does not depend on their values, and they would take far more memory
    than the network. What is made up is not zero, so that it stops no gradient, and parts of one
    draw, each begun elsewhere, so that no two are the same.
    """

    STARTS = 997

    def __init__(self) -> None:
        self._drawn: dict[Any, Tensor] = {}
        self._start = 0

    def forget(self, saved: Tensor) -> Any:
        if saved.is_leaf or not saved.is_floating_point():
            return saved
        return saved.shape, saved.dtype, saved.device

    def make_up(self, kept: Any) -> Tensor:
        if isinstance(kept, Tensor):
            return kept
        shape, dtype, device = kept
        size = shape.numel()
        drawn = self._drawn.get((dtype, device))
        if drawn is None or len(drawn) < size + self.STARTS:
            drawn = torch.empty(size + self.STARTS, dtype=dtype, device=device).uniform_(0.5, 1.5)
            self._drawn[dtype, device] = drawn
        self._start = (self._start + 1) % self.STARTS
        return drawn[self._start :][:size].view(shape)


def _learn(outputs: list[Tensor]) -> None:
    """A backward pass from something that depends on all outputs."""
    generator = torch.Generator().manual_seed(1)
    parts = [
        (y * torch.rand(y.shape, generator=generator).to(y.device)).sum()
        for y in outputs
        if y.requires_grad
    ]
    if parts:
        torch.stack(parts).sum().backward()


def _in_order(plan: Plan, device: torch.device) -> list[Tensor]:
    """The gate of each channel in a chain, where sites are read in order."""
    return list(torch.arange(sum(plan.widths()), device=device).split(plan.widths()))


def _steady(model: nn.Module, example: Example, training: bool, grad: bool) -> list[Tensor]:
    """Outputs as float64, whatever is random the same each time, and dropout away."""
    torch.manual_seed(0)
    model.train(training)
    with torch.set_grad_enabled(grad), _WithoutDropout():
        outputs = example.run(model)
    return [y.double() for y in outputs]


class _WithoutDropout(Mode):
    """Bernoulli draws are their mean: dropout drops nothing, from a smaller tensor neither."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is torch.ops.aten.bernoulli_.float:
            return args[0].fill_(args[1] if len(args) > 1 else 0.5)
        if func is torch.ops.aten.native_dropout.default:
            return args[0].clone(), torch.ones_like(args[0], dtype=torch.bool)
        return func(*args, **(kwargs or {}))
