import importlib
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from nodes.patterns import Pattern, compile_all
from tests.harness import run


def test_a_pattern_is_compiled_when_it_is_first_used_and_only_then(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    compiled = re.compile
    monkeypatch.setattr(re, "compile", lambda *arguments: made.append(arguments[0]) or compiled(*arguments))
    pattern = Pattern("a+", re.IGNORECASE)
    assert made == []
    assert [pattern.compiled.findall("aAb") for _ in range(2)] == [["aA"], ["aA"]]
    assert made == ["a+"]


def test_what_two_nodes_need_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    compiled = re.compile
    monkeypatch.setattr(re, "compile", lambda *arguments: made.append(arguments[0]) or compiled(*arguments))
    patterns = [Pattern(f"a{number}") for number in range(50)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(compile_all, [patterns] * 4))
    assert len(made) == 50


@pytest.mark.parametrize(
    ("type_", "file", "port"),
    [
        ("chat.filter", "nodes.chat.filter", "chat"),
        ("reply.canned", "nodes.reply.canned", "batch"),
        ("reply.guard", "nodes.reply.guard", "sentence"),
        ("reply.split", "nodes.reply.split", "reply"),
    ],
)
def test_a_node_has_its_patterns_compiled_before_the_first_event(
    type_: str, file: str, port: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = importlib.import_module(file)
    assert len(module.PATTERNS) > 0
    pattern = Pattern("a")
    monkeypatch.setattr(module, "PATTERNS", (pattern,))
    ran = run(type_, {port: []})
    assert ran.error is None
    assert pattern._compiled is not None
