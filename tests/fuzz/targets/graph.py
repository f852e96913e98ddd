"""Fuzzes the text of a graph: it gives a graph, or problems, each with a place in the file and a short text."""

import json
import math
import re
from typing import Any

from graphs.engine.language.check import check as read
from graphs.engine.language.document import MAX_TEXT
from graphs.engine.language.load import load
from nodes import load_all
from schemas.graph import GraphError, Problem
from tests.fuzz.targets._laws import must, writable
from tests.harness import ROOT

FILE = "fuzz.yaml"
ENV = {"NAME": "value", "PORT": "8765", "EMPTY": "", "YAML": "a: [b"}
LONGEST_PROBLEM = 2 * MAX_TEXT + 1
"""The most characters of a message and a hint."""
LONGEST_KEY = 300
"""Characters of a key that YAML also accepts without a ``?`` in front: 1024 with escapes and quotes."""
_REGISTRY = load_all()


def check(data: bytes) -> None:
    try:
        graph = read(data, FILE, _REGISTRY, ENV, ROOT)
    except GraphError as error:
        must(1 <= len(error.problems) <= 100, len(error.problems), "problems")
        lines = len(re.findall("[\r\n\x85\u2028\u2029]", data.decode("utf-8", "replace"))) + 1  # as YAML counts them
        for problem in error.problems:
            _told(problem, lines)
    else:
        must(graph.nodes, "a graph without nodes passed")
        for wire in graph.wires:
            must({wire.source, wire.target} <= graph.nodes.keys(), "a wire leads nowhere:", wire)
    _same_as_json(data)


def _told(problem: Problem, lines: int) -> None:
    must(problem.file == FILE and 1 <= problem.line <= lines and problem.column >= 1, "no such place:", problem)
    text = writable(f"{problem.message} {problem.hint}")
    must(problem.message and len(text) <= LONGEST_PROBLEM, len(text), "characters in a problem")


def _same_as_json(data: bytes) -> None:
    """Check that JSON is YAML: the data read stay the same when they are written as JSON and read again."""
    try:
        document = load(data, FILE, ENV)
    except GraphError:
        return
    if document.problems or document.variables or not _plain(document.data):
        return
    text = json.dumps(document.data)
    try:
        again = load(text, FILE, ENV)
    except GraphError as error:
        must(any("has" in one.message or "too much" in one.message for one in error.problems), error, text[:200])
        return
    must(again.data == document.data, "read as", again.data, "instead of", document.data)


def _plain(value: Any) -> bool:
    """Return whether JSON can express the value so that YAML reads it unchanged."""
    if isinstance(value, dict):
        return all(len(key) < LONGEST_KEY and _plain(key) and _plain(each) for key, each in value.items())
    if isinstance(value, list):
        return all(map(_plain, value))
    if isinstance(value, str):
        return "${" not in value and value != "<<" and all(character.isprintable() for character in value)
    return not isinstance(value, float) or math.isfinite(value)
