"""Tables on a terminal: whatever the width, they fit it, and no word is broken."""

import io
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from reproduce import screens
from reproduce.screens import Column

WORDS = st.lists(st.text("abcd", min_size=1, max_size=9), min_size=1, max_size=4).map(" ".join)


@given(st.lists(st.lists(WORDS, min_size=4, max_size=4), min_size=1, max_size=3),
       st.integers(40, 120))  # fmt: skip
def test_a_table_fits_and_breaks_no_word(rows, width):
    columns = [Column("run"), Column("net", spare=2), Column("MACs %", True),
               Column("last written", spare=1, whole=True)]  # fmt: skip
    out = Console(file=io.StringIO(), force_terminal=True, color_system=None, width=width)
    with patch.object(screens, "OUT", out):
        screens.table(columns, rows)
    lines = out.file.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    shown = " ".join(lines)
    for place, column in enumerate(columns):
        left_out = "No room for" in shown and column.name in shown.partition("No room for")[2]
        cells = [row[place] for row in rows]
        words = cells if column.whole else " ".join(cells).split()
        assert left_out or all(f" {word} " in f"{shown} " for word in words)
