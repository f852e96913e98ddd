"""Connections to the stage, and the prompt whether one of them may move the avatar."""

from collections.abc import Callable
from dataclasses import dataclass, field

from nodes.avatar._stage.events import Subscriptions
from nodes.avatar._stage.inputs import Plugin
from nodes.avatar._stage.wire import Data, Request


@dataclass(slots=True, eq=False)
class Guest:
    """A connected plugin."""

    tell: Callable[[Data], object]
    page: str = ""
    """The address of the web page; empty for a program. Only a person may allow a page."""
    near: bool = True
    """Whether it is on this machine. Only a person may allow a guest on another machine."""
    plugin: Plugin | None = None
    """The plugin's identity; None until it has authenticated itself."""
    mark: str = ""
    """The mark of the token that it has."""
    events: Subscriptions = field(default_factory=Subscriptions)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A plugin that waits for a person to allow it."""

    id: str
    plugin: Plugin
    guest: Guest
    request: Request

    def shown(self) -> Data:
        return {"id": self.id, "name": self.plugin[0], "developer": self.plugin[1], "page": self.guest.page}
