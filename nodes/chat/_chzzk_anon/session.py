"""Reads the web chat of a channel whenever there is one, across later broadcasts and lost connections."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from random import Random
from typing import Protocol

from nodes.chat._chzzk.backoff import Backoff
from nodes.chat._chzzk.rest import Busy, ChzzkError
from nodes.chat._chzzk.socket import Connect, opened, received
from nodes.chat._chzzk_anon.api import Live, Refused, State, chat_url
from nodes.chat._chzzk_anon.frames import ChatWire, Seen, Took
from nodes.phrases import Phrase, described, noted, phrase, said_by
from nodes.services import Clock, Jobs, Log, Verdicts
from nodes.websocket import Link, Lost
from schemas.chat import RawPayload

POLL_S = 30.0
"""How often to ask whether there is a broadcast, or a new one."""
POLL_TIMEOUT_S = 3.0
"""The longest wait for an answer while chat arrives: no frame is read meanwhile."""
OPEN_S = 10.0
"""The longest time for opening the WebSocket."""
RETRY_S = 300.0
"""Delay until the next attempt if a person has to change something."""

_CLOSED: dict[State, str] = {
    "offline": noted("The CHZZK channel is not live. Its chat is read once it is."),
    "adult": noted("An age-restricted broadcast cannot be read without a login. Use chat.chzzk, which logs in."),
    "restricted": noted("The chat of this broadcast cannot be read without a login. Use chat.chzzk, which logs in."),
    "unknown": noted(
        "CHZZK has no such channel. Check that channel_id is the last 32 characters of its address "
        "(chzzk.naver.com/...)."
    ),
}


def closed(state: State) -> Phrase:
    """Tell why the chat of a channel cannot be read now."""
    return described(_CLOSED[state])


class Api(Protocol):
    """The requests made before connecting; raises only ``ChzzkError``."""

    async def live(self, channel_id: str) -> Live: ...
    async def token(self, chat_id: str) -> str: ...


class AnonReception:
    """Reads one channel for as long as the show runs, and reports each change of its state once."""

    def __init__(
        self,
        channel_id: str,
        url: str,
        api: Api,
        connect: Connect,
        *,
        jobs: Jobs,
        clock: Clock,
        verdicts: Verdicts,
        log: Log,
        chance: Random,
    ) -> None:
        """
        Args:
            url: the WebSocket address, with ``{n}`` for the number of the server.
        """
        self._channel_id = channel_id
        self._url = url
        self._api = api
        self._connect = connect
        self._jobs = jobs
        self._clock = clock
        self._verdicts = verdicts
        self._log = log
        self._seen = Seen()
        self._backoff = Backoff(chance)
        self._state = ""
        self._lost_at: float | None = None

    async def events(self) -> AsyncGenerator[RawPayload]:
        while True:
            delay = 0.0
            try:
                live = await self._api.live(self._channel_id)
                if live.chat_id:
                    async with aclosing(self._chat(live.chat_id)) as events:
                        async for event in events:
                            yield event
                else:
                    delay = self._closed(live.state)
            except (Lost, ChzzkError) as error:
                delay = self._after(error)
            await self._jobs.sleep(delay)

    async def _chat(self, chat_id: str) -> AsyncGenerator[RawPayload]:
        """Read one connection; ends when the channel has another chat."""
        token = await self._api.token(chat_id)
        self._log.hide(token)
        link = await opened(self._connect, chat_url(self._url, chat_id), OPEN_S)
        try:
            wire = ChatWire(self._channel_id, chat_id, token, self._seen, self._clock.now())
            await link.send(wire.hello())
            poll_at = self._clock.now() + POLL_S
            while True:
                frame = await received(link, min(wire.wake_at, poll_at) - self._clock.now())
                if frame is not None:
                    took = wire.receive(frame, self._clock.now())
                    await self._do(took, link)
                    for event in took.events:
                        yield event
                await self._do(wire.due(self._clock.now()), link)
                if self._clock.now() >= poll_at:
                    if await self._moved(chat_id):
                        self._log.info(phrase("A new broadcast has begun at CHZZK; its chat is read now."))
                        return
                    poll_at = self._clock.now() + POLL_S
        finally:
            await link.close()

    async def _do(self, took: Took, link: Link) -> None:
        if took.ended:
            raise Lost(took.ended)
        for kind in took.malformed:
            self._verdicts.malformed(kind)
        if took.accepted:
            self._receiving()
        if took.send:
            await link.send(took.send)

    async def _moved(self, chat_id: str) -> bool:
        """Return whether the channel has another chat by now; no answer counts as no."""
        try:
            async with asyncio.timeout(POLL_TIMEOUT_S):
                live = await self._api.live(self._channel_id)
        except (TimeoutError, ChzzkError):
            return False
        return live.chat_id not in ("", chat_id)

    def _receiving(self) -> None:
        self._backoff.reset()
        self._log.well("chat")
        if self._state != "receiving":
            self._state = "receiving"
            if self._lost_at is None:
                self._log.info(phrase("CHZZK chat is read without a login. That is unofficial and may end any day."))
            else:
                gone_s = round(self._clock.now() - self._lost_at, 1)
                text = phrase("CHZZK chat is read again, after {seconds} s.", seconds=f"{gone_s:g}")
                self._log.info(text, gone_s=gone_s)
        self._lost_at = None

    def _closed(self, state: State) -> float:
        self._backoff.reset()
        self._lost_at = None
        self._say(state, closed(state))
        return RETRY_S if state == "unknown" else POLL_S

    def _after(self, error: Lost | ChzzkError) -> float:
        """Report what happened and return the seconds until the next attempt."""
        if self._lost_at is None:
            self._lost_at = self._clock.now()
        delay = self._backoff.wait()
        if isinstance(error, Refused):
            self._say("refused", said_by(error))
            return RETRY_S
        self._say("lost", phrase("Connecting to CHZZK chat again: {why}", why=said_by(error)))
        return max(delay, min(error.retry_after_s, RETRY_S)) if isinstance(error, Busy) else delay

    def _say(self, state: str, text: str) -> None:
        if state != self._state:
            self._state = state
            self._log.trouble("chat", text)
