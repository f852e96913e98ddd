"""The streamer's pronunciation file."""

from pathlib import Path

import pytest

from nodes.reply._reading.pronunciation import LINES, NONE, Pronunciations
from nodes.reply._spoken import spoken

SHIPPED = Pronunciations.parse((Path(__file__).parents[4] / "config" / "pronunciation.tsv").read_text("utf-8"))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Google에서 검색해", "구글에서 검색해"),
        ("NAVER 지도", "네이버 지도"),
        ("Valorant 하자", "발로란트 하자"),
        ("Overwatch 2", "오버워치 이"),
        ("AIsChoco", "에이아이즈초코"),
        ("Wi-Fi 비번", "와이파이 비번"),
        ("T1 이겼다", "티원 이겼다"),
        ("T10", "티십"),
        ("ㄹㅇ 대박", "레알 대박"),
        ("ㅋㄹㅇ", ""),
        ("ㅇㅇ", ""),
        ("3.1절", "삼일절"),
        ("13.1절", "십삼 점 일 절"),
        ("1.4K 모니터", "천사백 모니터"),
        ("4K 모니터", "포케이 모니터"),
    ],
)
def test_words_of_games_platforms_and_memes_are_said_as_viewers_say_them(written: str, said: str) -> None:
    assert spoken(written, SHIPPED) == said


def test_a_word_may_be_a_single_sign() -> None:
    assert spoken("♥ ㄳ 안녕 ㄳㄳ", Pronunciations.parse("♥\t하트\nㄳ\t감사\n♥♥\t하트 뿅뿅")) == "하트 감사 안녕"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("안녕 한길님!", "안녕 항길님!"),
        ("한길은 누구야?", "항길은 누구야?"),
        ("못한길래", "못한길래"),
        ("네 멋대로", "니 멋대로"),
        ("한길 2번", "항길 이 번"),
        ("아무 말", "아무 말"),
    ],
)
def test_a_word_in_hangul_is_said_as_the_file_says_where_a_word_begins(text: str, said: str) -> None:
    assert spoken(text, Pronunciations.parse("한길\t항길\n네 멋\t니 멋\n")) == said


def test_the_streamers_file_goes_before_what_is_known_and_its_own_comments_are_skipped() -> None:
    words = Pronunciations.parse("# 읽는 법\n\nyoutube\t너튜브 # 내 방송\nC#\t씨샵\n")
    assert spoken("YouTube C# ", words) == "너튜브 씨샵"
    assert spoken("YouTube", NONE) == "유튜브"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("A\t에이\nGoogle 구글", "2번째 줄: 낱말, 탭"),
        ("A\t에이\nB\t", "2번째 줄: 낱말, 탭"),
        ("A\tei", "1번째 줄: 읽는 법은 한글로 적어 주세요: ei"),
        ("A\t" + "가" * 200, "1번째 줄: 100자보다 길어요"),
        ("A\t에이\n" * LINES + "B\t비", f"{LINES + 1}번째 줄: 발음은"),
    ],
)
def test_a_line_that_cannot_be_used_is_named_with_its_remedy(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Pronunciations.parse(text)
