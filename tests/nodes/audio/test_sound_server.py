"""The voice through a real sound server, recorded at its other end."""

import asyncio
import contextlib

import numpy as np
import pytest
from reactivex.scheduler.eventloop import AsyncIOScheduler

from graphs.engine.instance import Instance
from nodes import load_all
from nodes.audio import _devices
from nodes.services import Clock, Files, Log, Web
from schemas.playback import Heard
from schemas.speech import SpeechChunk, SpeechEnded, SpeechStarted
from tests.harness import LoopClock
from tests.nodes.audio.fakes import RATE, FakeWeb
from tests.peers.pulse import RATE as SERVER_RATE
from tests.peers.pulse import match, pulse

__all__ = ["pulse"]

pytestmark = [pytest.mark.component]

SECONDS = 3.0


def speechlike():
    """Syllables at 6 a second of a gliding voice with harmonics, and breath noise; never the same twice."""
    random = np.random.default_rng(7)
    at = np.arange(int(SECONDS * RATE)) / RATE
    phase = 2 * np.pi * np.cumsum(160 + 60 * np.sin(1.7 * at) + 9 * np.sin(11 * at)) / RATE
    voice = sum(np.sin(k * phase) / k for k in range(1, 12))
    sound = voice * np.clip(np.sin(2 * np.pi * 3 * at), 0, 1) + random.normal(0, 0.05, len(at))
    return (0.2 * sound / np.abs(sound).max()).astype(np.float32)


class _Host:
    def __init__(self):
        self.out, self.error, self.done, self.log = [], None, asyncio.Event(), []

    def emit(self, port, event):
        self.out.append(event)

    def failed(self, event, error):
        self.error = error
        self.done.set()

    def finished(self):
        self.done.set()

    def wake(self):
        pass

    def writable(self):
        return None

    def info(self, text, **_):
        self.log.append(text)

    warning = info


async def speak(device, sound, recording):
    """Play ``sound`` through the node in pieces of 80 ms, as a streaming voice gives it, and let it complete."""
    host = _Host()
    spec = load_all()["audio.play"]
    lent = {Clock: LoopClock(), Web: FakeWeb(), Files: None, Log: host}
    lent[Files] = type("NoFiles", (), {"session": None})()
    instance = Instance("voice", spec, spec.settings(device=device, record=False), {"speech"}, lent, host)
    instance.start(AsyncIOScheduler(asyncio.get_running_loop()))

    async def feed(event):
        while not instance.ready("speech"):
            assert host.error is None, host.error
            await asyncio.sleep(0.005)
        instance.feed("speech", event)

    async with asyncio.timeout(10):
        while len(recording.samples) < SERVER_RATE // 3:  # the monitor runs only while a stream runs
            await asyncio.sleep(0.02)
    await feed(SpeechStarted(turn="t", sentence=0, text="안녕하세요"))
    size = RATE * 80 // 1000
    for number, begin in enumerate(range(0, len(sound), size)):
        chunk = sound[begin : begin + size]
        await feed(SpeechChunk(turn="t", sentence=0, samples=chunk, rate=RATE, sequence=number))
    await feed(SpeechEnded(turn="t", sentence=0, last=True))
    while not instance.ready("speech"):
        await asyncio.sleep(0.005)
    instance.complete()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(host.done.wait(), 15)
    await instance.close()
    assert host.error is None
    return host


def check(pulse, device):
    import soxr

    sound = speechlike()
    with pulse.record() as recording:
        host = asyncio.run(speak(device, sound, recording))
    assert len(recording.samples) > SERVER_RATE * SECONDS, host.log
    correlation, _ = match(recording.samples, soxr.resample(sound, RATE, SERVER_RATE))
    assert host.out, host.log
    assert host.done.is_set(), host.log
    heard = [event for event in host.out if isinstance(event, Heard)]
    assert heard[-1].ended
    assert heard[-1].fraction == 1.0
    assert not [line for line in host.log if "late" in line], host.log
    assert correlation > 0.99, (correlation, host.log)
    return host


@pytest.mark.parametrize("name", ["CABLE Input", "CABLE_Input"])
def test_a_sink_that_is_named_gets_the_voice_unharmed(pulse, name):
    host = check(pulse, name)
    assert "the voice goes to: CABLE_Input" in host.log


def test_the_default_device_of_portaudio_gets_the_voice_unharmed(pulse, monkeypatch):
    try:
        import sounddevice  # noqa: F401
    except OSError as error:
        pytest.skip(str(error))
    monkeypatch.setattr(_devices, "_open_miniaudio", None)
    monkeypatch.setenv("PULSE_SINK", "CABLE_Input")
    check(pulse, "auto")
