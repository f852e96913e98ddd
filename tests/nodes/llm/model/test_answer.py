import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.llm._model.answer import LONGEST, PROSE, Answer, Piece
from nodes.llm._model.objects import NOTHING
from schemas.reply import EMOTIONS


def read(*pieces: str, emotions: tuple[str, ...] = EMOTIONS) -> tuple[Answer, list[Piece]]:
    answer = Answer(emotions)
    found = [answer.feed(piece) for piece in pieces] + [answer.finish()]
    return answer, [piece for piece in found if piece is not None]


CASES = [
    ('{"emotion": "happy", "response": "안녕! 반가워요."}', "happy", "안녕! 반가워요."),
    ('{"emotion":"sad","response":"그래요 \\"네\\" \\ud83d\\ude00"}', "sad", '그래요 "네" 😀'),
    ('```json\n{"emotion":"sad","response":"아이고"}\n```', "sad", "아이고"),
    ('물론이죠! 여기 있어요:\n{"emotion":"angry","response":"흥!"}', "angry", "흥!"),
    ("[happy] 안녕하세요. [x] 네", "happy", "안녕하세요. [x] 네"),
    ("{happy} 안녕", "happy", "안녕"),
    ("안녕하세요. 반가워요!", None, "안녕하세요. 반가워요!"),
    ('{"response":"감정이 뒤에","emotion":"excited"}', "excited", "감정이 뒤에"),
    ('{"emotion":"HAPPY ","response":"큰 글자"}', "happy", "큰 글자"),
    ('{"emotion":"happy","response":"그는 "안녕" 했다"}', "happy", '그는 "안녕" 했다'),
    ("{'emotion': 'sad', 'response': '작은따옴표'}", "sad", "작은따옴표"),
    ('{"emotion": happy, "response": "맨몸"}', "happy", "맨몸"),
    ('{"emotion":"happy","response":"줄\n바꿈"}', "happy", "줄 바꿈"),
    ('<think>음 {"a"</think>{"emotion":"sad","response":"네"}', "sad", "네"),
    ('<|channel|>final<|message|>{"emotion":"sad","response":"네"}', "sad", "네"),
    ('[{"emotion":"happy","response":"배열"}]', "happy", "배열"),
    ('{"emotion":"happy","text":"다른 이름"}', "happy", "다른 이름"),
    ("```\n안녕하세요\n```", None, "안녕하세요\n"),
    ("<3 사랑해요", None, "<3 사랑해요"),
    ("*웃으며* 안녕", None, "*웃으며* 안녕"),
    ("I {love} you " * 8, None, "I {love} you " * 8),
    ('{"안녕하세요"}', None, "안녕하세요"),
    ("{두근두근} 기대돼요!", None, "{두근두근} 기대돼요!"),
    ("[happy] :) 안녕", "happy", ":) 안녕"),
    ("[happy] :D", "happy", ":D"),
    ("[sad]: :( 네", "sad", ":( 네"),
    ("[happy]: 안녕", "happy", "안녕"),
    ("=_=", None, "=_="),
    ("-_-\n졸려요", None, "-_-\n졸려요"),
    ("---\n안녕", None, "안녕"),
    ('{"emotion":"HAPPY!","response":"안녕"}', "happy", "안녕"),
    ('{"emotion":["happy"],"response":"안녕"}', "happy", "안녕"),
    ('{"emotion":"happy/sad","response":"안녕"}', "happy", "안녕"),
    ('"emotion":"happy","response":"안녕"', "happy", "안녕"),
    ("emotion: happy\nresponse: 안녕", "happy", "안녕"),
    ("- emotion: happy\n- response: 안녕", "happy", "안녕"),
    ("{&quot;emotion&quot;:&quot;happy&quot;,&quot;response&quot;:&quot;안녕&quot;}", "happy", "안녕"),
    ("**Emotion**: happy\n**Response**: 안녕", "happy", "안녕"),
    ("<emotion>happy</emotion><response>안녕</response>", "happy", "안녕"),
    ("[emotion: happy] 안녕", "happy", "안녕"),
    ("happy: 안녕", "happy", "안녕"),
    ("<happy>안녕</happy>", "happy", "안녕"),
    ('{"emotion":"happy","text":{"ko":"안녕","en":"hi"}}', "happy", "안녕"),
    ('{"emotion":"happy","text":{"en":"hi","ko":"안녕"}}', "happy", "안녕"),
    ('{"emotion":"happy","response":"안녕!\\\\n반가워"}', "happy", "안녕!\n반가워"),
    ("Thinking...\n음, 인사하자.\n...done thinking.\n\n안녕하세요!", None, "안녕하세요!"),
    ("Thinking... 은 영어예요.", None, "Thinking... 은 영어예요."),
    ("안녕하세요! User: 뭐해? Assistant: 놀아요.", None, "안녕하세요! "),
    ('{"emotion":"happy","response":"안녕하세요! User: 뭐해?"}', "happy", "안녕하세요! "),
    ("안녕! User 님도 반가워요.", None, "안녕! User 님도 반가워요."),
    ("[sleepy] 안녕", "neutral", "안녕"),
    ("Thinking: the user greets me.", None, ""),
    ("Thinking: The user says hi.\n\nI greet.\n\n안녕하세요!", None, "안녕하세요!"),
    ("생각: 인사해야지.\n\n안녕하세요!", None, ""),
    ("Thought for 3 seconds\n안녕!", None, "안녕!"),
    ("> Reasoned for a moment\n\n안녕!", None, "안녕!"),
    ("3초 동안 생각함\n안녕!", None, "안녕!"),
    ("3초 동안 생각해 봤어요.\n안녕!", None, "3초 동안 생각해 봤어요.\n안녕!"),
    ("Thought for today: 웃어요!", None, "Thought for today: 웃어요!"),
    ("**Thinking** The user greets. **Answer** 안녕!", None, "안녕!"),
    ("**Thinking**\nThe user greets.\n\n**Answer**\n안녕!", None, "안녕!"),
    ("**대답** 좀 해 줘요!", None, "**대답** 좀 해 줘요!"),
    ("안녕! (Note: I kept it short.)", None, "안녕! "),
    ("안녕!(참고: 짧게)", None, "안녕!"),
    ("안녕!\n참고: 짧게 답했습니다.", None, "안녕!"),
    ('{"emotion":"happy","response":"안녕! (Note: short)"}', "happy", "안녕! "),
    ("안녕! (참고로 고양이예요)", None, "안녕! (참고로 고양이예요)"),
    ("참고: 오늘 방송은 8시예요!", None, "참고: 오늘 방송은 8시예요!"),
    ("emotion=happy; response=안녕!", "happy", "안녕!"),
    ('emotion="happy" response="안녕!"', "happy", "안녕!"),
    ('emotion = "happy"\nresponse = "안녕!"', "happy", "안녕!"),
    ("감정=기쁨, 대답=안녕!", "happy", "안녕!"),
    ("행복: 안녕!", "happy", "안녕!"),
    ("happy - 안녕!", "happy", "안녕!"),
    ("행복, 그게 뭘까요?", None, "행복, 그게 뭘까요?"),
    ("행복하세요!", None, "행복하세요!"),
    ('{"emotion":"happy","response":"null"}', None, ""),
    ('{"response":"None"}', None, ""),
    ('{"emotion":"happy","response":"None of us"}', "happy", "None of us"),
    ('{"emotions":["happy"],"response":"안녕!"}', "happy", "안녕!"),
    ('{"emotion":"sad","response":"{\\"emotion\\":\\"happy\\",\\"response\\":\\"안녕!\\"}"}', "sad", "안녕!"),
    ("{\"response\":\"{'emotion':'happy','response':'안녕!'}\"}", "happy", "안녕!"),
    ('{"response":"{name}님 안녕!"}', None, "{name}님 안녕!"),
    ('<tool_call>{"name":"respond","arguments":{"emotion":"sad","response":"안녕!"}}</tool_call>', "sad", "안녕!"),
    ('<tool_call>{"name":"search","arguments":{"q":"날씨"}}</tool_call>', None, ""),
    ('search("날씨")\n안녕!', None, "안녕!"),
    ('print(default_api.search(query="날씨"))', None, ""),
    ("(생각: 인사하자) 안녕!", None, "안녕!"),
    ("[Internal thought: greet]\n안녕!", None, "안녕!"),
    ("(시청자: 뭐해?) 놀아요!", None, "놀아요!"),
    ("Okay, the user says hi. I should greet.\n\n안녕!", None, "안녕!"),
    ("Okay everyone, let's go!\n안녕!", None, "Okay everyone, let's go!\n안녕!"),
    ('{"emotion":"happy","response":"안녕!","}', "happy", "안녕!"),
    ('["happy", "안녕!"]', "happy", "안녕!"),
    ('["안녕!", "반가워!"]', None, "안녕! 반가워!"),
    ('{"final_answer":"안녕!"}', None, "안녕!"),
    ("yaml\nemotion: happy\nresponse: 안녕!", "happy", "안녕!"),
    ("happy, 안녕!", "happy", "안녕!"),
    ("**Thinking...**\n안녕!", None, "안녕!"),
    ("*thinking: a*\n안녕!", None, "안녕!"),
    ("**Thought:** a\n**Response:** 안녕!", None, "안녕!"),
    ('<|tool_call|>{"name":"x"}<|/tool_call|>안녕!', None, "안녕!"),
    ("<tool_response>x</tool_response>안녕!", None, "안녕!"),
    ("haha(웃음)\n안녕!", None, "haha(웃음)\n안녕!"),
    ('"안녕하세요. 반가워요!"', None, "안녕하세요. 반가워요!"),
    ("“안녕하세요!”", None, "안녕하세요!"),
    ('"안녕" 하고 "잘 가" 했어요. "네"', None, '"안녕" 하고 "잘 가" 했어요. "네"'),
    ("「안녕하세요!」", None, "안녕하세요!"),
    ("'안녕하세요!'", None, "안녕하세요!"),
    ("'안녕' 은 인사예요", None, "'안녕' 은 인사예요"),
    ("null", None, ""),
    ("undefined", None, ""),
    ("None.", None, ""),
    ("None of us", None, "None of us"),
    ('functions.search({"query": "날씨"})', None, ""),
    ('functions.say({"text": "안녕"})', None, "안녕"),
    ("【happy】 안녕!", "happy", "안녕!"),
    ("（happy） 안녕!", "happy", "안녕!"),
    ("《반지의 제왕》 봤어요?", None, "《반지의 제왕》 봤어요?"),
    ("감정: 기쁨\n대답: 안녕!", "happy", "안녕!"),
    ("**감정**: 슬픔\n**답변**: 안녕!", "sad", "안녕!"),
    ('{"emotion":"기쁨","response":"안녕! [sad] 아이고."}', "happy", "안녕! [sad] 아이고."),
    ("[happy] 봐요:\n```python\nprint(1)\n```\n끝!", "happy", "봐요:\n\n끝!"),
    ('{"emotion":"sad","response":"봐요:\\n```\\nx = 2\\n```\\n끝!"}', "sad", "봐요:\n\n끝!"),
    ("emotion: happy\nresponse: |\n  안녕!", "happy", "안녕!"),
    ('{"emotion":"happy",\n// 주석 "response": "아니"\n"response":"안녕!"}', "happy", "안녕!"),
    ('{/* a */"emotion":"happy", /* b */ "response":"http://a.b // 네" // c\n}', "happy", "http://a.b // 네"),
    ('<function=search>{"q":"x"}</function>안녕!', None, "안녕!"),
    ('안녕! <tool_call>{"name":"x","arguments":{"q":"a"}}</tool_call>', None, "안녕! "),
    (
        "<|tool_calls_section_begin|><|tool_call_begin|>functions.x:0<|tool_call_argument_begin|>{}<|tool_call_end|>"
        "<|tool_calls_section_end|>안녕!",
        None,
        "안녕!",
    ),
    (
        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>x\n{}<｜tool▁call▁end｜><｜tool▁calls▁end｜>안녕!",
        None,
        "안녕!",
    ),
    ('안녕![TOOL_CALLS][{"name":"x","arguments":{}}]', None, "안녕!"),
    ("안녕!<|python_tag|>x(1)", None, "안녕!"),
    ("</tool_call>안녕!", None, "안녕!"),
    ('{\\"emotion\\":\\"happy\\",\\"response\\":\\"안녕\\"}', "happy", "안녕"),
    ('{"emotion":"happy","response":"안녕!"}{"emotion":"sad","response":"또 봐."}', "happy", "안녕! 또 봐."),
    ('[{"emotion":"happy","response":"안녕!"},\n{"emotion":"sad","response":"또 봐."}]', "happy", "안녕! 또 봐."),
    ('{"emotion":"happy","response":"안녕!"}\n{"emotion":"happy","response":"안녕!"}', "happy", "안녕!"),
    ('{"emotion":"happy","response":"안녕!"}\n{"n":2,"u":"가","t":"뭐해?"}', "happy", "안녕!"),
    ('{"name":"reply","arguments":"{\\"emotion\\":\\"happy\\",\\"response\\":\\"안녕\\"}"}', "happy", "안녕"),
    ('{"emotion":"happy","response":"안녕Ġ하늘"}', "happy", "안녕 하늘"),
    ('{"emotion":"happy"}\n{"response":"안녕!"}', "happy", "안녕!"),
    ('{"emotion"："happy"，"response"："안녕!"}', "happy", "안녕!"),
    ('{"emotion":"happy","response":"안녕!","mood2":"x","response2":"y"}', "happy", "안녕!"),
    ('{"emotion":"happy","response":"\\\\uc548\\\\ub155! \\\\ud83d\\\\ude00"}', "happy", "안녕! 😀"),
    ('{"emotion":"happy","response":"C:\\\\url"}', "happy", "C:\\url"),
    ("emotion: happy | response: 안녕!", "happy", "안녕!"),
    ("Emotion: happy. Response: 안녕!", "happy", "안녕!"),
    ("happy | 안녕!", "happy", "안녕!"),
    ("감정: 기쁨. 대답: 안녕!", "happy", "안녕!"),
    ('{"emotion":"happy","reponse":"안녕! 반가워."}', "happy", "안녕! 반가워."),
    ('{"emotion":"happy","intensity":0.8,"대사2":"안녕!","name":"초코"}', "happy", "안녕!"),
    ('{"happy":"안녕!"}', "happy", "안녕!"),
    ('{"response_en":"Hello","response_ko":"안녕!"}', None, "안녕!"),
    ('{"emotion":"happy","action":"손을 흔든다"}', None, ""),
    ('{"u":"하늘","t":"뭐해?"}', None, ""),
    ('{"emotion"=>"happy","response"=>"안녕!"}', "happy", "안녕!"),
    ('{"emotion":"happy", # 감정\n "response":"안녕!"} # 끝', "happy", "안녕!"),
    ('[happy] {"emotion":"sad","response":"안녕!"}', "sad", "안녕!"),
    ('[happy] ```json\n{"response":"안녕!"}\n```', "happy", "안녕!"),
    ('happy\n{"response":"안녕!"}', "happy", "안녕!"),
    ("[happy] {두근두근} 기대돼요!", "happy", "{두근두근} 기대돼요!"),
    ('{"emotion":"happy"}\n안녕!', "happy", "안녕!"),
    ("**[happy]** 안녕!", "happy", "안녕!"),
    ("[기쁨] 안녕!", "happy", "안녕!"),
    ("(감정: 슬픔) 안녕!", "sad", "안녕!"),
    ("[공지사항] 안녕!", None, "[공지사항] 안녕!"),
    ('<emotion="happy">안녕!</emotion>', "happy", "안녕!"),
    ("<mood type='sad'/>안녕!", "sad", "안녕!"),
    ('{"emotion":"happy","response":"(happy) 안녕! (sad) 네"}', "happy", "안녕! (sad) 네"),
    ("<emotion>happy</emotion><say>안녕!</say>", "happy", "안녕!"),
    ("", None, ""),
    ("<think>생각만 했다", None, ""),
    ('{"foo":1}', None, ""),
    ("{}", None, ""),
    ("```json\n```", None, ""),
    ('{"emotion":"happy","response":""}', None, ""),
]


