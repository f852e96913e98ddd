"""What ``llm.reply`` does besides answering: warm connections, summaries and files, and what it does at the end."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from nodes.llm._loading import Loading
from nodes.llm._memory.memory import Memory
from nodes.llm._memory.opened import Opened, open_memory
from nodes.llm._model.answer import Answer
from nodes.llm._model.chat_api import ChatApi
from nodes.llm._model.chat_wire import Refused
from nodes.llm._model.limits import Limits
from nodes.llm._model.traits import Traits
from nodes.llm._settings import OPTIONAL, Reply
from nodes.phrases import phrase
from nodes.services import Log, Worker

LOOK_S = 10.0
"""How often to look for something to write while no turn ends."""
QUIET_S = 60.0
"""After this long without a request, one is made to keep the connection open."""
KEEP_LOADED_S = 240.0
"""Ollama unloads a model after 5 minutes without a request."""
SUMMARY_S = 30.0
SUMMARY_TOKENS = 600
SUMMARY_CHARS = 4_000
"""Read at most this many characters of a summary."""


class Background:
    """``tend`` runs while batches come; ``finish`` waits for the last turn, saves it and closes the client."""

    def __init__(
        self,
        config: Reply,
        memory: Memory,
        api: ChatApi,
        limits: Limits,
        loading: Loading,
        traits: dict[str, Traits],
        worker: Worker,
        log: Log,
        *,
        secret: Callable[[str], bool],
        on_air: bool = False,
    ) -> None:
        """
        Args:
            secret: whether a text contains a key of this run; a summary that does is not kept.
            on_air: the show is running already; loading must not be heard.
        """
        self._config = config
        self._memory = memory
        self._api = api
        self._limits = limits
        self._loading = loading
        self._traits = traits
        self._worker = worker
        self._on_air = on_air
        self._secret = secret
        self._log = log
        self._due = asyncio.Event()
        self._drained = asyncio.Event()
        self.quiet_s = 0.0
        """Seconds since the last request."""
        self._idle_s = 0.0
        """Seconds since the last request for an answer."""
        self.unauthorised = False
        """There is no key, or the server does not accept it: nothing is asked."""

    def turned(self) -> None:
        """Note that a turn is over."""
        self.quiet_s = self._idle_s = 0.0
        self._due.set()

    def drained(self) -> None:
        """Note that the last turn is over."""
        self._drained.set()

    async def tend(self) -> None:
        """Keep the connection warm and the memory summarised and saved."""
        if self.unauthorised:
            return
        await self._warm()
        if not self._memory.ready:
            for line in self._memory.begin(await self._worker.thread(self._open)):
                self._log.warning(line)
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self._due.wait()
            turned = self._due.is_set()
            self._due.clear()
            await self._write()
            if turned:
                await self._summarise()
            self._idle_s += 0.0 if turned else LOOK_S
            self.quiet_s += 0.0 if turned else LOOK_S
            if self._idle_s >= KEEP_LOADED_S:
                self._idle_s = 0.0
                self._loading.begin()
            if self.quiet_s >= QUIET_S:
                self.quiet_s = 0.0
                await self._warm()

    async def finish(self) -> None:
        """Save what the last turn added, then close the client; this outlives the inputs."""
        try:
            await self._drained.wait()
            await self._write()
        finally:
            await self._api.close()

    def _open(self) -> Opened:
        return open_memory(self._config.history, on_air=self._on_air)

    async def _warm(self) -> None:
        try:
            await self._api.warm()
        except Refused:
            self.unauthorised = True
            self._loading.give_up()

    async def _write(self) -> None:
        if not self._memory.ready or self._config.history is None:
            return
        changes = self._memory.changed()
        try:
            for line in await self._worker.thread(self._memory.store.save, changes):
                self._log.info(line)
        except OSError as error:
            text = phrase(
                "The memory of the conversation could not be written to the folder {folder}. Check the disk and who "
                "may write there. The show goes on.",
                folder=self._config.history,
            )
            self._log.trouble("memory", text, error=str(error))
        else:
            self._log.well("memory")
            self._memory.saved(changes)

    async def _summarise(self) -> None:
        """Ask for a summary if one is due, from the second model if there is one, since it has its own quotas."""
        prompt = self._memory.to_summarise()
        if prompt is None:
            return
        text: str | None = None
        try:
            model = self._config.rungs[-1].model
            if self._limits.wait_s(model, prompt.tokens + SUMMARY_TOKENS) == 0:
                self._limits.spend(model, prompt.tokens + SUMMARY_TOKENS)
                text = await self._ask(model, self._config.summary_body(model, prompt, SUMMARY_TOKENS))
        except Refused as refused:
            text = phrase("What was said could not be summarised now. It is tried again later.")
            self._log.info(text, error=str(refused))
        finally:
            self._memory.summarised(text)
        await self._write()

    async def _ask(self, model: str, body: dict[str, Any]) -> str:
        traits = self._traits.setdefault(model, Traits())
        fitted = traits.fitted(body, self._config.less(model), OPTIONAL)
        parts: list[str] = []
        try:
            async with asyncio.timeout(SUMMARY_S), self._api.ask(fitted) as reading:
                while (delta := await reading.next(SUMMARY_S)) is not None and sum(map(len, parts)) < SUMMARY_CHARS:
                    parts.append(delta.text)
        except TimeoutError:
            raise Refused("slow", phrase("no summary within {seconds} s", seconds=f"{SUMMARY_S:g}")) from None
        except Refused as refused:
            traits.learn(refused, fitted, OPTIONAL)
            raise
        summary = told("".join(parts))
        if self._secret(summary):
            raise Refused("bad_output", phrase("the summary tells a key"))
        return summary


def told(text: str) -> str:
    """Strip what a model puts around a summary: a code fence, a heading, or the JSON that it writes at other times."""
    answer = Answer(("summary", "요약"), most=SUMMARY_CHARS, names=None)
    answer.feed(text)
    answer.finish()
    return answer.text.strip()
