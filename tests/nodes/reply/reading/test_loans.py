"""English words as Korean writes them."""

import pytest

from nodes.reply._reading.latin import latin
from nodes.reply._reading.loans import closed, fitted, guessed

WORDS = """
item 아이템|level 레벨|market 마켓|season 시즌|open 오픈|dragon 드래곤|button 버튼|battle 배틀|metal 메탈
extra 엑스트라|police 폴리스|idol 아이돌|official 오피셜|family 패밀리|captain 캡틴|beautiful 뷰티풀
happiness 해피니스|store 스토어|score 스코어|door 도어|combo 콤보|model 모델|monster 몬스터|bronze 브론즈
option 옵션|hot 핫|box 박스|shop 샵|student 스튜던트|new 뉴|tune 튠|computer 컴퓨터|monday 먼데이
again 어겐|moment 모먼트|channel 채널|boss 보스|notebook 노트북|heart 하트|on 온|john 존
"""


@pytest.mark.parametrize("row", WORDS.replace("\n", "|").strip("|").split("|"))
def test_a_word_is_said_as_korean_writes_it(row: str) -> None:
    word, said = row.split()
    assert latin(word) == said


def test_sounds_that_the_letters_do_not_tell_stay() -> None:
    assert fitted("queue", "K Y UW1") == "K Y UW1"
    assert closed("하트", "HH AA1 R T") == "하트"


@pytest.mark.parametrize(
    ("word", "phones"),
    [
        ("kratos", "K R AA1 T OW1 S"),
        ("smite", "S M AY1 T"),
        ("xena", "Z EH1 N AA1"),
        ("asdf", ""),
        ("aaaa", ""),
        ("zzz", ""),
    ],
)
def test_a_word_without_a_dictionary_is_said_by_its_letters_or_not_as_a_word(word: str, phones: str) -> None:
    assert guessed(word) == phones
