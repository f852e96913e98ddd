"""Opens sound devices through PortAudio (sounddevice), or miniaudio if that is missing or lacks the named device."""

from collections.abc import Generator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodes.audio._outputs import DeviceOutput
from nodes.audio._portaudio import Stream, playing, renew, turn
from nodes.phrases import joined, phrase, said_by
from nodes.services import Clock
from nodes.sound_devices import DeviceMissing, MiniaudioDevice, failing, miniaudio_names, pick

RATES = (48_000, 44_100)
"""Tried in this order: WASAPI in shared mode accepts only the rate of the device."""
LATENCY_S = 0.1
"""Below 0.05 s PulseAudio behind ALSA distorts the sound; on a fully loaded machine 0.06 s has gaps, 0.1 s has none."""
PERIOD_MS = 40
"""Length of a period; miniaudio keeps three of them."""
HOST_APIS = ("WASAPI", "Core Audio", "PulseAudio", "ALSA", "JACK", "DirectSound", "MME")
"""PortAudio lists a device once for each Windows host API; the first of these is used."""


def open_device(name: str | None, clock: Clock, prebuffer_ms: int) -> DeviceOutput:
    """Blocking: open the device with this name, or the default device. What plays already goes on.

    Raises:
        DeviceMissing: neither library can open it.
    """
    missing: list[DeviceMissing] = []
    for library, attempt in (("PortAudio", _open_portaudio), ("miniaudio", _open_miniaudio)):
        with failing(library, missing), turn:
            import_module("soxr")  # what plays needs it; other outputs do not
            return attempt(name, clock, prebuffer_ms)
    raise DeviceMissing(joined(map(said_by, missing)), [there for reason in missing for there in reason.there])


@dataclass(frozen=True, slots=True)
class Found:
    """An output device of this machine."""

    name: str
    library: str
    """Host API of PortAudio, or miniaudio."""
    default: bool = False


def listed() -> tuple[list[Found], list[str]]:
    """Blocking: return (output devices, each name once, in order of preference; what is wrong).

    While PortAudio plays here its list is an old one, so that it only counts where miniaudio finds nothing.
    """
    found: dict[str, Found] = {}
    wrong: list[DeviceMissing] = []
    libraries, old = [("PortAudio", _portaudio_list), ("miniaudio", _miniaudio_list)], playing()
    for library, devices in reversed(libraries) if old else libraries:
        with failing(library, wrong), turn:
            for device in [] if found and old else devices():
                found.setdefault(device.name, device)
    return list(found.values()), [said_by(reason) for reason in wrong]


def _portaudio_list() -> list[Found]:
    sd = _portaudio()
    try:
        renew(sd)
        defaults = _portaudio_defaults(sd)
        return [Found(label, api, index in defaults[:1]) for api, index, label in _portaudio_outputs(sd)]
    except sd.PortAudioError as error:
        raise DeviceMissing(f"PortAudio: {error}") from error


def _miniaudio_list() -> list[Found]:
    return [Found(name, "miniaudio") for name in miniaudio_names("playback")]


def exists(name: str) -> bool:
    """Blocking: whether there is a device with this name. Asks only miniaudio, so that playback is not interrupted."""
    with failing("miniaudio", []):
        return pick(name, miniaudio_names("playback")) is not None
    return False


def _open_portaudio(name: str | None, clock: Clock, prebuffer_ms: int) -> DeviceOutput:
    sd = _portaudio()
    try:
        # PortAudio builds its device list once; a device plugged in since then only shows up after this.
        renew(sd)
        devices = _portaudio_devices(sd, name)
    except sd.PortAudioError as error:
        raise DeviceMissing(f"PortAudio: {error}") from error
    refused: Exception | None = None
    for index in devices:
        try:
            return _portaudio_output(sd, index, clock, prebuffer_ms)
        except Exception as error:  # another host API may open what the best one does not
            refused = refused or error
    raise DeviceMissing(f"PortAudio: {refused}") from refused


