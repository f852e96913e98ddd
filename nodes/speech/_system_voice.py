"""The voice of the operating system: SAPI on Windows, ``say`` on macOS, eSpeak NG on Linux; one process a sentence."""

import base64
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Protocol

import numpy as np
from pydantic import Field

from nodes.phrases import phrase
from nodes.services import Worker
from nodes.speech._speaking.sound import trimmed
from nodes.speech._speaking.speak import LANGUAGE, Speaking
from nodes.speech._speaking.voice import Sound, VoiceError
from nodes.speech._speaking.wav import Wav, WireError
from schemas.language import CODES, KOREAN, Language, Speaks
from schemas.reply import Sentence

TIMEOUT_S = 20.0
"""These programs take well below a second for a sentence; PowerShell may need 5 s at its first start."""
_OUT = "{out}"
"""Stands in a command for the file that it must write."""

# The text comes as base64, so that no code page of the console touches it. The first Korean voice of the system (since
# Windows 8 "Microsoft Heami", if the Korean language is installed), or the one that is named.
_POWERSHELL = """
$ErrorActionPreference = 'Stop'
trap { [Console]::Error.WriteLine($_.Exception.Message); exit 4 }
try { [Console]::OutputEncoding = [Text.Encoding]::UTF8 } catch {}
Add-Type -AssemblyName System.Speech
$s = New-Object System.Speech.Synthesis.SpeechSynthesizer
$name = [Environment]::GetEnvironmentVariable('AISCHOCO_VOICE')
if (-not $name) {
  $code = [Environment]::GetEnvironmentVariable('AISCHOCO_LANGUAGE')
  $there = $s.GetInstalledVoices() | Where-Object { $_.Enabled }
  $fit = $there | Where-Object { $_.VoiceInfo.Culture.TwoLetterISOLanguageName -eq $code }
  if (-not $fit) { [Console]::Error.WriteLine("no voice for the language $code"); exit 3 }
  $name = @($fit)[0].VoiceInfo.Name
}
$s.SelectVoice($name)
$text = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String([Console]::In.ReadToEnd().Trim()))
$form = New-Object System.Speech.AudioFormat.SpeechAudioFormatInfo(24000, 'Sixteen', 'Mono')
$s.SetOutputToWaveFile([Environment]::GetEnvironmentVariable('AISCHOCO_OUT'), $form)
$s.Speak($text)
$s.Dispose()
"""


_MAC: dict[Language, str] = {
    "korean": "Yuna",
    "english": "Samantha",
    "japanese": "Kyoko",
    "chinese": "Tingting",
    "french": "Thomas",
    "german": "Anna",
    "italian": "Alice",
    "portuguese": "Luciana",
    "russian": "Milena",
    "spanish": "Monica",
}
"""The voice of macOS for a language."""
_ESPEAK: dict[Language, str] = {"chinese": "cmn"}
"""What eSpeak NG calls a language otherwise than ISO 639-1."""


class System(Speaking):
    """Settings of the voice of the operating system."""

    name: str = Field(
        "",
        title="Name of the voice",
        description=("Name of the voice; empty: one that fits the language (for Korean macOS: Yuna, Windows: Heami)."),
    )
    language: Annotated[Language | None, Speaks()] = Field(None, title="Language", description=LANGUAGE)


@dataclass(frozen=True, slots=True)
class Program:
    """How a system is asked to speak."""

    command: tuple[str, ...]
    """``{out}`` stands for the file to write; without it the WAV comes from standard output."""
    given: bytes
    """For its standard input."""
    environment: Mapping[str, str]
    remedy: str
    """What to do if it does not work."""


class Runner(Protocol):
    """Runs a program to its end."""

    def run(self, program: Program) -> bytes:
        """Run it and return the WAV file that it made. Blocking.

        Raises:
            VoiceError: it failed, or took longer than ``TIMEOUT_S``.
        """
        ...

    def kill(self) -> None:
        """End what runs now, from another thread."""
        ...


