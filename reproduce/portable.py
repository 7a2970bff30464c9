"""Any network that was cut, taken away without pickle: its tensors, and the sizes that are left."""

import hashlib
import json
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from reproduce.errors import StoreError, UserError, from_extra
from reproduce.files import write_atomic

KIND = "module"


def save(model: nn.Module, path: str | Path) -> list[Path]:
    """Stores a network as safetensors beside a JSON; ``export.load(path, model)`` reads them.

    Args:
        model: the network, its gates frozen.
        path: of the files, with or without an ending.

    Returns:
        The two files. Each is written whole or not at all, the JSON after the weights.

    Raises:
        UserError: the extra ``export`` is not installed.
        StoreError: the folder can't be written.
    """
    safetensors = from_extra("export", "safetensors.torch", "saving a network")
    first: dict[int, str] = {}  # tensors that several modules share are stored once
    stored, shared = {}, {}
    for name, tensor in _tensors(model).items():
        if id(tensor) in first:
            shared[name] = first[id(tensor)]
        else:
            first[id(tensor)] = name
            stored[name] = tensor.detach().cpu().contiguous()
    content = safetensors.save(stored)
    about = {
        "format": 1,
        "kind": KIND,
        "sizes": {name: _sizes(module) for name, module in model.named_modules()},
        "shared": shared,
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    weights, description = (Path(path).with_suffix(end) for end in (".safetensors", ".json"))
    write_atomic(weights, content)
    write_atomic(description, json.dumps(about, indent=1, ensure_ascii=False) + "\n")
    return [weights, description]


def restore(model: nn.Module, about: dict[str, Any], tensors: dict[str, Tensor]) -> nn.Module:
    """Gives a network the tensors and sizes of one that was saved, and returns it.

    Args:
        model: the network as it was built, before it was cut.
        about: the content of the JSON.
        tensors: those of the safetensors.

    Raises:
        UserError: it is another network; it has not been changed then.
    """
    sizes, shared = about["sizes"], about["shared"]
    modules, own = dict(model.named_modules()), _tensors(model)
    for what, here, there in (
        ("modules", set(modules), set(sizes)),
        ("tensors", set(own), set(tensors) | set(shared)),
    ):
        if here != there:
            odd = ", ".join(sorted(here ^ there)[:3])
            raise UserError(f"the network saved has other {what} than this one, such as {odd}")
    for name, tensor in own.items():
        saved = tensors[shared.get(name, name)]
        if saved.dim() != tensor.dim() or any(n > m for n, m in zip(saved.shape, tensor.shape)):
            raise UserError(
                f"'{name}' was saved with shape {tuple(saved.shape)}, which can't be cut from"
                f" {tuple(tensor.shape)}"
            )
    new: dict[str, Tensor] = {}
    for name, tensor in own.items():
        source = shared.get(name, name)
        if source not in new:
            value = tensors[source].to(tensor.device, tensor.dtype)
            parameter = isinstance(tensor, nn.Parameter)
            new[source] = nn.Parameter(value, tensor.requires_grad) if parameter else value
        owner, _, attribute = name.rpartition(".")
        setattr(modules[owner], attribute, new[source])
    for name, module in modules.items():
        for attribute, size in sizes[name].items():
            if _sizes(module).get(attribute) not in (None, size):
                setattr(module, attribute, size)
    return model


def check(about: Any, path: Path) -> dict[str, Any]:
    """The content of a JSON, unless it does not describe a network saved by ``save``.

    Raises:
        StoreError: that is so.
    """

    def mapping(value: Any, kind: type) -> bool:
        return isinstance(value, dict) and all(isinstance(v, kind) for v in value.values())

    about = about if isinstance(about, dict) else {}
    sizes, shared = about.get("sizes"), about.get("shared")
    fine = about.get("format") == 1 and mapping(shared, str) and mapping(sizes, dict)
    if not fine or not all(mapping(attributes, int) for attributes in sizes.values()):
        raise StoreError(f"{path} describes no network that was saved here: save it again")
    return about


def _tensors(model: nn.Module) -> dict[str, Tensor]:
    """Parameters and buffers, those too that a state dict leaves out."""
    held = dict(model.named_parameters(remove_duplicate=False))
    return held | dict(model.named_buffers(remove_duplicate=False))


def _sizes(module: nn.Module) -> dict[str, int]:
    """The whole numbers among a module's attributes, widths and heads among them."""
    return {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, int) and name != "training" and not name.startswith("_")
    }
