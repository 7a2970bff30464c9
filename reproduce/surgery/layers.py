"""What is to know of layers: which of their parameters multiplies, and where its outputs lie."""

from torch import nn

CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)


KNOWN = (nn.Linear, *CONVOLUTIONS, *TRANSPOSED)


def is_layer(module: nn.Module) -> bool:
    """Whether a module has a weight of two dimensions or more; factors by channel are none."""
    weights = [p for p in module.parameters(recurse=False) if p.dim() > 1]
    products = (p.shape[0] > 1 and p.numel() > max(p.shape) for p in weights)
    return any(products) or (isinstance(module, KNOWN) and bool(weights))


def main_weight(module: nn.Module) -> nn.Parameter:
    """What a layer multiplies by: the first of its own parameters with two dimensions or more."""
    return next(p for p in module.parameters(recurse=False) if p.dim() > 1)


def gives(module: nn.Module) -> int:
    """The dimension of a layer's weight along which its outputs lie."""
    return 1 if isinstance(module, (*TRANSPOSED, nn.Embedding)) else 0
