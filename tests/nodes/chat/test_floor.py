"""Whose turn it is."""

from math import inf

from hypothesis import given
from hypothesis import strategies as st

from nodes.chat._floor import Floor
from schemas.playback import Speaking


def on(turn: str, left_s: float | None = None) -> Speaking:
    return Speaking(turn=turn, speaking=True, left_s=left_s)


def off(turn: str) -> Speaking:
    return Speaking(turn=turn, speaking=False)


def said(left_s: float | None = None) -> Floor:
    """One on which ``a`` has been heard since 1 s."""
    floor = Floor()
    floor.open("a", 0.0, stays=False)
    floor.heard(on("a", left_s), 1.0)
    return floor


def test_a_turn_may_open_when_none_is() -> None:
    assert Floor().opens_at(1.0) == -inf
    floor = said()
    assert floor.opens_at(1.0) == inf
    floor.heard(off("a"), 5.0)
    assert floor.opens_at(1.0) == -inf


def test_one_turn_may_open_ahead_once_the_end_of_the_first_is_known() -> None:
    floor = said(3.0)
    assert floor.opens_at(1.5) == 2.5
    assert floor.opens_at(0.0) == inf
    floor.open("b", 2.5, stays=False)
    assert (floor.turn, floor.opens_at(1.5)) == ("a", inf)
    floor.heard(off("a"), 4.0)
    assert (floor.turn, floor.opens_at(1.5)) == ("b", inf)
    floor.heard(on("b"), 4.0)
    floor.heard(on("b", 2.0), 4.5)
    assert floor.opens_at(1.5) == 5.0


def test_a_turn_that_is_skipped_before_it_is_on_makes_room_for_another_one() -> None:
    floor = said(3.0)
    floor.open("b", 2.5, stays=False)
    floor.heard(off("b"), 3.0)
    assert floor.opens_at(1.5) == 2.5
    floor.open("c", 3.0, stays=False)
    floor.heard(on("c"), 4.0)
    assert floor.turn == "c"


def test_only_a_turn_that_is_heard_with_none_behind_it_makes_room() -> None:
    floor = Floor()
    floor.open("a", 0.0, stays=False)
    assert not floor.may_end
    floor.heard(on("a", 3.0), 1.0)
    assert floor.may_end
    floor.open("b", 2.5, stays=True)
    assert not floor.may_end
    floor.heard(on("b"), 4.0)
    assert not floor.may_end


def test_a_turn_that_goes_over_another_takes_its_place() -> None:
    floor = said()
    floor.open("d", 6.0, stays=True, over="a")
    assert (floor.turn, floor.other) == ("d", "a")
    floor.heard(off("a"), 7.0)
    assert (floor.turn, floor.other) == ("d", "")
    assert not floor.may_end


def test_both_turns_are_given_up_together_when_the_voice_says_nothing_any_more() -> None:
    floor = said(3.0)
    floor.open("b", 2.5, stays=False)
    assert floor.late_at(60.0) == 61.0
    assert floor.give_up() == "a"
    assert floor.late_at(60.0) == 62.5
    floor.heard(off("b"), 63.0)
    assert floor.late_at(60.0) == inf


def test_a_turn_whose_time_has_come_has_the_whole_timeout() -> None:
    floor = said(3.0)
    floor.open("b", 2.5, stays=False)
    floor.heard(off("a"), 4.0)
    assert floor.late_at(60.0) == 64.0


def test_a_turn_that_was_opened_elsewhere_is_known_while_the_voice_says_it() -> None:
    floor = Floor()
    floor.heard(on("topic"), 1.0)
    assert floor.other == "topic"
    floor.heard(off("another"), 2.0)
    assert floor.other == "topic"
    floor.heard(off("topic"), 3.0)
    assert floor.other == ""


steps = st.one_of(
    st.tuples(st.just("open"), st.booleans()),
    st.tuples(st.sampled_from(["on", "off"]), st.integers(0, 8), st.none() | st.floats(0, 5)),
    st.just(("give_up",)),
)


@given(st.lists(steps, max_size=40))
def test_never_more_than_two_turns_are_open_and_each_can_be_given_up(story: list[tuple[object, ...]]) -> None:
    floor, opened, now = Floor(), 0, 0.0
    for step in story:
        now += 0.7
        match step:
            case ("open", stays) if floor.opens_at(2.0) <= now:
                floor.open(f"t{opened}", now, stays=bool(stays))
                opened += 1
            case ("on", turn, left):
                floor.heard(on(f"t{turn}", left), now)  # type: ignore[arg-type]
            case ("off", turn, _):
                floor.heard(off(f"t{turn}"), now)
            case _:
                floor.give_up()
        assert len(floor._open) <= 2
    while floor.late_at(1.0) < inf:
        floor.give_up()
    assert floor.opens_at(1.0) == -inf
