"""Networks of one's own, cut, saved without pickle, and back in the network as it was built."""

import json

import pytest
import torch
from torch import nn

from reproduce import export
from reproduce.errors import StoreError, UserError
from reproduce.gates.gates import Gates
from reproduce.models import build
from tests.reproduce.surgery.kinds import KINDS, closed_at_random, mlp, run
from tests.reproduce.surgery.test_graph_kinds import CONFIG

pytest.importorskip("safetensors", reason="needs the extra 'export'")
NAMES = "tied weights", "attention", "grouped", "three dimensions"
NETWORKS = {name: KINDS[name] for name in NAMES}
NETWORKS["features gated one by one"] = (
    lambda: build("lenet_300_100", (16, 6, 5), 3, "pytorch", 0), torch.randn(4, 1, 4, 4), None
)  # fmt: skip


def cut(name):
    make, example, _ = NETWORKS[name]
    model = make()
    gates = Gates.attach(model, example, CONFIG, samples=1000, steps=100)
    closed_at_random(gates, 2)
    gates.freeze(None)
    return model.eval(), example


@pytest.mark.parametrize("name", NETWORKS)
def test_what_was_cut_comes_back(name, tmp_path):
    model, example = cut(name)
    export.save(model, tmp_path / "net")
    again = export.load(tmp_path / "net.json", NETWORKS[name][0]()).eval()
    assert all(torch.equal(a, b) for a, b in zip(run(model, example), run(again, example)))
    assert all(a.shape == b.shape for a, b in zip(again.parameters(), model.parameters()))
    assert str(again) == str(model)  # the sizes that layers tell


def test_another_network_a_damaged_file_and_a_missing_network_are_named(tmp_path):
    model, _ = cut("tied weights")
    export.save(model, tmp_path / "net")
    with pytest.raises(UserError, match="other modules"):
        export.load(tmp_path / "net", mlp())
    wide = NETWORKS["tied weights"][0]()
    wide[0] = nn.Linear(4, 8)
    with pytest.raises(UserError, match=r"'0.weight' was saved with shape"):
        export.load(tmp_path / "net", wide)
    assert wide[2].weight.shape == (8, 8)
    with pytest.raises(UserError, match=r"load\(path, model\)"):
        export.load(tmp_path / "net")
    (tmp_path / "net.json").write_text(json.dumps({"kind": "module", "sizes": 3}))
    with pytest.raises(StoreError, match="describes no network"):
        export.load(tmp_path / "net", wide)
