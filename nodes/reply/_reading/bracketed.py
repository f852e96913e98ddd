"""Reads dates in brackets, where one would say a fraction or a part without the words around it: ``오늘(12/1)``."""

import re

from nodes.reply._reading.calendar import DAY, LATE, MONTH, OCCASION, WEEK
from nodes.reply._reading.numerals import month, sino
from nodes.reply._reading.rule import Rule, rule

_PARTS = 12
"""Up to here the second number may be of how many parts something is."""
_NAMED_DAY = (
    rf"오늘|내일|모레|글피|어제|그제|그저께|엊그제|[{WEEK}]요일"
    r"|(?:시작|마감|종료|개봉|출시|발매|공개|방송|휴방|기념|예정|당)일"
)
_IN_BRACKETS = rf"(?P<m>{MONTH})/(?P<d>{DAY})(?=[)\]])"
_NEAR = r"[(\[]\d\d?/\d\d?[)\]]"


def _date(match: re.Match[str]) -> str:
    return f"{month(match['m'])} {sino(match['d'].lstrip('0'))} 일"


def _behind(match: re.Match[str]) -> str:
    """Behind an occasion, what may be a part or share of it stays: ``방송(1/2)``, ``축제(3/4)``."""
    if not match["day"] and int(match["m"]) <= int(match["d"]) <= _PARTS:
        return match[0]
    return match["before"] + _date(match)


RULES: tuple[Rule, ...] = (
    rule(
        "date",
        rf"(?P<before>(?:(?P<day>{_NAMED_DAY})|{OCCASION})\s?[(\[]){_IN_BRACKETS}",
        _behind,
        needs="/",
        near=_NEAR,
    ),
    rule("date", rf"(?<=[(\[]){_IN_BRACKETS}(?=[)\]]\s?(?:{OCCASION}))", _date, needs="/", near=_NEAR),
    rule(
        "date",
        rf"(?:(?<=^\()|(?<=^\[))(?=(?:1[0-2]|[2-9])/{LATE}\D){_IN_BRACKETS}",
        _date,
        needs="/",
        near=rf"^{_NEAR}",
    ),
)
