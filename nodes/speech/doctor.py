"""Exams of the voices: each has to make a sound in time. The cloned voice is examined without loading it."""

import asyncio
import contextlib
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from nodes.exams import Finding, Probe, Tried, exam
from nodes.phrases import Phrase, joined, phrase, said_by
from nodes.speech._http.voice import Http, HttpVoice
from nodes.speech._kokoro.voice import Kokoro, KokoroVoice
from nodes.speech._qwen import folder as qwen_folder
from nodes.speech._qwen import packages, sample_set
from nodes.speech._qwen.sample import SampleError
from nodes.speech._qwen.settings import Qwen
from nodes.speech._speaking.voice import Voice, VoiceError, closing
from nodes.speech._supertonic.settings import Supertonic
from nodes.speech._supertonic.voice import SupertonicVoice
from nodes.speech._system_voice import System, SystemVoice
from nodes.speech._voices import Choice
from nodes.speech.ladder import Voices
from schemas.language import KOREAN, Language, first_of
from schemas.reply import Sentence

_HELLO: dict[Language, str] = {"korean": "안녕하세요.", "english": "Hello.", "japanese": "こんにちは。"}
SOUND_S = 5.0
"""Time from the sentence to its first sound, once the voice is prepared."""
_ROUNDS = 3
"""How often each number of threads is measured."""
LOAD_S = 20.0
"""The embedded voice is loaded in 1 to 2 s, and in more on a busy machine."""


@exam("speech.kokoro", within_s=LOAD_S + SOUND_S)
async def kokoro(config: Kokoro, probe: Probe, language: Language = KOREAN) -> Sequence[Finding]:
    """Say hello with the embedded voice."""
    found = await _said(phrase("embedded voice"), KokoroVoice(config, probe.worker), probe, language)
    return [replace(found, tried=await _threads(config, probe, language)) if probe.trying and found.ok else found]


@exam("speech.http", within_s=12.0)
async def http(config: Http, probe: Probe, language: Language | None = None) -> Sequence[Finding]:
    """Ask the servers for a hello; one that makes a sound is enough, as on air."""
    voice = HttpVoice(config, probe.worker, probe.clock, probe.log)
    return [await _said(phrase("voice server"), voice, probe, language or first_of(config))]


@exam("speech.system", within_s=12.0)
async def system(config: System, probe: Probe, language: Language | None = None) -> Sequence[Finding]:
    """Say hello with the voice of the operating system."""
    voice = SystemVoice(config, probe.worker)
    return [await _said(phrase("voice of the system"), voice, probe, language or first_of(config))]


@exam("speech.supertonic", within_s=LOAD_S + SOUND_S)
async def supertonic(config: Supertonic, probe: Probe, language: Language | None = None) -> Sequence[Finding]:
    """Say hello with Supertonic."""
    voice = SupertonicVoice(config, probe.worker)
    return [await _said("Supertonic", voice, probe, language or first_of(config))]


@exam("speech.qwen", within_s=10.0)
async def qwen(config: Qwen, probe: Probe) -> Sequence[Finding]:
    """Check packages, card, model and recordings of the cloned voice, in this order."""
    what = phrase("cloned voice")
    try:
        told = await probe.worker.thread(_qwen, config)
    except (VoiceError, SampleError) as error:
        return [Finding(False, what, _mend(error))]
    return [Finding(True, phrase("{what}: {told}", what=what, told=told))]


def _used(config: Voices) -> Sequence[Choice]:
    return [one for one in config.voices if not (isinstance(one, Http) and not any(url.strip() for url in one.urls))]


@exam("speech.ladder", within_s=LOAD_S + SOUND_S)
async def ladder(config: Voices, probe: Probe) -> Sequence[Finding]:
    """Check each voice: one that works is enough; those that do not are still named."""
    used = _used(config)
    if not used:
        return [Finding(True, phrase("There is no voice, so there are subtitles only"))]
    found = [(one.type, (await _looked_at(one, probe, first_of(config)))[0]) for one in used]
    tried = [
        each.under("voices", config.voices.index(one))
        for one, (_, finding) in zip(used, found, strict=True)
        for each in finding.tried
    ]
    works = [finding.what for _, finding in found if finding.ok]
    not_ = [phrase("{name}: {why}", name=type_, why=finding.remedy) for type_, finding in found if not finding.ok]
    first = [finding.measured["first_sound_s"] for _, finding in found if "first_sound_s" in finding.measured]
    names = ", ".join(works) or "-"
    if works and not_:
        what = phrase(
            "voices {good}/{all}: {names} ({missing})",
            good=len(works),
            all=len(found),
            names=names,
            missing=joined(not_),
        )
    else:
        what = phrase("voices {good}/{all}: {names}", good=len(works), all=len(found), names=names)
    return [
        Finding(
            bool(works),
            what,
            "" if works else joined(not_),
            {"first_sound_s": first[0], "slowest_sound_s": max(first)} if first else {},
            tuple(tried),
        )
    ]


