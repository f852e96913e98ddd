"""Names in kana and hanja."""

import pytest

from nodes.reply._reading.foreign import greek, hanja, kana


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("さくら", "사쿠라"),
        ("カタカナ", "가타카나"),
        ("ミク", "미쿠"),
        ("きゅうり", "규리"),
        ("ホロライブ", "호로라이부"),
        ("にゃんこ", "냔코"),
        ("はっちゃん", "핫찬"),
        ("スーパー", "스파"),
        ("ファン", "판"),
        ("っん", ""),
    ],
)
def test_kana_is_read_by_the_rules_for_loan_words(written: str, said: str) -> None:
    assert kana(written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("黒猫", "흑묘"),
        ("龍王", "용왕"),
        ("李舜臣", "이순신"),
        ("人々", "인인"),
        ("鱻", ""),
        ("天使", "천사"),
        ("佐藤", "좌등"),
        ("俊昊", "준호"),
        ("実況者", "실황자"),
        ("\uf9b7樂", "예락"),
    ],
)
def test_common_hanja_are_read_and_others_left_out(written: str, said: str) -> None:
    assert hanja(written) == said


def test_greek_letters_are_called_by_their_names() -> None:
    assert [greek(letter) for letter in "απΩ"] == ["알파", "파이", "오메가"]
