from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.engine.flow.host import Keeping
from schemas.playback import Heard, Level, Speaking, Stop
from schemas.speech import SpeechChunk, SpeechEnded, SpeechStarted
from tests.nodes.audio.fakes import RATE, sentence
from tests.nodes.audio.stage import TICK, ends, lefts, play, times


def test_a_turn_is_heard_in_real_time_and_then_the_voice_is_free():
    ran = play([*sentence(1.0, "a", 0, 1.0, "하나"), *sentence(1.0, "a", 1, 0.5, "둘", last=True)])
    (on, first), (off, last) = times(ran, Speaking)
    assert (on, first) == (1.0, Speaking(turn="a", speaking=True))
    assert last == Speaking(turn="a", speaking=False)
    assert 2.5 <= off <= 2.5 + TICK
    heard = times(ran, Heard)
    assert heard[0][1] == Heard(turn="a", sentence=0, text="하나", fraction=0.0)
    assert heard[0][0] <= 1.0 + TICK
    (end0, *_), (end1, *_) = ends(ran)
    assert 2.0 <= end0 <= 2.0 + TICK
    assert 2.5 <= end1 <= 2.5 + TICK
    assert 13 <= len(heard) <= 19
    assert ran.completed_at == off


def test_the_level_follows_the_sound_at_60_hz_and_ends_at_zero():
    ran = play(sentence(0.0, "a", 0, 1.0, last=True))
    levels = times(ran, Level)
    assert 58 <= len(levels) <= 63
    assert all(event.at_s == pytest.approx(at, abs=0.001) for at, event in levels[:-1])
    assert {(event.turn, event.sentence) for _, event in levels[:-1]} == {("a", 0)}
    assert levels[5][1].rms == pytest.approx(0.3 / 2**0.5, rel=0.15)
    assert levels[5][1].peak == pytest.approx(0.3, 0.1)
    assert levels[-1][1] == Level(rms=0.0)
    assert levels[-2][1].rms > 0


def test_a_muted_voice_has_no_level_but_keeps_its_time():
    ran = play(sentence(0.0, "a", 0, 1.0, last=True), mute=True)
    assert {event.rms for _, event in times(ran, Level)} == {0.0}
    assert 1.0 <= ends(ran)[0][0] <= 1.0 + TICK


def test_an_empty_last_sentence_ends_the_turn_without_a_caption():
    ran = play([*sentence(0.0, "a", 0, 0.5), *sentence(0.0, "a", 1, 0.0, "", last=True)])
    assert [turn[1:] for turn in ends(ran)] == [("a", 0)]
    assert times(ran, Speaking)[-1][1] == Speaking(turn="a", speaking=False)


def test_a_turn_whose_source_failed_is_ended_before_the_next_one_speaks():
    ran = play([(0.0, SpeechStarted(turn="a", sentence=0, text="끝이")), *sentence(3.0, "b", 0, 0.5, last=True)])
    assert [(event.turn, event.speaking) for _, event in times(ran, Speaking)] == [
        ("a", True),
        ("a", False),
        ("b", True),
        ("b", False),
    ]


def test_turns_follow_each_other_without_overlap_when_both_are_queued():
    ran = play([*sentence(0.0, "a", 0, 1.0, last=True), *sentence(0.1, "b", 0, 1.0, last=True)])
    assert [event.turn for _, event in times(ran, Speaking)] == ["a", "a", "b", "b"]
    assert 2.25 <= ends(ran)[1][0] <= 2.25 + TICK
    assert lefts(ran) == [(0.0, "a", 1.0), (ends(ran)[0][0], "b", pytest.approx(1.25, abs=TICK))]


