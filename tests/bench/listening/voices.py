"""Speech of the embedded voices as a microphone gives it: float32, mono, 16 kHz."""

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from nodes.listen._blocks import RATE
from nodes.speech._kokoro.voice import Kokoro, KokoroVoice
from nodes.speech._speaking.sound import RATE as SPOKEN_RATE
from nodes.speech.serve import Hand
from schemas.reply import Sentence

Sound = NDArray[np.float32]


def spoken(texts: Iterable[str], voice: str) -> list[Sound]:
    """Let one of the embedded voices say some texts."""
    hand = Hand()
    made = KokoroVoice(Kokoro.model_validate({"voice": voice}), hand)

    async def say(text: str) -> Sound:
        sentence = Sentence(turn="bench", index=1, text=text, spoken=text, emotion="neutral", last=True)
        parts = [sound.samples async for sound in made.say(sentence)]
        return soxr.resample(np.concatenate(parts), SPOKEN_RATE, RATE).astype(np.float32)

    try:
        return [asyncio.run(say(text)) for text in texts]
    finally:
        hand.close()


def kept(file: Path | None, said: dict[str, tuple[str, Sequence[str]]]) -> dict[str, list[Sound]]:
    """Return what each (voice, texts) sounds like, from a file if it is there; else it is made, and written there."""
    if file is not None and file.exists():
        with np.load(file) as found:
            return {name: [found[f"{name}{n}"] for n in range(len(texts))] for name, (_, texts) in said.items()}
    made = {name: spoken(texts, voice) for name, (voice, texts) in said.items()}
    if file is not None:
        sounds: Any = {f"{name}{n}": sound for name, several in made.items() for n, sound in enumerate(several)}
        np.savez(file, **sounds)
    return made
