"""The one local web server of a run: serves pages, JSON and WebSockets to this machine.

It is guarded against rebound names and other web pages (``graphs.engine.web.guard``), injected scripts
(``graphs.engine.web.answers``), pages that do not read (bounded queues, ``graphs.engine.web.sockets``), clients that
send no request (``nodes.patience``) and, if other machines can reach it, other people (``graphs.engine.web.access``).
Orders from outside of its pages need a key of their own (``graphs.engine.web.remote``).
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from reactivex.abc import DisposableBase
from reactivex.disposable import CompositeDisposable, Disposable

from graphs.engine.web import answers
from graphs.engine.web.access import Access
from graphs.engine.web.guard import Guard, unspecified
from graphs.engine.web.private import Private, anybody
from graphs.engine.web.remote import Remote
from graphs.engine.web.requests import asked, body
from graphs.engine.web.sockets import Client, PageChannel
from graphs.engine.web.table import READ, Around, Table, same
from nodes.loopback import is_loopback
from nodes.patience import Listener
from nodes.phrases import phrase, reason_of
from nodes.services import Channel, Json, Log

if TYPE_CHECKING:
    from aiohttp.web import Request, StreamResponse

T = TypeVar("T")

CLIENTS = 64
BODY_BYTES = 64 * 1024
MESSAGE_BYTES = 4 * 1024
"""The longest message that a page may send, in bytes."""
HEARTBEAT_S = 10.0
CLOSE_S = 0.2
"""A closing handshake may take at most this many seconds."""


class LocalWeb:
    """Implements the ``Web`` service (see nodes.services); routes can be added and removed while it runs."""

    def __init__(
        self,
        host: str,
        port: int,
        log: Log,
        *,
        root: Path | None = None,
        key: str = "",
        remote_key: str = "",
        remote_desk: bool = False,
        around: Around = same,
    ) -> None:
        """
        Args:
            port: 0 for any free one; ``url`` contains the one in use.
            root: the project folder; folders to serve are relative to it.
            key: what another machine has to send; empty to have one made for this run.
            remote_key: what a button or script has to send with an order; empty to take none from them.
            remote_desk: whether other machines, with the key, may see and change settings.
            around: each request runs in what this makes of its coroutine.

        Raises:
            ValueError: a key is too short, or not one that can be sent.
        """
        self._guard = Guard(host)
        self.token = self._guard.token
        """What a POST must carry in ``X-Token``; in an HTML page it replaces ``{{token}}``."""
        self.private = Private(self.token, remote=remote_desk)
        """Which requests ``may`` see or change settings."""
        self.access = Access(key, tell=self._guessed)
        self.remote = Remote(remote_key, tell=log.warning)
        self._host = host
        self._port = port
        self._around = around
        self._log = log
        self._root = root or Path()
        self._folders: list[str] = []
        self._table = Table(_shared)
        self._clients: set[Client] = set()
        self._listener: Listener | None = None
        self.get("/health", lambda _: {"ok": True})

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
        from graphs.engine.web.application import application

        if self._listener is not None:
            return
        app = application(self._table, self._refuse, self._failed, self._around, BODY_BYTES)
        listener = Listener(app, shutdown_timeout=CLOSE_S)
        try:
            self._port = await listener.open(self._host, self._port)
        except OSError as error:
            raise OSError(
                error.errno,
                phrase(
                    "cannot listen on {address} ({why}): is another copy running? Close it, or set OVERLAY_PORT to a "
                    "free port",
                    address=f"{self._host}:{self._port}",
                    why=reason_of(error),
                ),
            ) from error
        self._listener = listener
        if not is_loopback(self._host):
            self._log.warning(
                phrase(
                    "the pages at {address} can be reached from other machines (OVERLAY_HOST={host})",
                    address=self.url,
                    host=self._host,
                )
            )

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
            phrase("wrong keys (OVERLAY_KEY) keep coming from {machine}; what it tries is slowed down", machine=machine)
        )

    def folder(self, prefix: str, folder: Path) -> DisposableBase:
        """Serve the files of ``folder`` under ``prefix``.

        Raises:
            ValueError: the prefix is taken, or there is no such folder.
        """
        root = (self._root / folder).resolve()
        if not root.is_dir():
            raise ValueError(phrase("there is no folder {folder} to serve at {prefix}", folder=folder, prefix=prefix))
        prefix = prefix.rstrip("/")

        async def answered(request: "Request") -> "StreamResponse":
            from aiohttp import web

            if request.path == prefix and prefix:
                raw = request.rel_url.raw_query_string  # not decoded: a line break in it stays %0A
                query = f"?{raw}" if raw else ""
                return web.Response(status=308, headers={"Location": f"{prefix}/{query}"})
            found = answers.file(root, request.path.removeprefix(f"{prefix}/"), self.token)
            return answers.shared(request.path) if found.status == 404 else found

        route = self._table.below(prefix, answered)
        self._folders.append(prefix)
        return CompositeDisposable(route, Disposable(lambda: self._folders.remove(prefix)))

    def data(self, prefix: str, find: Callable[[str], tuple[bytes, str] | None]) -> DisposableBase:
        async def answered(request: "Request") -> "StreamResponse":
            found = find(request.path.removeprefix(prefix).removeprefix("/"))
            return answers.plain(404, phrase("there is no such picture")) if found is None else answers.data(*found)

        return self._table.below(prefix, answered)

    def get(
        self,
        path: str,
        answer: Callable[[Mapping[str, str]], Json | Awaitable[Json]],
        *,
        may: Callable[["Request"], None] = anybody,
    ) -> DisposableBase:
        async def answered(request: "Request") -> "StreamResponse":
            may(request)
            response = answers.as_json(200, await asked(answer, request.query), request.query)
            if may is not anybody:
                response.headers["Cache-Control"] = "no-store"
            return response

        return self._table.at(path, answered, *READ)

    def text(self, path: str, type_: str, answer: Callable[[], str]) -> DisposableBase:
        """Answer GET with unmodified text; ``type_`` is its Content-Type."""

        async def answered(_: "Request") -> "StreamResponse":
            from aiohttp import web

            return web.Response(body=answer().encode(), headers={"Content-Type": type_})

        return self._table.at(path, answered, *READ)

    def post(
        self,
        path: str,
        take: Callable[[Mapping[str, Any]], Json | Awaitable[Json]],
        *,
        body_bytes: int = BODY_BYTES,
        may: Callable[["Request"], None] = anybody,
    ) -> DisposableBase:
        async def answered(request: "Request") -> "StreamResponse":
            may(request)
            content = await asked(take, await body(request.clone(client_max_size=body_bytes)))
            return answers.as_json(200, content, request.query)

        return self._table.at(path, answered, "POST")

    def channel(
        self,
        path: str,
        *,
        hello: Callable[[], Iterable[Json | bytes]],
        received: Callable[[str, Mapping[str, Any]], None],
        gone: Callable[[str], None],
    ) -> Channel:
        channel = PageChannel(hello, received, gone, self._log)

        async def answered(request: "Request") -> "StreamResponse":
            return await self._connect(request, channel)

        channel.removed = self._table.at(path, answered, *READ)
        return channel

    def _refuse(self, request: "Request") -> "StreamResponse | None":
        refusal = self._refusal(request)
        return self.access.enter(request) if refusal is None else answers.plain(*refusal)

    def _refusal(self, request: "Request") -> tuple[int, str] | None:
        if not self.remote.concerns(request):
            return self._guard.refuse(request, self._port) or (None if self.local else self.access.refuse(request))
        foreign = self._guard.refuse_foreign(request, self._port)
        if foreign is None:
            return self.remote.refuse(request)
        self.remote.refused(request, foreign[1])
        return foreign

    def _failed(self, request: "Request", error: Exception) -> None:
        self._log.warning(f"{request.method} {request.path} failed: {error!r}")

    async def _connect(self, request: "Request", channel: "PageChannel") -> "StreamResponse":
        from aiohttp import web

        if len(self._clients) >= CLIENTS:
            return answers.plain(503, phrase("{count} pages are connected; close some", count=CLIENTS))
        socket = web.WebSocketResponse(
            heartbeat=HEARTBEAT_S, max_msg_size=MESSAGE_BYTES, compress=False, timeout=CLOSE_S
        )
        if not socket.can_prepare(request):
            return answers.plain(426, phrase("this address is a WebSocket"))
        client = Client(socket, request)
        self._clients.add(client)
        try:
            await socket.prepare(request)
            await channel.serve(client)
        finally:
            self._clients.discard(client)
            client.over.set_result(None)
        return socket


async def _shared(request: "Request") -> "StreamResponse":
    return answers.shared(request.path)
