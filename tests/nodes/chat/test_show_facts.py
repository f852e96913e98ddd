"""nodes/chat/_show_facts.py"""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.chat._chzzk.channel import Follower, Followers, Setting
from nodes.chat._show_facts import REMEMBERED, Show

NOON = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


def page(*names: str, total: int | None = None) -> Followers:
    return Followers(tuple(Follower(name, name) for name in names), total)


def test_the_note_has_only_what_is_known() -> None:
    show = Show()
    assert show.note(NOON, 0.0) == "지금 11월 30일 월요일 12:00"
    show.announced(Setting("", "잡담"), 0.0)
    show.live(True, 0.0)
    assert show.note(NOON, 59.0) == "지금 11월 30일 월요일 12:00. 방송 0분 넘게. 카테고리: 잡담"
    show.followed(page("a", total=5), 0.0)
    assert show.note(NOON, 7200.0, 5).endswith("방송 2시간 넘게. 카테고리: 잡담. 켠 뒤 새 팔로워 0명 (모두 5명)")


@pytest.mark.parametrize(("minutes", "hours"), [(59, 0), (1, 1), (60, 1), (61, 1), (24 * 60, 1)])
def test_a_full_hour_is_an_event_once_also_after_a_gap(minutes: int, hours: int) -> None:
    show = Show()
    begin = NOON if minutes != 1 else NOON + timedelta(minutes=59)
    assert show.clock(begin, 0.0) == []
    found = show.clock(begin + timedelta(minutes=minutes), 1.0) + show.clock(begin + timedelta(minutes=minutes), 2.0)
    assert len(found) == hours


def test_followers_are_remembered_up_to_a_limit() -> None:
    show = Show()
    for number in range(0, REMEMBERED + 100, 50):
        show.followed(page(*(str(number + each) for each in range(50))), 0.0)
    assert len(show.followers) == REMEMBERED


@given(st.lists(st.tuples(st.integers(1, 12), st.booleans()), max_size=30))
def test_nobody_is_new_twice_and_nobody_from_before_is_new(steps: list[tuple[int, bool]]) -> None:
    show, now, new = Show(), ["a", "b", "c"], []
    show.followed(page(*now[:5]), 0.0)
    for number, comes in steps:
        name = f"n{number}"
        if comes and name not in now:
            now.insert(0, name)
        elif name in now:
            now.remove(name)
        events, _ = show.followed(page(*now[:5]), 0.0)
        new += [event.text for event in events]
    assert len(new) == len(set(new)) == show.new
    assert not {"a", "b", "c"} & set(new)
