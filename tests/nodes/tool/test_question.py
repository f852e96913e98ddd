"""Which lines are worth a search."""

import pytest

from nodes.tool._question import LONGEST, question
from tests.nodes.chat.fakes import chat, donation


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("2026 월드컵 결승 언제 해?", "2026 월드컵 결승 언제 해"),
        ("서울 오늘 날씨 검색해줘", "서울 오늘 날씨"),
        ("초코야 흑백요리사 우승자 찾아줘", "흑백요리사 우승자"),
        ("젤다 신작 발매일 좀 알아봐 줘", "젤다 신작 발매일"),
        ("에펠탑 높이가 얼마예요?", "에펠탑 높이가 얼마예요"),
        ("파이썬 만든 사람 누구인가요", "파이썬 만든 사람 누구인가요"),
        ("BTS 컴백 언제임ㅋㅋ?", "bts 컴백 언제임"),
        ("{:d_1:} 라면 몇 분 끓여요 ??", "라면 몇 분 끓여요"),
        ("https://example.com 이 회사 뭐 만드는 회사인가요?", "이 회사 뭐 만드는 회사인가요"),
    ],
)
def test_a_question_of_fact_becomes_a_query(text: str, query: str) -> None:
    assert question([chat("a", text)], ("초코",)) == query


@pytest.mark.parametrize(
    "text",
    [
        "안녕하세요",
        "안녕?",
        "뭐해?",
        "초코 몇 살이야?",
        "너 이름이 뭐야?",
        "넌 기분이 어때?",
        "오늘 방송 언제까지 해?",
        "저녁 뭐 먹을까?",
        "ㅋㅋㅋ?",
        "??",
        "와 대박",
        "언제나 응원해요",
        "왜 저래 ㅋㅋ",
        "그래?",
        "{:d_1:}",
        "",
        "https://example.com",
    ],
)
def test_small_talk_and_questions_about_the_character_are_not_searched(text: str) -> None:
    assert question([chat("a", text)], ("초코",)) == ""


def test_the_newest_question_of_a_batch_is_taken_donations_too() -> None:
    first, second = chat("a", "에펠탑 높이가 얼마예요?"), donation("b", "한라산 높이 검색해줘")
    assert question([first, second, chat("c", "와!")]) == "한라산 높이"
    assert question([second, first]) == "에펠탑 높이가 얼마예요"
    assert question([]) == ""


def test_a_query_is_short() -> None:
    assert len(question([chat("a", "검색해줘 " + "가나다 " * 100)])) <= LONGEST
