"""The voice through a real sound server, recorded at its other end."""

import asyncio
import time

import numpy as np
import pytest

from nodes.audio import _devices
from nodes.pose._mouth import Mouth
from nodes.pose.lipsync import Lipsync
from schemas.playback import Heard, Level, Stop
from tests.fakes import FakeWeb
from tests.nodes.audio.fakes import RATE, tone
from tests.nodes.audio.stage import RealTime
from tests.peers.pulse import RATE as SERVER_RATE
from tests.peers.pulse import match, pulse

__all__ = ["pulse"]

pytestmark = [pytest.mark.component, pytest.mark.alone]

SECONDS = 3.0
STEADY_S = 2.5
"""The null sink may sleep once for up to 2 s after a stream or a recorder came."""


def speechlike():
    """Syllables at 6 a second of a gliding voice with harmonics, and breath noise; never the same twice."""
    random = np.random.default_rng(7)
    at = np.arange(int(SECONDS * RATE)) / RATE
    phase = 2 * np.pi * np.cumsum(160 + 60 * np.sin(1.7 * at) + 9 * np.sin(11 * at)) / RATE
    voice = sum(np.sin(k * phase) / k for k in range(1, 12))
    sound = voice * np.clip(np.sin(2 * np.pi * 3 * at), 0, 1) + random.normal(0, 0.05, len(at))
    return (0.2 * sound / np.abs(sound).max()).astype(np.float32)


async def steady(pulse, recording):
    """Wait until what is recorded comes without a pause."""
    async with asyncio.timeout(10):
        while len(recording.samples) < STEADY_S * SERVER_RATE:
            await asyncio.sleep(0.02)


async def playing(pulse):
    """Wait until the node has opened its device."""
    async with asyncio.timeout(10):
        while not pulse.streams():
            await asyncio.sleep(0.05)


async def speak(device, sound, pulse):
    """Play ``sound`` through the node while the other end is recorded: the player first, as the monitor runs only
    while a stream does, then the monitor, then the speech."""
    voice = RealTime(FakeWeb(), device=device)
    voice.start()
    try:
        await playing(pulse)
        with pulse.record() as recording:
            await steady(pulse, recording)
            await voice.say("t", sound)
            await voice.over("t")
            heard = len(recording.samples)
            async with asyncio.timeout(10):
                while len(recording.samples) < heard + SERVER_RATE // 2:
                    await asyncio.sleep(0.02)
        await voice.complete()
    finally:
        await voice.close()
    return voice, recording.samples


def check(pulse, device):
    import soxr

    sound = speechlike()
    voice, recorded = asyncio.run(speak(device, sound, pulse))
    correlation, _ = match(recorded, soxr.resample(sound, RATE, SERVER_RATE))
    heard = [event for _, event in voice.out if isinstance(event, Heard)]
    assert heard[-1].ended
    assert heard[-1].fraction == 1.0
    assert len(voice.lines) == 1, voice.lines
    assert correlation > 0.99, (correlation, voice.lines)
    return voice


@pytest.mark.parametrize("name", ["CABLE Input", "CABLE_Input"])
def test_a_sink_that_is_named_gets_the_voice_unharmed(pulse, name):
    voice = check(pulse, name)
    assert "목소리가 나가는 곳: CABLE_Input" in voice.lines


def test_the_default_device_of_portaudio_gets_the_voice_unharmed(pulse, monkeypatch):
    try:
        import sounddevice  # noqa: F401
    except OSError as error:
        pytest.skip(str(error))
    monkeypatch.setattr(_devices, "_open_miniaudio", None)
    monkeypatch.setenv("PULSE_SINK", "CABLE_Input")
    check(pulse, "auto")


def test_a_named_device_that_comes_later_is_taken_between_turns(pulse):
    async def story():
        voice = RealTime(FakeWeb(), device="Late Cable")
        voice.start()
        try:
            await playing(pulse)
            await voice.say("a", tone(0.5))
            await voice.over("a")
            pulse.add("Late_Cable")
            async with asyncio.timeout(15):
                turn = 0
                while "목소리가 나가는 곳: Late_Cable" not in voice.lines:
                    turn += 1
                    await voice.say(f"b{turn}", tone(0.2))
                    await voice.over(f"b{turn}")
                    await asyncio.sleep(1.0)
            await voice.complete()
        finally:
            await voice.close()
        return voice.lines

    lines = asyncio.run(story())
    (line,) = [line for line in lines if '소리 장치 "Late Cable"' in line]
    assert "지금 있는 장치: CABLE_Input" in line


def test_a_sound_server_that_dies_mid_sentence_does_not_stop_the_show(pulse):
    async def story():
        voice = RealTime(FakeWeb(), device="CABLE Input")
        voice.start()
        try:
            await playing(pulse)
            begun = await voice.say("a", tone(6.0))
            pulse.die()
            end = await voice.over("a")
            await voice.complete()
        finally:
            await voice.close()
        return voice.lines, end - begun

    lines, lasted = asyncio.run(story())
    assert any("소리 장치가 사라져서" in line for line in lines)
    assert "목소리가 나가는 곳: none" in lines
    assert 5.9 <= lasted <= 10.0, lines


