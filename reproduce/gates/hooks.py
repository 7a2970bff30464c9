"""How a gate multiplies what a layer reads, and how its gradient is gathered on the way back."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.graph import get_gradient_edge

from reproduce.errors import UserError
from reproduce.gates.estimators import Drawn
from reproduce.surgery.reading import Reader, first_tensor, replaced


class Gate:
    """A forward pre-hook: what multiplies, by its number among the readers, in front of one.

    An object with a bound method rather than a closure: a copy of the network then has gates of
    its own.
    """

    def __init__(
        self, multiply: Callable[[int, Reader, Tensor], Tensor], number: int, reader: Reader
    ):
        self._multiply, self._number, self._reader = multiply, number, reader

    def __call__(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        x = first_tensor(args, kwargs)
        assert x is not None  # the layer read one when it was followed
        return replaced(args, kwargs, x, self._multiply(self._number, self._reader, x))


def has_gates(model: nn.Module) -> bool:
    """Whether gates stand in a network."""
    hooks = (hook for module in model.modules() for hook in module._forward_pre_hooks.values())
    return any(isinstance(hook, Gate) for hook in hooks)


class Multiply(torch.autograd.Function):
    """x times its unit's gate; the backward pass tells a ``Pass`` each sample's derivative in it.

    ``anchor`` requires a gradient, so that the backward pass runs even where x is the data. Where a
    backward pass is itself differentiated, for a penalty on gradients, its product with the gates
    is told of in the same way.
    """

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, gates: Tensor, told: "Pass", tap: int, anchor: Tensor
    ) -> Tensor:
        gates = gates.to(x.dtype)
        ctx.save_for_backward(x, gates)
        ctx.told, ctx.tap, ctx.anchor = told, tap, anchor
        return x * gates

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        x, gates = ctx.saved_tensors
        product = None
        if ctx.told.learning():
            with torch.no_grad():
                product = grad * x
                ctx.told.add(ctx.tap, product.flatten(2).sum(2) if x.dim() > 2 else product)
        if not ctx.needs_input_grad[0]:
            return None, None, None, None, None
        if torch.is_grad_enabled():  # a graph of this pass is asked for
            again = Multiply.apply(grad, gates, ctx.told, ctx.tap, ctx.anchor)
            return again, None, None, None, None
        # Into memory that is at hand: fresh pages cost more than the product.
        return torch.mul(grad, gates, out=product), None, None, None, None


class Pass:
    """One forward pass in training: what was drawn for it, and its derivatives as they come.

    Squares need the whole derivative of a sample, all readers of a gate together, and what the
    sample weighs in the loss: so they wait for the step. ``leaves`` gives what a backward pass that
    learns goes to; one for the input alone counts for nothing.
    """

    def __init__(
        self,
        drawn: Drawn,
        widths: tuple[int, ...],
        taps: list[Tensor],
        share: float | None,
        leaves: Callable[[], Iterable[Tensor]],
    ):
        self.drawn, self.share, self._taps, self._leaves = drawn, share, taps, leaves
        self._backward, self._learns = -1, False  # the number of a backward pass, and its kind
        self.differentiated = False
        batch, gates = drawn.values.shape
        self._derivatives = drawn.values.new_zeros(batch, gates + bool(taps))
        self._sinks: Sequence[Tensor] = [
            self._derivatives.new_zeros(batch, len(index)) for index in taps
        ] or self._derivatives.split(widths, 1)

    def learning(self) -> bool:
        """Whether the backward pass at work goes to weights, not to the input alone as one does
        for an adversarial example or a penalty on gradients."""
        number = torch._C._current_graph_task_id()
        if number != self._backward:
            self._backward, self._learns = number, any(map(_reached, self._leaves()))
        return self._learns

    def apart_from(self, other: "Pass") -> bool:
        """Whether another backward pass told of this than the one that tells of ``other`` now."""
        return self is not other and self._backward != other._backward

    def add(self, tap: int, derivatives: Tensor) -> None:
        """Takes the derivatives at one reader of a tap, shape (batch, channels)."""
        self._sinks[tap].add_(derivatives)
        self.differentiated = True

    def estimate(self, scale: float) -> Tensor:
        """Estimate of C(1) - C(0) for each gate, shape (gates,), from a loss times ``scale``."""
        slopes = self._derivatives
        for index, sink in zip(self._taps, self._sinks):
            slopes = slopes.index_add(1, index, sink)
        slopes = slopes[:, : self.drawn.values.shape[1]]
        if scale != 1.0:
            slopes = slopes / scale
        coefficients = self.drawn.slope
        if self.drawn.curvature is not None:
            weight = len(slopes) / (1.0 if self.share is None else self.share)
            coefficients = torch.addcmul(coefficients, self.drawn.curvature, slopes, value=weight)
        return (coefficients * slopes).sum(0)


def _reached(leaf: Tensor) -> bool:
    """Whether the backward pass at work comes to a leaf."""
    if not leaf.requires_grad:
        return False
    try:
        return torch._C._will_engine_execute_node(get_gradient_edge(leaf).node)
    except RuntimeError:  # raised where the gradient of this very leaf is what is asked for
        return True


def shared(channels: list[Tensor]) -> tuple[list[Tensor], list[int]]:
    """The taps of readers, once each where several read the same channels; and each one's tap."""
    keys = [tuple(index.tolist()) for index in channels]
    taps = dict(zip(keys, channels))
    return list(taps.values()), [list(taps).index(key) for key in keys]


def total(passes: list[Pass], nothing: Tensor, scale: float) -> Tensor:
    """The estimate of C(1) - C(0) from all passes of a step, shape (gates,), added to zeros.

    Raises:
        UserError: there are several, and one with squares does not know what it weighs; ``passes``
            is empty then, so that a loop that was stopped within a step can be begun again.
    """
    told = [one for one in passes if one.differentiated]
    squares = [one for one in told if one.drawn.curvature is not None]
    if (count := len(told)) > 1 and any(one.share is None for one in squares):
        passes.clear()
        raise UserError(
            f"{count} batches went into this step, and its estimator squares derivatives: it must"
            " know what each batch weighs in the loss; set gates.batch_share before each forward"
            f" pass, such as 1 / {count}; or, where a step was cut short, go on: they are forgotten"
            " (adversarial examples do not count if torch.autograd.grad makes them, or the weights'"
            " gradients are set to zero after them)"
        )
    for one in told:
        nothing += one.estimate(scale)
    return nothing
