"""Opens the microphone: a recording device of this machine by its name, or the default one.

miniaudio goes first here: it asks the system for its devices each time and has a context of its own, while PortAudio
knows those of its start, and to look again ends all that it plays. PortAudio is for where miniaudio is missing.
"""

import contextlib
from collections.abc import Callable, Generator, Sequence
from importlib import import_module
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nodes.listen._blocks import RATE
from nodes.phrases import Phrase, joined, phrase, said_by
from nodes.sound_devices import DeviceMissing, MiniaudioDevice, failing, miniaudio_names, pick

PERIOD_MS = 32
"""Sound comes in pieces of this length."""
Take = Callable[[NDArray[np.int16]], object]
"""Called in the device's own thread with what was recorded: mono at ``RATE``."""


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
        DeviceMissing: neither library can open it.
    """
    missing: list[DeviceMissing] = []
    for library, attempt in (("miniaudio", _open_miniaudio), ("PortAudio", _open_portaudio)):
        with failing(library, missing):
            return attempt(name, take)
    raise DeviceMissing(joined(map(said_by, missing)), [there for each in missing for there in each.there])


def microphones() -> tuple[list[str], list[str]]:
    """Blocking: return (the names of the recording devices, what is wrong); opens none of them."""
    wrong: list[DeviceMissing] = []
    with failing("miniaudio", wrong):
        return miniaudio_names("capture"), []
    with failing("PortAudio", wrong):
        return [label for _, label in _portaudio_inputs(_portaudio())], []
    return [], [str(reason) for reason in wrong]


def no_microphone(name: str | None, there: Sequence[str]) -> Phrase:
    """Say that a device is not there, or that there is none at all, and what to do."""
    if name is None:
        return phrase("no microphone is connected: connect one, and allow this program to use it")
    names = ", ".join(there) or "-"
    return phrase(
        "no microphone {name}: connect it, or set MIC_DEVICE to one of these: {there}", name=name, there=names
    )


def _open_miniaudio(name: str | None, take: Take) -> Microphone:
    device = MiniaudioDevice("capture", name)
    device.open(_recording(take), dtype="SIGNED16", channels=1, rate=RATE, period_ms=PERIOD_MS)
    return device


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
        raise DeviceMissing(phrase("{library}: no device of this name", library="PortAudio"), labels)

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