@pytest.mark.parametrize(("written", "emotion", "text"), CASES)
def test_whatever_a_model_writes_its_emotion_and_text_are_found(written: str, emotion: str | None, text: str) -> None:
    for pieces in ([written], list(written)):
        answer, given_out = read(*pieces)
        assert (answer.emotion, answer.text) == (emotion, text)
        assert "".join(piece.text for piece in given_out) == text
        assert [piece.emotion for piece in given_out if piece.emotion] == ([emotion] if emotion else [])


@given(
    st.sampled_from(EMOTIONS),
    st.text(min_size=1, max_size=80)
    .filter(lambda text: text.strip() == text and not {"<", "{"} & {*text} and text.isprintable())
    .filter(lambda text: text.rstrip(" .").lower() not in NOTHING),
    st.booleans(),
    st.lists(st.integers(1, 9), max_size=30),
)
def test_valid_json_comes_out_whole_however_it_is_cut(emotion: str, text: str, escaped: bool, cuts: list[int]) -> None:
    written = json.dumps({"emotion": emotion, "response": text}, ensure_ascii=escaped)
    pieces: list[str] = []
    for cut in cuts:
        pieces, written = [*pieces, written[:cut]], written[cut:]
    answer, _ = read(*pieces, written)
    assert (answer.emotion, answer.text) == (emotion, text.replace("\\n", "\n"))  # escaped once too often


