"""Makes the pieces of a voice playable: tempo, level, no click where sound begins or ends."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable

import numpy as np

from nodes.speech._speaking.sound import FADE_S, Samples, amplified, ends_still, faded_in, faded_out
from nodes.speech._speaking.stretch import Stretch
from nodes.speech._speaking.voice import Sound, closing


async def shaped(
    sounds: AsyncIterator[Sound], tempo: Callable[[], float], gain_db: Callable[[], float]
) -> AsyncGenerator[Sound]:
    """Yield the sound of one sentence. ``tempo`` and ``gain_db`` are read at every piece.

    Of a piece that stops in the middle of sound, the last 5 ms are given together with the next one, so that the end
    can be faded wherever it comes, even if the voice breaks off. ``sounds`` is closed with it.
    """
    shaper: _Shaper | None = None
    try:
        async with closing(sounds) as pieces:
            async for piece in pieces:
                if shaper is not None and shaper.rate != piece.rate:
                    for rest in shaper.end():
                        yield rest
                    shaper = None
                if shaper is None:
                    shaper = _Shaper(piece.rate)
                for ready in shaper.push(piece, tempo(), gain_db()):
                    yield ready
    except Exception:
        for rest in shaper.end() if shaper else ():
            yield rest
        raise
    for rest in shaper.end() if shaper else ():
        yield rest


class _Shaper:
    """Sound of one rate."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._stretch = Stretch(rate)
        self._gain_db = 0.0
        self._held = np.zeros(0, np.float32)
        self._begun = False
        self._text = ""

    def push(self, piece: Sound, tempo: float, gain_db: float) -> list[Sound]:
        self._stretch.tempo, self._gain_db = tempo, gain_db
        self._text += piece.text
        made = amplified(self._stretch.push(piece.samples), gain_db)
        if piece.last:
            return self.end(made)
        made = self._joined(made)
        keep = 0 if ends_still(made) else min(len(made), round(FADE_S * self.rate))
        self._held = made[len(made) - keep :]
        return self._given(made[: len(made) - keep])

    def end(self, made: Samples | None = None) -> list[Sound]:
        """Return what was held back, with ``made`` before the rest of the stretch; empty the second time."""
        rest = amplified(self._stretch.end(), self._gain_db)
        rest = self._joined(rest if made is None else np.concatenate((made, rest)))
        self._held = rest[:0]
        return self._given(faded_out(rest, self.rate), last=True)

    def _joined(self, made: Samples) -> Samples:
        return np.concatenate((self._held, made)) if len(self._held) else made

    def _given(self, samples: Samples, last: bool = False) -> list[Sound]:
        if not len(samples):
            return []
        if not self._begun:
            self._begun = True
            samples = faded_in(samples, self.rate)
        text, self._text = self._text, ""
        return [Sound(samples, self.rate, last, text)]
