"""nodes/speech/_offered/audition.py: a voice says who it is, as it is set, and what keeps it from that is told."""

import asyncio
import io
import wave

import numpy as np
import pytest

from nodes.speech._kokoro.voice import Kokoro
from nodes.speech._offered import audition as auditioning
from nodes.speech._offered.audition import LONGEST_S, audition, line
from nodes.speech._speaking.speak import Speaking
from nodes.speech._speaking.voice import Sound, VoiceError
from tests.nodes.peers_of_exams import probing
from tests.nodes.speech.stage import RATE, FakeVoice, level

LINE = "안녕하세요, 초코예요. 이 목소리 어때요?"


def heard(voice, monkeypatch, over=None):
    monkeypatch.setattr(auditioning, "make", lambda *_: (voice, ()))

    async def listen():
        with probing() as probe:
            return await audition(Kokoro(), "korean", "초코", probe, over)

    with wave.open(io.BytesIO(asyncio.run(listen()))) as wav:
        samples = np.frombuffer(wav.readframes(wav.getnframes()), "<i2").astype(np.float32) / 32767
        return wav.getframerate(), samples


@pytest.mark.parametrize(
    ("language", "character", "said"),
    [
        ("korean", "초코", LINE),
        ("korean", "곰", "안녕하세요, 곰이에요. 이 목소리 어때요?"),
        ("korean", "AIsChoco", "안녕하세요. 이 목소리 어때요?"),
        ("english", "초코", "Hello! How do you like this voice?"),
        ("french", "초코", "Hello! How do you like this voice?"),
    ],
)
def test_it_says_its_name_where_it_can_be_read(language, character, said):
    assert line(language, character) == said


def test_all_pieces_are_one_sound_at_the_rate_of_the_voice(monkeypatch):
    voice = FakeVoice({LINE: [Sound(level(0.5, 0.1, 16_000), 16_000), Sound(level(0.25, 0.1, 16_000), 16_000)]})
    rate, samples = heard(voice, monkeypatch)
    assert (rate, len(samples)) == (16_000, 3_200)
    assert samples[[0, -1]] == pytest.approx([0.5, 0.25], abs=1e-3)
    assert (voice.prepares, voice.closed) == (1, 1)


def test_what_comes_on_top_of_the_voice_is_heard_too(monkeypatch):
    said = {LINE: [Sound(level(0.5, 1.0), RATE)]}
    _, plain = heard(FakeVoice(said), monkeypatch)
    _, shaped = heard(FakeVoice(said), monkeypatch, Speaking(gain_db=-6.02))
    assert np.median(shaped) == pytest.approx(np.median(plain) / 2, rel=0.02)


def test_a_voice_that_does_not_end_is_broken_off(monkeypatch):
    voice = FakeVoice({LINE: [Sound(level(0.5, 1.0), RATE)] * 60})
    _, samples = heard(voice, monkeypatch)
    assert len(samples) == LONGEST_S * RATE
    assert voice.broken_off == [LINE]


@pytest.mark.parametrize(
    ("voice", "said"),
    [
        (FakeVoice(prepared=[VoiceError("없어요")]), "없어요"),
        (FakeVoice({LINE: [VoiceError("멈췄어요")]}), "멈췄어요"),
        (FakeVoice({LINE: []}), "소리가 나지 않아요"),
    ],
)
def test_a_voice_that_cannot_say_it_tells_why_and_is_closed(monkeypatch, voice, said):
    with pytest.raises(ValueError, match=said):
        heard(voice, monkeypatch)
    assert voice.closed == 1


@pytest.mark.component
def test_the_real_voices_differ_and_follow_the_speed():
    async def listen(**settings):
        with probing() as probe:
            return await audition(Kokoro(**settings, cache_mb=0), "korean", "초코", probe)

    low, high, fast = (
        asyncio.run(listen(**settings))
        for settings in ({"voice": "jm_kumo"}, {"voice": "jf_tebukuro"}, {"voice": "jm_kumo", "speed": 1.6})
    )
    assert len(low) > RATE  # half a second at least
    assert low[44:] != high[44:]
    assert len(fast) < 0.8 * len(low)