def low_tone(seconds):
    """120 Hz: a step between samples that is greater than its own is a click."""
    return (0.5 * np.sin(2 * np.pi * 120 * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


def sounding(recorded):
    """Indices of the samples that are sound."""
    return np.flatnonzero(np.abs(recorded) > 0.01)


def test_a_stopped_turn_is_silent_at_the_device_in_time_and_without_a_click(pulse, capsys):
    """Stopped five times; the recorder runs on the clock of the sink, so samples since the order are time since it."""

    async def story():
        voice, late = RealTime(FakeWeb(), device="CABLE Input"), []
        voice.start()
        try:
            await playing(pulse)
            with pulse.record() as recording:
                await steady(pulse, recording)
                for number in range(5):
                    await voice.say(f"t{number}", low_tone(1.9))
                    await asyncio.sleep(0.7)
                    before = len(recording.samples)
                    voice.node.feed("stop", Stop(turn=f"t{number}"))
                    await voice.over(f"t{number}", 1.0)
                    await asyncio.sleep(1.0)
                    late.append((sounding(recording.samples)[-1] - before) / SERVER_RATE)
            await voice.complete()
        finally:
            await voice.close()
        return late, recording.samples

    late, recorded = asyncio.run(story())
    with capsys.disabled():
        print(f"\nstop -> silence at the sink, ms: {[round(1000 * seconds) for seconds in late]}")
    assert sorted(late)[2] <= 0.15, late
    assert np.abs(np.diff(recorded)).max() < 0.05, "a click"


def test_the_way_from_the_first_sample_to_the_sink_is_short(pulse, capsys):
    """Twenty sentences; the age of what is recorded (20 ms pieces) counts as part of the way."""

    async def story():
        voice, ways = RealTime(FakeWeb(), device="CABLE Input", prebuffer_ms=40), []
        voice.start()
        try:
            await playing(pulse)
            with pulse.record() as recording:
                await steady(pulse, recording)
                for number in range(20):
                    before = len(recording.samples)
                    await voice.say(f"t{number}", low_tone(0.25))
                    await voice.over(f"t{number}")
                    await asyncio.sleep(0.3)
                    heard = sounding(recording.samples)
                    ways.append((heard[heard >= before][0] - before) / SERVER_RATE)
            await voice.complete()
        finally:
            await voice.close()
        return sorted(ways)

    ways = asyncio.run(story())
    with capsys.disabled():
        print(f"\nfirst sample handed over -> sink: p50 {ways[10] * 1000:.0f} ms, p99 {ways[-1] * 1000:.0f} ms")
    assert ways[10] <= 0.3


@pytest.mark.timeout(120)
@pytest.mark.parametrize("sentences", [5, pytest.param(20, marks=pytest.mark.slow, id="a minute")])
def test_speech_has_no_underrun(pulse, sentences):
    async def story():
        voice = RealTime(FakeWeb(), device="CABLE Input")
        voice.start()
        try:
            await playing(pulse)
            with pulse.record() as recording:
                await steady(pulse, recording)
                for number in range(sentences):
                    await voice.say(f"t{number}", speechlike())
                await voice.over(f"t{sentences - 1}", 70.0)
                await asyncio.sleep(0.5)
            await voice.complete()
        finally:
            await voice.close()
        return voice.lines, recording.samples

    import soxr

    lines, recorded = asyncio.run(story())
    assert not [line for line in lines if "late" in line], lines
    wanted = soxr.resample(speechlike(), RATE, SERVER_RATE)
    at = match(recorded[: int(STEADY_S * SERVER_RATE) + 2 * len(wanted)], wanted)[1]
    for number in range(sentences):
        begin = max(0, at - SERVER_RATE // 10)
        correlation, found = match(recorded[begin : begin + len(wanted) + SERVER_RATE], wanted)  # a machine may pause
        at = begin + found + len(wanted)
        assert correlation > 0.99, (number, correlation)


def test_the_mouth_opens_with_what_is_recorded_at_the_sink(pulse, capsys):
    """Each level moves the mouth, and is noted with the place that the recording has reached. The recorder gets its
    sound in pieces of 20 ms, so the place is that of a steady clock through them; half a piece counts as lateness."""

    class Lips(RealTime):
        recording, mouth, steps = None, Mouth(), None

        def emit(self, port, event):
            super().emit(port, event)
            if isinstance(event, Level) and self.recording is not None:
                shape = self.mouth.move(Lipsync(), event.rms, None, 1 / 60)
                self.steps.append((time.monotonic(), len(self.recording.samples), shape.open))

    async def story():
        voice = Lips(FakeWeb(), device="CABLE Input")
        voice.steps = []
        voice.start()
        try:
            await playing(pulse)
            with pulse.record() as recording:
                await steady(pulse, recording)
                voice.recording = recording
                for number in range(3):
                    await voice.say(f"t{number}", speechlike())
                await voice.over("t2")
                await asyncio.sleep(0.3)
            voice.recording = None
            await voice.complete()
        finally:
            await voice.close()
        return voice.steps, recording.samples

    steps, recorded = asyncio.run(story())
    times, reached, opened = (np.array(column) for column in zip(*steps, strict=True))
    begin = np.median(reached - times * SERVER_RATE)
    places = np.rint(times * SERVER_RATE + begin).astype(int)

    def loudness(late_ms):
        size, late = SERVER_RATE // 50, late_ms * SERVER_RATE // 1000
        pieces = [recorded[max(0, at - late - size) : max(size, at - late)] for at in places]
        return np.array([max(0.0, 20 * np.log10(np.sqrt(np.mean(piece**2)) + 1e-6) + 42) / 30 for piece in pieces])

    by_lateness = {late: np.corrcoef(opened, np.minimum(1.0, loudness(late)))[0, 1] for late in range(-100, 101, 5)}
    best = max(by_lateness, key=by_lateness.__getitem__)
    with capsys.disabled():
        print(f"\nmouth against the recorded level: r = {by_lateness[best]:.3f}, {best} ms late")
    assert by_lateness[best] > 0.9
    assert abs(best) <= 45
