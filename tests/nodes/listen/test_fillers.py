"""Sounds of one who thinks."""

import pytest

from nodes.listen._fillers import is_filler


@pytest.mark.parametrize(
    ("text", "filler"),
    [
        ("음", True),
        ("으음...", True),
        ("어... 그...", True),
        ("Umm", True),
        ("음식", False),
        ("어 안녕", False),
        ("", False),
        ("그래", False),
        ("어음", True),
        ("그음... 어", True),
        ("흐음", True),
        ("하아...", True),
        ("쓰읍", True),
        ("아음, 그...", True),
        ("hmm", True),
        ("하하", False),
        ("그저 그래", False),
        ("어음이 뭐야", False),
        ("아니", False),
        ("응", False),
    ],
)
def test_only_such_sounds_are_fillers(text: str, filler: bool) -> None:
    assert is_filler(text) is filler
