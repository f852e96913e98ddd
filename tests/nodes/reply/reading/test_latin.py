"""Words in Latin letters."""

import pytest

from nodes.reply._reading.latin import latin, roman


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("hello", "헬로"),
        ("AI", "에이아이"),
        ("NAILS", "엔에이아이엘에스"),
        ("BOTTLE", "바털"),
        ("I'm", "아임"),
        ("gameplay", "게임플레이"),
        ("NiceBoss", "나이스보스"),
        ("xqzt", "엑스큐제트티"),
        ("zzzyyyxxxwwwvvvuuu", "제트제트제트와이와이와이엑스엑스엑스더블유더블유더블유브이브이브이유유유"),
    ],
)
def test_a_word_is_known_pronounced_or_spelled(word: str, said: str) -> None:
    assert latin(word) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [("파판 VII", "파판 7"), ("디아블로 IV가", "디아블로 4가"), ("VII", "VII"), ("소울 VIP", "소울 VIP")],
)
def test_a_roman_numeral_behind_a_word_is_a_number(text: str, said: str) -> None:
    assert roman(text) == said
