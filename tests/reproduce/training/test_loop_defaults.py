"""With all defaults a short run ends where dense training does."""

import pytest

from reproduce import data
from reproduce.runs.settings import Settings
from reproduce.runs.store import Store
from reproduce.training.loop import Training


@pytest.mark.parametrize("epochs", [1, 3])
def test_a_short_run_with_all_defaults_ends_within_two_points_of_dense(epochs, tmp_path):
    images = data.load("mnist_sample")

    def error(method):
        settings = Settings(dataset=images.name, epochs=epochs, method=method)
        *_, last = Training(settings, images, Store(tmp_path).run(settings)).epochs()
        return last.error

    assert error("gates") <= error("dense") + 2
