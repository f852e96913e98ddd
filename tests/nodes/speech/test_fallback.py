"""speech.fallback"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.speech.fallback import EARLY
from schemas.playback import Stop
from schemas.reply import Sentence
from schemas.speech import Speech, SpeechChunk, SpeechEnded, SpeechStarted
from tests.harness import Ran, run
from tests.nodes.speech.stage import RATE, level, sentence, sound_of, told

Timed = list[tuple[float, Any]]


def started(index: int, turn: str = "t1") -> Speech:
    return SpeechStarted(turn=turn, sentence=index, text=str(index), spoken=str(index))


def chunk(index: int, sequence: int = 0, turn: str = "t1") -> Speech:
    return SpeechChunk(turn=turn, sentence=index, samples=level(0.5), rate=RATE, sequence=sequence)


def ended(index: int, turn: str = "t1", **fields: bool) -> Speech:
    return SpeechEnded(turn=turn, sentence=index, **fields)


def said(at: float, index: int, turn: str = "t1") -> Timed:
    """A sentence of 0.2 s as the other place says it, whole at once."""
    events = (started(index, turn), chunk(index, 0, turn), chunk(index, 1, turn), ended(index, turn))
    return [(at, event) for event in events]


def go(asked: Timed, came: Timed, stops: Any = (), until: float = 60.0, **options: Any) -> Ran:
    wired = {"sentence": asked, "speech": came, "stop": list(stops)}
    return run("speech.fallback", wired, settings=options, complete_at=until, until=until + 60.0)


def ends(ran: Ran) -> list[tuple[float, int, bool]]:
    """(seconds, sentence, failed)"""
    return [(at, event.sentence, event.failed) for at, _, event in ran.out if isinstance(event, SpeechEnded)]


def test_what_the_other_place_says_is_passed_on_as_it_comes() -> None:
    asked = [(0.0, sentence("가", 0, emotion="happy")), (0.0, sentence("나", 1, last=True))]
    came = [(0.5, started(0)), (0.6, chunk(0)), (2.0, chunk(0, 1)), (2.1, ended(0)), *said(2.5, 1)]
    ran = go(asked, came)
    assert told(ran) == [(kind, "t1", index) for index in (0, 1) for kind in ("Started", "Chunk", "Ended")]
    assert [at for at, _, event in ran.out] == [0.5, 0.6, 2.0, 2.1, 2.5, 2.5, 2.5, 2.5]
    assert ran.events()[0] == SpeechStarted(turn="t1", sentence=0, text="가", spoken="가", emotion="happy")
    assert [event for event in ran.events() if isinstance(event, SpeechEnded)] == [ended(0), ended(1, last=True)]
    assert (len(sound_of(ran, 0)), ran.log, ran.error) == (round(0.2 * RATE), [], None)


def test_a_sentence_of_which_nothing_comes_ends_after_the_patience_and_the_next_ones_at_once() -> None:
    ran = go([(0.0, sentence(str(index), index, last=index == 2)) for index in range(3)], [])
    assert ends(ran) == [(3.0, 0, True), (3.3, 1, True), (3.6, 2, True)]
    assert told(ran) == [(kind, "t1", index) for index in range(3) for kind in ("Started", "Ended")]
    assert ran.events()[-1] == ended(2, last=True, failed=True)
    assert ran.log == ["warning 다른 자리의 목소리가 오지 않아 글로만 나가요. 돌아오면 이어져요"]


def test_a_voice_that_is_back_speaks_the_next_sentence_and_has_all_the_time_again() -> None:
    asked = [(at, sentence(str(index), index, turn=f"t{index}", last=True)) for index, at in enumerate((0, 10, 20))]
    ran = go(asked, [(10.1, started(1, "t1")), (12.0, chunk(1, 0, "t1")), (12.1, ended(1, "t1"))])
    assert ends(ran) == [(3.0, 0, True), (12.1, 1, False), (23.0, 2, True)]
    assert ran.log[1] == "info 목소리가 다시 와요"


def test_a_sentence_that_is_broken_in_the_middle_keeps_its_sound_and_ends() -> None:
    ran = go([(0.0, sentence("가", 0)), (0.0, sentence("나", 1))], [(1.0, started(0)), (1.5, chunk(0))])
    assert ends(ran) == [(4.5, 0, True), (4.8, 1, True)]
    assert len(sound_of(ran, 0)) == round(0.1 * RATE)


def test_a_voice_that_has_begun_has_time_to_go_down_its_ladder_before_its_first_sound() -> None:
    came = [(1.0, started(0)), (6.5, chunk(0)), (6.6, ended(0)), (6.7, started(1))]
    ran = go([(0.0, sentence("가", 0)), (0.0, sentence("나", 1))], came)
    assert ends(ran) == [(6.6, 0, False), (12.7, 1, True)]
    assert ends(go([(0.0, sentence("가", 0))], [(1.0, started(0))], first_sound_s=2.0)) == [(3.0, 0, True)]


def test_late_parts_are_dropped_but_tell_that_the_voice_lives() -> None:
    asked = [(0.0, sentence("가", 0)), (3.1, sentence("나", 1, last=True))]
    came = [(3.2, started(0)), (5.0, chunk(0)), (6.0, ended(0)), *said(8.9, 1)]
    ran = go(asked, came)
    assert ends(ran) == [(3.0, 0, True), (8.9, 1, False)]
    assert len(sound_of(ran, 0)) == 0


def test_a_sentence_that_failed_there_is_failed_here_and_the_voice_is_not_away() -> None:
    came = [(1.0, started(0)), (1.0, ended(0, failed=True)), *said(3.5, 1)]
    ran = go([(0.0, sentence("가", 0)), (0.0, sentence("나", 1))], came)
    assert ends(ran) == [(1.0, 0, True), (3.5, 1, False)]
    assert ran.log == []


def test_speech_that_is_here_before_its_sentence_waits_for_it() -> None:
    ran = go([(1.0, sentence("가", 0)), (1.0, sentence("나", 1))], [*said(0.5, 0), *said(0.6, 1)])
    assert ends(ran) == [(1.0, 0, False), (1.0, 1, False)]


def test_a_sentence_whose_start_was_lost_on_the_way_is_begun_all_the_same() -> None:
    ran = go([(0.0, sentence("가", 0))], [(0.5, chunk(0, 3)), (0.5, ended(0))])
    assert told(ran) == [("Started", "t1", 0), ("Chunk", "t1", 0), ("Ended", "t1", 0)]


def test_a_stop_ends_the_waiting_and_nothing_more_of_the_turn_is_passed_on() -> None:
    asked = [(0.0, sentence("가", 0)), (0.0, sentence("나", 1, last=True)), (1.5, sentence("다", 0, turn="t2"))]
    came = [(0.1, started(0)), (0.5, chunk(0)), *said(0.6, 1), (1.2, chunk(0, 1)), (1.3, ended(0)), *said(1.6, 0, "t2")]
    ran = go(asked, came, stops=[(1.0, Stop(turn="t1"))])
    assert told(ran) == [
        ("Started", "t1", 0),
        ("Chunk", "t1", 0),
        ("Started", "t2", 0),
        ("Chunk", "t2", 0),
        ("Ended", "t2", 0),
    ]
    assert ran.log == []


def test_a_stop_leaves_what_came_early_of_another_turn() -> None:
    asked = [(0.0, sentence("가", 0)), (2.0, sentence("나", 0, turn="t2", last=True))]
    came = [(0.1, started(0)), (0.5, chunk(0)), *said(0.7, 0, "t2")]
    ran = go(asked, came, stops=[(1.0, Stop(turn="t1"))])
    assert ends(ran) == [(2.0, 0, False)]
    assert told(ran)[-3:] == [("Started", "t2", 0), ("Chunk", "t2", 0), ("Ended", "t2", 0)]


def test_late_parts_of_a_stopped_turn_tell_that_the_voice_lives_too() -> None:
    asked = [(0.0, sentence("가", 0)), (1.5, sentence("나", 0, turn="t2", last=True))]
    ran = go(asked, [(4.0, started(1)), *said(6.5, 0, "t2")], stops=[(1.0, Stop(turn="t1"))])
    assert ends(ran) == [(6.5, 0, False)]


def test_speech_that_nobody_asked_for_is_forgotten() -> None:
    asked = [(1.0, sentence("가", 0, turn="t0")), (2.0, sentence("나", 0, turn=f"t{EARLY}"))]
    ran = go(asked, [event for number in range(EARLY + 1) for event in said(0.5, 0, f"t{number}")])
    assert ends(ran) == [(4.0, 0, True), (4.0, 0, False)]


def test_speech_that_nobody_asked_for_takes_nothing_from_the_turn_that_is_said() -> None:
    asked = [(0.0, sentence("가", 0)), (0.0, sentence("나", 1))]
    foreign = [(0.5, started(number, "foreign")) for number in range(2 * EARLY)]
    ran = go(asked, [(0.1, started(0)), *said(0.2, 1), *foreign, (1.0, chunk(0)), (1.0, ended(0))])
    assert ends(ran) == [(1.0, 0, False), (1.0, 1, False)]


def test_when_the_other_place_ends_for_good_nothing_is_waited_for() -> None:
    ran = go([(0.0, sentence("가", 0, last=True))], [(0.5, started(0))], until=1.0)
    assert ends(ran) == [(1.0, 0, True)]
    assert (ran.completed_at, ran.log) == (1.0, [])


def test_patience_is_a_setting_and_a_short_one_is_never_made_longer() -> None:
    ran = go([(0.0, sentence("가", 0)), (0.0, sentence("나", 1))], [], patience_s=0.2)
    assert ends(ran) == [(0.2, 0, True), (0.4, 1, True)]


STEPS = st.lists(st.tuples(st.floats(0.0, 5.0), st.sampled_from(["chunk", "lost"])), max_size=4)
STORY = st.tuples(st.floats(0.0, 6.0), st.floats(0.0, 5.0), STEPS, st.booleans())
"""When it is asked for after the one before, how long the voice takes to begin, what it says, whether it ends."""


def plan(stories: list[Any], size: int) -> tuple[list[tuple[float, Sentence]], Timed]:
    asked: list[tuple[float, Sentence]] = []
    came: Timed = []
    at = free = 0.0
    for number, (wait, think, steps, ends_) in enumerate(stories):
        turn, index = f"t{number // size}", number % size
        last = index == size - 1 or number == len(stories) - 1
        at = round(at + wait, 3)
        asked.append((at, sentence(str(number), index, turn=turn, last=last)))
        free = round(max(at, free) + think, 3)
        came.append((free, started(index, turn)))
        for sequence, (took, what) in enumerate(steps):
            free = round(free + took, 3)
            if what == "chunk":
                came.append((free, chunk(index, sequence, turn)))
        if ends_:
            came.append((free, ended(index, turn)))
    return asked, came


@given(
    st.lists(STORY, min_size=1, max_size=8),
    st.integers(1, 3),
    st.sets(st.integers(0, 40)),
    st.lists(st.tuples(st.floats(0.0, 60.0), st.integers(0, 7)), max_size=2),
)
def test_each_sentence_is_begun_and_ended_once_and_in_order_whatever_comes(
    stories: list[Any], size: int, lost: set[int], stops: list[tuple[float, int]]
) -> None:
    asked, came = plan(stories, size)
    stopped = {f"t{number}": at for at, number in stops}
    ran = go(
        asked,
        [each for number, each in enumerate(came) if number not in lost],
        stops=[(round(at, 3), Stop(turn=turn)) for turn, at in stopped.items()],
        until=300.0,
    )
    assert ran.error is None
    edges = [line for line in told(ran) if line[0] != "Chunk"]
    keys = [(event.turn, event.index) for _, event in asked]
    whole = [key for key in keys if key[0] not in stopped]
    assert [line for line in edges if line[1] not in stopped] == [
        (kind, *key) for key in whole for kind in ("Started", "Ended")
    ], "begun and ended once, in order"
    assert [line[1:] for line in edges if line[0] == "Started"] == sorted(
        [line[1:] for line in edges if line[0] == "Started"], key=keys.index
    )
    running: tuple[str, int] | None = None
    for at, _, event in ran.out:
        key = (event.turn, event.sentence)
        if isinstance(event, SpeechStarted):
            running = key
        assert key == running, "nothing of another sentence, and nothing after its end"
        if isinstance(event, SpeechEnded):
            running = None
        assert event.turn not in stopped or at <= stopped[event.turn] + 1e-6
    for at, index, _ in ends(ran):
        assert at <= max(asked[-1][0], came[-1][0]) + 6.0 * (len(asked) + 1), index


@pytest.mark.parametrize("wrong", [0.0, -1.0, 601.0])
@pytest.mark.parametrize("name", ["patience_s", "first_sound_s"])
def test_a_patience_that_makes_no_sense_is_refused(name: str, wrong: float) -> None:
    with pytest.raises(ValueError, match=name):
        go([(0.0, sentence("가"))], [], **{name: wrong})
