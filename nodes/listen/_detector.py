"""Decides when the streamer begins and ends to speak; nothing here waits, hears or sends.

It is told of blocks of sound with the probability that somebody speaks in them, of the key, and of our own voice, and
returns what follows from each, in order.
"""

from collections import deque
from collections.abc import Iterator
from math import ceil
from typing import Literal, Protocol

import numpy as np

from nodes.listen._blocks import BLOCK_S, Block, loudness
from nodes.listen._echo import Echo
from nodes.listen._pauses import HOLDS, Pauses, Room
from schemas.event import Event
from schemas.host import HostState, HostTurn, Ignored, IgnoredWhy, MicMode, Utterance
from schemas.playback import Heard, Speaking, Stop

VOICE = 0.4
"""Somebody speaks from this probability on, and goes on speaking down to ``GOES_ON``."""
GOES_ON = 0.25
NOBODY = 0.15
"""Below this nobody does."""
HITS = 3
"""Blocks with a voice, 0.1 s, after which somebody has begun to speak; one without may be among them."""
UNHEARD = 2
"""... or, while our own voice is heard, this many after two with a voice: soft sounds do not come through it."""
PRE_ROLL = 20
"""Blocks before the first with a voice that belong to the utterance, 0.64 s: a first consonant has little voice."""
LEAST_VOICED_S = 0.3
"""Recognisers invent sentences for less voice than this (PocketShell-io/pocketshell#452)."""
FILLER_S = 0.45
"""A voice that stands alone for less than this before the silence is most likely a filler: "음", "어", "그"."""
FILLED = 1.7
"""She is given so many times the silence after a filler."""
LATE = 1
"""Blocks that a voice seems to last longer than it does: half of the last one is silent, and the detector lags."""
TAIL = 6
"""Blocks of silence that stay at the end of an utterance, 0.2 s."""
KEY_TAIL_S = 0.2
"""What is said is heard for this long after the key is released: people release it with their last syllable."""
LONGEST_S = 28.0
"""An utterance is handed over after this long, and another one begins; Whisper hears 30 s at once."""
LATEST = 94
"""Blocks, 3 s: in the quietest of the last ones such a long utterance is parted, so that no word is cut."""
REPEAT_S = 1.0
"""How often it is repeated that she speaks."""
SAID_S = 1.5
"""What the character said this long before an utterance may still be in it."""

Cut = Literal["auto", "now", "sentence", "no"]


class Config(Protocol):
    """The settings, which may change at any time."""

    @property
    def mode(self) -> MicMode: ...
    @property
    def end_s(self) -> float: ...
    @property
    def cut(self) -> Cut: ...
    @property
    def quiet_db(self) -> float: ...
    @property
    def key_s(self) -> float: ...


