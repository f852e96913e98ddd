import asyncio
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest

from nodes.speech._speaking.shaped import shaped
from nodes.speech._speaking.voice import Sound, VoiceError
from tests.nodes.speech.stage import RATE, level, tone


class Source:
    """An iterator that can be closed, as a voice's."""

    def __init__(self, *steps: Any) -> None:
        self.steps = list(steps)
        self.closed = False

    def __aiter__(self) -> AsyncIterator[Sound]:
        return self

    async def __anext__(self) -> Sound:
        if not self.steps:
            raise StopAsyncIteration
        step = self.steps.pop(0)
        if isinstance(step, Exception):
            raise step
        return step

    async def aclose(self) -> None:
        self.closed = True


def shape(*steps: Any, tempo: float = 1.0, gain_db: float = 0.0) -> list[Sound]:
    async def run() -> list[Sound]:
        source = Source(*steps)
        made: list[Sound] = []
        try:
            async for sound in shaped(source, lambda: tempo, lambda: gain_db):
                made.append(sound)
        except VoiceError:
            made.append(Sound(np.zeros(0, np.float32), 0))
        assert source.closed
        return made

    return asyncio.run(run())


def joined(sounds: list[Sound]) -> np.ndarray:
    return np.concatenate([sound.samples for sound in sounds])


def test_sound_is_faded_where_it_begins_and_where_it_ends_and_nowhere_else() -> None:
    sound = joined(shape(*(Sound(level(0.5), RATE) for _ in range(3))))
    fade = round(0.005 * RATE)
    assert len(sound) == round(0.3 * RATE)
    assert sound[0] == sound[-1] == 0.0
    assert (sound[fade:-fade] == 0.5).all()
    assert np.abs(np.diff(sound)).max() < 0.01


def test_the_first_piece_is_given_at_once_but_for_its_last_5_ms() -> None:
    first, *_ = shape(Sound(level(0.5), RATE), Sound(level(0.5), RATE))
    assert len(first.samples) == round(0.095 * RATE)


def test_a_piece_that_ends_in_silence_is_given_whole() -> None:
    quiet = np.concatenate((level(0.5), level(0.0, 0.01)))
    first, second, _ = shape(Sound(quiet, RATE), Sound(level(0.5), RATE))
    assert len(first.samples) == len(quiet)
    assert second.samples[0] == 0.5


def test_a_piece_that_says_it_is_the_last_is_given_whole_and_says_so() -> None:
    (only,) = shape(Sound(level(0.5), RATE, last=True))
    assert (len(only.samples), only.last, only.samples[-1]) == (round(0.1 * RATE), True, 0.0)


def test_a_voice_that_breaks_off_ends_without_a_click() -> None:
    *sounds, mark = shape(Sound(level(0.5), RATE), VoiceError("gone"))
    assert mark.rate == 0
    assert joined(sounds)[-1] == 0.0
    assert len(joined(sounds)) == round(0.1 * RATE)


def test_a_voice_that_fails_at_once_gives_nothing() -> None:
    assert [sound.rate for sound in shape(VoiceError("gone"))] == [0]


def test_nothing_comes_of_nothing() -> None:
    assert shape() == []
    assert shape(Sound(level(0.5, 0.0), RATE)) == []


def test_gain_makes_it_louder_and_never_clips() -> None:
    assert joined(shape(Sound(tone(200, 0.2), RATE), gain_db=-6.0)).max() == pytest.approx(0.2, abs=0.005)
    assert np.abs(joined(shape(Sound(tone(200, 0.2), RATE), gain_db=20.0))).max() < 1.0


def test_tempo_makes_it_shorter_piece_by_piece() -> None:
    sounds = shape(*(Sound(tone(200, 0.2), RATE) for _ in range(5)), tempo=2.0)
    assert len(joined(sounds)) / RATE == pytest.approx(0.5, abs=0.03)
    assert len(sounds) > 3


def test_another_rate_on_the_way_is_another_stream() -> None:
    first, last, second, *rest = shape(Sound(level(0.5), RATE), Sound(level(0.5), 16_000))
    assert [sound.rate for sound in (first, last, second)] == [RATE, RATE, 16_000]
    assert last.samples[-1] == 0.0
    assert second.samples[0] == 0.0
    assert rest[-1].samples[-1] == 0.0


def test_closing_it_closes_the_voice() -> None:
    async def run() -> bool:
        source = Source(Sound(level(0.5), RATE), Sound(level(0.5), RATE))
        sounds = shaped(source, lambda: 1.0, lambda: 0.0)
        await anext(sounds)
        await sounds.aclose()
        return source.closed

    assert asyncio.run(run())


def test_the_text_of_a_piece_comes_with_its_first_sound() -> None:
    said = [
        Sound(np.append(tone(200, 0.1), np.zeros(480, np.float32)), RATE, text=text) for text in ("안녕, ", "여러분")
    ]
    assert [sound.text for sound in shape(*said)] == ["안녕, ", "여러분"]
    short = [
        Sound(tone(200, 0.004), RATE, text="아"),
        Sound(tone(200, 0.2), RATE, text="이"),
        Sound(tone(200, 0.2), RATE),
    ]
    assert "".join(sound.text for sound in shape(*short, tempo=1.5)) == "아이"
