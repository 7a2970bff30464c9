"""How much of networks that people have gets a gate, and whether removals keep what they compute.

python -m benchmarks.coverage [NAME ...] measures these, or all, each in a process of its own, keeps
what it found in coverage.json, and writes docs/coverage.md anew (extras ``models`` and ``rivals``).
Without names it goes on where it was stopped. Only-Train-Once is in no extra: install it to have it
tried.
"""

import json
import subprocess
import sys
import time
import warnings
from collections import Counter
from contextlib import redirect_stdout
from importlib import metadata
from io import StringIO
from operator import attrgetter
from pathlib import Path
from typing import Any
from unittest import mock

import torch
from torch import Tensor, nn
from torch import library as operators

from benchmarks.rivals import TRIED, first_of, only_train_once, torch_pruning
from reproduce.errors import NetworkError, from_extra
from reproduce.files import write_atomic, write_json
from reproduce.models import Select
from reproduce.surgery.chain import Plan
from reproduce.surgery.graph import GraphPlan, plan_of
from reproduce.surgery.layers import gives, is_layer, main_weight
from reproduce.surgery.trial import stir

FOUND = Path(__file__).with_name("coverage.json")
PAGE = Path(__file__).parents[1] / "docs" / "coverage.md"
PACKAGES = ("torch", "torchvision", "timm", "torch-pruning")
LIMIT = 400  # seconds for one network

# The side of the images; those that are quick enough for the default tests come first.
QUICK = {
    "torchvision:resnet18": 32, "torchvision:mobilenet_v3_small": 32, "timm:convnext_atto": 32,
}  # fmt: skip
NETWORKS = QUICK | {
    "torchvision:resnet50": 64, "torchvision:wide_resnet50_2": 64, "torchvision:vgg11_bn": 32,
    "torchvision:densenet121": 64, "torchvision:mobilenet_v2": 64, "torchvision:mnasnet0_5": 64,
    "torchvision:efficientnet_b0": 64, "torchvision:efficientnet_v2_s": 64,
    "torchvision:googlenet": 64, "torchvision:inception_v3": 299, "torchvision:squeezenet1_1": 64,
    "torchvision:shufflenet_v2_x0_5": 64, "torchvision:regnet_x_400mf": 64,
    "torchvision:regnet_y_400mf": 64, "torchvision:resnext50_32x4d": 64,
    "torchvision:convnext_tiny": 64, "torchvision:swin_t": 64, "torchvision:vit_b_32": 224,
    "torchvision:segmentation.fcn_resnet50": 64, "torchvision:segmentation.deeplabv3_resnet50": 64,
    "torchvision:segmentation.lraspp_mobilenet_v3_large": 64,
    "torchvision:detection.backbone_utils.resnet_fpn_backbone": 64, "torchvision:video.r3d_18": 32,
    "torchvision:video.mc3_18": 32, "torchvision:video.r2plus1d_18": 32,
    "timm:resnet26d": 64, "timm:seresnet18": 64, "timm:resnext26ts": 64, "timm:regnetx_002": 64,
    "timm:regnety_002": 64, "timm:mobilenetv3_small_050": 64, "timm:efficientnet_lite0": 64,
    "timm:ghostnet_050": 64, "timm:vit_tiny_patch16_224": 224, "timm:deit_tiny_patch16_224": 224,
    "timm:swin_tiny_patch4_window7_224": 224, "timm:mixer_s32_224": 224,
    "timm:resmlp_12_224": 224, "timm:poolformer_s12": 64, "timm:repvgg_a0": 64,
    "timm:dla34": 64, "timm:hrnet_w18_small": 64, "timm:rexnet_100": 64,
    "timm:inception_v4": 160, "timm:cspresnet50": 64, "timm:res2net50_14w_8s": 64,
    "timm:mobilevit_xxs": 64, "timm:xcit_nano_12_p16_224": 224,
}  # fmt: skip


def of_others(library: str) -> Any:
    """torchvision or timm; a torchvision that was built for another PyTorch lacks operators, and
    its networks need none."""
    with mock.patch.object(operators, "register_fake", return_value=lambda function: function):
        from_extra("models", "torchvision", "benchmarks.coverage")
        return from_extra("models", library, "benchmarks.coverage")


# On which rivals are tried.
RIVALS = (
    "torchvision:resnet18", "torchvision:mobilenet_v3_small", "timm:convnext_atto",
    "torchvision:resnet50", "torchvision:vgg11_bn", "torchvision:densenet121",
    "torchvision:mobilenet_v2", "torchvision:efficientnet_b0", "torchvision:googlenet",
    "torchvision:regnet_x_400mf", "torchvision:resnext50_32x4d", "torchvision:swin_t",
    "torchvision:vit_b_32", "timm:vit_tiny_patch16_224",
)  # fmt: skip


