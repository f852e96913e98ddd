import pytest

from nodes.llm._model.fences import Fences, opens_code, unfenced

CASES = [
    ("안녕", "안녕"),
    ("```json\n안녕```", "안녕"),
    ("네\n```tool_code\nx\n```\n네", "네\n```tool_code\nx\n```\n네"),
    ("안녕```", "안녕"),
    ("`안녕`", "`안녕`"),
    ("안녕``", "안녕``"),
    ("``` 안녕", "안녕"),
]


@pytest.mark.parametrize(("written", "text"), CASES)
def test_marks_of_code_are_left_out_however_the_text_comes(written: str, text: str) -> None:
    for size in (len(written), 1, 2):
        fences = Fences()
        parts = [fences.push(written[at : at + size]) for at in range(0, len(written), size)]
        assert "".join(parts) + fences.push("", ended=True) == text
    assert unfenced(written) == text


def test_only_what_may_become_a_mark_is_held_back() -> None:
    fences = Fences()
    assert fences.push("안녕`") == "안녕"
    assert fences.push("네") == "`네"


def test_a_block_around_an_answer_is_no_code() -> None:
    lines = ("```json\n", "```\n", "```Text\n", "```python\n", "``` 안녕")
    assert [opens_code(line, said=False) for line in lines] == [False, False, False, True, False]
    assert opens_code("```\n", said=True)
