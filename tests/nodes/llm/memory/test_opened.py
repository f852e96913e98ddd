"""A memory begins with a tokenizer and what the files held, and says what is missing."""

from pathlib import Path

import pytest

from nodes.llm._memory import opened as _opened
from nodes.llm._memory.opened import open_memory
from nodes.llm._memory.tokens import TokenCounter


def test_it_brings_a_counter_and_an_empty_memory_where_there_was_none(tmp_path: Path) -> None:
    opened = open_memory(tmp_path)
    assert opened.counter.count("안녕하세요") == 2
    assert opened.found.state.turns == ()
    assert opened.lines == ()
    assert open_memory(None).store.save(None) == []


def test_what_is_wrong_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []

    def load(*, on_air: bool) -> tuple[TokenCounter, str]:
        asked.append(on_air)
        return TokenCounter(), "어림잡습니다"

    monkeypatch.setattr(_opened, "load", load)
    (tmp_path / "recent.json").write_bytes(b"?")
    lines = open_memory(tmp_path, on_air=True).lines
    assert [("recent.json" in line, "어림" in line) for line in lines] == [(True, False), (False, True)]
    assert asked == [True]
