"""The examples for networks of one's own run as they stand, and prune."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "own_network.md"
SETUP, *EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
TITLES = re.findall(r"^## (.*)$", PAGE.read_text(), re.MULTILINE)


@pytest.mark.parametrize("code", EXAMPLES[:-1], ids=TITLES[:-1])
def test_a_loop_prunes_and_leaves_a_plain_network(code):
    names: dict = {}
    exec(SETUP + code, names)
    gates, model = names["gates"], names["model"]
    assert gates.frozen and sum(gates.plan.widths()) < sum(gates.started_with)
    assert gates._steps > 10
    assert not any(module._forward_pre_hooks for module in model.modules())
    held = {id(p) for group in names["optimizer"].param_groups for p in group["params"]}
    assert held == {id(p) for p in model.parameters()}


def test_a_residual_network_says_what_is_gated_and_what_is_not(capsys):
    pytest.importorskip("torch_pruning", reason="needs the extra 'models'")
    exec(SETUP + EXAMPLES[-1], {})
    said = capsys.readouterr().out
    assert "16 units of '2.first'" in said and "'3.first' is left dense: '3.first' is ex" in said
