"""bfloat16 where the device has it; float32 in its place, and said so, where it is emulated."""

from dataclasses import replace
from itertools import islice

import pytest
import torch

from reproduce import arithmetic, console
from reproduce.data import load
from reproduce.runs.settings import Settings
from reproduce.runs.store import Store
from reproduce.tables import results as tables
from reproduce.training.loop import Training
from tests.reproduce.training.test_loop import outcome, same

CPU = torch.device("cpu")
FULL = Settings(
    dataset="mnist_format", method="dense", widths=(784, 20, 10), epochs=1, batch_size=32
)
REDUCED = replace(FULL, precision="bfloat16")


@pytest.fixture
def emulated(monkeypatch, request):
    """A processor that emulates bfloat16, or one that has it, whatever this one does."""
    monkeypatch.setattr(arithmetic, "emulates_bfloat16", lambda device_type: request.param)
    return request.param


@pytest.fixture
def trained(mnist_folder, tmp_path):
    data = load("mnist", str(mnist_folder))

    def train(settings):
        run = Store(tmp_path).run(settings)
        list(Training(settings, data, run).epochs())
        return run.record()

    return train


@pytest.mark.parametrize("emulated", [False, True], indirect=True)
def test_layers_compute_in_bfloat16_only_where_the_device_has_it(emulated, trained):
    full, reduced = trained(FULL), trained(REDUCED)
    assert (reduced.loss == full.loss) == emulated
    assert full.provenance.arithmetic == "float32"
    assert reduced.provenance.arithmetic == ("float32" if emulated else "bfloat16")
    said = "in float32 for want of bfloat16" in tables.made_note([full, reduced])
    assert said == emulated


@pytest.mark.parametrize("emulated", [False, True], indirect=True)
def test_a_line_before_training_says_so_too(emulated, capsys):
    console.arithmetic([FULL], CPU)
    assert not capsys.readouterr().err
    console.arithmetic([FULL, REDUCED], CPU)
    assert ("float32" in capsys.readouterr().err) == emulated


def test_an_emulation_is_told_by_its_time(monkeypatch):
    for seconds, emulates in ((1.0, False), (1.3, False), (2.2, True), (15.0, True)):
        times = {torch.float32: 1.0, torch.bfloat16: seconds}
        monkeypatch.setattr(arithmetic, "_seconds", times.get)
        assert arithmetic.emulates_bfloat16.__wrapped__("cpu") == emulates


def test_this_processor_is_timed_once():
    arithmetic.emulates_bfloat16.cache_clear()
    assert arithmetic.emulates_bfloat16("cpu") == arithmetic.emulates_bfloat16("cpu")
    assert arithmetic.emulates_bfloat16.cache_info().misses == 1


def test_tables_count_the_runs_of_each_machine(trained):
    record = trained(FULL)
    other = replace(record, provenance=replace(record.provenance, device="a card"))
    note = tables.made_note([record, other, other])
    assert "cpu" in note and ": n = 1" in note and "a card" in note and ": n = 2" in note
    assert "n = " not in tables.made_note([record])


@pytest.mark.parametrize("begun_emulated", [False, True], ids=["bfloat16", "float32"])
def test_a_run_goes_on_in_the_arithmetic_it_was_begun_with(
    begun_emulated, mnist_folder, tmp_path, monkeypatch, caplog
):
    """However the machine that goes on with it would choose; it ends as if it had never moved."""
    data, settings = load("mnist", str(mnist_folder)), replace(REDUCED, epochs=3)
    ended = []
    for name, moves in (("stays", False), ("moves", True)):
        run = Store(tmp_path / name).run(settings)
        monkeypatch.setattr(arithmetic, "emulates_bfloat16", lambda _: begun_emulated)
        list(islice(Training(settings, data, run).epochs(), 1))
        monkeypatch.setattr(arithmetic, "emulates_bfloat16", lambda _: begun_emulated ^ moves)
        list(Training(settings, data, run).epochs())
        ended.append(outcome(run))
    assert same(*ended)
    (line,) = caplog.messages
    begun = "float32" if begun_emulated else "bfloat16"
    assert f"was begun in {begun} and goes on in it" in line
    assert ended[1][1].provenance.arithmetic == begun


def test_training_takes_subnormal_numbers_for_zero_and_leaves_the_rest_alone(
    mnist_folder, tmp_path
):
    def flushed():
        return bool(torch.tensor(torch.finfo(torch.float32).tiny) / 2 == 0)

    during = []
    training = Training(FULL, load("mnist", str(mnist_folder)), Store(tmp_path).run(FULL))
    list(training.epochs(lambda: during.append(flushed())))
    assert set(during) == {torch.set_flush_denormal(False)}  # False where it can't be had
    assert not flushed()
    with arithmetic.subnormals_flushed(), arithmetic.subnormals_flushed():
        pass
    assert not flushed()
