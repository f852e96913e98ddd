import pytest

from nodes import keys


@pytest.mark.parametrize(
    "pasted",
    [
        "gsk_abc123",
        " gsk_abc123\r\n",
        "“gsk_abc123”",
        "'gsk_abc123'",
        "gsk_\u200babc123\ufeff",
        "\u00a0gsk_abc\u00ad123\u202c",
        "Bearer gsk_abc123",
        "「gsk_abc123」",
        "GROQ_API_KEY=gsk_abc123",
        "export GROQ_API_KEY='gsk_abc123';",
        "Authorization: Bearer gsk_abc123",
        "<gsk_abc123>",
        "ｇｓｋ＿ａｂｃ１２３",
        "GROQ_API_KEY: gsk_abc123",
        "x-api-key: gsk_abc123",
        '"api_key": "gsk_abc123",',
        '{"api_key":"gsk_abc123"}',
        '-H "Authorization: Bearer gsk_abc123"',
        '$env:GROQ_API_KEY="gsk_abc123"',
        "set GROQ_API_KEY=gsk_abc123",
        "gsk_abc123  # of the show",
        "(gsk_abc123)",
    ],
)
def test_a_key_is_cleaned_of_what_no_key_can_hold(pasted: str) -> None:
    assert keys.clean(pasted) == "gsk_abc123"
    assert keys.wrong(keys.clean(pasted)) == ""


def test_a_key_that_begins_with_the_word_is_left_alone() -> None:
    for key in ("bearer123", "c2VjcmV0X2tleQ==", "key=", "a=b", "my-key:gsk", "id:secret#1"):
        assert keys.clean(key) == key


def test_what_is_left_is_told_by_name_and_place_and_the_key_is_not() -> None:
    told = keys.wrong("gsk_ㅎabc")
    assert told == "'ㅎ' (U+314E), 8자 가운데 5번째 글자"
    assert "gsk" not in told
    assert keys.wrong("") == ""
