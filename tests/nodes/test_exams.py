"""nodes/exams.py: what a node type needs on air."""

import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import pytest

import nodes.exams
from nodes.exams import Exam, Finding, Probe, exam
from tests.harness import ROOT


def test_an_exam_is_found_by_the_node_types_that_it_is_for(monkeypatch: pytest.MonkeyPatch) -> None:
    nodes.load_all()
    monkeypatch.setattr(nodes.exams, "exams", {})

    @exam("chat.one", "chat.two", within_s=2.0)
    async def look(settings: Any, probe: Probe) -> Sequence[Finding]:
        raise AssertionError

    assert nodes.exams.exams == {"chat.one": Exam(look, 2.0), "chat.two": Exam(look, 2.0)}


def test_an_exam_is_found_though_the_show_imported_no_exams() -> None:
    lines = [
        "import sys",
        "from pathlib import Path",
        "from graphs.engine.language.read import read_graph",
        "from nodes.exams import exams, of",
        "read_graph(Path('graphs/demo.yaml'), Path.cwd(), {})",
        "print('avatar.vts' in exams, of('avatar.vts') is not None, of('no.such'), of('chat.parse'), of(''))",
    ]
    ended = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ended.stdout.split() == ["False", "True", "None", "None", "None"]
