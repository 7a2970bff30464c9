"""What gates do while their network is at work: drawn for each batch, multiplied at readers."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from reproduce import ranks
from reproduce.errors import UserError
from reproduce.gates.config import GateConfig
from reproduce.gates.estimators import Draw
from reproduce.gates.hooks import Multiply, Pass, total
from reproduce.surgery.chain import Plan
from reproduce.surgery.following import Example, tensors_in
from reproduce.surgery.reading import Reader


class Passes:
    """The part of ``Gates`` that forward passes go through; see there for what is public."""

    theta: Tensor
    plan: Plan
    config: GateConfig
    evaluate_with: str | Tensor
    batch_share: float | None
    _model: nn.Module
    _draw: Draw
    _generator: torch.Generator
    _anchor: Tensor
    _values: Sequence[Tensor]  # of the batch at hand, by tap
    _pass: Pass
    _passes: list[Pass]  # since the last step
    _taps: list[Tensor]  # the gate of each channel
    _tap_of: list[int]  # of each reader
    _last: tuple[Tensor, tuple[int, ...], Tensor] | None  # gated last, in one pass
    _called: bool  # whether the network is at work
    _wrapper: Callable[[], ranks.Wrapper | None] = staticmethod(ranks.no_wrapper)  # last seen

    def sample(self, model: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Draws the gates of all sites for one batch: a forward pre-hook."""
        self._last, self._called = None, True
        self._wrapper = ranks.wrapper_at_work() or self._wrapper
        if not model.training:
            self._values = self._by_tap(self._deterministic())
            return
        shape = (ranks.count() * Example(args, kwargs).batch, len(self.theta))
        uniform = torch.rand(shape, generator=self._generator, device=self.theta.device)
        share = ranks.share(uniform)
        drawn = self._draw(self.theta, share, self.config.rho, self.config.floor)
        self._values = self._by_tap(drawn.values)
        widths = self.plan.widths()
        self._pass = Pass(drawn, widths, self._taps, self.batch_share, self._leaves)
        if torch.is_grad_enabled():
            self._passes.append(self._pass)

    def _leaves(self) -> Iterator[Tensor]:
        """What a backward pass goes to when something is to learn by it."""
        yield self._anchor
        yield from self._model.parameters()

    def _by_tap(self, values: Tensor) -> Sequence[Tensor]:
        """Lays out gate values for the hooks, shape (batch or 1, gates)."""
        if not self._taps:
            return values.split(self.plan.widths(), 1)
        padded = functional.pad(values, (0, 1), value=1.0)  # for a channel without a gate
        return [padded[:, index] for index in self._taps]

    def _deterministic(self) -> Tensor:
        """The values of all gates in eval mode, shape (batch or 1, gates)."""
        if isinstance(self.evaluate_with, Tensor):
            return self.evaluate_with
        open_ = self.theta > 0.5 if self.evaluate_with == "threshold" else self.theta
        return open_.to(self.theta.dtype)[None]

    def gate(self, number: int, reader: Reader, x: Tensor) -> Tensor:
        """What a reader takes, each channel times its gate: of the batch at hand.

        Raises:
            UserError: in training the network itself was not called, or the batch can't be told
                apart.
        """
        tap = self._tap_of[number]
        values = self._values[tap] if self._called else self._values_outside()[tap]
        units = reader.apart(x, len(values))
        values = values.reshape(values.shape + (1,) * (units.dim() - 2))
        if not self._model.training:
            return reader.together(units * values.to(x.dtype), x)
        read = x, (tap, reader.dim, 0 if x.is_inference() else x._version)
        if self._last and self._last[0] is x and self._last[1] == read[1]:
            return self._last[2]  # a convolution and the shortcut around it read the same
        product = Multiply.apply(units, values, self._pass, tap, self._anchor)
        gated = reader.together(product, x)
        self._last = *read, gated
        return gated

    def _values_outside(self) -> Sequence[Tensor]:
        """The gates where a layer is called without the network around it."""
        if not self._model.training:
            return self._by_tap(self._deterministic())
        if torch._C._current_graph_task_id() == -1 or not hasattr(self, "_values"):
            raise UserError(
                "a part of the network was called on its own in training: while gates learn, call"
                " the network itself, model(...), since each call draws gates for its batch"
            )
        return self._values  # a checkpoint is computed again, in the backward pass

    def estimate(self, loss: Tensor) -> Tensor:
        """C(1) - C(0) of each gate by one draw of ``loss``, the mean over one batch; moves none.

        Shape (gates,), mean-loss units. The weights' gradients are left as they were.
        """
        torch.autograd.grad(loss, self._anchor, allow_unused=True)
        self._passes.clear()
        return self._pass.estimate(scale=1.0)

    def _estimate(self, scale: float = 1.0) -> Tensor:
        """The estimate of C(1) - C(0) from all passes since the last step, shape (gates,)."""
        return total(self._passes, torch.zeros_like(self.theta), scale)

    def _leave(self, model: nn.Module, args: tuple[Any, ...], outputs: Any) -> None:
        sampled, self._called = self._called and model.training, False
        if sampled:
            for y in tensors_in(outputs):
                if y.requires_grad:
                    y.register_hook(partial(self._arrive, self._pass))

    def _arrive(self, told: Pass, gradient: Tensor) -> None:
        """A backward pass begins that may learn: what the weights have forgotten of passes before
        it the gates forget too, so that an attack whose gradients are set to zero after it does not
        count. No weight has a gradient of this pass yet."""
        if not told.learning():
            return
        before = [one for one in self._passes if one.differentiated and one.apart_from(told)]
        if before and self._weights_forgot():
            self._passes[:] = [one for one in self._passes if one not in before]

    def _weights_forgot(self) -> bool:
        """Whether no weight has a gradient, which ``zero_grad`` brings about."""
        learnt = [p for p in self._model.parameters() if p.requires_grad]
        return bool(learnt) and not any(p.grad is not None and p.grad.any() for p in learnt)

    def __getstate__(self) -> dict[str, Any]:
        """For a copy of the network, which gets gates of its own: all but the batch at hand."""
        at_hand = ("_values", "_pass", "_wrapper")
        state = {name: value for name, value in vars(self).items() if name not in at_hand}
        return state | {"_last": None, "_passes": [], "_called": False}
