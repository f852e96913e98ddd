"""graphs/engine/editing/writing.py: what is written is read as exactly the value."""

import math

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from graphs.engine.editing.writing import CannotWrite, commented, pair, quoted, rendered
from graphs.engine.language.load import load, load_tree

NASTY = [
    "no", "on", "y", "12:30", "0x10", "1e3", "~", "null", "", " a", "a ", "#x", "a #b", "a: b", "- x", "${A}",
    "[a]", "{", "*a", "&a", "!x", "|", "> ", "'", '"', "\\", "\t", "a\tb", "\n", "a\nb\n", "한글", "😀 a", "\u2028",
    "\x85", "\ufeff", "\x00", "%", "@", "`", "=", "<<", "2024-01-01", "1_000", "0o17", "017", "+1", ".5", "1.", "-",
    "?", ":", "a:", "::", "...", "---", "TRUE", "http://x:1/?a=b&c#d", "a, b", "it's", 'say "x"', "\r\n", "-.inf",
    ".nan", "9" * 101, "a" * 1100, "\x7f", "\U000e0001", "a\u00a0",
]  # fmt: skip
LEAVES = st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats() | st.text() | st.sampled_from(NASTY)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4)
)


def same(a: object, b: object) -> bool:
    """Equal, also in type; not a number equals itself."""
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b or (isinstance(a, float) and math.isnan(a) and math.isnan(b))


def read(text: str) -> object:
    return load_tree(text, "x", None)[0].data["a"]


@given(VALUES)
def test_every_value_reads_as_itself_in_a_block_and_in_brackets(value: object) -> None:
    said = rendered(value)
    assert "\n" not in said
    assert same(read(f"a: {said}\n"), value)
    assert same(read(f"a: {{b: [{said}, 1]}}\n"), {"b": [value, 1]})


@pytest.mark.parametrize("style", ["", "'", '"'])
@pytest.mark.parametrize("text", [each for each in NASTY if len(each) < 1000 and "${" not in each])
def test_every_text_reads_as_itself_whatever_quotes_it_had(text: str, style: str) -> None:
    assert read(f"a: {quoted(text, style)}\n") == text
    assert load(f"a: {{{quoted(text, style, key=True)}: 1}}\n", "x", {}).data == {"a": {text: 1}}


def test_texts_are_plain_where_every_yaml_reads_them_as_texts() -> None:
    assert [rendered(each) for each in ("config/a.txt", "초코 모카", "split.sentence", "a:b")] == [
        "config/a.txt", "초코 모카", "split.sentence", "a:b",
    ]  # fmt: skip
    for each in ("no", "y", "12:30", "2024-01-01", "1_000", "${A:-b}", "0o17", "=", "a: b"):
        assert rendered(each) == f'"{each}"'
        if "${" not in each:
            assert yaml.safe_load(f"a: {rendered(each)}") == {"a": each}


def test_quotes_are_kept_where_they_can_hold_the_text() -> None:
    assert quoted("it's", "'") == "'it''s'"
    assert quoted("a", '"') == '"a"'
    assert quoted("a\nb", "'") == '"a\\nb"'
    assert quoted("\u2028\x85", "'") == '"\\u2028\\x85"'
    assert quoted("a" * 100) == "a" * 100
    assert quoted("a" * 1000, key=True) == "a" * 1000


def test_numbers_read_the_same_in_both_yamls() -> None:
    for number in (1e-05, 1e22, 0.1, -0.0, 3.0, math.inf, -math.inf):
        assert same(read(f"a: {rendered(number)}"), number)
        assert same(yaml.safe_load(f"a: {rendered(number)}")["a"], number)
    assert rendered(math.nan) == ".nan"
    assert [rendered(each) for each in (None, True, False, 12)] == ["null", "true", "false", "12"]


def test_what_a_graph_cannot_hold_is_refused() -> None:
    for value in ("\ud800", {"\udfff": 1}):
        with pytest.raises(CannotWrite, match="half a character"):
            rendered(value)
    for text in ("a" * 1001, "\x00" * 300):
        with pytest.raises(CannotWrite, match="at most 1000 characters"):
            quoted(text, key=True)
    with pytest.raises(CannotWrite, match="cannot hold a set"):
        rendered({1, 2})
    with pytest.raises(CannotWrite, match="a key of a graph is text"):
        pair(1, 2)


def test_a_comment_has_a_sign_on_each_of_its_lines() -> None:
    assert commented("메모\n\n  둘 \x85 \u2028x\ud800", 2) == ["  # 메모", "  # 둘    x"]
    assert commented("") == []
