"""The microphone, with libraries that a test gives it."""

import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from nodes.listen._microphone import microphones, open_microphone
from nodes.sound_devices import BACKENDS, DeviceMissing


class Library(SimpleNamespace):
    """miniaudio, as far as it is used."""

    def __init__(self, names: list[str] | None, *, refuses: bool = False) -> None:
        super().__init__()
        library = self
        self.made: list[dict[str, Any]] = []
        self.freed = 0

        class MiniaudioError(Exception):
            pass

        class Devices:
            def __init__(self, backends: list[str]) -> None:
                if names is None:
                    raise MiniaudioError("cannot init context")

            def get_captures(self) -> list[dict[str, Any]]:
                return [{"name": name, "id": f"id of {name}"} for name in names or ()]

        class CaptureDevice:
            running = False
            _context = "context"

            def __init__(self, **options: Any) -> None:
                if refuses:
                    raise MiniaudioError("busy")
                library.made.append(options)

            def start(self, recording: Any) -> None:
                self.running, library.recording = True, recording

            def close(self) -> None:
                self.running = False

        def free(_: object) -> None:
            library.freed += 1

        self.MiniaudioError, self.Devices, self.CaptureDevice = MiniaudioError, Devices, CaptureDevice
        self.SampleFormat = SimpleNamespace(SIGNED16=2)
        self.Backend = SimpleNamespace(**{name: name for name in BACKENDS})
        self.lib = SimpleNamespace(ma_context_uninit=free)


class PortAudio(SimpleNamespace):
    """sounddevice, as far as it is used."""

    def __init__(self, names: list[str]) -> None:
        super().__init__()
        library = self
        self.made: list[dict[str, Any]] = []

        class InputStream:
            active = False

            def __init__(self, **options: Any) -> None:
                library.made.append(options)

            def start(self) -> None:
                self.active = True

            def close(self) -> None:
                self.active = False

        self.InputStream = InputStream
        self.query_devices = lambda: [
            {"name": "Speakers", "max_input_channels": 0},
            *({"name": name, "max_input_channels": 1} for name in names),
        ]


@pytest.fixture
def libraries(monkeypatch: pytest.MonkeyPatch) -> Any:
    def given(miniaudio: Any, portaudio: Any) -> None:
        monkeypatch.setitem(sys.modules, "miniaudio", miniaudio)
        monkeypatch.setitem(sys.modules, "sounddevice", portaudio)

    return given


def test_a_microphone_is_opened_by_a_part_of_its_name_and_its_sound_is_taken(libraries: Any) -> None:
    libraries(library := Library(["Line In", "USB Mic (2- Fifine)"]), None)
    taken: list[Any] = []
    microphone = open_microphone("usb_mic", taken.append)
    assert (microphone.name, microphone.active) == ("USB Mic (2- Fifine)", True)
    (made,) = library.made
    assert (made["device_id"], made["sample_rate"], made["nchannels"]) == ("id of USB Mic (2- Fifine)", 16_000, 1)
    library.recording.send(bytearray(np.arange(512, dtype=np.int16).tobytes()))
    assert np.array_equal(taken[0], np.arange(512))
    microphone.close()
    assert (microphone.active, library.freed) == (False, 1)


def test_without_a_name_it_is_the_default_one(libraries: Any) -> None:
    libraries(library := Library(["Line In"]), None)
    assert open_microphone(None, print).name == "default"
    assert library.made[0]["device_id"] is None


def test_where_miniaudio_is_of_no_use_portaudio_is_asked(libraries: Any) -> None:
    libraries(None, library := PortAudio(["Line In", "USB Mic"]))
    microphone = open_microphone("USB Mic", print)
    assert (microphone.name, microphone.active) == ("USB Mic", True)
    assert (library.made[0]["device"], library.made[0]["samplerate"]) == (2, 16_000)
    taken: list[Any] = []
    open_microphone(None, taken.append)
    library.made[1]["callback"](np.full((512, 1), 7, np.int16), 512, None, None)
    assert taken[0].shape == (512,)
    microphone.close()
    assert not microphone.active


def test_what_cannot_be_opened_is_missing_with_the_reason_and_what_is_there(libraries: Any) -> None:
    libraries(Library(["Line In"]), PortAudio(["Line In", "Array"]))
    with pytest.raises(DeviceMissing, match=r"miniaudio: .*\. PortAudio: ") as raised:
        open_microphone("Rode", print)
    assert raised.value.there == ["Array", "Line In"]
    libraries(Library(["Line In"], refuses=True), PortAudio([]))
    with pytest.raises(DeviceMissing, match="busy"):
        open_microphone(None, print)


def test_the_names_are_listed_without_opening_one(libraries: Any) -> None:
    libraries(library := Library(["Line In", "USB Mic"]), None)
    assert microphones() == (["Line In", "USB Mic"], [])
    assert library.made == []
    libraries(Library(None), PortAudio(["Array"]))
    assert microphones() == (["Array"], [])
    libraries(Library([]), None)
    names, wrong = microphones()
    assert names == []
    assert len(wrong) == 2
