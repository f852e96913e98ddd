"""Finds out whether the character was called by name in what was understood.

Recognisers write a name that they do not know in several ways (쵸코, 초꼬). Spellings that sound alike are one name;
one that only sounds near it counts where somebody is called, with 아 or 야 behind it. A name within another word
(초코우유) never does.
"""

import re
import unicodedata
from collections.abc import Iterable
from itertools import pairwise

_PARTICLES = (
    "아", "야", "은", "는", "이", "가", "을", "를", "도", "랑", "님", "씨", "님아", "의", "한테", "에게", "하고", "만",
    "와", "과", "보다", "처럼", "부터", "까지", "네", "요", "양", "짱", "쨩", "언니", "누나", "얌", "님이", "님은",
    "씨가", "씨는", "한테도", "한테는", "예요", "에요", "인데", "라면", "라고", "입니다", "지", "는요", "도요", "님도",
)  # fmt: skip
"""What stands behind a name; after a final consonant, 이 may stand between: 하늘이한테."""
_LONGER = (
    "가요", "같은", "같이", "나", "냐", "니까", "다", "대신", "더러", "들아", "라니", "라도", "라서", "랑도", "랑은",
    "마저", "말고", "밖에", "보고", "빼고", "쌤", "야말로", "에게는", "에게도", "였네", "였어", "였지", "잖아", "조차",
    "한테만", "한테서",
)  # fmt: skip
"""... and behind one of two syllables or more: 별나다 is another word."""
_CALLING = ("이야", "아", "야", "님")
_WORD = re.compile(r"[^\W_]+")
_ALIKE = str.maketrans("ᅢᅤᅫᅰᄁᄄᄈᄍ", "ᅦᅨᅬᅬᄏᄐᄑᄎ")
_YOTTED = re.compile("(?<=[ᄉᄊᄌᄎ])[ᅣᅧᅨᅭᅲ]")
_PLAIN = dict(zip("ᅣᅧᅨᅭᅲ", "ᅡᅥᅦᅩᅮ", strict=True))
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
    begin, rest = word[: len(name)], word[len(name) :]
    same = begin == name or (len(_sounds(name)) >= LEAST and _alike(begin) == _alike(name))
    behind = ("", *_PARTICLES, *(_LONGER if len(name) > 1 else ()))
    return same and (rest in behind or (rest[:1] == "이" and rest[1:] in behind[1:]))


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


def _alike(text: str) -> str:
    """Return the sounds of a text with one sign for those that nobody tells apart: ㅐ and ㅔ, 쵸 and 초, 꼬 and 코."""
    return _YOTTED.sub(lambda sound: _PLAIN[sound[0]], _sounds(text).translate(_ALIKE))


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