LINES = [
    *(written for written, _, _ in CASES if "\n" in written),
    "[happy] 안녕!\n---\nUser: 뭐해?",
    "안녕!\n```py\nprint(1)\n```\n네",
    "Thought: 음\nFinal Answer: 안녕!",
    "analysis\nThe user greets.\nfinal\n안녕!",
    "안녕!user\n뭐해?",
    "> Thinking…\n> 음\n>\n> 인사하자.\n\n안녕!",
    "### Response\n안녕!",
    "Okay, let me respond as the persona.\n\n안녕!",
]


@pytest.mark.parametrize("written", LINES)
def test_the_line_ends_of_other_systems_change_nothing(written: str) -> None:
    answer, _ = read(written)
    for end in ("\r\n", "\r"):
        text = written.replace("\n", end)
        for other, _ in (read(text), read(*text)):
            assert (other.text, other.emotion, other.why) == (answer.text, answer.emotion, answer.why)


def test_the_emotion_comes_with_the_first_text_and_text_is_not_held_back() -> None:
    answer = Answer(EMOTIONS)
    assert answer.feed('{"emotion":"hap') is None
    assert answer.feed('py"') is None
    assert answer.feed(',"response":"안') == Piece("안", "happy")
    assert answer.feed("녕!") == Piece("녕!")
    assert answer.feed('"}') is None
    assert answer.finish() is None


