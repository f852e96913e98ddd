"""The window: never over its limits, never without the newest turn, and nothing withdrawn in it."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.llm._memory.history import LEAST_HARD, PRESETS, Limits, Source, Turn, Window, newest_turns
from schemas.chat import ChatMessage, Withdrawn

SIZES = st.lists(st.integers(1, 400), max_size=40)


def turns(sizes: list[int]) -> list[Turn]:
    return [
        Turn(serial, f"질문 {serial}", f"대답 {serial}", size, (Source(f"u{serial % 3}", float(serial)),))
        for serial, size in enumerate(sizes, 1)
    ]


@given(SIZES, st.integers(0, 3_000))
def test_what_goes_beyond_a_size_is_the_oldest_and_no_more_than_needed(sizes: list[int], keep: int) -> None:
    window = Window(turns(sizes))
    gone = window.beyond(keep)
    assert list(gone) == turns(sizes)[: len(gone)]
    if gone:
        assert len(gone) < len(sizes)
        assert sum(sizes) - sum(turn.tokens for turn in gone[:-1]) > keep
        window.drop_through(gone[-1].serial)
    assert window.tokens == sum(turn.tokens for turn in window.turns)
    assert window.tokens <= keep or len(window.turns) == 1
    assert not sizes or window.turns[-1].serial == len(sizes)


@given(SIZES, st.integers(-10, 3_000))
def test_the_newest_that_fit_are_an_unbroken_row_up_to_the_newest(sizes: list[int], most: int) -> None:
    found = list(newest_turns(turns(sizes), most))
    assert found == turns(sizes)[len(sizes) - len(found) :]
    assert sum(turn.tokens for turn in found) <= max(most, 0)
    if len(found) < len(sizes):
        assert sum(turn.tokens for turn in found) + sizes[len(sizes) - len(found) - 1] > most


def test_a_turn_can_be_added_and_its_tokens_count() -> None:
    window = Window()
    for turn in turns([10, 20]):
        window.add(turn)
    assert (window.tokens, [turn.serial for turn in window.turns]) == (30, [1, 2])


def test_a_withdrawn_message_takes_every_turn_with_it_that_it_was_in() -> None:
    window = Window(turns([10, 20, 30, 40]))
    assert not window.forget(Withdrawn(author_id="nobody"))
    assert window.forget(Withdrawn(author_id="u1", sent_at=4.0))
    assert ([turn.serial for turn in window.turns], window.tokens) == ([1, 2, 3], 60)
    assert window.forget(Withdrawn(author_id="u1"))
    assert [turn.serial for turn in window.turns] == [2, 3]


def test_a_source_tells_as_the_event_would_whether_it_was_withdrawn() -> None:
    event = ChatMessage(id="1", author="하늘", author_id="u1", text="안녕", sent_at=5.0, received_at=3.0)
    source = Source.of(event)
    for withdrawn in (
        Withdrawn(author_id="u1"),
        Withdrawn(author_id="u2"),
        Withdrawn(author_id="u1", sent_at=5.0004),
        Withdrawn(author_id="u1", sent_at=5.1),
        Withdrawn(author_id="u1", received_at=2.9),
        Withdrawn(author_id="u1", received_at=3.0),
    ):
        assert source.covered(withdrawn) == withdrawn.covers(event)
    assert Source("u1", 5.0).received_at == -inf


@pytest.mark.parametrize(("keep", "summarise", "hard"), [(0, 10, 2000), (10, 10, 2000), (10, 3000, 2000), (1, 2, 3)])
def test_limits_that_are_not_in_order_say_what_to_give(keep: int, summarise: int, hard: int) -> None:
    with pytest.raises(ValueError, match=r"점점 크게|1000토큰"):
        Limits(keep, summarise, hard)


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("ratio", [0.5, 1.0, 1.37, 2.0])
def test_limits_for_a_server_that_counts_otherwise_keep_their_order(name: str, ratio: float) -> None:
    limits = PRESETS[name].divided(ratio)
    assert limits.hard == int(PRESETS[name].hard / ratio)
    assert 3 * limits.part <= limits.hard


def test_the_tightest_limits_can_be_divided() -> None:
    assert Limits(999, LEAST_HARD, LEAST_HARD).divided(2.0) == Limits(499, 500, 500)
