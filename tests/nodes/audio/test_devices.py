import sys

import numpy as np
import pytest

from nodes import sound_devices
from nodes.audio._devices import DeviceMissing, exists, listed, open_device
from tests.nodes.audio.fakes import RATE, FakeClock, FakeMiniaudio, FakePortAudio, tone

CABLE = "CABLE Input (VB-Audio Virtual Cable)"
WINDOWS = [
    ("Microsoft Sound Mapper - Output", "MME", 2),
    (CABLE[:31], "MME", 8),
    ("Microphone (CABLE Input)", "Windows WASAPI", 0),
    (CABLE, "Windows DirectSound", 8),
    (CABLE, "Windows WASAPI", 2),
    (CABLE, "Windows WDM-KS", 8),
    ("Speakers", "Odd", 2),
]
"""A virtual cable as PortAudio lists it on Windows: once for each host API, cut to 31 characters by MME."""


@pytest.fixture
def libraries(monkeypatch):
    """Put stand-ins of the two libraries in place; None: it cannot be imported."""

    def place(portaudio=None, miniaudio=None):
        monkeypatch.setitem(sys.modules, "sounddevice", portaudio)
        monkeypatch.setitem(sys.modules, "miniaudio", miniaudio)

    return place


def opened(name=None, prebuffer_ms=0):
    return open_device(name, FakeClock(), prebuffer_ms)


@pytest.mark.parametrize("name", ["CABLE Input", "cable_input", CABLE, CABLE[:31]])
def test_of_one_cable_in_every_host_api_wasapi_is_taken(libraries, name):
    sound = FakePortAudio(WINDOWS)
    libraries(sound)
    output = opened(name)
    assert sound.streams[0].device == (1 if name == CABLE[:31] else 4)
    assert "CABLE Input" in output.name


def test_directsound_is_taken_before_mme_and_an_unknown_host_api_last(libraries):
    sound = FakePortAudio([WINDOWS[6], WINDOWS[1], WINDOWS[3], ("CABLE Input 2", "Odd", 2)])
    libraries(sound)
    opened("CABLE")
    opened("Speakers")
    assert [stream.device for stream in sound.streams] == [2, 0]


def test_a_device_that_only_wdm_ks_has_is_not_there(libraries):
    libraries(FakePortAudio([WINDOWS[5]]))
    with pytest.raises(DeviceMissing) as missing:
        opened("CABLE Input")
    assert missing.value.there == []


def test_the_default_device_is_the_one_that_portaudio_names(libraries):
    sound = FakePortAudio(WINDOWS, default=6)
    libraries(sound)
    assert opened().name == "Speakers"
    assert sound.begun == 0  # ended and begun again, so that the list is current


def test_of_the_default_devices_of_the_host_apis_that_of_wasapi_is_taken_and_shown(libraries):
    sound = FakePortAudio(WINDOWS, default=0, defaults=(4, 5))
    libraries(sound, FakeMiniaudio([]))
    assert opened().name == CABLE
    assert [stream.device for stream in sound.streams] == [4]
    assert [device.name for device in listed()[0] if device.default] == [CABLE]


@pytest.mark.parametrize(("name", "device"), [(None, 0), ("CABLE Input", 3)])
def test_what_the_best_host_api_cannot_open_another_one_opens(libraries, name, device):
    sound = FakePortAudio(WINDOWS, default=0, defaults=(4,), refuses=("Windows WASAPI",))
    libraries(sound)
    opened(name)
    assert [stream.device for stream in sound.streams] == [device]


@pytest.mark.parametrize(("rates", "rate"), [((44_100, 48_000), 48_000), ((44_100,), 44_100), ((), 96_000)])
def test_the_rate_is_one_that_the_device_takes(libraries, rates, rate):
    sound = FakePortAudio(WINDOWS, rates=rates)
    libraries(sound)
    assert opened().rate == rate
    assert sound.streams[0].rate == rate


