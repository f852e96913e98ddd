import sys
import wave

import numpy as np
import pytest

from nodes.audio import _player
from nodes.audio._devices import DeviceMissing
from nodes.audio._outputs import DeviceOutput
from nodes.services import Files, Web
from schemas.playback import Heard, Level, Speaking
from schemas.speech import Speech, SpeechEnded, SpeechStarted
from tests.harness import run
from tests.nodes.audio.fakes import RATE, FakeStream, FakeWeb, sentence

TICK = 0.034


class FakeFiles:
    def __init__(self, folder):
        self.folder = folder

    def watch(self, path, parse):
        raise AssertionError

    def session(self):
        if self.folder is None:
            raise OSError("read-only")
        return self.folder


def play(speech, web=None, folder=None, **settings):
    settings = {"device": "none", "record": folder is not None, **settings}
    during = settings.pop("during", None)
    until = settings.pop("until", 60.0)
    complete_at = settings.pop("complete_at", max((at for at, _ in speech), default=0.0) + 0.01)
    ran = run(
        "audio.play",
        {"speech": speech},
        settings=settings,
        services={Web: web or FakeWeb(), Files: FakeFiles(folder)},
        during=during,
        until=until,
        complete_at=complete_at,
    )
    assert ran.error is None, ran.error
    return ran


def times(ran, kind):
    return [(at, event) for at, _, event in ran.out if isinstance(event, kind)]


def ends(ran):
    return [(at, event.turn, event.sentence) for at, event in times(ran, Heard) if event.ended]


@pytest.fixture
def devices(monkeypatch):
    """Devices that open; an exception in the list is raised instead."""
    found, opened = [], []

    def open_device(name, clock, prebuffer_ms):
        nothing = DeviceMissing("nothing there")
        stream = found.pop(0) if found else nothing
        if isinstance(stream, Exception):
            raise stream
        output = DeviceOutput(name or "default", RATE, clock, prebuffer_ms)
        output.stream = FakeStream(output.fill)
        opened.append(output)
        return output

    monkeypatch.setattr(_player, "open_device", open_device)
    open_device.found, open_device.opened = found, opened
    return open_device


