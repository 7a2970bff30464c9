"""The Pareto front of a comparison."""

from hypothesis import given
from hypothesis import strategies as st

from reproduce.tables.methods import front

few = st.integers(0, 3)  # ties are what goes wrong


@given(st.lists(st.tuples(few, few, few, st.integers(0, 1)), min_size=1, max_size=8))
def test_the_front_is_what_its_definition_says(rows):
    *points, peers = zip(*rows)
    points = list(zip(*points))

    def beaten(mine, kind):
        return any(
            kind == his_kind and his != mine and all(h <= m for h, m in zip(his, mine))
            for his, his_kind in zip(points, peers)
        )

    assert front(points, peers) == [not beaten(*row) for row in zip(points, peers)]
    for kind in set(peers):
        assert any(on for on, his in zip(front(points, peers), peers) if his == kind)
