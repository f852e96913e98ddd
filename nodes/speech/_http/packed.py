"""MP3 and FLAC, which some servers send whatever they are asked for: held to their end, then unpacked by miniaudio."""

from importlib import import_module
from typing import Any

import numpy as np

from nodes.phrases import Phrase, phrase
from nodes.speech._speaking.sound import RATE, Samples
from nodes.speech._speaking.wav import RATES, WireError

PACKED = {"MP3": "mp3_get_info", "FLAC": "flac_get_info"}
"""What can be unpacked, and how miniaudio looks at it."""
_MOST = 16 * 1024 * 1024
_MOST_S = 120.0
"""More bytes or seconds than these are no sentence; a few bytes of FLAC may stand for hours of silence."""
_NOTHING = np.zeros(0, np.float32)


class Packed:
    """A file of one of these kinds."""

    def __init__(self, kind: str) -> None:
        self.rate = RATE
        self._kind = kind
        self._data = bytearray()

    def push(self, data: bytes) -> Samples:
        self._data += data
        if len(self._data) > _MOST:
            raise WireError(instead(self._kind))
        return _NOTHING

    def end(self) -> Samples:
        data = bytes(self._data)
        try:
            library: Any = import_module("miniaudio")
        except ImportError:
            raise WireError(instead(self._kind)) from None
        try:
            rate = int(getattr(library, PACKED[self._kind])(data).sample_rate)
            if rate not in RATES:
                raise WireError(instead(self._kind))
            found: list[Samples] = []
            left = round(_MOST_S * rate)
            for part in library.stream_memory(data, library.SampleFormat.FLOAT32, nchannels=1, sample_rate=rate):
                found.append(np.array(part, np.float32))
                left -= len(part)
                if left < 0:
                    break
        except library.MiniaudioError:
            raise WireError(instead(self._kind)) from None
        self.rate = rate
        return np.clip(np.nan_to_num(np.concatenate([_NOTHING, *found])), -1.0, 1.0)


def instead(kind: str) -> Phrase:
    """Return the words for a file that cannot be heard."""
    return phrase("it sent {kind}. Try response_format: pcm or wav in extra", kind=kind)