def pulling(devices, seconds, dead_from=1e9):
    """A device thread: pulls 10 ms every 10 ms from the last device opened."""

    async def pull(instance):
        for step in range(round(seconds * 100)):
            if devices.opened and step < dead_from * 100:
                devices.opened[-1].stream.pull(RATE // 100)
            await instance.jobs.sleep(0.01)

    return pull


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


def test_the_level_follows_the_sound_at_30_hz_and_ends_at_zero():
    ran = play(sentence(0.0, "a", 0, 1.0, last=True))
    levels = times(ran, Level)
    assert 28 <= len(levels) <= 33
    assert levels[5][1].rms == pytest.approx(0.3 / 2**0.5, rel=0.15)
    assert levels[5][1].peak == pytest.approx(0.3, 0.1)
    assert levels[-1][1] == Level(rms=0.0)
    assert levels[-2][1].rms > 0


def test_a_muted_voice_has_no_level_but_keeps_its_time():
    ran = play(sentence(0.0, "a", 0, 1.0, last=True), mute=True)
    assert {event.rms for _, event in times(ran, Level)} == {0.0}
    assert 1.0 <= ends(ran)[0][0] <= 1.0 + TICK


def test_a_sentence_without_sound_is_shown_long_enough_to_be_read():
    speech = [*sentence(0.0, "a", 0, 0.0, "가" * 20), *sentence(0.0, "a", 1, 0.0, "네", last=True)]
    ran = play(speech, caption_s_per_char=0.1)
    (end0, *_), (end1, *_) = ends(ran)
    assert 2.0 <= end0 <= 2.0 + TICK
    assert 3.0 <= end1 <= 3.0 + TICK


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
    assert 2.0 <= ends(ran)[1][0] <= 2.0 + TICK


def test_no_more_than_two_seconds_are_taken_ahead():
    taken = []

    async def watch(instance):
        await instance.jobs.sleep(1.0)
        taken.append(instance.ready("speech"))
        await instance.jobs.sleep(8.5)
        taken.append(instance.ready("speech"))

    play([*sentence(0.0, "a", 0, 10.0, step=5.0, last=True)], during=watch, complete_at=11.0)
    assert taken == [False, True]


def test_speech_at_another_rate_keeps_its_length():
    ran = play(sentence(0.0, "a", 0, 1.0, last=True, rate=44_100))
    assert 1.0 <= ends(ran)[0][0] <= 1.0 + TICK
    ran = play([*sentence(0.0, "a", 0, 1.0, last=True, rate=44_100)[:-1]])
    assert 1.0 <= ends(ran)[0][0] <= 1.0 + TICK


def test_it_completes_at_once_when_nothing_came():
    assert play([], complete_at=1.0).completed_at == 1.0


def test_an_event_of_an_unknown_kind_fails_the_node():
    ran = run(
        "audio.play",
        {"speech": [(0.0, Speech(turn="a", sentence=0))]},
        settings={"device": "none", "record": False},
        services={Web: FakeWeb(), Files: FakeFiles(None)},
    )
    assert isinstance(ran.error, TypeError)


def test_breaking_off_closes_the_device_and_the_channel(devices):
    devices.found += [True]
    web = FakeWeb()
    play(sentence(0.0, "a", 0, 5.0), web=web, device="auto", until=1.0)
    assert devices.opened[0].stream.closed
    assert web.sound.disposed


def test_a_failed_sentence_ends_its_turn():
    ran = play([(0.0, SpeechEnded(turn="a", sentence=0, last=True, failed=True))])
    assert [event.speaking for _, event in times(ran, Speaking)] == [True, False]


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
    assert len([line for line in ran.log if "recorded" in line]) == 1
    assert len(ends(ran)) == 2


def test_the_default_device_plays_and_is_the_clock(devices):
    devices.found += [True]
    web = FakeWeb()
    ran = play(sentence(0.5, "a", 0, 1.0, last=True), web=web, device="auto", volume=0.5, during=pulling(devices, 3.0))
    heard = np.concatenate(devices.opened[0].stream.heard)
    assert np.abs(heard).max() == pytest.approx(0.15, rel=0.01)
    assert np.count_nonzero(np.abs(heard) > 1e-6) == pytest.approx(RATE, rel=0.01)
    assert 1.5 <= ends(ran)[0][0] <= 1.5 + 2 * TICK
    assert devices.opened[0].underruns == 0
    assert web.sound.sent == []


def test_a_device_that_is_lost_mid_sentence_costs_a_moment_and_is_opened_again(devices):
    devices.found += [True, DeviceMissing("gone"), True]
    speech = [*sentence(2.5, "a", 0, 4.0), *sentence(12.0, "a", 1, 1.0, last=True)]

    async def pull(instance):
        for step in range(1500):
            if len(devices.opened) > 1 or step < 400:
                devices.opened[-1].stream.pull(RATE // 100) if devices.opened else None
            await instance.jobs.sleep(0.01)

    ran = play(speech, device="CABLE Input", during=pull)
    assert any("gone" in line for line in ran.log)
    assert 6.5 <= ends(ran)[0][0] <= 6.5 + 1.2
    assert np.abs(np.concatenate(devices.opened[1].stream.heard)).max() > 0.2
    assert devices.opened[0].stream.closed


def test_a_named_device_that_is_missing_is_told_once_and_tried_again(devices):
    devices.found += [DeviceMissing("no such")] * 4 + [True]
    ran = play(
        sentence(0.0, "a", 0, 1.0, last=True), device="CABLE Input", during=pulling(devices, 12.0), complete_at=12.0
    )
    assert len([line for line in ran.log if "CABLE Input" in line and line.startswith("warning")]) == 1
    assert len(devices.opened) == 1
    assert 1.0 <= ends(ran)[0][0] <= 1.1


def test_without_any_device_auto_says_so_and_does_not_ask_again(devices):
    ran = play(sentence(0.0, "a", 0, 1.0, last=True), device="auto", complete_at=20.0)
    assert len([line for line in ran.log if "no sound device" in line]) == 1
    assert 1.0 <= ends(ran)[0][0] <= 1.0 + TICK


def test_a_voice_that_was_late_is_told_at_the_end(devices):
    devices.found += [True]
    speech = sentence(0.5, "a", 0, 2.0, last=True, step=0.25)
    late = [(at if i < 4 else 3.0, event) for i, (at, event) in enumerate(speech)]
    ran = play(late, device="auto", during=pulling(devices, 6.0))
    assert any("late 1 times" in line for line in ran.log)


async def page(instance, web, client, seconds, start=0.0, stall_at=1e9):
    """A page that plays what it is sent in real time."""
    await instance.jobs.sleep(start)
    sound = web.sound
    assert next(iter(sound.hello()))["rate"] == RATE
    sound.received(client, {"type": "state", "running": True, "rate": RATE})
    played, number, step = 0, 0, 0.05
    while seconds > 0:
        begins = [m for to, m in sound.sent if to == client and isinstance(m, dict) and m["type"] == "begin"]
        if begins and begins[-1]["number"] != number:
            number, base = begins[-1]["number"], sound.frames(client)
            played, base = 0, base - sound.frames(client)
        if number and seconds > 0 and instance.jobs._loop.time() < stall_at:
            played = min(played + int(step * RATE), sound.frames(client))
            report = {"type": "played", "number": number, "frames": played, "underruns": 0, "rms": 0.1}
            sound.received(client, report)
        await instance.jobs.sleep(step)
        seconds -= step
    sound.gone(client)


def test_a_page_with_running_sound_plays_and_is_the_clock():
    web = FakeWeb()
    speech = sentence(0.5, "a", 0, 2.0, last=True)
    ran = play(speech, web=web, device="page", during=lambda instance: page(instance, web, "p", 4.0))
    assert web.sound.frames("p") == 2 * RATE
    assert web.sound.orders("p")[0] == "begin"
    assert web.sound.orders("p")[-1] == "end"
    assert 2.5 <= ends(ran)[0][0] <= 2.6


def test_a_page_that_comes_between_sentences_takes_over_from_nothing():
    web = FakeWeb()
    speech = [*sentence(0.0, "a", 0, 2.0), *sentence(0.0, "a", 1, 1.0, last=True)]
    ran = play(speech, web=web, device="page", during=lambda instance: page(instance, web, "p", 5.0, start=1.0))
    assert web.sound.frames("p") == pytest.approx(RATE, abs=RATE * TICK)
    assert 3.0 <= ends(ran)[1][0] <= 3.2


def test_a_page_that_leaves_mid_sentence_does_not_stop_the_show():
    web = FakeWeb()
    ran = play(
        sentence(0.0, "a", 0, 3.0, last=True),
        web=web,
        device="page",
        during=lambda instance: page(instance, web, "p", 1.0),
    )
    assert 3.0 <= ends(ran)[0][0] <= 3.2


def test_a_page_that_stops_reporting_is_left_after_a_second():
    web = FakeWeb()
    ran = play(
        sentence(0.0, "a", 0, 3.0, last=True),
        web=web,
        device="page",
        during=lambda instance: page(instance, web, "p", 6.0, stall_at=1.0),
    )
    assert 4.0 <= ends(ran)[0][0] <= 4.3
    assert web.sound.orders("p").count("begin") == 1


def test_only_one_of_two_pages_sounds():
    web = FakeWeb()

    async def both(instance):
        web.sound.received("q", {"type": "state", "running": False})
        await page(instance, web, "p", 1.0)
        web.sound.received("q", {"type": "state", "running": True})
        await page(instance, web, "q", 3.0)

    play(sentence(0.0, "a", 0, 2.5, last=True), web=web, device="page", during=both)
    assert web.sound.frames("q")
    assert web.sound.frames("p")
    clients = [to for to, _ in web.sound.sent]
    assert clients == sorted(clients)


def test_sound_libraries_are_not_loaded_by_building_the_node():
    import subprocess

    code = "import sys, nodes; nodes.load_all(); print(set(sys.modules) & {'sounddevice', 'miniaudio', 'soxr'})"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "set()"