def _portaudio_output(sd: Any, index: int, clock: Clock, prebuffer_ms: int) -> DeviceOutput:
    rate = _portaudio_rate(sd, index)
    output = DeviceOutput(str(sd.query_devices(index)["name"]), rate, clock, prebuffer_ms)

    def callback(out: NDArray[np.float32], *_: object) -> None:
        output.fill(out[:, 0])
        out[:, 1] = out[:, 0]

    stream = sd.OutputStream(
        device=index, samplerate=rate, channels=2, dtype="float32", latency=LATENCY_S, callback=callback
    )
    stream.start()
    output.stream = Stream(stream, sd)
    return output


def _portaudio() -> Any:
    return import_module("sounddevice")  # whatever it raises is noted in ``failing``


def _portaudio_outputs(sd: Any) -> list[tuple[str, int, str]]:
    """Return (host API, index, name) of each output device, those of the best host API first."""
    apis: list[str] = [str(api["name"]) for api in sd.query_hostapis()]
    outputs = [
        (rank, apis[int(device["hostapi"])], index, str(device["name"]))
        for index, device in enumerate(sd.query_devices())
        if device["max_output_channels"] > 0 and (rank := _rank(apis[int(device["hostapi"])])) is not None
    ]
    return [(api, index, label) for _, api, index, label in sorted(outputs, key=lambda one: (one[0], one[2]))]


def _portaudio_defaults(sd: Any) -> list[int]:
    """Return the default device of each host API, the best first; PortAudio's own default is that of MME on Windows."""
    apis = [(_rank(str(api["name"])), int(api["default_output_device"])) for api in sd.query_hostapis()]
    return [index for _, index in sorted((rank, index) for rank, index in apis if rank is not None and index >= 0)]


def _portaudio_devices(sd: Any, name: str | None) -> list[int]:
    """Return the device with this name, or the default one, as each host API lists it."""
    if name is None:
        defaults = _portaudio_defaults(sd)
        if not defaults:
            raise DeviceMissing(phrase("PortAudio: no default output device"))
        return defaults
    outputs = _portaudio_outputs(sd)
    labels = [label for _, _, label in outputs]
    found = pick(name, labels)
    if found is None:
        raise DeviceMissing(phrase("{library}: no device of this name", library="PortAudio"), labels)
    return [index for _, index, label in outputs if label == labels[found]]


def _rank(api: str) -> int | None:
    """Rank a host API. WDM-KS takes a device exclusively and is never chosen."""
    if "WDM-KS" in api:
        return None
    return next((rank for rank, known in enumerate(HOST_APIS) if known in api), len(HOST_APIS))


def _portaudio_rate(sd: Any, index: int) -> int:
    for rate in RATES:
        try:
            sd.check_output_settings(device=index, channels=2, samplerate=rate, dtype="float32")
        except sd.PortAudioError:
            continue
        return rate
    return int(sd.query_devices(index)["default_samplerate"])


def _open_miniaudio(name: str | None, clock: Clock, prebuffer_ms: int) -> DeviceOutput:
    device = MiniaudioDevice("playback", name)
    output = DeviceOutput(device.name, RATES[0], clock, prebuffer_ms)
    device.open(_samples(output), dtype="FLOAT32", channels=2, rate=RATES[0], period_ms=PERIOD_MS)
    output.stream = device
    return output


def _samples(output: DeviceOutput) -> Generator[memoryview, int, None]:
    """Yield what miniaudio pulls: stereo float32 for the number of frames sent in."""
    stereo = np.zeros((RATES[0], 2), np.float32)
    flat = stereo.data.cast("B")
    frames = yield flat[:0]
    while True:
        output.fill(stereo[:frames, 0])
        stereo[:frames, 1] = stereo[:frames, 0]
        frames = yield flat[: frames * 8]
