"""The character is called by name."""

import pytest

from nodes.listen._called import calls


@pytest.mark.parametrize(
    "text",
    [
        "초코야 오늘 뭐 해?",
        "초코야, 오늘 뭐 해?",
        "오늘 뭐 하지 초코야",
        "초코는 어때?",
        "초코 안녕",
        "야 초코",
        "우리 초코가 그랬어요.",
        "초코님 계세요",
        "쵸코야 안녕",
        "초꼬야 안녕",
        "초코랑 같이 하자",
        "초코한테 물어보자",
        "초코의 생각은",
    ],
)
def test_a_name_is_heard_with_its_particles_and_in_near_spellings(text: str) -> None:
    assert calls(text, ["초코"])


@pytest.mark.parametrize(
    "text",
    [
        "초코우유 마시고 싶다",
        "초코아이스크림 먹자",
        "다크초코 맛있어",
        "초콜릿 줘",
        "핫초코야 이거?",
        "조금만 쉬자",
        "초고속으로 가자",
        "촛불이야",
        "",
        "ㅋㅋㅋ",
    ],
)
def test_a_name_within_another_word_calls_nobody(text: str) -> None:
    assert not calls(text, ["초코"])


def test_any_of_the_names_will_do_and_a_short_one_only_as_it_is() -> None:
    assert calls("별아 안녕", ["초코", "별"])
    assert not calls("벌아 안녕", ["별"])
    assert calls("하늘 별아 안녕", ["하늘별"])
    assert calls("Choco, hello", ["choco"])
    assert not calls("안녕", [])
