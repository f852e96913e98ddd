"""What a voice should say for a piece of written Korean: numbers and Latin read out, laughs left out."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, cast

DROPPED = re.compile(
    r"\{:[\w-]{1,64}:\}"  # CHZZK emotes
    r"|```.*?(?:```|$)"
    r"|(?:https?://|www\.)\S+"
    r"|\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|net|org|kr|gg|tv|io|me|ly)\b(?:/\S*)?"
    r"|[\u3131-\u318e]+",  # ㅋㅋ, ㅠㅠ, ㄷㄷ: letters that are not syllables
    re.IGNORECASE | re.DOTALL,
)
LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
SIGNS = WIDE | {
    ord(a): b
    for a, b in zip(
        "…。、，！？～〜￦₩℃−–", ["...", ".", ",", ",", "!", "?", "~", "~", "₩", "₩", "°C", "-", "-"], strict=True
    )
}

NUMBER = r"\d[\d,]*(?:\.\d+)?"
UNITS = {
    "%": "퍼센트", "°c": "도", "°": "도", "km": "킬로미터", "cm": "센티미터", "mm": "밀리미터", "m": "미터",
    "kg": "킬로그램", "g": "그램", "gb": "기가바이트", "mb": "메가바이트", "tb": "테라바이트", "ms": "밀리초",
    "fps": "프레임", "hz": "헤르츠", "khz": "킬로헤르츠", "$": "달러", "h": "시간", "s": "초",
}  # fmt: skip
NATIVE = (
    "시간", "번째", "사람", "마리", "켤레", "송이", "그루", "가지", "군데", "그릇", "조각", "개", "명", "살", "시",
    "잔", "병", "권", "대", "장", "벌", "곡", "판", "달", "채", "통", "줄", "척", "쌍", "끼", "캔",
)  # fmt: skip
SINO = (
    "퍼센트", "프로", "개월", "개국", "시즌", "인분", "주년", "주일", "레벨", "티어", "킬로", "미터", "그램", "초",
    "분", "년", "월", "일", "원", "층", "호", "번", "회", "위", "등", "점", "배", "화", "편", "강", "킬", "데스", "도",
    "세", "주",
    "승", "패", "연승", "연패", "달러", "치즈",
)  # fmt: skip
BIG = {"백": 100, "천": 1000, "만": 10_000, "억": 100_000_000}
COUNTER = "|".join(sorted((*NATIVE, *SINO), key=len, reverse=True))

SPELLING = (
    "에이", "비", "씨", "디", "이", "에프", "지", "에이치", "아이", "제이", "케이", "엘", "엠", "엔", "오", "피",
    "큐", "알", "에스", "티", "유", "브이", "더블유", "엑스", "와이", "제트",
)  # fmt: skip
LETTERS = dict(zip("abcdefghijklmnopqrstuvwxyz", SPELLING, strict=True))
WORDS = {
    "youtube": "유튜브", "vtuber": "브이튜버", "chzzk": "치지직", "hello": "헬로", "good": "굿", "boss": "보스",
    "chocolate": "초콜릿", "choco": "초코", "thank": "땡크", "thanks": "땡스", "python": "파이썬", "nice": "나이스",
    "discord": "디스코드", "twitch": "트위치", "a": "에이", "gg": "지지", "ost": "오에스티", "chatgpt": "챗지피티",
}  # fmt: skip
"""Words of a broadcast that the pronouncing dictionary lacks, or whose Korean form is settled and different."""
SPELLED = 5
"""Capitals up to this many letters are an abbreviation."""


@lru_cache(maxsize=512)
def spoken(text: str) -> str:
    """What to say aloud for ``text``: Hangul syllables, spaces and ``.,!?~`` only; empty when nothing can be said.

    Counters take the numerals that Korean wants (``5개`` 다섯 개, ``1번`` 일 번), capitals are spelled (``AI``), other
    English words come from the CMU pronouncing dictionary by the rules of loan-word spelling.
    """
    text = LINK.sub(r"\1", text.translate(SIGNS))
    text = _numbers(DROPPED.sub(" ", text))
    text = re.sub(r"[A-Za-z]+(?:'[A-Za-z]+)?", lambda match: _latin(match[0]), text)
    text = text.replace("+", " 플러스 ").replace("&", " 앤 ").translate({ord(mark): "," for mark in ";:·"})
    text = re.sub(r"[^가-힣 .,!?~]", " ", text)
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r"(?:\s*[.,!?~])+", _one_mark, text)
    text = re.sub(r"([,.!?])(?=[가-힣])", r"\1 ", text).strip().lstrip(".,!?~ ")
    return text if re.search("[가-힣]", text) else ""


def _one_mark(match: re.Match[str]) -> str:
    return next(mark for mark in "?!~.," if mark in match[0])


def _numbers(text: str) -> str:
    for pattern, read in RULES:
        text = pattern.sub(read, text)
    return text


def _sino(digits: str) -> str:
    from decimal import Decimal

    from hangulpy import number_to_hangul

    digits = digits.replace(",", "").rstrip(".")
    whole = digits.partition(".")[0]
    if len(whole) > 16 or (len(whole) > 1 and whole.startswith("0")):
        return _digits(digits)
    return number_to_hangul(Decimal(digits)).replace("점", " 점 ")


def _digits(digits: str) -> str:
    return "".join(" 점 " if digit == "." else "공일이삼사오육칠팔구"[int(digit)] for digit in digits)


def _counted(digits: str, counter: str) -> str:
    """The numeral before ``counter``."""
    from hangulpy import susa

    if not digits.isdecimal() or len(digits) > 2:
        return _sino(digits)
    number = int(digits)
    if counter == "번째" and number == 1:
        return "첫"
    if counter in NATIVE and number and (counter != "시" or number <= 12):
        return susa(number, classifier=True)
    return _sino(digits)


def _month(digits: str) -> str:
    from hangulpy import months

    return months(int(digits)) if 1 <= int(digits) <= 12 else f"{_sino(digits)} 월"


def _date(match: re.Match[str]) -> str:
    year, month, day = match.groups()
    return f"{_sino(year)} 년 {_month(month)} {_sino(day.lstrip('0'))} 일"


def _time(match: re.Match[str]) -> str:
    hour, minute = (str(int(part)) for part in match.groups())
    return f"{_counted(hour, '시')} 시" + (f" {_sino(minute)} 분" if minute != "0" else "")


def _range(match: re.Match[str]) -> str:
    first, second, counter = match.groups()
    return f"{_counted(first, counter or '')}에서 {second}{counter or ''}"


def _large(match: re.Match[str]) -> str:
    """``3만``, ``1만5천``, with ``원`` or another counter behind."""
    total = sum(
        int(number.replace(",", "")) * BIG.get(unit, 1)
        for number, unit in re.findall(r"(\d[\d,]*)\s?([백천만억]?)", match["number"])
    )
    return f"{_sino(str(total))} {match['counter'] or ''}"


def _with_unit(match: re.Match[str]) -> str:
    return f"{_sino(match[1])} {UNITS[match[2].lower()]}"


Read = Callable[[re.Match[str]], str]
READINGS: tuple[tuple[str, Read], ...] = (
    (r"(?<!\S)-(?=\d)", lambda _: "마이너스 "),
    (r"\b(\d{4})[-./]\s?(1[0-2]|0?[1-9])[-./]\s?(3[01]|[12]\d|0?[1-9])\b(?!\d)", _date),
    (r"\b\d{2,4}-\d{3,4}-\d{4}\b", lambda m: " ".join(_digits(part) for part in m[0].split("-"))),
    (r"\b(2[0-4]|1\d|0?\d):([0-5]\d)\b", _time),
    (r"(\d+)\s?:\s?(\d+)", lambda m: f"{_sino(m[1])} 대 {_sino(m[2])}"),
    (r"\d+(?:\.\d+){2,}", lambda m: " 점 ".join(_sino(part) for part in m[0].split("."))),
    (rf"(\d+)\s?[~-]\s?(?=\d)(\d+)\s?({COUNTER})?", _range),
    (
        r"(?P<number>\d[\d,]{0,14}\s?[백천만억](?:\s?\d[\d,]{0,14}[백천만]|\d{1,4})*)"
        rf"(?:\s?(?P<counter>{COUNTER}))?",
        _large,
    ),
    (rf"\$\s?({NUMBER})", lambda m: f"{_sino(m[1])} 달러"),
    (rf"₩\s?({NUMBER})", lambda m: f"{_sino(m[1])} 원"),
    (rf"({NUMBER})\s?({'|'.join(sorted(map(re.escape, UNITS), key=len, reverse=True))})(?![a-z])", _with_unit),
    (r"(?<![\d.,])(\d{1,2})\s?월", lambda m: _month(m[1])),
    (rf"({NUMBER})\s?({COUNTER})", lambda m: f"{_counted(m[1].replace(',', ''), m[2].lower())} {m[2]}"),
    (NUMBER, lambda m: _sino(m[0])),
)
RULES: list[tuple[re.Pattern[str], Read]] = [
    (re.compile(pattern, re.IGNORECASE | re.ASCII), read) for pattern, read in READINGS
]


def _latin(word: str) -> str:
    lower = word.lower()
    if lower in WORDS:
        return WORDS[lower]
    letters = lower.replace("'", "")
    if len(letters) == 1 or (word.isupper() and len(word) <= SPELLED) or not _phones(lower):
        return "".join(LETTERS[letter] for letter in letters)
    from ko_speech_tools.g2p.english import convert_eng

    return convert_eng(lower, cast(Any, _Pronunciations()))


class _Pronunciations:
    """Stands in for the library's dictionary object, which takes 0.4 s and much memory to build."""

    def __contains__(self, word: str) -> bool:
        return bool(_phones(word))

    def __getitem__(self, word: str) -> list[str]:
        return [_phones(word)]


@lru_cache(maxsize=1)
def _dictionary() -> bytes:
    from importlib.resources import files

    return b"\n" + files("ko_speech_tools.data.cmudict").joinpath("cmudict.dict").read_bytes()


@lru_cache(maxsize=512)
def _phones(word: str) -> str:
    """ARPAbet of a lower-case English word, empty when the dictionary lacks it."""
    text = _dictionary()
    start = text.find(f"\n{word} ".encode())
    if start < 0:
        return ""
    end = text.find(b"\n", start + 1)
    return text[start:end].decode().partition(" ")[2].partition("#")[0].strip()
