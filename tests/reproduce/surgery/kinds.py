"""The kinds of networks that people have, each with a batch and the widths of its sites."""

import torch
from torch import nn
from torch.nn import functional as F

IMAGES, VECTORS, TOKENS = torch.randn(4, 3, 8, 8), torch.randn(4, 5), torch.randn(4, 7, 5)


class Made(nn.Module):
    """A network of layers by name and a function of them and the input."""

    def __init__(self, forward, **layers):
        super().__init__()
        self.called = forward
        for name, layer in layers.items():
            setattr(self, name, layer)

    def forward(self, *args, **kwargs):
        return self.called(self, *args, **kwargs)


def mlp():
    return nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 6), nn.ReLU(), nn.Linear(6, 3))


def tied():
    first, second = nn.Linear(8, 8), nn.Linear(8, 8)
    second.weight = first.weight
    return nn.Sequential(
        nn.Linear(5, 8), nn.ReLU(), first, nn.ReLU(), second, nn.ReLU(), nn.Linear(8, 3)
    )


def norm_after_flatten():
    return nn.Sequential(
        nn.Conv2d(3, 6, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.BatchNorm1d(24),
        nn.Linear(24, 3),
    )  # fmt: skip


def video():
    def forward(self, x):  # batch, time, channels, height, width
        y = self.more(self.conv(x.flatten(0, 1)).relu()).relu().mean((2, 3))
        return self.last(y).unflatten(0, x.shape[:2]).mean(1)

    layers = {"conv": nn.Conv2d(3, 8, 3), "more": nn.Conv2d(8, 6, 3), "last": nn.Linear(6, 3)}
    return Made(forward, **layers)


def tokens_first():
    """Tokens before the batch, inside: as recurrent networks have it."""

    def forward(self, x):
        y = self.more(self.body(x.transpose(0, 1)).relu()).relu()
        return self.last(y).transpose(0, 1)

    layers = {"body": nn.Linear(5, 8), "more": nn.Linear(8, 6), "last": nn.Linear(6, 3)}
    return Made(forward, **layers)


def two_views():
    def forward(self, x):
        a, b = self.last(self.body(torch.cat([x, -x])).relu()).chunk(2)
        return a + b.square()

    return Made(forward, body=nn.Linear(5, 8), last=nn.Linear(8, 3))


def gated_by_chunk():
    def forward(self, x):
        a, b = self.both(x).chunk(2, 1)
        return self.last(F.silu(a) * b)

    return Made(forward, both=nn.Linear(5, 16), last=nn.Linear(8, 3))


def halves_apart():
    """Half of the channels goes on, the other half waits: as in C2f."""

    def forward(self, x):
        a, b = self.first(x).relu().chunk(2, 1)
        return self.last(torch.cat([a, b, self.more(b).relu()], 1)).mean((2, 3))

    layers = {"first": nn.Conv2d(3, 12, 1), "more": nn.Conv2d(6, 6, 1), "last": nn.Conv2d(18, 3, 1)}
    return Made(forward, **layers)


def shuffled(upscale=nn.PixelShuffle(2), before=16, after=4):  # noqa: B008  # it has no state
    return nn.Sequential(
        nn.Conv2d(3, before, 1), upscale, nn.Conv2d(after, 6, 1), nn.ReLU(), nn.Conv2d(6, 2, 1)
    )


def buffer_read():
    model = Made(lambda self, x: self.body(x - self.mean), body=mlp())
    model.register_buffer("mean", torch.zeros(5))
    return model


def keeps_an_activation():
    def forward(self, x):
        self.features = self.a(x).relu()
        return self.c(self.features + self.b(self.features).relu())

    return Made(forward, a=nn.Linear(5, 8), b=nn.Linear(8, 8), c=nn.Linear(8, 3))


def with_auxiliary_head():
    def forward(self, x):
        x = self.body(x).relu()
        return (self.last(x), self.extra(x)) if self.training else self.last(x)

    return Made(forward, body=nn.Linear(5, 8), last=nn.Linear(8, 3), extra=nn.Linear(8, 3))


def dict_given():
    return Made(lambda self, x: {"y": self.body(x["v"]), "loss": None}, body=mlp())


def by_keyword():
    return Made(lambda self, *, v, scale=1.0: self.body(v * scale), body=mlp())


def squeezed():
    def forward(self, x):
        y = self.conv(x).relu()
        scale = self.up(self.down(y.mean((2, 3), keepdim=True)).relu()).sigmoid()
        return self.last((y * scale).mean((2, 3)))

    layers = {"conv": nn.Conv2d(3, 8, 3), "down": nn.Conv2d(8, 4, 1), "up": nn.Conv2d(4, 8, 1)}
    return Made(forward, last=nn.Linear(8, 3), **layers)


class Attention(nn.Module):
    """Heads are told apart by ``num_heads``; the product is written out, or PyTorch's."""

    def __init__(self, dim=5, heads=4, width=3, fused=False):
        super().__init__()
        self.num_heads, self.head_dim, self.fused = heads, width, fused
        self.qkv, self.proj = nn.Linear(dim, 3 * heads * width), nn.Linear(heads * width, dim)

    def forward(self, x):
        batch, tokens, _ = x.shape
        qkv = self.qkv(x).reshape(batch, tokens, 3, self.num_heads, self.head_dim)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        if self.fused:
            x = F.scaled_dot_product_attention(q, k, v)
        else:
            x = (q @ k.transpose(-2, -1)).softmax(-1) @ v
        return self.proj(x.transpose(1, 2).flatten(2))


class Block(nn.Module):
    def __init__(self, attention):
        super().__init__()
        self.norm1, self.norm2, self.attention = nn.LayerNorm(5), nn.LayerNorm(5), attention
        self.mlp = nn.Sequential(nn.Linear(5, 9), nn.GELU(), nn.Linear(9, 5))
        self.scale = nn.Parameter(torch.ones(5))

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.scale * self.mlp(self.norm2(x))


def transformer(fused=False):
    return nn.Sequential(Block(Attention(fused=fused)), nn.Linear(5, 3))


def mixer():
    """Linear layers over tokens, then over channels."""

    def forward(self, x):
        x = x + self.back(self.tokens(x.transpose(1, 2)).relu()).transpose(1, 2)
        return self.last(x + self.down(self.up(x).relu()))

    layers = {"tokens": nn.Linear(7, 6), "back": nn.Linear(6, 7), "up": nn.Linear(5, 8)}
    return Made(forward, down=nn.Linear(8, 5), last=nn.LayerNorm(5), **layers)


def in_between(layer, width=8):
    return lambda: nn.Sequential(
        nn.Conv2d(3, 8, 3), layer(), nn.ReLU6(), nn.Conv2d(width, 5, 1), nn.ReLU6(),
        nn.Conv2d(5, 2, 1),
    )  # fmt: skip


def of_dimension(convolution, transposed):
    return lambda: nn.Sequential(
        convolution(3, 8, 3), nn.ReLU(), transposed(8, 6, 2, 2), nn.ReLU(), convolution(6, 2, 1)
    )


TWO, ONE, THREE = {"x": VECTORS}, torch.randn(4, 3, 9), torch.randn(4, 3, 6, 6, 6)


def split_by_width(scaled=False):
    """Parts of a width that the network knows as a number, each added to the one before it."""

    def forward(self, x):
        parts = self.first(x).relu().split(self.width, 1)
        y = torch.cat([parts[0], self.inner(parts[0] + parts[1]).relu()], 1)
        return self.last(y) / (self.width if scaled else 1)

    layers = {"first": nn.Linear(5, 12), "inner": nn.Linear(6, 6), "last": nn.Linear(12, 3)}
    return Made(forward, width=6, **layers)


KINDS = {
    "tied weights": (tied, VECTORS, (8,)),
    "a norm after flatten": (norm_after_flatten, IMAGES, (6,)),
    "tokens": (mlp, TOKENS, (8, 6)),
    "as many tokens as units": (mlp, torch.randn(4, 8, 5), (8, 6)),
    "frames in the batch": (video, torch.randn(4, 2, 3, 8, 8), (8, 6)),
    "the batch second": (tokens_first, TOKENS, (8, 6)),
    "two views": (two_views, VECTORS, (8,)),
    "chunk": (gated_by_chunk, VECTORS, (8,)),
    "split by a number of its own": (split_by_width, VECTORS, (6, 6)),
    "halves apart": (halves_apart, IMAGES, (6, 6)),
    "pixel shuffle": (shuffled, IMAGES, (4, 6)),
    "pixel unshuffle": (lambda: shuffled(nn.PixelUnshuffle(2), 4, 16), IMAGES, (4, 6)),
    "GLU": (lambda: shuffled(nn.GLU(1), 8, 4), IMAGES, (4, 6)),
    "a buffer": (buffer_read, VECTORS, (8, 6)),
    "a kept activation": (keeps_an_activation, VECTORS, (8,)),
    "an auxiliary head": (with_auxiliary_head, VECTORS, (8,)),
    "a dict": (dict_given, ({"v": VECTORS},), (8, 6)),
    "keywords": (by_keyword, {"v": VECTORS}, (8, 6)),
    "squeeze and excitation": (squeezed, IMAGES, (8, 4)),
    "attention": (transformer, TOKENS, (4, 9)),
    "fused attention": (lambda: transformer(True), TOKENS, (4, 9)),
    "a mixer": (mixer, TOKENS, (6, 8)),
    "norm without affine": (in_between(lambda: nn.BatchNorm2d(8, affine=False)), IMAGES, (8, 5)),
    "SyncBatchNorm": (in_between(lambda: nn.SyncBatchNorm(8)), IMAGES, (8, 5)),
    "PReLU": (in_between(lambda: nn.PReLU(8)), IMAGES, (8, 5)),
    "instance norm": (in_between(lambda: nn.InstanceNorm2d(8, affine=True)), IMAGES, (8, 5)),
    "plain instance norm": (in_between(lambda: nn.InstanceNorm2d(8)), IMAGES, (8, 5)),
    "group norm of one": (in_between(lambda: nn.GroupNorm(8, 8)), IMAGES, (8, 5)),
    "group norm": (in_between(lambda: nn.GroupNorm(4, 8)), IMAGES, (4, 5)),
    "depthwise, twice as many": (in_between(lambda: nn.Conv2d(8, 16, 3, groups=8), 16), IMAGES,
                                 (8, 5)),
    "grouped": (in_between(lambda: nn.Conv2d(8, 8, 3, groups=4)), IMAGES, (4, 5)),
    "one dimension": (of_dimension(nn.Conv1d, nn.ConvTranspose1d), ONE, (8, 6)),
    "three dimensions": (of_dimension(nn.Conv3d, nn.ConvTranspose3d), THREE, (8, 6)),
}  # fmt: skip


def run(model, example):
    """All tensors that the network gives."""
    if isinstance(example, dict):
        found = model(**example)
    else:
        found = model(*example) if isinstance(example, tuple) else model(example)
    found = found.values() if isinstance(found, dict) else found
    return [found] if isinstance(found, torch.Tensor) else [y for y in found if y is not None]


def closed_at_random(gates, seed):
    generator = torch.Generator().manual_seed(seed)
    gates.theta = (torch.rand(gates.theta.shape, generator=generator) > 0.4).float()
    for theta in gates.by_site(gates.theta):
        one = int(torch.randint(len(theta), (), generator=generator))
        theta[one], theta[one - 1] = 1, 0