def build(name: str) -> nn.Module:
    """A network by the name of its library and its own there, with random weights."""
    library, _, own = name.partition(":")
    if library == "timm":
        return of_others("timm").create_model(own, pretrained=False)
    where, _, what = own.rpartition(".")
    models = of_others("torchvision").models
    make = attrgetter(own)(models)
    more: dict[str, Any] = {"weights_backbone": None} if where == "segmentation" else {}
    if what == "resnet_fpn_backbone":
        more = {"backbone_name": "resnet18", "trainable_layers": 5}
    if what in ("googlenet", "inception_v3"):
        more = {"init_weights": True}  # said, since not saying it warns
    return make(weights=None, **more)


def example(name: str) -> Tensor:
    side = NETWORKS[name]
    frames = (4,) if ".r3d" in name or ".mc3" in name or ".r2plus1d" in name else ()
    return torch.randn(2, 3, *frames, side, side)


def share_gated(plan: Plan) -> float:
    """Of all output channels of layers, but those that are the network's output."""
    if not isinstance(plan, GraphPlan):
        return 1.0  # a chain is gated everywhere
    gated: dict[int, int] = {}
    for part in plan.parts:
        if part.owners and part.dim == gives(part.owners[0][0]):
            gated |= {id(getattr(*owner)): int((part.labels >= 0).sum()) for owner in part.owners}
    found = Counter[str]()
    for name, module in plan.model.named_modules():
        if is_layer(module) and plan.left_dense.get(name) != "its units are the network's output":
            weight = main_weight(module)
            found["all"] += weight.shape[gives(module)]
            found["gated"] += gated.get(id(weight), 0)
    return found["gated"] / found["all"]


def difference_after_removal(plan: Plan, x: Tensor, seed: int = 7) -> float:
    """How far outputs move, relative to the largest, when units drawn at random are cut that no
    layer reads: by hand, the columns of weights that read them are set to zero before.

    The network is in float64 and eval mode afterwards, and smaller.
    """
    model, generator = plan.model.double().eval(), torch.Generator().manual_seed(seed)
    stir(model, generator)  # a fresh network's scales may hide what is behind them
    kept = [torch.arange(n) for n in plan.widths()]
    wanted = [units[torch.rand(len(units), generator=generator) > 0.3] for units in kept]
    wanted = [some if len(some) else units[:1] for some, units in zip(wanted, kept)]
    with torch.no_grad():
        for number, (reader, some) in enumerate(zip(plan.readers(), wanted)):
            if isinstance(plan, GraphPlan):
                break
            open_ = torch.zeros(plan.sites[number].units).index_fill(0, some, 1)
            assert not isinstance(reader.module, Select)
            columns = open_.repeat_interleave(reader.block)
            weight = main_weight(reader.module)
            weight.mul_(columns.reshape(1, -1, *(1,) * (weight.dim() - 2)))
        if isinstance(plan, GraphPlan):
            stays = torch.cat([site.left[some] for site, some in zip(plan.sites, wanted)])
            for part in {id(part): part for _, part in plan.gated}.values():
                closed = (part.labels >= 0) & torch.isin(part.labels, stays, invert=True)
                part.tensor.index_fill_(part.dim, closed.nonzero().flatten(), 0.0)
        before = first_of(model(x.double()))
        plan.cut_to(kept, wanted, None)
        after = first_of(model(x.double()))
    return float((before - after).abs().max() / before.abs().max().clamp_min(1e-12))


