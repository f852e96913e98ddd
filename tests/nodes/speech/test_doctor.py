import asyncio
import importlib.util
import subprocess
from types import SimpleNamespace

import numpy as np
import pytest

from nodes.speech import doctor
from nodes.speech._qwen import folder, packages, sample_set
from nodes.speech._speaking.voice import Sound, VoiceError
from tests.nodes import peers_of_exams
from tests.nodes.peers_of_exams import VoiceServer, look, one, served


class FakeVoice:
    """Says what a test has chosen."""

    error: Exception | None = None
    wait_s = 0.0
    sounds = (np.ones(10, np.float32),)
    closed = 0

    def __init__(self, config: object = None, *_: object) -> None:
        self.config = config

    async def prepare(self) -> None:
        if self.error:
            raise self.error

    async def say(self, sentence):
        await asyncio.sleep(self.wait_s)
        for samples in self.sounds:
            yield Sound(samples, 24000)

    async def close(self) -> None:
        type(self).closed += 1


@pytest.fixture
def voice(monkeypatch):
    class Voice(FakeVoice):
        pass

    monkeypatch.setattr(doctor, "KokoroVoice", Voice)
    monkeypatch.setattr(doctor, "SystemVoice", Voice)
    return Voice


def looked(type_, **settings):
    return asyncio.run(look(type_, **settings))


@pytest.mark.parametrize("type_", ["speech.kokoro", "speech.system"])
def test_a_voice_that_makes_a_sound_is_green_and_is_closed(voice, type_):
    (finding,) = looked(type_)
    assert finding.ok
    assert "첫 소리까지" in finding.what
    assert voice.closed == 1


def test_a_voice_that_cannot_speak_tells_why(voice):
    voice.error = VoiceError("한국어 목소리를 설치하세요")
    assert one(looked("speech.system")).remedy.startswith("한국어 목소리를 설치하세요 (")


def test_a_voice_that_is_too_slow(voice, monkeypatch):
    monkeypatch.setattr(doctor, "SOUND_S", 0.02)
    voice.wait_s = 5.0
    assert "너무 느림" in one(looked("speech.kokoro")).what
    assert voice.closed == 1


def test_a_voice_that_says_nothing(voice):
    voice.sounds = (np.zeros(0, np.float32),)
    assert "소리가 없음" in one(looked("speech.kokoro")).what


def test_packages_of_the_embedded_voice_that_are_missing(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert "pip install" in one(looked("speech.kokoro")).remedy


def test_a_voice_server_has_to_be_there_and_to_speak():
    async def main():
        server = VoiceServer()
        async with served(health=server.health, speech=server.speech) as url:
            good = await look("speech.http", urls=[url])
            server.up = False
            return good, await look("speech.http", urls=[url])

    good, bad = asyncio.run(main())
    assert [finding.ok for finding in good] == [True]
    assert "503" in one(bad).remedy


def test_without_an_address_there_is_no_voice_server():
    assert "TTS_REMOTE_URL" in one(looked("speech.http", urls=[""])).remedy


@pytest.fixture
def card(monkeypatch, tmp_path):
    """A machine that has all that the cloned voice needs."""
    program = SimpleNamespace(answer="9000\n")
    monkeypatch.setattr(packages, "check", lambda: None)
    monkeypatch.setattr(doctor.shutil, "which", lambda _: "/usr/bin/nvidia-smi")

    def run(command, **_):
        if isinstance(program.answer, Exception):
            raise program.answer
        return SimpleNamespace(stdout=program.answer)

    monkeypatch.setattr(doctor.subprocess, "run", run)
    monkeypatch.setattr(folder, "find", lambda *args: folder.Folder(tmp_path, f"{args[2]}"))
    monkeypatch.setattr(sample_set, "read_all", lambda _: SimpleNamespace(samples={"neutral": 1}))
    return program


def test_a_cloned_voice_with_card_model_and_recordings_is_green(card):
    (finding,) = looked("speech.qwen")
    assert finding.ok
    assert "녹음 1개, 남은 메모리 9.4 GB" in finding.what
    assert looked("speech.qwen", device="cpu")[0].ok


@pytest.mark.parametrize("answer", ["", "none", subprocess.TimeoutExpired("nvidia-smi", 5), OSError()])
def test_a_card_that_cannot_be_asked_is_none(card, answer):
    card.answer = answer
    assert "NVIDIA" in one(looked("speech.qwen")).remedy


def test_without_the_program_of_the_driver_there_is_no_card(card, monkeypatch):
    monkeypatch.setattr(doctor.shutil, "which", lambda _: None)
    assert "드라이버" in one(looked("speech.qwen")).remedy


def test_one_voice_of_a_ladder_is_enough_and_the_others_are_named(voice, card):
    voices = [{"type": "http", "urls": [""]}, {"type": "qwen"}, {"type": "system"}, {"type": "kokoro"}]
    (finding,) = looked("speech.ladder", voices=voices)
    assert finding.ok
    assert "3/3" in finding.what
    card.answer = ""
    (finding,) = looked("speech.ladder", voices=voices)
    assert finding.ok
    assert "2/3" in finding.what
    assert "NVIDIA" in finding.what


def test_a_ladder_without_any_voice_is_red(voice):
    voice.error = VoiceError("설치하세요")
    assert "설치하세요" in one(looked("speech.ladder", voices=[{"type": "kokoro"}])).remedy
    http = [{"type": "http", "urls": ["http://127.0.0.1:9"]}]
    assert "127.0.0.1:9" in one(looked("speech.ladder", voices=http)).remedy


def test_a_ladder_that_names_no_voice_is_a_show_of_subtitles_and_no_fault():
    (finding,) = looked("speech.ladder", voices=[{"type": "http", "urls": [""]}])
    assert finding.ok
    assert finding.what == "목소리 없이 자막만 나가요"


def test_the_embedded_voice_is_tried_with_other_numbers_of_threads_where_that_is_asked_for(voice, monkeypatch):
    monkeypatch.setattr(doctor.os, "cpu_count", lambda: 4)
    passed = [0.0]  # a clock of its own: a busy machine changes nothing
    monkeypatch.setattr(peers_of_exams, "LoopClock", lambda: SimpleNamespace(now=lambda: passed[0]))

    async def say(self, sentence):
        passed[0] += {1: 0.06, 2: 0.03, 4: 0.01}[self.config.threads]
        yield Sound(np.ones(10, np.float32), 24000)

    voice.say = say
    (plain,) = looked("speech.ladder", voices=[{"type": "kokoro"}])
    assert plain.tried == ()
    voices = [{"type": "system"}, {"type": "kokoro", "threads": 2}]
    monkeypatch.setattr(doctor, "SystemVoice", FakeVoice)
    (finding,) = looked("speech.ladder", trying=True, voices=voices)
    one_thread, four = finding.tried
    assert [(each.path, each.set_to, each.value) for each in finding.tried] == [
        (("voices", 1, "threads"), 2, 1),
        (("voices", 1, "threads"), 2, 4),
    ]
    assert one_thread.first_sound_s == pytest.approx((0.03, 0.06))
    assert four.first_sound_s == pytest.approx((0.03, 0.01))


def test_a_voice_that_gives_out_while_it_is_tried_is_still_one_that_works(voice, monkeypatch):
    monkeypatch.setattr(doctor.os, "cpu_count", lambda: 4)

    async def prepare(self):
        if self.config.threads == 4:
            raise VoiceError("busy")

    voice.prepare = prepare
    (finding,) = looked("speech.kokoro", trying=True, threads=2)
    assert finding.ok
    assert finding.tried == ()
