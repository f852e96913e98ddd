import sys
from pathlib import Path

import pytest

from nodes import load_all
from nodes.commands import commands
from tests.nodes.audio.fakes import FakeMiniaudio, FakePortAudio

load_all()  # at once: a module that is first loaded while a test patches what it imports would keep the patch

CABLE = "CABLE Input (VB-Audio Virtual Cable)"


@pytest.fixture
def listing(monkeypatch, capsys):
    """(exit code, printed lines) of the command with these libraries and environment."""

    def run(portaudio=None, miniaudio=None, **environment):
        monkeypatch.setitem(sys.modules, "sounddevice", portaudio)
        monkeypatch.setitem(sys.modules, "miniaudio", miniaudio)
        code = commands["devices"].run([], Path(), environment)
        return code, capsys.readouterr().out.splitlines()

    return run


def windows():
    names = [("Speakers", "MME", 2), (CABLE, "Windows WASAPI", 2), ("Speakers", "Windows WASAPI", 2)]
    return FakePortAudio([*names, ("Microphone", "MME", 0)], default=2)


def test_each_device_is_listed_once_with_the_best_host_api(listing):
    code, lines = listing(windows(), FakeMiniaudio(["Speakers", "HDMI"]))
    assert code == 0
    assert lines[:3] == [
        f"   {CABLE}  [Windows WASAPI]",
        "-> Speakers  [Windows WASAPI]  (기본 장치)",
        "   HDMI  [miniaudio]",
    ]
    assert "TTS_OUTPUT_DEVICE=CABLE Input" in lines[3]


def test_the_named_device_is_marked(listing):
    _, lines = listing(windows(), TTS_OUTPUT_DEVICE="cable input")
    assert lines[0] == f"-> {CABLE}  [Windows WASAPI]"
    assert "miniaudio" in lines[2]
    assert lines[-1].startswith("다른 장치를 쓰려면")


def test_a_name_that_is_not_there_is_said_and_the_default_is_marked(listing):
    _, lines = listing(windows(), TTS_OUTPUT_DEVICE="BlackHole")
    assert lines[1].startswith("-> Speakers")
    assert '"BlackHole" 장치는 없어서' in lines[-1]


@pytest.mark.parametrize("where", ["page", "none"])
def test_no_device_is_marked_where_none_is_used(listing, where):
    _, lines = listing(windows(), TTS_OUTPUT_DEVICE=where)
    assert not any(line.startswith("->") for line in lines)
    assert where in lines[-1]


def test_without_libraries_and_devices_the_reasons_and_the_way_out_are_told(listing):
    code, lines = listing()
    assert code == 1
    assert ["PortAudio" in lines[0], "miniaudio" in lines[1], "페이지" in lines[2]] == [True] * 3


def test_a_library_that_fails_is_told_and_the_other_one_asked(listing):
    sound = windows()

    def breaks():
        raise sound.PortAudioError("broken driver")

    sound._initialize = breaks
    code, lines = listing(sound, FakeMiniaudio(["HDMI"]))
    assert code == 0
    assert lines[0] == "-> HDMI  [miniaudio]"
    assert "broken driver" in lines[1]
