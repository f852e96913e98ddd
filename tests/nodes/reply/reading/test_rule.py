"""A rule is passed over only where it would change nothing."""

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nodes.reply._reading.pronunciation import NONE
from nodes.reply._reading.rule import Rule, Stage, one_of, rule
from nodes.reply._spoken import rules_for

PARTS = """
    1 2 3 10 30 90 010 112 1234 1588 1,000 2026 0.5 1.20 / - ~ : . , ' ( ) √ ± ÷ × x = + % $ ₩ € 원 만 개 명 시 분 월 일
    년 대 번 점 반 제 초 중 고 병 남자 연승 강 학번 번호 계좌 님 신고 차 버스 아이폰 손님 노래 절 부터 에 월요일 오후
    am PM d-day vs VII km ml GB fps K US T_T ^^ :) XD (^^) さくら 黒猫 é α ㅋㅋ ㅠ B- 비율
""".split()  # noqa: SIM905
LINES = [
    line.split("\t")[1]
    for line in (Path(__file__).parent / "nemo_ko.tsv").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]
RULES = [each for each in rules_for(NONE) if each.patterns]


def passed_over(each: Rule, text: str) -> bool:
    unneeded = bool(each.needs) and each.needs.isdisjoint(text)
    return unneeded or (each.near is not None and each.near.search(text) is None)


def wrongly(text: str) -> list[str]:
    """Return the rules that match the text and are passed over."""
    return [
        each.name for each in RULES if passed_over(each, text) and each.patterns[0].compiled.search(text) is not None
    ]


@given(st.lists(st.tuples(st.sampled_from(PARTS), st.sampled_from(("", " "))), max_size=8))
@example([("월", ""), ("~", ""), ("일", "")])
def test_no_rule_is_passed_over_that_matches(parts: list[tuple[str, str]]) -> None:
    assert wrongly("".join(part + blank for part, blank in parts)) == []


def test_no_rule_is_passed_over_that_matches_a_line_of_the_published_set() -> None:
    assert {line: rules for line in LINES if (rules := wrongly(line))} == {}
    assert sum(passed_over(each, line) for each in RULES for line in LINES) > len(RULES) * len(LINES) * 0.8


def test_a_rule_is_not_tried_without_what_is_near_it() -> None:
    tried: list[str] = []
    each = rule("once", "a+", lambda match: tried.append(match[0]) or "b", near="a!")
    assert (each.apply("aa"), tried) == ("aa", [])
    assert (each.apply("aa!"), tried) == ("b!", ["aa"])


def test_a_stage_gives_the_rules_that_a_text_needs_in_their_order() -> None:
    one, two, three = rule("one", "1", "", needs="1"), rule("two", "x", ""), rule("three", "3", "", needs="3")
    stage = Stage((one, two, three), three.patterns[0].compiled)
    assert (stage.rules_for("1"), stage.rules_for("3"), stage.rules_for("13")) == ((), (two, three), (one, two, three))


@pytest.mark.parametrize(("text", "found"), [("시간", "시간"), ("시작", None), ("시!", "시"), ("간", None)])
def test_the_longest_word_is_found_unless_what_follows_forbids_it(text: str, found: str | None) -> None:
    match = re.match(one_of(["시", "시간"], {"시": "(?!작)"}), text)
    assert (match[0] if match else None) == found
