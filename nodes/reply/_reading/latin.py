"""Reads words in Latin letters as Korean says them."""

import re
from functools import lru_cache
from typing import Any, cast

from nodes.reply._reading import loans
from nodes.reply._reading.numerals import sino

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
    "vs": "대", "dr": "닥터", "thankyou": "땡큐", "and": "앤드", "or": "오어", "of": "오브", "god": "갓",
    "ctrl": "컨트롤", "christmas": "크리스마스", "york": "욕",
}  # fmt: skip
"""Words that are said this way even without a pronunciation file."""
_VOWEL = re.compile("[aeiouy]")
_SYLLABLE = re.compile("[^AEIOU]?[aeiouAEIOU]+[^aeiou]?")
_WORDS = """
    go no oh hi up on my me we so be do to in of at by the and you are not for all new win hot big bad god fun end key
    box off out top yes boy hey wow let get can see day max pop zip run hit red mom dad one two six ten cat dog bye
    now why how but her his was our old die war gun bot ban map sky sun air sea ice tea joy cry sad mad low try use
    set job pay buy eat men man guy ace art bar cup kid bus car fan pro pin sim ram rom jam gym kit bug pet toy tip
    lab mix mob fix age any far few fly hat pig
"""
_SHORT = frozenset(_WORDS.split())
"""Short words that are said as words in capitals too; others of two and three letters are abbreviations."""
WORD = re.compile(r"[A-Za-z]+(?:'[A-Za-z]+)?")
NUMBERED = (
    r"(?<![A-Za-z0-9.-])(?:([A-Z])2([A-Z])(?![A-Za-z0-9])"
    r"|(?!(?:X|LV|EP|HP|MP|NO|CH|PT|VOL)\d)([A-Z]{1,4})([1-9])(?![0-9A-Za-z.,%:/-]|\s?[층호관동월일]))"
)
"""Letters with one digit: ``V3``, ``CS2``, ``B2B``."""
_ENGLISH = ("원", "투", "쓰리", "포", "파이브", "식스", "세븐", "에이트", "나인")
TITLES = {
    "dr": "닥터", "mr": "미스터", "mrs": "미시즈", "ms": "미즈", "st": "세인트", "prof": "프로페서",
    "jr": "주니어", "vs": "대",
}  # fmt: skip
TITLE = rf"(?<![A-Za-z])({'|'.join(TITLES)})\.\s?(?=[A-Za-z가-힣])"
"""Abbreviations whose full stop is no pause."""
INITIALS = (
    r"(?<![A-Za-z.])(?![AaPp]\.[Mm]\.)(?:[A-Za-z]\.){2,}(?:[A-Za-z](?![A-Za-z]))?|(?<=[A-Za-z])\.(?=[A-Za-z])(?![Mm]\.)"
)
_CAMEL = re.compile(r"[A-Z]?[a-z]{2,}|[A-Z]{2,}(?![a-z])")
_ROMAN = re.compile(
    r"(?:(?<=[가-힣A-Za-z]\s)(?=[IVX]{2})|(?<![A-Za-z0-9.'-])(?=[IVX]{2,5}\s?(?:장|부|권|편|막|악장|화|절|단계)(?![가-힣]{3}))(?!X+[^IVX]))"
    r"(X{0,2})(IX|IV|V?I{0,3})(?![A-Za-z0-9'])(?P<unit>\s?[장부권편막화절])?"
)


@lru_cache(maxsize=1024)
def latin(word: str) -> str:
    """Read one word: a known one, a spelled abbreviation, by the pronouncing dictionary, or else spelled out."""
    lower = word.lower()
    if lower in KNOWN:
        return KNOWN[lower]
    letters = lower.replace("'", "")
    if len(letters) == 1 or (word.isupper() and len(word) <= SPELLED and not _shouted(lower)):
        return _spelled(letters)
    if _phones(lower) and (len(letters) < 4 or _VOWEL.search(letters)):
        return _pronounced(lower)
    if lower.endswith("'s") and len(lower) > 3:
        return f"{latin(word[:-2])}스"
    parts = _CAMEL.findall(word)
    if len(parts) > 1 and "".join(parts) == word:
        return "".join(latin(part) for part in parts)
    return _compound(letters) or (_namelike(word) and _guessed(letters)) or _spelled(letters)


def _shouted(word: str) -> bool:
    """Return whether a short word in capitals is a word and no abbreviation, as the dictionary also has some: OECD."""
    if word in _SHORT:
        return True
    long = (len(word) > 3 or "'" in word) and _VOWEL.search(word) is not None
    return long and 0 < sum(sound[-1].isdigit() for sound in _phones(word).split()) < len(word)


def numbered(match: re.Match[str]) -> str:
    """Read one digit after letters as English does: ``V3`` 브이쓰리; ``B2B`` 비투비."""
    first, second, letters, digit = match.groups()
    return f"{first}투{second}" if first else f"{letters}{_ENGLISH[int(digit) - 1]}"


def initials(match: re.Match[str]) -> str:
    """Read ``U.S.A.`` letter by letter, and nothing for the full stop of ``Node.js``."""
    letters = match[0].replace(".", "")
    return " " if not letters else _spelled(letters.lower()) + ("." if match.end() == len(match.string) else "")


def _spelled(letters: str) -> str:
    return "".join(_LETTERS[letter] for letter in letters)


@lru_cache(maxsize=512)
def _compound(letters: str) -> str:
    """Read two dictionary words written as one, such as ``gameplay``; the longest first part wins."""
    if len(letters) <= _LONGEST_COMPOUND:
        for end in range(len(letters) - 3, 2, -1):
            if _part(letters[:end]) and _part(letters[end:]):
                return _pronounced(letters[:end]) + _pronounced(letters[end:])
    return ""


def _part(word: str) -> bool:
    return (len(word) > 3 or word in _SHORT) and bool(_phones(word))


def _pronounced(word: str) -> str:
    return KNOWN.get(word) or _written(word, loans.fitted(word, _phones(word)))


def _namelike(word: str) -> bool:
    """Return whether an unknown word may be a name; short ones in small letters or in capitals are abbreviations."""
    if word.istitle():
        return len(word) > 3 or _SYLLABLE.fullmatch(word) is not None
    least = SPELLED if word.islower() else SPELLED + 1
    return len(word) >= least and (word.islower() or word.isupper())


def _guessed(letters: str) -> str:
    phones = loans.guessed(letters)
    return _written(letters, phones) if phones else ""


def _written(word: str, phones: str) -> str:
    from ko_speech_tools.g2p.english import convert_eng

    parts = re.split(r"(?<=\d) (?=Y )", phones)  # a y between vowels begins a syllable
    return "".join(loans.closed(convert_eng(word, cast(Any, {word: [part]})), part) for part in parts)


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

    def said(match: re.Match[str]) -> str:
        value = str(_value(match[1] + match[2]))
        return f"{sino(value)} {match['unit'].strip()}" if match["unit"] else value

    return _ROMAN.sub(said, text)


def _value(numeral: str) -> int:
    values = [{"I": 1, "V": 5, "X": 10}[letter] for letter in numeral]
    return sum(-value if any(value < later for later in values[at + 1 :]) else value for at, value in enumerate(values))
