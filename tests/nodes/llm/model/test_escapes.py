"""nodes/llm/_model/escapes.py: what a backslash of a model stands for, with all of it there or only its beginning."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.llm._model.escapes import unescaped


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("\\n다", ("\n", "다")),
        ("\\\\n다", ("\n", "다")),
        ("\\\\다", ("\\", "다")),
        ("\\\\r\\\\n다", ("\n", "다")),
        ('\\"다', ('"', "다")),
        ("\\q다", ("q", "다")),
        ("\\uac00다", ("가", "다")),
        ("\\ud83d\\ude00다", ("😀", "다")),
        ("\\ud83d다", ("\ufffd", "다")),
        ("\\u12다", ("", "12다")),
        ("\\u0007다", (" ", "다")),
    ],
)
def test_an_escape_is_read_and_its_beginning_waits_for_more(text: str, wanted: tuple[str, str]) -> None:
    assert unescaped(text, ended=False) == wanted
    begin = text[:-1]
    assert unescaped(begin, ended=False) in (None, (wanted[0], wanted[1][:-1]))
    assert unescaped(begin, ended=True) is not None


@given(st.text(st.characters(min_codepoint=32, exclude_characters="\\", exclude_categories=["Cs"])))
def test_what_json_escapes_is_read_as_json_reads_it(text: str) -> None:
    left, found = json.dumps(text)[1:-1], ""
    while left:
        read = unescaped(left, ended=True) if left[0] == "\\" else (left[0], left[1:])
        assert read is not None
        found, left = found + read[0], read[1]
    assert found == text
