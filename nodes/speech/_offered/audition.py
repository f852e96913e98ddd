"""Lets a voice say a short line before it is chosen, with the tempo, pitch and level that are set."""

import re

import numpy as np

from nodes.exams import Probe
from nodes.particles import filled
from nodes.phrases import phrase, said_by
from nodes.speech._http.voice import Http
from nodes.speech._serve_wire import pcm, wav_header
from nodes.speech._speaking.speak import Speaking
from nodes.speech._speaking.voice import VoiceError, closing
from nodes.speech._voices import Local, Shaped, make
from schemas.language import Language
from schemas.reply import Sentence

LONGEST_S = 12.0
"""More of a voice that does not find its end is not made."""
LINES: dict[Language, str] = {
    "korean": "안녕하세요. 이 목소리 어때요?",
    "english": "Hello! How do you like this voice?",
    "japanese": "こんにちは。この声はどうですか。",
}
"""What is said by a voice of this language, English by one of another; a Korean one says the character's name too."""
INTRODUCTION = "안녕하세요, {name}예요. 이 목소리 어때요?"
_HANGUL = re.compile("[가-힣 ]+")


def line(language: Language, character: str) -> str:
    """Return what is said."""
    if language == "korean" and _HANGUL.fullmatch(character):
        return filled(INTRODUCTION, {"name": character})
    return LINES.get(language, LINES["english"])


async def audition(
    choice: Http | Local, language: Language, character: str, probe: Probe, over: Speaking | None = None
) -> bytes:
    """Return a 16-bit mono WAV of a voice that says its line.

    Args:
        over: the settings of the ladder that the voice stands on; they come on top of those of the voice.

    Raises:
        ValueError: it cannot speak; the text says what to do.
    """
    voice, _ = make(choice, probe.worker, probe.clock, probe.log)
    if over is not None:
        voice = Shaped(voice, over, probe.worker, probe.log, own_tempo=False)
    text = line(language, character)
    sentence = Sentence(
        turn="audition", index=0, text=text, spoken=text, emotion="neutral", last=True, language=language
    )
    parts: list[bytes] = []
    rate, seconds = 0, 0.0
    try:
        await voice.prepare()
        async with closing(voice.say(sentence)) as sounds:
            async for sound in sounds:
                rate, seconds = sound.rate, seconds + len(sound.samples) / sound.rate
                parts.append(pcm(np.asarray(sound.samples, np.float32)))
                if seconds >= LONGEST_S:
                    break
    except VoiceError as error:
        raise ValueError(said_by(error)) from error
    finally:
        await voice.close()
    made = b"".join(parts)
    if not made:
        raise ValueError(phrase("This voice makes no sound. Check its settings (voice, model, language)."))
    return wav_header(rate, len(made)) + made
