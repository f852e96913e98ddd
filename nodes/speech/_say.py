"""Lets the embedded voices be heard before one is chosen: through the sound device, or into a file."""

import asyncio
import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import numpy as np

from nodes.particles import filled
from nodes.phrases import Phrase, described, noted, phrase, said_by
from nodes.speech._kokoro.voice import Kokoro, KokoroVoice
from nodes.speech._speaking.sound import RATE, Samples
from nodes.speech._speaking.voice import VoiceError
from nodes.speech.serve import Hand
from schemas.command import FAILED, OK
from schemas.reply import Sentence


@dataclass(frozen=True, slots=True)
class Person:
    """A voice as people call it."""

    name: str
    code: str
    """What ``voice`` of a graph is set to."""
    about: str

    @property
    def called(self) -> Phrase:
        """The name, as a person reads it."""
        return described(self.name)


PEOPLE = (
    Person(noted("Nezumi"), "jf_nezumi", noted("a calm woman, the clearest in Korean")),
    Person(noted("Gongitsune"), "jf_gongitsune", noted("a woman of medium height")),
    Person(noted("Alpha"), "jf_alpha", noted("a woman, somewhat high")),
    Person(noted("Tebukuro"), "jf_tebukuro", noted("a woman, very high")),
    Person(noted("Kumo"), "jm_kumo", noted("a low man, clear in Korean")),
)
"""By their height: the median of F0 over one sentence is 223, 240, 268, 330 and 89 Hz."""
GREETING = "안녕하세요. 제 목소리는 {name}예요. 잘 들리나요?"


def chosen(name: str) -> Sequence[Person]:
    """Return the voice with this name or code, or all of them for an empty name.

    Raises:
        ValueError: there is none.
    """
    found = [each for each in PEOPLE if name in ("", each.name, each.called.told("ko"), each.code)]
    if not found:
        there = ", ".join(each.called for each in PEOPLE)
        raise ValueError(phrase("there is no voice {name}; there are {there}", name=name, there=there))
    return found


def say(text: str, name: str, out: Path | None, folder: Path, play: Callable[[Samples], object] | None = None) -> int:
    """Let one voice or all say the text, or a greeting if it is empty.

    Args:
        out: the WAV file to write instead of playing; with several voices their codes are added to its name.
        folder: where files go if nothing can be played.
        play: plays float32 [samples], mono, 24 kHz, to the end; None for the sound device.
    """
    play = play or _played
    try:
        people = chosen(name)
        for person in people:
            print(f"{person.called} ({person.code}): {described(person.about)}", flush=True)
            samples = asyncio.run(_sound(person, text or filled(GREETING, {"name": person.called.told("ko")})))
            if out is None and _heard(samples, play):
                continue
            file = _named(out or folder / "voice.wav", person, several=out is None or len(people) > 1)
            _write(file, samples)
            print(f"  {phrase('the sound was written to {file}', file=file)}")
    except (OSError, ValueError, VoiceError) as error:
        print(said_by(error))
        return FAILED
    print(phrase("If you like it, write it into the voice of the graph: {setting}", setting=f"voice: {people[0].code}"))
    return OK


async def _sound(person: Person, text: str) -> Samples:
    hand = Hand()
    voice = KokoroVoice(Kokoro.model_validate({"voice": person.code}), hand)
    sentence = Sentence(turn="say", index=1, text=text, spoken=text, emotion="neutral", last=True)
    try:
        parts = [sound.samples async for sound in voice.say(sentence)]
    finally:
        hand.close()
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)


def _heard(samples: Samples, play: Callable[[Samples], object]) -> bool:
    try:
        play(samples)
    except Exception as error:  # whatever the library, its driver or the device does
        text = phrase("it cannot be played here ({kind}: {why}).", kind=type(error).__name__, why=error)
        print(f"  {text}")
        return False
    return True


def _played(samples: Samples) -> None:
    device = import_module("sounddevice")
    device.play(samples, RATE)
    device.wait()


def _named(file: Path, person: Person, *, several: bool) -> Path:
    return file.with_stem(f"{file.stem}-{person.code}") if several else file


def _write(file: Path, samples: Samples) -> None:
    with file.open("wb") as raw, wave.open(raw, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(RATE)
        wav.writeframes((np.clip(samples, -1.0, 1.0) * 32767).astype("<i2").tobytes())
