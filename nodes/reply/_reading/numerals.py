"""Numerals in Hangul: Sino-Korean, native before a counter, and digit by digit."""

import re
from decimal import Decimal
from functools import lru_cache

from nodes.reply._reading.counters import NATIVE, NATIVE_TO

LONGEST = 18
"""A number with at most this many digits is read as a number; a longer one digit by digit."""
BIG = {"십": 10, "백": 100, "천": 1000, "만": 10**4, "억": 10**8, "조": 10**12, "경": 10**16}

NUMBER = r"\d(?:\d{0,2}(?:,\d{3})+(?!\d)|\d*)(?:\.\d+)?"
"""A number: a comma belongs to it only between groups of three digits."""
_BIG = (
    r"(?:십|백(?!신)|천(?!막|장|사)|만(?!큼|화|두|남|들|에서만|점에|점\s?(?:중|기준))|억|조(?!각|합|항)"
    r"|경(?!기|주|험|우))"
)
AMOUNT = rf"{NUMBER}(?:\s?{_BIG}+(?:\s?{NUMBER}{_BIG}+|\d{{1,4}}(?![\d,.]))*)?"
"""A number that may go on in Hangul: ``3만``, ``1억 2천만``, ``1만5000``, ``1.5억``."""

_PIECE = re.compile(rf"({NUMBER})\s?([십백천만억조경]*)")


def digits(text: str) -> str:
    """Read a number digit by digit, as in phone numbers."""
    return "".join("공일이삼사오육칠팔구"[int(digit)] for digit in text)


@lru_cache(maxsize=256)
def sino(number: str) -> str:
    """Read a number in Sino-Korean; with a leading zero or too many digits it is read digit by digit."""
    from hangulpy import number_to_hangul

    whole, point, fraction = number.replace(",", "").partition(".")
    if len(whole) > LONGEST or (len(whole) > 1 and whole.startswith("0")):
        head = digits(whole)
    else:
        head = number_to_hangul(Decimal(whole))
    return f"{head} 점 {_fraction(fraction)}" if point and fraction else head


def _fraction(text: str) -> str:
    """Read the digits after the decimal point: a zero before all others is 영, a later one 공."""
    zeros = len(text) - len(text.lstrip("0"))
    return "영" * zeros + digits(text[zeros:])


@lru_cache(maxsize=256)
def counted(number: str, counter: str) -> str:
    """Return the numeral before ``counter``, native if the counter requires it."""
    from hangulpy import susa

    number = number.replace(",", "")
    if counter not in NATIVE or not number.isdecimal() or len(number) > 2:
        return sino(number)
    value = int(number)
    if not 0 < value <= NATIVE_TO.get(counter, 99):
        return sino(number)
    return "첫" if counter == "번째" and value == 1 else susa(value, classifier=True)


def amount(text: str) -> str:
    """Read what ``AMOUNT`` matches, without its counter."""
    pieces: list[tuple[str, str]] = _PIECE.findall(text)
    if len(pieces) == 1 and not pieces[0][1]:
        return sino(pieces[0][0])
    if any("." in number for number, _ in pieces):
        return " ".join(sino(number) + units for number, units in pieces)
    return sino(str(_value(pieces)))


def _value(pieces: list[tuple[str, str]]) -> int:
    """Return the value of numbers with their Hangul units: ``2천5백만`` is 2500 times 만."""
    total = below = 0
    for number, units in pieces:
        value, large = int(number.replace(",", "")), 1
        for unit in units:
            if BIG[unit] < BIG["만"]:
                value *= BIG[unit]
            else:
                large *= BIG[unit]
        below += value
        if large > 1:
            total, below = total + below * large, 0
    return total + below


def month(number: str) -> str:
    from hangulpy import months

    return months(int(number)) if 1 <= int(number) <= 12 else f"{sino(number)} 월"
