"""The examples for networks of one's own run as they stand, and prune."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "own_network.md").read_text()
SETUP, *EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
ONE_CALL, LEARNT, *LOOPS, LIGHTNING, RESIDUAL = EXAMPLES
TITLES = re.findall(r"^## (.*)$", PAGE, re.MULTILINE)


def assert_pruned_and_plain(gates, model, optimizer):
    assert gates.frozen and sum(gates.plan.widths()) < sum(gates.started_with)
    assert gates._steps > 10
    assert not any(module._forward_pre_hooks for module in model.modules())
    held = {id(p) for group in optimizer.param_groups for p in group["params"]}
    assert held == {id(p) for p in model.parameters()}


@pytest.mark.parametrize("code", LOOPS, ids=TITLES[3 : 3 + len(LOOPS)])
def test_a_loop_prunes_and_leaves_a_plain_network(code):
    names: dict = {}
    exec(SETUP + code, names)
    assert_pruned_and_plain(names["gates"], names["model"], names["optimizer"])


@pytest.mark.parametrize(
    ("code", "counted", "share"), [(ONE_CALL, "macs", 0.4), (LEARNT, "parameters", 0.5)]
)
def test_one_call_leaves_what_was_asked_for_and_it_has_learnt(code, counted, share, capsys):
    names: dict = {}
    exec(SETUP + code, names)
    model, summary = names["model"], names["summary"]
    assert 0.8 * share < getattr(summary.now, counted) / getattr(summary.before, counted) <= share
    assert not any(module._forward_pre_hooks for module in model.modules())
    assert (model(names["images"]).argmax(1) == names["labels"]).float().mean() > 0.9
    assert ("32 -> " in capsys.readouterr().out) == (code is ONE_CALL)


@pytest.mark.filterwarnings("ignore:.*does not have many workers")
@pytest.mark.filterwarnings("ignore:.*LeafSpec.*is deprecated")  # Lightning's use of torch
def test_a_lightning_fit_prunes_and_leaves_a_plain_network(lightning, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the trainer writes checkpoints
    names: dict = {}
    exec(SETUP + LIGHTNING, names)
    (optimizer,) = names["trainer"].optimizers
    assert_pruned_and_plain(names["callback"].gates, names["model"], optimizer)


def test_the_example_of_the_readme_is_short_and_prunes():
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    (code,) = [block for block in blocks if "Gates.attach" in block]
    names: dict = {}
    exec("import torch; torch.manual_seed(0)\n" + code, names)
    assert len(code.splitlines()) <= 15
    assert_pruned_and_plain(names["gates"], names["model"], names["optimizer"])
    right = names["model"](names["x"]).argmax(1) == names["y"]
    assert right.float().mean() > 0.9


def test_a_residual_network_says_what_is_gated_and_what_is_not(capsys):
    exec(SETUP + RESIDUAL, {})
    said = capsys.readouterr().out
    assert "16 units of '2.first'" in said and "'3.first' is left dense: '3.first' is ex" in said
