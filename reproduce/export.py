"""Taking a trained network away: ``parsimony export``, and ``load`` for what it wrote.

A network is stored as safetensors, that is without pickle, beside a JSON that says which network of
which widths it is; or as ONNX, which says all of that itself.
"""

import hashlib
import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from reproduce.data import source
from reproduce.errors import NetworkError, StoreError, UserError, from_extra
from reproduce.files import read_json, write_atomic
from reproduce.models import NETWORKS, assemble
from reproduce.portable import KIND, check, restore, save
from reproduce.runs.record import to_json
from reproduce.runs.store import Run

__all__ = ["FORMATS", "export", "load", "save", "to_onnx"]

FORMAT = 1
AGREEMENT = 1e-4  # most that an output of ONNX Runtime may differ from PyTorch's
CHECKED_BATCHES = (1, 7)


def export(run: Run, to: str, folder: Path) -> list[Path]:
    """Writes the final network of a run as ``FORMATS[to]`` has it; returns the files.

    Each file is written whole or not at all, and the JSON that vouches for weights after them.

    Raises:
        UserError: the run is not finished, its weights are gone or damaged, the extra ``export`` is
            not installed, or ``folder`` can't be written.
    """
    if not run.finished:
        done, epochs = len(run.epochs()), run.settings().epochs
        raise UserError(
            f"run {run.folder.name} is not finished (epoch {done} of {epochs}): the command that"
            " began it goes on with it"
        )
    paths = []
    for suffix, content in FORMATS[to](run).items():
        paths.append(folder / (run.folder.name + suffix))
        write_atomic(paths[-1], content)
    return paths