async def _looked_at(choice: Choice, probe: Probe, language: Language) -> Sequence[Finding]:
    if isinstance(choice, Http):
        return await http(choice, probe, language)
    if isinstance(choice, Qwen):
        return await qwen(choice, probe)
    if isinstance(choice, Supertonic):
        return await supertonic(choice, probe, language)
    if isinstance(choice, System):
        return await system(choice, probe, language)
    return await kokoro(choice, probe, language)


async def _threads(config: Kokoro, probe: Probe, language: Language) -> tuple[Tried, ...]:
    """Measure the embedded voice with other numbers of threads, in turn with its own, so that load hits all alike."""
    counts = [config.threads, *(n for n in (1, 2, 4) if n <= (os.cpu_count() or 1) and n != config.threads)]
    voices = {n: KokoroVoice(config.model_copy(update={"threads": n}), probe.worker) for n in counts}
    took: dict[int, list[float]] = {n: [] for n in counts}
    try:
        for voice in voices.values():
            await voice.prepare()
        for _ in range(_ROUNDS):
            for n, voice in voices.items():
                took[n].append(await _first_sound_s(voice, probe, language) or SOUND_S)
    except (VoiceError, TimeoutError):  # it worked a moment ago: this machine is too busy to be measured
        return ()
    finally:
        for voice in voices.values():
            await voice.close()
    now_s = median(took[config.threads])
    return tuple(Tried(("threads",), config.threads, n, (now_s, median(took[n]))) for n in counts[1:])


async def _first_sound_s(voice: Voice, probe: Probe, language: Language) -> float | None:
    """Return the seconds until a prepared voice has begun to say hello; None if it makes no sound.

    Raises:
        TimeoutError: it does not begin in ``SOUND_S``.
        VoiceError: it cannot.
    """
    hello = _HELLO.get(language, _HELLO["english"])
    sentence = Sentence(
        turn="check", index=0, text=hello, spoken=hello, emotion="neutral", last=True, language=language
    )
    began = probe.clock.now()
    async with asyncio.timeout(SOUND_S), closing(voice.say(sentence)) as sounds:
        async for sound in sounds:
            if len(sound.samples):
                return probe.clock.now() - began
    return None


async def _said(what: str, voice: Voice, probe: Probe, language: Language) -> Finding:
    """Check whether it says hello in time."""
    try:
        await voice.prepare()
        first_s = await _first_sound_s(voice, probe, language)
        if first_s is not None:
            said = phrase(
                "{what}: first sound after {seconds} s{language}",
                what=what,
                seconds=f"{first_s:.2f}",
                language=_in(language),
            )
            return Finding(True, said, measured={"first_sound_s": first_s})
        remedy = phrase("look at the settings of the voice (voice, model)")
        return Finding(False, phrase("{what}: no sound", what=what), remedy)
    except VoiceError as error:
        return Finding(False, what, _mend(error))
    except TimeoutError:
        remedy = phrase(
            "the first sound does not come within {seconds} s. Close other programs, or use a faster voice",
            seconds=f"{SOUND_S:g}",
        )
        return Finding(False, phrase("{what}: too slow", what=what), remedy)
    finally:
        await voice.close()


def _mend(error: Exception) -> Phrase:
    return phrase("{why} (Mend this voice, or use another one.)", why=said_by(error))


def _in(language: Language) -> str:
    """Name the language of the voice unless it is Korean."""
    return "" if language == KOREAN else f", {language}"


def _qwen(config: Qwen) -> str:
    """Return what was found. Blocking; torch is not imported, which would take up to 30 s.

    Raises:
        VoiceError, SampleError: something is missing; the text says what to do.
    """
    packages.check()
    free = None if config.device == "cpu" else _free_memory()
    folder = qwen_folder.find(config.model, config.home, free, os.environ)
    samples = sample_set.read_all(config.samples)
    count = len(samples.samples)
    if not free:
        return phrase("{model}, recordings: {count}", model=folder.name, count=count)
    return phrase(
        "{model}, recordings: {count}, free memory: {size} GB", model=folder.name, count=count, size=f"{free / 1e9:.1f}"
    )


def _free_memory() -> float:
    """Return the free memory of the first card, as the driver's own program reports it."""
    program = shutil.which("nvidia-smi")
    if program is not None:
        command = [program, "--query-gpu=memory.free", "--format=csv,noheader,nounits"]
        with contextlib.suppress(OSError, ValueError, IndexError, subprocess.SubprocessError):
            done = subprocess.run(command, capture_output=True, text=True, timeout=5, check=True)  # noqa: S603
            return float(done.stdout.split()[0]) * 2**20
    text = phrase(
        "there is no graphics card of NVIDIA. Install its driver, or use the embedded voice ({type}).",
        type="speech.kokoro",
    )
    raise VoiceError(text)
