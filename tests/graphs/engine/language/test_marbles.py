import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.engine.language.marbles import length, read, write

BEATS = st.lists(st.tuples(st.integers(0, 60), st.sampled_from("abc가?"))).map(
    lambda beats: sorted(beats, key=lambda beat: beat[0])
)


def test_a_letter_is_an_event_and_its_place_its_time():
    assert read("-a--b") == [(1, "a"), (4, "b")]


def test_events_in_parentheses_come_at_one_time_which_is_one_character():
    assert read("(ab)-c") == [(0, "a"), (0, "b"), (2, "c")]


def test_spaces_count_for_nothing():
    assert read("- a -- b") == read("-a--b")


@pytest.mark.parametrize("text", ["(a", "a)", "((a))", "(a)b)"])
def test_half_a_parenthesis_is_refused(text):
    with pytest.raises(ValueError, match="other half"):
        read(text)


@pytest.mark.parametrize(("text", "ticks"), [("", 0), ("---", 3), ("-(ab)-", 3), (" - a ", 2)])
def test_the_length_of_a_line(text, ticks):
    assert length(text) == ticks


@given(BEATS)
def test_what_is_written_is_read_again(beats):
    assert read(write(beats)) == beats


@given(BEATS)
def test_a_line_ends_with_its_last_event(beats):
    assert length(write(beats)) == max((tick + 1 for tick, _ in beats), default=0)
