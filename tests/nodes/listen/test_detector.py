"""When the streamer begins and ends to speak."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from nodes.listen._blocks import BLOCK, BLOCK_S
from nodes.listen._echo import OVERLAPPED
from schemas.host import HostTurn, Ignored, Utterance
from schemas.playback import Heard as Said
from schemas.playback import Speaking, Stop
from tests.nodes.listen.fakes import Config, Heard


def on(turn: str = "t") -> Speaking:
    return Speaking(turn=turn, speaking=True)


def off(turn: str = "t") -> Speaking:
    return Speaking(turn=turn, speaking=False)


def test_three_blocks_with_a_voice_begin_a_turn_and_silence_ends_it() -> None:
    heard = Heard().seconds("-", 1).seconds("v", 1).seconds("-", 2)
    assert heard.states() == ["speaking", "holding", "yielded"]
    began = {event.state: at for at, event in reversed(heard.told) if isinstance(event, HostTurn)}
    begun, holds, ended = (began[state] for state in ("speaking", "holding", "yielded"))
    voice = 31 * BLOCK_S
    assert begun == pytest.approx(voice + 3 * BLOCK_S, abs=0.001)
    assert holds == pytest.approx(voice * 2 + 8 * BLOCK_S, abs=0.001)
    assert ended - voice * 2 == pytest.approx(0.8 - BLOCK_S, abs=0.001)


def test_an_utterance_begins_before_its_first_voice_and_ends_soon_after_its_last() -> None:
    heard = Heard().seconds("-", 1).seconds("v", 1).seconds("-", 2)
    (utterance,) = heard.of(Utterance)
    assert len(utterance.samples) == (20 + 28 + 6) * BLOCK
    assert utterance.samples[0] == 31 + 3 - 20 + 1
    assert utterance.began == pytest.approx((31 + 3 - 20) * BLOCK_S, abs=0.001)
    assert (utterance.voiced_s, utterance.overlapped_s, utterance.called) == (0.992, 0.0, True)
    assert np.array_equal(utterance.samples[::BLOCK], np.arange(15, 15 + 54))


def test_the_turn_is_told_before_its_utterance_and_names_it() -> None:
    heard = Heard().seconds("v", 1).seconds("-", 2)
    (turn, utterance) = [event for _, event in heard.told][-2:]
    assert isinstance(turn, HostTurn)
    assert isinstance(utterance, Utterance)
    assert turn.utterance == utterance.id
    again = Heard().seconds("v", 1).seconds("-", 2).seconds("v", 1).seconds("-", 2)
    assert len({each.id for each in again.of(Utterance)}) == 2


def test_in_noise_the_silence_begins_where_her_voice_ends_and_not_where_the_detector_has_forgotten_it() -> None:
    def handed_over(noise: float, lag: str) -> float:
        heard = Heard().seconds("n", 1, noise).seconds("v", 1).blocks(lag).seconds("n", 2, noise)
        (at,) = [at for at, event in heard.told if isinstance(event, Utterance)]
        return at - 62 * BLOCK_S

    assert handed_over(0.011, "ssss") == pytest.approx(0.8 - BLOCK_S, abs=0.001)
    assert handed_over(0.001, "ssss") == pytest.approx(0.8 + 3 * BLOCK_S, abs=0.001), "it is louder than the room"


def test_a_voice_as_soft_as_the_noise_is_no_pause() -> None:
    heard = Heard().seconds("n", 1, 0.01).seconds("v", 1).seconds("s", 3).seconds("n", 2, 0.01)
    (utterance,) = heard.of(Utterance)
    assert heard.states() == ["speaking", "holding", "yielded"]
    assert utterance.seconds > 4.0


def test_a_pause_within_a_sentence_does_not_end_it() -> None:
    heard = Heard().seconds("v", 1).seconds("-", 0.6).seconds("v", 1).seconds("-", 2)
    assert heard.states() == ["speaking", "holding", "speaking", "holding", "yielded"]
    assert len(heard.of(Utterance)) == 1


def test_after_a_filler_she_is_given_more_time() -> None:
    def parts(last_s: float) -> int:
        heard = Heard().seconds("v", 1).seconds("-", 0.5).seconds("v", last_s).seconds("-", 1.2)
        return len(heard.seconds("v", 1).seconds("-", 3).of(Utterance))

    assert parts(0.3) == 1
    assert parts(0.7) == 2


def test_what_is_too_short_for_a_word_is_noise() -> None:
    heard = Heard().blocks("-----vvvv").seconds("-", 2)
    assert heard.of(Utterance) == []
    assert [event.why for event in heard.of(Ignored)] == ["noise"]
    assert heard.states() == ["speaking", "holding", "yielded"]
    assert heard.of(HostTurn)[-1].utterance == ""


@pytest.mark.parametrize("story", ["n" * 60, "vv--vv--vv--" * 5])
def test_what_is_no_voice_begins_nothing(story: str) -> None:
    assert Heard().blocks(story).told == []


def test_one_block_without_a_voice_may_be_among_the_first() -> None:
    assert Heard().blocks("vnvv").states() == ["speaking"]


def test_what_is_too_quiet_is_not_taken_for_her() -> None:
    assert Heard(quiet_db=-30.0).blocks("s" * 60).told == []
    assert Heard(quiet_db=-50.0).blocks("s" * 60).states() == ["speaking"]


def test_while_she_speaks_that_is_repeated_every_second() -> None:
    heard = Heard().seconds("v", 5)
    ats = [at for at, event in heard.told if isinstance(event, HostTurn)]
    assert len(ats) == 5
    assert all(1.0 <= later - earlier < 1.1 for earlier, later in pairwise(ats))


def test_a_speech_without_an_end_is_handed_over_in_parts_and_not_a_block_is_lost() -> None:
    heard = Heard().seconds("v", 70).seconds("-", 2)
    parts = heard.of(Utterance)
    assert len(parts) == 3
    assert heard.states() == ["speaking", "holding", "yielded"]
    marks = np.concatenate([part.samples[::BLOCK] for part in parts])
    assert np.array_equal(marks, np.arange(marks[0], marks[0] + len(marks)))


# The answer that is being said.


def test_a_long_speech_is_parted_in_a_pause_and_no_word_is_cut() -> None:
    heard = Heard().seconds("v", 26).blocks("-----").seconds("v", 4).seconds("-", 2)
    first, second = heard.of(Utterance)
    marks = [
        int(samples[0]) for each in (first, second) for samples in np.split(each.samples, len(each.samples) // BLOCK)
    ]
    assert marks == list(range(1, len(marks) + 1)), "not a block is lost, none comes twice"
    pause = range(813, 818)
    assert len(first.samples) // BLOCK in pause
    assert (first.ended, second.began) == (pytest.approx(second.began), pytest.approx(first.ended))
    assert (first.voiced_s, second.voiced_s) == (pytest.approx(26, abs=0.1), pytest.approx(4, abs=0.1))
    assert (first.follows, second.follows) == ("", first.id)
    heard.seconds("v", 1).seconds("-", 2)
    assert heard.of(Utterance)[-1].follows == "", "what is said later is no part of it"


@pytest.mark.parametrize(
    ("mode", "cut", "after_sentence"),
    [("open", "auto", False), ("name", "auto", True), ("open", "sentence", True), ("name", "now", False)],
)
def test_the_answer_that_is_being_said_is_stopped_as_she_begins(mode: Any, cut: str, after_sentence: bool) -> None:
    heard = Heard(mode, cut=cut)
    heard.note(heard.detector.speaking(on()))
    heard.seconds("v", 2)
    assert heard.of(Stop) == [Stop(turn="t", by_host=True, after_sentence=after_sentence)]
    assert heard.told[1][0] == pytest.approx(3 * BLOCK_S, abs=0.001)


def test_an_answer_that_begins_while_she_speaks_is_stopped_before_anything_of_it_is_heard() -> None:
    heard = Heard("name").seconds("v", 1)
    heard.note(heard.detector.speaking(on()))
    heard.note(heard.detector.speaking(Speaking(turn="t", speaking=True, left_s=3.0)))
    assert heard.of(Stop) == [Stop(turn="t", by_host=True, again=True)]
    heard.note(heard.detector.speaking(off()))
    heard.seconds("-", 2)
    heard.note(heard.detector.speaking(on("u")))
    assert len(heard.of(Stop)) == 1


def test_her_voice_stops_nothing_where_it_must_not() -> None:
    heard = Heard(cut="no")
    heard.note(heard.detector.speaking(on()))
    heard.seconds("v", 1)
    heard.note(heard.detector.speaking(off()))
    heard.note(heard.detector.speaking(on("u")))
    assert heard.of(Stop) == []


def test_what_the_character_said_meanwhile_is_told_with_the_utterance() -> None:
    heard = Heard().seconds("-", 1)
    heard.detector.said(Said(turn="t", sentence=0, text="옛날 옛적에", fraction=0.5), heard.at)
    heard.seconds("-", 3)
    for fraction in (0.0, 0.5):
        heard.detector.said(Said(turn="t", sentence=1, text="호랑이가 살았어요.", fraction=fraction), heard.at)
    heard.seconds("v", 1).seconds("-", 2)
    assert heard.of(Utterance)[0].saying == "호랑이가 살았어요."


# Our own voice in the microphone.


def echoing(mode: Any = "open", way: float = 0.1) -> Heard:
    """Our voice is heard in the microphone, and the way is known."""
    heard = Heard(mode)
    heard.own = 0.2
    return heard.seconds("v", 3, level=0.2 * way)


@pytest.mark.parametrize("way", [10 ** (-db / 20) for db in (10, 20, 30)])
def test_our_own_voice_is_not_taken_for_hers(way: float) -> None:
    assert echoing(way=way).told == []


def test_she_is_heard_over_our_own_voice_if_she_is_louder_than_its_echo() -> None:
    heard = echoing().seconds("v", 1, level=0.1)
    assert heard.states() == ["speaking"]
    heard.seconds("v", 1, level=0.02).seconds("-", 1)
    assert heard.states() == ["speaking", "holding", "yielded"]
    assert heard.of(Utterance)[0].overlapped_s > 0.5


def test_our_sound_is_heard_during_most_of_what_is_an_echo_and_little_of_what_is_said_after_it() -> None:
    echo = echoing().seconds("v", 0.4, level=0.2)
    echo.own = None
    (mistaken,) = echo.seconds("-", 2).of(Utterance)
    assert mistaken.overlapped_s >= OVERLAPPED * mistaken.voiced_s
    after = echoing()
    after.own = None
    (hers,) = after.seconds("-", 0.4).seconds("v", 1).seconds("-", 2).of(Utterance)
    assert 0 < hers.overlapped_s < OVERLAPPED * hers.voiced_s


def test_a_word_with_a_soft_sound_in_it_is_heard_over_our_own_voice_and_single_knocks_are_not() -> None:
    heard = echoing()
    for _ in range(5):
        heard.blocks("v", level=0.1).blocks("vv", level=0.02)
    assert heard.states() == []
    assert heard.blocks("vv", level=0.1).blocks("vv", level=0.02).blocks("v", level=0.1).states() == ["speaking"]


def test_with_the_key_held_she_is_heard_however_quiet_she_is() -> None:
    heard = echoing("hold")
    heard.note(heard.detector.key(True, heard.at))
    heard.seconds("s", 1)
    heard.note(heard.detector.key(False, heard.at))
    heard.seconds("-", 1)
    assert heard.of(Utterance)[0].voiced_s > 0.9


# The key and the modes.


def test_a_turn_lasts_as_long_as_the_key_is_held() -> None:
    heard = Heard("hold").seconds("v", 1)
    assert heard.told == []
    heard.note(heard.detector.key(True, heard.at))
    assert heard.states() == ["speaking"]
    heard.note(heard.detector.key(True, heard.at))
    heard.seconds("v", 1).seconds("-", 3).seconds("v", 1)
    assert heard.states() == ["speaking"]
    heard.note(heard.detector.key(False, heard.at))
    heard.seconds("v", 0.25)
    assert heard.states() == ["speaking", "yielded"]
    (utterance,) = heard.of(Utterance)
    assert utterance.called
    assert 5.2 < utterance.seconds < 5.7


def test_a_key_whose_release_is_never_told_is_released_by_itself_unless_it_is_ordered_again() -> None:
    heard = Heard("hold", key_s=5.0).seconds("-", 1)
    heard.note(heard.detector.key(True, heard.at))
    for _ in range(3):
        heard.seconds("v", 4)
        heard.note(heard.detector.expire(heard.at))
        heard.note(heard.detector.key(True, heard.at))
    assert heard.detector.held
    heard.seconds("v", 4.5)
    heard.note(heard.detector.expire(heard.at))
    assert heard.detector.held
    heard.seconds("v", 1)
    heard.note(heard.detector.expire(heard.at))
    assert not heard.detector.held
    assert heard.seconds("-", 1).states() == ["speaking", "yielded"]
    assert len(heard.of(Utterance)) == 1
    heard.note(heard.detector.expire(heard.at + 100))
    assert len(heard.of(Utterance)) == 1


def test_a_key_may_be_held_for_less_than_the_settings_say() -> None:
    heard = Heard("hold", key_s=60.0)
    heard.detector.key(True, 0.0, 3.0)
    heard.detector.expire(2.9)
    assert heard.detector.held
    heard.detector.key(True, 2.9, 3.0)
    heard.detector.expire(5.8)
    assert heard.detector.held
    heard.detector.expire(5.9)
    assert not heard.detector.held


def test_a_key_without_a_word_is_noise_and_stops_the_answer_at_once() -> None:
    heard = Heard("hold").seconds("-", 1)
    heard.note(heard.detector.speaking(on()))
    heard.note(heard.detector.key(True, heard.at))
    assert heard.of(Stop) == [Stop(turn="t", by_host=True)]
    heard.seconds("-", 1)
    heard.note(heard.detector.key(False, heard.at))
    heard.seconds("-", 1)
    assert [event.why for event in heard.of(Ignored)] == ["noise"]


def test_a_key_that_is_pressed_again_at_once_goes_on() -> None:
    heard = Heard("hold")
    heard.note(heard.detector.key(True, heard.at))
    heard.seconds("v", 1)
    heard.note(heard.detector.key(False, heard.at))
    heard.blocks("vv")
    heard.note(heard.detector.key(True, heard.at))
    heard.seconds("v", 1)
    assert heard.states() == ["speaking"]


def test_in_other_modes_the_key_does_nothing() -> None:
    heard = Heard("open")
    heard.note(heard.detector.key(True, 0.0))
    assert heard.told == []


def test_switched_off_nothing_is_heard_and_nothing_of_what_was_being_said_is_handed_over() -> None:
    heard = Heard().seconds("v", 1)
    heard.note(heard.detector.switch("off", heard.at))
    heard.seconds("v", 3)
    assert heard.states() == ["speaking", "yielded"]
    assert heard.of(Utterance) == []
    heard.note(heard.detector.switch("name", heard.at))
    heard.seconds("v", 1).seconds("-", 1)
    assert [each.called for each in heard.of(Utterance)] == [False]


def test_switched_to_another_mode_what_was_being_said_is_handed_over() -> None:
    heard = Heard().seconds("v", 1)
    assert heard.detector.switch("open", heard.at) == []
    heard.note(heard.detector.switch("name", heard.at))
    assert len(heard.of(Utterance)) == 1
    held = Heard("open")
    held.note(held.detector.key(True, 0.0))
    held.note(held.detector.switch("hold", 0.0))
    assert held.states() == ["speaking"]


def test_what_was_said_before_the_microphone_was_lost_is_handed_over() -> None:
    heard = Heard().seconds("v", 1)
    heard.note(heard.detector.lost(heard.at))
    assert len(heard.of(Utterance)) == 1
    assert heard.states()[-1] == "yielded"
    assert heard.detector.lost(heard.at) == []


def test_what_is_said_while_the_graph_changes_the_mode_is_handed_over() -> None:
    heard = Heard("open").seconds("v", 1)
    heard.note(heard.detector.configure(Config("name"), heard.at))
    assert heard.states() == ["speaking", "yielded"]
    assert len(heard.of(Utterance)) == 1
    assert heard.detector.mode == "name"


def test_a_mode_that_was_switched_during_the_show_outlasts_other_changes_of_the_graph() -> None:
    heard = Heard("hold")
    heard.detector.switch("open", 0.0)
    assert heard.detector.configure(Config("hold", end_s=1.5), 0.0) == []
    assert heard.detector.mode == "open"
    heard.seconds("v", 1).seconds("-", 1.3)
    assert heard.of(Utterance) == []
    assert len(heard.seconds("-", 0.4).of(Utterance)) == 1
