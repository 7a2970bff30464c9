"""The recipe for a network that has learnt, on torchvision's ResNet-18, in few steps."""

from importlib.util import find_spec

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from benchmarks import coverage, finetuning
from reproduce import shrink

pytestmark = pytest.mark.skipif(find_spec("torchvision") is None, reason="needs torchvision")


@pytest.mark.filterwarnings("ignore")  # of other people's networks
def test_a_resnet_is_tuned_down_to_half_of_its_macs():
    torch.manual_seed(0)
    images = torch.randn(64, 3, 32, 32)
    labels = images.mean((2, 3)).argmax(1)
    batches = list(zip(images.split(16), labels.split(16)))
    model = coverage.build("torchvision:resnet18")
    model.fc = nn.Linear(512, 3)
    finetuning.trained(model, batches, epochs=1, step=0.02)
    optimizer = finetuning.sgd(model, 0.002)
    tuned, summary = shrink(
        model, batches, F.cross_entropy, target_macs=0.5, epochs=2, optimizer=optimizer
    )
    assert 0.45 < summary.now.macs / summary.before.macs <= 0.5
    assert tuned(images).isfinite().all() and tuned(images).shape == (64, 3)
    block = tuned.layer1[0]
    assert block.conv1.out_channels == block.conv2.in_channels < 64
    assert tuned.conv1.out_channels == block.conv2.out_channels  # a residual stream
    assert [layer.name for layer in summary.layers if layer.left_dense] == ["fc"]
