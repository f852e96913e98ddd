"""graphs/engine/language/check.py: a right graph becomes a Graph, a wrong one everything that is wrong in it."""

import contextlib
import gc
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.engine.language.check import check
from graphs.engine.language.document import MAX_PROBLEMS
from nodes import types
from schemas.graph import GraphError, Problem
from tests.graphs.small import SHOW, Source, assert_expected, bad, checked, problems
from tests.harness import ROOT

BAD = sorted((ROOT / "tests/graphs/bad").glob("*/*.yaml"))


def fastest(text: str | bytes) -> float:
    """Processor seconds of the fastest of ten checks; a run that measures coverage counts a quarter.

    Garbage is not collected meanwhile: that would go through what ten thousand tests have left, which is not the check.
    """
    times: list[float] = []
    gc.disable()
    try:
        for _ in range(10):
            started = time.thread_time()
            with contextlib.suppress(GraphError):
                checked(text)
            times.append(time.thread_time() - started)
    finally:
        gc.enable()
    return min(times) / (4 if sys.gettrace() else 1)


@pytest.mark.parametrize("file", bad("nodes"), ids=lambda file: file.stem)
def test_a_wrong_graph_gets_exactly_the_problems_that_its_comments_expect(file: Path) -> None:
    assert_expected(file.read_bytes())


@pytest.mark.parametrize("file", BAD, ids=lambda file: file.stem)
def test_what_is_wrong_is_found_in_little_time(file: Path) -> None:
    assert fastest(file.read_bytes()) < 0.2


def test_there_are_wrong_graphs_to_check() -> None:
    assert len(BAD) > 20


@pytest.mark.parametrize(
    ("source", "part"),
    [
        ("nodes: " + "[" * 3000, "1:39: nested too deeply"),
        ("nodes: " + "{a: " * 3000, "1:129: nested too deeply"),
        ("nodes:\n  " + "- " * 3000, "2:65: nested too deeply"),
        ("nodes:\n  " + "? " * 3000, "2:65: nested too deeply"),
        ("\n".join(" " * depth + "a:" for depth in range(300)), "nested too deeply"),
        ("# " + "x" * 300_000, "1:1: the file has 292 kB; at most 256 kB are read"),
        (b"\xff\xfen\x00o\x00", "1:1: a graph is written as"),
        ("", "1:1: the file is empty"),
        ("nodes: [" + "1, " * 80_000 + "]", "at most 5000 values"),
        ("nodes: " + "9" * 200_000, "'nodes' holds no nodes"),
        (
            "nodes: {" + "".join(f"n{i}: {{type: chat.filter, in: [m{i}, n{i}]}}, " for i in range(250)) + "}",
            "there is",
        ),
        (
            "nodes: {" + "".join(f"n{i}: {{type: chat.filter, in: n{i + 1}}}, " for i in range(250)) + "}",
            "no node 'n250'",
        ),
    ],
    ids=["flow", "maps", "lists", "keys", "block", "size", "utf-16", "empty", "values", "number", "problems", "chain"],
)
def test_silly_files_are_refused_in_little_time(source: str | bytes, part: str) -> None:
    assert any(part in str(problem) for problem in problems(source))
    assert fastest(source) < 0.2


def test_a_right_graph_has_its_nodes_wires_and_lines() -> None:
    graph = checked(SHOW)
    assert (graph.name, graph.file, graph.text) == ("show", "show.yaml", SHOW)
    assert list(graph.nodes) == ["source", "filter", "batch", "reply", "speech", "voice", "lips"]
    assert graph.nodes["filter"].line == 4
    assert graph.nodes["filter"].settings.model_dump()["min_length"] == 2
    assert [str(wire) for wire in graph.wires] == [
        "source.out -> filter.chat",
        "filter.out -> batch.chat",
        "voice.speaking -> batch.speaking",
        "batch.out -> reply.batch",
        "reply.sentence -> speech.sentence",
        "speech.out -> voice.speech",
        "voice.level -> lips.level",
        "reply.sentence -> lips.sentence",
    ]
    assert [wire.target for wire in graph.wires if wire.feedback] == ["batch"]


