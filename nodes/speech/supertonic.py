"""``speech.supertonic``: a voice of many languages on the CPU, from a model that is downloaded."""

from reactivex import Observable

from nodes import UNWIRED, Feedback, node
from nodes.services import Jobs, Log
from nodes.speech._speaking.speak import speak
from nodes.speech._supertonic.settings import Supertonic
from nodes.speech._supertonic.voice import SupertonicVoice
from schemas.playback import Stop
from schemas.reply import Sentence
from schemas.speech import Speech


@node("speech.supertonic", light="voice")
def supertonic(
    config: Supertonic, sentence: Observable[Sentence], stop: Feedback[Stop] = UNWIRED, *, jobs: Jobs, log: Log
) -> Observable[Speech]:
    """Speak by Supertonic 3 on the CPU, in Korean and thirty other languages.

    Makes float32 mono sound at 44.1 kHz: the first clause of an answer by itself, so that the first sound comes early,
    then the rest of each sentence. The model (about 400 MB, OpenRAIL-M) is downloaded by ``voice pull supertonic`` and
    loaded in the worker thread as soon as the node starts. Without it, or without its package, there are only captions,
    and one line says what to do.
    """
    return speak(SupertonicVoice(config, jobs), config, sentence, stop, jobs=jobs, log=log, own_tempo=True)
