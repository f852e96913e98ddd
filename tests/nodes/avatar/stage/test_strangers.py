"""Pace and questions, in virtual time."""

from nodes.avatar._stage.strangers import A_SECOND, AT_ONCE, REMEMBERED, Pace, Questions


def test_the_first_messages_pass_at_once_and_then_a_few_a_second() -> None:
    pace, now = Pace(0.0), 0.0
    for _ in range(AT_ONCE):
        assert pace.wait_s(now) == 0.0
    for _ in range(40):
        now += pace.wait_s(now)
    assert now == 40 / A_SECOND


def test_a_plugin_that_says_little_never_waits() -> None:
    pace = Pace(0.0)
    assert [pace.wait_s(number / A_SECOND) for number in range(100)] == [0.0] * 100


def test_after_a_long_silence_no_more_than_the_first_messages_pass_at_once() -> None:
    pace = Pace(0.0)
    assert sum(pace.wait_s(1e6) == 0.0 for _ in range(100)) == AT_ONCE


def test_only_so_many_pages_are_remembered_and_the_oldest_is_forgotten() -> None:
    questions, now = Questions(), 0.0
    questions.denied("first", now)
    assert not questions.may("first", now)
    for number in range(REMEMBERED):
        questions.denied(f"page {number}", now)
    assert questions.may("first", now)
    assert not questions.may("page 0", now)
