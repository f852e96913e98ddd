"""Decides whether bytes are speech by their content, not by their label.

A server that fails may send its error with status 200, as JSON or a page; one that was asked for PCM may send MP3; and
samples of another size or order are noise at full level. No library decides this: they detect files by their header,
and bare samples have none.
"""

import json
import re
from typing import Any, cast

import numpy as np

from nodes.speech._speaking.sound import Samples

LOOK = 16
"""Bytes that show whether this is text, or a file of a known kind."""
WINDOW = 480
"""Samples that are examined together: 20 ms."""
AUDIBLE = 0.02
"""Below this level a window says nothing."""
_NOISE, _SMOOTH = 0.3, 0.5
"""Noise is this loud only where bytes are misread; sound is smoother than this."""
_LOUD, _NEAR, _RARE = 0.6, 0.25, 0.01
"""Sound that is this loud on average passes through zero: at least this share of its samples is near it (of a full sine
0.16). Unsigned bytes, read in pairs, never are."""
_HEARD, _CLOSE = 512, 8
"""From this value on a sample says something; neighbours of 8 bits differ by at most this."""
_DISTINCT = 24
"""This many different values do not come in pairs by chance."""
_MOST_TOLD = 200
_SAYS = ("error", "detail", "message", "msg")

_FILES = (
    (re.compile(rb"ID3|\xff[\xfa\xfb\xf2\xf3][\x10-\xef].", re.DOTALL), "MP3"),
    (re.compile(rb"\xff[\xf0\xf1\xf8\xf9][\x40-\xbf].", re.DOTALL), "AAC"),
    (re.compile(rb"OggS"), "Ogg"),
    (re.compile(rb"fLaC"), "FLAC"),
    (re.compile(rb"\x1aE\xdf\xa3"), "WebM"),
    (re.compile(rb"....ftyp", re.DOTALL), "MP4"),
    (re.compile(rb"FORM....AIF[FC]", re.DOTALL), "AIFF"),
    (re.compile(rb"\.snd\0\0\0"), "AU"),
    (re.compile(rb"caff\0"), "CAF"),
    (re.compile(rb"\x1f\x8b\x08"), "gzip"),
    (re.compile(rb"PK\x03\x04"), "ZIP"),
    (re.compile(rb"riff\x2e\x91\xcf\x11"), "Wave64"),
    (re.compile(rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11"), "WMA"),
    (re.compile(rb"#!AMR"), "AMR"),
    (re.compile(rb"\x89PNG\r\n|\xff\xd8\xff[\xdb\xe0-\xef]|GIF8"), "image"),
    (re.compile(rb"%PDF-"), "PDF"),
)
_TEXT = re.compile(rb"(?:\xef\xbb\xbf)?(?:[\t\n\r\x20-\x7e]|[\xc2-\xf4][\x80-\xbf]{1,3})+", re.DOTALL)


def other_file(begin: bytes) -> str:
    """Return the kind of file that begins like this; empty if no known kind does."""
    return next((name for pattern, name in _FILES if pattern.match(begin)), "")


def is_text(begin: bytes) -> bool:
    """Return whether the first ``LOOK`` bytes or more are letters: as samples they would never cross zero."""
    whole = re.sub(rb"[\xc2-\xf4][\x80-\xbf]{0,2}$", b"", begin)  # a character may be cut at the end
    return bool(whole) and _TEXT.fullmatch(whole) is not None


def words(data: bytes) -> str:
    """Return what a text says: the message of an error, else its beginning."""
    text = data.decode("utf-8", "replace").strip()
    try:
        found: Any = json.loads(text)
        while isinstance(found, dict):
            inner = [value for name, value in cast(dict[str, Any], found).items() if name in _SAYS and value]
            if not inner:
                break
            found = inner[0]
        if isinstance(found, str):
            text = found
    except (ValueError, RecursionError):
        text = re.sub(r"<[^>]{0,200}>", " ", text)
    return " ".join(text.split())[:_MOST_TOLD]


def is_noise(window: Samples) -> bool:
    """Return whether samples are misread bytes: as loud and as rough as no voice is."""
    power = float(np.var(window))
    height = np.abs(window)
    if float(np.mean(height)) > _LOUD and float(np.mean(height < _NEAR)) < _RARE:
        return True
    rough = float(np.mean(np.diff(window) ** 2)) / max(2 * power, 1e-9)
    return power >= _NOISE**2 and rough > _SMOOTH


def is_bytes(window: Samples) -> bool:
    """Return whether each two bytes of 16-bit samples are nearly the same: 8-bit samples (mu-law, unsigned) taken for
    one sample. The lower byte of a real sample can be anything, or, where 8 bits were made 16, always the same one."""
    found = np.round(window * 32768).astype(np.int32)
    found = found[np.abs(found) >= _HEARD]
    apart = ((found >> 8) - found + 128 & 0xFF) - 128
    if len(np.unique(found)) == len(np.unique(found >> 8)):
        return False
    return len(found) >= len(window) // 8 and float(np.mean(np.abs(apart) <= _CLOSE)) > _SMOOTH


def is_doubled(window: Samples) -> bool:
    """Return whether every sample comes twice: two channels of the same sound, as a converter makes of one.

    Two channels that differ cannot be told apart from one: they are as smooth as a voice, only slower.
    """
    pairs = window[: len(window) // 2 * 2].reshape(-1, 2)
    return bool(np.array_equal(pairs[:, 0], pairs[:, 1])) and len(np.unique(pairs[:, 0])) >= _DISTINCT


def level(window: Samples) -> float:
    return float(np.sqrt(np.mean(window**2))) if len(window) else 0.0
