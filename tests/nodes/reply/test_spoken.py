import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.reply._reading.pronunciation import Pronunciations
from nodes.reply._spoken import explained, rules_for, spoken

TABLE = """
사과 5개|사과 다섯 개
3시|세 시
20살|스무 살
21살|스물한 살
1번|일 번
1번째|첫 번째
2번째|두 번째
1,000원|천 원
1,234,567원|백이십삼만사천오백육십칠 원
3.5|삼 점 오
3.14는|삼 점 일사는
0.5초|영 점 오 초
10%|십 퍼센트
50%로|오십 퍼센트로
-5도|마이너스 오 도
AI|에이아이
LOL OBS|엘오엘 오비에스
hello VTuber|헬로 브이튜버
ChatGPT|챗지피티
RTX4090|알티엑스사천구십
Minecraft 재밌다|마인크래프트 재밌다
I'm happy|아임 해피
good night|굿 나이트
mp3|엠피삼
xqzt|엑스큐제트티
a|에이
한글only|한글온리
2026-11-22|이천이십육 년 십일월 이십이 일
2026.6.1|이천이십육 년 유월 일 일
6월 6일|유월 육 일
10월|시월
13월|십삼 월
12:30에 봐|열두 시 삼십 분에 봐
9:00|아홉 시
0시|영 시
15시|십오 시
2시간 30분|두 시간 삼십 분
3만원|삼만 원
1만5천원 고마워!|만오천 원 고마워!
1만5000원|만오천 원
3천500명|삼천오백 명
3만 20명|삼만 스무 명
100만|백만
1억|일억
3~4개|세에서 네 개
3:2로 이겼어|삼 대 이로 이겼어
010-1234-5678|공일공 일이삼사 오육칠팔
v1.2.3|브이일 점 이 점 삼
99명|아흔아홉 명
100명|백 명
2개월|이 개월
1인분|일 인분
10주년|십 주년
60fps|육십 프레임
5GB|오 기가바이트
$5|오 달러
₩500|오백 원
1+1|일 플러스 일
007|공공칠
12345678901234567890|일이삼사오육칠팔구공일이삼사오육칠팔구공
ㅋㅋㅋㅋ 대박|대박
ㅋㅋㅋ|
ㅠㅠ ㄷㄷ|
진짜?! ㅠㅠ|진짜?
{:d_22:}안녕|안녕
{:d_22:}|
🎮게임|게임
👨‍👩‍👧|
https://a.b/c?d=1 봐|봐
naver.com 가자|가자
[링크](http://x.y)|링크
**굵게** `코드`|굵게 코드
그래...|그래.
네~~ 안녕!!!|네~ 안녕!
안녕,반가워|안녕, 반가워
（웃음）|
？！|
１２개|열두 개
초코 & 방장|초코 앤 방장
안\u200b녕하세요|안녕하세요
me@naver.com 봐|봐
#먹방 @초코|먹방 초코
...님 후원 감사합니다|시청자님 후원 감사합니다
???님이 오셨어요|시청자님이 오셨어요
네...님도 그래요|네. 님도 그래요
㈜초코|주식회사 초코
№1|넘버 일
T^T 슬퍼|슬퍼
"""


@pytest.mark.parametrize("row", TABLE.strip().split("\n"))
def test_written_korean_is_said_as_a_person_would_read_it(row: str) -> None:
    written, _, said = row.partition("|")
    assert spoken(written) == said


SAYABLE = re.compile(r"(?:[가-힣][가-힣 .,!?~]*)?")


@given(st.text())
def test_any_text_gives_hangul_blanks_and_marks_only(text: str) -> None:
    assert SAYABLE.fullmatch(spoken(text))


