"""The exams of what hears the streamer: the package, the microphone by its name, and a recogniser that answers."""

from collections.abc import Sequence

import numpy as np

from nodes.exams import Finding, Probe, exam
from nodes.listen._engine import Engine, EngineError
from nodes.listen._http import HttpEngine
from nodes.listen._microphone import microphones
from nodes.listen._recognisers import HttpChoice
from nodes.listen._vad import Missing, load
from nodes.listen._whisper import WhisperEngine
from nodes.listen.mic import Mic
from nodes.listen.text import Words
from nodes.phrases import joined, phrase, said_by
from nodes.sound_devices import pick
from schemas.host import UTTERANCE_RATE, Utterance

SILENCE = Utterance(id="exam", samples=np.zeros(UTTERANCE_RATE, np.int16), began=0.0, ended=1.0)


@exam("listen.mic")
async def mic(config: Mic, probe: Probe) -> Sequence[Finding]:
    """Look for the package and for the microphone by its name; none is opened."""
    found: list[Finding] = []
    try:
        await probe.worker.thread(load)
        found.append(Finding(True, phrase("the package that hears voices")))
    except Missing as error:
        remedy = phrase("python -m pip install -r requirements-listen.txt")
        found.append(Finding(False, phrase("the package that hears voices: {error}", error=error), remedy))
    if config.file is not None or config.mode == "off":
        return found
    names, wrong = await probe.worker.thread(microphones)
    index = 0 if config.device == "auto" and names else pick(config.device, names)
    if index is not None:
        name = phrase("the default one") if config.device == "auto" else names[index]
        return [*found, Finding(True, phrase("microphone: {name}", name=name))]
    there = ", ".join(names) or joined(wrong) or "-"
    remedy = phrase("connect it, or set MIC_DEVICE to one of these: {there}", there=there)
    return [*found, Finding(False, phrase("there is no microphone {name}", name=config.device), remedy)]


@exam("listen.text", within_s=30.0)
async def text(config: Words, probe: Probe) -> Sequence[Finding]:
    """Let each recogniser hear a second of silence; one that answers is enough."""
    works: list[str] = []
    failures: list[str] = []
    for choice in config.engines:
        engine: Engine
        if isinstance(choice, HttpChoice):
            name, engine = choice.model, HttpEngine(choice, probe.worker, probe.log)
        else:
            name, engine = f"whisper {choice.model}", WhisperEngine(choice, probe.worker)
        try:
            await engine.hear(SILENCE, "")
            works.append(name)
        except EngineError as error:
            failures.append(phrase("{name}: {why}", name=name, why=said_by(error)))
        finally:
            await engine.close()
    if works:
        return [Finding(True, phrase("what you say is understood by {name}", name=", ".join(works)))]
    remedy = phrase("put GROQ_API_KEY into .env, or run: python aischoco.py listen pull")
    why = joined(failures)
    return [Finding(False, phrase("what you say is understood by nothing: {why}", why=why), remedy)]
