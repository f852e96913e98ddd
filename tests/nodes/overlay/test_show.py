"""nodes/overlay/_show.py"""

from nodes.overlay._show import LONGEST, show_item
from schemas.show import ShowState


def test_what_is_known_of_the_show_is_plain_json_that_disturbs_no_line() -> None:
    told = ShowState(title="저녁\u202e\n방송", category="가" * 200, live_since=1.23456, followers=12, goal=20)
    item = show_item(told)
    assert item["title"] == "저녁 방송"
    assert len(item["category"]) == LONGEST
    assert (item["live_since"], item["followers"], item["new_followers"], item["goal"]) == (1.235, 12, None, 20)


def test_a_broadcast_that_is_not_on_has_no_time() -> None:
    assert show_item(ShowState())["live_since"] is None
