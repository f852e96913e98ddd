"""``speech.system``: the voice of the operating system."""

from reactivex import Observable

from nodes import UNWIRED, Feedback, node
from nodes.services import Jobs, Log
from nodes.speech._speaking.speak import speak
from nodes.speech._system_voice import System, SystemVoice
from schemas.playback import Stop
from schemas.reply import Sentence
from schemas.speech import Speech


@node("speech.system", light="voice")
def system(
    config: System, sentence: Observable[Sentence], stop: Feedback[Stop] = UNWIRED, *, jobs: Jobs, log: Log
) -> Observable[Speech]:
    """Speak by the voice of the operating system: SAPI on Windows, say on macOS, eSpeak NG on Linux.

    A sentence is one chunk, made by one run of a program. If the system has no Korean voice there are only captions,
    and one line says how to install one.
    """
    return speak(SystemVoice(config, jobs), config, sentence, stop, jobs=jobs, log=log)
