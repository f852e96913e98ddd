import random
from math import inf

import pytest

from tests.soak.fit import drift, medians, quantile, slope


def noisy(slope, seed, noise=1.0, count=60):
    rng = random.Random(seed)
    return [(at / 60, 100 + slope * at / 60 + rng.gauss(0, noise)) for at in range(count)]


@pytest.mark.parametrize("true", [-2.0, 0.0, 8.0])
def test_the_slope_is_in_the_range_that_is_told_nearly_always(true):
    found = [slope(noisy(true, seed)) for seed in range(20)]
    assert sum(one.low <= true <= one.high for one in found) >= 17
    assert all(one.low <= one.value <= one.high for one in found)


def test_a_few_peaks_do_not_move_the_slope():
    points = noisy(0.0, 3, noise=0.1)
    for place in (10, 55, 59):
        points[place] = (points[place][0], 200.0)
    assert abs(slope(points).value) < 0.2


def test_more_noise_is_less_sure():
    quiet, loud = slope(noisy(1.0, 5, noise=0.1)), slope(noisy(1.0, 5, noise=3.0))
    assert quiet.high - quiet.low < (loud.high - loud.low) / 5


def test_of_too_few_points_nothing_is_sure():
    assert slope([(0.0, 1.0), (1.0, 2.0), (2.0, 9.0)])[1:] == (-inf, inf)


def test_stretches_are_told_by_their_medians():
    assert medians([(0.0, 1), (1.0, 9), (2.0, 2), (11.0, 5)], 10) == [(5.0, 2), (15.0, 5)]


def test_a_quantile_is_one_of_the_values():
    assert quantile([3, 1, 2], 0.5) == 2
    assert quantile(list(range(1, 101)), 0.99) == 99
    assert quantile([7], 0.99) == 7


def test_a_drift_is_told_with_its_range():
    rng = random.Random(2)
    first = [rng.gauss(10, 1) for _ in range(1000)]
    same = drift(first, [rng.gauss(10, 1) for _ in range(1000)], 0.99, 20)
    more = drift(first, [rng.gauss(15, 1) for _ in range(1000)], 0.99, 20)
    assert same.low < 0 < same.high
    assert 0.2 < more.low < more.value < more.high < 0.7
    assert str(same).count("95 %") == 1
