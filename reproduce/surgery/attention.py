"""Attention whose code fixes the size of heads, and what stands in for it so that heads can go.

Most code counts heads by an attribute and takes their size from the weights: nothing is to be done
there. ``nn.MultiheadAttention`` and torchvision's windowed attention divide the width of their
input by the number of heads instead, so that a head that goes would change the size of the others.
Classes with the same parameters under the same names, and the same arithmetic, stand in for them.
"""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

APART = -100.0  # added to the scores of places that a shift has brought together: torchvision's


class Heads(nn.MultiheadAttention):
    """``nn.MultiheadAttention`` whose heads keep their size ``head_dim`` when some of them go."""

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        key_padding_mask: Tensor | None = None,
        need_weights: bool = True,
        attn_mask: Tensor | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        single = query.dim() == 2
        biases = (None,) * 3 if self.in_proj_bias is None else self.in_proj_bias.chunk(3)
        q, k, v = (
            F.linear(self._batch_first(x), weight, bias)
            .unflatten(-1, (self.num_heads, self.head_dim))
            .transpose(1, 2)
            for x, weight, bias in zip((query, key, value), self.in_proj_weight.chunk(3), biases)
        )
        mask = self._added(attn_mask, key_padding_mask, q.dtype)
        dropout, weights = self.dropout if self.training else 0.0, None
        if need_weights:
            scores = q @ k.transpose(-2, -1) * self.head_dim**-0.5
            weights = F.dropout((scores if mask is None else scores + mask).softmax(-1), dropout)
            x = weights @ v
            weights = weights.mean(1) if average_attn_weights else weights
            weights = weights[0] if single else weights
        else:
            causal = is_causal and mask is None
            x = F.scaled_dot_product_attention(q, k, v, mask, dropout, is_causal=causal)
        x = self.out_proj(x.transpose(1, 2).flatten(2))
        if single:
            return x[0], weights
        return x if self.batch_first else x.transpose(0, 1), weights

    def _batch_first(self, x: Tensor) -> Tensor:
        """Shape (batch, tokens, features)."""
        if x.dim() == 2:
            return x[None]
        return x if self.batch_first else x.transpose(0, 1)

    def _added(self, among: Tensor | None, padding: Tensor | None, dtype: Any) -> Tensor | None:
        """What both masks add to the scores, of which shape (batch, heads, tokens, tokens) is."""
        masks = []
        if among is not None:
            per_head = among.dim() == 3
            masks.append(among.unflatten(0, (-1, self.num_heads)) if per_head else among)
        if padding is not None:
            masks.append(padding.reshape(-1, 1, 1, padding.shape[-1]))
        added = [
            m.to(dtype)
            if m.is_floating_point()
            else torch.zeros_like(m, dtype=dtype).masked_fill(m, -torch.inf)
            for m in masks
        ]
        return sum(added[1:], added[0]) if added else None


class WindowHeads(nn.Module):
    """torchvision's ``ShiftedWindowAttention``, with heads of a size of their own."""

    qkv: nn.Linear
    proj: nn.Linear
    num_heads: int
    window_size: list[int]
    shift_size: list[int]
    attention_dropout: float
    dropout: float
    relative_position_bias_table: Tensor
    relative_position_index: Tensor

    def forward(self, x: Tensor) -> Tensor:
        """Shape (batch, height, width, features), there and back."""
        sides, window = x.shape[1:3], self.window_size
        pad = [-side % size for side, size in zip(sides, window)]
        x = F.pad(x, (0, 0, 0, pad[1], 0, pad[0]))
        padded = x.shape[1:3]
        # A window that holds all of a side is not shifted.
        shift = [n if s > w else 0 for n, s, w in zip(self.shift_size, padded, window)]
        if any(shift):
            x = x.roll((-shift[0], -shift[1]), (1, 2))
        x = x.unflatten(2, (-1, window[1])).unflatten(1, (-1, window[0])).transpose(2, 3)
        grid = x.shape[:3]
        x = self._attend(x.flatten(3, 4).flatten(0, 2), shift, padded)
        x = x.unflatten(1, tuple(window)).unflatten(0, grid).transpose(2, 3)
        x = x.flatten(3, 4).flatten(1, 2)
        if any(shift):
            x = x.roll((shift[0], shift[1]), (1, 2))
        return x[:, : sides[0], : sides[1]].contiguous()

    def _attend(self, x: Tensor, shift: list[int], padded: torch.Size) -> Tensor:
        """Within each window; shape (windows of all samples, places, features), there and back."""
        places = x.shape[1]
        qkv = self.qkv(x).unflatten(-1, (3, self.num_heads, -1))
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        scores = (q * q.shape[-1] ** -0.5) @ k.transpose(-2, -1)
        table = self.relative_position_bias_table[self.relative_position_index]
        scores = scores + table.unflatten(0, (places, places)).permute(2, 0, 1)
        if any(shift):
            mask = self._shifted(shift, padded).to(scores)
            scores = (scores.unflatten(0, (-1, len(mask))) + mask[:, None]).flatten(0, 1)
        weights = F.dropout(scores.softmax(-1), self.attention_dropout, self.training)
        x = (weights @ v).transpose(1, 2).flatten(2)
        return F.dropout(self.proj(x), self.dropout, self.training)

    def _shifted(self, shift: list[int], padded: torch.Size) -> Tensor:
        """What is added to scores of places from two edges of the image, by window."""
        zones = []
        for size, window, moved in zip(padded, self.window_size, shift):
            place = torch.arange(size)
            zones.append((place >= size - window).long() + (place >= size - moved).long())
        zone = 3 * zones[0][:, None] + zones[1]
        rows, columns = self.window_size
        zone = zone.unflatten(1, (-1, columns)).unflatten(0, (-1, rows)).transpose(1, 2)
        zone = zone.flatten(2, 3).flatten(0, 1)
        return APART * (zone[:, None] != zone[:, :, None])


def stand_in(module: nn.Module) -> type[nn.Module] | None:
    """The class that lets heads go from a module, where its own does not."""
    if type(module) is nn.MultiheadAttention:
        plain = module._qkv_same_embed_dim and module.bias_k is None and not module.add_zero_attn
        return Heads if plain else None
    windows = ("torchvision.models.swin_transformer", "ShiftedWindowAttention")
    return WindowHeads if (type(module).__module__, type(module).__name__) == windows else None


def let_heads_go(model: nn.Module, touched: Iterable[str] | None = None) -> None:
    """Puts stand-ins in the place of the classes of a network's attention.

    ``touched``: names of parameters and buffers; only modules that hold one of these change, if any
    are given.
    """
    names = None if touched is None else list(touched)
    changed = False
    for name, module in model.named_modules():
        within = f"{name}." if name else ""
        kind = stand_in(module)
        if kind is None or not (names is None or any(n.startswith(within) for n in names)):
            continue
        module.__class__ = kind
        changed = True
        if isinstance(module, Heads):  # or PyTorch goes around it where nothing asks for gradients
            module._qkv_same_embed_dim = False
    for module in model.modules():
        if changed and isinstance(module, nn.TransformerEncoder):
            module.use_nested_tensor = False  # which is for what goes around it
