"""``speech.qwen``: a cloned voice by Qwen3-TTS on this machine's NVIDIA card, streamed frame by frame."""

from reactivex import Observable

from nodes import UNWIRED, Feedback, node
from nodes.services import Jobs, Log
from nodes.speech._qwen.settings import Qwen
from nodes.speech._qwen.voice import QwenVoice
from nodes.speech._speaking.speak import speak
from schemas.playback import Stop
from schemas.reply import Sentence
from schemas.speech import Speech


@node("speech.qwen", light="voice")
def qwen(
    config: Qwen, sentence: Observable[Sentence], stop: Feedback[Stop] = UNWIRED, *, jobs: Jobs, log: Log
) -> Observable[Speech]:
    """Speak with a cloned voice: Qwen3-TTS 1.7B or 0.6B on an NVIDIA card.

    The voice is that of the recordings in ``samples``, with one for each emotion that has one. Sound is float32 mono
    at 24 kHz: the first ``SpeechChunk`` of a sentence is 80 ms, the next are 160, 320 and 640 ms, each given as soon as
    it is made. A model that goes silent or hums is tried once more, then the sentence ends with ``failed``; one that
    does not stop is broken off. Everything is loaded and run once before the first sentence. The model is read from
    the disk and never downloaded here (``python aischoco.py voice pull``); packages: requirements-gpu.txt.
    """
    return speak(QwenVoice(config, jobs, log), config, sentence, stop, jobs=jobs, log=log)
