"""Words in Latin letters."""

import pytest

from nodes.reply._reading.latin import latin, roman
from nodes.reply._spoken import spoken


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("hello", "헬로"),
        ("AI", "에이아이"),
        ("HDMI", "에이치디엠아이"),
        ("NAILS", "네일즈"),
        ("BOTTLE", "보틀"),
        ("LOVE", "러브"),
        ("STOP", "스탑"),
        ("YES", "예스"),
        ("LET'S", "레츠"),
        ("US", "유에스"),
        ("OECD", "오이씨디"),
        ("fomc", "에프오엠씨"),
        ("HWANHEE", "환히"),
        ("HTML", "에이치티엠엘"),
        ("html", "에이치티엠엘"),
        ("PCIe", "피씨아이이"),
        ("Silksong", "실크송"),
        ("Baldur's", "발두스"),
        ("Malenia", "말레니아"),
        ("Ayaka", "아야카"),
        ("Rin", "린"),
        ("asdf", "에이에스디에프"),
        ("qwer", "큐더블유이알"),
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


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("V3 나왔다", "브이쓰리 나왔다"),
        ("CS2랑 BG3", "씨에스투랑 비지쓰리"),
        ("B2B 회사", "비투비 회사"),
        ("P2W 게임", "피투더블유 게임"),
        ("B1층", "비일 층"),
        ("U20 대표", "유이십 대표"),
        ("LV3", "엘브이삼"),
        ("V3.1", "브이삼 점 일"),
        ("x2 이벤트", "곱하기 이 이벤트"),
        ("U.S.A. 여행", "유에스에이 여행"),
        ("K.O.", "케이오."),
        ("Node.js 써요", "노드 제이에스 써요"),
    ],
)
def test_one_digit_after_letters_is_english_and_full_stops_within_are_not_said(written: str, said: str) -> None:
    assert spoken(written) == said
