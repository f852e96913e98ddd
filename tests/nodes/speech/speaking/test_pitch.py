import asyncio
import sys
import time
from collections.abc import AsyncIterator, Iterable
from functools import cache
from typing import Any

import numpy as np
import pytest
import pyworld

from nodes.speech._speaking.pitch import Pitch, pitched
from nodes.speech._speaking.sound import Samples
from nodes.speech._speaking.voice import Sound, VoiceError
from nodes.troubles import Troubles

RATE = 24_000
FORMANTS = ((700.0, 90.0), (1_200.0, 110.0), (2_600.0, 150.0))
"""Centre and width in Hz of an "a"."""


@cache
def vowel(f0: float = 200.0, seconds: float = 1.0, rate: int = RATE) -> Samples:
    """A vowel with a little vibrato: pulses through three resonances."""
    time_s = np.arange(round(seconds * rate)) / rate
    phase = np.cumsum(f0 / rate * (1 + 0.02 * np.sin(2 * np.pi * 3 * time_s)))
    pulses = np.diff(np.floor(phase), prepend=0.0)
    frequency = np.fft.rfftfreq(2 * len(pulses), 1 / rate)
    spectrum = np.fft.rfft(pulses, 2 * len(pulses))
    for centre, width in FORMANTS:
        spectrum = spectrum / (1 - (frequency / centre) ** 2 + 1j * frequency * width / centre**2)
    sound = np.fft.irfft(spectrum)[: len(pulses)]
    made = (0.3 * sound / np.abs(sound).max()).astype(np.float32)
    made.flags.writeable = False  # all tests have this very sound
    return made


