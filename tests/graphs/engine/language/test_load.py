"""graphs/engine/language/load.py: YAML without its surprises, with variables filled in."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from graphs.engine.language.document import Mark
from graphs.engine.language.load import MAX_BYTES, load, scalar
from tests.graphs.small import assert_expected, bad, failure, loaded


@pytest.mark.parametrize("file", bad("load"), ids=lambda file: file.stem)
def test_a_wrong_graph_gets_exactly_the_problems_that_its_comments_expect(file: Path) -> None:
    assert_expected(file.read_bytes())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("False", False),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("off", "off"),
        ("y", "y"),
        ("null", None),
        ("~", None),
        ("12", 12),
        ("-3", -3),
        ("+3", 3),
        ("010", 10),
        ("0x1F", 31),
        ("0o17", 15),
        ("1.10", 1.1),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("5.", 5.0),
        (".inf", float("inf")),
        ("-.INF", float("-inf")),
        ("12:30", "12:30"),
        ("1_000", "1_000"),
        ("2026-11-22", "2026-11-22"),
        ("1.2.3", "1.2.3"),
        ("1" * 101, "1" * 101),
        ("=", "="),
    ],
)
def test_a_plain_scalar_is_read_by_the_core_schema_of_yaml_1_2(text: str, value: object) -> None:
    data = loaded(f"a: {text}\n").data
    assert data == {"a": value}
    assert type(data["a"]) is type(value)


def test_not_a_number_is_a_float() -> None:
    assert str(scalar(".nan")) == "nan"


def test_keys_stay_as_they_are_written() -> None:
    assert loaded("on: 1\nno: 2\n5: 3\nnull: 4\n").data == {"on": 1, "no": 2, "5": 3, "null": 4}


@pytest.mark.parametrize("text", ["'5'", '"5"', "|-\n  5", ">-\n  5"])
def test_what_is_quoted_is_text(text: str) -> None:
    assert loaded(f"a: {text}\n").data == {"a": "5"}


@pytest.mark.parametrize("text", ["\ufeffa: 1\nb: 2\n", "a: 1\r\nb: 2\r\n", "---\na: 1\nb: 2\n...\n"])
def test_byte_order_mark_line_ends_and_document_marks_do_not_matter(text: str) -> None:
    assert loaded(text).data == loaded(text.encode()).data == {"a": 1, "b": 2}


def test_a_byte_order_mark_does_not_move_columns() -> None:
    assert loaded("\ufeffa: 1").key(("a",)) == Mark(1, 1)
    assert failure(b"\xef\xbb\xbfa: 1\nb: \xff").startswith("x.yaml:2:1: is not UTF-8 text (")


def test_aliases_stand_where_they_are_used_and_merges_add_what_is_missing() -> None:
    text = "x: &x {a: 1, b: 2}\ny: &y {c: 3}\nz: {b: 9, <<: *x}\nw: {<<: [*x, *y], a: 0}\nv: *x\n"
    document = loaded(text)
    assert document.data["z"] == {"a": 1, "b": 9}
    assert document.data["w"] == {"a": 0, "b": 2, "c": 3}
    assert document.data["v"] == {"a": 1, "b": 2}
    assert document.key(("z", "a")) == Mark(1, 8)
    assert document.value(("v",)) == Mark(5, 4)
    assert document.problems == []


def test_a_quoted_merge_key_is_a_key() -> None:
    assert loaded('a: {"<<": 1}').data == {"a": {"<<": 1}}


def test_a_problem_behind_aliases_is_reported_once() -> None:
    document = loaded("x: &x {a: 1, a: 2, b: '${GONE}'}\ny: *x\nz: {<<: *x}\n")
    assert [problem.message for problem in document.problems] == ["'a' is given twice", "GONE is not set"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'${A}'", "1"),
        ("${A}", 1),
        ("${A}.5", "1.5"),
        ("'${B:-x: [y]}'", "x: [y]"),
        ("${B:-}", None),
        ("'${B:-}'", ""),
        ("${EMPTY:-7}", 7),
        ("${A}${B:-2}", "12"),
        ("'a ${JSON} b'", "a {c: [d]} b"),
        ("${JSON}", "{c: [d]}"),
        ("'${NESTED}'", "${A}"),
        ("$A", "$A"),
    ],
)
def test_variables_are_filled_in_after_parsing(text: str, value: object) -> None:
    env = {"A": "1", "EMPTY": "", "JSON": "{c: [d]}", "NESTED": "${A}"}
    document = loaded(f"a: {text}\n", **env)
    assert document.data == {"a": value}
    assert document.problems == []


def test_keys_and_comments_are_not_filled_in() -> None:
    assert loaded("'${A}': 1 # ${B}\n").data == {"${A}": 1}


@pytest.mark.parametrize("text", ["${A:-${B}}", "${}", "${A", "${a b}"])
def test_a_malformed_variable_is_a_problem_at_its_place(text: str) -> None:
    problem = loaded(f"a: 1\nb: '{text}'\n", A="1", B="2").problems[0]
    assert (problem.line, problem.column, problem.message) == (2, 4, "'${' begins a variable")


def test_an_empty_variable_counts_as_not_set() -> None:
    document = loaded("a: ${A}", A="")
    assert str(document.problems[0]) == "x.yaml:1:4: A is not set (add a line A=... to the file .env)"
    assert document.broken == {("a",)}


def test_it_remembers_how_a_value_from_the_environment_was_written() -> None:
    assert loaded("a: [x, '${A}']", A="1").variables == {("a", 1): "${A}"}


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("text", "1:1: a graph is written as 'key: value' lines"),
        ("# nothing\n", "1:1: the file is empty"),
        ("~", "1:1: the file is empty"),
        ("a: \x00", "1:4: the character U+0000 cannot stand in a graph"),
        ("a: \ud800", "1:4: the character U+D800 cannot stand in a graph"),
    ],
)
def test_what_cannot_be_read_is_said_in_plain_words(source: str, message: str) -> None:
    assert message in failure(source)


@pytest.mark.parametrize("source", ["a: !!python/object:os.system x", "a: !x {b: 1}", "a: !!str 5"])
def test_tags_are_refused(source: str) -> None:
    assert loaded(source).problems[0].message == "a graph has no tags (!...)"


values = st.recursive(
    st.none() | st.booleans() | st.integers(-9999, 9999) | st.text("ab가 :#'\"{}[],&*!|>%@-?", max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc가", min_size=1), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text("abc가", min_size=1), values, min_size=1, max_size=4), st.booleans())
def test_what_yaml_writes_is_read_back(data: dict[str, Any], flow: bool) -> None:
    text = yaml.safe_dump(data, allow_unicode=True, default_flow_style=flow)
    document = loaded(text)
    assert document.data == data
    assert document.problems == []


def test_a_file_that_is_too_large_is_not_read() -> None:
    assert "at most" in failure("#" * (MAX_BYTES + 1))
    assert loaded("#" * (MAX_BYTES - 9) + "\na: 1\n").data == {"a": 1}


@pytest.mark.parametrize("encoding", ["cp949", "utf-16", "utf-16-be"])
def test_a_graph_that_korean_notepad_saved_is_read_and_said_so(encoding: str) -> None:
    text = "name: 초코\r\nnodes: {}  # 방송 그래프\r\n"
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    document = load((mark + text).encode(encoding), "x.yaml", {})
    assert document.data == {"name": "초코", "nodes": {}}
    assert "UTF-8" in document.note
    assert load(text.encode(), "x.yaml", {}).note == ""