def test_portaudio_hears_on_both_sides_what_is_written_and_is_closed(libraries):
    sound = FakePortAudio(WINDOWS)
    libraries(sound)
    output = opened()
    output.write(tone(0.5))
    output.finish()
    heard = np.concatenate([sound.streams[0].pull(480) for _ in range(60)])
    assert np.abs(heard).max() == pytest.approx(0.3, rel=0.02)
    assert output.played() == RATE // 2
    assert output.healthy()
    output.stream.close()
    assert sound.streams[0].aborted
    assert sound.streams[0].closed
    assert not output.healthy()


def test_without_portaudio_miniaudio_plays(libraries):
    libraries(None, ma := FakeMiniaudio(["Null Output", "CABLE_Input"]))
    output = opened("CABLE Input")
    assert (output.name, output.rate, ma.players[0].id) == ("CABLE_Input", 48_000, "id of CABLE_Input")
    output.write(tone(0.5))
    output.finish()
    heard = np.concatenate([ma.players[0].pull(480) for _ in range(60)])
    assert np.abs(heard).max() == pytest.approx(0.3, rel=0.02)
    assert output.stream.active
    output.stream.close()
    assert not output.stream.active
    assert ma.freed == ["context"]


def test_the_default_device_of_miniaudio_has_no_id(libraries):
    libraries(None, ma := FakeMiniaudio(["Speakers"]))
    assert opened().name == "default"
    assert ma.players[0].id is None


def test_a_name_that_portaudio_does_not_know_is_looked_for_with_miniaudio(libraries):
    libraries(FakePortAudio([("default", "Odd", 2)]), ma := FakeMiniaudio(["CABLE_Input"]))
    assert opened("CABLE Input").name == "CABLE_Input"
    assert ma.players


def test_a_missing_name_tells_every_device_that_there_is_once(libraries):
    libraries(FakePortAudio(WINDOWS[3:5] + WINDOWS[6:]), FakeMiniaudio(["Speakers", "HDMI"]))
    with pytest.raises(DeviceMissing) as missing:
        opened("BlackHole 2ch")
    assert missing.value.there == [CABLE, "HDMI", "Speakers"]
    assert not exists("BlackHole 2ch")
    assert exists("hdmi")


def test_portaudio_that_did_not_begin_once_is_begun_again(libraries, monkeypatch):
    portaudio = FakePortAudio(WINDOWS)
    libraries(portaudio)
    begun = [True, False, True]

    def initialize():
        if not begun.pop(0):
            raise portaudio.PortAudioError("the audio service is restarting")
        portaudio.there = True

    def terminate():
        if not portaudio.there:
            raise portaudio.PortAudioError("PortAudio not initialized")
        portaudio.there = False

    portaudio.there = True
    monkeypatch.setattr(portaudio, "_initialize", initialize)
    monkeypatch.setattr(portaudio, "_terminate", terminate)
    opened().stream.close()
    with pytest.raises(DeviceMissing, match="restarting"):
        opened()
    opened()


def test_without_any_library_both_reasons_are_told(libraries):
    libraries()
    with pytest.raises(DeviceMissing, match=r"PortAudio: .*\. miniaudio: "):
        opened()
    assert not exists("x")


@pytest.mark.parametrize(
    ("portaudio", "miniaudio", "reason"),
    [
        (FakePortAudio([], default=-1), FakeMiniaudio([]), "기본 장치가 없음. miniaudio: 장치가 없어요"),
        (FakePortAudio(WINDOWS, refuses=True), FakeMiniaudio(None), "busy. miniaudio: cannot init context"),
        (FakePortAudio(WINDOWS, refuses=True), FakeMiniaudio(["x"], refuses=True), "failed to init device"),
    ],
)
def test_what_cannot_be_opened_is_missing_with_the_reason(libraries, portaudio, miniaudio, reason):
    libraries(portaudio, miniaudio)
    with pytest.raises(DeviceMissing, match=reason):
        opened()


