"""``alert.desktop``, with a stand-in for the library that talks to the system."""

import asyncio
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from graphs.engine.flow.instance import Instance
from nodes.alert import desktop as module
from nodes.services import Alarms
from schemas.alarm import Alarm
from tests.harness import Ran, run


class System:
    """``desktop_notifier``, as the node calls it."""

    def __init__(self, error: Exception | None = None, *, allowed: bool = True, silent: bool = False) -> None:
        self.error, self.allowed, self.silent = error, allowed, silent
        self.shown: list[str] = []
        self.made = 0

    def DesktopNotifier(self, **_: Any) -> Any:
        self.made += 1
        return SimpleNamespace(send=self._send, request_authorisation=self._ask)

    async def _ask(self) -> bool:
        return self.allowed

    async def _send(self, title: str, message: str, on_dispatched: Any) -> None:
        if self.error:
            raise self.error
        if not self.silent:
            self.shown.append(f"{title}: {message}")
            on_dispatched()


def shown(system: Any, monkeypatch: pytest.MonkeyPatch, **settings: Any) -> Ran:
    takes: list[Any] = []

    class Followed:
        def follow(self, take: Any) -> Any:
            takes.append(take)
            return SimpleNamespace(dispose=lambda: None)

    async def during(_: Instance) -> None:
        await asyncio.sleep(1.0)
        for take in takes:
            take(Alarm("node", "voice", "계속 실패합니다."))
            await asyncio.sleep(60.0)
            take(Alarm("node", "voice", "다시 잘 됩니다.", over=True))

    monkeypatch.setitem(sys.modules, "desktop_notifier", system)
    monkeypatch.setattr(module, "_LOADED", {})
    return run("alert.desktop", {}, settings=settings, until=100.0, during=during, services={Alarms: Followed()})


def test_an_alarm_and_its_end_are_shown_by_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    system = System()
    assert shown(system, monkeypatch, enabled=True).error is None
    assert system.shown == ["aischoco: ⚠️ voice: 계속 실패합니다.", "aischoco: ✅ voice: 다시 잘 됩니다."]
    assert system.made == 1


def test_it_is_off_unless_it_is_enabled(monkeypatch: pytest.MonkeyPatch) -> None:
    system = System()
    assert shown(system, monkeypatch).error is None
    assert (system.made, system.shown) == (0, [])


@pytest.mark.parametrize(
    "system",
    [System(RuntimeError("no bus")), System(OSError("no bus")), None, System(silent=True), System(allowed=False)],
)
def test_a_system_without_notifications_is_said_once_and_the_show_goes_on(
    system: System | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = shown(system, monkeypatch, enabled=True)
    assert ran.error is None
    assert len([line for line in ran.log if "알림을 띄우지 못해요" in line]) == 1
