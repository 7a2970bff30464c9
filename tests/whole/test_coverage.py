"""Networks of torchvision and timm: units that nothing reads are cut, and outputs stay.

The quick ones by default; all of them with ``-m slow``.
"""

from importlib.util import find_spec

import pytest

from benchmarks import coverage
from reproduce.surgery.graph import plan_of

pytestmark = pytest.mark.skipif(find_spec("timm") is None, reason="needs the extra 'models'")
# Of the published figures: what must be gated at least, by the beginning of the name.
LEAST = {"resnet": 0.95, "mobilenet": 0.95, "vgg": 0.95, "densenet": 0.95, "efficientnet": 0.95,
         "inception": 0.95, "googlenet": 0.95, "segmentation.fcn": 0.95, "convnext": 0.6,
         "regnet": 0.6, "resnext": 0.6, "vit_tiny": 0.6, "deit": 0.6, "swin_tiny": 0.6}  # fmt: skip
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
