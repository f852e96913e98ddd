import asyncio
import base64
import platform
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from graphs.engine.flow.instance import Instance
from nodes.speech import _system_voice
from nodes.speech._serve_wire import pcm, wav_header
from nodes.speech._speaking.voice import VoiceError
from nodes.speech._system_voice import Processes, Program, program
from schemas.playback import Stop
from schemas.speech import SpeechChunk, SpeechEnded
from tests.harness import Ran, run
from tests.nodes.speech.stage import level, sentence, sound_of

SOUND = pcm(np.concatenate((level(0.0, 0.5, 22_050), level(0.5, 0.2, 22_050), level(0.0, 0.5, 22_050))))
WAV = wav_header(22_050, None) + SOUND


class Runner:
    """Instead of programs: gives the next answer."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.ran: list[Program] = []
        self.killed = threading.Event()

    def run(self, program: Program) -> bytes:
        self.ran.append(program)
        answer = self.answers.pop(0) if self.answers else WAV
        if answer == "hang":
            assert self.killed.wait(10)
            raise VoiceError("killed")
        if isinstance(answer, Exception):
            raise answer
        return answer

    def kill(self) -> None:
        self.killed.set()


def which(name: str) -> str | None:
    return f"/bin/{name}"


def say(runner: Runner, *sentences: Any, **options: Any) -> Ran:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_system_voice, "Processes", lambda: runner)
        patch.setattr(
            _system_voice,
            "program",
            lambda system, spoken, name, language: program("Linux", spoken, name, which, language),
        )
        given = [(float(number), one) for number, one in enumerate(sentences)]
        settings = {"pause_s": 0.0, **options.pop("settings", {})}
        return run("speech.system", {"sentence": given, "stop": []}, settings=settings, **options)


def test_a_sentence_is_one_piece_without_the_silence_at_its_ends() -> None:
    runner = Runner()
    ran = say(runner, sentence("안녕", last=True))
    (chunk,) = (event for event in ran.events() if isinstance(event, SpeechChunk))
    assert (chunk.rate, round(chunk.seconds, 1)) == (22_050, 0.3)
    assert [each.given.decode() for each in runner.ran] == ["네", "안녕"]
    assert ran.log == ["info 목소리 준비 완료"]


def test_nothing_to_say_runs_nothing() -> None:
    runner = Runner()
    assert len(sound_of(say(runner, sentence(" ", last=True)), 0)) == 0
    assert len(runner.ran) == 1


@pytest.mark.parametrize("answer", [VoiceError("없음"), b"", b"no wav at all", wav_header(22_050, None)])
def test_a_program_that_makes_no_sound_costs_the_sentence_only(answer: Any) -> None:
    ran = say(Runner(WAV, answer), sentence("하나", 0), sentence("둘", 1, last=True))
    assert [event.failed for event in ran.events() if isinstance(event, SpeechEnded)] == [True, False]


def test_a_program_that_makes_silence_is_a_sentence_without_sound() -> None:
    quiet = wav_header(22_050, None) + bytes(22_050)
    ran = say(Runner(WAV, quiet), sentence("하나", last=True))
    assert [event.failed for event in ran.events() if isinstance(event, SpeechEnded)] == [False]


def test_a_stop_ends_the_program() -> None:
    runner = Runner(WAV, "hang")

    async def stop(instance: Instance) -> None:
        while len(runner.ran) < 2:
            await asyncio.sleep(0)
        instance.feed("stop", Stop(turn="t1"))

    ran = say(runner, sentence("하나", 0), sentence("둘", 0, turn="t2", last=True), during=stop)
    assert ran.error is None
    assert runner.killed.is_set()
    assert [each.given.decode() for each in runner.ran] == ["네", "하나", "둘"]
    assert [event.turn for event in ran.events() if isinstance(event, SpeechChunk)] == ["t2"]


def test_windows_is_asked_by_powershell_with_the_text_as_base64() -> None:
    made = program("Windows", "안녕 'x' $(calc)", "", which)
    script = base64.b64decode(made.command[-1]).decode("utf-16-le")
    assert made.command[:-1] == (
        "/bin/powershell",
        *("-NoProfile", "-NonInteractive", "-OutputFormat", "Text", "-EncodedCommand"),
    )
    assert "System.Speech" in script
    assert "calc" not in script
    assert base64.b64decode(made.given).decode() == "안녕 'x' $(calc)"
    assert made.environment == {"AISCHOCO_OUT": "{out}", "AISCHOCO_VOICE": "", "AISCHOCO_LANGUAGE": "ko"}


def test_macos_is_asked_by_say_with_the_text_on_its_input() -> None:
    made = program("Darwin", "안녕", "", which)
    assert made.command == (
        *("/bin/say", "-v", "Yuna", "-o", "{out}"),
        *("--file-format=WAVE", "--data-format=LEI16@24000", "-f", "-"),
    )
    assert made.given.decode() == "안녕"
    assert program("Darwin", "안녕", "Sora", which).command[2] == "Sora"


def test_linux_is_asked_by_espeak() -> None:
    assert program("Linux", "안녕", "", which).command == ("/bin/espeak-ng", "--stdout", "-v", "ko")


@pytest.mark.parametrize(("system", "remedy"), [("Windows", "powershell"), ("Darwin", "say"), ("Linux", "apt install")])
def test_a_system_without_a_voice_says_what_is_missing(system: str, remedy: str) -> None:
    with pytest.raises(VoiceError, match=remedy):
        program(system, "안녕", "", lambda _: None)


def script(code: str, *arguments: str, given: bytes = b"", **environment: str) -> Program:
    return Program((sys.executable, "-c", code, *arguments), given, environment, "다시 까세요")


def test_what_a_program_writes_is_given_from_its_output_or_its_file() -> None:
    echo = "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read())"
    assert Processes().run(script(echo, given="안녕".encode())) == "안녕".encode()
    to_file = "import sys, pathlib, os; pathlib.Path(sys.argv[1]).write_bytes(os.environb[b'AISCHOCO_VOICE'])"
    assert Processes().run(script(to_file, "{out}", AISCHOCO_VOICE="Heami")) == b"Heami"
    from_environment = "import os, pathlib; pathlib.Path(os.environ['AISCHOCO_OUT']).write_bytes(b'x')"
    assert Processes().run(script(from_environment, AISCHOCO_OUT="{out}")) == b"x"


def test_a_program_that_fails_is_told_with_its_own_words_and_the_remedy() -> None:
    with pytest.raises(VoiceError, match=r"no Korean voice\. 다시 까세요"):
        Processes().run(script("import sys; sys.exit('no Korean voice')"))
    with pytest.raises(VoiceError, match=r"끝난 값 3\. 다시 까세요"):
        Processes().run(script("import sys; sys.exit(3)"))
    with pytest.raises(VoiceError, match="다시 까세요"):
        Processes().run(Program(("/no/such/program",), b"", {}, "다시 까세요"))


def test_a_program_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_system_voice, "TIMEOUT_S", 0.1)
    with pytest.raises(VoiceError, match="끝나지 않았어요"):
        Processes().run(script("import time; time.sleep(60)"))


def test_a_program_can_be_ended_from_another_thread() -> None:
    processes = Processes()
    errors: list[Exception] = []

    def go() -> None:
        try:
            processes.run(script("import time, sys; print('up', flush=True); time.sleep(60)"))
        except VoiceError as error:
            errors.append(error)

    thread = threading.Thread(target=go)
    thread.start()
    while processes._running is None and thread.is_alive():
        time.sleep(0.005)
    processes.kill()
    thread.join(10)
    assert len(errors) == 1


def test_a_program_that_is_ended_while_it_starts_does_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    processes = Processes()

    class Slow(subprocess.Popen[bytes]):
        def __init__(self, *given: Any, **options: Any) -> None:
            processes.kill()
            super().__init__(*given, **options)

    monkeypatch.setattr(subprocess, "Popen", Slow)
    with pytest.raises(VoiceError):
        processes.run(script("import time; time.sleep(60)"))


@pytest.mark.component
@pytest.mark.skipif(platform.system() != "Linux" or not shutil.which("espeak-ng"), reason="eSpeak NG is not installed")
def test_espeak_speaks_korean() -> None:
    ran = run("speech.system", {"sentence": [(0.0, sentence("안녕하세요, 반갑습니다.", last=True))]})
    assert 0.8 < len(sound_of(ran, 0)) / 22_050 < 4
    assert np.sqrt((sound_of(ran, 0) ** 2).mean()) > 0.02


@pytest.mark.parametrize(("language", "espeak", "mac"), [("english", "en", "Samantha"), ("chinese", "cmn", "Tingting")])
def test_the_voice_is_one_of_the_language(language: Any, espeak: str, mac: str) -> None:
    assert program("Linux", "hi", "", which, language).command == ("/bin/espeak-ng", "--stdout", "-v", espeak)
    assert program("Darwin", "hi", "", which, language).command[2] == mac
    assert program("Windows", "hi", "", which, language).environment["AISCHOCO_LANGUAGE"] in ("en", "zh")
    assert language in program("Windows", "hi", "", which, language).remedy


def test_it_speaks_the_language_of_the_sentence_unless_the_settings_name_one() -> None:
    runner, own = Runner(), Runner()
    english = replace(sentence("Hello.", last=True), language="english")
    say(runner, english)
    assert [each.command[-1] for each in runner.ran] == ["ko", "en"]
    say(own, english, settings={"language": "japanese"})
    assert [each.command[-1] for each in own.ran] == ["ja", "ja"]
    assert own.ran[0].given == b"1"
