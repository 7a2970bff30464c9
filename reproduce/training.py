"""The one training loop: epoch by epoch, resumable after each, the method's part from outside."""

import math
import platform
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from reproduce.data import Dataset
from reproduce.errors import StoreError, UserError
from reproduce.methods import METHODS
from reproduce.models import build
from reproduce.settings import Settings
from reproduce.store import Run

PROCESS = uuid.uuid4().hex[:12]  # wall-clock times compare only within one process
EVALUATION_BATCH = 5000
MOMENTUM = 0.9


class Training:
    """One run: a network on a data set, from its start or from its last complete epoch.

    Args:
        settings: of the run.
        data: the data set that ``settings.dataset`` names, on its device, with its test images.
        run: the folder where checkpoints, metrics and the record go.

    Raises:
        StoreError: the folder can't be written, or a checkpoint is damaged.
    """

    def __init__(self, settings: Settings, data: Dataset, run: Run):
        self.settings, self.run = settings, run
        self.fingerprint = data.fingerprint
        self.data = data.with_validation() if settings.judged_on == "validation" else data
        device = data.train_x.device
        self.steps = len(self.data.train_x) // settings.batch_size
        if not self.steps:
            raise UserError(
                f"batch_size must be at most the {len(self.data.train_x)} training images;"
                f" got {settings.batch_size}"
            )
        self.model = build(
            settings.network, settings.widths, data.classes, settings.init, settings.seed
        ).to(device)
        self.optimizer = _optimizer(self.model, settings, len(self.data.train_x))
        example = self.data.normalise(self.data.train_x[:2])
        method = METHODS[settings.method]
        self.method = method(self.model, example, settings, len(self.data.train_x), self.steps)
        self.plan = self.method.plan
        self.started_with = self._size()
        self.order = torch.Generator().manual_seed(settings.seed)
        self.history: list[dict[str, Any]] = []
        self._resume_or_begin()

    def epochs(self, on_step: Callable[[], None] = lambda: None) -> Iterator[dict[str, Any]]:
        """Trains what is left to train, and yields each epoch's metrics once they are on disk.

        ``on_step`` is called after every step, for a progress bar.
        """
        for epoch in range(len(self.history) + 1, self.settings.epochs + 1):
            metrics = self._epoch(epoch, on_step)
            self.history.append(metrics)
            if epoch == self.settings.epochs:
                self.method.finish(self.optimizer)
                metrics |= self._evaluated() | self._size()
                self.run.finish(self._record(), self.history, self.model.state_dict())
            else:
                self.run.save_checkpoint(self._state(), self.history)
            yield metrics

    def _epoch(self, epoch: int, on_step: Callable[[], None]) -> dict[str, Any]:
        start = self._clock()
        self.method.before_epoch(epoch, self.optimizer)
        macs = self.plan.macs()
        self.model.train()
        batches = self.data.batches(self.settings.batch_size, self.order, self.settings.shift)
        total_loss = torch.zeros((), device=self.data.train_x.device)
        for step, (x, y) in enumerate(batches, start=(epoch - 1) * self.steps):
            self._set_learning_rate(step)
            loss = F.cross_entropy(self.model(x), y)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            self.method.after_step()
            total_loss += loss.detach()
            on_step()
        self.method.after_epoch(epoch, self.optimizer)
        seconds = self._clock() - start
        if not torch.isfinite(total_loss):
            raise UserError(
                f"the loss is not finite in epoch {epoch}: lower learning_rate"
                f" ({self.settings.learning_rate}); the epochs before are kept"
            )
        return {
            "epoch": epoch,
            "train_loss": total_loss.item() / self.steps,
            **self._evaluated(),
            **self.method.metrics(self._evaluate),
            **self._size(),
            "train_macs": 3 * macs * self.steps * self.settings.batch_size,
            "seconds": seconds,
            "process": PROCESS,
        }

    def _set_learning_rate(self, step: int) -> None:
        """Down to zero over the whole run, by half a cosine."""
        progress = step / (self.settings.epochs * self.steps)
        for group in self.optimizer.param_groups:
            group["lr"] = self.settings.learning_rate * 0.5 * (1 + math.cos(math.pi * progress))

    @torch.no_grad()
    def _evaluate(self) -> tuple[float, float]:
        """Error in % and mean loss on the held-out images, with the method's gates as they are."""
        self.model.eval()
        wrong = loss = 0.0
        for x, y in zip(
            self.data.test_x.split(EVALUATION_BATCH), self.data.test_y.split(EVALUATION_BATCH)
        ):
            logits = self.model(self.data.normalise(x))
            loss += F.cross_entropy(logits, y, reduction="sum").item()
            wrong += (logits.argmax(1) != y).sum().item()
        return 100 * wrong / len(self.data.test_y), loss / len(self.data.test_y)

    def _evaluated(self) -> dict[str, float]:
        error, loss = self._evaluate()
        return {"error": error, "loss": loss}

    def _size(self) -> dict[str, Any]:
        plan = self.plan
        return {
            "widths": list(plan.widths()),
            "macs": plan.macs(),
            "parameters": plan.parameters(),
        }

    def _clock(self) -> float:
        if self.data.train_x.is_cuda:
            torch.cuda.synchronize()
        return time.perf_counter()

    def _state(self) -> dict[str, Any]:
        return {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "method": self.method.state_dict(),
            "order": self.order.get_state(),
            "fingerprint": self.fingerprint,
        }

    def _resume_or_begin(self) -> None:
        state = self.run.load_checkpoint()
        if state is None:
            self.run.begin(self.settings)
            return
        if state["fingerprint"] != self.fingerprint:
            raise StoreError(
                f"{self.run.folder} was begun on other data (fingerprint {state['fingerprint']},"
                f" now {self.fingerprint}): use the same data, or delete the folder"
            )
        self.method.load_state_dict(state["method"], self.optimizer)
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.order.set_state(state["order"])
        self.history = state["epochs"]

    def _record(self) -> dict[str, Any]:
        last = self.history[-1]
        return {
            "settings": self.settings.to_dict(),
            "provenance": {
                "configuration": self.settings.hash,
                "data": self.data.title,
                "fingerprint": self.fingerprint,
                "train_samples": len(self.data.train_x),
                "held_out_samples": len(self.data.test_x),
                **_environment(self.data.train_x.device),
            },
            "start": self.started_with,
            "end": {name: last[name] for name in self.started_with},
            "error": last["error"],
            "loss": last["loss"],
            "train_macs": sum(epoch["train_macs"] for epoch in self.history),
            "seconds": sum(epoch["seconds"] for epoch in self.history),
            "kept": self.method.kept(),
        }


def _optimizer(model: nn.Module, settings: Settings, samples: int) -> torch.optim.Optimizer:
    """SGD on mean loss + lambda/(2N) |w|^2; biases and batch-norm parameters have no prior."""
    weights = [p for p in model.parameters() if p.dim() > 1]
    others = [p for p in model.parameters() if p.dim() <= 1]
    decay = settings.weight_precision / samples
    groups = [{"params": weights, "weight_decay": decay}, {"params": others}]
    return torch.optim.SGD(
        groups, lr=settings.learning_rate, momentum=MOMENTUM, nesterov=True, fused=True
    )


def _environment(device: torch.device) -> dict[str, Any]:
    return {
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu",
        "threads": torch.get_num_threads(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
    }
