"""Stand-ins for what the engine lends to a node."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reactivex.abc import DisposableBase
from reactivex.disposable import Disposable

from nodes.services import Json
from nodes.troubles import Troubles


class Quiet(Troubles):
    """A ``Log`` that nobody reads."""

    def info(self, text: str, **fields: object) -> None: ...
    def warning(self, text: str, **fields: object) -> None: ...
    def hide(self, secret: str) -> None: ...


class FakeBudget:
    """A ``Budget`` with the seconds that a test sets for each turn, whatever the time, and None for other turns."""

    def __init__(self, left: Mapping[str, float] | None = None) -> None:
        self._left = dict(left or {})

    def left(self, turn: str) -> float | None:
        return self._left.get(turn)


@dataclass
class FakeChannel:
    """A ``Channel`` whose pages are lists of the messages sent to them."""

    path: str
    hello: Callable[[], Iterable[Json | bytes]]
    received: Callable[[str, Mapping[str, Any]], None]
    gone: Callable[[str], None]
    close: Callable[[], None]
    pages: dict[str, list[Json | bytes]] = field(default_factory=dict)
    sent: list[Json | bytes] = field(default_factory=list)
    """What was sent to every page, even if there was no page."""

    @property
    def clients(self) -> int:
        return len(self.pages)

    def connect(self, client: str = "page") -> list[Json | bytes]:
        """Connect a page; the returned list grows with the messages sent to it."""
        self.pages[client] = list(self.hello())
        return self.pages[client]

    def say(self, message: Mapping[str, Any], client: str = "page") -> None:
        """Send a JSON object from the page."""
        self.received(client, message)

    def leave(self, client: str = "page") -> None:
        del self.pages[client]
        self.gone(client)

    def send(self, message: Json | bytes) -> None:
        self.sent.append(message)
        for page in self.pages.values():
            page.append(message)

    def send_to(self, client: str, message: Json | bytes) -> None:
        if client in self.pages:
            self.pages[client].append(message)

    def dispose(self) -> None:
        self.pages.clear()
        self.close()


class FakeWeb:
    """A ``Web`` without a socket: ``open`` holds what is open, and a path can be in use only once at a time."""

    url = "http://127.0.0.1:8765"

    def __init__(self) -> None:
        self.open: dict[tuple[str, str], Any] = {}
        """(``folder``, ``data``, ``get``, ``post`` or ``channel``; path) -> what serves it."""
        self.ever: list[tuple[str, str]] = []
        """Everything that was ever opened."""

    def folder(self, prefix: str, folder: Path) -> DisposableBase:
        return self._take("folder", prefix, folder)

    def data(self, prefix: str, find: Callable[[str], tuple[bytes, str] | None]) -> DisposableBase:
        return self._take("data", prefix, find)

    def get(self, path: str, answer: Callable[[Mapping[str, str]], Json | Awaitable[Json]]) -> DisposableBase:
        return self._take("get", path, answer)

    def post(
        self, path: str, take: Callable[[Mapping[str, Any]], Json | Awaitable[Json]], *, body_bytes: int = 64 * 1024
    ) -> DisposableBase:
        assert body_bytes >= 1024
        return self._take("post", path, take)

    def channel(
        self,
        path: str,
        *,
        hello: Callable[[], Iterable[Json | bytes]],
        received: Callable[[str, Mapping[str, Any]], None],
        gone: Callable[[str], None],
    ) -> FakeChannel:
        channel = FakeChannel(path, hello, received, gone, lambda: self._release("channel", path))
        self._take("channel", path, channel)
        return channel

    def opened(self, path: str) -> FakeChannel:
        """Return the channel that is open at ``path``."""
        channel: FakeChannel = self.open["channel", path]
        return channel

    def _take(self, kind: str, path: str, what: Any) -> DisposableBase:
        if (kind, path) in self.open:
            raise ValueError(f"{kind} {path} belongs to another node")
        self.open[kind, path] = what
        self.ever.append((kind, path))
        return Disposable(lambda: self._release(kind, path))

    def _release(self, kind: str, path: str) -> None:
        self.open.pop((kind, path), None)
