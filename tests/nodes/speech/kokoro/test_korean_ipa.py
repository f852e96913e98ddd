"""The table of words is from the examples of the Standard Pronunciation (표준 발음법) and from what streamers say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.speech._kokoro.korean_ipa import CODAS, ipa, join, split, surface

HANGUL = st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), max_size=12)

HEARD = """
liaison: 옷이 오시, 있어 이써, 꽃을 꼬츨, 앉아 안자, 닭을 달글, 젊어 절머, 넋이 넉씨, 핥아 할타
liaison: 읊어 을퍼, 없어 업써, 값이 갑씨, 강아지 강아지
silent ㅎ: 좋아 조아, 많이 마니, 않은 아는, 싫어 시러, 끓이다 끄리다, 쌓이다 싸이다
aspiration: 좋고 조코, 많다 만타, 옳지 올치, 축하 추카, 입학 이팍, 맏형 마텽, 꽂히다 꼬치다, 넓히다 널피다
aspiration: 밝혀 발켜, 앉히다 안치다, 못하다 모타다, 꽃향기 꼬턍기
ㅎ elsewhere: 닿소 다쏘, 놓는 논는, 쌓네 싼네, 않네 안네, 뚫는 뚤른, 많소 만쏘, 전화 전화, 않았다 아낟따
palatalised: 같이 가치, 굳이 구지, 붙여 부처, 닫혀 다처, 묻혀 무처, 해돋이 해도지, 벼훑이 벼훌치
neutral codas: 닦다 닥따, 키읔 키윽, 옷 옫, 있다 읻따, 젖 젇, 꽃 꼳, 솥 솓, 앞 압
neutral codas: 넋 넉, 앉다 안따, 여덟 여덜, 외곬 외골, 핥다 할따, 없다 업따, 닭 닥, 삶 삼
neutral codas: 읊다 읍따
ㄼ ㄺ ㄻ: 넓다 널따, 짧게 짤께, 밟히다 발피다, 밟다 밥따, 밟는 밤는, 밟아 발바, 넓죽하다 넙쭈카다, 맑게 말께
ㄼ ㄺ ㄻ: 읽고 일꼬, 읽다 익따, 닮다 담따, 젊지 점찌
tense: 국밥 국빱, 깎다 깍따, 옷고름 옫꼬름, 덮개 덥깨, 값지다 갑찌다, 학교 학꾜
nasals: 국물 궁물, 먹는 멍는, 닫는 단는, 밥물 밤물, 꽃망울 꼰망울, 흙만 흥만, 앞마당 암마당, 없는 엄는
nasals: 합니다 함니다, 읽는 잉는
nasals of ㄹ: 독립 동닙, 대통령 대통녕, 침략 침냑, 협력 혐녁, 십리 심니, 막론 망논
liquids: 신라 실라, 난로 날로, 칼날 칼랄, 물난리 물랄리, 핥네 할레
ㄴ between parts: 꽃잎 꼰닙, 담요 담뇨, 서울역 서울력, 한여름 한녀름, 색연필 생년필, 깻잎 깬닙, 식용유 시굥뉴
vowels: 희망 히망, 무늬 무니, 의사 의사, 나의 나의, 회의실 회이실, 가져 가저, 다쳐 다처, 시계 시게
vowels: 삼분의 삼부네, 사람의 사라메, 문의 무니, 사랑의 사랑의, 예의 예의, 차례 차례
words: 발전 발쩐, 갈등 갈뜽, 물고기 물꼬기, 인기 인끼, 비빔밥 비빔빱, 의견란 의견난, 닭갈비 닥깔비, 맛없다 마덥따
words: 맛없어 마덥써
-ㄹ: 할게요 할께요, 갈걸 갈껄, 할수록 할쑤록, 할지 할찌, 말을 마를, 얼굴 얼굴
stream: 치지직 치지직, 안녕하세요 안녕하세요, 맛있어요 마시써요, 고맙습니다 고맙씀니다, 방송 방송, 팔로우 팔로우
stream: 재밌는 재민는, 않아요 아나요
"""
PAIRS = [tuple(pair.split()) for line in HEARD.strip().splitlines() for pair in line.partition(": ")[2].split(", ")]


@pytest.mark.parametrize(("written", "heard"), PAIRS, ids=[pair[0] for pair in PAIRS])
def test_a_word_sounds_as_the_standard_says(written: str, heard: str) -> None:
    assert surface(written) == heard


@given(HANGUL)
def test_what_is_heard_has_as_many_syllables_and_only_the_seven_codas(word: str) -> None:
    heard = surface(word)
    assert len(heard) == len(word)
    assert {split(syllable)[2] for syllable in heard} <= set(" ㄱㄴㄷㄹㅁㅂㅇ")


@given(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3))
def test_a_syllable_splits_and_joins(syllable: str) -> None:
    assert join(*split(syllable)) == syllable


def test_every_coda_and_onset_can_meet() -> None:
    for coda in CODAS:
        for syllable in "가까나다따라마바빠사싸아자짜차카타파하이혀":
            assert len(surface(join("ㅇ", "ㅏ", coda) + syllable)) == 2


@pytest.mark.parametrize("word", ["abc", "가1", "가 나", "ㅋㅋ"])
def test_only_hangul_has_a_surface(word: str) -> None:
    with pytest.raises(ValueError, match="not Hangul"):
        surface(word)


@pytest.mark.parametrize(
    ("text", "sound"),
    [
        ("안녕하세요", "annjʌŋhasejo"),
        ("고마워요!", "komawʌjo!"),
        ("바보", "pabo"),
        ("아버지", "abʌʥi"),
        ("시작", "ɕiʥak"),
        ("쉬다", "ɕwida"),
        ("씨앗", "ɕiat"),
        ("사과", "saɡwa"),
        ("신라", "ɕilla"),
        ("나라", "naɾa"),
        ("친구", "ʨʰinɡu"),
        ("국물", "kuŋmul"),
        ("네, 좋아요.", "ne, ʨoajo."),
        ("할 거예요", "hal kʌjejo"),
        ("갈 수 있어", "kal su isʌ"),
        ("오늘 게임", "onɯl keim"),
        ("와  와", "wa wa"),
        ("a1가~", "ka"),
        ("", ""),
    ],
)
def test_text_becomes_ipa(text: str, sound: str) -> None:
    assert ipa(text) == sound


def test_a_comma_parts_a_modifier_from_the_next_word() -> None:
    assert ipa("할, 거기") == "hal, kʌɡi"