def load(path: str | Path, model: nn.Module | None = None) -> nn.Module:
    """The network in a pair of files that ``parsimony export --to safetensors`` or ``save`` wrote.

    Args:
        path: of either of the two.
        model: for what ``save`` wrote, the network as it was built, which is cut to what was saved;
            its device and training mode stay.

    Returns:
        The network. One that was exported is in eval mode, on the CPU; input: (batch, *image)
        float32, pixels normalised as (pixel/255 - mean) / std with the JSON's ``image``, ``mean``
        and ``std``; output: logits (batch, classes).

    Raises:
        StoreError: a file is missing or damaged, or the two don't belong together.
        UserError: the extra ``export`` is not installed, or ``model`` is missing, or another one.
    """
    safetensors = from_extra("export", "safetensors.torch", "loading this network")
    from safetensors import SafetensorError

    description, weights = (Path(path).with_suffix(end) for end in (".json", ".safetensors"))
    architecture = _architecture(description, model)
    try:
        content = weights.read_bytes()
    except OSError as error:
        raise StoreError(
            f"can't read {weights}, which belongs to {description}: {error.strerror}"
        ) from error
    if hashlib.sha256(content).hexdigest() != architecture["sha256"]:
        raise StoreError(
            f"{weights} is damaged, or does not belong to {description} (its checksum does not"
            " fit): export the run again"
        )
    try:
        tensors = safetensors.load(content)
        if model is not None:
            return restore(model, architecture, tensors)
        network = architecture["network"]
        model = assemble(network, architecture["widths"], architecture["classes"], tensors)
        with torch.no_grad():  # a list of features may name some that no image has
            model.eval()(torch.zeros(1, *NETWORKS[network].image))
    except (SafetensorError, NetworkError, RuntimeError, IndexError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise StoreError(f"{weights} holds no network of {description}: {reason}") from error
    return model


def _architecture(path: Path, model: nn.Module | None) -> dict[str, Any]:
    """The JSON beside the weights, each entry that ``load`` relies on checked."""
    content = read_json(path)
    if isinstance(content, dict) and content.get("kind") == KIND and model is None:
        raise UserError(f"{path} is of a network of one's own: load(path, model), model as built")
    if model is not None:
        return check(content, path)
    name = content.get("network") if isinstance(content, dict) else None
    network = NETWORKS.get(name) if isinstance(name, str) else None
    if network is None or content.get("format") != FORMAT:
        raise StoreError(
            f"{path} is no architecture of format {FORMAT} with one of the networks"
            f" {', '.join(NETWORKS)}: export the run again"
        )
    widths, classes = content.get("widths"), content.get("classes")
    if not isinstance(widths, list) or len(widths) != len(network.widths):
        raise StoreError(f"{path}: widths must list {len(network.widths)} numbers; got {widths!r}")
    for number in (*widths, classes):
        if type(number) is not int or not 0 < number < 2**31:
            raise StoreError(
                f"{path}: widths and classes are whole numbers above 0; got {number!r}"
            )
    return content | {"widths": tuple(widths), "sha256": content.get("sha256")}


def _network(run: Run) -> nn.Module:
    """The final network of a finished run, in eval mode."""
    tensors = run.load_weights()
    record = run.trained().record
    name = record.settings.network
    with torch.device("meta"):  # only names: the last is of the output layer
        *_, last = NETWORKS[name].build(NETWORKS[name].widths, 1).state_dict()
    classes = len(tensors[last]) if last in tensors else 1  # which says what is absent
    return assemble(name, record.end.widths, classes, tensors).eval()


def _about(run: Run, model: nn.Module) -> dict[str, Any]:
    """What to know of a run's network: how it is built, what it takes, and where it comes from."""
    record = run.trained().record
    settings = record.settings
    network = NETWORKS[settings.network]
    data = source(settings.dataset)
    return {
        "format": FORMAT,
        "network": settings.network,
        "widths": record.end.widths,
        "layers": network.layers,
        "classes": list(model.parameters())[-1].numel(),
        "image": network.image,
        "mean": data.mean,
        "std": data.std,
        "run": run.folder.name,
        f"{settings.judged_on}_error_percent": record.error,
        "provenance": to_json(record.provenance),
    }


def _safetensors(run: Run) -> dict[str, bytes]:
    safetensors = from_extra("export", "safetensors.torch", "--to safetensors")
    model = _network(run)
    weights = safetensors.save({k: v.contiguous() for k, v in model.state_dict().items()})
    about = _about(run, model) | {"sha256": hashlib.sha256(weights).hexdigest()}
    text = json.dumps(about, indent=1, ensure_ascii=False) + "\n"
    return {".safetensors": weights, ".json": text.encode()}


def _onnx(run: Run) -> dict[str, bytes]:
    model = _network(run)
    about = {k: v if isinstance(v, str) else json.dumps(v) for k, v in _about(run, model).items()}
    return {".onnx": to_onnx(model, NETWORKS[run.settings().network].image, about)}


def to_onnx(model: nn.Module, image: tuple[int, ...], about: dict[str, str]) -> bytes:
    """A network in eval mode as ONNX, checked against PyTorch by ONNX Runtime.

    Args:
        model: takes images (batch, *image), gives logits (batch, classes); any batch will do after.
        image: shape of one image.
        about: goes into the file's metadata.

    Raises:
        UserError: the extra ``export`` is not installed, or the outputs differ by more than 1e-4.
    """
    for package in ("onnxscript", "onnxruntime"):
        from_extra("export", package, "ONNX")
    onnx = from_extra("export", "onnx", "ONNX")
    dynamic = ({0: torch.export.Dim("batch")},)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of the exporter, about itself
        program = torch.onnx.export(
            model, (torch.zeros(2, *image),), dynamo=True, dynamic_shapes=dynamic,
            input_names=["images"], output_names=["logits"], verbose=False,
        )  # fmt: skip
    assert program is not None  # dynamo gives one
    proto = program.model_proto
    for part in (proto.graph, *proto.functions):
        _clear_traces(part)
    onnx.helper.set_model_props(proto, about)
    onnx.checker.check_model(proto, full_check=True)
    content = proto.SerializeToString()
    difference = _difference(content, model, image)
    if not difference <= AGREEMENT:
        raise UserError(
            f"ONNX Runtime and PyTorch differ by {difference:.1e}, more than {AGREEMENT:g}: nothing"
            " was written; try other versions of torch and onnxruntime"
        )
    return content


@torch.no_grad()
def _clear_traces(graph: Any) -> None:
    """Removes the exporter's stack traces, which hold the paths of this machine."""
    for part in (graph, *graph.value_info, *graph.node):
        part.ClearField("metadata_props")
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("g"):  # a branch of a conditional
                _clear_traces(attribute.g)


def _difference(content: bytes, model: nn.Module, image: tuple[int, ...]) -> float:
    """The largest difference between outputs of ONNX Runtime and PyTorch on random images."""
    import onnxruntime

    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    generator = torch.Generator().manual_seed(0)

    def one(batch: int) -> Tensor:
        images = torch.rand(batch, *image, generator=generator)
        (logits,) = session.run(None, {"images": images.numpy()})
        return (torch.from_numpy(logits) - model(images)).abs().max()

    return torch.stack([one(batch) for batch in CHECKED_BATCHES]).max().item()


FORMATS: dict[str, Callable[[Run], dict[str, bytes]]] = {"safetensors": _safetensors, "onnx": _onnx}
