"""Runs the command ``serve-tts`` with a light voice: ``python -m tests.peers.tts_peer [OPTIONS OF serve-tts]``.

It speaks every sentence as a 3 s tone (``TTS_PEER_S_PER_CHAR``: seconds for each character) in pieces of 40 ms, at
twice real time; the first one comes after ``TTS_PEER_WAIT_S``.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from nodes.speech import serve
from nodes.speech._speaking.voice import Sound
from schemas.reply import Sentence
from tests.nodes.speech.stage import RATE, tone

PIECE_S, SECONDS = 0.04, 3.0


class ToneVoice:
    async def prepare(self) -> None:
        pass

    async def say(self, sentence: Sentence) -> AsyncIterator[Sound]:
        await asyncio.sleep(float(os.environ.get("TTS_PEER_WAIT_S", "0")))
        each = os.environ.get("TTS_PEER_S_PER_CHAR")
        sound = tone(220, float(each) * len(sentence.spoken) if each else SECONDS)
        size = round(PIECE_S * RATE)
        for at in range(0, len(sound), size):
            yield Sound(sound[at : at + size], RATE)
            await asyncio.sleep(PIECE_S / 2)

    async def close(self) -> None:
        pass


def main() -> int:
    def local(*_: Any) -> ToneVoice:
        return ToneVoice()

    serve.local = local
    return serve.serve_tts(sys.argv[1:], Path.cwd(), os.environ)


if __name__ == "__main__":
    sys.exit(main())
