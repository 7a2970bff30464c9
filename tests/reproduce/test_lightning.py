"""Gates in a training by PyTorch Lightning: that of a plain loop, also when it is resumed."""

import importlib
import sys
from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, IterableDataset, TensorDataset

from reproduce.errors import UserError
from reproduce.experiments.presets import AS_PUBLISHED
from reproduce.gates.gates import Gates

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*does not have many workers"),
    pytest.mark.filterwarnings("ignore:.*have no `val_dataloader`"),
    pytest.mark.filterwarnings("ignore:.*callbacks used to create the checkpoint"),
    pytest.mark.filterwarnings("ignore:This property will be removed:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*LeafSpec.*is deprecated"),  # Lightning's use of torch
]
EPOCHS, FREEZE = 6, 4
CONFIG = replace(AS_PUBLISHED, log_gamma=1.0, closing_steps=8)
labels = torch.arange(256) % 4
images = torch.randn(256, 3, 8, 8, generator=torch.Generator().manual_seed(0))
images[:, 0] += labels[:, None, None]


def network():
    torch.manual_seed(1)
    return nn.Sequential(
        nn.Conv2d(3, 12, 3, padding=1), nn.BatchNorm2d(12), nn.ReLU(), nn.AdaptiveAvgPool2d(2),
        nn.Flatten(), nn.Linear(48, 24), nn.ReLU(), nn.Linear(24, 4),
    )  # fmt: skip


def sgd(model):
    return torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)


def loader(data=None):
    return DataLoader(data or TensorDataset(images, labels), 32)


