"""The Pareto front of a comparison, and rivals at equal MACs."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reproduce.tables.methods import at_macs, front

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


def test_a_rival_at_our_size_is_on_the_line_between_its_neighbours():
    sizes = {4.0: (3.0, 0.5), 1.0: (5.0, 0.3), 16.0: (2.0, 0.9)}  # in no order
    rival = [
        SimpleNamespace(macs=macs, test_error_mean=error, train_mac_ratio=cost)
        for macs, (error, cost) in sizes.items()
    ]
    for macs, (error, cost) in sizes.items():
        assert at_macs(macs, rival) == pytest.approx((error, cost))
    assert at_macs(2.0, rival) == pytest.approx((4.0, 0.4))  # half way in the logarithm
    assert at_macs(0.9, rival) is None and at_macs(16.1, rival) is None
