"""What a recogniser made up is known."""

import pytest

from nodes.listen._ghosts import GHOSTS, Transcript, is_ghost


@pytest.mark.parametrize(
    "text",
    [
        *GHOSTS,
        "시청해 주셔서 감사합니다.",
        "MBC 뉴스 김성현입니다.",
        "구독과 좋아요 부탁드립니다!",
        "구독, 좋아요, 알림 설정 부탁드립니다.",
        "구독과 좋아요 부탁드려요",
        "좋아요와 구독, 알림 설정까지 부탁드립니다.",
        "구독과 좋아요 눌러주세요",
        "구독 좋아요 부탁드립니다.",
        "구독과 좋아요는 큰 힘이 됩니다.",
        "한글자막 by 한효정",
        "자막 by 박진희",
        "배달의민족 한글자막 by 한효정",
        "지금까지 뉴스룸이었습니다.",
        "이 시각 세계였습니다.",
        "시청해주셔서 감사합니다. 다음 영상에서 만나요.",
        "오늘도 시청해주셔서 감사합니다. 구독과 좋아요 부탁드립니다.",
        "MBC 뉴스 김재경입니다. 시청해 주셔서 감사합니다.",
        "구독과 좋아요 부탁드립니다. 감사합니다.",
        "Thank you so much for watching. Bye.",
        "지금까지 KBS 뉴스 홍길동이었습니다.",
        "YTN 홍길동입니다.",
        "뉴스 이덕영입니다.",
        "날씨였습니다.",
        "ご視聴ありがとうございました。",
        "Thank you for watching!",
        "Субтитры сделал DimaTorzok",
        "[음악]",
        "(박수)",
        "♪ 라라라 ♪",
        "*한숨*",
        "네 네 네 네 네 네 네 네",
        "감사합니다. 감사합니다. 감사합니다. 감사합니다.",
        "오늘은 여기까지 오늘은 여기까지 오늘은 여기까지",
        "아아아아아아아아아아아아아아아",
    ],
)
def test_known_sentences_that_nobody_said_are_ghosts(text: str) -> None:
    assert is_ghost(Transcript(text), 5.0)


@pytest.mark.parametrize(
    "text",
    [
        "오늘도 방송 시청해주셔서 감사합니다 여러분 내일 또 만나요",
        "감사합니다",
        "감사합니다. 네.",
        "네. 안녕!",
        "시청해주셔서 감사합니다. 오늘은 게임이 재밌었네요.",
        "구독 눌러 주세요",
        "구독이랑 좋아요 중에 뭐가 더 좋아요?",
        "초코야, 구독과 좋아요 부탁드려 봐",
        "자막 어디 갔어?",
        "초코야 MBC 뉴스 봤어?",
        "구독 고마워요 하늘님",
        "다음 영상 뭐 찍지",
        "뉴스 봤어?",
        "KBS 나온 거 봤어?",
        "네 네 네 알겠습니다",
        "빨리 빨리 빨리 좀 해 봐",
        "감사합니다 감사합니다 하늘님",
        "ㅋㅋㅋ 아니 그게 아니고",
        "(웃음) 그래서 어떻게 됐어?",
        "hello everyone",
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


def test_another_script_than_it_was_told_to_hear_is_made_up() -> None:
    assert is_ghost(Transcript("お疲れ様でした", 0.05, -0.4, 1.1, "ko"), 5.0)
    assert is_ghost(Transcript("Спасибо", 0.05, -0.4, 1.1, "ko"), 5.0)
    assert not is_ghost(Transcript("お疲れ様でした", 0.05, -0.4, 1.1), 5.0)
    assert not is_ghost(Transcript("오늘은 GTA 5 하자", 0.05, -0.4, 1.1, "ko"), 5.0)


def test_the_end_of_the_sample_of_style_is_what_a_recogniser_repeats() -> None:
    sample = "초코야, 오늘 방송 재밌지? 응, 방송인이랑 같이 해 보자."
    assert is_ghost(Transcript("응, 방송인이랑 같이 해 보자.", 0.1, -0.3), 5.0, sample)
    assert is_ghost(Transcript(sample, 0.1, -0.3), 5.0, sample)
    for said in ("초코야, 오늘 방송 재밌지?", "같이 해 보자"):
        assert not is_ghost(Transcript(said, 0.1, -0.3), 5.0, sample)


def test_one_who_is_sure_of_the_words_is_believed_though_it_doubts_the_voice() -> None:
    assert not is_ghost(Transcript("초코야 안녕", 0.7, -0.3, 1.0), 1.0)