class Detector:
    """Hears one streamer."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self.mode: MicMode = config.mode  # until it is switched during the show
        self.held = False
        self.state: HostState = "yielded"
        self.rms = self.voice = 0.0
        self.echo = Echo()
        self._room, self._pauses = Room(), Pauses()
        self._before: deque[Block] = deque(maxlen=PRE_ROLL)
        self._hits = self._misses = 0
        self._speech: list[Block] | None = None
        self._began = self._repeated = 0.0
        self._overlapped = 0
        """Blocks with our own sound."""
        self._latest: deque[bool] = deque(maxlen=LATEST)
        """Which of the latest blocks have a voice."""
        self._follows = ""  # the part before this one of what she says
        self._released: float | None = None
        self._held_until = 0.0
        self._on: str | None = None  # the turn that the voice says
        self._said: deque[tuple[float, str]] = deque(maxlen=16)
        self._number = 0

    def configure(self, config: Config, at: float) -> list[Event]:
        """Apply the settings of a node that goes on with it after a reload; return what follows from another mode."""
        before, self._config = self._config.mode, config
        return [] if config.mode == before else self.switch(config.mode, at)

    # What happens.

    def block(self, block: Block, voice: float, at: float) -> list[Event]:
        """Take the next block.

        Args:
            voice: the probability that somebody speaks in it.
            at: when it ended.
        """
        self.rms, self.voice = loudness(block), voice
        if voice < NOBODY:
            self._room.hear(block)
        if self.mode == "off":
            return []
        audible = self.echo.audible(at) > 0
        voiced = voice >= (VOICE if self._speech is None else GOES_ON) and self.rms > self.threshold(at)
        if self._speech is None:
            again = self.mode == "hold" and self.held  # there was no sound when the key was pressed
            return list(self._begin(at, [block]) if again else self._idle(block, voiced, audible, at))
        self._speech.append(block)
        self._overlapped += audible
        return list(self._speaking(block, voiced, at))

    def key(self, held: bool, at: float, for_s: float | None = None) -> list[Event]:
        """Note that the key is held or released.

        Args:
            for_s: it counts as released after this long unless this is said again; None: as the settings say.
        """
        self._held_until = at + (self._config.key_s if for_s is None else for_s)
        if held == self.held:
            return []
        self.held = held
        if self.mode != "hold":
            return []
        if held:
            self._released = None
            return [] if self._speech is not None else list(self._begin(at, list(self._before)[-HITS * 3 :]))
        self._released = at
        return []

    def expire(self, at: float) -> list[Event]:
        """Release a key whose release is not told: its button, or the page that it is on, may be gone."""
        return self.key(False, at) if self.held and at >= self._held_until else []

    def switch(self, mode: MicMode, at: float) -> list[Event]:
        """Change the mode; what she is saying is handed over first, unless the microphone is switched off."""
        if mode == self.mode:
            return []
        told: list[Event] = []
        if self._speech is not None:
            told = list(self._end(at)) if mode != "off" else list(self._drop(at, None))
        self.mode = mode
        self._before.clear()
        self._hits = self._misses = 0
        if mode == "hold" and self.held:
            told += self._begin(at, [])
        return told

    def lost(self, at: float) -> list[Event]:
        """Note that no sound comes any more: what was heard so far is handed over."""
        told = [] if self._speech is None else list(self._end(at))
        self._before.clear()
        return told

    def speaking(self, speaking: Speaking) -> list[Event]:
        """Note that the voice begins a turn or is done with it."""
        if not speaking.speaking:
            if speaking.turn == self._on:
                self._on = None
            return []
        if speaking.turn == self._on:
            return []
        self._on = speaking.turn
        if self.state == "yielded" or self._cut() == "no":
            return []
        return [Stop(turn=speaking.turn, by_host=True, again=True)]

    def said(self, heard: Heard, at: float) -> None:
        """Note what the character says."""
        if self._said and self._said[-1][1] == heard.text:
            self._said.pop()
        self._said.append((at, heard.text))

    def threshold(self, at: float) -> float:
        """Return how loud she has to be now, 0..1; with a key held nobody else is meant."""
        echo = 0.0 if self.mode == "hold" else self.echo.threshold(at)
        return max(echo, 10 ** (self._config.quiet_db / 20))

    def repeated(self, at: float) -> list[Event]:
        """Repeat that she speaks, if that is due."""
        if self.state == "yielded" or at - self._repeated < REPEAT_S:
            return []
        return [self._turn(self.state, at)]

    def _idle(self, block: Block, voiced: bool, audible: bool, at: float) -> Iterator[Event]:
        self._before.append(block)
        if not voiced:
            self._misses += 1
            if self._misses > (UNHEARD if audible and self._hits > 1 else 1):
                self._hits = 0
            self.echo.heard(self.rms, at)
            return
        self._hits, self._misses = self._hits + 1, 0
        if self.mode != "hold" and self._hits >= HITS:
            yield from self._begin(at, list(self._before))
            self._pauses.begin(self._hits)
            self._hits = 0

    def _begin(self, at: float, before: list[Block]) -> Iterator[Event]:
        self._speech = before
        self._began = at - len(before) * BLOCK_S
        self._pauses.begin()
        self._overlapped, self._follows = 0, ""
        yield self._turn("speaking", at)
        if self._on is not None and (cut := self._cut()) != "no":
            yield Stop(turn=self._on, by_host=True, after_sentence=cut == "sentence")

    def _speaking(self, block: Block, voiced: bool, at: float) -> Iterator[Event]:
        self._latest.append(voiced)
        self._pauses.take(voiced, covered=self._room.covers(block))
        if self._pauses.silence < HOLDS and self.state == "holding":
            yield self._turn("speaking", at)
        elif self._pauses.silence == HOLDS and self.mode != "hold":
            yield self._turn("holding", at)
        if at - self._began >= LONGEST_S:
            yield from self._part(at)
        elif self._is_over(at):
            yield from self._end(at)
        else:
            yield from self.repeated(at)

    def _is_over(self, at: float) -> bool:
        if self.mode == "hold":
            return self._released is not None and at - self._released >= KEY_TAIL_S
        fills = self._pauses.run < self._pauses.voiced and self._pauses.run * BLOCK_S < FILLER_S
        return self._pauses.silence + LATE >= ceil(self._config.end_s * (FILLED if fills else 1.0) / BLOCK_S)

    def _end(self, at: float) -> Iterator[Event]:
        if self._pauses.voiced * BLOCK_S < LEAST_VOICED_S:
            yield from self._drop(at, "noise")
            return
        blocks = self._speech or []
        utterance = self._utterance(blocks[: len(blocks) - max(0, self._pauses.silence - TAIL)], at)
        yield self._turn("yielded", at, utterance.id)
        yield utterance
        self._rest()

    def _part(self, at: float) -> Iterator[Event]:
        """Hand over a part of what she says while she goes on."""
        blocks = self._speech or []
        latest = [loudness(block) for block in blocks[-LATEST:]]
        rest = len(latest) - 1 - latest.index(min(latest))
        later = sum(list(self._latest)[len(self._latest) - rest :])
        self._pauses.voiced -= later
        if self._pauses.voiced * BLOCK_S >= LEAST_VOICED_S:
            part = self._utterance(blocks[: len(blocks) - rest], at - rest * BLOCK_S)
            self._follows = part.id
            yield part
        self._speech = blocks[len(blocks) - rest :]
        self._began = at - rest * BLOCK_S
        self._pauses.begin(later)
        self._overlapped = 0

    def _drop(self, at: float, why: IgnoredWhy | None) -> Iterator[Event]:
        yield self._turn("yielded", at)
        if why is not None:
            yield Ignored(utterance="", why=why, at=at)
        self._rest()

    def _rest(self) -> None:
        self._before.extend((self._speech or [])[-PRE_ROLL:])
        self._speech, self._released = None, None
        self._hits = self._misses = 0

    def _utterance(self, blocks: list[Block], at: float) -> Utterance:
        self._number += 1
        saying = " ".join(text for said_at, text in self._said if said_at >= self._began - SAID_S)
        return Utterance(
            id=f"host-{self._number}-{round(self._began * 1000)}",
            samples=np.concatenate(blocks),
            began=round(self._began, 3),
            ended=round(at, 3),
            voiced_s=round(self._pauses.voiced * BLOCK_S, 3),
            overlapped_s=round(self._overlapped * BLOCK_S, 3),
            called=self.mode != "name",
            saying=saying,
            follows=self._follows,
        )

    def _turn(self, state: HostState, at: float, utterance: str = "") -> HostTurn:
        self.state, self._repeated = state, at
        return HostTurn(state=state, at=at, utterance=utterance)

    def _cut(self) -> Cut:
        """Return what her voice does to the turn that is being said."""
        if self._config.cut != "auto":
            return self._config.cut
        return "sentence" if self.mode == "name" else "now"
