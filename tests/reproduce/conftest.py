"""What is loaded and trained once for all tests of this folder."""

import pytest

from reproduce.data import load
from tests.reproduce.training.test_loop import SETTINGS, outcome, train


@pytest.fixture(scope="session")
def data(mnist_folder):
    """The small folder's images."""
    return load("mnist", str(mnist_folder))


@pytest.fixture(scope="session")
def undisturbed(data, tmp_path_factory):
    """What killed and damaged runs are compared with."""
    return outcome(train(SETTINGS, data, tmp_path_factory.mktemp("undisturbed")))