@pytest.mark.parametrize(("pause", "gap"), [(0.25, 0.25), (0.0, 0.0), (1.5, 1.5)])
def test_a_turn_that_is_ready_begins_after_the_pause(pause, gap):
    speech = [*sentence(0.0, "a", 0, 1.0, last=True), *sentence(0.9, "b", 0, 1.0, last=True)]
    ran = play(speech, turn_pause_s=pause)
    begun = next(at for at, event in times(ran, Heard) if event.turn == "b")
    assert begun - 1.0 == pytest.approx(gap, abs=2 * TICK)


def test_a_turn_that_is_not_ready_begins_without_a_pause():
    ran = play([*sentence(0.0, "a", 0, 1.0, last=True), *sentence(1.1, "b", 0, 1.0, last=True)], turn_pause_s=3.0)
    assert next(at for at, event in times(ran, Heard) if event.turn == "b") <= 1.1 + TICK


def test_speech_at_another_rate_keeps_its_length():
    ran = play(sentence(0.0, "a", 0, 1.0, last=True, rate=44_100))
    assert 1.0 <= ends(ran)[0][0] <= 1.0 + TICK


def cut_in_two(speech, at, between=0.3):
    """Run two generations of the voice: the first gets the events before ``at``, the second the rest."""
    kept = Keeping()
    first = play([each for each in speech if each[0] < at], kept=kept)
    assert first.completed_at is not None
    again = first.completed_at + between
    rest = [(max(0.0, when - again), event) for when, event in speech if when >= at]
    second = play(rest, kept=kept)
    return first, second


def test_a_turn_that_is_being_said_goes_on_after_a_reload_and_ends_once():
    speech = [*sentence(0.0, "a", 0, 1.0, "하나"), *sentence(0.6, "a", 1, 1.0, "둘", last=True, step=0.25)]
    first, second = cut_in_two([*speech[:-2], *((2.0, event) for _, event in speech[-2:])], 1.9)
    assert [event for _, event in times(first, Speaking)] == [Speaking(turn="a", speaking=True)]
    assert [event for _, event in times(second, Speaking)] == [Speaking(turn="a", speaking=False)]
    ((_, last),) = [each for each in times(second, Heard) if each[1].ended]
    assert (last.sentence, last.text, last.fraction) == (1, "둘", 1.0)
    told = [event.fraction for ran in (first, second) for _, event in times(ran, Heard) if event.sentence == 1]
    assert told == sorted(told)
    assert told.count(0.0) == 1


@pytest.mark.parametrize("heard", [0, 1])
def test_a_turn_of_which_only_the_beginning_came_is_not_over_when_the_voice_is_replaced(heard):
    speech = sentence(0.0, "a", 0, 0.5, "하나", last=True, step=0.05)
    speech = [*speech[: 1 + heard], *((2.0, event) for _, event in speech[1 + heard :])]
    first, second = cut_in_two(speech, 1.0)
    assert [event.speaking for _, event in times(first, Speaking)] == [True]
    assert [event.speaking for _, event in times(second, Speaking)] == [False]
    assert ends(second)[0][1:] == ("a", 0)


def test_a_turn_of_which_no_more_comes_after_a_reload_is_over_after_the_timeout():
    kept = Keeping()
    play(sentence(0.0, "a", 0, 1.0)[:-1], kept=kept)
    ran = play([], kept=kept, silence_timeout_s=5, complete_at=30.0)
    assert [event.speaking for _, event in times(ran, Speaking)] == [False]
    assert 5.0 <= times(ran, Speaking)[0][0] <= 5.0 + 2 * TICK


@pytest.mark.parametrize("at", [0.0, 1.0])
def test_it_completes_at_once_when_nothing_came(at):
    assert play([], complete_at=at).completed_at == at


def test_a_failed_sentence_ends_its_turn():
    ran = play([(0.0, SpeechEnded(turn="a", sentence=0, last=True, failed=True))])
    assert [event.speaking for _, event in times(ran, Speaking)] == [True, False]


