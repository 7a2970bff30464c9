"""Records and epochs as JSON and back; what is damaged or made up is told by its field."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reproduce.runs.record import Record, Removal, epoch_of, read, to_json

RESULTS = Path(__file__).parents[3] / "results"
COMMITTED = sorted(RESULTS.glob("*/*/record.json"))
WATCHED = next(path for path in COMMITTED if "watched" in path.parent.name)


def test_committed_runs_come_back_as_they_are_written():
    for path in COMMITTED[:: len(COMMITTED) // 20]:
        content = json.loads(path.read_text())
        record = read(Record, content)
        assert record.settings.name == path.parent.name
        assert read(Record, to_json(record)) == record
        known = to_json(record)["settings"] | content["settings"]
        assert to_json(record) == {"spared": []} | content | {"settings": known}
        first = json.loads(path.with_name("epochs.jsonl").read_text().splitlines()[0])
        assert to_json(epoch_of(first)) == first


def places(content, path=()):
    """The paths to everything inside a JSON value."""
    inside = content.items() if isinstance(content, dict) else enumerate(content)
    for key, part in inside:
        yield (*path, key)
        if isinstance(part, (dict, list)):
            yield from places(part, (*path, key))


JUNK = st.sampled_from([None, "x", {}, [], [[]], float("nan"), float("inf"), 10**400, True])
SOME = [path for path in places(json.loads(WATCHED.read_text())) if len(path) < 4]


@given(st.sampled_from(SOME), JUNK)
def test_any_other_value_is_refused_or_stands_as_it_is(path, junk):
    content = json.loads(WATCHED.read_text())
    inner = content
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = junk
    with suppress(ValueError):
        json.dumps(to_json(read(Record, content)), allow_nan=False)


def test_what_is_missing_is_named():
    content = json.loads(WATCHED.read_text())
    del content["end"]["macs"]
    with pytest.raises(ValueError, match="end: it has no macs"):
        read(Record, content)
    with pytest.raises(ValueError, match="no JSON object"):
        read(Record, [])


def test_columns_that_a_removal_has_not_are_left_out():
    removal = Removal(0, 1, 2.0, 0.1, 3.0, 4.0, 5.0)
    assert to_json(removal) == [0, 1, 2.0, 0.1, 3.0, 4.0, 5.0]
