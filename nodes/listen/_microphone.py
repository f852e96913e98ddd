"""Opens the microphone: a recording device of this machine by its name, or the default one.

miniaudio goes first here: it asks the system for its devices each time and has a context of its own, while PortAudio
knows those of its start, and to look again ends all that it plays. PortAudio is for where miniaudio is missing.
"""

import contextlib
from collections.abc import Callable, Generator
from importlib import import_module
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nodes.listen._blocks import RATE
from nodes.phrases import phrase
from nodes.sound_devices import pick, usable_backends

PERIOD_MS = 32
"""Sound comes in pieces of this length."""
Take = Callable[[NDArray[np.int16]], object]
"""Called in the device's own thread with what was recorded: mono at ``RATE``."""


class MicrophoneMissing(Exception):
    """Raised when there is no such device, or it cannot be opened now."""

    def __init__(self, reason: str, there: list[str] | None = None) -> None:
        super().__init__(reason)
        self.there = sorted(set(there or ()))
        """Names of the recording devices that exist instead."""


class Microphone(Protocol):
    """An open device."""

    name: str

    @property
    def active(self) -> bool: ...

    def close(self) -> None:
        """Blocking: close the device."""
        ...


def open_microphone(name: str | None, take: Take) -> Microphone:
    """Blocking: open the device with this name, or the default one, and record until it is closed.

    Raises:
        MicrophoneMissing: neither library can open it.
    """
    missing: list[MicrophoneMissing] = []
    for library, attempt in (("miniaudio", _open_miniaudio), ("PortAudio", _open_portaudio)):
        with _failing(library, missing):
            return attempt(name, take)
    raise MicrophoneMissing("; ".join(map(str, missing)), [there for each in missing for there in each.there])


def microphones() -> tuple[list[str], list[str]]:
    """Blocking: return (the names of the recording devices, what is wrong); opens none of them."""
    wrong: list[MicrophoneMissing] = []
    with _failing("miniaudio", wrong):
        return [str(device["name"]) for device in _miniaudio()[2]], []
    with _failing("PortAudio", wrong):
        return [label for _, label in _portaudio_inputs(_portaudio())], []
    return [], [str(reason) for reason in wrong]


@contextlib.contextmanager
def _failing(library: str, missing: list[MicrophoneMissing]) -> Generator[None]:
    """Note why a library is of no use, whatever it is."""
    try:
        yield
    except Exception as error:
        missing.append(error if isinstance(error, MicrophoneMissing) else MicrophoneMissing(f"{library}: {error!r}"))


class _MiniaudioMicrophone:
    def __init__(self, name: str, device: Any, library: Any) -> None:
        self.name = name
        self._device = device
        self._library = library

    @property
    def active(self) -> bool:
        return bool(self._device.running)

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self._device.close()
        # miniaudio 1.71 leaves the context of a device, and with it a socket to the sound server, open
        self._library.ma_context_uninit(self._device._context)


def _miniaudio() -> tuple[Any, list[Any], list[dict[str, Any]]]:
    """Return (the library, backends to use, recording devices)."""
    ma: Any = import_module("miniaudio")
    backends = [getattr(ma.Backend, name) for name in usable_backends()]
    try:
        found: list[dict[str, Any]] = ma.Devices(backends).get_captures()
    except ma.MiniaudioError as error:
        raise MicrophoneMissing(f"miniaudio: {error}") from error
    if not found:
        raise MicrophoneMissing(phrase("{library}: no recording device", library="miniaudio"))
    return ma, backends, found


def _open_miniaudio(name: str | None, take: Take) -> Microphone:
    ma, backends, found = _miniaudio()
    names = [str(device["name"]) for device in found]
    index = 0 if name is None else pick(name, names)
    if index is None:
        raise MicrophoneMissing(phrase("{library}: no recording device of this name", library="miniaudio"), names)
    try:
        device = ma.CaptureDevice(
            input_format=ma.SampleFormat.SIGNED16,
            nchannels=1,
            sample_rate=RATE,
            buffersize_msec=PERIOD_MS,
            device_id=None if name is None else found[index]["id"],
            callback_periods=3,
            backends=backends,
            app_name="aischoco",
        )
        recording = _recording(take)
        next(recording)
        device.start(recording)
    except ma.MiniaudioError as error:
        raise MicrophoneMissing(f"miniaudio: {error}", names) from error
    return _MiniaudioMicrophone("default" if name is None else names[index], device, ma.lib)


def _recording(take: Take) -> Generator[None, bytes]:
    """Take what miniaudio pushes."""
    while True:
        data = yield
        take(np.frombuffer(bytes(data), np.int16))


class _PortAudioMicrophone:
    def __init__(self, name: str, stream: Any) -> None:
        self.name = name
        self._stream = stream

    @property
    def active(self) -> bool:
        try:
            return bool(self._stream.active)
        except Exception:  # PortAudio was started again, which ended it
            return False

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self._stream.close()


def _portaudio() -> Any:
    return import_module("sounddevice")


def _portaudio_inputs(sd: Any) -> list[tuple[int, str]]:
    return [
        (index, str(device["name"]))
        for index, device in enumerate(sd.query_devices())
        if device["max_input_channels"] > 0
    ]


def _open_portaudio(name: str | None, take: Take) -> Microphone:
    sd = _portaudio()
    inputs = _portaudio_inputs(sd)
    labels = [label for _, label in inputs]
    found = 0 if name is None else pick(name, labels)
    if found is None or not inputs:
        raise MicrophoneMissing(phrase("{library}: no recording device of this name", library="PortAudio"), labels)

    def callback(data: NDArray[np.int16], *_: object) -> None:
        take(data[:, 0].copy())

    stream = sd.InputStream(
        device=None if name is None else inputs[found][0],
        samplerate=RATE,
        channels=1,
        dtype="int16",
        blocksize=RATE * PERIOD_MS // 1000,
        callback=callback,
    )
    stream.start()
    return _PortAudioMicrophone("default" if name is None else labels[found], stream)