def test_a_sentence_that_breaks_off_is_over_after_the_timeout():
    ran = play(sentence(0.0, "a", 0, 1.0)[:-1], silence_timeout_s=5, complete_at=30.0)
    assert [turn[1:] for turn in ends(ran)] == [("a", 0)]
    assert 6.0 <= times(ran, Speaking)[-1][0] <= 6.0 + 2 * TICK


def test_a_slow_voice_has_the_whole_timeout_between_any_two_parts():
    speech = [event for at in (0.0, 5.9, 11.8) for event in sentence(at, "a", int(at), 1.0, last=at > 11)]
    ran = play(speech, silence_timeout_s=5)
    assert [event.speaking for _, event in times(ran, Speaking)] == [True, False]
    assert ran.log == []


def test_a_silent_caption_that_is_longer_than_the_timeout_is_shown_to_its_end():
    ran = play(sentence(0.0, "a", 0, 0.0, "가" * 100, last=True), caption_s_per_char=0.1, silence_timeout_s=3)
    assert 10.0 <= ends(ran)[0][0] <= 10.0 + TICK


def test_sound_libraries_are_not_loaded_with_the_nodes(loaded_at_a_start: frozenset[str]):
    assert "nodes.audio.play" in loaded_at_a_start
    assert not loaded_at_a_start & {"sounddevice", "miniaudio", "soxr"}


def stop(at, turn):
    return [(at, Stop(turn=turn))]


def test_a_stopped_turn_is_over_at_once_with_what_was_heard_of_it():
    two = [*sentence(0.0, "a", 0, 1.0, "하나"), *sentence(0.0, "a", 1, 1.5, "둘", last=True)]
    ran = play(two, stop=stop(1.3, "a"))
    (_, _), (off, last) = times(ran, Speaking)
    assert last == Speaking(turn="a", speaking=False)
    assert 1.3 <= off <= 1.3 + TICK
    at, broken = times(ran, Heard)[-1]
    assert broken.ended
    assert (broken.sentence, at) == (1, off)
    assert broken.fraction == pytest.approx(0.2, abs=0.01)
    assert times(ran, Level)[-1][1] == Level(rms=0.0)
    assert ran.completed_at <= 1.3 + 2 * TICK


def test_what_comes_of_a_stopped_turn_is_passed_over_and_the_next_one_is_heard():
    speech = [
        *sentence(0.0, "a", 0, 3.0),
        *sentence(2.0, "a", 1, 3.0, last=True),
        *sentence(2.0, "b", 0, 1.0, last=True),
    ]
    ran = play(speech, stop=stop(1.0, "a"))
    assert [(turn, index) for _, turn, index in ends(ran)] == [("a", 0), ("b", 0)]
    assert ends(ran)[-1][0] == pytest.approx(3.0, abs=TICK)
    assert [event.speaking for _, event in times(ran, Speaking)] == [True, False, True, False]


def test_a_turn_behind_the_stopped_one_moves_up():
    speech = [
        *sentence(0.0, "a", 0, 1.0),
        *sentence(0.0, "a", 1, 0.5, last=True),
        *sentence(0.0, "b", 0, 0.5, last=True),
    ]
    ran = play(speech, stop=stop(0.5, "a"))
    assert ends(ran)[-1][1:] == ("b", 0)
    assert ends(ran)[-1][0] == pytest.approx(0.5 + 0.25 + 0.5, abs=2 * TICK)


def test_a_queued_turn_can_be_stopped_while_another_one_speaks():
    speech = [
        *sentence(0.0, "a", 0, 1.0, last=True),
        *sentence(0.0, "b", 0, 0.5, last=True),
        *sentence(0.0, "c", 0, 0.25, last=True),
    ]
    ran = play(speech, stop=stop(0.5, "b"))
    assert [(turn, index) for _, turn, index in ends(ran)] == [("a", 0), ("c", 0)]
    assert ends(ran)[-1][0] == pytest.approx(1.0 + 0.25 + 0.25, abs=2 * TICK)