@pytest.mark.parametrize("cards", [True, False])
def test_alsa_is_asked_only_where_there_is_a_sound_card(libraries, monkeypatch, tmp_path, cards):
    monkeypatch.setattr(sound_devices, "SOUND_CARDS", tmp_path if cards else tmp_path / "snd")
    libraries(None, ma := FakeMiniaudio([]))
    exists("x")
    assert ("ALSA" in ma.asked[0]) is cards


def test_all_devices_are_listed_once_with_the_host_api_that_is_taken(libraries):
    libraries(sound := FakePortAudio(WINDOWS), FakeMiniaudio(["Speakers", "HDMI"]))
    found, wrong = listed()
    assert [(device.name, device.library) for device in found][-1] == ("HDMI", "miniaudio")
    assert [device.library for device in found if device.name == CABLE] == ["Windows WASAPI"]
    assert len({device.name for device in found}) == len(found)
    assert wrong == []
    assert sound


def test_a_library_that_cannot_list_its_devices_is_named_and_the_other_one_lists(libraries, monkeypatch):
    libraries(sound := FakePortAudio(WINDOWS), FakeMiniaudio(["HDMI"]))

    def broken():
        raise sound.PortAudioError("host error")

    monkeypatch.setattr(sound, "_initialize", broken)
    found, wrong = listed()
    assert [device.name for device in found] == ["HDMI"]
    assert wrong == ["PortAudio: host error"]


def undecodable(*_, **__):
    return b"\xbd\xba\xc7\xc7\xc4\xbf".decode()


@pytest.mark.parametrize(
    "call", ["_initialize", "query_hostapis", "query_devices", "check_output_settings", "OutputStream"]
)
@pytest.mark.parametrize("name", [None, "HDMI"])
def test_whatever_one_library_fails_on_the_other_one_opens_and_lists(libraries, monkeypatch, call, name):
    libraries(sound := FakePortAudio([("HDMI", "Windows WASAPI", 2)]), ma := FakeMiniaudio(["HDMI"]))
    monkeypatch.setattr(sound, call, undecodable)
    assert opened(name).stream.active
    assert len(ma.players) == 1
    assert "HDMI" in [device.name for device in listed()[0]]


@pytest.mark.parametrize("call", ["Devices", "PlaybackDevice"])
def test_where_both_libraries_fail_it_is_told_and_asking_does_no_harm(libraries, monkeypatch, call):
    libraries(None, ma := FakeMiniaudio(["HDMI"]))
    monkeypatch.setattr(ma, call, undecodable)
    with pytest.raises(DeviceMissing, match=r"PortAudio: .*miniaudio: UnicodeDecodeError"):
        opened("HDMI")
    assert exists("HDMI") is (call == "PlaybackDevice")
    assert (listed()[0] == []) is (call == "Devices")


def test_a_library_that_breaks_when_it_is_imported_is_passed_over(libraries, monkeypatch, tmp_path):
    libraries(None, ma := FakeMiniaudio(["HDMI"]))
    (tmp_path / "sounddevice.py").write_text("raise ValueError('a damaged file')", encoding="utf-8")
    monkeypatch.delitem(sys.modules, "sounddevice")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert opened("HDMI").name == "HDMI"
    assert len(ma.players) == 1
    assert "a damaged file" in listed()[1][0]


def test_without_the_resampler_no_device_is_opened(libraries, monkeypatch):
    libraries(sound := FakePortAudio(WINDOWS), FakeMiniaudio(["HDMI"]))
    monkeypatch.setitem(sys.modules, "soxr", None)
    with pytest.raises(DeviceMissing, match="soxr"):
        opened()
    assert sound.streams == []


def test_a_device_that_is_gone_may_refuse_to_be_asked_and_closed(libraries):
    libraries(sound := FakePortAudio(WINDOWS))
    output = opened()
    stream = sound.streams[0]
    stream.abort = stream.close = undecodable
    del stream.active
    assert not output.healthy()
    output.stream.close()
