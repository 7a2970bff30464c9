"""A pickle is read as data: whatever it says, nothing of it is called, and one line says no."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reproduce.data import pickled
from reproduce.errors import DataError


def test_plain_values_are_read():
    assert pickled.read(b"\x80\x02}U\x01aK\x05s.") == {"a": 5}
    assert pickled.read(b"(dS'a'\n(lI1\naI2\nas.") == {"a": [1, 2]}  # the oldest form
    assert pickled.read(b"\x80\x02(K\x01K\x02N\x88t.") == (1, 2, None, True)


@pytest.mark.parametrize(
    "content",
    [
        b"cos\nsystem\n(S'touch here'\ntR.",
        b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x0atouch here\x85R.",
        b"(S'touch here'\nios\nsystem\n.",
        b"cbuiltins\neval\n(S'1'\ntR.",
    ],
)
def test_a_name_that_is_not_an_arrays_is_refused_and_not_called(content, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match="not read here"):
        pickled.read(content)
    assert not list(tmp_path.iterdir())


@given(st.binary(max_size=60), st.sampled_from([b"", b"\x80\x02}(", b"(cnumpy\ndtype\n"]))
def test_any_bytes_are_read_or_refused(content, start):
    with suppress(DataError):
        pickled.read(start + content)
