"""graphs/engine/check.py: a right graph becomes a Graph, a wrong one becomes everything that is wrong in it."""

import contextlib
import re
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.engine.check import check, fingerprint
from graphs.engine.load import MAX_PROBLEMS
from schemas.graph import Graph, GraphError, Policy, Problem
from tests.graphs.small import SHOW, Model, Reply, Source, registry
from tests.harness import ROOT

BAD = sorted((ROOT / "tests/graphs/bad").glob("*.yaml"))


def checked(text: str | bytes, env: Mapping[str, str] | None = None, root: Path = ROOT) -> Graph:
    return check(text, "show.yaml", registry, env or {}, root)


def problems(text: str | bytes, env: Mapping[str, str] | None = None, root: Path = ROOT) -> tuple[Problem, ...]:
    with pytest.raises(GraphError) as caught:
        checked(text, env, root)
    return caught.value.problems


def fastest(text: str | bytes) -> float:
    """Processor seconds of the fastest of three checks; a run that measures coverage counts a quarter."""
    times: list[float] = []
    for _ in range(3):
        started = time.thread_time()
        with contextlib.suppress(GraphError):
            checked(text)
        times.append(time.thread_time() - started)
    return min(times) / (4 if sys.gettrace() else 1)


@pytest.mark.parametrize("file", BAD, ids=lambda file: file.stem)
def test_a_wrong_graph_gets_exactly_the_problems_that_its_comments_expect(file: Path) -> None:
    source = file.read_bytes()
    expected = re.findall(r"^# expect: (\d+):(\d+): (.*)$", source.decode("utf-8", "replace"), re.MULTILINE)
    found = problems(source)
    assert [(str(problem.line), str(problem.column)) for problem in found] == [(line, col) for line, col, _ in expected]
    for problem, (_, _, part) in zip(found, expected, strict=True):
        assert part in str(problem)
    assert fastest(source) < 0.1


def test_there_are_wrong_graphs_to_check() -> None:
    assert len(BAD) > 20


