"""``speech.http``: a voice that other computers make."""

from reactivex import Observable

from nodes import UNWIRED, Feedback, node
from nodes.services import Clock, Jobs, Log
from nodes.speech._http.voice import Http, HttpVoice
from nodes.speech._speaking.speak import speak
from schemas.playback import Stop
from schemas.reply import Sentence
from schemas.speech import Speech


@node("speech.http", light="voice")
def http(
    config: Http, sentence: Observable[Sentence], stop: Feedback[Stop] = UNWIRED, *, jobs: Jobs, clock: Clock, log: Log
) -> Observable[Speech]:
    """Speak by a server: the OpenAI speech API (streamed) or the original ``POST /synthesize``.

    vLLM-Omni, SGLang-Omni, mlx-audio and ``aischoco.py serve-tts`` are such servers. Of several, the first that is up
    and has the least to do is asked; another one only before the first sound of a sentence. One that fails is skipped
    and checked in the background, 1 to 30 s apart. A stream that breaks ends its sentence (``failed``). The sound has
    the rate that the server reports, else 24 kHz.
    """
    voice = HttpVoice(config, jobs, clock, log)
    return speak(voice, config, sentence, stop, jobs=jobs, log=log, beside=(voice.tend,))