def test_a_tagged_text_is_given_as_it_comes() -> None:
    answer = Answer(EMOTIONS)
    assert answer.feed("[hap") is None
    assert answer.feed("py] 안녕") == Piece("안녕", "happy")


def test_a_long_text_in_front_of_json_is_said_because_it_could_not_be_held_back() -> None:
    long = "가" * (PROSE + 1)
    answer = Answer(EMOTIONS, trusted=True)
    for piece in (long, ' {"emotion":"sad","response":"뒤"}'):
        answer.feed(piece)
    answer.finish()
    assert (answer.text, answer.emotion) == (long + " 뒤", "sad")


def test_a_long_thought_in_front_of_an_object_is_not_said_where_it_could_be_held_back() -> None:
    answer, _ = read("The user greets me. " * 9, '{"emotion":"sad","response":"안녕"}')
    assert (answer.text, answer.emotion) == ("안녕", "sad")


def test_an_emotion_that_the_character_has_not_is_neutral_and_told() -> None:
    answer, _ = read('{"emotion":"sleepy","response":"음"}')
    assert (answer.emotion, answer.unknown) == ("neutral", "sleepy")
    answer, _ = read('{"emotion":"sleepy","response":"음"}', emotions=(*EMOTIONS, "sleepy"))
    assert (answer.emotion, answer.unknown) == ("sleepy", "")


