"""What all tests of the closed forms share: every kind of objective."""

import pytest

from tests.theory.costs import OBJECTIVES, made


@pytest.fixture(params=OBJECTIVES)
def objective(request):
    return made(request.param)
