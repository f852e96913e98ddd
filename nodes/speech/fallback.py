"""``speech.fallback``: the show goes on with captions while a voice at another place is away."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Annotated

import reactivex
from pydantic import Field
from reactivex import Observable
from reactivex import operators as ops

from nodes import UNWIRED, Feedback, node
from nodes.phrases import phrase
from nodes.services import Jobs, Log
from nodes.streams import silent, together
from schemas.playback import Stop
from schemas.reply import Sentence
from schemas.settings import Live, Settings
from schemas.speech import Speech, SpeechChunk, SpeechEnded, SpeechStarted

AWAY_S = 0.3
"""How long to wait for a voice that is away: a voice that is back reports the start of a sentence within some ms."""
OVER, STOPPED, EARLY = 256, 64, 64
"""How many are remembered: sentences that are over, turns that were stopped, sentences whose speech came early."""

Key = tuple[str, int]
"""Turn and number of a sentence."""


class Fallback(Settings):
    """Settings of ``speech.fallback``."""

    patience_s: Annotated[float, Live()] = Field(
        3.0,
        gt=0,
        le=600,
        title="Wait for the voice",
        description=(
            "Seconds to wait for the voice of the other place; without anything by then a sentence "
            "goes out as text alone."
        ),
    )
    first_sound_s: Annotated[float, Live()] = Field(
        6.0,
        gt=0,
        le=600,
        title="First sound within",
        description=(
            "Seconds to wait for the first sound after that place has begun a sentence; it may change "
            "to another voice meanwhile."
        ),
    )


@node("speech.fallback", light="voice")
def fallback(
    config: Fallback,
    sentence: Observable[Sentence],
    speech: Observable[Speech],
    stop: Feedback[Stop] = UNWIRED,
    *,
    jobs: Jobs,
    log: Log,
) -> Observable[Speech]:
    """Pass on the speech of a voice at another place, and end a sentence of which none comes, so that captions go on.

    ``sentence`` is what the voice was given. Each sentence is begun and ended once, in order. If nothing comes of one
    for ``patience_s``, at its beginning or in the middle, it ends as ``failed``: its caption stays for its reading
    time. A voice that reported that it begins has ``first_sound_s`` for its first sound: a ladder goes to its next
    voice in that time. Once a sentence was lost, 0.3 s are enough, until the voice is heard from again. What comes of a
    sentence that is over is dropped, but shows that the voice is alive: the time starts over.
    """

    def begin(_: object) -> Observable[Speech]:
        waiting = _Waiting(config, log)
        stopping = stop.pipe(ops.do_action(waiting.stop))
        taking = silent(speech.pipe(ops.do_action(waiting.take, on_completed=waiting.complete)))
        return together(taking, sentence.pipe(jobs.each(waiting.say, stopping)))

    return reactivex.defer(begin)


class _Waiting:
    """The speech that came, and the sentence that waits for it. No time runs while the out-edge is full."""

    def __init__(self, config: Fallback, log: Log) -> None:
        self._config = config
        self._log = log
        self._came: dict[Key, deque[Speech]] = {}
        self._over: deque[Key] = deque(maxlen=OVER)
        self._stopped: deque[str] = deque(maxlen=STOPPED)
        self._current: Key | None = None
        self._turn = ""
        """The turn that is being said, or was said last."""
        self._news = asyncio.Event()
        self._away = False
        self._complete = False

    def take(self, event: Speech) -> None:
        """Take what the other place says."""
        if self._away:
            self._away = False
        self._log.well("voice", phrase("The voice comes again"))
        key = (event.turn, event.sentence)
        late = key in self._over or event.turn in self._stopped
        if not late:
            self._came.setdefault(key, deque()).append(event)
            others = [key for key in self._came if key[0] != self._turn]
            if len(others) > EARLY:  # the oldest is of a sentence that nobody here asks for
                del self._came[others[0]]
        if late or key == self._current:
            self._news.set()

    def stop(self, stop: Stop) -> None:
        if stop.after_sentence:
            return
        self._stopped.append(stop.turn)
        for key in [key for key in self._came if key[0] == stop.turn]:
            del self._came[key]

    def complete(self) -> None:
        """Note that the other place says no more."""
        self._complete = True
        self._news.set()

    async def say(self, sentence: Sentence) -> AsyncIterator[Speech]:
        """Pass on one sentence, as it comes."""
        turn, index = key = (sentence.turn, sentence.index)
        self._current, self._turn = key, turn
        try:
            event = await self._next(key, self._config.patience_s)
            yield SpeechStarted(
                turn=turn, sentence=index, text=sentence.text, spoken=sentence.spoken, emotion=sentence.emotion
            )
            while event is not None and not isinstance(event, SpeechEnded):
                if isinstance(event, SpeechChunk):
                    yield event
                making = isinstance(event, SpeechStarted)
                event = await self._next(key, self._config.first_sound_s if making else self._config.patience_s)
            if event is None:
                self._give_up(key)
            yield SpeechEnded(turn=turn, sentence=index, last=sentence.last, failed=event is None or event.failed)
        finally:
            self._current = None
            self._over.append(key)
            self._came.pop(key, None)

    async def _next(self, key: Key, patience_s: float) -> Speech | None:
        """Return the next event of a sentence; None when none comes in time."""
        while not self._came.get(key):
            self._news.clear()
            if self._complete:
                return None
            try:
                async with asyncio.timeout(min(AWAY_S, patience_s) if self._away else patience_s):
                    await self._news.wait()
            except TimeoutError:
                return None
        return self._came[key].popleft()

    def _give_up(self, key: Key) -> None:
        if not self._away and not self._complete:
            self._away = True
            text = phrase("The voice of the other place does not come, so there is text only until it does")
            self._log.trouble("voice", text, turn=key[0])
