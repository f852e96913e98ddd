"""Stand-ins of the web server and of the sound libraries."""

from types import SimpleNamespace

import numpy as np

from schemas.speech import SpeechChunk, SpeechEnded, SpeechStarted

RATE = 24_000


class FakeClock:
    def __init__(self, at=0.0):
        self.at = at

    def now(self):
        return self.at


class FakeChannel:
    def __init__(self, hello, received, gone):
        self.hello, self.received, self.gone = hello, received, gone
        self.sent = []
        self.disposed = False

    @property
    def clients(self):
        return 0

    def send(self, message):
        raise AssertionError("sound is for one page only")

    def send_to(self, client, message):
        self.sent.append((client, message))

    def dispose(self):
        self.disposed = True

    def frames(self, client):
        return sum(len(message) // 2 for to, message in self.sent if to == client and isinstance(message, bytes))

    def orders(self, client):
        return [message["type"] for to, message in self.sent if to == client and isinstance(message, dict)]


class FakeWeb:
    def __init__(self):
        self.channels = {}

    def channel(self, path, *, hello, received, gone):
        self.channels[path] = FakeChannel(hello, received, gone)
        return self.channels[path]

    @property
    def sound(self):
        return self.channels["/ws/sound"]


class FakeStream:
    """A device that takes samples when ``pull`` says so."""

    def __init__(self, fill, latency=0.0):
        self.fill, self.latency = fill, latency
        self.active = True
        self.closed = False
        self.heard = []

    def pull(self, frames):
        block = np.ones(frames, np.float32)
        self.fill(block)
        self.heard.append(block)
        return block

    def close(self):
        self.closed, self.active = True, False


def tone(seconds, rate=RATE, level=0.3):
    return (level * np.sin(2 * np.pi * 220 * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def sentence(at, turn, index, seconds, text="안녕하세요", last=False, step=0.5, rate=RATE):
    """The speech events of a sentence, all within a millisecond (the loop does not keep the order of equal times)."""
    sound = tone(seconds, rate)
    size = round(step * rate)
    events = [
        SpeechStarted(turn=turn, sentence=index, text=text),
        *(
            SpeechChunk(turn=turn, sentence=index, samples=sound[i : i + size], rate=rate, sequence=i // size)
            for i in range(0, len(sound), size)
        ),
        SpeechEnded(turn=turn, sentence=index, last=last),
    ]
    return [(at + index / 1000 + number / 1e5, event) for number, event in enumerate(events)]


class PortAudioError(Exception):
    pass


class FakePortAudio(SimpleNamespace):
    """What the node uses of ``sounddevice``."""

    def __init__(self, devices, default=0, rates=(48_000,), refuses=False):
        super().__init__(default=SimpleNamespace(device=(-1, default)), PortAudioError=PortAudioError)
        self.devices, self.rates, self.refuses = devices, rates, refuses
        self.streams = []

    def _terminate(self):
        pass

    def _initialize(self):
        pass

    def query_devices(self, index=None):
        return self.devices if index is None else self.devices[index]

    def query_hostapis(self):
        return [{"name": "MME"}, {"name": "Windows WASAPI"}, {"name": "Windows WDM-KS"}, {"name": "Odd"}]

    def check_output_settings(self, *, samplerate, **_):
        if samplerate not in self.rates:
            raise PortAudioError("rate")

    def OutputStream(self, *, callback, device, samplerate, **_):
        if self.refuses:
            raise PortAudioError("busy")

        def fill(out):
            stereo = np.zeros((len(out), 2), np.float32)
            callback(stereo, len(out), None, None)
            assert (stereo[:, 0] == stereo[:, 1]).all()
            out[:] = stereo[:, 0]

        stream = FakeStream(fill)
        stream.device, stream.rate = device, samplerate
        stream.start = lambda: None
        stream.abort = lambda: None
        self.streams.append(stream)
        return stream