def test_a_turn_that_is_stopped_before_its_first_sound_frees_the_voice():
    ran = play(sentence(5.0, "b", 0, 0.5, last=True), stop=stop(1.0, "a"))
    assert times(ran, Speaking)[0] == (1.0, Speaking(turn="a", speaking=False))
    ran = play([(0.0, SpeechStarted(turn="a", sentence=0, text="하나"))], stop=stop(1.0, "a"), complete_at=2.0)
    assert times(ran, Speaking)[-1] == (1.0, Speaking(turn="a", speaking=False))
    assert times(ran, Heard) == []


def test_the_level_can_lead_the_sound():
    silence = np.zeros(RATE, np.float32)
    speech = [
        SpeechStarted(turn="a", sentence=0, text="하나"),
        SpeechChunk(turn="a", sentence=0, samples=silence, rate=RATE),
        SpeechChunk(turn="a", sentence=0, samples=silence + 0.5, rate=RATE, sequence=1),
        SpeechEnded(turn="a", sentence=0, last=True),
    ]
    ran = play([(0.0, event) for event in speech], lead_ms=100)
    first = next(at for at, event in times(ran, Level) if event.rms > 0)
    assert first == pytest.approx(0.9, abs=TICK)


@given(
    sizes=st.lists(st.tuples(st.integers(0, 2), st.floats(0.0, 1.0)), min_size=1, max_size=6),
    stops=st.lists(st.tuples(st.floats(0.0, 5.0), st.integers(0, 2)), max_size=4),
)
def test_whatever_is_stopped_each_turn_ends_once_and_each_sentence_that_began_ends(sizes, stops):
    speech = []
    for index, (turn, size) in enumerate(ordered := sorted(sizes)):
        speech += sentence(0.0, f"t{turn}", index, size)
        if turn not in [later for later, _ in ordered[index + 1 :]]:
            speech.append((0.0, SpeechEnded(turn=f"t{turn}", sentence=99, last=True)))
    ran = play(speech, stop=[(at, Stop(turn=f"t{turn}")) for at, turn in sorted(stops)])
    heard = [event for _, event in times(ran, Heard)]
    begun = [event.sentence for event in heard if event.fraction == 0.0 and not event.ended]
    assert begun == [event.sentence for event in heard if event.ended]
    on = [event.turn for _, event in times(ran, Speaking) if event.speaking]
    off = [event.turn for _, event in times(ran, Speaking) if not event.speaking]
    assert len(on) == len(set(on))
    assert set(on) <= set(off)
    assert ran.completed_at is not None


@given(
    sizes=st.lists(st.tuples(st.integers(0, 2), st.floats(0.0, 1.0)), min_size=1, max_size=6),
    cuts=st.lists(st.integers(0, 40), max_size=3),
)
def test_whenever_the_voice_is_replaced_each_turn_begins_and_ends_once_and_all_is_heard(sizes, cuts):
    kinds = [(f"t{turn}", index, size) for index, (turn, size) in enumerate(sorted(sizes))]
    lasts = {turn: index for turn, index, _ in kinds}
    speech = [
        event
        for turn, index, size in kinds
        for _, event in sentence(0.0, turn, index, size, last=lasts[turn] == index, step=0.2)
    ]
    kept, ran = Keeping(), []
    edges = [0, *sorted(min(cut, len(speech)) for cut in cuts), len(speech)]
    for begin, end in pairwise(edges):
        ran.append(play([(0.0, event) for event in speech[begin:end]], kept=kept))
    told = [event for each in ran for _, event in times(each, Speaking)]
    turns = sorted(lasts)
    assert told == [Speaking(turn=turn, speaking=on) for turn in turns for on in (True, False)]
    over = [(event.turn, event.sentence) for each in ran for _, event in times(each, Heard) if event.ended]
    assert over == [(turn, index) for turn, index, _ in kinds]
