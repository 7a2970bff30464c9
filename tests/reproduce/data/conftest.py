"""Where data are looked for in tests of this folder."""

import pytest

from reproduce.data import ENVIRONMENT


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """Caches and downloads go below the folder that is current: not the repository's."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(ENVIRONMENT, raising=False)
