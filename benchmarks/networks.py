"""What the benchmarks of training share: one optimiser step, and the committed compact runs."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional as F

from benchmarks.memory import high_water, in_a_process
from reproduce.arithmetic import computed_in, layers_in
from reproduce.errors import UserError
from reproduce.experiments.presets import committed, preset
from reproduce.gates.gates import Gates
from reproduce.models import NETWORKS, build
from reproduce.runs.loaded import Trained
from reproduce.runs.settings import Settings
from reproduce.runs.store import Store

RESULTS = Path(__file__).parents[1] / "results"
BATCH = 128
# A price of next to nothing: no gate closes while the clock runs.
OPEN: dict[str, Any] = {"log_gamma": 1e-6}
FOR_LONG: dict[str, Any] = {"samples": 50_000, "steps": 10**6}


def settings_of(network: str, **gates: Any) -> Settings:
    """A network at full width at its preset's settings, with other settings of the gates."""
    settings = preset(network, None)["compact"].settings
    return replace(settings, gates=replace(settings.gates, **gates))


class Step:
    """One optimiser step, when called, on the same random images each time."""

    def __init__(self, settings: Settings, gated: bool):
        network = NETWORKS[settings.network]
        self.settings = settings
        self.model = build(settings.network, settings.widths, 10, settings.init, seed=0)
        self.optimizer = torch.optim.SGD(
            self.model.parameters(), lr=1e-3, momentum=0.9, nesterov=True, fused=True
        )
        torch.manual_seed(0)
        x, self.y = torch.rand(BATCH, *network.image), torch.randint(0, 10, (BATCH,))
        self.x = x.contiguous(memory_format=torch.channels_last)
        self.arithmetic = computed_in(settings.precision, self.x.device)
        config = replace(settings.gates, **OPEN)
        self.gates = Gates.attach(self.model, self.x[:2], config, **FOR_LONG) if gated else None

    def __call__(self) -> None:
        with layers_in(self.arithmetic, self.x.device, self.model):
            logits = self.model(self.x)
        loss = F.cross_entropy(logits.float(), self.y)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        if self.gates:
            self.gates.step()


def memory(settings: Settings) -> dict[str, Any]:
    """Peak MiB of training without and with gates, beside what Python and torch take."""
    plain, gated = (in_a_process(_peak, settings, gated) for gated in (False, True))
    return {"MiB, plain": plain, "MiB, gated": gated, "ratio": gated / plain}


def _peak(settings: Settings, gated: bool) -> float:
    torch.set_num_threads(1)
    before = high_water()
    step = Step(settings, gated)
    for _ in range(3):
        step()
    return high_water() - before


def compact_run(network: str) -> Trained:
    """The first committed run at the compact point of a network."""
    for wanted in committed():
        if wanted.network == network:
            runs = Store(RESULTS / wanted.folder).load().seeds(wanted["compact"].settings)
            if runs:
                return runs[0]
    raise UserError(f"no run of {network} at its compact point is in {RESULTS}")
