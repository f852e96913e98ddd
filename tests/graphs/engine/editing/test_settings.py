"""graphs/engine/editing/settings.py: a value is set with as little change as can be."""

import pytest

from graphs.engine.editing.draft import Draft
from graphs.engine.editing.settings import set_value, unset
from schemas.graph import GraphError


def after(text, do, *arguments):
    draft = Draft(text, "x", {})
    do(draft, *arguments)
    return draft.text


@pytest.mark.parametrize(
    ("text", "path", "value", "new"),
    [
        ("a: {b: 1}\n", ("a", "b"), 1, "a: {b: 1}\n"),
        ("a: {b: 1}\n", ("a", "b"), 1.0, "a: {b: 1.0}\n"),
        ("a: {b: 1}\n", ("a", "c"), 2, "a: {b: 1, c: 2}\n"),
        ("a:\n", ("a", "c"), 2, "a: {c: 2}\n"),
        ("a: []\n", ("a", 0), 2, "a: [2]\n"),
        ("a:\n- 1  # n\n", ("a", 1), 2, "a:\n- 1  # n\n- 2\n"),
        ("a: {b: 1, c: [1]}\n", ("a",), {"b": 2, "d": 3}, "a: {b: 2, d: 3}\n"),
        ("a:\n- 1  # n\n- 2\n- '3'  # m\n", ("a",), [1, 9, 8, "3"], "a:\n- 1  # n\n- 9\n- 8\n- '3'  # m\n"),
        ("a: [1, 2, 3]\n", ("a",), [3], "a: [3]\n"),
        ("a: [1]\n", ("a",), [], "a: []\n"),
        ("x: &n {b: 1}\na: {<<: *n, c: 1}\n", ("a", "b"), 2, "x: &n {b: 1}\na: {<<: *n, c: 1, b: 2}\n"),
    ],
)
def test_only_what_differs_is_written(text, path, value, new):
    assert after(text, set_value, path, value) == new


def test_a_new_key_stands_behind_the_one_that_is_named():
    assert after("a: {b: 1, c: 2}\n", set_value, ("a", "d"), 3, "b") == "a: {b: 1, d: 3, c: 2}\n"
    assert after("a: {b: 1, c: 2}\n", set_value, ("a", "d"), 3, "z") == "a: {b: 1, c: 2, d: 3}\n"


@pytest.mark.parametrize(
    ("text", "path", "value", "message"),
    [
        ("a: 1\n", (), 1, "name what to change"),
        ("a: 1\n", ("a", "b"), 1, "a can hold no keys"),
        ("a: [1]\n", ("a", 5), 1, "a can hold no item 5"),
        ("a: {b: 1}\n", ("a", 0), 1, "a can hold no item 0"),
        ("a: 1\n", ("a",), "\ud800", "half a character"),
        ("a: 1\n", ("a",), {1}, "cannot hold a set"),
        ("a: 1\n", ("a",), 10**101, "it would read as something else"),
        ("a: &n {b: 1}\nc: *n\n", ("c", "d"), 1, r"c is shared \(\*n\) \(edit it where &n stands"),
        ("a: &n {b: 1}\nc: *n\n", ("a", "b"), 1, "a is &n, which line 2 uses too"),
        ("a: &n {b: 1}\nc: *n\n", ("a",), {"b": 2}, "a holds &n, which line 2 uses"),
    ],
)
def test_what_cannot_be_set_is_refused_with_the_reason(text, path, value, message):
    with pytest.raises(GraphError, match=message):
        after(text, set_value, path, value)


def test_what_is_unset_is_gone_unless_something_shared_says_it_too():
    assert after("a: {b: 1, c: 2}\n", unset, ("a", "b")) == "a: {c: 2}\n"
    assert after("a: [1, 2]\n", unset, ("a", 0)) == "a: [2]\n"
    with pytest.raises(GraphError, match=r"a\.b comes by << too, and would hold then"):
        after("x: &n {b: 1}\na: {<<: *n, b: 2, c: 3}\n", unset, ("a", "b"))
