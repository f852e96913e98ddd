import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.engine.flow.measure import Histogram


def test_nothing_counted_has_no_quantile():
    assert Histogram().quantile(0.5) is None


@given(st.lists(st.floats(1e-6, 1000.0), min_size=1), st.sampled_from([0.01, 0.5, 0.95, 1.0]))
def test_a_quantile_is_the_true_one_rounded_up_to_a_power_of_two(times, q):
    histogram = Histogram()
    for seconds in times:
        histogram.add(seconds)
    true = sorted(times)[max(0, -(-len(times) * q // 1).__int__() - 1)]
    assert true * 0.999 <= histogram.quantile(q) <= true * 2.001


@pytest.mark.parametrize("seconds", [0.0, -1.0, 1e-12, 1e9])
def test_what_is_out_of_range_is_counted_at_the_nearest_end(seconds):
    histogram = Histogram()
    histogram.add(seconds)
    assert histogram.total == 1
    assert histogram.quantile(0.5) is not None
