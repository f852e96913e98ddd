"""nodes/audio/offered.py: the devices by name, and a beep on each; what is gone is said with what to do."""

import asyncio
import sys

import numpy as np
import pytest

from nodes.audio import _devices, offered
from nodes.audio._devices import Found
from nodes.audio._outputs import RATE
from nodes.audio._settings import Play
from nodes.audio.offered import LOUD, beep, devices, tones
from nodes.offers import Ask
from nodes.sound_devices import DeviceMissing
from tests.nodes.audio.fakes import FakeMiniaudio
from tests.nodes.peers_of_exams import probing
from tests.peers.pulse import pulse

__all__ = ["pulse"]

THERE = [Found("Speakers (Realtek)", "WASAPI", True), Found("CABLE Input (VB-Audio)", "WASAPI")]


def asked(call, device):
    async def ask():
        with probing() as probe:
            return await call(Ask(Play(device=device), (), "초코", probe))

    return asyncio.run(ask())


@pytest.fixture
def there(monkeypatch):
    found = list(THERE)
    monkeypatch.setattr(_devices, "listed", lambda: (found, []))
    return found


def values(device="auto"):
    return [each.value for each in asked(devices, device)]


def test_the_default_device_comes_first_then_those_of_the_machine_then_page_and_nothing(there):
    default, speakers, cable, page, none = asked(devices, "auto")
    assert (default.value, default.usual, default.about) == ("auto", True, "지금은 Speakers (Realtek)")
    assert [speakers.name, cable.name] == ["Speakers (Realtek)", "CABLE Input (VB-Audio)"]
    assert "VTube Studio" in cable.about
    assert [each.audible for each in (default, speakers, cable, page, none)] == [True, True, True, False, False]


def test_a_device_that_the_graph_names_by_a_part_is_the_one_that_is_chosen(there):
    assert values("cable_input") == ["auto", "Speakers (Realtek)", "cable_input", "page", "none"]


def test_a_device_that_is_gone_is_listed_with_what_to_do(there):
    gone = asked(devices, "BlackHole")[1]
    assert (gone.value, gone.audible) == ("BlackHole", False)
    assert "꽂" in gone.remedy
    assert [each.remedy for each in asked(devices, "Speakers")] == [""] * 5


def test_without_any_device_the_default_is_not_to_be_heard(there):
    there.clear()
    assert asked(devices, "auto")[0].audible is False
    assert values() == ["auto", "page", "none"]


def test_the_beep_is_played_to_its_end_and_the_device_closed(monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    monkeypatch.setitem(sys.modules, "miniaudio", ma := FakeMiniaudio(["Speakers", "CABLE"]))
    heard = []

    async def ask():
        with probing() as probe:
            beeping = asyncio.ensure_future(beep(Ask(Play(device="CABLE"), (), "", probe)))
            while not beeping.done():
                await asyncio.sleep(0.002)
                if ma.players and ma.players[0].running:
                    heard.append(ma.players[0].pull(480))
            return beeping.result()

    assert asyncio.run(ask()) == b""
    assert ma.players[0].id == "id of CABLE"
    assert not ma.players[0].running
    assert np.abs(np.concatenate(heard)).max() == pytest.approx(LOUD, rel=0.05)


def test_a_device_that_cannot_be_opened_or_takes_nothing_is_told(monkeypatch):
    def missing(*_):
        raise DeviceMissing("no device of this name", ["Speakers"])

    monkeypatch.setattr(_devices, "open_device", missing)
    with pytest.raises(ValueError, match="Speakers"):
        asked(beep, "CABLE")
    with pytest.raises(ValueError, match="장치가 아니"):
        asked(beep, "page")
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    monkeypatch.setitem(sys.modules, "miniaudio", ma := FakeMiniaudio(["Dead"]))
    monkeypatch.setattr(offered, "WITHIN_S", 0.2)
    with pytest.raises(ValueError, match="Dead"):
        asked(beep, "Dead")
    assert ma.players[0].running is False


def test_the_beep_begins_and_ends_without_a_click():
    sound = tones()
    assert len(sound) / RATE == pytest.approx(0.44, abs=0.01)
    assert abs(sound[0]) < 0.01
    assert abs(sound[-1]) < 0.01


@pytest.mark.component
def test_a_real_sound_server_gets_the_beep_on_the_device_that_was_named(pulse):
    names = [each.value for each in asked(devices, "auto")]
    assert "CABLE_Input" in names

    async def ask():
        with probing() as probe:
            for _ in range(3):  # the monitor of a sink that sleeps may miss the first one
                await beep(Ask(Play(device="CABLE Input"), (), "", probe))

    with pulse.record() as recording:
        asyncio.run(ask())
    assert np.abs(recording.samples).max() > LOUD / 2
