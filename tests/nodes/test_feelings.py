import pytest

from nodes.feelings import feeling


@pytest.mark.parametrize(
    ("text", "named"),
    [("기쁨", "happy"), ("Joyful", "happy"), ("웃으며 손을 흔든다", "happy"), ("슬픔", "sad"), ("멍함", "")],
)
def test_a_feeling_is_known_by_its_korean_and_english_words(text: str, named: str) -> None:
    assert feeling(text) == named
