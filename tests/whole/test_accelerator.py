"""The visit to an accelerator, on the processor: resumed, stopped in time, packed, bare."""

import subprocess
import sys
import tarfile
import time
from dataclasses import replace

import pytest

from benchmarks import accelerator
from reproduce.errors import UserError
from reproduce.runs.store import Store
from tests.reproduce.methods.test_rivals import FLAT

DENSE = replace(FLAT, method="dense", epochs=1)


def test_it_imports_nothing_but_what_training_needs():
    program = (
        "import sys, benchmarks.accelerator;"
        "strange = {'rich', 'z3', 'cvc5', 'mlxtend', 'matplotlib', 'sympy', 'torchvision'};"
        "print(sorted(strange & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_smoke_tests_resume_every_method_after_a_checkpoint(data, monkeypatch, capsys):
    monkeypatch.setattr(accelerator, "SMOKE_STEPS", 4)
    accelerator.smoke([FLAT, replace(FLAT, method="dense"), replace(FLAT, method="norm")], data)
    told = capsys.readouterr().out.split("smoke: ")[1:]
    assert sorted(line.split(",")[0] for line in told) == ["dense", "gates", "norm"]


def test_when_the_time_is_up_what_is_finished_is_packed_and_the_rest_is_let_go(tmp_path, capsys):
    store = Store(tmp_path / "study")
    done, slow = DENSE, replace(DENSE, seed=1)

    def trainer(settings):
        if settings == slow:
            time.sleep(3)
        folder = store.run(settings).folder
        folder.mkdir(parents=True)
        for name in accelerator.RECORD:
            (folder / name).write_text(name)

    with pytest.raises(accelerator.TimeIsUp):
        accelerator.train([done, slow], trainer, jobs=2, seconds=1.0)
    assert f"{done.name} (seed 0, dense): finished" in capsys.readouterr().out
    assert accelerator.pack([done, slow], store, tmp_path) == 1
    with tarfile.open(tmp_path / "records.tar.gz") as archive:
        names = archive.getnames()
    assert names == [f"study/{done.name}/{name}" for name in accelerator.RECORD]


def test_without_an_accelerator_one_line_says_so(tmp_path):
    with pytest.raises(UserError, match="no CUDA device"):
        accelerator.main([str(tmp_path / "none.tar.gz"), str(tmp_path)])
