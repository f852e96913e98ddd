import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.speech._kokoro.clauses import LONGEST, OPENING, Clause, clauses

SPOKEN = st.lists(
    st.tuples(
        st.text("가나다한글말봤어요", min_size=1, max_size=20), st.sampled_from(["", "", ",", ".", "!", "?", "~", "…"])
    ),
    max_size=8,
).map(lambda words: " ".join(word + sign for word, sign in words))


def texts(spoken: str) -> list[str]:
    return [clause.text for clause in clauses(spoken)]


@given(SPOKEN)
def test_no_word_is_lost_and_no_clause_is_long(spoken: str) -> None:
    found = clauses(spoken)
    assert "".join(clause.text for clause in found).replace(" ", "") == spoken.replace(" ", "")
    assert all(0 < len(re.findall("[가-힣]", clause.text)) <= LONGEST for clause in found)


def test_a_sentence_is_cut_at_its_punctuation() -> None:
    assert clauses("다들 안녕하세요, 치지직 여러분! 오늘도 와 주셔서 고마워요.") == (
        Clause("다들 안녕하세요,", "comma"),
        Clause("치지직 여러분!", "stop"),
        Clause("오늘도 와 주셔서 고마워요.", "stop"),
    )


def test_a_short_clause_goes_with_the_next() -> None:
    assert texts("네! 질문해 주세요.") == ["네! 질문해 주세요."]
    assert texts("안녕하세요, 치지직 여러분!") == ["안녕하세요, 치지직 여러분!"]
    assert texts("와, 만 원 후원 정말 감사합니다!") == ["와, 만 원 후원 정말 감사합니다!"]


def test_a_long_phrase_is_cut_evenly_between_words() -> None:
    assert clauses("저는 고양이도 좋아하고 강아지도 정말 좋아해요") == (
        Clause("저는 고양이도 좋아하고", "phrase"),
        Clause("강아지도 정말 좋아해요", "phrase"),
    )


def test_a_word_without_an_end_is_cut_inside() -> None:
    assert [len(text) for text in texts("가" * 30)] == [14, 14, 2]
    assert texts("가" * 14 + "!") == ["가" * 14 + "!"]


@pytest.mark.parametrize("spoken", ["", "  ", "...", "ㅋㅋㅋ", "?! ~"])
def test_what_has_no_syllable_has_no_clause(spoken: str) -> None:
    assert clauses(spoken) == ()


@pytest.mark.parametrize(
    ("end", "pause"),
    [(".", "stop"), ("!~", "stop"), ("?!", "stop"), ("…", "stop"), (",", "comma"), ("~", "comma"), ("", "phrase")],
)
def test_punctuation_says_how_long_the_pause_is(end: str, pause: str) -> None:
    assert clauses("감사합니다" + end)[0].pause == pause


@pytest.mark.parametrize(
    ("spoken", "first"),
    [
        ("도도한감자님, 천 원 후원 고마워요!", "도도한감자님,"),
        ("저는 인공지능 캐릭터예요.", "저는 인공지능"),
        ("안녕!", "안녕!"),
        ("가나다라마바사아자차카타파하 안녕.", "가나다라마바사아자차카타파하"),
    ],
)
def test_the_clause_that_opens_an_answer_is_short(spoken, first):
    assert clauses(spoken, OPENING)[0].text == first


@given(st.text(alphabet="가나다라 ,.!?", max_size=80), st.integers(1, LONGEST))
def test_a_short_opening_loses_no_word(spoken, opening):
    said = "".join(clause.text for clause in clauses(spoken, opening))
    assert said.replace(" ", "").count("가") == spoken.count("가")
