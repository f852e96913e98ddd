"""Faces drawn with signs, which nobody reads aloud."""

import pytest

from nodes.reply._spoken import spoken

FACES = r"""
:)
:-)
:D
:3
;)
=)
XD
xD
<3
T_T
ㅠ_ㅠ
-_-
^^
^_^
^_^;
>_<
>.<
o_o
OTL
orz
(^^)
(^_^)
(T_T)
(>_<)
(๑•̀ㅂ•́)و✧
(=^･ω･^=)
(ㅠㅠ)
¯\_(ツ)_/¯
(╯°□°)╯︵ ┻━┻
""".strip().split("\n")


@pytest.mark.parametrize("face", FACES)
def test_a_face_behind_a_sentence_is_not_said(face: str) -> None:
    assert spoken(f"안녕하세요 {face}") == "안녕하세요"


@pytest.mark.parametrize("face", ["ヾ(≧▽≦*)o", "(^_^)/", ":)", "T_T"])
def test_a_face_before_a_sentence_is_not_said(face: str) -> None:
    assert spoken(f"{face} 안녕하세요") == "안녕하세요"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("비율은 3:2예요", "비율은 삼 대 이예요"),
        ("(3월 5일) 방송", "삼월 오 일 방송"),
        ("(C++)을 배워요", "씨 플러스 플러스 을 배워요"),
        ("(AI) 방송", "에이아이 방송"),
        ("시작: 3시", "시작, 세 시"),
        ("12:34에 봐요", "열두 시 삼십사 분에 봐요"),
        ("(50%) 할인", "오십 퍼센트 할인"),
        ("TT 안무", "티티 안무"),
        ("x=3", "엑스는 삼"),
        ("https://a.b/c 봐요", "봐요"),
    ],
)
def test_what_only_looks_like_a_face_is_said(text: str, said: str) -> None:
    assert spoken(text) == said
