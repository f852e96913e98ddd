"""``speech.kokoro``: the built-in Korean voice, on the CPU, from installed packages."""

from reactivex import Observable
from reactivex import operators as ops

from nodes import UNWIRED, Feedback, node
from nodes.services import Jobs, Log, Pace
from nodes.speech._kokoro.voice import Kokoro, KokoroVoice
from nodes.speech._speaking.rehearsing import Rehearsing
from nodes.speech._speaking.speak import speak
from nodes.streams import silent, together
from schemas.playback import Stop
from schemas.reply import Rehearsal, Sentence
from schemas.speech import Speech


@node("speech.kokoro", light="voice")
def kokoro(
    config: Kokoro,
    sentence: Observable[Sentence],
    stop: Feedback[Stop] = UNWIRED,
    rehearsal: Observable[Rehearsal] = UNWIRED,
    *,
    jobs: Jobs,
    pace: Pace,
    log: Log,
) -> Observable[Speech]:
    """Speak Korean with the built-in voice (Kokoro-82M on the CPU).

    Makes float32 mono sound at 24 kHz, one ``SpeechChunk`` for each clause of about 6 to 14 syllables, so that the
    first sound comes before the sentence is done; it works ahead as far as the edge after it allows. The model is
    loaded in the worker thread as soon as the node starts; the first sentence waits for it. The emotion only changes
    the tempo. If the model fails on a clause the sentence ends there, with ``failed``; without its packages there are
    only captions, and one line says what to install.

    The clauses of written answers are kept in the folder ``cache``, so that what is said again is only read; those of
    ``rehearsal`` are made once nothing was said or awaited for 3 s, and given up as soon as a sentence comes.
    """
    voice = KokoroVoice(config, jobs)
    rehearsing = Rehearsing(voice, pace, jobs)
    speech = speak(voice, config, sentence, stop, jobs=jobs, log=log, own_tempo=True, beside=(rehearsing.run,))
    return together(speech, silent(rehearsal.pipe(ops.do_action(rehearsing.take))))
