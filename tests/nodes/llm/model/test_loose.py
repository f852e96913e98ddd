import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.llm._model.loose import KEYS, Loose


def read(text: str, sizes: list[int] | None = None) -> Loose:
    loose = Loose()
    for size in sizes or []:
        loose.feed(text[:size])
        text = text[size:]
    loose.feed(text)
    loose.finish()
    return loose


CASES = [
    ('{"emotion":"happy","response":"안녕! 반가워요.",}', "happy", "안녕! 반가워요."),
    ('{"emotion": happy, "response": "안녕"}', "happy", "안녕"),
    ("{emotion: 'happy', response: '안녕'}", "happy", "안녕"),
    ("{'emotion':'happy','response':'I'm fine'}", "happy", "I'm fine"),
    ("{“emotion”:“happy”,“response”:“안녕!”}", "happy", "안녕!"),
    ('{"emotion":"happy" "response":"안녕"}', "happy", "안녕"),
    ('{"emotion":"happy",\n"response":"안녕"\n"more":1}', "happy", "안녕"),
    ('{"emotion":"happy","response":"그는 "안녕", "뭐해" 했다"}', "happy", '그는 "안녕", "뭐해" 했다'),
    ('{"emotion":"happy","response":"안녕', "happy", "안녕"),
    ('{"emotion":"happy","response":"안녕"', "happy", "안녕"),
    ('{"emotion":"happy","response":"안녕"}```', "happy", "안녕"),
    ('{"emotion":"happy","response":["안녕!", "반가워요."]}', "happy", "안녕! 반가워요."),
    ('{"emotion":"happy","response":{"text":"안녕"}}', "happy", "안녕"),
    ('{"response":"안녕","emotion":"sad","text":"딴말"}', "sad", "안녕"),
    ('{"n":1,"ok":true,"response":"안녕"}', None, "안녕"),
    ('{"response":"a\\n\\t\\"\\\\\\/\\u00e9\\ud83d\\ude00\\ud83d\\q\\uZZ"}', None, 'a\n "\\/é😀\ufffdqZZ'),
    ('{"response":"줄\n바꿈"}', None, "줄\r바꿈"),
    ('{"응답":"안녕"}', None, "안녕"),
    ('{"emotion"="happy","response"="안녕"}', "happy", "안녕"),
    ('{"emotion":"happy",,"response":"안녕"}', "happy", "안녕"),
    ('{"emotion":"happy","response":"안녕!\\"}', "happy", "안녕!"),
    ('{"emotion":"happy","response":"안녕!”}', "happy", "안녕!"),
    ('{"response":"그는 \\"안녕\\" 했다 \\"네\\""}', None, '그는 "안녕" 했다 "네"'),
    ('{"emotion":"happy","response":null}', "happy", ""),
    ('{"emotion":"happy","response":"x\\', "happy", "x"),
    ('{"emotion":"happy","response":"""안녕"""}', "happy", "안녕"),
    ('{"emotion":"happy" // 기쁨\n,"response":"안녕"}', "happy", "안녕"),
    ('{/* 기쁨 */"emotion":"happy","response":"안녕"}', "happy", "안녕"),
    ('{"emotion":"happy","response":안녕, 반가워}', "happy", "안녕, 반가워"),
    ('{"response":null,"text":"안녕"}', None, "안녕"),
    ('{"response":"","text":"안녕"}', None, "안녕"),
    ('{"감정":"happy","응답":"안녕"}', "happy", "안녕"),
    ('{"emotion":"happy","responses":[{"text":"안녕!"},{"text":"또 봐."}]}', "happy", "안녕! 또 봐."),
    ('{"reasoning":{"text":"음"},"emotion":"happy","response":"안녕"}', "happy", "안녕"),
    ('{"thoughts":[{"text":"음"}],"emotion":"happy","response":"안녕"}', "happy", "안녕"),
    ('{"emotion":"happy","response":"안녕","conf', "happy", "안녕"),
    ('{"emotion":"happy","response":"안녕\\u00', "happy", "안녕"),
    ('{"안녕하세요"}', None, ""),
    ("{", None, ""),
    ("{}", None, ""),
    ('{"response":["안녕"', None, "안녕"),
    ('{"emotion":{"name":"happy"},"response":"안녕"}', "happy", "안녕"),
    ('{"emotion":{"intensity":0.8,"text":"happy"},"response":"안녕"}', "happy", "안녕"),
    ('{"response":"안녕","emotion":{"primary":"sad","why":"음"}}', "sad", "안녕"),
    ('{"em\ufffdtion":"happy"-"response":"안녕"}', None, ""),
    ('{"a.b c!":"x"-"response":"안녕"}', None, ""),
    ('{"response":"안녕"' + " " * 200 + ',"emotion":"happy"}', "happy", "안녕"),
    ('{"response"' + " " * 20 + ':"안녕"}', None, ""),
]


@pytest.mark.parametrize(("written", "emotion", "text"), CASES)
def test_what_a_person_would_read_is_read_whole_and_letter_by_letter(written: str, emotion: str, text: str) -> None:
    for sizes in ([], [1] * len(written)):
        loose = read(written, sizes)
        assert (loose.emotion, loose.text) == (emotion, text)


def test_what_follows_on_the_object_is_left() -> None:
    loose = read('{"response":"안녕"}\n{"n":2}', [19, 3])
    assert (loose.over, loose.rest, loose.named) == (True, '\n{"n":2}', True)
    assert not read('{"n":1,"u":"가","t":"뭐해?"}').named


@given(
    st.dictionaries(
        st.sampled_from([KEYS[0], "emotion", "n", "note"]),
        st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=30),
        min_size=1,
    ),
    st.lists(st.integers(1, 9), max_size=60),
    st.booleans(),
)
def test_valid_json_is_read_as_any_reader_does(fields: dict[str, str], sizes: list[int], escaped: bool) -> None:
    loose = read(json.dumps(fields, ensure_ascii=escaped), sizes)
    assert loose.text == fields.get(KEYS[0], "")
    assert (loose.emotion or "") == fields.get("emotion", "").strip().strip("\"'")


@given(st.text(alphabet="{}[]\"'`:,\\\n u0ab가responsetext", max_size=40), st.lists(st.integers(1, 5), max_size=40))
def test_what_was_given_is_never_taken_back_and_cutting_changes_nothing(text: str, sizes: list[int]) -> None:
    text = "{" + text
    loose, seen = Loose(), ""
    for sign in text:
        loose.feed(sign)
        assert loose.text.startswith(seen)
        seen = loose.text
    loose.finish()
    again = read(text, sizes)
    assert (loose.text, loose.emotion) == (again.text, again.emotion)