def test_an_endless_text_is_cut() -> None:
    answer, _ = read("".join(chr(0xAC00 + number * 37 % 11_000) for number in range(LONGEST + 500)))
    assert len(answer.text) == LONGEST


@given(st.lists(st.text(alphabet="{}[]\"'`<|>:,\\\n 가happyemotionresponse", max_size=12), max_size=12))
def test_no_text_breaks_it_and_what_was_given_out_is_never_taken_back(pieces: list[str]) -> None:
    answer, given_out = read(*pieces)
    assert "".join(piece.text for piece in given_out) == answer.text


@pytest.mark.parametrize(
    "written",
    [
        '[sad] analysis\n"emotion":"happy"<|channel|>',
        '[sad] analysis\n"response":"안녕"',
        "[sad] user\n(하늘): 뭐해?",
        '"response":"안녕\nUser: 뭐해?"{"emotion":"happy","response":"안녕"}',
        '{"response":"a":: "::x","emotion":"sad"}',
        '{"emotion":"happy","response":"안녕"}{"n":2</think>"response":]',
        "[생각] 음 [/생각] 안녕",
        '음.</think>{"em\ufffdtion":"happy","response":"안녕\r네.</think>{"em\ufffdtion":"happy"-"response":"반가워요.",}',
        '{"message":p2}</think>"emotion":p}{"',
        "<|◁think▷|>",
        '<happy>"emotion":##',
        "[| |]",
        "감정:__",
        "<Emotion>happy</Emotion>안녕",
        "**Emotion**: ** happy\n안녕",
        '{"emotion":"happy","response":"===\n```\x85{n:',
        '{"emotion":"happy","response":"안녕 ``` [ {n:',
        '{"response":"안녕\'n\'\x85\x85\x85\x85\x85\x85\x85\x85\x85:',
        '{"response":"안녕{n\x85\x85\x85\x85\x85\x85\x85\x85\x85:',
        "{'response:,}{\"}{'response:\ufffd}{\"}{\"'response:\ufffd\ufffd",
        '{"emotion":"happy","response":"안녕!"}{"n":2}{"response":"또 봐."}',
        '{"emotion":"happy","response":"안녕! 가나다라] ',
        "[happy] 안녕~ 번역: (짧게 [sad] 네",
        "[happy] 안녕```json\n네 ` ``",
        '{"n":"가나 다라","response":"안녕 세상. 안녕 세상. 안녕 세상. 안녕 세상. 네"}{"response":"가나 다라"}끝',
    ],
)
def test_one_cut_anywhere_changes_nothing(written: str) -> None:
    whole, _ = read(written)
    for pieces in (list(written), *((written[:cut], written[cut:]) for cut in range(len(written)))):
        answer, _ = read(*pieces)
        assert (answer.text, answer.emotion, answer.why) == (whole.text, whole.emotion, whole.why)


