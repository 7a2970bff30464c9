"""The one training loop, resumable after each epoch and within long ones.

What a method does around it comes from outside: see ``methods``.
"""

import logging
import math
import platform
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from reproduce import ranks
from reproduce.arithmetic import computed_in, layers_in, subnormals_flushed
from reproduce.data import Dataset
from reproduce.errors import DataError, StoreError, UserError
from reproduce.methods.base import Job
from reproduce.models import build
from reproduce.runs.kinds import METHODS
from reproduce.runs.record import TRAINING_PASSES, Epoch, GatedEpoch, Provenance, Record, Size
from reproduce.runs.settings import Settings
from reproduce.runs.store import Run
from reproduce.training.optimisers import SGD

LOG = logging.getLogger("parsimony")
EVALUATION_BATCH = 1000
CHECKPOINT_SECONDS = 300.0  # within an epoch; each epoch's end is kept too
MOMENTUM = 0.9
LEARNT, BACK = 0.9, 0.97  # of the loss of guessing: something is learnt below, nothing above


def process_name() -> str:
    return uuid.uuid4().hex[:12]


PROCESS = process_name()  # wall-clock times compare only within one process


class Training:
    """One run: a network on a data set, from its start or from its last complete epoch.

    Args:
        settings: of the run.
        data: the data set that ``settings.dataset`` names, on its device, with its test images.
        run: the folder where checkpoints, metrics and the record go.

    Raises:
        DataError: the data are not those that the settings name.
        StoreError: the folder can't be written, or holds a run on other data.
    """

    def __init__(self, settings: Settings, data: Dataset, run: Run):
        _require_shareable(settings)
        if data.name != settings.dataset:
            raise DataError(f"the run is on {settings.dataset}, and these are {data.title}")
        self.settings, self.run = settings, run
        self.fingerprint = data.fingerprint
        self.data = _chosen(data, settings)
        device = data.train_x.device
        self.arithmetic = computed_in(settings.precision, device)
        self.steps = len(self.data.train_x) // settings.batch_size
        if not self.steps:
            raise UserError(
                f"batch_size must be at most the {len(self.data.train_x)} training images;"
                f" got {settings.batch_size}"
            )
        with _enough_memory(settings):
            self.model = build(
                settings.network, settings.widths, data.classes, settings.init, settings.seed
            ).to(device)
        self.optimizer = _optimizer(self.model, settings, len(self.data.train_x))
        example = self.data.normalise(self.data.train_x[:2])
        samples, kept = len(self.data.train_x), self._source()
        job = Job(self.model, example, settings, samples, self.steps, self.data, kept)
        self.method = METHODS[settings.method].load()(job)
        self.plan = self.method.plan
        self.started_with = self._size()
        self.order = torch.Generator().manual_seed(settings.seed)
        self.history: list[Epoch] = []
        self.part: dict[str, Any] | None = None
        self._resume_or_begin()

    def _source(self) -> list[list[int]]:
        """The units kept by the run that this one takes its size from, in the same folder."""
        source = self.settings.source
        if source is None:
            return []
        run = Run(self.run.folder.parent / source.name)
        if not run.finished:
            raise UserError(
                f"method {self.settings.method} takes its size from the same run with method"
                f" {source.method}, which is not finished in {run.folder}: train that first"
            )
        return [list(kept) for kept in run.trained().record.kept]

    def epochs(self, on_step: Callable[[], None] = lambda: None) -> Iterator[Epoch]:
        """Trains what is left to train, and yields each epoch's metrics once they are on disk.

        ``on_step`` is called after every step, for a progress bar.
        """
        for epoch in range(len(self.history) + 1, self.settings.epochs + 1):
            with _enough_memory(self.settings), subnormals_flushed():
                metrics = self._epoch(epoch, on_step)
            self.history.append(metrics)
            if epoch == self.settings.epochs:
                self.method.finish(self.optimizer)
                metrics = self.history[-1] = replace(
                    metrics, **self._evaluated(), **vars(self._size())
                )
                self.run.finish(self._record(), self.history, self.model.state_dict())
            else:
                self.run.save_checkpoint(self._state(), self.history)
            yield metrics

    def _epoch(self, epoch: int, on_step: Callable[[], None]) -> Epoch:
        start = self._clock()
        part = self.part
        if part is None:
            part = self.part = self._new_part()
            self.method.before_epoch(epoch, self.optimizer)
        self._train(epoch, part, on_step)
        self.part = None
        seconds = part["seconds"] + self._clock() - start
        self._tell_of_collapse(epoch, part["loss"].item() / self.steps)
        gates = self.method.metrics(self._evaluate)
        kind = GatedEpoch if gates else Epoch
        return kind(
            epoch=epoch,
            train_loss=part["loss"].item() / self.steps,
            **self._evaluated(),
            **gates,
            **vars(self._size()),
            train_macs=part["macs"],
            seconds=seconds,
            process=PROCESS if part["process"] == PROCESS else f"{part['process']}+{PROCESS}",
        )

    def _new_part(self) -> dict[str, Any]:
        """What is known of an epoch in work; all of it goes into a checkpoint within the epoch."""
        return {
            "step": 0,
            "loss": torch.zeros((), device=self.data.train_x.device),
            "macs": 0,
            "seconds": 0.0,
            "process": PROCESS,
            "order": self.order.get_state(),
        }

    def _train(self, epoch: int, part: dict[str, Any], on_step: Callable[[], None]) -> None:
        """The steps of one epoch that are left."""
        settings = self.settings
        self.model.train()
        parallel = ranks.parallel(self.model)
        macs = TRAINING_PASSES * self.plan.macs() * settings.batch_size
        batches = self.data.batches(
            settings.batch_size, self.order, settings.shift, settings.flip, skip=part["step"]
        )
        sums = torch.zeros(self.steps, device=self.data.train_x.device)  # of losses, by step
        began = saved = time.monotonic()
        for x, y in batches:
            self._set_learning_rate((epoch - 1) * self.steps + part["step"])
            loss = F.cross_entropy(self._logits(parallel, ranks.share(x)), ranks.share(y))
            self.optimizer.zero_grad()
            loss.backward()
            self.method.after_backward()
            self.optimizer.step()
            part["loss"] += ranks.mean_(loss.detach())
            sums[part["step"]] = part["loss"]
            part["macs"] += macs
            part["step"] += 1
            if self.method.after_step(part["step"], self.optimizer):
                parallel = ranks.parallel(self.model)
                macs = TRAINING_PASSES * self.plan.macs() * settings.batch_size
            on_step()
            if time.monotonic() - saved > CHECKPOINT_SECONDS:
                saved = time.monotonic()
                self._require_finite(epoch, sums, part["step"])
                part_now = part | {"seconds": part["seconds"] + saved - began}
                self.run.save_checkpoint(self._state() | {"part": part_now}, self.history)
        self._require_finite(epoch, sums, part["step"])

    def _require_finite(self, epoch: int, sums: Tensor, steps: int) -> None:
        """Raises UserError where the loss, or what is about to be saved, is not finite.

        A look at every step would make a device wait; a sum that is not finite stays so, and says
        afterwards which step it was. ``steps``: how many there have been in this epoch.
        """
        wrong = (~sums.isfinite()).nonzero()
        if len(wrong):
            what, step = "loss is", int(wrong[0]) + 1
        elif not all(bool(values.isfinite().all()) for values in self.model.state_dict().values()):
            what, step = "weights are", steps
        else:
            return
        raise UserError(
            f"the {what} not finite at step {step} of epoch {epoch}: lower learning_rate"
            f" ({self.settings.learning_rate}); the last checkpoint is kept"
        )

    def _tell_of_collapse(self, epoch: int, loss: float) -> None:
        """A line when the network, having learnt something, is back at guessing."""
        guessing = math.log(self.data.classes)
        before = self.history[-1].train_loss if self.history else math.inf
        if loss > BACK * guessing > LEARNT * guessing > before:
            LOG.warning(
                f"the loss is back at {loss:.2f} in epoch {epoch}, that of guessing, from"
                f" {before:.2f}: the network has collapsed; lower log_gamma, let the gates move"
                f" later (waiting_steps), or lower learning_rate ({self.settings.learning_rate})"
            )

    def _logits(self, model: nn.Module, x: Tensor) -> Tensor:
        """The network's output in float32, whatever its layers compute in."""
        with layers_in(self.arithmetic, x.device, model):
            return model(x).float()

    def _set_learning_rate(self, step: int) -> None:
        """Down to zero over the whole run, by half a cosine; at first up, in a straight line."""
        settings = self.settings
        progress = step / (settings.epochs * self.steps)
        rate = settings.learning_rate * 0.5 * (1 + math.cos(math.pi * progress))
        if step < settings.warm_up:
            rate *= (step + 1) / settings.warm_up
        for group in self.optimizer.param_groups:
            group["lr"] = rate

    @torch.no_grad()
    def _evaluate(self) -> tuple[float, float]:
        """Error in % and mean loss on the held-out images, with the method's gates as they are."""
        self.model.eval()
        wrong = loss = 0.0
        for x, y in zip(
            self.data.test_x.split(EVALUATION_BATCH), self.data.test_y.split(EVALUATION_BATCH)
        ):
            logits = self._logits(self.model, self.data.normalise(x))
            loss += F.cross_entropy(logits, y, reduction="sum").item()
            wrong += (logits.argmax(1) != y).sum().item()
        return 100 * wrong / len(self.data.test_y), loss / len(self.data.test_y)

    def _evaluated(self) -> dict[str, Any]:
        error, loss = self._evaluate()
        return {"error": error, "loss": loss}

    def _size(self) -> Size:
        return Size(self.plan.widths(), self.plan.macs(), self.plan.parameters())

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
            "arithmetic": self.arithmetic,
            "part": None,
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
        self._go_on_in(state.get("arithmetic", self.arithmetic))  # earlier checkpoints have none
        self.method.load_state_dict(state["method"], self.optimizer)
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.history, self.part = state["epochs"], state["part"]
        if self.part:
            self.part["loss"] = self.part["loss"].to(self.data.train_x.device)
        # Within an epoch its batches are drawn again from its start, and those done are skipped.
        self.order.set_state(self.part["order"] if self.part else state["order"])
        self.run.begin(self.settings, self.history)

    def _go_on_in(self, begun: str) -> None:
        """Keeps the arithmetic that the run was begun with, whatever this machine would choose."""
        if begun == self.arithmetic:
            return
        here = {
            "bfloat16": "which this machine only emulates, many times slower: where it is at home"
            " the same command is faster",
            "float32": "although this machine has the bfloat16 that was asked for",
        }
        LOG.warning(f"{self.run.folder} was begun in {begun} and goes on in it, {here[begun]}")
        self.arithmetic = begun

    def _record(self) -> Record:
        last, device = self.history[-1], self.data.train_x.device
        return Record(
            settings=self.settings,
            provenance=Provenance(
                configuration=self.settings.hash,
                data=self.data.title,
                fingerprint=self.fingerprint,
                train_samples=len(self.data.train_x),
                held_out_samples=len(self.data.test_x),
                device=torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu",
                threads=torch.get_num_threads(),
                machine=platform.machine(),
                python=platform.python_version(),
                torch=torch.__version__,
                numpy=np.__version__,
                arithmetic=self.arithmetic,
            ),
            start=self.started_with,
            end=self._size(),
            error=last.error,
            loss=last.loss,
            train_macs=sum(epoch.train_macs for epoch in self.history),
            seconds=sum(epoch.seconds for epoch in self.history),
            kept=tuple(map(tuple, self.method.kept())),
            spared=tuple(self.method.spared()),
            **self.method.report(),
        )


