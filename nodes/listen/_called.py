"""Finds out whether the character was called by name in what was understood.

Recognisers write a name that they do not know in several ways (쵸코, 초꼬). Such a spelling counts where somebody is
called, with 아 or 야 behind it; a name within another word (초코우유) never does.
"""

import re
import unicodedata
from collections.abc import Iterable
from itertools import pairwise

_PARTICLES = (
    "이는", "이가", "이도", "이랑", "이야", "아", "야", "은", "는", "이", "가", "을", "를", "도", "랑", "님", "씨",
    "님아", "의", "한테", "에게", "하고", "만",
)  # fmt: skip
_CALLING = ("이야", "아", "야", "님")
_WORD = re.compile(r"[^\W_]+")
NEAR = 1
"""A name may be misheard in so many of its sounds."""
LEAST = 4
"""Sounds of a name that may be misheard: 별 is near too many words."""


def calls(text: str, names: Iterable[str]) -> bool:
    """Whether one of the names is in the text, with or without a particle."""
    words = _WORD.findall(unicodedata.normalize("NFC", text).casefold())
    return any(_calls(words, unicodedata.normalize("NFC", name).casefold()) for name in names)


def _calls(words: list[str], name: str) -> bool:
    whole = "".join(_WORD.findall(name))
    together = [*words, *(one + other for one, other in pairwise(words))]  # a name may be written as two words
    return bool(whole) and any(_is(word, whole) or _is_near(word, whole) for word in together)


def _is(word: str, name: str) -> bool:
    return word == name or any(word == name + particle for particle in _PARTICLES)


def _is_near(word: str, name: str) -> bool:
    sounds = _sounds(name)
    if len(sounds) < LEAST:
        return False
    return any(
        word.endswith(particle) and _distance(_sounds(word.removesuffix(particle)), sounds) <= NEAR
        for particle in _CALLING
    )


def _sounds(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def _distance(one: str, other: str) -> int:
    """Return how many sounds have to be changed, added or left out; more than ``NEAR`` is not counted."""
    if abs(len(one) - len(other)) > NEAR:
        return NEAR + 1
    row = list(range(len(other) + 1))
    for number, sign in enumerate(one, 1):
        last, row = row, [number]
        for place, each in enumerate(other, 1):
            row.append(min(last[place] + 1, row[-1] + 1, last[place - 1] + (sign != each)))
    return row[-1]
