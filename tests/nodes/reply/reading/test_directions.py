"""What is written into a line and not said."""

import pytest

from nodes.feelings import feeling
from nodes.reply._reading.directions import is_tag, shown
from nodes.reply._spoken import spoken

TABLE = """
안녕! * 웃으며 손을 흔든다 * 반가워|안녕! 반가워|안녕! 반가워
* 웃으며 * 안녕|안녕|안녕
3 * 4 * 5|3 * 4 * 5|삼 곱하기 사 곱하기 오
*씨익* 그럴 줄 알았어요|그럴 줄 알았어요|그럴 줄 알았어요
(박수 짝짝짝) 축하해요|축하해요|축하해요
~손 흔들기~ 안녕|안녕|안녕
*카메라를 향해 손키스* 사랑해요|사랑해요|사랑해요
(한 손으로 턱을 괴고) 글쎄요|글쎄요|글쎄요
(속마음: 배고프다) 좋아요|좋아요|좋아요
『한숨』 힘들다|힘들다|힘들다
「안녕」이라고 했어요|「안녕」이라고 했어요|안녕 이라고 했어요
(물 마시는 중) 네|네|네
[웃는 얼굴] 네|네|네
(OOC: short) 네|네|네
$\\frac{1}{2}$ 남았어요|1/2 남았어요|이분의 일 남았어요
《한숨》 힘들다|힘들다|힘들다
《반지의 제왕》 봤어요|《반지의 제왕》 봤어요|반지의 제왕 봤어요
[기쁨/설렘] 안녕|안녕|안녕
[happy, excited] 안녕|안녕|안녕
[아주 기쁨!] 안녕|안녕|안녕
[happy😊] 안녕|안녕|안녕
[mood angry] 그만|그만|그만
<emotion>happy</emotion> 안녕|안녕|안녕
*중요* 9시예요|중요 9시예요|중요 아홉 시예요
- [x] 끝난 일|끝난 일|끝난 일
+ 배|배|배
+3 주세요|+3 주세요|플러스 삼 주세요
A&amp;B|A&B|에이 앤 비
안녕&nbsp;하세요|안녕\xa0하세요|안녕 하세요
*웃으며 손을 흔든다* 안녕! (고개를 끄덕이며)|안녕!|안녕!
*한숨* 힘들다.|힘들다.|힘들다.
*waves hand* 하이|하이|하이
(웃음) 그래요|그래요|그래요
안녕하세요(웃음) 반가워요|안녕하세요 반가워요|안녕하세요 반가워요
(속삭이듯) 이리 와|이리 와|이리 와
[박수] 고마워요|고마워요|고마워요
안녕! [happy] 반가워.|안녕! 반가워.|안녕! 반가워.
[기쁨] 안녕!|안녕!|안녕!
[감정: 놀람] 뭐라고?|뭐라고?|뭐라고?
서울(수도)에서 왔어요|서울(수도)에서 왔어요|서울 수도 에서 왔어요
[공지] 오늘 쉽니다|[공지] 오늘 쉽니다|공지 오늘 쉽니다
愛(사랑)|愛(사랑)|애 사랑
이건 *진짜* 좋아요|이건 진짜 좋아요|이건 진짜 좋아요
**정말** 좋아|정말 좋아|정말 좋아
*^^* 반가워|*^^* 반가워|반가워
2*3*4|2*3*4|이 곱하기 삼 곱하기 사
## 제목|제목|제목
* 항목|항목|항목
> 인용|인용|인용
`코드`를 봐|코드를 봐|코드를 봐
[여기](https://example.com/a)를 봐|여기를 봐|여기를 봐
<b>굵게</b> 써|굵게 써|굵게 써
~~취소~~ 아니야|취소 아니야|취소 아니야
안녕~~ 반가워~~|안녕~~ 반가워~~|안녕~ 반가워~
~웃음~ 그랬구나|그랬구나|그랬구나
-한숨- 힘들다|힘들다|힘들다
_웃으며_ 안녕|안녕|안녕
**웃으며** 안녕|안녕|안녕
**박수** 주세요|박수 주세요|박수 주세요
{웃음} 재밌네|재밌네|재밌네
【손을 흔들며】 안녕|안녕|안녕
(속으로) 배고프다|배고프다|배고프다
(단호하게) 싫어요|싫어요|싫어요
(잠시 침묵) 네|네|네
(두둥) 등장!|등장!|등장!
[BGM: 신나는 음악] 시작!|시작!|시작!
(음악이 흐른다) 시작!|시작!|시작!
3-2-1 시작|3-2-1 시작|삼 다시 이 다시 일 시작
그래~ 인사~|그래~ 인사~|그래~ 인사~
*긁적긁적* 죄송해요|죄송해요|죄송해요
*진짜진짜* 좋아|진짜진짜 좋아|진짜진짜 좋아
*문이 열리는 소리* 누구세요?|누구세요?|누구세요?
(물을 한 모금 마시고) 계속해요|계속해요|계속해요
(자세한 건 공지를 보고) 오세요|(자세한 건 공지를 보고) 오세요|자세한 건 공지를 보고 오세요
(정색) 안 돼요|안 돼요|안 돼요
(먹는 중) 음|음|음
[부끄러움] 에이|에이|에이
[걱정] 괜찮아요?|괜찮아요?|괜찮아요?
[shy] 에이|에이|에이
[속보] 지각|[속보] 지각|속보 지각
"""


@pytest.mark.parametrize("row", TABLE.strip().split("\n"))
def test_directions_tags_and_markdown_are_neither_shown_nor_said(row: str) -> None:
    written, caption, said = row.split("|")
    assert (shown(written), spoken(written)) == (caption, said)


@pytest.mark.parametrize("text", ["```python\nprint(1)\n```", "```\nprint(1)", "|---|---|", "---", "| --- | --- |"])
def test_code_and_rules_of_markdown_leave_nothing(text: str) -> None:
    assert (shown(text), spoken(text)) == ("", "")


def test_a_hidden_text_of_a_chat_program_is_shown_and_said() -> None:
    assert (shown("||비밀||이에요"), spoken("||비밀||이에요")) == ("비밀이에요", "비밀이에요")


def test_a_caption_may_show_directions_but_no_tags() -> None:
    assert shown("[기쁨] *웃으며* 안녕 (수도)", stage=True) == "(웃으며) 안녕 (수도)"


def test_a_direction_names_a_feeling_or_none() -> None:
    assert [feeling(text) for text in ("웃으며 손을 흔든다", "sobbing", "고개를 끄덕이며", "SAD")] == [
        "happy",
        "sad",
        "",
        "sad",
    ]
    assert [is_tag(text) for text in ("happy", "기쁨", "mood: angry", "공지")] == [True, True, True, False]
