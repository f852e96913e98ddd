import asyncio
import wave

import numpy as np
import pytest

from nodes.audio._player import Player
from nodes.audio._rate import Rate
from nodes.audio._recorder import LONGEST_GAP_S
from nodes.audio._settings import Play
from nodes.audio._timeline import Timeline
from nodes.audio._track import Track
from nodes.services import Files, Web
from schemas.chat import ChatMessage, Donation
from schemas.playback import Heard, Level, Muted, Speaking, Stop
from schemas.speech import Speech, SpeechEnded
from tests.fakes import FakeWeb, Quiet
from tests.harness import run
from tests.nodes.audio.fakes import RATE, FakeClock, sentence, tone
from tests.nodes.audio.stage import TICK, FakeFiles, ends, is_left, play, times
from tests.nodes.audio.test_ladder import machine

__all__ = ["machine"]


class NoWait:
    """Jobs whose sleeps are over at once."""

    async def sleep(self, seconds):
        await asyncio.sleep(0)


def player_of(clock, jobs, log):
    return Player(Play(device="none", record=False), Track(), Timeline(RATE), clock, jobs, FakeWeb(), None, log)


def test_what_one_job_could_not_give_yet_another_gives_in_the_same_order():
    async def story():
        clock = FakeClock()
        player = player_of(clock, NoWait(), Quiet())
        speech = sentence(0.0, "a", 0, 0.5, last=True)
        feeding = player.feed(speech[0][1])
        first = await anext(feeding)
        for _, event in speech[1:]:
            assert [event async for event in player.feed(event) if not is_left(event)] == []
        clock.at = 0.5
        moving = player.play()
        given = [first, await anext(moving)]
        tending = player.tend()
        given += [await anext(tending) for _ in range(4)]
        given = [event for event in given if not is_left(event)]
        return [type(event) for event in given], [getattr(event, "ended", None) for event in given]

    kinds, ended = asyncio.run(story())
    assert kinds == [Speaking, Level, Heard, Heard, Speaking, Level]
    assert ended[2:4] == [False, True]


class Passing:
    """Jobs whose sleeps are over at once, and the time with them."""

    def __init__(self, clock):
        self.clock = clock

    async def sleep(self, seconds):
        self.clock.at += max(seconds, 0.01)
        await asyncio.sleep(0)


def test_sound_that_was_heard_does_not_stay_in_memory():
    async def story():
        clock = FakeClock()
        player = player_of(clock, Passing(clock), None)
        given = []

        async def feed():
            for _, event in sentence(0.0, "a", 0, 20.0, last=True, step=0.5):
                given.extend([event async for event in player.feed(event)])

        feeding = asyncio.create_task(feed())
        async for event in player.play():
            given.append(event)
            if clock.at > 25.0 or (isinstance(event, Speaking) and not event.speaking):
                break
        await feeding
        assert any(isinstance(event, Heard) and event.ended for event in given)
        return player._track.end / RATE, player._track.start / RATE

    said_s, forgotten_s = asyncio.run(story())
    assert said_s == pytest.approx(20.0)
    assert forgotten_s > 18.0


def late_sentence(at, turn, late, parts=6, seconds=0.3):
    """Parts of ``seconds``, each but the first ``late`` seconds later than the end of the sound before it."""
    events = sentence(at, turn, 0, parts * seconds, last=True, step=seconds)
    times = [at, at, *(at + number * seconds + late for number in range(1, parts))]
    return [(time, event) for time, (_, event) in zip([*times, times[-1]], events, strict=True)]


def eight_late_sentences(machine, **settings):
    """(gaps that were heard until the end of each turn, how late after its first part each one was heard)."""
    machine.there, machine.opened, machine.tried = ["Speakers"], [], []
    starts = [1.0 + 4.0 * number for number in range(8)]
    speech = [event for number, at in enumerate(starts) for event in late_sentence(at, f"t{number}", 0.2)]
    changes = {f"at_{round(100 * (at + 3.5))}": lambda: gaps.append(machine.opened[0].underruns) for at in starts}
    gaps = []
    ran = play(speech, device="auto", during=machine.runs(34.0, **changes), until=60.0, **settings)
    heard = [at for at, event in times(ran, Heard) if event.fraction == 0.0]
    assert [event.turn for _, event in times(ran, Heard) if event.ended] == [f"t{number}" for number in range(8)]
    return gaps, [at - start for at, start in zip(heard, starts, strict=True)]


def test_a_voice_whose_parts_come_late_is_begun_later_and_has_a_gap_in_its_first_sentence_only(machine):
    gaps, waits = eight_late_sentences(machine)
    assert gaps == [1] * 8
    assert waits[0] <= 2 * TICK
    assert all(0.2 <= wait <= 0.35 for wait in waits[1:])


