"""``chat.send``: writes the character's answers in the chat."""

import asyncio
from collections import deque
from typing import Annotated, Never

from pydantic import Field
from reactivex import Observable
from reactivex.abc import DisposableBase, ObserverBase, SchedulerBase
from reactivex.disposable import CompositeDisposable

from nodes import node
from nodes.chat._chzzk.account import Busy, ChzzkError
from nodes.chat._chzzk.credentials import Credentials
from nodes.phrases import phrase, said_by
from nodes.services import Clock, Jobs, Log
from schemas.reply import Sentence
from schemas.settings import Live

LIMIT = 100
"""How many characters CHZZK accepts in a message."""
EVERY_S = 2.0
"""The shortest time between two messages, in seconds."""
ECHO_S = 60.0
"""A message that comes back from the chat within this time may be our own."""


class Sent:
    """What was written in the chat in the last minute, so that it is recognized when it comes back."""

    def __init__(self) -> None:
        self._lines: deque[tuple[float, str, str]] = deque(maxlen=64)

    def add(self, channel_id: str, text: str, now: float) -> None:
        """Record that the account of ``channel_id`` is about to write ``text``."""
        self._lines.append((now, channel_id, _plain(text)))

    def echo(self, sender_id: str, text: str, now: float) -> bool:
        """Return whether we wrote this message; each matches only once, so that the streamer may say the same."""
        for line in self._lines:
            at, channel_id, ours = line
            if 0 <= now - at <= ECHO_S and channel_id == sender_id and ours == _plain(text):
                self._lines.remove(line)
                return True
        return False


SENT = Sent()
"""What this program wrote: ``chat.send`` adds to it, ``chat.filter`` checks against it."""


class Send(Credentials):
    """Settings of ``chat.send``."""

    enabled: Annotated[bool, Live()] = Field(
        default=True,
        title="Write answers into chat",
        description="Write answers to the chat. It can be changed on air.",
    )


@node("chat.send")
def send(config: Send, sentence: Observable[Sentence], *, jobs: Jobs, clock: Clock, log: Log) -> Observable[Never]:
    """Write each answer into the CHZZK chat: one message a turn, 100 characters at most, one in two seconds.

    A longer answer is cut at a word and ends in ``…``. A turn that is cut off is not written. While the service is
    slow or asks for a pause, only the newest answer waits. A failure is logged and stops nothing; the same failure is
    logged once until a message gets through, and its answer is not retried.
    """

    def subscribe(observer: ObserverBase[Never], scheduler: SchedulerBase | None = None) -> DisposableBase:
        writer = _Writer(config, jobs, clock, log)
        turn = ""
        parts: list[str] = []

        def take(event: Sentence) -> None:
            nonlocal turn
            if event.turn != turn:
                turn = event.turn
                parts.clear()
            parts.append(event.text)
            if event.last:
                writer.put(clipped(" ".join(parts)))
                parts.clear()

        return CompositeDisposable(
            jobs.beside(writer.run, to_the_end=True).subscribe(observer, scheduler=scheduler),
            sentence.subscribe(take, observer.on_error, writer.end, scheduler=scheduler),
        )

    return Observable(subscribe)


class _Writer:
    """Writes one message after the other; a newer waiting message replaces the one before."""

    def __init__(self, config: Send, jobs: Jobs, clock: Clock, log: Log) -> None:
        self._config = config
        self._jobs = jobs
        self._clock = clock
        self._log = log
        self._account = config.account(log)
        self._channel_id = ""
        self._waiting = ""
        self._filled = asyncio.Event()
        self._not_before = 0.0
        self._ended = False

    def put(self, text: str) -> None:
        self._waiting = text
        self._filled.set()

    def end(self) -> None:
        """Accept no more messages; a waiting one is still written."""
        self._ended = True
        self._filled.set()

    async def run(self) -> None:
        """Write messages until the end, then close."""
        try:
            while self._waiting or not self._ended:
                await self._filled.wait()
                self._filled.clear()
                await self._write()
        finally:
            await self._account.close()

    async def _write(self) -> None:
        await self._jobs.sleep(max(0.0, self._not_before - self._clock.now()))
        text, self._waiting = self._waiting, ""
        if not text or not self._config.enabled:
            return
        self._not_before = self._clock.now() + EVERY_S
        try:
            if not self._channel_id:
                self._channel_id, _ = await self._account.me()
            SENT.add(self._channel_id, text, self._clock.now())
            await self._account.send_chat(text)
            self._log.well("chat")
        except ChzzkError as error:
            wait = {"seconds": error.retry_after_s} if isinstance(error, Busy) else {}
            self._not_before = self._clock.now() + wait.get("seconds", EVERY_S)
            self._log.trouble("chat", phrase("The chat could not be written to. {why}", why=said_by(error)), **wait)


def clipped(text: str, limit: int = LIMIT) -> str:
    """Return the text on one line; if it is longer than ``limit`` it is cut after a word and ends in ``…``.

    An emoji counts as two, as in Java and JavaScript: how CHZZK counts is not documented.
    """
    text = _plain(text)
    head = _head(text, limit)
    if head == text:
        return text
    # The head is one longer than fits beside the ``…``: a space there means that a word ends.
    words = head[: head.rfind(" ")] if " " in head[limit // 2 :] else _head(head, limit - 1)
    return words.rstrip(" ,.") + "…"


def _head(text: str, units: int) -> str:
    return text.encode("utf-16-le", "replace")[: 2 * units].decode("utf-16-le", "ignore")


def _plain(text: str) -> str:
    return " ".join(text.split())
