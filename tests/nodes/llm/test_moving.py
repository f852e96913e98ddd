import pytest

from nodes.llm.moving import summary


def test_a_summary_is_taken_as_it_is() -> None:
    theirs = '{"summary": "안녕", "message_count": "x", "more": 1}'
    made = summary(theirs, "")
    assert made.text == theirs
    assert "2자" in made.lines[0]


@pytest.mark.parametrize("text", ["", "[]", '{"summary": null}', '{"text": "a"}'])
def test_what_is_no_summary_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"JSON|Expecting"):
        summary(text, "")