def test_a_graph_without_a_name_is_called_as_its_file() -> None:
    assert checked("nodes: {a: {type: chat.source}}").name == "show"


def test_a_variable_that_is_not_set_is_the_only_problem_of_its_place() -> None:
    found = problems('nodes: {a: {type: chat.source, speed: "${FAST}"}, b: {type: chat.filter, in: "${FROM}"}}')
    assert [problem.message for problem in found] == ["FAST is not set", "FROM is not set"]
    found = problems('nodes: {a: {type: "${TYPE}"}}')
    assert [problem.message for problem in found] == ["TYPE is not set"]


def test_reports_stop_where_more_would_not_help() -> None:
    text = "nodes: {" + ", ".join(f"n{i}: {{type: nothing}}" for i in range(250)) + "}"
    assert len(problems(text)) == MAX_PROBLEMS


def test_tests_budget_and_extensions_may_stand_beside_the_nodes() -> None:
    text = "x-common: &c {speed: 2}\nbudget_s: 2.5\ntests: [1]\nnodes: {a: {<<: *c, type: chat.source}}"
    settings = checked(text).nodes["a"].settings
    assert isinstance(settings, Source)
    assert settings.speed == 2
    assert checked(text).budget_s == 2.5
    assert checked(text.replace("budget_s: 2.5\n", "")).budget_s is None


@pytest.mark.parametrize("budget", ["0", "-1", ".inf", ".nan", "true", "null", "soon"])
def test_a_budget_is_a_number_of_seconds(budget: str) -> None:
    (problem,) = found_in(f"budget_s: {budget}\nnodes: {{a: {{type: chat.source}}}}")
    assert problem.message.startswith("budget_s must be a number above 0")


def test_a_graph_of_280_lines_is_checked_in_20_ms() -> None:
    lines = ["nodes:", "  n0:", "    type: chat.source"]
    for i in range(1, 70):
        lines += [f"  n{i}:", "    type: chat.filter", f"    in: n{i - 1}", f"    min_length: {i}"]
    text = "\n".join(lines)
    assert len(lines) == 279
    assert fastest(text) < 0.02


def found_in(source: str | bytes) -> tuple[Problem, ...]:
    try:
        checked(source)
    except GraphError as error:
        return error.problems or (Problem("no problems", 0, 0, ""),)
    return ()


@given(st.text() | st.binary() | st.text("aen:[]{}*&!<>|?-#%@`'\"$ \n\t,x0.", max_size=40))
def test_any_input_is_a_graph_or_a_list_of_problems(source: str | bytes) -> None:
    assert all(problem.line >= 1 and problem.column >= 1 for problem in found_in(source))


@given(st.data())
def test_a_right_graph_with_a_piece_cut_out_never_crashes_the_check(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(SHOW)))
    end = data.draw(st.integers(start, len(SHOW)))
    assert all(problem.line >= 1 and problem.column >= 1 for problem in found_in(SHOW[:start] + SHOW[end:]))


@pytest.mark.parametrize("name", ["a/b", "..", "CON", "a:b", "x."])
def test_a_name_that_no_file_can_have_is_refused_because_files_of_the_show_are_named_after_it(name):
    (problem,) = problems(f'name: "{name}"\nnodes: {{a: {{type: chat.source, channel: x}}}}')
    assert (problem.line, problem.column) == (1, 7)
    assert f"'{name}' cannot be the name of a graph" in problem.message


def test_what_answers_the_addresses_of_the_pages_can_be_there_once_in_each_place() -> None:
    text = "nodes:\n  typed: {type: chat.typed}\n  again: {type: chat.typed}\n  parse: {type: chat.parse, in: typed}\n"
    with pytest.raises(GraphError) as refused:
        check(text, "x", types, {})
    (problem,) = refused.value.problems
    assert (problem.line, problem.column) == (3, 3)
    assert problem.message == "a graph holds one chat.typed at most, and 'typed' is one"
    check(text.replace("again: {", "again: {at: other, "), "x", types, {})