@pytest.fixture
def module(lightning):
    """Makes a LightningModule around the network, which notes the checkpoints it is shown."""

    class Module(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.network, self.loaded = network(), []

        def forward(self, x):
            return self.network(x)

        def training_step(self, batch, number):
            return F.cross_entropy(self(batch[0]), batch[1])

        def validation_step(self, batch, number):
            self.log("loss", F.cross_entropy(self(batch[0]), batch[1]))

        def test_step(self, batch, number):
            self.validation_step(batch, number)

        def configure_optimizers(self):
            return sgd(self)

        def on_load_checkpoint(self, checkpoint):
            self.loaded.append(checkpoint["epoch"])

    return Module


@pytest.fixture
def trainer(lightning, tmp_path):
    def make(*callbacks, epochs=EPOCHS, **more):
        return lightning.Trainer(
            max_epochs=epochs, accelerator="cpu", callbacks=[*callbacks], default_root_dir=tmp_path,
            enable_progress_bar=False, enable_model_summary=False, logger=False,
            enable_checkpointing=len(callbacks) > 1, **more,
        )  # fmt: skip

    return make


@pytest.fixture
def callback(lightning):
    def make(config=CONFIG, freeze_at_epoch=FREEZE, **more):
        kind = importlib.import_module("reproduce.lightning").GateCallback
        return kind(config, images[:2], freeze_at_epoch=freeze_at_epoch, **more)

    return make


def plain_loop(parts=1, clip=None):
    """The network and the gates of the same training by hand, on all images in the same order."""
    model = network()
    optimizer = sgd(model)
    steps = FREEZE * 8 // parts
    config = replace(AS_PUBLISHED, log_gamma=1.0, closing_steps=8)
    gates = Gates.attach(model, images[:2], config, samples=256, steps=steps)
    for epoch in range(EPOCHS):
        if epoch == FREEZE:
            gates.freeze(optimizer)
        for number, (x, y) in enumerate(zip(images.split(32), labels.split(32)), start=1):
            (F.cross_entropy(model(x), y) / parts).backward()
            if number % parts == 0:
                if clip:
                    nn.utils.clip_grad_norm_(model.parameters(), clip)
                optimizer.step()
                optimizer.zero_grad()
                if not gates.frozen:
                    gates.step()
        if not gates.frozen:
            gates.prune(optimizer)
    return model, gates


def assert_same(model, gates, other, others):
    assert gates.frozen and others.frozen and gates.plan.widths() == others.plan.widths()
    assert 2 < sum(gates.plan.widths()) < sum(gates.started_with)  # some stay, and some go
    assert torch.equal(gates.theta, others.theta)
    pairs = zip(model.state_dict().values(), other.state_dict().values(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


@pytest.mark.parametrize("parts", [1, 2])
@pytest.mark.parametrize("name", ["", "network"])
def test_a_fit_is_a_plain_loop(callback, module, trainer, parts, name):
    gated, model = callback(network=name), module()
    fit = trainer(gated, accumulate_grad_batches=parts, gradient_clip_val=1.0)
    fit.fit(model, loader(), loader())
    assert_same(model.network, gated.gates, *plain_loop(parts, clip=1.0))
    assert not any(m._forward_pre_hooks for m in model.modules())
    held = {id(p) for group in fit.optimizers[0].param_groups for p in group["params"]}
    assert held == {id(p) for p in model.parameters()}
    assert "on_load_checkpoint" not in vars(model)


@pytest.mark.parametrize("epochs", [2, FREEZE, FREEZE + 1])
def test_a_resumed_fit_ends_like_one_that_was_not_interrupted(
    lightning, callback, module, trainer, tmp_path, epochs
):
    saved = lightning.callbacks.ModelCheckpoint(tmp_path, save_on_train_epoch_end=True)
    trainer(callback(), saved, epochs=epochs).fit(module(), loader(), loader())
    again, model = callback(), module()
    trainer(again).fit(
        model, loader(), loader(), ckpt_path=saved.best_model_path, weights_only=True
    )
    assert model.loaded == [epochs - 1]
    assert_same(model.network, again.gates, *plain_loop())


def test_a_checkpoint_is_tested_in_a_new_network_but_not_in_one_that_has_shrunk(
    callback, module, trainer, tmp_path
):
    path = tmp_path / "early.ckpt"
    gated, model = callback(), module()
    fit = trainer(gated, epochs=1)
    fit.fit(model, loader())
    fit.save_checkpoint(path)
    (early,) = trainer(callback()).test(
        module(), loader(), ckpt_path=path, weights_only=True, verbose=False
    )
    (now,) = fit.test(model, loader(), verbose=False)
    assert early == now
    later = trainer(gated)
    later.fit(model, loader())
    with pytest.raises(UserError, match="has shrunk"):
        later.test(model, loader(), ckpt_path=path, weights_only=True)


def test_the_scale_of_the_loss_is_taken_out(lightning, callback, module, trainer):
    thetas = []
    for scale in (1.0, 4096.0):
        scaler = torch.amp.GradScaler("cpu", init_scale=scale)
        plugin = lightning.plugins.MixedPrecision("16-mixed", "cpu", scaler)
        gated = callback()
        trainer(gated, epochs=1, plugins=[plugin]).fit(module(), loader())
        thetas.append(gated.gates.theta)
    assert thetas[0].shape == thetas[1].shape and torch.allclose(*thetas, atol=1e-2)
    assert (thetas[0] != 0.5).all()


class Endless(IterableDataset):
    def __iter__(self):
        yield from zip(images, labels)


def test_mistakes_are_one_line(callback, module, trainer):
    with pytest.raises(UserError, match="at least 1; got 0"):
        callback(freeze_at_epoch=0)
    with pytest.raises(UserError, match="give samples and steps"):
        trainer(callback()).fit(module(), loader(Endless()))
    told = callback(replace(AS_PUBLISHED, log_gamma=1.0), samples=256, steps=16)
    trainer(told, epochs=1).fit(module(), loader(Endless()))
    assert told.steps == 16 and told.gates._steps == 8
    two = module()
    two.configure_optimizers = lambda: [sgd(two), sgd(two)]
    two.automatic_optimization = False  # Lightning asks for it with several optimisers
    with pytest.raises(UserError, match="exactly one optimiser; there are 2"):
        trainer(callback()).fit(two, loader())


def test_without_the_extra_the_message_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "pytorch_lightning", None)
    monkeypatch.delitem(sys.modules, "reproduce.lightning", raising=False)
    with pytest.raises(UserError, match=r"pip install -e '.\[lightning\]'"):
        importlib.import_module("reproduce.lightning")
