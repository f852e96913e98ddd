"""``alert.desktop``: calls the operator through the notifications of the operating system."""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Never

from pydantic import Field
from reactivex import Observable, never

from nodes import node
from nodes.alert._bell import NotDelivered, Ringing, lines, ringing
from nodes.phrases import phrase
from nodes.services import Alarms, Clock, Jobs, Log
from schemas.alarm import Alarm

if TYPE_CHECKING:
    from desktop_notifier import DesktopNotifier

_LOADED = {
    "linux": ("desktop_notifier.backends.dbus",),
    "win32": ("desktop_notifier.backends.winrt",),
    "darwin": ("desktop_notifier.backends.macos",),
}
"""What the library imports when it is first used."""


class Desktop(Ringing):
    """Settings of ``alert.desktop``."""

    enabled: bool = Field(
        default=False, title="Desktop notifications", description="Tell it by a notification of this computer."
    )


@node("alert.desktop")
def desktop(config: Desktop, *, alarms: Alarms, jobs: Jobs, clock: Clock, log: Log) -> Observable[Never]:
    """Show a notification of the system when a node keeps failing, the chat is lost, or a day's quota nearly used up.

    Off unless ``enabled``. What is over within ``after_s`` is not shown, the same at most once in ``every_s``; what was
    shown and is over is shown too. Windows, macOS and Linux; where the system shows none, one line in the log says so.
    """
    if not config.enabled:
        return never()
    made: list[DesktopNotifier] = []

    async def deliver(some: Sequence[Alarm]) -> None:
        shown: list[bool] = []
        try:
            if not made:
                for name in _LOADED.get(sys.platform, ()):  # takes 0.5 s, which would block the loop
                    await jobs.thread(import_module, name)
                library: Any = await jobs.thread(import_module, "desktop_notifier")
                made.append(library.DesktopNotifier(app_name="aischoco", notification_limit=10))
            if await made[0].request_authorisation():  # asks a person only on macOS, and once
                await made[0].send("aischoco", lines(some), on_dispatched=lambda: shown.append(True))
        except Exception as error:  # each system has its own errors
            problem = type(error).__name__
            raise NotDelivered(
                phrase("This computer cannot show notifications ({problem}).", problem=problem)
            ) from None
        if not shown:  # the library logs what went wrong, and raises nothing
            raise NotDelivered(phrase("This computer cannot show notifications."))

    return ringing(config, deliver, alarms=alarms, jobs=jobs, clock=clock, log=log)