def _chosen(data: Dataset, settings: Settings) -> Dataset:
    """What is trained and judged on. Raises UserError where more images are asked for than are."""
    if settings.judged_on == "validation":
        data = data.with_validation()
    if settings.train_images > len(data.train_x):
        raise UserError(
            f"train_images must be at most the {len(data.train_x)} training images;"
            f" got {settings.train_images}"
        )
    return data.subset(settings.train_images, settings.seed) if settings.train_images else data


def _require_shareable(settings: Settings) -> None:
    """Raises UserError for a run that can't be shared out among the ranks there are."""
    if ranks.count() > 1 and not METHODS[settings.method].shareable:
        shareable = [name for name, kind in METHODS.items() if kind.shareable]
        raise UserError(
            f"method {settings.method} is trained on one device; on {ranks.count()} can be"
            " trained: " + ", ".join(sorted(shareable))
        )
    if settings.batch_size % ranks.count():
        raise UserError(
            f"batch_size must be a multiple of the {ranks.count()} ranks; got {settings.batch_size}"
        )


def _optimizer(model: nn.Module, settings: Settings, samples: int) -> torch.optim.Optimizer:
    """SGD on mean loss + lambda/(2N) |w|^2; biases and batch-norm parameters have no prior."""
    weights = [p for p in model.parameters() if p.dim() > 1]
    others = [p for p in model.parameters() if p.dim() <= 1]
    decay = settings.weight_precision / samples
    groups: list[dict[str, Any]] = [{"params": weights, "weight_decay": decay}, {"params": others}]
    return SGD(groups, lr=settings.learning_rate, momentum=MOMENTUM, nesterov=True, fused=True)


@contextmanager
def _enough_memory(settings: Settings) -> Iterator[None]:
    """Turns the ways in which Python and torch run out of memory into one line."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not isinstance(error, (MemoryError, torch.OutOfMemoryError)) and not any(
            words in str(error) for words in ("not enough memory", "can't allocate memory")
        ):
            raise
        raise UserError(
            f"not enough memory for {settings.network} {'-'.join(map(str, settings.widths))} with"
            f" batch_size {settings.batch_size}: lower one of them; finished epochs are kept"
        ) from error
