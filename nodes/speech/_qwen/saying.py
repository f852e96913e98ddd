"""One sentence from a model in pieces of sound, watched by the guard, with a second try if nothing was said."""

from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from nodes.phrases import phrase
from nodes.speech._qwen.guard import FRAME, Guard
from nodes.speech._speaking.voice import VoiceError

Samples = NDArray[np.float32]
Outcome = Literal["", "ended", "capped", "stopped", "nothing", "broken"]
ATTEMPTS = 2


class Utterance(Protocol):
    """What ``_qwen.model.Utterance`` is."""

    @property
    def frames(self) -> Iterator[Any]: ...

    @property
    def most(self) -> int: ...

    @property
    def decode(self) -> Callable[[Sequence[Any]], Samples]: ...


class Saying:
    """A sentence; iterate ``pieces`` once.

    Args:
        utter: begins attempt 0 or 1.
        ramp: frames of the first piece, the second ...; the last number holds for all others. A small first piece is
            heard early, later big ones cost less; each must be made while the one before is being played.
        stopped: asked before each frame.
    """

    def __init__(
        self,
        text: str,
        utter: Callable[[int], Utterance],
        ramp: Sequence[int],
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self._text = text
        self._utter = utter
        self._ramp = ramp
        self._stopped = stopped
        self.outcome: Outcome = ""
        """How the sentence went, once it is over."""
        self.attempts = 0
        self.frames = 0
        """Frames made, of all attempts."""

    def pieces(self) -> Generator[Samples]:
        """Yield float32 [samples], mono, 24 kHz, each as soon as it is made; blocking. Silence before the first sound
        is left out except for its last frame.

        Raises:
            VoiceError: nothing was said in two attempts, or the voice went dead in the middle.
        """
        for attempt in range(ATTEMPTS):
            self.attempts = attempt + 1
            self.outcome = yield from self._attempt(attempt)
            if self.outcome != "nothing":
                break
        if self.outcome == "nothing":
            raise VoiceError(phrase("the voice model made no sound, twice."))
        if self.outcome == "broken":
            raise VoiceError(phrase("the voice model broke off within the sentence."))

    def _attempt(self, attempt: int) -> Generator[Samples, None, Outcome]:
        utterance = self._utter(attempt)
        guard = Guard(self._text)
        waiting: list[Any] = []
        lead = np.zeros(0, np.float32)
        count = step = 0
        for frame in utterance.frames:
            if self._stopped():
                return "stopped"
            count += 1
            self.frames += 1
            waiting.append(frame)
            if len(waiting) < self._ramp[min(step, len(self._ramp) - 1)]:
                continue
            judgement, sound = _heard(guard, utterance.decode(waiting))
            waiting.clear()
            if guard.silent:
                lead = sound[-FRAME:]
            elif len(sound):
                yield np.concatenate((lead, sound))
                lead, step = lead[:0], step + 1
            if judgement != "fine":
                return judgement
        if waiting and not self._stopped():
            judgement, sound = _heard(guard, utterance.decode(waiting))
            if not guard.silent:
                yield np.concatenate((lead, sound))
            if judgement == "nothing":
                return judgement
        if guard.silent:
            return "nothing"
        return "capped" if count >= utterance.most else "ended"


def _heard(guard: Guard, sound: Samples) -> tuple[Literal["fine", "nothing", "ended", "broken"], Samples]:
    """Return the guard's judgement, and the sound up to there."""
    for end in range(FRAME, len(sound) + 1, FRAME):
        judgement = guard.hear(sound[end - FRAME : end])
        if judgement != "fine":
            return judgement, sound[:end]
    return "fine", sound