SIGNS = (
    "<think>", "</think>", "<|channel|>", "<|message|>", "<|end|>", "<|im_start|>", "<|", "|>", "<", ">",
    "◁think▷", "[THINK]", "analysis", "assistantfinal", "user\n", "<0xEA>", "<0xB0>", "</s>", "[INST]", "```",
    "```json\n", "`", "{", "}", "[", "]", "(", ")", '"', "'", "“", ":", ",", "\\", "\\ud83d", "\\ude00", "\\n",
    "*", "**", "##", "---", "\n", "\r", " ", "\t", "\u2028", "\x85", '{"emotion":"happy","response":"',
    '"emotion":', '"response":', "emotion", '"}', ',"emotion":"sad"}', '{"n":2,"u":"가"', "[happy]", "happy:",
    "<happy>", "감정: ", "시청자: ", "하늘: ", "초코: ", "User:", "### Instruction\n", "1. ", "생각", "응답",
    "안녕! ", "네.", "😀", "👨‍👩‍👧", "\u200d", "\ufe0f", "\ufffd", "각", "한", "İ", "ſ", "①", "2024-05-01",
    "3,000", "12:30", "▁", "\0", "x",
)  # fmt: skip
"""What decides how an answer is read, and what is easily cut in the wrong place."""


@given(
    st.sampled_from(["", '{"emotion":"happy","response":"', "[happy] ", "안녕. ", "안녕\n"]),
    st.lists(st.sampled_from(SIGNS), max_size=10),
    st.integers(0, 120),
)
def test_any_row_of_signs_is_said_the_same_however_it_is_cut(begin: str, signs: list[str], cut: int) -> None:
    text = begin + "".join(signs)
    whole, _ = read(text)
    for pieces in (list(text), [text[:cut], text[cut:]]):
        answer, _ = read(*pieces)
        assert (answer.text, answer.emotion, answer.why) == (whole.text, whole.emotion, whole.why)