def test_a_voice_with_a_fixed_buffer_is_begun_as_soon_as_it_is_full(machine):
    gaps, waits = eight_late_sentences(machine, prebuffer_ms=120)
    assert gaps == [1, 2, 3, 4, 5, 6, 7, 8]
    assert max(waits) <= 2 * TICK


def test_a_sentence_that_follows_a_held_one_follows_without_a_gap(machine):
    machine.there = ["Speakers"]
    speech = [*late_sentence(1.0, "a", 0.2), *late_sentence(5.0, "b", 0.1)]
    follows = [(6.65, event) for _, event in sentence(0.0, "b", 1, 0.9, last=True, step=0.3)]
    speech = [*speech[:-1], (speech[-1][0], SpeechEnded(turn="b", sentence=0)), *follows]
    ran = play(speech, device="auto", during=machine.runs(10.0))
    assert machine.opened[0].underruns == 1
    sound = np.concatenate(machine.opened[0].stream.heard)[5 * RATE :]
    sounding = np.flatnonzero(np.abs(sound) > 0.001)
    assert (sounding[-1] - sounding[0]) / RATE == pytest.approx(1.8 + 0.9, abs=0.01)
    assert ends(ran)[-1][1:] == ("b", 1)


def test_a_held_sentence_that_is_stopped_is_never_heard_and_the_next_one_is(machine):
    machine.there = ["Speakers"]
    speech = [*late_sentence(1.0, "a", 0.2), *late_sentence(5.0, "b", 0.2), *sentence(8.0, "c", 0, 1.0, last=True)]
    ran = play(speech, stop=[(5.1, Stop(turn="b"))], device="auto", during=machine.runs(10.0))
    assert [event.turn for _, event in times(ran, Heard) if event.ended] == ["a", "c"]
    sound = np.concatenate(machine.opened[0].stream.heard)
    assert not sound[int(4.5 * RATE) : 8 * RATE].any()
    assert 8.0 <= next(at for at, event in times(ran, Heard) if event.turn == "c") <= 8.0 + 2 * TICK


def test_the_voice_is_silent_while_an_operator_mutes_it_and_loses_no_time():
    ran = play(sentence(0.0, "a", 0, 3.0, last=True), muted=[(1.0, Muted(muted=True)), (2.0, Muted(muted=False))])
    loud = {round(at, 1): event.rms for at, event in times(ran, Level)[:-1]}
    assert loud[0.5] > 0.1
    assert loud[1.5] == 0.0
    assert loud[2.5] > 0.1
    assert 3.0 <= ends(ran)[0][0] <= 3.0 + TICK


def test_a_sentence_without_sound_is_shown_long_enough_to_be_read():
    speech = [*sentence(0.0, "a", 0, 0.0, "가" * 20), *sentence(0.0, "a", 1, 0.0, "네", last=True)]
    ran = play(speech, caption_s_per_char=0.1)
    (end0, *_), (end1, *_) = ends(ran)
    assert 2.0 <= end0 <= 2.0 + TICK
    assert 3.0 <= end1 <= 3.0 + TICK


def test_no_more_than_two_seconds_are_taken_ahead():
    taken = []

    async def watch(instance):
        await instance.jobs.sleep(1.0)
        taken.append(instance.ready("speech"))
        await instance.jobs.sleep(8.5)
        taken.append(instance.ready("speech"))

    play([*sentence(0.0, "a", 0, 10.0, step=5.0, last=True)], during=watch, complete_at=11.0)
    assert taken == [False, True]


def test_an_event_of_an_unknown_kind_fails_the_node():
    ran = run(
        "audio.play",
        {"speech": [(0.0, Speech(turn="a", sentence=0))]},
        settings={"device": "none", "record": False},
        services={Web: FakeWeb(), Files: FakeFiles(None)},
    )
    assert isinstance(ran.error, TypeError)


def test_what_was_played_is_in_the_recording_with_captions_that_fit(tmp_path):
    speech = [*sentence(0.0, "a", 0, 1.0, "하나", last=True), *sentence(9.0, "b", 0, 0.5, "둘", last=True)]
    play(speech, folder=tmp_path)
    with wave.open(str(tmp_path / "session.wav")) as file:
        assert file.getnframes() == int(3.0 * RATE)
        sound = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    assert not sound[RATE : int(2.5 * RATE)].any()
    assert sound[int(2.5 * RATE) :].any()
    srt = (tmp_path / "session.srt").read_text(encoding="utf-8")
    assert "00:00:00,000 --> 00:00:01,000\n하나" in srt
    assert "00:00:02,500 --> 00:00:03,000\n둘" in srt


def test_a_read_only_disk_is_told_once_and_the_voice_goes_on():
    ran = play([*sentence(0.0, "a", 0, 1.0), *sentence(2.0, "a", 1, 1.0, last=True)], record=True)
    assert len([line for line in ran.log if "녹음하지 못해요" in line]) == 1
    assert len(ends(ran)) == 2


