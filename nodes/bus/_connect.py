"""Connects a line to NATS, and wraps the messages that it delivers."""

import contextlib
import ssl
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from nodes.bus._errors import Away
from nodes.bus._settings import Bus
from nodes.phrases import phrase
from nodes.services import Jobs


async def connect(nats: Any, config: Bus, jobs: Jobs, again: Callable[[], Awaitable[None]]) -> Any:
    """Return a connected client; it keeps reconnecting by itself, for ever, and calls ``again`` after each reconnect.

    Args:
        nats: the module ``nats``, which is imported late.

    Raises:
        Away: no server can be reached now.
        PermissionError: the server does not let this user in.
    """
    client = nats.NATS()
    options: dict[str, Any] = {}
    if config.user:
        options |= {"user": config.user, "password": config.password.get_secret_value()}
    if config.ca:
        options["tls"] = await jobs.thread(_trusting, config.ca)
    try:
        await client.connect(
            [server.strip() for server in config.servers.split(",") if server.strip()],
            name=f"aischoco {config.graph} {config.place}",
            allow_reconnect=False,  # the library's own initial connect loop never ends and cannot be cancelled
            max_reconnect_attempts=1,
            connect_timeout=1,
            reconnect_time_wait=0.2,
            ping_interval=2,
            max_outstanding_pings=2,
            error_cb=_nothing,
            reconnected_cb=again,
            **options,
        )
    except (nats.errors.Error, OSError, TimeoutError) as error:
        await _close(client)
        if "authorization" in str(error).lower():
            text = phrase("the NATS server does not let us in: check NATS_USER and NATS_PASSWORD in .env")
            raise PermissionError(text) from None
        raise Away(repr(error)) from None
    client.options |= {"allow_reconnect": True, "max_reconnect_attempts": -1}
    return client


class StoredLetter:
    """A ``Letter`` that came over NATS."""

    def __init__(self, message: Any, sequence: int) -> None:
        self._message = message
        self.sequence = sequence

    @property
    def body(self) -> bytes:
        return self._message.data

    @property
    def headers(self) -> Mapping[str, str]:
        return self._message.headers or {}

    async def ack(self) -> None:
        client = self._message._client  # a letter that cannot be acknowledged now is delivered again
        if client.is_connected:
            await self._message.ack()


async def _close(client: Any) -> None:
    with contextlib.suppress(Exception):
        await client.close()


async def _nothing(_: Exception) -> None:
    """Ignore errors here: they are handled where they matter."""


def _trusting(ca: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca)
