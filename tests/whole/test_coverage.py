"""Networks of torchvision and timm: units that nothing reads are cut, and outputs stay.

The quick ones by default; all of them with ``-m slow``.
"""

import json
from importlib.util import find_spec

import pytest
import torch

from benchmarks import coverage
from reproduce.surgery.graph import plan_of
from tests.reproduce.surgery.test_graph import UNet

pytestmark = pytest.mark.skipif(find_spec("timm") is None, reason="needs the extra 'models'")
# Of the published figures: what must be gated at least, by the beginning of the name.
NEARLY_ALL = (
    "resnet", "wide_resnet", "seresnet", "vgg", "densenet", "mobilenet", "efficientnet",
    "res2net", "cspresnet", "inception", "googlenet", "segmentation.fcn", "detection",
)  # fmt: skip
MOST = ("vit", "deit", "swin", "convnext", "regnet", "resnext")
LEAST = dict.fromkeys(NEARLY_ALL, 0.95) | dict.fromkeys(MOST, 0.6)
SLOW = [name for name in coverage.NETWORKS if name not in coverage.QUICK]


@pytest.mark.filterwarnings("ignore")  # of other people's networks
@pytest.mark.parametrize(
    "name", [*coverage.QUICK, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)]
)
def test_irregular_removals_change_no_output(name):
    model, x = coverage.build(name), coverage.example(name)
    plan = plan_of(model, x)
    own = name.partition(":")[2]
    least = max((share for start, share in LEAST.items() if own.startswith(start)), default=0)
    assert coverage.share_gated(plan) >= least
    size = sum(p.numel() for p in model.parameters())
    assert coverage.difference_after_removal(plan, x) < 1e-5
    assert sum(p.numel() for p in model.parameters()) < size


def test_a_u_net_is_gated_but_for_its_output():
    assert coverage.share_gated(plan_of(UNet(), torch.randn(2, 3, 8, 8))) == 1


def test_the_page_is_what_was_found():
    assert coverage.PAGE.read_text() == coverage.page(json.loads(coverage.FOUND.read_text()))
