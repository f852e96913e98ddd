"""What the session reads out of an answer; the session as a whole is tested in test_vts.py, through the node."""

from typing import Any

import pytest

from nodes.avatar._vts_session import ranges


@pytest.mark.parametrize(
    ("low", "high"),
    [(1, 1), ("0", 1), (0, None), (0, float("inf")), (-2e6, 1), (0, 10**400), (float("nan"), 1)],
)
def test_a_range_that_makes_no_sense_is_all_that_the_avatar_takes(low: Any, high: Any) -> None:
    assert ranges({"defaultParameters": [{"name": "a", "min": low, "max": high}]}) == {"a": (-1e6, 1e6)}


def test_inputs_of_both_lists_have_their_ranges_and_what_is_no_list_has_none() -> None:
    listed = [{"name": "a", "min": -30, "max": 30}, 5]
    own = [{"name": "b", "min": 0, "max": 1.5}]
    assert ranges({"defaultParameters": listed, "customParameters": own}) == {"a": (-30.0, 30.0), "b": (0.0, 1.5)}
    assert ranges({"defaultParameters": 5}) == {}
