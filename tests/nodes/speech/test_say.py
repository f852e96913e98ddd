"""nodes/speech/_say.py: every voice that a graph can name can be heard first, under a name for people."""

import wave
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from nodes.speech import _say
from nodes.speech._kokoro.voice import Kokoro
from nodes.speech._say import PEOPLE, chosen, say
from nodes.speech.pull import voice
from schemas.command import FAILED, OK


@pytest.fixture
def spoken(monkeypatch):
    """Let a voice be a tone, whose text and code are kept."""
    said = []

    async def sound(person, text):
        said.append((person.code, text))
        return np.full(240, 0.5, np.float32)

    monkeypatch.setattr(_say, "_sound", sound)
    return said


def test_every_voice_of_the_setting_has_one_name_for_people():
    codes = get_args(Kokoro.model_fields["voice"].annotation)
    assert sorted(each.code for each in PEOPLE) == sorted(codes)
    assert len({each.name for each in PEOPLE}) == len(PEOPLE)


def test_a_voice_is_found_by_its_name_or_its_code():
    assert [each.code for each in chosen("구모")] == ["jm_kumo"]
    assert chosen("jm_kumo") == chosen("구모")
    assert len(chosen("")) == len(PEOPLE)


def test_all_are_heard_in_turn_each_greeting_by_name(spoken, tmp_path, capsys):
    heard = []
    assert say("", "", None, tmp_path, heard.append) == OK
    assert [code for code, _ in spoken] == [each.code for each in PEOPLE]
    assert spoken[0][1] == "안녕하세요. 제 목소리는 네즈미예요. 잘 들리나요?"
    assert len(heard) == len(PEOPLE)
    assert list(tmp_path.iterdir()) == []
    told = capsys.readouterr().out
    assert "네즈미 (jf_nezumi): 차분한 여자 목소리" in told
    assert "voice: jf_nezumi" in told


def test_without_a_device_each_is_a_file(spoken, tmp_path, capsys):
    def silent(_):
        raise OSError("no device")

    assert say("반가워요", "구모", None, tmp_path, silent) == OK
    assert spoken == [("jm_kumo", "반가워요")]
    with wave.open(str(tmp_path / "voice-jm_kumo.wav")) as wav:
        assert (wav.getframerate(), wav.getnchannels(), wav.getnframes()) == (24_000, 1, 240)
    assert "no device" in capsys.readouterr().out


def test_the_command_writes_the_file_that_was_asked_for(spoken, tmp_path):
    out = tmp_path / "hello.wav"
    assert voice(["say", "반가워요", "--voice", "알파", "--out", str(out)], tmp_path, {}) == OK
    assert out.is_file()
    assert voice(["say", "--out", str(out)], tmp_path, {}) == OK
    assert (tmp_path / "hello-jm_kumo.wav").is_file()


@pytest.mark.parametrize("words", [["--voice", "없음"], ["--out", "nowhere/x.wav"]])
def test_what_cannot_be_is_told(spoken, tmp_path, monkeypatch, capsys, words):
    monkeypatch.chdir(tmp_path)
    assert voice(["say", *words], tmp_path, {}) == FAILED
    told = capsys.readouterr().out
    assert "네즈미" in told or "nowhere" in told


@pytest.mark.component
def test_the_real_voice_says_it(tmp_path: Path):
    assert say("안녕하세요", "구모", tmp_path / "real.wav", tmp_path) == OK
    with wave.open(str(tmp_path / "real.wav")) as wav:
        samples = np.frombuffer(wav.readframes(wav.getnframes()), "<i2")
    assert len(samples) > 12_000
    assert np.abs(samples).max() > 1000
