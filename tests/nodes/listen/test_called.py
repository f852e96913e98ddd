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
        "초코아 이리 와",
        "쵸코, 뭐 해?",
        "쪼꼬한테 물어보자",
        "초코누나 안녕",
        "초코보다 내가 낫지",
        "초코는요?",
        "초코도 같이 하자",
        "그건 초코처럼 해야지",
        "초코야초코야 안녕 초코야",
        "초코라도 불러 볼까",
        "역시 초코다",
        "초코야말로 최고지",
        "이거 초코잖아",
        "초코밖에 없어",
        "초코쌤 질문 있어요",
        "초코에게는 비밀이야",
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
        "쵸코파이 먹자",
        "초고 다 썼어?",
        "초코바 하나만",
        "초코가루 뿌려",
        "최고야 진짜",
        "초코송이 좋아해",
        "조코비치 경기 봤어?",
        "",
        "ㅋㅋㅋ",
    ],
)
def test_a_name_within_another_word_calls_nobody(text: str) -> None:
    assert not calls(text, ["초코"])


@pytest.mark.parametrize(
    "text",
    ["하늘아 안녕", "하늘이한테 물어봐", "하늘이랑 하자", "하늘이라도 부르자", "하늘이 뭐 해?", "하늘이가 이겼어"],
)
def test_a_name_with_a_final_consonant_takes_one_more_syllable(text: str) -> None:
    assert calls(text, ["하늘"])
    assert not calls(text.replace("하늘", "하늘색"), ["하늘"])


def test_spellings_that_sound_alike_are_one_name() -> None:
    assert calls("배리 안녕", ["베리"])
    assert calls("쥬니가 그랬어", ["주니"])
    assert not calls("바리 안녕", ["베리"])


def test_any_of_the_names_will_do_and_a_short_one_only_as_it_is() -> None:
    assert calls("별아 안녕", ["초코", "별"])
    assert not calls("벌아 안녕", ["별"])
    assert not any(calls(text, ["별"]) for text in ("별나", "별다", "별같이 반짝", "이별이잖아"))
    assert calls("하늘 별아 안녕", ["하늘별"])
    assert calls("Choco, hello", ["choco"])
    assert not calls("안녕", [])
