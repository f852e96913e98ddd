import pytest

from nodes.llm._model.objects import Objects


def read(text: str, size: int) -> Objects:
    objects = Objects()
    for at in range(0, len(text), size):
        objects.feed(text[at : at + size])
    objects.finish()
    return objects


CASES = [
    ('{"emotion":"happy","response":"안녕!"}', "happy", "안녕!"),
    ('{"n":2,"u":"가","t":"뭐해?"} 음 {"emotion":"sad","response":"비 와."}', "sad", "비 와."),
    ('{"emotion":"happy","response":"안녕!"},\n{"emotion":"sad","response":"또 봐."}', "happy", "안녕! 또 봐."),
    ('{"response":"안녕!"}{"emotion":"sad","response":"또 봐."}', "sad", "안녕! 또 봐."),
    ('{"response":"안녕!"}{"response":"안녕!"}', None, "안녕!"),
    ('{"emotion":"happy","response":"안녕!"} 그리고 {"response":"또 봐."}', "happy", "안녕!"),
    ('{"response":""}{"response":"안녕!"}', None, "안녕!"),
    ('{"response":"안녕!"}{"text":"또 봐."}', None, "안녕!"),
    ('{"emotion":"sad","n":1}', "sad", ""),
    ('{"emotion":"sad"}{"response":"비 와."}', "sad", "비 와."),
    ('{"response":"안녕!"}{"response":"비 와."}\n{"response":"또 봐."}', None, "안녕! 비 와. 또 봐."),
    ('{"response":"안녕!"}{"response":"또 봐.', None, "안녕! 또 봐."),
    ('{"n":1}{{"response" : "안녕"}', None, "안녕"),
    ('{"n":1} { "' + "가" * 90, None, ""),
    ('{"response":"안녕!"}' + " " * 90 + '{"response":"또 봐."}', None, "안녕!"),
]


@pytest.mark.parametrize(("written", "emotion", "text"), CASES)
def test_the_answer_is_found_in_one_or_several_objects(written: str, emotion: str | None, text: str) -> None:
    for size in (len(written), 1, 3):
        objects = read(written, size)
        assert (objects.emotion, objects.text) == (emotion, text)


def test_an_answer_to_a_turn_that_the_model_invented_is_not_one_of_ours() -> None:
    invented = '{"response":"안녕!"}\n{"n":2,"u":"가","t":"뭐해?"}\n{"response":"밥 먹어."}'
    for size in (len(invented), 1):
        assert read(invented, size).text == "안녕!"


def test_the_text_of_the_first_object_is_there_as_it_comes_and_that_of_the_next_when_it_is_whole() -> None:
    objects = Objects()
    objects.feed('{"response":"안')
    assert (objects.text, objects.within) == ("안", "text")
    objects.feed('녕"}{"response":"또')
    assert (objects.text, objects.within) == ("안녕", "value")
    objects.feed(' 봐"}')
    assert (objects.text, objects.within) == ("안녕 또 봐", "")
    objects.feed("끝")
    assert objects.within == "value"
