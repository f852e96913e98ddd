"""A player without sound: what it is given takes as long as the sound would, and it reports the same as a real one."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator

from nodes.services import Clock
from schemas.event import Event
from schemas.playback import Heard, Speaking, Stop
from schemas.speech import Speech, SpeechChunk, SpeechEnded, SpeechStarted

CAPTION_S = 0.09
"""Reading time per character when there is no sound."""
UNNOTICED_S = 0.25
"""Nothing of a turn was understood if no more than this was heard of it."""
STOPPED = 64
"""Remember this many stopped turns, so that their late events can be skipped."""


class Player:
    """Plays one sentence after the other: ``take`` queues speech, ``play`` lets it pass."""

    def __init__(self, clock: Clock, turn_pause_s: float) -> None:
        self._clock = clock
        self._pause_s = turn_pause_s
        self._queue: deque[Speech] = deque()
        self._came = asyncio.Event()
        self._cut = asyncio.Event()
        self._complete = False
        self._on = ""
        """The turn that is on."""
        self._until = 0.0
        """When the sound that is being heard will be over."""
        self._behind = ""
        """The turn that came while another one was on."""
        self._text = ""
        self._sounded = False
        self._yielding = ""
        self._by_host = False
        self._since: float | None = None
        """When the first sound of the turn that is on was heard."""
        self._gone: deque[str] = deque(maxlen=STOPPED)

    async def take(self, event: Speech) -> AsyncIterator[Event]:
        """Queue an event of speech."""
        if event.turn in self._gone:
            return
        if isinstance(event, SpeechStarted) and self._on and event.turn != self._on:
            self._behind = event.turn
        self._queue.append(event)
        self._came.set()
        if event.turn == self._on and (left := self._left(event.turn)) is not None:
            yield left

    def complete(self) -> None:
        """Note that nothing more comes."""
        self._complete = True
        self._came.set()

    def stop(self, stop: Stop) -> Speaking | None:
        """End a turn at once, and return what is told of it, or let it end after the sentence that is being heard."""
        if stop.after_sentence:
            self._yielding, self._by_host = stop.turn, stop.by_host
            return None
        heard = self._share(stop.turn) if stop.by_host else None
        self._drop(stop.turn)
        return Speaking(turn=stop.turn, speaking=False, heard=heard)

    async def play(self) -> AsyncGenerator[Event]:
        """Let everything that comes pass in its time, until nothing more comes."""
        while self._queue or not self._complete:
            if self._queue:
                async for event in self._pass(self._queue.popleft()):
                    yield event
            else:
                self._came.clear()
                await self._came.wait()

    async def _pass(self, event: Speech) -> AsyncGenerator[Event]:
        turn = event.turn
        first = Heard(turn=turn, sentence=event.sentence, text=self._text, fraction=0.0)
        match event:
            case SpeechStarted():
                self._text, self._sounded = event.text, False
                if turn != self._on:
                    async for begun in self._begin(turn):
                        yield begun
            case SpeechChunk():
                if not self._sounded:
                    self._sounded = True
                    self._since = self._clock.now() if self._since is None else self._since
                    yield first
                await self._sound(event.seconds)
            case SpeechEnded():
                if self._text and not self._sounded:
                    self._since = self._clock.now() if self._since is None else self._since
                    yield first
                    await self._sound(_reading_s(self._text))
                for ended in self._end(event) if turn not in self._gone else ():
                    yield ended
            case _:  # there is no other speech
                pass

    async def _begin(self, turn: str) -> AsyncGenerator[Event]:
        self._on, self._since = turn, None
        yield Speaking(turn=turn, speaking=True)
        pause_s = self._pause_s if turn == self._behind else 0.0
        self._until = self._clock.now() + pause_s
        if (left := self._left(turn)) is not None:
            yield left
        if pause_s:
            await self._sound(pause_s)

    def _end(self, event: SpeechEnded) -> list[Event]:
        told: list[Event] = []
        if self._text:
            told.append(Heard(turn=event.turn, sentence=event.sentence, text=self._text, fraction=1.0, ended=True))
        yielded = event.turn == self._yielding and bool(self._text) and not event.last
        heard = self._share(event.turn) if yielded and self._by_host else None
        if yielded:
            self._drop(event.turn)
        if event.last or yielded:
            self._on = ""
            told.append(Speaking(turn=event.turn, speaking=False, yielded=yielded and not self._by_host, heard=heard))
        return told

    def _drop(self, turn: str) -> None:
        self._gone.append(turn)
        self._queue = deque(event for event in self._queue if event.turn != turn)
        if turn == self._on:
            self._on = ""
            self._cut.set()

    def _left(self, turn: str) -> Speaking | None:
        """Return how much is left of a turn, once all of it is there."""
        mine = [event for event in self._queue if event.turn == turn]
        if not mine or not isinstance(mine[-1], SpeechEnded) or not mine[-1].last:
            return None
        return Speaking(turn=turn, speaking=True, left_s=self._left_s(mine))

    def _share(self, turn: str) -> float:
        """Return what share of the sound of a turn that is known so far was heard."""
        if turn != self._on or self._since is None:
            return 0.0
        heard_s = self._clock.now() - self._since
        left_s = self._left_s([event for event in self._queue if event.turn == turn])
        return round(heard_s / max(heard_s + left_s, 1e-9), 3) if heard_s > UNNOTICED_S else 0.0

    def _left_s(self, mine: list[Speech]) -> float:
        left_s, text, sounded = max(0.0, self._until - self._clock.now()), self._text, self._sounded
        for event in mine:
            if isinstance(event, SpeechStarted):
                text, sounded = event.text, False
            elif isinstance(event, SpeechChunk):
                left_s, sounded = left_s + event.seconds, True
            elif text and not sounded:
                left_s += _reading_s(text)
        return left_s

    async def _sound(self, seconds: float) -> None:
        self._until = self._clock.now() + seconds
        self._cut.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._cut.wait()
        except TimeoutError:
            return


def _reading_s(text: str) -> float:
    """Return how long a caption without sound is shown."""
    return max(1.0, CAPTION_S * len(text))
