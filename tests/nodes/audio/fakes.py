"""Stand-ins of the sound libraries, and what a voice says."""

from types import SimpleNamespace

import numpy as np

from schemas.speech import SpeechChunk, SpeechEnded, SpeechStarted

RATE = 24_000


class FakeClock:
    def __init__(self, at=0.0):
        self.at = at

    def now(self):
        return self.at


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
    """The speech events of a sentence, all at one time."""
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
    return [(at, event) for event in events]


def frames(page):
    """Samples that a page was sent."""
    return sum(len(message) // 2 for message in page if isinstance(message, bytes))


def orders(page):
    return [message["type"] for message in page if isinstance(message, dict)]


class PortAudioError(Exception):
    pass


class FakePortAudio(SimpleNamespace):
    """What the node uses of ``sounddevice``; ``devices`` are (name, host API, output channels)."""

    APIS = ("MME", "Windows DirectSound", "Windows WASAPI", "Windows WDM-KS", "Odd")

    def __init__(self, devices, default=0, rates=(48_000,), refuses=False, defaults=()):
        """
        Args:
            default: index of the default device; other host APIs than its own have theirs in ``defaults``.
            refuses: whether no device can be opened, or the host APIs of which none can.
        """
        super().__init__(PortAudioError=PortAudioError)
        self.defaults = (default, *defaults)
        self.devices = [
            {"name": name, "hostapi": self.APIS.index(api), "max_output_channels": channels, "default_samplerate": 96e3}
            for name, api, channels in devices
        ]
        self.rates, self.refuses = rates, refuses
        self.streams = []
        self.begun = 0

    def _terminate(self):
        self.begun -= 1

    def _initialize(self):
        self.begun += 1

    def query_devices(self, index=None):
        return self.devices if index is None else self.devices[index]

    def query_hostapis(self):
        mine = {self.devices[index]["hostapi"]: index for index in self.defaults if 0 <= index < len(self.devices)}
        return [{"name": name, "default_output_device": mine.get(number, -1)} for number, name in enumerate(self.APIS)]

    def check_output_settings(self, *, samplerate, **_):
        if samplerate not in self.rates:
            raise PortAudioError("rate")

    def OutputStream(self, *, callback, device, samplerate, **_):
        api = self.APIS[self.devices[device]["hostapi"]]
        if self.refuses is True or (self.refuses and api in self.refuses):
            raise PortAudioError("busy")

        def fill(out):
            stereo = np.zeros((len(out), 2), np.float32)
            callback(stereo, len(out), None, None)
            assert (stereo[:, 0] == stereo[:, 1]).all()
            out[:] = stereo[:, 0]

        stream = FakeStream(fill)
        stream.device, stream.rate, stream.aborted = device, samplerate, False
        stream.start = lambda: None
        stream.abort = lambda: setattr(stream, "aborted", True)
        self.streams.append(stream)
        return stream


class MiniaudioError(Exception):
    pass


class FakeMiniaudio(SimpleNamespace):
    """What the node uses of ``miniaudio``."""

    def __init__(self, names, refuses=False):
        backends = ("WASAPI", "DSOUND", "WINMM", "COREAUDIO", "PULSEAUDIO", "ALSA")
        super().__init__(
            MiniaudioError=MiniaudioError,
            Backend=SimpleNamespace(**{name: name for name in backends}),
            SampleFormat=SimpleNamespace(FLOAT32="f32"),
            lib=SimpleNamespace(ma_context_uninit=lambda context: self.freed.append(context)),
        )
        self.names, self.refuses = names, refuses
        self.freed, self.players, self.asked = [], [], []

    def Devices(self, backends):
        self.asked.append(backends)
        if self.names is None:
            raise MiniaudioError("cannot init context")
        found = [{"name": name, "id": f"id of {name}"} for name in self.names]
        return SimpleNamespace(get_playbacks=lambda: found)

    def PlaybackDevice(self, *, device_id, sample_rate, nchannels, **_):
        if self.refuses:
            raise MiniaudioError("failed to init device")
        player = SimpleNamespace(id=device_id, rate=sample_rate, running=False, samples=None, _context="context")

        def start(samples):
            player.samples, player.running = samples, True

        def pull(frames):
            block = np.frombuffer(player.samples.send(frames), np.float32).reshape(-1, nchannels)
            assert (block[:, 0] == block[:, 1]).all()
            return block[:, 0].copy()

        player.start, player.pull = start, pull
        player.close = lambda: setattr(player, "running", False)
        self.players.append(player)
        return player
