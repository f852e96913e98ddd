"""``speech.ladder``: several voices, of which the best that works speaks."""

from typing import Annotated

from pydantic import AfterValidator, Field
from reactivex import Observable
from reactivex import operators as ops

from nodes import UNWIRED, Feedback, node
from nodes.phrases import phrase
from nodes.services import Budget, Clock, Jobs, Log, Pace
from nodes.speech._rungs import Rung, VoiceLadder
from nodes.speech._speaking.rehearsing import Rehearsing
from nodes.speech._speaking.speak import Speaking, speak
from nodes.speech._voices import Beside, Choice, HttpChoice, make
from nodes.streams import silent, together
from schemas.playback import Stop
from schemas.reply import Rehearsal, Sentence
from schemas.settings import Live
from schemas.speech import Speech


def _some(voices: tuple[Choice, ...]) -> tuple[Choice, ...]:
    if not voices:
        raise ValueError(phrase("there must be at least one: {example}", example="[{type: kokoro}]"))
    return voices


class Voices(Speaking):
    """Settings of ``speech.ladder``; speed and level come on top of those of each voice."""

    voices: Annotated[tuple[Choice, ...], AfterValidator(_some)] = Field(
        title="Voices",
        description="Voices, the one you like best first. An http without an address counts as absent.",
        examples=[[{"type": "http", "urls": []}]],
    )
    patience_s: Annotated[float, Live()] = Field(
        8.0,
        gt=0,
        le=600,
        title="Next voice after",
        description="Seconds without a sound after which the next voice is taken.",
    )


@node("speech.ladder", light="voice")
def ladder(
    config: Voices,
    sentence: Observable[Sentence],
    stop: Feedback[Stop] = UNWIRED,
    rehearsal: Observable[Rehearsal] = UNWIRED,
    *,
    jobs: Jobs,
    clock: Clock,
    budget: Budget,
    pace: Pace,
    log: Log,
) -> Observable[Speech]:
    """Speak by the best voice of a list that works: your own GPU, a server, the system, the embedded one.

    A sentence goes to the first voice that is ready; if that fails before its first sound, to the next: a voice that
    has no sound after ``patience_s`` has failed, and at the beginning of a turn as soon as the graph's ``budget_s`` is
    used up, but never within 3 s. One that fails in the middle ends the sentence (``failed``) and the next sentence
    goes to another. A voice that failed is prepared again in the background, 2 to 60 s apart, and speaks again from the
    next turn on. Without any voice there are only captions. Each voice has a worker thread of its own, so loading one
    never holds up another. While the embedded voice is the best that works, it makes the sentences of ``rehearsal``
    when nobody waits, as ``speech.kokoro`` does.
    """
    rungs: list[Rung] = []
    beside: list[Beside] = []
    for number, choice in enumerate(config.voices):
        if isinstance(choice, HttpChoice) and not any(url.strip() for url in choice.urls):
            continue
        voice, tends = make(choice, jobs.worker(f"{choice.type}{number}"), clock, log)
        rungs.append(Rung(choice.type, voice))
        beside += tends
    voice = VoiceLadder(rungs, lambda: config.patience_s, budget, jobs, log)
    rehearsing = Rehearsing(voice, pace, jobs)
    beside += [*voice.tends(), rehearsing.run]
    speech = speak(voice, config, sentence, stop, jobs=jobs, log=log, beside=beside)
    return together(speech, silent(rehearsal.pipe(ops.do_action(rehearsing.take))))
