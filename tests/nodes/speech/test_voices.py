import asyncio
import importlib.util
from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter

from nodes.speech._http.voice import HttpVoice
from nodes.speech._speaking.voice import Sound, Voice, VoiceError
from nodes.speech._voices import Choice, Shaped, make
from nodes.troubles import Troubles
from tests.nodes.speech.speaking.test_pitch import Here, Lines, heard, rms, vowel, vowel_as_heard
from tests.nodes.speech.stage import RATE, FakeVoice, level, sentence


class Quiet(Troubles):
    """``Worker``, ``Clock`` and ``Log`` that do nothing."""

    async def thread(self, call: Any, *args: Any) -> Any:
        return call(*args)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def now(self) -> float:
        return 0.0

    def info(self, text: str, **fields: object) -> None:
        pass

    warning = info

    def hide(self, secret: str) -> None:
        pass


def made(**config: Any) -> tuple[Voice, tuple[Any, ...]]:
    quiet = Quiet()
    return make(TypeAdapter(Choice).validate_python(config), quiet, quiet, quiet)  # pyright: ignore[reportUnknownArgumentType, reportArgumentType]


async def said(voice: Voice) -> np.ndarray:
    return np.concatenate([sound.samples async for sound in voice.say(sentence("안녕"))])


def test_each_kind_of_settings_makes_its_voice() -> None:
    assert {type(made(type=name)[0]) for name in ("http", "qwen", "system")} == {Shaped}
    voice, beside = made(type="http", urls=["http://a:1"])
    assert isinstance(vars(voice)["_voice"], HttpVoice)
    assert len(beside) == 1
    assert made(type="system")[1] == ()


def test_a_voice_whose_package_is_missing_says_so_when_it_is_prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    voice, _ = made(type="kokoro")
    for call in (voice.prepare(), said(voice)):
        with pytest.raises(VoiceError, match="pip install"):
            asyncio.run(call)
    asyncio.run(voice.close())


def test_the_embedded_voice_sets_its_tempo_by_itself() -> None:
    voice, _ = made(type="kokoro", speed=2.0)
    assert vars(voice)["_own_tempo"] is True


def test_a_voice_speaks_at_the_tempo_and_level_of_its_settings() -> None:
    async def story() -> None:
        fake = FakeVoice({"안녕": [Sound(level(0.1, 1.0), RATE)]})
        config = TypeAdapter[Any](Choice).validate_python({"type": "http", "speed": 2.0, "gain_db": 6.0})
        voice = Shaped(fake, config, Here(), Lines(), own_tempo=False)
        await voice.prepare()
        samples = await said(voice)
        assert len(samples) / RATE == pytest.approx(0.5, abs=0.03)
        assert np.median(samples) == pytest.approx(0.2, abs=0.01)
        assert len(await said(Shaped(fake, config, Here(), Lines(), own_tempo=True))) == RATE
        await voice.close()
        assert (fake.prepares, fake.closed) == (1, 1)

    asyncio.run(story())


def test_a_voice_of_a_list_has_its_own_styles() -> None:
    async def story() -> None:
        fake = FakeVoice({"안녕": [Sound(part, RATE) for part in np.array_split(vowel(), 6)]})
        styles = {"neutral": {"pitch": 4.0, "gain_db": -6.0}}
        config = TypeAdapter[Any](Choice).validate_python({"type": "http", "pitch": -1.0, "styles": styles})
        samples = await said(Shaped(fake, config, Here(), Lines(), own_tempo=False))
        assert len(samples) == RATE
        assert heard(samples)[0] / vowel_as_heard()[0] == pytest.approx(2 ** (3 / 12), rel=0.01)
        assert rms(samples) / rms(vowel()) == pytest.approx(10 ** (-6 / 20), rel=0.15)

    asyncio.run(story())
