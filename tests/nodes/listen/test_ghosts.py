"""What a recogniser made up is known."""

import pytest

from nodes.listen._ghosts import GHOSTS, Transcript, is_ghost


@pytest.mark.parametrize(
    "text", [*GHOSTS, "시청해 주셔서 감사합니다.", "MBC 뉴스 김성현입니다.", "구독과 좋아요 부탁드립니다!"]
)
def test_known_sentences_that_nobody_said_are_ghosts(text: str) -> None:
    assert is_ghost(Transcript(text), 5.0)


@pytest.mark.parametrize(
    "text",
    [
        "오늘도 방송 시청해주셔서 감사합니다 여러분 내일 또 만나요",
        "감사합니다",
        "초코야 MBC 뉴스 봤어?",
        "구독 고마워요 하늘님",
        "다음 영상 뭐 찍지",
    ],
)
def test_what_a_streamer_says_is_none(text: str) -> None:
    assert not is_ghost(Transcript(text, 0.05, -0.4, 1.1), 5.0)


@pytest.mark.parametrize(
    ("heard", "voiced_s"),
    [
        (Transcript("안녕", 0.01, -0.2, 1.0), 0.29),
        (Transcript("", 0.01, -0.2, 1.0), 2.0),
        (Transcript("...", 0.01, -0.2, 1.0), 2.0),
        (Transcript("안녕하세요", 0.7, -1.1, 1.0), 2.0),
        (Transcript("안녕하세요", 0.9), 2.0),
        (Transcript("안녕하세요", 0.1, -1.7, 1.0), 2.0),
        (Transcript("아 " * 60, 0.1, -0.2, 9.0), 20.0),
        (Transcript("가" * 20, 0.1, -0.2, 1.0), 1.0),
    ],
    ids=[
        "too short",
        "nothing",
        "signs",
        "nobody spoke",
        "nobody spoke, without more",
        "a guess",
        "repeated",
        "too fast",
    ],
)
def test_what_cannot_have_been_said_is_a_ghost(heard: Transcript, voiced_s: float) -> None:
    assert is_ghost(heard, voiced_s)


def test_one_who_is_sure_of_the_words_is_believed_though_it_doubts_the_voice() -> None:
    assert not is_ghost(Transcript("초코야 안녕", 0.7, -0.3, 1.0), 1.0)
