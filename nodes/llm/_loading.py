"""Makes a self-hosted server load its model outside of turns, however long that takes.

Ollama, LM Studio and llama-swap load a model when it is first asked for, and some abandon the load when the client
hangs up: a turn, which has no time to wait, would start it again and again. So one tiny request waits for it, and the
written answers serve the turns meanwhile. The request starts with the persona, so that the first turn finds its prompt
already processed.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from nodes.llm import _words as words
from nodes.llm._memory.prompt import Message, Prompt
from nodes.llm._memory.rules import system_text
from nodes.llm._model.chat_api import ChatApi, Reading
from nodes.llm._model.chat_wire import Refused
from nodes.llm._model.traits import Traits
from nodes.llm._settings import OPTIONAL, Reply
from nodes.phrases import phrase
from nodes.services import Clock, Log, Spoken

TOLD_S = 2.0
"""An answer that takes longer than this is a load: it is reported, and turns do not wait for it."""
AGAIN_S = 1.0
"""How often to ask a server that says it is loading."""


class Loading:
    """Loads one model, the first that is asked."""

    def __init__(
        self,
        config: Reply,
        api: ChatApi,
        traits: Traits,
        *,
        persona: Callable[[], str],
        spoken: Spoken,
        sleep: Callable[[float], Any],
        clock: Clock,
        log: Log,
    ) -> None:
        self._config = config
        self._api = api
        self._traits = traits
        self._persona = persona
        self._spoken = spoken
        self._sleep = sleep
        self._clock = clock
        self._log = log
        self._due, self._done = asyncio.Event(), asyncio.Event()
        self._done.set()
        self._began: float | None = None
        self._told = False
        """It was reported that the model is being loaded."""
        self.last: Mapping[str, Any] | None = None
        """The last request for an answer: what the server still holds of its prompt need not be read again."""
        if not traits.loaded:
            self.begin()

    def begin(self) -> None:
        """The model might not be loaded: find out, and wait for it."""
        if self._config.loads and self._began is None:
            self._began = self._clock.now()
            self._done.clear()
            self._due.set()

    def give_up(self) -> None:
        """Stop waiting: there is nothing to wait for."""
        self._began = None
        self._done.set()

    async def ready(self, within_s: float) -> bool:
        """Return whether a turn may ask the model; wait a moment if that is not known yet."""
        if self._began is None:
            return True
        left = min(within_s, self._began + TOLD_S - self._clock.now())
        if left > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._done.wait()
        return self._done.is_set()

    async def run(self) -> None:
        """Run as long as the node lives."""
        while True:
            await self._due.wait()
            self._due.clear()
            try:
                if not await self._load() and self._told:
                    self._log.awaited("reply")
            finally:
                self.give_up()

    async def _load(self) -> bool:
        """Return whether the model answered."""
        began, self._told = self._clock.now(), False
        while self._clock.now() < began + self._config.load_s:
            body = self._traits.fitted(self._body(), self._config.less(self._config.model), OPTIONAL)
            try:
                async with self._api.ask(body) as reading:
                    await self._wait(reading, began)
                self._traits.loaded = True
                if self._told:
                    took = f"{self._clock.now() - began:.0f}"
                    self._log.info(phrase("the model is loaded: {seconds} s", seconds=took))
                    self._log.well("reply", words.again())
                return True
            except Refused as refused:
                if self._traits.learn(refused, body, OPTIONAL):
                    continue
                if refused.kind == "unloaded":
                    self._told = True
                    self._log.trouble("reply", words.silent(refused.kind, own=True), error=str(refused))
                elif refused.kind == "loading":
                    self._tell()
                else:
                    return False  # the next turn finds out what is wrong, and says so
                await self._sleep(AGAIN_S)
        return False

    async def _wait(self, reading: Reading, began: float) -> None:
        """Read a tiny answer to its end, and report if it takes long.

        Raises:
            Refused: it did not come, or not in time.
        """
        while True:
            upto = began + (self._config.load_s if self._told else TOLD_S)
            try:
                delta = await reading.next(max(0.0, upto - self._clock.now()))
            except Refused as refused:
                if refused.kind != "slow" or self._told:
                    raise
                self._tell()
                continue
            if delta is None:
                return
            if delta.load == "begins":
                self._tell()
            self._traits.thinks = self._traits.thinks or delta.thought

    def _tell(self) -> None:
        if self._told:
            return
        self._told = True
        text = phrase("the model is being loaded: {model}. Prepared answers serve meanwhile.", model=self._config.model)
        self._log.info(text)
        self._log.awaited("reply", text)

    def _body(self) -> dict[str, Any]:
        if self.last is not None:
            tiny = self._config.tiny_body(self._config.model, Prompt((), 0))
            return {**tiny, "messages": self.last["messages"]}
        system = system_text(self._persona(), self._config.all_emotions, self._spoken.language)
        return self._config.tiny_body(
            self._config.model,
            Prompt((Message("system", system), Message("user", '{"n":1,"u":"시청자","t":"안녕"}')), 0),
        )