@pytest.mark.parametrize(
    ("source", "part"),
    [
        ("nodes: " + "[" * 3000, "1:39: nested too deeply"),
        ("nodes: " + "{a: " * 3000, "nested too deeply"),
        ("\n".join(" " * depth + "a:" for depth in range(300)), "nested too deeply"),
        ("# " + "x" * 300_000, "1:1: the file has 292 kB; at most 256 kB are read"),
        (b"\xff\xfen\x00o\x00", "1:1: this is not UTF-8"),
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
    ids=["flow", "maps", "block", "size", "utf-16", "empty", "values", "number", "problems", "chain"],
)
def test_silly_files_are_refused_in_little_time(source: str | bytes, part: str) -> None:
    assert any(part in str(problem) for problem in problems(source))
    assert fastest(source) < 0.1


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


def test_of_several_outputs_the_only_one_that_fits_is_meant() -> None:
    graph = checked(SHOW.replace("in: reply.sentence", "in: reply").replace("in: voice.level", "in: voice"))
    assert graph.wires == checked(SHOW).wires
    twice = SHOW.replace("in: reply.sentence", "in: [reply, reply.sentence]")
    assert [problem.message for problem in problems(twice)] == ["reply.sentence is connected here twice"]


def test_a_graph_without_a_name_is_called_as_its_file() -> None:
    assert checked("nodes: {a: {type: chat.source}}").name == "show"


def test_an_edge_takes_its_policy_from_the_event_of_the_output() -> None:
    wires = checked(
        "nodes: {a: {type: chat.source}, b: {type: chat.gifts}, c: {type: chat.filter, chat: [a, b]}}"
    ).wires
    assert wires[0].policy == Policy("fresh", 256, None, 30.0)
    assert wires[1].policy == Policy("sure", 256, None, None)


@pytest.mark.parametrize(
    ("options", "policy"),
    [
        ("capacity: 512, max_age_s: 10, overflow: block", Policy("block", 512, None, 10.0)),
        ("overflow: sure", Policy("sure", 256, None, None)),
        ("overflow: latest", Policy("latest", 1, None, 30.0)),
        ("max_age_s: null", Policy("fresh", 256, None, None)),
        ('capacity: "${ROOM:-9}"', Policy("fresh", 9, None, 30.0)),
    ],
)
def test_a_graph_may_say_another_policy_for_an_edge(options: str, policy: Policy) -> None:
    graph = checked(f"nodes: {{a: {{type: chat.source}}, b: {{type: chat.filter, in: {{from: a, {options}}}}}}}")
    assert graph.wires[0].policy == policy


def test_an_edge_of_levels_that_blocks_holds_what_its_event_says() -> None:
    text = SHOW.replace("in: voice.level", "in: {from: voice.level, overflow: block}")
    assert checked(text).wires[-2].policy == Policy("block", 64, None, None)


def test_a_cycle_may_close_through_a_feedback_port() -> None:
    text = "nodes: {a: {type: chat.source}, b: {type: chat.batch, in: a}, r: {type: reply.make, in: b, model: m}, "
    text += "s: {type: speech.say, in: r.sentence}, v: {type: audio.play, in: s}}"
    checked(text)
    checked(text.replace("in: a}", "in: a, speaking: v.speaking}"))


def test_every_cycle_is_reported() -> None:
    text = "nodes: {a: {type: chat.filter, in: b}, b: {type: chat.filter, in: a}, c: {type: chat.filter, in: c}}"
    assert [problem.message for problem in problems(text)] == ["a cycle: a -> b -> a", "the node 'c' feeds itself"]


def test_a_cycle_through_a_node_with_a_feedback_port_names_the_port() -> None:
    text = "nodes: {a: {type: chat.echo, in: b}, b: {type: chat.filter, in: a}}"
    assert problems(text)[0].hint == "a cycle can close only through a feedback port: again of a"


def test_a_variable_gives_numbers_texts_and_secrets() -> None:
    text = 'nodes: {a: {type: chat.source, channel: "${WHO}", speed: "${FAST:-2}", token: "${KEY}"}}'
    settings = checked(text, {"WHO": "12", "KEY": "abc"}).nodes["a"].settings
    assert isinstance(settings, Source)
    assert (settings.channel, settings.speed) == ("12", 2.0)
    assert settings.token is not None
    assert settings.token.get_secret_value() == "abc"


def test_a_variable_that_is_not_set_is_the_only_problem_of_its_place() -> None:
    found = problems('nodes: {a: {type: chat.source, speed: "${FAST}"}, b: {type: chat.filter, in: "${FROM}"}}')
    assert [problem.message for problem in found] == ["FAST is not set", "FROM is not set"]
    found = problems('nodes: {a: {type: "${TYPE}"}}')
    assert [problem.message for problem in found] == ["TYPE is not set"]


def test_no_message_holds_a_secret_or_what_a_variable_holds() -> None:
    text = 'nodes: {a: {type: chat.source, speed: "${KEY}"}}'
    assert "hunter2" not in str(problems(text, {"KEY": "hunter2"})[0])
    text = "nodes: {a: {type: chat.source, token: 12345}}"
    assert str(problems(text)[0]) == (
        'show.yaml:1:39: token must be a secret or nothing, not this; name a variable, such as "${TOKEN}"'
    )


def test_the_fingerprint_changes_with_settings_and_secrets_but_not_with_the_text() -> None:
    text = 'nodes: {a: {type: chat.source, token: "${KEY}", channel: b}}'
    one = checked(text, {"KEY": "1"}).nodes["a"].fingerprint
    other = "# a comment\nnodes:\n  a:\n    channel: b\n    token: ${KEY}\n    type: chat.source\n"
    assert checked(other, {"KEY": "one"}).nodes["a"].fingerprint != one
    assert (
        checked(text.replace("{type", "{channel: b, type").replace(", channel: b}", "}"), {"KEY": "1"})
        .nodes["a"]
        .fingerprint
        == one
    )
    assert checked(text.replace("b}", "c}"), {"KEY": "1"}).nodes["a"].fingerprint != one
    assert checked(text.replace("b}", "b, at: gpu}"), {"KEY": "1"}).nodes["a"].fingerprint != one


def test_a_fingerprint_does_not_depend_on_the_order_of_a_set() -> None:
    words = [{"b", "a", "c"}, {"c", "b", "a"}]
    first, second = (fingerprint("x", Model(words=word, other=1j)) for word in words)
    assert first == second
    assert first != fingerprint("x", Reply(model="m"))


def test_a_watched_file_goes_into_the_fingerprint_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("one")
    text = "nodes: {a: {type: chat.source}, b: {type: chat.filter, in: a, banned_words: words.txt}}"
    before = checked(text, root=tmp_path).nodes["b"].fingerprint
    (tmp_path / "words.txt").write_text("two")
    assert checked(text, root=tmp_path).nodes["b"].fingerprint == before


def test_files_in_lists_are_looked_for_and_a_missing_default_is_reported_at_the_node(tmp_path: Path) -> None:
    text = "nodes: {a: {type: files.read}}"
    assert str(problems(text, root=tmp_path)[0]) == "show.yaml:1:9: main: there is no file main.txt"
    (tmp_path / "main.txt").write_text("")
    checked(text, root=tmp_path)
    found = problems("nodes: {a: {type: files.read, more: [main.txt, mian.txt], named: {x: no.md}}}", root=tmp_path)
    assert [str(problem) for problem in found] == [
        "show.yaml:1:37: more: there is no file mian.txt; did you mean 'main.txt'?",
        "show.yaml:1:66: named: there is no file no.md",
    ]


def test_settings_that_do_not_fit_each_other_are_reported_at_the_node(tmp_path: Path) -> None:
    (tmp_path / "main.txt").write_text("")
    found = problems("nodes: {a: {type: files.read, low: 3, high: 2}}", root=tmp_path)
    assert [str(problem) for problem in found] == ["show.yaml:1:12: a: low is above high"]


def test_a_value_without_words_for_it_gets_the_validators_message(tmp_path: Path) -> None:
    (tmp_path / "main.txt").write_text("")
    found = problems("nodes: {a: {type: files.read, pair: [1, 2, 3]}}", root=tmp_path)
    assert [str(problem) for problem in found] == ["show.yaml:1:37: pair must be a list, not a list"]


def test_reports_stop_where_more_would_not_help() -> None:
    text = "nodes: {" + ", ".join(f"n{i}: {{type: nothing}}" for i in range(250)) + "}"
    assert len(problems(text)) == MAX_PROBLEMS


def test_tests_budget_and_extensions_may_stand_beside_the_nodes() -> None:
    text = "x-common: &c {speed: 2}\nbudget_s: 2.5\ntests: [1]\nnodes: {a: {<<: *c, type: chat.source}}"
    settings = checked(text).nodes["a"].settings
    assert isinstance(settings, Source)
    assert settings.speed == 2


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
