"""The certified region: hand-worked values, properties, shapes, and bad values refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from theory.attraction import Attraction

POSITIVE = st.floats(0.05, 20)
REGIONS = st.builds(Attraction, kappa=POSITIVE, lam=st.floats(0, 20), c=POSITIVE)
SHARE = st.floats(0, 0.999)


def hand_worked():
    """κ = 2, λ = 3, c = 5: m² = 3m + 4 gives m = 4, so μ = 1 and V̄ = 16·5/4 = 20."""
    return Attraction(kappa=2.0, lam=3.0, c=5.0)


def test_rates_and_threshold_by_hand():
    region = hand_worked()
    assert (region.m, region.mu, region.threshold) == (4, 1, 20)
    assert region.saddle == (2.5, 3.75)
    assert not region.tight
    assert region.potential(3.0, 0.5) == 8
    assert region.contains(5.9, 1) and not region.contains(8.0, 1)
    assert (region.largest_step, region.safe_step) == (1 / 3, 1 / 4)


def test_deaths_by_hand():
    region = hand_worked()
    assert region.death_time(3.0, 1.0) == pytest.approx(np.log(2), rel=1e-15)  # V₀ = 10
    assert region.death_time(8.0, 1.0) == region.death_time(30.0, 0.0) == np.inf
    # ln 2 / ln 1.25 = 3.1
    assert region.death_step(3.0, 1.0, 0.25) == 4
    assert region.death_step(0.0, 0.0, 0.25) == 0


def test_noise_by_hand():
    region = hand_worked()
    assert region.noise_bound(0.5, 0.25) == 2.5
    assert region.rho(0.2, 2.5) == pytest.approx(1 * 2.2 / (2 * 0.2 * 6.25), rel=1e-15)
    # V₀ = 18, so the gap is 2.
    assert region.escape_bound(7.0, 1.0, 0.2, 2.5) == pytest.approx(np.exp(-4 * 0.88), rel=1e-14)
    assert region.escape_bound(9.0, 1.0, 0.2, 2.5) == 1
    assert region.clip_level(0.2, 0.5, 0.25) == pytest.approx(0.4 * 5.5 + 0.2 * 0.5, rel=1e-15)
    # Where the weights' noise decides: κb_r/μ = 6, and m·a·(7−5) = 1.6.
    assert region.clip_level(0.2, 7.0, 3.0) == pytest.approx(7.6, rel=1e-15)
    assert region.clip_level(0.2, 0.5, 3.0) == pytest.approx(6.0, rel=1e-15)


@pytest.mark.parametrize(
    ("b_theta", "b_r", "expected"),
    [
        (0.5, 0.25, True),  # v_c = 2.3 against 20 − 2.5
        (3.0, 1.0, True),  # v_c = 3.6 against 20 − 14
        (4.5, 0.0, False),  # v_c = 3.8 against 20 − 18
        (4.1, 0.0, False),  # v_c = 3.64 against 20 − 16.4 = 3.6
        (4.0, 0.0, True),  # v_c = 3.6 against 20 − 16 = 4
    ],
)
def test_for_ever_by_hand(b_theta, b_r, expected):
    assert hand_worked().holds_for_ever(0.2, b_theta, b_r) == expected


def test_by_hand_where_mu_is_not_1():
    """κ = 6, λ = 5, c = 4: m² = 5m + 36 gives m = 9, so μ = 4 and V̄ = 81·4/36 = 9."""
    region = Attraction(kappa=6.0, lam=5.0, c=4.0)
    assert (region.m, region.mu, region.threshold) == (9, 4, 9)
    assert region.death_time(1.0, 0.0) == pytest.approx(np.log(3) / 4, rel=1e-15)
    assert region.rho(0.1, 2.0) == pytest.approx(4 * 2.4 / 0.8, rel=1e-15)
    # V₀ = 8.4, so the gap is 0.6.
    assert region.escape_bound(1.4, 0.0, 0.1, 2.0) == pytest.approx(np.exp(-4.32), rel=1e-12)
    # κb_r/μ = 6, against 0.5·5 + 0.1·24 and, with b_θ = 6, 0.9·(6−4) on top.
    assert region.clip_level(0.1, 1.0, 4.0) == pytest.approx(6.0, rel=1e-15)
    assert region.clip_level(0.1, 6.0, 4.0) == pytest.approx(7.8, rel=1e-15)
    # v_c = 2.8 against 9 − 12/4; v_c = 4.5 against 9 − 18/4, just enough; and not any more.
    assert region.holds_for_ever(0.1, 1.0, 0.5)
    assert region.holds_for_ever(0.1, 0.0, 3.0)
    assert not region.holds_for_ever(0.1, 0.0, 3.0 + 1e-12)


def test_the_border_of_the_tight_case():
    assert Attraction(kappa=2.0, lam=2.0, c=2.0).tight
    assert not Attraction(kappa=2.0, lam=2.0, c=2.0 + 1e-12).tight


def test_without_decay():
    region = Attraction(kappa=2.0, lam=0.0, c=3.0)
    assert (region.m, region.mu, region.threshold) == (2, 2, 3)
    assert region.largest_step == region.safe_step == 0.5
    assert region.saddle == (1.5, 0)


def test_no_cancellation_in_mu():
    region = Attraction(kappa=1e-6, lam=1e3, c=1.0)
    assert region.mu == pytest.approx(1e-15, rel=1e-12)


@given(REGIONS)
def test_rates_are_the_eigenvalues_of_the_worst_case(region):
    eigenvalues = np.linalg.eigvalsh([[-region.lam, region.kappa], [region.kappa, 0]])
    np.testing.assert_allclose(
        [-region.m, region.mu], eigenvalues, rtol=1e-9, atol=1e-12 * region.m
    )


@given(REGIONS)
def test_the_saddle_lies_on_the_threshold(region):
    r, theta = region.saddle
    assert region.m * theta + region.kappa * r == pytest.approx(region.threshold, rel=1e-12)


@given(REGIONS, st.floats(0, 1))
def test_a_start_on_the_threshold_is_outside_whatever_rounding_makes_of_it(region, theta):
    """The saddle, and every other point of the boundary: none of them ever dies."""
    theta = min(theta, region.threshold / region.m)
    for r, gate in (
        (region.saddle if region.tight else (region.threshold / region.kappa, 0.0)),
        ((region.threshold - region.m * theta) / region.kappa, theta),
    ):
        assert not region.contains(max(r, 0), gate)
        assert region.death_time(max(r, 0), gate) == np.inf
        assert region.escape_bound(max(r, 0), gate, region.safe_step, 1.0) == 1
        assert region.contains(0.999 * max(r, 0), 0.999 * gate)


@given(REGIONS, SHARE, SHARE)
def test_deaths_come_later_the_higher_the_potential(region, first, second):
    low, high = (share * region.threshold / region.kappa for share in sorted((first, second)))
    assert region.death_time(low, 0) <= region.death_time(high, 0)
    assert region.death_time(0, 0) == 0


@given(REGIONS, SHARE, st.floats(1e-3, 1))
def test_deaths_in_steps_and_in_time(region, share, part):
    """ln(1+x) ≤ x: the discrete bound is not below the continuous one, and tends to it."""
    r, step = share * region.threshold / region.kappa, part * region.safe_step
    assert region.death_step(r, 0, step) * step >= region.death_time(r, 0) * (1 - 1e-12)
    small = 1e-5 * region.safe_step
    scaled = region.death_step(r, 0, small) * small
    assert scaled == pytest.approx(region.death_time(r, 0), rel=1e-4, abs=2 * small)


@given(REGIONS)
def test_order_of_the_step_bounds(region):
    assert region.safe_step <= region.largest_step * (1 + 1e-12)


@given(REGIONS, SHARE, st.floats(1e-3, 1), POSITIVE)
def test_escape_bound(region, share, part, b):
    r, step = share * region.threshold / region.kappa, part * region.safe_step
    bound = region.escape_bound(r, 0, step, b)
    assert 0 <= bound <= 1
    assert region.escape_bound(r, 0, step, 2 * b) == pytest.approx(bound**0.25, rel=1e-9)


def test_shapes():
    scalar = hand_worked()
    column = Attraction(kappa=np.array([[1.0], [2.0]]), lam=3.0, c=5.0)
    grid = np.linspace(0, 2, 5)
    for one, many in (
        (scalar.potential(0.5, 0.5), column.potential(grid, 0.5)),
        (scalar.death_time(0.5, 0.5), column.death_time(grid, 0.5)),
        (scalar.death_step(0.5, 0.5, 0.1), column.death_step(grid, 0.5, 0.1)),
        (scalar.escape_bound(0.5, 0.5, 0.1, 1.0), column.escape_bound(grid, 0.5, 0.1, 1.0)),
    ):
        assert isinstance(one, float) and many.shape == (2, 5)
    assert column.threshold.shape == column.largest_step.shape == (2, 1)
    for value in (
        scalar.m,
        scalar.mu,
        scalar.threshold,
        scalar.largest_step,
        scalar.rho(0.1, 1.0),
        scalar.noise_bound(1, 1),
        scalar.clip_level(0.1, 1, 1),
        *scalar.saddle,
    ):
        assert isinstance(value, float)


def test_parameters_may_be_lists():
    region = Attraction(kappa=[2, 6], lam=[3, 5], c=[5, 4])
    assert region.threshold.tolist() == [20, 9]
    assert [value.shape for value in (region.kappa, region.lam, region.c)] == [(2,)] * 3


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"kappa": 0.0}, r"^kappa = 0.0 .*\(0, inf\)"),
        ({"kappa": [1.0, np.nan]}, "^kappa = nan "),
        ({"lam": -0.1}, r"^lam = -0.1 .*\[0, inf\)"),
        ({"lam": np.inf}, "^lam = inf "),
        ({"c": 0}, r"^c = 0.0 .*\(0, inf\)"),
        ({"c": -1}, "^c = -1.0 "),
    ],
)
def test_bad_parameters(changed, message):
    with pytest.raises(ValueError, match=message):
        Attraction(**({"kappa": 1.0, "lam": 1.0, "c": 1.0} | changed))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda region: region.potential(-1, 0), r"^r = -1.0 .*\[0, inf\)"),
        (lambda region: region.contains(0, 1.5), r"^theta = 1.5 .*\[0, 1\]"),
        (lambda region: region.death_time(np.nan, 0), "^r = nan "),
        (
            lambda region: region.death_step(0, 0, 0.26),
            r"^step = 0.26 .*\(0, 1/m\], here \(0, 0.25\]",
        ),
        (lambda region: region.rho([0.25, 0.5], 1), r"^step = 0.5 .*\(0, 0.25\]"),
        (lambda region: region.rho(0.0, 1), r"^step = 0.0 .*\(0, inf\)"),
        (lambda region: region.rho(0.1, 0), r"^b = 0.0 "),
        (lambda region: region.clip_level(0.3, 1, 1), "^step = 0.3 "),
        (lambda region: region.clip_level(0.1, -1, 1), "^b_theta = -1.0 "),
        (lambda region: region.clip_level(0.1, 1, -1), "^b_r = -1.0 "),
        (lambda region: region.noise_bound(-1, 1), "^b_theta = -1.0 "),
        (lambda region: region.noise_bound(1, np.inf), "^b_r = inf "),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises(ValueError, match=message):
        call(hand_worked())


def test_a_step_of_exactly_the_bound_is_admitted():
    region = Attraction(kappa=np.linspace(0.1, 3, 97), lam=0.37, c=1.0)
    assert np.isfinite(region.rho(region.safe_step, 1.0)).all()


def test_a_step_just_above_the_bound_is_refused():
    region = hand_worked()
    assert np.isfinite(region.rho(0.25 * (1 + 1e-13), 1.0))
    with pytest.raises(ValueError, match=r"^step = "):
        region.rho(0.25 * (1 + 1e-9), 1.0)


def test_a_decay_too_small_to_invert_sets_no_step_bound():
    assert Attraction(kappa=2.0, lam=5e-324, c=3.0).largest_step == 0.5


def test_frozen():
    with pytest.raises(AttributeError):
        hand_worked().c = 3.0
