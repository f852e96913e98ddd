"""Implements the line over NATS. Source: docs.nats.io, reference: NATS JetStream API; tried on nats-server 2.15."""

import asyncio
import contextlib
import importlib
import json
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

from nodes.bus._connect import StoredLetter, connect
from nodes.bus._consumers import ANSWER_S, Consumers, Patience
from nodes.bus._errors import Away, Full
from nodes.bus._settings import Bus
from nodes.bus._streams import FRESH_S, IN_FLIGHT, ROOM, name_of, stream
from nodes.phrases import phrase
from nodes.services import Jobs

SETTLE_S = 0.5
"""Wait after a reconnect before writing: a stream without readers keeps nothing, so readers go first."""
SILENCE_S = 2.5
"""A server that is silent for this long counts as gone; its heartbeat comes once a second."""
_FULL = {10047, 10077}
"""Error codes of the server: storage or memory is used up; a limit of the stream is reached."""


class NatsLine:
    """A ``Line`` that connects on first use and keeps trying for ever."""

    def __init__(self, config: Bus, jobs: Jobs) -> None:
        self._config = config
        self._jobs = jobs
        self._client: Any = None
        self._js: Any = None
        self._api: Any = None
        self._connecting = asyncio.Lock()
        self._asking: set[asyncio.Queue[Any]] = set()
        """The queues on which readers wait."""
        self._hearing: set[asyncio.Queue[Any]] = set()
        """The queues on which listeners wait."""
        self._settled = 0.0
        """When all readers have had time to come back (loop time)."""
        self._patience = Patience(config.replicas)
        self._consumers: Any = None
        self.lives = 0
        self._ahead: float | None = None
        """The server's time at loop time 0; None if the server must be asked."""

    async def keep(self, subject: str, kind: str, body: bytes, headers: Mapping[str, str]) -> None:
        client = await self._connected()
        if kind == "block" and asyncio.get_running_loop().time() < self._settled:
            raise Away("not settled")
        try:
            await self._js.publish(subject, body, timeout=ANSWER_S, headers=dict(headers))
        except self._errors.NoStreamResponseError:
            await self._make(kind)
            raise Away("no stream") from None
        except self._errors.APIError as error:
            if error.err_code in _FULL or "maximum" in str(error.description):
                raise Full(str(error.description)) from None
            raise Away(str(error)) from None
        except self._troubles(client) as error:
            raise Away(repr(error)) from None

    async def say(self, subject: str, body: bytes, headers: Mapping[str, str]) -> None:
        with contextlib.suppress(Away):
            client = await self._connected()
            with contextlib.suppress(*self._troubles(client)):
                await client.publish(subject, body, headers=dict(headers))

    async def hear(self, subject: str) -> AsyncIterator[Any]:
        client = await self._connected()
        newest: asyncio.Queue[Any] = asyncio.Queue()

        async def take(message: Any) -> None:
            if newest.qsize() >= ROOM:
                newest.get_nowait()
            newest.put_nowait(message)

        try:
            heard = await client.subscribe(subject, cb=take)
        except self._troubles(client) as error:
            raise Away(repr(error)) from None
        self._hearing.add(newest)
        try:
            while (message := await newest.get()) is not None:
                yield StoredLetter(message, 0)
            raise Away("connection replaced")
        finally:
            self._hearing.discard(newest)
            await self._leave(heard)

    async def read(self, subject: str, kind: str, reader: str, since: int | None) -> AsyncIterator[Any]:
        client = await self._connected()
        coming: asyncio.Queue[Any] = asyncio.Queue()
        inbox = client.new_inbox()
        heard: Any = None
        try:
            await self._make(kind)
            heard = await client.subscribe(inbox, cb=coming.put)
            self._asking.add(coming)
            consumer, left = await self._consumers.make(client, self._stream(kind), subject, kind, reader, since)
            async for letter in self._pulled(kind, consumer, inbox, coming, left):
                yield letter
        except (self._errors.Error, *self._troubles(client)) as error:
            raise Away(repr(error)) from None
        finally:
            self._asking.discard(coming)
            if heard is not None:
                await self._leave(heard)

    async def now(self) -> float:
        client = await self._connected()
        loop = asyncio.get_running_loop()
        if self._ahead is None:
            try:
                await self._make("block")
                asked = loop.time()
                answer = await client.request(f"$JS.API.STREAM.INFO.{self._stream('block')}", b"", timeout=ANSWER_S)
                told = datetime.fromisoformat(str(json.loads(answer.data)["ts"])[:26].rstrip("Z") + "+00:00")
            except (self._errors.Error, *self._troubles(client), KeyError, ValueError) as error:
                raise Away(repr(error)) from None
            self._ahead = told.timestamp() - (asked + loop.time()) / 2
        return self._ahead + loop.time()

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(*self._troubles(client)):
                async with asyncio.timeout(ANSWER_S):
                    await client.close()

    # The connection.

    def _troubles(self, client: Any) -> tuple[type[Exception], ...]:  # noqa: ARG002
        return (self._nats.errors.Error, OSError, TimeoutError, asyncio.InvalidStateError)

    async def _connected(self) -> Any:
        async with self._connecting:
            if self._client is None or self._client.is_closed:
                # the library closes the connection for good after a server error such as a changed password
                replaced = self._client is not None
                await self._connect()
                if replaced:
                    await self._again()
                    for heard in self._hearing:
                        heard.put_nowait(None)
            client = self._client
        if client is None or not client.is_connected:
            raise Away("not connected")
        return client

    async def _connect(self) -> None:
        try:
            self._nats = await self._jobs.thread(importlib.import_module, "nats")
            self._api = await self._jobs.thread(importlib.import_module, "nats.js.api")
            self._errors = await self._jobs.thread(importlib.import_module, "nats.js.errors")
        except ImportError:
            install = "pip install -r requirements-bus.txt"
            raise ModuleNotFoundError(
                phrase("a graph on several computers needs `{install}`", install=install)
            ) from None
        self._consumers = self._consumers or Consumers(self._api, self._errors, self._patience)
        client = await connect(self._nats, self._config, self._jobs, self._again)
        self._client, self._ahead = client, None
        self._js = client.jetstream(timeout=ANSWER_S)

    async def _again(self) -> None:
        """Handle a reconnect, perhaps to a server that has lost what it had in memory."""
        self._ahead = None
        self.lives += 1
        self._settled = asyncio.get_running_loop().time() + SETTLE_S
        for coming in self._asking:
            coming.put_nowait(None)

    async def _leave(self, heard: Any) -> None:
        client = self._client
        if client is not None and client.is_connected:
            with contextlib.suppress(*self._troubles(client)):
                await heard.unsubscribe()

    # Streams and readers.

    def _stream(self, kind: str) -> str:
        return name_of(self._config.graph, kind)

    async def _make(self, kind: str) -> None:
        """Make sure that the stream of a class exists."""
        config = stream(self._api, self._config.graph, kind, self._config.replicas)
        try:
            with self._patience.of(config.name) as seconds:
                await self._client.jetstream(timeout=seconds).add_stream(config)
        except self._errors.BadRequestError:  # it exists with other limits, which an operator may have set
            pass
        except (self._errors.Error, *self._troubles(None)) as error:
            raise Away(repr(error)) from None

    async def _pulled(
        self, kind: str, consumer: str, inbox: str, coming: "asyncio.Queue[Any]", left: int
    ) -> AsyncIterator[Any]:
        """Yield letters as they come; some are always requested in advance, so that none waits for a request."""
        client, next_ = self._client, f"$JS.API.CONSUMER.MSG.NEXT.{self._stream(kind)}.{consumer}"
        asked = 0
        if not left:
            yield None
        while True:
            if asked <= IN_FLIGHT // 2:
                more = IN_FLIGHT - asked
                wish = {"batch": more, "expires": int(FRESH_S * 1e9), "idle_heartbeat": int(1e9)}
                await client.publish(next_, json.dumps(wish).encode(), reply=inbox)
                asked += more
            async with asyncio.timeout(SILENCE_S):
                message = await coming.get()
            if message is None:
                raise Away("connected again")
            headers: dict[str, str] = message.headers or {}
            status = headers.get("Status")
            if status is None:
                asked -= 1
                yield StoredLetter(message, message.metadata.sequence.stream)
                if left:
                    left -= 1
                    if not left:
                        yield None
            elif status in ("404", "408"):
                asked = 0
            elif status != "100":
                raise Away(f"{status} {headers.get('Description', '')}")
