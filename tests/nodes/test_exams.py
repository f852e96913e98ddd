"""nodes/exams.py: what a node type needs on air."""

from collections.abc import Sequence
from typing import Any

import pytest

import nodes.exams
from nodes.exams import Exam, Finding, Probe, exam


def test_an_exam_is_found_by_the_node_types_that_it_is_for(monkeypatch: pytest.MonkeyPatch) -> None:
    nodes.load_all()
    monkeypatch.setattr(nodes.exams, "exams", {})

    @exam("chat.one", "chat.two", within_s=2.0)
    async def look(settings: Any, probe: Probe) -> Sequence[Finding]:
        raise AssertionError

    assert nodes.exams.exams == {"chat.one": Exam(look, 2.0), "chat.two": Exam(look, 2.0)}
