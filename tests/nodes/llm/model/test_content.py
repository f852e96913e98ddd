from typing import Any

import pytest

from nodes.llm._model.content import paired, said


@pytest.mark.parametrize(
    ("message", "found"),
    [
        ({"content": "안녕"}, ("안녕", False)),
        ({"content": None, "refusal": "안 돼요"}, ("안 돼요", False)),
        ({"content": "", "reasoning": "음"}, ("", True)),
        ({"content": "", "reasoning_summary": "음"}, ("", True)),
        ({"content": "", "thoughts": ["음"]}, ("", True)),
        ({"content": None, "provider_specific_fields": {"reasoning_content": "음"}}, ("", True)),
        ({"content": "안녕", "provider_specific_fields": "x", "thought_signature": "x"}, ("안녕", False)),
        ({"content": "안녕", "reasoning_content": None}, ("안녕", False)),
        ({"content": [{"type": "thinking", "thinking": "음"}, {"type": "text", "text": "안녕"}]}, ("안녕", True)),
        ({"content": {"parts": [{"text": "안녕"}, {"thought": True, "text": "음"}]}}, ("안녕", True)),
        ({"audio": {"transcript": "안녕"}}, ("안녕", False)),
        ({"tool_calls": [{"function": {"arguments": "{}"}}, None]}, ("{}", False)),
        ({}, ("", False)),
    ],
)
def test_text_and_thoughts_are_found_in_every_shape(message: dict[str, Any], found: tuple[str, bool]) -> None:
    text, thought = said(message)
    assert (text, bool(thought)) == found


def test_halves_of_a_sign_are_joined() -> None:
    assert paired("\ud83d\ude00\ud83d") == "😀\ufffd"