def heard(sound: Samples, rate: int = RATE) -> tuple[float, list[float]]:
    """The pitch, and the first three peaks of the envelope, in Hz."""
    data = sound.astype(np.float64)
    pitch, times = pyworld.harvest(data, rate, f0_floor=100.0, f0_ceil=400.0)  # most of the time of these tests
    envelope = np.log(pyworld.cheaptrick(data, pitch, times, rate))
    mean = envelope[len(envelope) // 4 : -len(envelope) // 4].mean(axis=0)
    peaks = np.flatnonzero((mean[1:-1] > mean[:-2]) & (mean[1:-1] >= mean[2:])) + 1
    return float(np.median(pitch[pitch > 0])), [float(peak * rate / 2 / (len(mean) - 1)) for peak in peaks[:3]]


@cache
def vowel_as_heard() -> tuple[float, list[float]]:
    return heard(vowel())


def rms(sound: Samples) -> float:
    return float(np.sqrt(np.mean(sound.astype(np.float64) ** 2)))


def shifted(sound: Samples, semitones: float, size: int, rate: int = RATE) -> Samples:
    pitch = Pitch(rate, semitones)
    pieces = [pitch.push(sound[start : start + size]) for start in range(0, len(sound), size)]
    return np.concatenate((*pieces, pitch.end()))


@pytest.mark.parametrize(
    ("semitones", "size"), [(4.0, 1_920), (4.0, 480), (4.0, 24_000), (-4.0, 1_920), (-4.0, 480), (1.0, 1_920)]
)
def test_the_pitch_moves_by_semitones_and_nothing_else_does(semitones: float, size: int) -> None:
    before = vowel()
    after = shifted(before, semitones, size)
    assert len(after) == len(before)
    (f0_before, formants_before), (f0, formants) = vowel_as_heard(), heard(after)
    assert f0 / f0_before == pytest.approx(2 ** (semitones / 12), rel=0.01)
    assert rms(after) == pytest.approx(rms(before), rel=0.1)
    assert formants == pytest.approx(formants_before, abs=120)
    assert np.abs(np.diff(after)).max() < 2.0 * np.abs(np.diff(before)).max()


@pytest.mark.parametrize("rate", [16_000, 48_000])
def test_other_rates_are_as_good(rate: int) -> None:
    before = vowel(160.0, rate=rate)
    assert heard(shifted(before, 3.0, 2_000, rate), rate)[0] == pytest.approx(160.0 * 2 ** (3 / 12), rel=0.02)


@pytest.mark.parametrize("count", [0, 1, 100, 1_000, 5_000])
def test_a_short_sound_is_as_long_afterwards(count: int) -> None:
    assert len(shifted(vowel()[:count], 3.0, 700)) == count


def test_what_is_not_voiced_stays_what_it_is() -> None:
    noise = 0.1 * np.random.default_rng(1).standard_normal(RATE // 2).astype(np.float32)
    assert rms(shifted(noise, 5.0, 1_920)) == pytest.approx(rms(noise), rel=0.3)
    assert not shifted(np.zeros(RATE // 2, np.float32), 5.0, 1_920).any()


class Lines(Troubles):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def info(self, text: str, **_: object) -> None: ...
    def hide(self, secret: str) -> None: ...
    def warning(self, text: str, **_: object) -> None:
        self.lines.append(text)


class Here:
    async def thread(self, call: Any, *args: Any) -> Any:
        return call(*args)

    async def sleep(self, seconds: float) -> None: ...


def through(pieces: Iterable[Sound | Exception], log: Lines | None = None) -> tuple[list[Sound], str]:
    async def voice() -> AsyncIterator[Sound]:
        for piece in pieces:
            if isinstance(piece, Exception):
                raise piece
            yield piece

    async def run() -> tuple[list[Sound], str]:
        made: list[Sound] = []
        try:
            async for sound in pitched(voice(), 4.0, Here(), log or Lines()):
                made.append(sound)
        except VoiceError as error:
            return made, str(error)
        return made, ""

    return asyncio.run(run())


def pieces_of(sound: Samples, rate: int = RATE) -> list[Sound]:
    return [Sound(sound[at : at + 1_920], rate, text=f"{at} ") for at in range(0, len(sound), 1_920)]


def joined(sounds: list[Sound]) -> Samples:
    return np.concatenate([sound.samples for sound in sounds])


def test_pieces_come_while_the_voice_goes_on_and_keep_their_words_and_order() -> None:
    given = pieces_of(vowel())
    made, _ = through(given)
    assert len(made) > len(given) / 2
    assert "".join(sound.text for sound in made) == "".join(sound.text for sound in given)
    assert len(joined(made)) == RATE
    assert heard(joined(made))[0] == pytest.approx(vowel_as_heard()[0] * 2 ** (4 / 12), rel=0.01)


def test_the_last_piece_stays_the_last() -> None:
    made, _ = through([Sound(vowel()[:9_600], RATE), Sound(vowel()[9_600:], RATE, last=True)])
    assert [sound.last for sound in made] == [*(False for _ in made[1:]), True]
    assert len(joined(made)) == RATE


def test_a_voice_that_breaks_off_is_heard_to_where_it_did() -> None:
    made, error = through([*pieces_of(vowel())[:5], VoiceError("gone")])
    assert error == "gone"
    assert len(joined(made)) == 5 * 1_920


def test_a_rate_that_changes_costs_nothing() -> None:
    made, _ = through([*pieces_of(vowel()), *pieces_of(vowel(rate=16_000), 16_000)])
    assert sum(len(sound.samples) / sound.rate for sound in made) == pytest.approx(2.0)


def test_a_machine_without_the_library_says_so_once_and_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyworld", None)
    log, given = Lines(), pieces_of(vowel())
    for _ in range(2):
        made, _ = through(given, log)
        assert (joined(made) == vowel()).all()
    assert len(log.lines) == 1
    assert "pip install pyworld-prebuilt" in log.lines[0]


def test_a_telephone_voice_cannot_be_changed_and_says_so_once() -> None:
    log = Lines()
    made, _ = through(pieces_of(vowel(rate=8_000), 8_000), log)
    assert (joined(made) == vowel(rate=8_000)).all()
    assert len(log.lines) == 1
    assert "8000 Hz" in log.lines[0]


def test_it_is_faster_than_the_voice() -> None:
    sound = vowel(seconds=3.0)
    began = time.process_time()
    shifted(sound, 4.0, 15_360)
    assert time.process_time() - began < 3.0
