"""Gates in a training by PyTorch Lightning (optional extra ``lightning``).

callback = GateCallback(GateConfig(log_gamma=39.0), example_input, freeze_at_epoch=40)
Trainer(max_epochs=50, callbacks=[callback]).fit(module, loader)
"""

import math
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from torch import Tensor, nn
from torch.utils._pytree import tree_map

from reproduce.errors import UserError, from_extra
from reproduce.gates.config import GateConfig
from reproduce.gates.gates import Gates

pl = from_extra("lightning", "pytorch_lightning", "GateCallback")


class GateCallback(pl.Callback):  # type: ignore[name-defined]  # known once imported
    """Puts gates on a network when its fit starts, moves them with the optimiser, prunes, freezes.

    Units are removed at the end of each epoch of training, after its validation; the gates are
    frozen at the start of epoch ``freeze_at_epoch``, counted from 0, and if there is no such epoch
    never. A resumed fit (``ckpt_path``) cuts a newly built network to the units that were left
    before it loads weights. A network that has shrunk since a checkpoint can't load it any more.

    Args:
        config: prices, estimator and step of the gates; ``windows`` is not used.
        example_input: one batch as the network takes it: a tensor, or a tuple of arguments.
        freeze_at_epoch: the number of epochs in which the gates move, at least 1.
        exclude: modules to leave as they are.
        network: name of the submodule to gate, which the steps must call; by default the
            LightningModule itself, whose ``forward`` the steps then call as ``self(x)``.
        samples, steps: of the training set, and until the freeze; None: as the trainer tells.
        seed: of what the gates draw.

    Attributes:
        gates: the gates, once a fit has started; None before.

    Raises:
        UserError: ``freeze_at_epoch`` is below 1. In a fit: there are several devices, or not
            exactly one optimiser; or the loader does not tell ``samples`` or ``steps``.
        NetworkError: in a fit: nothing can be gated.
    """

    def __init__(
        self,
        config: GateConfig,
        example_input: Tensor | tuple[Any, ...],
        freeze_at_epoch: int,
        exclude: Iterable[nn.Module] = (),
        network: str = "",
        samples: int | None = None,
        steps: int | None = None,
        seed: int = 0,
    ):
        if freeze_at_epoch < 1:
            raise UserError(f"freeze_at_epoch must be at least 1; got {freeze_at_epoch}")
        self.config, self.example_input = config, example_input
        self.freeze_at_epoch = freeze_at_epoch
        self.exclude, self.network = tuple(exclude), network
        self.samples, self.steps, self.seed = samples, steps, seed
        self.gates: Any = None  # Gates, once there are some

    def setup(self, trainer: Any, pl_module: Any, stage: str) -> None:
        if trainer.world_size > 1:
            raise UserError("under Lightning gates are learnt on one device: Trainer(devices=1)")

        # Lightning loads weights before it comes to callbacks; of its hooks only this is earlier.
        def cut_first(checkpoint: dict[str, Any]) -> None:
            self._restore(trainer, pl_module, checkpoint)
            type(pl_module).on_load_checkpoint(pl_module, checkpoint)

        pl_module.on_load_checkpoint = cut_first

    def teardown(self, trainer: Any, pl_module: Any, stage: str) -> None:
        vars(pl_module).pop("on_load_checkpoint", None)

    def on_fit_start(self, trainer: Any, pl_module: Any) -> None:
        if len(trainer.optimizers) != 1:
            raise UserError(
                f"gates need exactly one optimiser; there are {len(trainer.optimizers)}"
            )
        if self.gates is None:
            self._attach(trainer, pl_module, *self._told(trainer))

    def on_train_epoch_start(self, trainer: Any, pl_module: Any) -> None:
        if not self.gates.frozen and trainer.current_epoch >= self.freeze_at_epoch:
            self.gates.freeze(trainer.optimizers[0])

    def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: Any, index: int) -> None:
        self.gates.batch_share = 1 / trainer.accumulate_grad_batches  # what Lightning does

    def on_before_optimizer_step(self, trainer: Any, pl_module: Any, optimizer: Any) -> None:
        if not self.gates.frozen:
            scaler = getattr(trainer.precision_plugin, "scaler", None)
            self.gates.step(scaler.get_scale() if scaler else 1.0)

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        if not self.gates.frozen:
            self.gates.prune(trainer.optimizers[0])

    def state_dict(self) -> dict[str, Any]:
        if self.gates is None:
            return {}
        size = {"samples": self.samples, "steps": self.steps, "seed": self.seed}
        return {"config": asdict(self.gates.config), "gates": self.gates.state_dict()} | size

    def _restore(self, trainer: Any, pl_module: Any, checkpoint: dict[str, Any]) -> None:
        state = checkpoint.get("callbacks", {}).get(self.state_key)
        if not state:
            return
        if self.gates is None:
            self.config, self.seed = GateConfig(**state["config"]), state["seed"]
            self._attach(trainer, pl_module, state["samples"], state["steps"])
        self.gates.load_state_dict(state["gates"], None)  # the optimiser is made after this

    def _attach(self, trainer: Any, pl_module: Any, samples: int, steps: int) -> None:
        self.samples, self.steps = samples, steps
        # A checkpoint comes before Lightning has moved the network, and gates stay where they are.
        device = trainer.strategy.root_device
        network = pl_module.to(device).get_submodule(self.network)

        def moved(x: Any) -> Any:
            return x.to(device) if isinstance(x, Tensor) else x

        self.gates = Gates.attach(
            network, tree_map(moved, self.example_input), self.config, self.exclude,
            samples=samples, steps=steps, seed=self.seed,
        )  # fmt: skip

    def _told(self, trainer: Any) -> tuple[int, int]:
        """The size of the training set and the steps until the freeze."""
        samples, steps = self.samples, self.steps
        trainer.fit_loop.setup_data()
        try:
            samples = samples or len(trainer.train_dataloader.dataset)
            batches = trainer.num_training_batches / trainer.accumulate_grad_batches
            return samples, steps or self.freeze_at_epoch * math.ceil(batches)
        except (AttributeError, TypeError, OverflowError) as error:
            if samples and steps:
                return samples, steps
            raise UserError(
                "the loader does not tell the size of the training set: give samples and steps to"
                " the GateCallback"
            ) from error