def program(
    system: str,
    spoken: str,
    name: str,
    which: Callable[[str], str | None] = shutil.which,
    language: Language = KOREAN,
) -> Program:
    """Return what to run on ``system`` (``platform.system()``) for a text.

    Raises:
        VoiceError: this system has no voice; the text says how to get one.
    """
    wanted = phrase("Korean") if language == KOREAN else language
    if system == "Windows":
        shell = which("powershell")  # not pwsh: System.Speech is a part of Windows' own .NET
        if shell is None:
            raise VoiceError(phrase("there is no {program}", program="powershell"))
        script = base64.b64encode(_POWERSHELL.encode("utf-16-le")).decode()
        # its other output is XML for another PowerShell unless it is told to write text
        command = (shell, "-NoProfile", "-NonInteractive", "-OutputFormat", "Text", "-EncodedCommand", script)
        environment = {"AISCHOCO_OUT": _OUT, "AISCHOCO_VOICE": name, "AISCHOCO_LANGUAGE": CODES[language]}
        remedy = phrase("Windows settings > Time & language > Speech: add a voice for {language}", language=wanted)
        return Program(command, base64.b64encode(spoken.encode()), environment, remedy)
    if system == "Darwin":
        say = which("say")
        if say is None:
            raise VoiceError(phrase("there is no {program}", program="say"))
        command = (
            say,
            "-v",
            name or _MAC[language],
            "-o",
            _OUT,
            "--file-format=WAVE",
            "--data-format=LEI16@24000",
            "-f",
            "-",
        )
        remedy = phrase(
            "System Settings > Accessibility > Spoken Content: download a voice for {language} ({name})",
            language=wanted,
            name=_MAC[language],
        )
        return Program(command, spoken.encode(), {}, remedy)
    espeak = which("espeak-ng")
    if espeak is None:
        text = phrase("the system has no voice. On Linux: {command}", command="sudo apt install espeak-ng")
        raise VoiceError(text)
    code = _ESPEAK.get(language, CODES[language])
    remedy = phrase("Look at {command}", command=f"espeak-ng --voices={code}")
    return Program((espeak, "--stdout", "-v", name or code), spoken.encode(), {}, remedy)


class Processes:
    """Runs real programs as a ``Runner``; one at a time."""

    def __init__(self) -> None:
        self._running: subprocess.Popen[bytes] | None = None
        self._killed = False

    def run(self, program: Program) -> bytes:
        self._killed = False
        with tempfile.TemporaryDirectory(prefix="aischoco-", ignore_cleanup_errors=True) as folder:
            out = str(Path(folder) / "said.wav")
            command = [out if part == _OUT else part for part in program.command]
            environment = {name: out if value == _OUT else value for name, value in program.environment.items()}
            try:
                output = self._output(command, program.given, os.environ | environment)
            except OSError as error:
                raise VoiceError(f"{program.command[0]}: {error}. {program.remedy}") from error
            except _Ended as error:
                raise VoiceError(f"{Path(program.command[0]).name}: {error}. {program.remedy}") from None
            return Path(out).read_bytes() if Path(out).exists() else output

    def kill(self) -> None:
        self._killed = True
        if self._running is not None:
            self._running.kill()

    def _output(self, command: list[str], given: bytes, environment: Mapping[str, str]) -> bytes:
        pipe = subprocess.PIPE
        flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
        with subprocess.Popen(  # noqa: S603 - a fixed program; the text goes to its standard input
            command, stdin=pipe, stdout=pipe, stderr=pipe, env=environment, creationflags=flags
        ) as running:
            self._running = running
            try:
                if self._killed:  # between the start of this call and the start of the program
                    running.kill()
                output, errors = running.communicate(given, TIMEOUT_S)
            except subprocess.TimeoutExpired:
                running.kill()
                raise _Ended(phrase("it did not end within {seconds} s", seconds=f"{TIMEOUT_S:.0f}")) from None
            finally:
                self._running = None
            if running.returncode:
                code = running.returncode
                raise _Ended(
                    errors.decode("utf-8", "replace").strip()[-200:] or phrase("exit status {code}", code=code)
                )
            return output


class _Ended(Exception):
    """The program failed."""


class SystemVoice:
    """A ``Voice`` that gives a sentence in one piece, without the silence at its ends."""

    def __init__(
        self, config: System, worker: Worker, runner: Runner | None = None, system: str = platform.system()
    ) -> None:
        self._config = config
        self._worker = worker
        self._runner: Runner = runner or Processes()
        self._system = system

    async def prepare(self) -> None:
        """Say one syllable: then the program is in memory, and it is known to work.

        Raises:
            VoiceError: there is no such voice; the text says how to get one.
        """
        language = self._config.language or KOREAN
        await self._made("네" if language == KOREAN else "1", language)

    async def say(self, sentence: Sentence) -> AsyncIterator[Sound]:
        """See ``Voice``; the emotion has no effect."""
        if sentence.spoken.strip():
            sound = await self._made(sentence.spoken, self._config.language or sentence.language)
            if len(sound.samples):
                yield sound

    async def close(self) -> None:
        """There is nothing to release: nothing is held between sentences."""

    async def _made(self, spoken: str, language: Language) -> Sound:
        wanted = program(self._system, spoken, self._config.name, language=language)
        done = False
        try:
            data = await self._worker.thread(self._runner.run, wanted)
            done = True
        finally:
            if not done:
                self._runner.kill()
        wav = Wav()
        try:
            samples = np.concatenate((wav.push(data), wav.end()))
        except WireError as error:
            raise VoiceError(f"{wanted.command[0]}: {error}. {wanted.remedy}") from None
        if not len(samples):
            text = phrase("{program} made no sound. {remedy}", program=wanted.command[0], remedy=wanted.remedy)
            raise VoiceError(text)
        return Sound(trimmed(samples), wav.rate, last=True)
