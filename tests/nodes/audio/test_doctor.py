import asyncio

import pytest

from nodes.audio import _devices
from nodes.audio._devices import Found
from tests.nodes.peers_of_exams import look, one


@pytest.fixture
def devices(monkeypatch):
    there = [Found("Speakers (Realtek)", "WASAPI", True), Found("CABLE Input (VB-Audio)", "WASAPI")]
    monkeypatch.setattr(_devices, "listed", lambda: (there, []))
    return there


def looked(device):
    return asyncio.run(look("audio.play", device=device))


def test_a_device_is_found_by_a_part_of_its_name(devices):
    (finding,) = looked("CABLE Input")
    assert finding.ok
    assert "VB-Audio" in finding.what


def test_a_device_that_is_missing_is_red_and_the_others_are_named(devices):
    finding = one(looked("BlackHole"))
    assert "CABLE Input (VB-Audio), " not in finding.remedy.split(":")[0]
    assert "Speakers (Realtek), CABLE Input (VB-Audio)" in finding.remedy


def test_auto_takes_the_default_and_without_a_device_the_page(devices):
    assert "Realtek" in looked("auto")[0].what
    devices.clear()
    (finding,) = looked("auto")
    assert finding.ok
    assert "페이지" in finding.what


@pytest.mark.parametrize("device", ["page", "none"])
def test_without_a_device_nothing_is_looked_for(device, monkeypatch):
    monkeypatch.setattr(_devices, "listed", lambda: pytest.fail("asked"))
    assert looked(device)[0].ok


def test_where_no_library_finds_a_device_the_reason_is_told(monkeypatch):
    monkeypatch.setattr(_devices, "listed", lambda: ([], ["PortAudio: not installed"]))
    assert "PortAudio: not installed" in one(looked("CABLE")).remedy
