"""Reads words in Latin letters as Korean says them."""

import re
from functools import lru_cache
from typing import Any, cast

SPELLED = 5
"""A word in capitals with at most this many letters is an abbreviation."""
_LONGEST_COMPOUND = 16
_SPELLING = (
    "에이", "비", "씨", "디", "이", "에프", "지", "에이치", "아이", "제이", "케이", "엘", "엠", "엔", "오", "피",
    "큐", "알", "에스", "티", "유", "브이", "더블유", "엑스", "와이", "제트",
)  # fmt: skip
_LETTERS = dict(zip("abcdefghijklmnopqrstuvwxyz", _SPELLING, strict=True))
KNOWN = {
    "youtube": "유튜브", "vtuber": "브이튜버", "chzzk": "치지직", "hello": "헬로", "good": "굿", "boss": "보스",
    "chocolate": "초콜릿", "choco": "초코", "thank": "땡크", "thanks": "땡스", "python": "파이썬", "nice": "나이스",
    "discord": "디스코드", "twitch": "트위치", "a": "에이", "gg": "지지", "ost": "오에스티", "chatgpt": "챗지피티",
    "vs": "대",
}  # fmt: skip
"""Words that are said this way even without a pronunciation file."""
WORD = re.compile(r"[A-Za-z]+(?:'[A-Za-z]+)?")
_CAMEL = re.compile(r"[A-Z]?[a-z]{2,}|[A-Z]{2,}(?![a-z])")
_ROMAN = re.compile(r"(?<=[가-힣A-Za-z]\s)(?=[IVX]{2})(X{0,2})(IX|IV|V?I{0,3})(?![A-Za-z0-9'])")


@lru_cache(maxsize=1024)
def latin(word: str) -> str:
    """Read one word: a known one, a spelled abbreviation, by the pronouncing dictionary, or else spelled out."""
    lower = word.lower()
    if lower in KNOWN:
        return KNOWN[lower]
    letters = lower.replace("'", "")
    if len(letters) == 1 or (word.isupper() and len(word) <= SPELLED):
        return _spelled(letters)
    if _phones(lower):
        return _pronounced(lower)
    parts = _CAMEL.findall(word)
    if len(parts) > 1 and "".join(parts) == word:
        return "".join(latin(part) for part in parts)
    return _compound(letters) or _spelled(letters)


def _spelled(letters: str) -> str:
    return "".join(_LETTERS[letter] for letter in letters)


@lru_cache(maxsize=512)
def _compound(letters: str) -> str:
    """Read two dictionary words written as one, such as ``gameplay``; the longest first part wins."""
    if len(letters) <= _LONGEST_COMPOUND:
        for end in range(len(letters) - 3, 2, -1):
            if _phones(letters[:end]) and _phones(letters[end:]):
                return _pronounced(letters[:end]) + _pronounced(letters[end:])
    return ""


def _pronounced(word: str) -> str:
    from ko_speech_tools.g2p.english import convert_eng

    return KNOWN.get(word) or convert_eng(word, cast(Any, _Pronunciations()))


class _Pronunciations:
    """Replaces the library's dictionary object, which takes 0.4 s and much memory to build."""

    def __contains__(self, word: str) -> bool:
        return bool(_phones(word))

    def __getitem__(self, word: str) -> list[str]:
        return [_phones(word)]


@lru_cache(maxsize=1)
def _dictionary() -> tuple[bytes, dict[bytes, int]]:
    """Return the dictionary and where the words with each first letter begin."""
    from importlib.resources import files

    text = b"\n" + files("ko_speech_tools.data.cmudict").joinpath("cmudict.dict").read_bytes()
    return text, {
        letter: text.find(b"\n" + letter) for letter in (b"%c" % code for code in b"abcdefghijklmnopqrstuvwxyz")
    }


@lru_cache(maxsize=1024)
def _phones(word: str) -> str:
    """Return the ARPAbet of a lower-case English word; empty if the dictionary lacks it."""
    text, sections = _dictionary()
    first = word[:1].encode()
    start = text.find(f"\n{word} ".encode(), sections.get(first, 0), sections.get(bytes([first[0] + 1]), len(text)))
    if start < 0:
        return ""
    end = text.find(b"\n", start + 1)
    return text[start:end].decode().partition(" ")[2].partition("#")[0].strip()


def roman(text: str) -> str:
    """Turn a Roman numeral after a word into digits: ``파판 VII``."""
    return _ROMAN.sub(lambda match: str(_value(match[0])), text)


def _value(numeral: str) -> int:
    values = [{"I": 1, "V": 5, "X": 10}[letter] for letter in numeral]
    return sum(-value if any(value < later for later in values[at + 1 :]) else value for at, value in enumerate(values))