@given(st.text(alphabet="0123456789,.-~:%만천원개시월번 aBk$₩+", max_size=40))
def test_any_mix_of_digits_and_signs_can_be_read(text: str) -> None:
    assert SAYABLE.fullmatch(spoken(text))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('"사과"와 "배"를 샀어요', "사과와 배를 샀어요"),
        ('"hello"예요', "헬로예요"),
        ("'오늘'이라는 말", "오늘이라는 말"),
        ("초코(chocolate)를 좋아해요", "초코 초콜릿을 좋아해요"),
        ("3시(한국 시간)에서는", "세 시 한국 시간에서는"),
        ("이순신(1545~1598)은", "이순신 천오백사십오에서 천오백구십팔은"),
        ('"가자" 이 말', "가자 이 말"),
        ("[공지]이번 주", "공지 이번 주"),
        ("총 3부작(24부)이래요", "총 삼 부작 이십사 부이래요"),
        ('그는 "안녕"이라며', "그는 안녕이라며"),
        ("<기생충>은", "기생충은"),
        ('"희망의 거리"2', "희망의 거리 이"),
        ("'초코'야", "초코야"),
        ("$3.50이에요", "삼 점 오공 달러예요"),
        ("20:00이에요", "이십 시예요"),
        ("20:30이에요", "이십 시 삼십 분이에요"),
        ("GPU은 비싸요", "지피유는 비싸요"),
        ("ASAP으로", "에이에스에이피로"),
    ],
)
def test_a_particle_behind_a_quotation_brackets_or_letters_belongs_to_what_is_said(text: str, said: str) -> None:
    assert spoken(text) == said


def test_a_name_that_says_sir_is_not_called_so_twice() -> None:
    assert spoken("별님님, 안녕!") == "별님, 안녕!"
    assert spoken("님님, 안녕!") == "님님, 안녕!"


def test_a_particle_fits_how_the_file_has_a_word_said() -> None:
    assert spoken("DPS가 높고 AI가 이겨요", Pronunciations({"dps": "딜"})) == "딜이 높고 에이아이가 이겨요"


def test_a_very_long_number_is_read_digit_by_digit() -> None:
    assert spoken("1" * 300 + "만").startswith("일일")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ㅇㅇ", "시청자"),
        ("😊", "시청자"),
        ("黒猫", "흑묘"),
        ("さくら", "사쿠라"),
        ("ㅋㅋ초코", "초코"),
        ("^^", "시청자"),
        ("Саша", "시청자"),
        ("T_T", "시청자"),
        ("𝓒𝓱𝓸𝓬𝓸", "초코"),
    ],
)
def test_a_name_that_nobody_can_read_is_that_of_a_viewer(name: str, said: str) -> None:
    assert spoken(f"{name}님, 어서 오세요!") == f"{said}님, 어서 오세요!"


def test_the_order_of_the_rules_is_what_makes_them_right() -> None:
    """Each line would be read otherwise if the rules it names came the other way round."""
    for text, first, second in (
        ("2024. 3. 5. 12:30", "date", "clock"),  # a date has its full stops before numbers end at them
        ("010-1234-5678", "telephone", "range"),  # a telephone number is no range
        ("비율 4:03", "score", "clock"),  # a ratio is no time
        ("$10~20", "range", "money"),  # both ends of a range are money
        ("1/2kg", "fraction", "measure"),  # a fraction of a unit is one number
        ("아이폰 5s", "model", "measure"),  # a model's letter is no unit
        ("20대 2명", "decade", "count"),  # an age before what is counted
        ("T1 5명", "pronunciation", "number"),  # the streamer's words before everything
        ("[happy] *웃으며* **안녕**", "directions", "markdown"),  # a direction's asterisks are no emphasis
        ("黒猫님 ㅋㅋ", "hanja", "laughs"),  # names before what is left out
    ):
        order = [rule.name for rule in rules_for(Pronunciations({"t1": "티원"}))]
        assert order.index(first) < order.index(second), text


def test_the_names_of_the_rules_that_changed_a_text_are_told() -> None:
    assert explained("ㅋㅋ 5명이 112에 신고") == (
        "다섯 명이 일일이에 신고",
        ["laughs", "service_number", "count", "punctuation"],
    )
    assert explained("그래요.") == ("그래요.", [])
