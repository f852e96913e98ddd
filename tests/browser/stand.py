"""Runs one node behind the real web server, without the graph around it, for a real browser to look at."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Self

from reactivex.scheduler.eventloop import AsyncIOScheduler

from graphs.engine.flow.host import Keeping
from graphs.engine.flow.instance import Instance
from graphs.engine.web.server import LocalWeb
from nodes import load_all
from nodes.services import Clock, Log, Web
from nodes.troubles import Troubles
from schemas.event import Event
from tests.harness import ROOT, LoopClock


class Silent(Troubles):
    """A ``Log`` that nobody reads."""

    def info(self, text: str, **_: object) -> None: ...
    def warning(self, text: str, **_: object) -> None: ...
    def hide(self, secret: str) -> None: ...


class Stand:
    """Stands in for the engine on the running loop; the events that the node emits are kept in ``out``."""

    def __init__(
        self, name: str, type_: str, wired: Iterable[str], port: int, lent: Mapping[type, Any], **settings: Any
    ) -> None:
        """Make the node.

        Args:
            port: port of the web server, 0 for any free one.
            lent: services beside the clock, the log and the web server.
        """
        self.web = LocalWeb("127.0.0.1", port, Silent(), root=ROOT)
        self.out: list[Event] = []
        self.said: list[Any] = []
        """The messages that a page sent as a viewer."""
        self.failure: BaseException | None = None
        self.blocked, self.kept = 0, Keeping()
        spec = load_all()[type_]
        services: dict[type, Any] = {Clock: LoopClock(), Log: Silent(), Web: self.web, **lent}
        self.node = Instance(name, spec, spec.settings(**settings), set(wired), services, self)

    def emit(self, port: str, event: Event) -> None:
        self.out.append(event)

    def finished(self) -> None: ...
    def wake(self) -> None: ...
    def writable(self) -> Awaitable[None] | None: ...
    def failed(self, event: Event | None, error: BaseException) -> None:
        self.failure = error

    async def start(self) -> Self:
        self.web.post("/api/say", self._take)
        self.node.start(AsyncIOScheduler(asyncio.get_running_loop()))
        await self.web.start()
        return self

    async def stop(self) -> None:
        await self.node.close()
        await self.web.stop()
        assert self.failure is None

    def _take(self, said: Any) -> dict[str, Any]:
        self.said.append(said)
        return {"ok": True}


async def until(true: Callable[[], Awaitable[Any]], seconds: float = 8.0) -> Any:
    """Wait until ``true`` returns something true, and return it."""
    end = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < end:
        found = await true()
        if found:
            return found
        await asyncio.sleep(0.02)
    raise AssertionError("the page did not come to show it")