def measured(name: str) -> dict[str, Any]:
    """What there is to say of one network: share of channels gated, seconds of one core to attach,
    the change of outputs."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    model, x = build(name), example(name)
    start = time.process_time()
    try:
        plan = plan_of(model, x)
    except NetworkError as error:
        return {"refused": str(error)[:200], "seconds": time.process_time() - start}
    seconds = time.process_time() - start
    share, reasons = share_gated(plan), Counter(plan.left_dense.values())
    reasons.pop("its units are the network's output", None)
    found: dict[str, Any] = {"share": share, "seconds": seconds, "sites": len(plan.sites)}
    if reasons:
        found["reason"] = reasons.most_common(1)[0][0]
    found["difference"] = difference_after_removal(plan, x)
    return found


def of_rivals(name: str) -> dict[str, Any]:
    """The same of Torch-Pruning and Only-Train-Once, each told nothing but the network."""
    torch.set_num_threads(1)
    rivals = {"torch_pruning": torch_pruning, "only_train_once": only_train_once}
    found = {}
    for rival, measure in rivals.items():
        torch.manual_seed(0)
        model, x = build(name).double().eval(), example(name).double()
        stir(model, torch.Generator().manual_seed(7))
        with redirect_stdout(StringIO()):
            found[rival] = measure(model, x)
    return found


def page(found: dict[str, dict[str, Any]]) -> str:
    """The tables, as Markdown."""
    lines = [
        "# Networks of other people",
        "",
        "Written by `python -m benchmarks.coverage`. *Gated*: share of the output channels of all",
        "layers, the network's outputs not counted, that have a gate. *Output*: how far it moves,",
        "in float64 and relative to the largest, when three tenths of the units are cut that by",
        "hand no layer reads. *Seconds*: CPU time of one thread, to attach.",
        f"With {', '.join(f'{p} {v}' for p, v in found['versions'].items())}.",
        "",
        "| network | image | gated | output | seconds | most is left dense since |",
        "| --- | ---: | ---: | ---: | ---: | --- |",
    ]
    for name in NETWORKS:
        if (one := found.get(name)) is None:
            continue
        if "share" not in one:
            lines.append(f"| {name} | {NETWORKS[name]} | – | – | – | {one['refused']} |")
            continue
        lines.append(f"| {name} | {NETWORKS[name]} | {_cells(one)} | {one.get('reason', '')} |")
    lines += [
        "",
        "## Beside others",
        "",
        "*Covered*: the share as above, a layer counting in full if it is narrowed at all.",
        "Torch-Pruning is asked for half of each layer but the last, and its groups are cut one by",
        "one; before each the weights that read the group are set to zero, so that by hand it is",
        "not read. *Output*: the most that any of these steps moves it. Where a norm mixes",
        "channels, cutting them moves the output by design: that is left to fine-tuning.",
        "*Seconds*: without those forward passes.",
        *_notes(found),
        "",
        "| network | ours: gated | output | seconds | Torch-Pruning: covered | output | seconds |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {name} | {_cells(found[name])} | {_cells(found[name]['torch_pruning'])} |"
        for name in NETWORKS
        if "torch_pruning" in found.get(name, {})
    ]
    lines += [
        "",
        "## Only-Train-Once by version",
        "",
        "Each was tried by itself, on a processor without a GPU. Of these the newest torch with",
        "which it can read a network is 2.5.1, and with that, too, its optimisers ask for a GPU.",
        "So it is no method here: runs are on a processor, and need torch 2.6 or later.",
        "",
        "| only-train-once | torch | what ends it |",
        "| --- | --- | --- |",
        *(f"| {' | '.join(one)} |" for one in TRIED),
    ]
    return "\n".join(lines) + "\n"


def _cells(one: dict[str, Any]) -> str:
    if "error" in one:
        return f"{one['error']} | – | –"
    return f"{one['share']:.1%} | {one['difference']:.0e} | {one['seconds']:.1f}"


def _notes(found: dict[str, dict[str, Any]]) -> list[str]:
    """What Only-Train-Once came to: why it ran on none, or a row of what it did."""
    key = "only_train_once"
    tried = {name: one[key] for name, one in found.items() if key in one}
    errors = Counter(one["error"] for one in tried.values() if "error" in one)
    notes = [f"It fails on {n} of {len(tried)}: {error}." for error, n in errors.items()]
    notes += [f"On {name}: {_cells(one)}." for name, one in tried.items() if "error" not in one]
    return ["", f"Only-Train-Once, tried on {len(tried)} of these:", *notes] if tried else []


def main(names: list[str]) -> None:
    """Those named anew, or all that are not in the file yet; rivals on some of them."""
    for name in names or list(NETWORKS):
        for what in ("--one", "--rivals")[: 1 + (name in RIVALS)]:
            found = _found()
            have = found.get(name, {})
            if not names and ("torch_pruning" in have or (what == "--one" and have)):
                continue
            new = _in_a_process(what, name)
            if isinstance(new, str):
                print(f"{name}: {new}", flush=True)
                continue
            found[name] = (have if what == "--rivals" else {}) | new
            write_json(FOUND, found)
            write_atomic(PAGE, page(found))
            print(name, new, flush=True)


def _found() -> dict[str, dict[str, Any]]:
    """What was found with the versions that are installed."""
    versions = {package: metadata.version(package) for package in PACKAGES}
    found = json.loads(FOUND.read_text()) if FOUND.exists() else {}
    return found if found.get("versions") == versions else {"versions": versions}


def _in_a_process(what: str, name: str) -> dict[str, Any] | str:
    """What this script prints of a network in a process of its own, or why it does not."""
    command = [sys.executable, "-m", "benchmarks.coverage", what, name]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        return f"not done after {LIMIT} s"
    if done.returncode:
        return done.stderr.splitlines()[-1]
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # of other people's networks
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measured(sys.argv[2])))
    elif sys.argv[1:2] == ["--rivals"]:
        print(json.dumps(of_rivals(sys.argv[2])))
    else:
        main(sys.argv[1:])
