"""nodes/audio/_portaudio.py: looking for devices never ends what plays."""

import sys
from types import SimpleNamespace

import pytest

from nodes.audio._devices import listed, open_device
from nodes.audio._portaudio import Stream, playing, renew
from tests.nodes.audio.fakes import FakeClock, FakeMiniaudio, FakePortAudio

SPEAKERS = [("Speakers", "Windows WASAPI", 2), ("CABLE Input", "Windows WASAPI", 2)]


@pytest.fixture
def sound(monkeypatch):
    library = FakePortAudio(SPEAKERS)
    library.ends = 0
    library._terminate = lambda: setattr(library, "ends", library.ends + 1)
    monkeypatch.setitem(sys.modules, "sounddevice", library)
    monkeypatch.setitem(sys.modules, "miniaudio", FakeMiniaudio(["CABLE Input", "Headset"]))
    return library


def test_what_plays_goes_on_while_another_device_is_opened_or_all_are_listed(sound):
    first = open_device("Speakers", FakeClock(), 0)
    ends = sound.ends
    assert ends == 1, "the list was renewed before anything played"
    beep = open_device("CABLE Input", FakeClock(), 0)
    listed()
    assert sound.ends == ends
    assert first.stream.active
    beep.stream.close()
    first.stream.close()
    listed()
    assert sound.ends == ends + 1


def test_while_portaudio_plays_a_device_that_was_pulled_out_is_not_listed(sound):
    assert [each.name for each in listed()[0]] == ["Speakers", "CABLE Input", "Headset"]
    output = open_device("Speakers", FakeClock(), 0)
    assert [each.name for each in listed()[0]] == ["CABLE Input", "Headset"], "as miniaudio sees it now"
    output.stream.close()
    assert [each.name for each in listed()[0]] == ["Speakers", "CABLE Input", "Headset"]


def test_a_device_that_is_gone_holds_up_no_list(sound):
    output = open_device("Speakers", FakeClock(), 0)
    assert playing()
    sound.streams[0].active = False
    assert not playing()
    ends = sound.ends
    renew(sound)
    assert sound.ends == ends + 1
    output.stream.close()


def test_a_stream_whose_driver_refuses_everything_is_closed_all_the_same():
    def refuse():
        raise OSError("gone")

    stream = Stream(SimpleNamespace(latency=0.1, abort=refuse, close=refuse), None)
    stream.close()
    assert stream.latency == pytest.approx(0.1)
    assert not stream.active
