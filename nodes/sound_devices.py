"""Finds the sound device that a person means by a name, and opens one by miniaudio, to play or to record."""

import contextlib
import unicodedata
from collections.abc import Generator
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from nodes.phrases import phrase

BACKENDS = ("WASAPI", "DSOUND", "WINMM", "COREAUDIO", "PULSEAUDIO", "ALSA")
"""What miniaudio may use. Its Null device is of no use here, and looking for a JACK server prints to the terminal."""
SOUND_CARDS = Path("/dev/snd")
Kind = Literal["playback", "capture"]
Dtype = Literal["FLOAT32", "SIGNED16"]


class DeviceMissing(Exception):
    """Raised when there is no such device, or it cannot be opened now."""

    def __init__(self, reason: str, there: list[str] | None = None) -> None:
        super().__init__(reason)
        self.there = sorted(set(there or ()))
        """Names of the devices that exist instead."""


@contextlib.contextmanager
def failing(library: str, missing: list[DeviceMissing]) -> Generator[None]:
    """Note why a library is of no use, whatever it is: a driver's name that is not text, a damaged library."""
    try:
        yield
    except Exception as error:
        missing.append(error if isinstance(error, DeviceMissing) else DeviceMissing(f"{library}: {error!r}"))


class MiniaudioDevice:
    """A device that plays or records by miniaudio once it is opened."""

    def __init__(self, kind: Kind, name: str | None) -> None:
        """Blocking: find the device with this name, or the default one.

        Raises:
            DeviceMissing: there is none, or miniaudio cannot look for it.
        """
        self._library, self._backends, found = _miniaudio(kind)
        self._type = f"{kind.title()}Device"
        self._format = "input_format" if kind == "capture" else "output_format"
        self._names = [str(device["name"]) for device in found]
        index = 0 if name is None else pick(name, self._names)
        if index is None:
            raise DeviceMissing(phrase("{library}: no device of this name", library="miniaudio"), self._names)
        self.name = "default" if name is None else self._names[index]
        self.latency = 0.0
        """Seconds from a sample to the sound, once it is opened."""
        self._id = None if name is None else found[index]["id"]
        self._device: Any = None

    def open(self, sound: Generator[Any, Any], *, dtype: Dtype, channels: int, rate: int, period_ms: int) -> None:
        """Blocking: open the device; ``sound`` is sent what was recorded, or yields what to play.

        Raises:
            DeviceMissing: the device cannot be opened.
        """
        next(sound)
        options = {self._format: getattr(self._library.SampleFormat, dtype)}
        try:
            self._device = getattr(self._library, self._type)(
                nchannels=channels,
                sample_rate=rate,
                buffersize_msec=period_ms,
                device_id=self._id,
                callback_periods=3,
                backends=self._backends,
                app_name="aischoco",
                **options,
            )
            self._device.start(sound)
        except self._library.MiniaudioError as error:
            raise DeviceMissing(f"miniaudio: {error}", self._names) from error
        self.latency = 2 * period_ms / 1000

    @property
    def active(self) -> bool:
        return bool(self._device.running)

    def close(self) -> None:
        """Blocking: close the device."""
        with contextlib.suppress(Exception):
            self._device.close()
        # miniaudio 1.71 leaves the context of a device, and with it a socket to the sound server, open
        self._library.lib.ma_context_uninit(self._device._context)


def miniaudio_names(kind: Kind) -> list[str]:
    """Blocking: return the names of the devices that miniaudio sees now; opens none of them.

    Raises:
        DeviceMissing: there is none, or miniaudio cannot look for it.
    """
    return [str(device["name"]) for device in _miniaudio(kind)[2]]


def _miniaudio(kind: Kind) -> tuple[Any, list[Any], list[dict[str, Any]]]:
    """Return (the library, backends to use, devices)."""
    try:
        library: Any = import_module("miniaudio")
    except ImportError as error:
        raise DeviceMissing(f"miniaudio: {error}") from error
    backends = [getattr(library.Backend, name) for name in usable_backends()]
    try:
        found: list[dict[str, Any]] = getattr(library.Devices(backends), f"get_{kind}s")()
    except library.MiniaudioError as error:
        raise DeviceMissing(f"miniaudio: {error}") from error
    if not found:
        raise DeviceMissing(phrase("{library}: no device", library="miniaudio"))
    return library, backends, found


def pick(name: str, names: list[str]) -> int | None:
    """Return the index of the best match: the same name, else the first that contains it; ``_`` counts as a space."""
    wanted = _plain(name)
    plain = [_plain(candidate) for candidate in names]
    if wanted in plain:
        return plain.index(wanted)
    return next((index for index, candidate in enumerate(plain) if wanted in candidate), None)


def usable_backends() -> list[str]:
    """Return those of ``BACKENDS`` to use here: ALSA without a card prints a line each time it is asked."""
    return [name for name in BACKENDS if name != "ALSA" or SOUND_CARDS.is_dir()]


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).replace("_", " ").casefold().split())
