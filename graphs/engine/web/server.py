"""The one local web server of a run: serves pages, JSON and WebSockets to this machine, behind one catch-all handler.

It is guarded against rebound names and other web pages (``graphs.engine.web.guard``), injected scripts
(``graphs.engine.web.answers``), pages that do not read (bounded queues, ``graphs.engine.web.sockets``), clients that
send no request (``nodes.patience``) and, if other machines can reach it, other people (``graphs.engine.web.access``).
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from reactivex.abc import DisposableBase
from reactivex.disposable import Disposable

from graphs.engine.web import answers
from graphs.engine.web.access import Access
from graphs.engine.web.guard import Guard, unspecified
from graphs.engine.web.sockets import Client, PageChannel
from nodes.loopback import is_loopback
from nodes.patience import BODY_S, Listener
from nodes.services import Channel, Json, Log

if TYPE_CHECKING:
    from aiohttp.web import Request, Response, StreamResponse

CLIENTS = 64
BODY_BYTES = 64 * 1024
MESSAGE_BYTES = 4 * 1024
"""The longest message that a page may send, in bytes."""
HEARTBEAT_S = 10.0
CLOSE_S = 0.2
"""A closing handshake may take at most this many seconds."""


class _Text(NamedTuple):
    text: str
    type: str


class LocalWeb:
    """Implements the ``Web`` service (see nodes.services); routes can be added and removed while it runs."""

    def __init__(self, host: str, port: int, log: Log, *, root: Path | None = None, key: str = "") -> None:
        """
        Args:
            port: 0 for any free one; ``url`` contains the one in use.
            root: the project folder; folders to serve are relative to it.
            key: what another machine has to send; empty to have one made for this run.

        Raises:
            ValueError: the key is too short.
        """
        self._guard = Guard(host)
        self.token = self._guard.token
        """What a POST must carry in ``X-Token``; in an HTML page it replaces ``{{token}}``."""
        self.access = Access(key, tell=self._guessed)
        self._host = host
        self._port = port
        self._log = log
        self._root = root or Path()
        self._folders: dict[str, Path] = {}
        self._data: dict[str, Callable[[str], tuple[bytes, str] | None]] = {}
        self._gets: dict[str, Callable[[Mapping[str, str]], Json | _Text | Awaitable[Json]]] = {
            "/health": lambda _: {"ok": True}
        }
        self._posts: dict[str, Callable[[Mapping[str, Any]], Json]] = {}
        self._channels: dict[str, PageChannel] = {}
        self._clients: set[Client] = set()
        self._listener: Listener | None = None

    @property
    def started(self) -> bool:
        """Whether the server listens."""
        return self._listener is not None

    @property
    def url(self) -> str:
        host = "127.0.0.1" if unspecified(self._host) else self._host
        return f"http://[{host}]:{self._port}" if ":" in host else f"http://{host}:{self._port}"

    @property
    def pages(self) -> list[str]:
        """The addresses of the pages that are served now."""
        return [f"{prefix}/" for prefix in self._folders]

    @property
    def everywhere(self) -> bool:
        """Whether the server listens on every address of this machine; ``url`` then works on this machine only."""
        return unspecified(self._host)

    @property
    def local(self) -> bool:
        """Whether only this machine can reach the server."""
        return is_loopback(self._host)

    async def start(self) -> None:
        """Start to listen; do nothing if the server already listens.

        Raises:
            OSError: the port is not available; the text names the remedy.
        """
        from aiohttp import web

        if self._listener is not None:
            return
        app = web.Application(client_max_size=BODY_BYTES)
        app.router.add_route("*", "/{path:(?s:.*)}", self._handle)
        listener = Listener(app, shutdown_timeout=CLOSE_S)
        try:
            self._port = await listener.open(self._host, self._port)
        except OSError as error:
            raise OSError(
                error.errno,
                f"cannot listen on {self._host}:{self._port} ({error.strerror or error}): "
                "is another copy running? Close it, or set OVERLAY_PORT to a free port",
            ) from error
        self._listener = listener
        if not is_loopback(self._host):
            self._log.warning(f"the pages at {self.url} can be reached from other machines (OVERLAY_HOST={self._host})")

    async def stop(self) -> None:
        """Close every page's connection and stop listening; routes are kept for another ``start``."""
        listener, self._listener = self._listener, None
        if listener is None:
            return
        for client in self._clients:
            client.finish()
        if self._clients:
            await asyncio.wait([client.over for client in self._clients], timeout=CLOSE_S)
        for client in self._clients:
            client.abort()
        await listener.close()

    def _guessed(self, machine: str) -> None:
        self._log.warning(
            f"{machine} 에서 틀린 열쇠(OVERLAY_KEY)를 거듭 보내 그 기기의 시도를 늦춥니다 "
            f"(wrong keys from there are slowed down)"
        )

    def folder(self, prefix: str, folder: Path) -> DisposableBase:
        """Serve the files of ``folder`` under ``prefix``.

        Raises:
            ValueError: the prefix is taken, or there is no such folder.
        """
        root = (self._root / folder).resolve()
        if not root.is_dir():
            raise ValueError(f"there is no folder {folder} to serve at {prefix}")
        return self._add(self._folders, prefix.rstrip("/"), root)

    def data(self, prefix: str, find: Callable[[str], tuple[bytes, str] | None]) -> DisposableBase:
        return self._add(self._data, prefix, find)

    def get(self, path: str, answer: Callable[[Mapping[str, str]], Json | Awaitable[Json]]) -> DisposableBase:
        return self._add(self._gets, path, answer)

    def text(self, path: str, type_: str, answer: Callable[[], str]) -> DisposableBase:
        """Answer GET with unmodified text; ``type_`` is its Content-Type."""

        def told(_: Mapping[str, str]) -> _Text:
            return _Text(answer(), type_)

        return self._add(self._gets, path, told)

    def post(self, path: str, take: Callable[[Mapping[str, Any]], Json]) -> DisposableBase:
        return self._add(self._posts, path, take)

    def channel(
        self,
        path: str,
        *,
        hello: Callable[[], Iterable[Json | bytes]],
        received: Callable[[str, Mapping[str, Any]], None],
        gone: Callable[[str], None],
    ) -> Channel:
        channel = PageChannel(hello, received, gone, self._log)
        channel.removed = self._add(self._channels, path, channel)
        return channel

    def _add(self, routes: dict[str, Any], path: str, to: Any) -> DisposableBase:
        if path in routes:
            raise ValueError(f"two nodes want the address {path or '/'}; give one of them another")
        routes[path] = to
        return Disposable(lambda: routes.pop(path, None))

    async def _handle(self, request: "Request") -> "StreamResponse":
        from aiohttp import web

        refusal = self._guard.refuse(request, self._port) or (None if self.local else self.access.refuse(request))
        if refusal is not None:
            return answers.secure(answers.plain(*refusal))
        entered = self.access.enter(request)
        if entered is not None:
            return answers.secure(entered)
        channel = self._channels.get(request.path)
        if channel is not None:
            return await self._connect(request, channel)
        try:
            return answers.secure(answers.for_a_person(request, await self._answer(request)))
        except web.HTTPException as error:  # raised by aiohttp itself, for example for a body that is too large
            return answers.secure(answers.plain(error.status, error.reason))
        except Exception as error:
            self._log.warning(f"{request.method} {request.path} failed: {error!r}")
            return answers.secure(answers.plain(500, "the server failed on this request; its log says why"))

    async def _answer(self, request: "Request") -> "StreamResponse":
        from aiohttp import web

        path = request.path
        if request.method == "POST":
            take = self._posts.get(path)
            return answers.plain(404, "nothing takes this here") if take is None else await _take(request, take)
        if request.method not in ("GET", "HEAD"):
            return answers.plain(405, "GET or POST only")
        answer = self._gets.get(path)
        if answer is not None:
            try:
                content = answer(request.query)
                if isinstance(content, Awaitable):
                    content = await content
            except ValueError as error:
                return answers.plain(400, str(error))
            if isinstance(content, _Text):
                return web.Response(body=content.text.encode(), headers={"Content-Type": content.type})
            return answers.as_json(200, content)
        for prefix, find in self._data.items():
            if path.startswith(f"{prefix}/"):
                found = find(path[len(prefix) + 1 :])
                return answers.plain(404, "there is no such picture") if found is None else answers.data(*found)
        for prefix in sorted(self._folders, key=len, reverse=True):
            if path == prefix and prefix:
                raw = request.rel_url.raw_query_string  # not decoded: a line break in it stays %0A
                query = f"?{raw}" if raw else ""
                return web.Response(status=308, headers={"Location": f"{prefix}/{query}"})
            if path.startswith(f"{prefix}/"):
                found = answers.file(self._folders[prefix], path[len(prefix) + 1 :], self.token)
                return answers.shared(path) if found.status == 404 else found
        return answers.shared(path)

    async def _connect(self, request: "Request", channel: "PageChannel") -> "StreamResponse":
        from aiohttp import web

        if len(self._clients) >= CLIENTS:
            return answers.secure(answers.plain(503, f"{CLIENTS} pages are connected; close some"))
        socket = web.WebSocketResponse(
            heartbeat=HEARTBEAT_S, max_msg_size=MESSAGE_BYTES, compress=False, timeout=CLOSE_S
        )
        if not socket.can_prepare(request):
            return answers.secure(answers.plain(426, "this address is a WebSocket"))
        client = Client(socket, request)
        self._clients.add(client)
        try:
            await socket.prepare(request)
            await channel.serve(client)
        finally:
            self._clients.discard(client)
            client.over.set_result(None)
        return socket


async def _take(request: "Request", take: Callable[[Mapping[str, Any]], Json]) -> "Response":
    if request.content_type != "application/json":
        return answers.plain(415, "send application/json")
    try:
        async with asyncio.timeout(BODY_S):
            said = json.loads(await request.read())
    except TimeoutError:
        return answers.plain(408, "the body did not come in time")
    except (ValueError, RecursionError):
        return answers.plain(400, "this is not JSON")
    if not isinstance(said, dict):
        return answers.plain(400, "send a JSON object")
    try:
        return answers.as_json(200, take(cast(dict[str, Any], said)))
    except ValueError as error:
        return answers.plain(400, str(error))
