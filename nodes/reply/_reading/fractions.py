"""Reads fractions, and other numbers on both sides of a slash."""

import re

from nodes.reply._reading.numerals import NUMBER, digits, sino
from nodes.reply._reading.rule import Rule, rule
from nodes.reply._reading.units import PER, UNIT, per

_END = r"(?![A-Za-z])"
_FRACTION = r"(?P<up>√?\d+)\s?[/⁄]\s?(?P<down>√?\d+)"
_NO_FRACTION = 32
"""From here on what stands over a smaller number is no fraction, and no date either."""


def _fraction(match: re.Match[str]) -> str:
    if not match["whole"] and match["up"].isdecimal() and int(match["up"]) >= _NO_FRACTION:
        first, second = (int(part) if part.isdecimal() else 0 for part in match.group("up", "down"))
        if first > second > 0:  # 120/80, 180/75: two values beside each other
            return f"{sino(match['up'])}에 {sino(match['down'])}" + (f" {per(match['unit'])}" if match["unit"] else "")
    up, down = (
        ("루트 " if part.startswith("√") else "") + sino(part.lstrip("√")) for part in match.group("up", "down")
    )
    unit = match["unit"]
    mixed = f"{sino(match['whole'])}{match['join']} " if match["whole"] else ""
    return f"{mixed}{down}분의 {up}" + (f" {per(unit)}" if unit else "")


def _out_of(match: re.Match[str]) -> str:
    of = match.groupdict().get("of") or ""
    return f"{of}{sino(match['most'])} 점 만점에 {sino(match['got'])} 점{'이에요' if match['is'] else ''}"


_SCORE = rf"(?P<got>{NUMBER})\s?/\s?"
RULES: tuple[Rule, ...] = (
    rule("quarter", r"\b([1-4])/4\s?분기", lambda match: f"{digits(match[1])}사 분기", needs="/"),
    rule(
        "tally",
        r"(?<![\w/])\d+(?:/\d+){2,}(?![\d/]|[A-Za-z])",
        lambda match: ", ".join(sino(part) for part in match[0].split("/")),
        needs="/",
    ),
    rule("fraction", r"(?<![\w./])(\d+)/[nN](?![A-Za-z])", lambda match: f"엔분의 {sino(match[1])}", needs="/"),
    rule("out_of", rf"(?<![\w./]){_SCORE}(?P<most>5|10|20|50|100|1000)점(?P<is>예요)?", _out_of, needs="점"),
    rule(
        "out_of",
        rf"(?P<of>(?:별점|평점|학점|평가)\S{{0,2}}\s){_SCORE}(?P<most>\d+(?:\.[1-9]\d*)?)(?:\.0)?(?![\d/]|\.\d)(?P<is>예요)?",
        _out_of,
        needs="/",
        near=r"\d\s?/",
    ),
    rule(
        "out_of",
        r"(?<![\w./])(?P<got>\d+\.\d+)\s?/\s?(?P<most>5|10|100)(?:\.0)?(?![\d/.]|[A-Za-z])(?P<is>예요)?",
        _out_of,
        needs="/",
        near=r"\.\d+\s?/",
    ),
    rule("fraction", r"(\d+)\s?분의\s?(\d+)", lambda match: f"{sino(match[1])}분의 {sino(match[2])}", needs="/⁄분"),
    rule(
        "fraction",
        rf"(?<![\w./])(?:(?P<whole>\d+)\s?(?P<join>[과와])\s?)?{_FRACTION}(?![\d/]"
        rf"|\.\d)(?:\s?(?P<unit>(?:{UNIT})(?:/{PER})?){_END})?",
        _fraction,
        needs="/⁄분",
        near=r"\d\s?[/⁄]",
    ),
)
