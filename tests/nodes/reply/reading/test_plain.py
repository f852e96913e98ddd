import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.reply._reading.plain import plain
from nodes.reply._reading.pronunciation import Pronunciations
from nodes.reply._spoken import said, spoken

NONE = Pronunciations({})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello, nice to meet you!", "Hello, nice to meet you!"),
        ("I have 5 cats and $3.50 in 2024.", "I have 5 cats and $3.50 in 2024."),
        ("Thanks for 10,000 won, 하늘별!", "Thanks for 10,000 won, haneulbyeol!"),
        ("ㅋㅋㅋ That's funny 😂!!", "That's funny!"),
        ("*waves* Hi~ [happy] See you at 3~4 PM", "Hi See you at 3-4 PM"),
        ("**Bold** and `code` {:wave_1:} https://a.example/x", "Bold and code"),
        ("こんにちは、今日は3時に始まります。", "こんにちは、今日は3時に始まります。"),
        ("ｶﾗｵｹ　行こう！！", "カラオケ 行こう!"),
        ("½ cup", "1/2 cup"),
        ("What?! Really...", "What? Really..."),
        ("ㅠㅠ", ""),
        ("!!!", ""),
        ("", ""),
    ],
)
def test_text_stays_as_it_is_written_but_for_what_nobody_says(text: str, expected: str) -> None:
    assert plain(text) == expected


@given(st.text(max_size=60))
def test_no_hangul_and_no_picture_ever_reaches_the_voice(text: str) -> None:
    read = plain(text)
    assert not any("HANGUL" in unicodedata.name(sign, "") for sign in read)
    assert not any(unicodedata.category(sign) in ("So", "Cs", "Cc") for sign in read)
    assert plain(read) == read or not any(map(str.isalnum, plain(read)))


def test_readings_of_the_file_count_unless_they_are_in_hangul() -> None:
    words = Pronunciations.parse("Choco\tcho-ko\nAI\t에이아이\n초코\tChoco\n비밀\t비밀이에요\n", "english")
    assert plain("Choco loves AI, says 초코 비밀", words) == "cho-ko loves AI, says Choco bimil"


def test_the_reading_follows_the_language() -> None:
    assert said("hello 5", NONE, "korean") == spoken("hello 5") == "헬로 오"
    assert said("hello 5", NONE, "english") == said("hello 5", NONE, "japanese") == "hello 5"


def test_a_file_with_readings_in_another_language_is_wrong_for_korean_only() -> None:
    with pytest.raises(ValueError, match="1번째 줄: 읽는 법은 한글로"):
        Pronunciations.parse("Choco\tcho-ko\n")