def test_an_answer_of_which_nothing_more_comes_ends_after_the_timeout():
    dead = sentence(0.0, "a", 0, 1.0)
    ran = play([*dead, *sentence(40.0, "b", 0, 0.5, last=True)], silence_timeout_s=5)
    (_, on), (off, event) = times(ran, Speaking)[:2]
    assert on.speaking
    assert event == Speaking(turn="a", speaking=False)
    assert 6.0 <= off <= 6.0 + 2 * TICK
    assert len([line for line in ran.log if "5초 동안 목소리가 오지 않아" in line]) == 1
    assert [event.turn for _, event in times(ran, Speaking)] == ["a", "a", "b", "b"]


def test_the_recording_holds_what_was_heard_of_a_stopped_turn(tmp_path):
    play(sentence(0.0, "a", 0, 9.0, "하나", last=True), folder=tmp_path, stop=[(1.0, Stop(turn="a"))])
    with wave.open(str(tmp_path / "session.wav")) as wav:
        assert wav.getnframes() / RATE == pytest.approx(1.0, abs=TICK)
    assert "00:00:01,0" in (tmp_path / "session.srt").read_text("utf-8")


def recorded(folder):
    with wave.open(str(folder / "session.wav")) as wav:
        return np.frombuffer(wav.readframes(wav.getnframes()), "<i2") / 32767


def test_the_next_turn_is_whole_where_the_one_before_is_stopped_while_it_arrives_at_another_rate(tmp_path):
    speech = sentence(0.0, "a", 0, 1.0, last=True, rate=48_000)
    begun, *parts, ended = (event for _, event in sentence(0.0, "b", 0, 1.0, last=True, rate=48_000))
    speech += [(0.2, begun), (0.2, parts[0]), (0.6, parts[1]), (0.6, ended)]
    play(speech, folder=tmp_path, stop=[(0.3, Stop(turn="a"))])
    assert np.abs(recorded(tmp_path)[-RATE + 500 : -500] - tone(1.0)[500:-500]).max() < 0.01


def test_nothing_of_a_stopped_turn_is_left_in_the_resampler_when_all_its_sound_was_heard(tmp_path):
    begun, part, _ = (event for _, event in sentence(0.0, "a", 0, 0.3, rate=48_000))
    speech = [(0.0, begun), (0.0, part), *sentence(4.0, "c", 0, 1.0, last=True)]
    play(speech, folder=tmp_path, stop=[(1.0, Stop(turn="a"))])
    came_out = len(Rate(RATE).take(part.samples, part.rate))
    assert len(recorded(tmp_path)) == came_out + LONGEST_GAP_S * RATE + RATE


def test_a_donation_alert_lowers_the_voice_for_its_time_only():
    gift = Donation(id="d", author="가", amount=1000)
    note = ChatMessage(id="c", author="나")
    ran = play(
        sentence(0.0, "a", 0, 4.0, last=True),
        alert=[(0.5, note), (1.0, gift)],
        duck_s=1.0,
        duck_delay_s=0.5,
        duck_db=-20.0,
    )
    levels = times(ran, Level)[:-1]
    loud = {round(at, 1): event.rms for at, event in levels}
    assert loud[1.2] == pytest.approx(0.3 / 2**0.5, rel=0.1)
    assert loud[2.0] == pytest.approx(0.03 / 2**0.5, rel=0.1)
    assert loud[3.0] == pytest.approx(0.3 / 2**0.5, rel=0.1)


def test_a_sentence_at_another_rate_is_whole_behind_one_whose_end_never_came(tmp_path):
    broken_off = sentence(0.0, "a", 0, 1.0, rate=48_000)[:-1]
    play([*broken_off, *sentence(0.5, "a", 1, 1.0, last=True, rate=16_000)], folder=tmp_path)
    sound = recorded(tmp_path)
    assert len(sound) == pytest.approx(2 * RATE, abs=2)
    assert np.abs(sound[500 : RATE - 500] - tone(1.0)[500:-500]).max() < 0.01
    assert np.abs(sound[-RATE + 500 : -500] - tone(1.0)[500:-500]).max() < 0.01


def test_the_node_is_over_with_the_last_sound_that_is_heard():
    ran = play(sentence(0.0, "a", 0, 1.5, last=True))
    assert ran.completed_at == ends(ran)[-1][0]


def test_a_late_voice_is_held_behind_another_turn_too_where_the_pause_is_shorter_than_the_hold(machine):
    machine.there, machine.opened, machine.tried = ["Speakers"], [], []
    before = [*late_sentence(1.0, "a", 0.5), *sentence(7.0, "b", 0, 1.0, last=True)]
    ran = play([*before, *late_sentence(7.95, "c", 0.5)], device="auto", turn_pause_s=0.25, during=machine.runs(14.0))
    assert [event.turn for _, event in times(ran, Heard) if event.ended] == ["a", "b", "c"]
    assert machine.opened[0].underruns == 1  # of the first turn, which taught how late this voice is
