"""What the engine around an instance gives to it."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

from schemas.event import Event

T = TypeVar("T")


class Keeping:
    """Implements the ``Kept`` service (see nodes.services) of one place in the graph."""

    def __init__(self) -> None:
        self._objects: dict[str, Any] = {}

    def keep(self, name: str, make: Callable[[], T]) -> T:
        if name not in self._objects:
            self._objects[name] = make()
        return self._objects[name]


class Host(Protocol):
    """What an instance needs from the engine around it."""

    blocked: int
    """Number of full out-edges; while there are any, events are fed to feedback ports only."""

    kept: Keeping
    """State that outlives the instance."""

    def emit(self, port: str, event: Event) -> None: ...
    def failed(self, event: Event | None, error: BaseException) -> None: ...
    def finished(self) -> None: ...
    def wake(self) -> None: ...
    def writable(self) -> Awaitable[None] | None:
        """Return what to wait for until the out-edges have room; None if they have room now."""
        ...
