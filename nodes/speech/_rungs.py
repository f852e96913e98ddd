"""Several voices as one: the best that can speak says the next sentence, the others stand by."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from typing import Literal

from nodes.phrases import joined, phrase, said_by
from nodes.services import Budget, Log, Worker
from nodes.speech._speaking.rehearsing import Rehearses
from nodes.speech._speaking.voice import NoVoice, Sound, Voice, VoiceError, closing
from schemas.reply import Sentence

BACKOFF_S = (2.0, 60.0)
"""First and longest time until a voice that failed is prepared again."""
HASTE_S = 3.0
"""Wait at least this long for the first sound of a turn, even when it is late: a voice that does not stream takes
1 to 3 s for a sentence, and a turn in another voice is worse than a late one."""


class Rung:
    """One voice and what is known about it."""

    def __init__(self, name: str, voice: Voice) -> None:
        self.name = name
        self.voice = voice
        self.state: Literal["trying", "ready", "down"] = "trying"
        """``trying`` until it has been prepared for the first time."""
        self.error = ""
        """Why it is down."""
        self.told = ""
        """The last error that was logged."""
        self.lost = asyncio.Event()
        self._wait_s = BACKOFF_S[0]

    @property
    def failure(self) -> str:
        """Return its name and why it is down."""
        return phrase("{name}: {why}", name=self.name, why=self.error)

    def ready(self) -> None:
        self.state, self.error = "ready", ""
        self.lost.clear()

    def down(self, error: BaseException) -> None:
        self.state, self.error = "down", said_by(error) if isinstance(error, VoiceError) else repr(error)
        self.lost.set()

    def worked(self) -> None:
        """Note that it said a whole sentence."""
        self.told, self._wait_s = "", BACKOFF_S[0]

    def wait_s(self) -> float:
        """Return how long to leave it alone, longer each time until it works."""
        wait, self._wait_s = self._wait_s, min(BACKOFF_S[1], 2 * self._wait_s)
        return wait


class VoiceLadder:
    """A ``Voice`` made of voices, the best first.

    A sentence goes to the best voice that is ready, and to the next one if that fails before its first piece; one that
    fails later ends the sentence. What failed is left out and prepared again in the background. A turn never goes up:
    its voice changes within it only when it has to.
    """

    def __init__(
        self, rungs: Sequence[Rung], patience_s: Callable[[], float], budget: Budget, worker: Worker, log: Log
    ) -> None:
        """
        Args:
            patience_s: how long a piece of sound may take to come.
            budget: the first piece of a turn may take no longer than the budget leaves, if another voice stands by.
        """
        self._rungs = tuple(rungs)
        self._patience_s = patience_s
        self._budget = budget
        self._worker = worker
        self._log = log
        self._changed = asyncio.Event()
        self._used: Rung | None = None
        self._turn: tuple[str, int] = ("", 0)
        """The turn, and the best rung that it may use."""

    def tends(self) -> list[Callable[[], Awaitable[None]]]:
        """Return what must run beside the sentences: each rung is prepared by a loop of its own."""
        return [partial(self._tend, rung) for rung in self._rungs]

    async def prepare(self) -> None:
        """Wait until one voice is ready.

        Raises:
            VoiceError: none can be made ready.
        """
        while not any(rung.state == "ready" for rung in self._rungs):
            if not any(rung.state == "trying" for rung in self._rungs):
                if not self._rungs:
                    raise NoVoice(phrase("There is no voice, so there are subtitles only"))
                raise VoiceError(joined(rung.failure for rung in self._rungs))
            self._changed.clear()
            await self._changed.wait()

    async def say(self, sentence: Sentence) -> AsyncIterator[Sound]:
        """See ``Voice``."""
        if not sentence.spoken.strip():
            return
        await self.prepare()
        failures: list[str] = []
        choice = self._choice(sentence.turn)
        for number, rung in choice:
            begun, first_s = False, self._first_s(sentence.turn, last=rung is choice[-1][1])
            try:
                async with closing(rung.voice.say(sentence)) as sounds:
                    while (sound := await self._next(sounds, self._patience_s() if begun else first_s)) is not None:
                        if not begun:
                            begun = True
                            self._use(number, rung, sentence.turn)
                        yield sound
            except Exception as error:
                self._fell(rung, error)
                failures.append(rung.failure)
                if begun:
                    break
            else:
                rung.worked()
                return
        raise VoiceError(joined(failures))

    async def rehearse(self, sentence: Sentence, idle: Callable[[], bool]) -> bool:
        """See ``Rehearses``: the voice that would speak now does it, if it is one that keeps what it made."""
        best = next((rung.voice for rung in self._rungs if rung.state == "ready"), None)
        return isinstance(best, Rehearses) and await best.rehearse(sentence, idle)

    async def close(self) -> None:
        """Close every voice, even if one of them cannot be closed."""
        results = await asyncio.gather(*(rung.voice.close() for rung in self._rungs), return_exceptions=True)
        for error in results:
            if isinstance(error, Exception):
                raise error

    def _choice(self, turn: str) -> list[tuple[int, Rung]]:
        """Return the ready rungs, best first; within a turn none above the one it came down to, if there is another."""
        ready = [(number, rung) for number, rung in enumerate(self._rungs) if rung.state == "ready"]
        best = self._turn[1] if self._turn[0] == turn else 0
        return [each for each in ready if each[0] >= best] or ready

    def _first_s(self, turn: str, *, last: bool) -> float:
        """Return how long the first piece of a sentence may take; ``last``: no other voice is left to say it."""
        patience_s = self._patience_s()
        left = None if last or turn == self._turn[0] else self._budget.left(turn)
        return patience_s if left is None else min(patience_s, max(HASTE_S, left))

    async def _next(self, sounds: AsyncIterator[Sound], patience_s: float) -> Sound | None:
        patience = asyncio.timeout(patience_s)
        try:
            async with patience:
                return await anext(sounds, None)
        except TimeoutError:
            if not patience.expired():
                raise
            raise VoiceError(phrase("no sound came for {seconds} s", seconds=f"{patience_s:g}")) from None

    def _use(self, number: int, rung: Rung, turn: str) -> None:
        self._turn = (turn, number)
        if rung is not self._used:
            self._used = rung
            self._log.info(phrase("voice in use: {name}", name=rung.name))

    def _fell(self, rung: Rung, error: Exception) -> None:
        rung.down(error)
        if rung.told != rung.error:
            rung.told = rung.error
            self._log.warning(phrase("A voice cannot be used and is skipped: {name}", name=rung.name), error=rung.error)

    async def _tend(self, rung: Rung) -> None:
        try:
            while True:
                try:
                    await rung.voice.prepare()
                except Exception as error:
                    self._fell(rung, error)
                else:
                    rung.ready()
                self._changed.set()
                await rung.lost.wait()
                await self._worker.sleep(rung.wait_s())
        finally:
            if rung.state == "trying":  # the node ends: nobody may wait for it
                rung.down(VoiceError(phrase("it ended while it was prepared")))
                self._changed.set()
