"""graphs/engine/language/compose.py: YAML within limits, and syntax errors in plain words."""

from pathlib import Path

import pytest
import yaml

from graphs.engine.language import compose as compose_module
from graphs.engine.language.document import Mark
from tests.graphs.small import assert_expected, bad, failure, loaded


@pytest.mark.parametrize("file", bad("compose"), ids=lambda file: file.stem)
def test_a_wrong_graph_gets_exactly_the_problems_that_its_comments_expect(file: Path) -> None:
    assert_expected(file.read_bytes())


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("a:\n \tb: 1\n", "2:2: a tab (YAML is indented with spaces)"),
        ("a: \t@\n", "a text cannot begin with @"),
        ("a: {b: ${C}}", '1:8: ${C} needs quotes here (write "${C}")'),
        ("a: {b: ${C", "${...} needs quotes here"),
        ("a: [b, c\nd: e\n", "',' or ']' is missing here (for the bracket of line 1, column 4)"),
        ("a: 'b\n", "1:4: this quote is never closed"),
        ("a: b\rc: [d", "2:6: ',' or ']' is missing here"),
        ("a: [b", "1:6: ',' or ']' is missing here (for the bracket of line 1, column 4)"),
        ("a: %b\n", "1:4: a text cannot begin with % (put it in quotes)"),
        ("a: b\n  c: d\n", "a ':' where none can be"),
        ("a:\n  - b\n c: d\n", "3:2: this does not line up with the lines above"),
        ('a: "\\q"', "this is not YAML: "),
        ("a: 1\n---\nb: 2\n", "2:1: a second document begins here"),
        ("a: *b", "1:4: there is no '&b' above"),
        ("a: &a [*a]", "1:8: '*a' stands inside of '&a'"),
    ],
)
def test_what_cannot_be_read_is_said_in_plain_words(source: str, message: str) -> None:
    assert message in failure(source)


def test_depth_counts_through_aliases() -> None:
    nested = "[" * 20 + "]" * 20
    assert "nested too deeply" in failure(f"a: &a {nested}\nb: {'[' * 15}*a{']' * 15}\n")
    assert "nested too deeply" in failure(f"a: &a [{nested}, 1]\nb: {'[' * 15}*a{']' * 15}\n")
    loaded(f"a: {'[' * 30}1{']' * 30}")


def test_an_alias_counts_as_often_as_it_is_used() -> None:
    assert "too much" in failure("a: &a [" + "1," * 150 + "]\nb: [" + "*a," * 90 + "]\n")
    assert "too much" in failure("a: &a 1\nb: [" + "*a," * 101 + "]\n")


def test_the_slow_parser_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compose_module, "_LOADER", yaml.SafeLoader)
    document = loaded("가: {a: '1', b: 2}\nc: ${A:-x}\n")
    assert document.data == {"가": {"a": "1", "b": 2}, "c": "x"}
    assert document.value(("가", "b")) == Mark(1, 16)
    for source in (
        "a: {b: ${C}}",
        "a:\n\tb: 1\n",
        "a: 'b\n",
        "a: [b\nc: d\n",
        "a: b: c",
        "a: @b",
        "a:\n  - b\n c: d\n",
    ):
        assert "this is not YAML" not in failure(source)


def test_nothing_at_the_end_of_a_file_stands_where_the_file_ends() -> None:
    assert loaded("a: 1\n? b").value(("b",)) == Mark(2, 4)
    assert loaded("a: 1\n? b\n").value(("b",)) == Mark(3, 1)
