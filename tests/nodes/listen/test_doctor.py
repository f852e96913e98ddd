"""The exams of what hears the streamer."""

import asyncio
from typing import Any

import pytest

from nodes.listen import doctor
from nodes.listen._vad import Missing
from tests.nodes.peers_of_exams import look
from tests.peers.asr_peer import AsrServer


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names = ["Line In", "USB Mic"]
    monkeypatch.setattr(doctor, "microphones", lambda: (names, [] if names else ["miniaudio: none"]))
    monkeypatch.setattr(doctor, "load", lambda: None)
    return names


def mic(**settings: Any) -> list[tuple[bool, str]]:
    return [(each.ok, f"{each.what} {each.remedy}") for each in asyncio.run(look("listen.mic", **settings))]


@pytest.mark.parametrize(("device", "ok"), [("auto", True), ("usb", True), ("Rode", False)])
def test_the_microphone_is_looked_for_by_its_name(there: list[str], device: str, ok: bool) -> None:
    found = mic(device=device)
    assert [each for each, _ in found] == [True, ok]
    assert ok or "Line In, USB Mic" in found[1][1]


def test_without_a_microphone_the_reason_is_told(there: list[str]) -> None:
    there.clear()
    assert "miniaudio: none" in mic()[1][1]


def test_switched_off_no_microphone_is_looked_for(there: list[str]) -> None:
    there.clear()
    assert [ok for ok, _ in mic(mode="off")] == [True]


def test_without_the_package_it_says_what_to_install(there: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise Missing("no package")

    monkeypatch.setattr(doctor, "load", missing)
    (ok, told), _ = mic()
    assert not ok
    assert "requirements-listen.txt" in told


def test_one_recogniser_that_answers_is_enough() -> None:
    async def story() -> None:
        async with AsrServer() as server:
            engines = [{"type": "whisper", "home": "nowhere"}, {"type": "http", "base_url": server.url}]
            (found,) = await look("listen.text", engines=engines)
            assert found.ok
            (found,) = await look("listen.text", engines=engines[:1])
            assert not found.ok
            assert "listen pull" in found.remedy

    asyncio.run(story())
