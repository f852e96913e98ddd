"""Reads sums, and the signs that stand before, behind and between numbers."""

import re
from decimal import Decimal

from nodes.reply._reading.counters import COUNTER
from nodes.reply._reading.numerals import NUMBER, counted, sino
from nodes.reply._reading.rule import Rule, final, rule
from nodes.reply._reading.units import UNIT


def _operator(match: re.Match[str]) -> str:
    return {
        "+": " 더하기 ",
        "-": " 빼기 ",
        "−": " 빼기 ",
        "×": " 곱하기 ",
        "x": " 곱하기 ",
        "X": " 곱하기 ",
        "*": " 곱하기 ",
        "÷": " 나누기 ",
    }[match[1]]


def _calculation(match: re.Match[str]) -> str:
    """Read ``5+3=8`` as a sum, with 은 or 는 for the equals sign."""
    terms, result = re.split(r"\s?=\s?", match[0], maxsplit=1)
    left = re.sub(r"\s?([-+−×xX*÷])\s?", _operator, terms)
    left = re.sub(NUMBER, lambda number: sino(number[0]), left)
    return f"{left}{'은' if final(left[-1]) else '는'} {result}"


def _day_count(match: re.Match[str]) -> str:
    sign = match[0][1]
    return "디데이" if match[0][-1].isalpha() else f"디 {'플러스' if sign == '+' else '마이너스'} "


def _scientific(match: re.Match[str]) -> str:
    return f"{Decimal(match[0]):f}"


def _rise(match: re.Match[str]) -> str:
    sign, share = match[1] or match[4], match[2] or match[3]
    return f"{share} {'상승' if sign in '▲△' else '하락'}"


def _which(match: re.Match[str]) -> str:
    return f"{counted(match[1], '번째')} 번째"


_MEMORY = r"(?:램|메모리|하드|용량|디스크|저장\s?공간|RAM|SSD|HDD|USB)"
_HOW_MANY = "(?:개(?![년월])|명|살|시(?!대)|마리|잔|병|달|끼|번째)"
"""Before these 제 apart from the number is "my": ``제 2개``."""
RULES: tuple[Rule, ...] = (
    rule(
        "ordinal",
        rf"제(?<![가-힣]제)(?:\s(?!\d+\s?{_HOW_MANY}))?(\d+)(?=\s?(?:{COUNTER}))",
        lambda match: f"제{sino(match[1])} ",
        needs="제",
    ),
    rule(
        "power",
        r"(\d+)\^(-?)(\d+)",
        lambda match: f"{sino(match[1])}의 {'마이너스 ' if match[2] else ''}{sino(match[3])}제곱",
        needs="^",
    ),
    rule(
        "rise",
        r"([▲△▼▽])\s?(\d[\d.,]*\s?%p?)(?![A-Za-z\d])|(\d[\d.,]*\s?%p?)\s?([▲△▼▽])",
        _rise,
        needs="▲△▼▽",
    ),
    rule(
        "memory",
        rf"({_MEMORY}\S{{0,2}}\s?\d+)\s?([GT])(?![A-Za-z\d]|\s?(?:폰|요금|통신|망))",
        r"\1\2B",
        re.IGNORECASE,
        needs="GTgt",
        near=r"\d\s?[GT](?![A-Z])",
    ),
    rule("scientific", r"(?<![A-Za-z0-9.])\d+(?:\.\d+)?[eE][+-]?1?\d(?![A-Za-z0-9])", _scientific, needs="eE"),
    rule("english_ordinal", r"(?<![A-Za-z\d.])(\d{1,3})(?:st|nd|rd|th)(?![A-Za-z])", _which, needs="tdh"),
    rule("calculation", rf"{NUMBER}(?:\s?[-+−×xX*÷]\s?{NUMBER})+\s?=\s?(?=\d|\?|얼마|몇)", _calculation, needs="="),
    rule("minus", r"(?<![\w.,)%\]])[-−](?=[\d√])|마이너스(?=[\d√])", "마이너스 ", needs="-−마", near=r"[-−스][\d√]"),
    rule(
        "times_sign",
        rf"(?<=[\d원명개억만즈장판회잔병])({UNIT})?\s?[×*xX]\s?(?=\d+(?:\.\d+)?(?:{UNIT})?(?![A-Za-z0-9]))",
        r"\1 곱하기 ",
        needs="×*xX",
        near=r"[\d원명개억만즈장판회잔병]\S{0,5}\s?[×*xX]\s?\d",
    ),
    rule(
        "fold",
        r"(?<![A-Za-z\d.,=+])(?<!=\s)(\d{1,3}(?:\.\d+)?)[xX](?![A-Za-z0-9]|\s?[-+=^²³]|\s\S?제곱)",
        lambda match: f"{counted(match[1], '배')} 배",
        needs="xX",
        near=r"\d[xX]",
    ),
    rule("fold", r"[xX×](?<!\w.)(?=\d+(?:\.\d+)?(?!\w|\.\d))", "곱하기 ", needs="xX×"),
    rule("divided", r"(?<=\d)\s?÷\s?(?=\d)", " 나누기 ", needs="÷"),
    rule("day_count", r"(?<![A-Za-z])[Dd](?:-(?i:day)|[-−](?=\d)|\+(?=\d))", _day_count, needs="dD"),
    rule("about", r"±\s?(?=\d)", "플러스 마이너스 ", needs="±"),
    rule(
        "versus",
        r"(?<![\d.])(\d+)\s?(?:[vV][sS]\.?|[vV])\s?(\d+)(?![\d.]*[A-Za-z])",
        lambda match: f"{sino(match[1])} 대 {sino(match[2])}",
        needs="vV",
    ),
    rule("power", r"(?<=\d)[²³](?![A-Za-z])", lambda match: "의 " + {"²": "제곱", "³": "세제곱"}[match[0]], needs="²³"),
    rule("at_least", r"([≥≤])\s?(\d[\d.,]*)", lambda m: f"{m[2]} 이{'상' if m[1] == '≥' else '하'}", needs="≥≤"),
)
