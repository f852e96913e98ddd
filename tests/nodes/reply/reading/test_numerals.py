"""Numerals in Hangul."""

import pytest

from nodes.reply._reading.numerals import amount, counted, digits, month, sino


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("0", "영"),
        ("10", "십"),
        ("1,234,567", "백이십삼만사천오백육십칠"),
        ("3.50", "삼 점 오공"),
        ("2.0", "이 점 영"),
        ("0.05", "영 점 영오"),
        ("007", "공공칠"),
        ("1" * 19, "일" * 19),
    ],
)
def test_a_number_is_read_as_one_or_digit_by_digit(number: str, said: str) -> None:
    assert sino(number) == said


@pytest.mark.parametrize(
    ("number", "counter", "said"),
    [
        ("1", "개", "한"),
        ("20", "살", "스무"),
        ("21", "살", "스물한"),
        ("99", "명", "아흔아홉"),
        ("100", "명", "백"),
        ("0", "명", "영"),
        ("1", "번째", "첫"),
        ("12", "시", "열두"),
        ("13", "시", "십삼"),
        ("24", "시간", "이십사"),
        ("2", "배", "두"),
        ("3", "분", "삼"),
        ("1.5", "개", "일 점 오"),
    ],
)
def test_a_counter_takes_the_numerals_that_korean_wants(number: str, counter: str, said: str) -> None:
    assert counted(number, counter) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("3만", "삼만"),
        ("1만5천", "만오천"),
        ("1만5000", "만오천"),
        ("2천5백만", "이천오백만"),
        ("1백23만", "백이십삼만"),
        ("1억 2천만", "일억이천만"),
        ("1.5억", "일 점 오억"),
        ("3조", "삼조"),
        ("12", "십이"),
    ],
)
def test_an_amount_may_go_on_in_hangul(text: str, said: str) -> None:
    assert amount(text) == said


def test_months_have_names_of_their_own_and_telephones_are_read_by_digits() -> None:
    assert [month(text) for text in ("6", "10", "13")] == ["유월", "시월", "십삼 월"]
    assert digits("0102") == "공일공이"
