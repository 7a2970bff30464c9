"""What is left after the freeze: a plain, smaller nn.Module that torch can compile and export."""

import copy

import pytest
import torch
from torch import nn

from reproduce.gates.config import GateConfig
from reproduce.gates.gates import Gates
from reproduce.models import NETWORKS, Residual, Select, build

WIDTHS = {
    "lenet_300_100": (784, 24, 12),
    "lenet_5": (4, 6, 96, 10),
    "resnet20": (8,) * 12,
    "vgg16": (8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8),
}


def frozen(network):
    """A small network with about half of its units gone, and batch-norm statistics of its own."""
    model = build(network, WIDTHS[network], 10, "kaiming_normal", 0)
    images = torch.rand(6, *NETWORKS[network].image, generator=torch.Generator().manual_seed(1))
    gates = Gates.attach(model, images[:2], GateConfig(), samples=1000, steps=100)
    gates.theta = torch.rand(gates.theta.shape, generator=torch.Generator().manual_seed(2))
    model(images)
    gates.freeze(None)
    assert sum(gates.plan.widths()) < 0.7 * sum(WIDTHS[network])
    return model.eval(), images, gates.plan


@pytest.fixture(scope="module", params=WIDTHS)
def plain(request):
    return frozen(request.param)


def test_no_hook_is_left_and_every_part_is_of_torch(plain):
    model, images, _ = plain
    for module in model.modules():
        assert not [name for name, value in vars(module).items() if "hook" in name and value]
        assert type(module).__module__.startswith("torch.nn") or isinstance(
            module, (Select, Residual)
        )
        assert "forward" not in vars(module)
    assert torch.equal(copy.deepcopy(model)(images), model(images))


def test_torch_exports_it_for_any_batch(plain):
    model, images, _ = plain
    batch = ({0: torch.export.Dim("batch")},)
    exported = torch.export.export(model, (images[:2],), dynamic_shapes=batch).module()
    for n in (1, 5):
        assert torch.allclose(exported(images[:n]), model(images[:n]), atol=1e-6)


def test_torch_compiles_it_as_one_graph(plain):
    model, images, _ = plain
    torch.compiler.reset()
    compiled = torch.compile(model, backend="aot_eager", fullgraph=True)
    assert torch.allclose(compiled(images), model(images), atol=1e-6)


def test_no_convolution_is_one_that_corrupts_memory(plain):
    """With a stride, 1x1 and few channels oneDNN does (issue 6035), where there is no AVX-512."""
    for module in plain[0].modules():
        if isinstance(module, nn.Conv2d) and module.kernel_size == (1, 1):
            assert module.stride == (1, 1)


def test_it_trains_on_by_itself(plain):
    model = copy.deepcopy(plain[0]).train()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    before = [p.clone() for p in model.parameters()]
    for _ in range(2):
        nn.functional.cross_entropy(model(plain[1]), torch.arange(6)).backward()
        optimizer.step()
    assert all(not torch.equal(a, b) for a, b in zip(before, model.parameters()))
