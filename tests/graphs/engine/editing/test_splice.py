"""graphs/engine/editing/splice.py: a value is replaced, inserted or removed, and all around it stays."""

import pytest

from graphs.engine.editing.draft import Draft
from graphs.engine.editing.splice import insert, remove, replace, value_at
from schemas.graph import GraphError


def after(do, text, *arguments, **options):
    draft = Draft(text, "x", {})
    do(draft, *arguments, **options)
    return draft.text


@pytest.mark.parametrize(
    ("text", "path", "value", "new"),
    [
        ("a: 1  # n\n", ("a",), 2, "a: 2  # n\n"),
        ("a: 'x'\n", ("a",), "it's", "a: 'it''s'\n"),
        ("a: &n 1\n", ("a",), 2, "a: &n 2\n"),
        ("a:  # n\n", ("a",), 1, "a: 1  # n\n"),
        ("a: &n  # n\n", ("a",), 1, "a: &n 1  # n\n"),
        ("a:\n- &n\n- 2\n", ("a", 0), 1, "a:\n- &n 1\n- 2\n"),
        ("a:\n-\n- 2\n", ("a", 0), 1, "a:\n- 1\n- 2\n"),
        ("a: {b, c: 1}\n", ("a", "b"), 1, "a: {b: 1, c: 1}\n"),
        ('a: {"b":1}\n', ("a", "b"), 2, 'a: {"b": 2}\n'),
        ("a: |  # n\n  x\n\nb: 1\n", ("a",), "z", "a: z  # n\n\nb: 1\n"),
        ("a: |\nb: 1\n", ("a",), "z", "a: z\nb: 1\n"),
        ("a:  # n\n  # over\n  b: 1  # in\n  c: 2\n# under\nd: 3\n", ("a",), 0, "a: 0  # n\n  # over\n# under\nd: 3\n"),
        ("a: &n\n  b: 1\nc: 2\n", ("a",), 0, "a: &n 0\nc: 2\n"),
        ("a:\n- b: 1\n  c: 2\n- 3\n", ("a", 0), 0, "a:\n- 0\n- 3\n"),
        ("x: &n 1\na: *n  # n\n", ("a",), 2, "x: &n 1\na: 2  # n\n"),
        ("a: [1,\n  2]  # n\n", ("a",), {"b": 1}, "a: {b: 1}  # n\n"),
    ],
)
def test_a_value_is_replaced_and_its_comments_stay(text, path, value, new):
    assert after(replace, text, path, value) == new


@pytest.mark.parametrize(
    ("text", "index", "new"),
    [
        ("a: []\n", 0, "a: [9]\n"),
        ("a: [1, 2]\n", 0, "a: [9, 1, 2]\n"),
        ("a: [1, 2]\n", 2, "a: [1, 2, 9]\n"),
        ("a: [1, 2, ]\n", 2, "a: [1, 2, 9, ]\n"),
        ("a: [\n  1,  # n\n  2  # m\n]\n", 2, "a: [\n  1,  # n\n  2,  # m\n  9\n]\n"),
        ("a: [\n  1,\n  2,  # m\n]\n", 2, "a: [\n  1,\n  2,  # m\n  9,\n]\n"),
        ("a: [\n  1,\n  2\n]\n", 2, "a: [\n  1,\n  2,\n  9\n]\n"),
        ("a: [\n  1,\n  2]\n", 2, "a: [\n  1,\n  2,\n  9]\n"),
        ("a: [\n  1,\n  2\n]\n", 1, "a: [\n  1,\n  9,\n  2\n]\n"),
        ("a:\n  - 1  # n\n  # m\n  - 2\n", 1, "a:\n  - 1  # n\n  - 9\n  # m\n  - 2\n"),
        ("a:\n- 1\n- 2", 2, "a:\n- 1\n- 2\n- 9"),
        ("a:\n- 1\n", 0, "a:\n- 9\n- 1\n"),
    ],
)
def test_an_item_is_written_as_its_neighbours_are(text, index, new):
    assert after(insert, text, ("a",), index, "9") == new


def test_further_lines_of_a_pair_are_indented_as_the_first_one():
    assert after(insert, "a:\n   b: 1\n", ("a",), 1, "# n\nc: 2") == "a:\n   b: 1\n   # n\n   c: 2\n"


@pytest.mark.parametrize(
    ("text", "path", "new"),
    [
        ("a: 1  # n\n# over\nb: 2\n", ("a",), "# over\nb: 2\n"),
        ("# over\na: 1\nb: 2", ("b",), "# over\na: 1"),
        ("a:\n  b: 1  # n\nc: 2\n", ("a", "b"), "a: {}\nc: 2\n"),
        ("a:\n- 1\nc: 2\n", ("a", 0), "a: []\nc: 2\n"),
        ("a:\n- b: 1\n  c: 2\n", ("a", 0, "b"), "a:\n- c: 2\n"),
        ("a: |\n  x\n\nb: 1\n", ("a",), "\nb: 1\n"),
        ("a: [1, 2, 3]\n", ("a", 0), "a: [2, 3]\n"),
        ("a: [1, 2, 3]\n", ("a", 1), "a: [1, 3]\n"),
        ("a: [1, 2, 3]\n", ("a", 2), "a: [1, 2]\n"),
        ("a: [1, 2, 3,]\n", ("a", 2), "a: [1, 2, ]\n"),
        ("a: [1]\n", ("a", 0), "a: []\n"),
        ("a: [\n  1,  # n\n  2  # m\n]\n", ("a", 0), "a: [\n  2  # m\n]\n"),
        ("a: [\n  1,  # n\n  2  # m\n]\n", ("a", 1), "a: [\n  1  # n\n]\n"),
        ("a: [1,  # n\n  2]\n", ("a", 1), "a: [1  # n\n  ]\n"),
        ("a: [1, 2,\n  3]\n", ("a", 1), "a: [1,\n  3]\n"),
    ],
)
def test_what_is_removed_takes_its_line_and_its_comma_along(text, path, new):
    assert after(remove, text, path) == new


def test_only_the_comment_right_above_goes_along_and_only_if_it_is_asked_for():
    text = "a:\n  b: 1\n # other\n  # one\n  # two\n  c: 2\n"
    assert after(remove, text, ("a", "c")) == "a:\n  b: 1\n # other\n  # one\n  # two\n"
    assert after(remove, text, ("a", "c"), comments=True) == "a:\n  b: 1\n # other\n"
    assert after(remove, "# one\na: 1\nb: 2\n", ("a",), comments=True) == "b: 2\n"


def test_a_kept_block_of_lines_above_does_not_grow_by_the_blank_lines_below():
    text = "a: |+\n  one\n\nb: 1\n  \n\n# two\nc: 2\n"
    assert after(remove, text, ("b",)) == "a: |+\n  one\n\n# two\nc: 2\n"
    assert after(remove, text.replace("b: 1", "# of b\nb: 1"), ("b",), comments=True) == "a: |+\n  one\n\n# two\nc: 2\n"
    assert after(remove, "a: |\n  one\nb: 1\n\nc: 2\n", ("b",)) == "a: |\n  one\n\nc: 2\n", "others keep theirs"


def test_a_block_of_lines_keeps_its_last_line_break_when_what_stands_below_is_removed():
    assert after(remove, "a: |\n  one\nb: 1", ("b",)) == "a: |\n  one\n"
    assert after(remove, "a: 1\nb: 1", ("b",)) == "a: 1", "the last line had no end, so the new last one has none"


@pytest.mark.parametrize(
    ("do", "text", "arguments", "message"),
    [
        (insert, "a: 1\n", (("a",), 0, "9"), "a holds no list and no keys"),
        (insert, "a: [b: 1]\n", (("a", 0), 1, "c: 2"), "a pair without its braces"),
        (remove, "a: 1\n", ((),), "the graph itself cannot be removed"),
        (remove, "a: 1\n", (("a",),), "the only value"),
        (remove, "a:\n- b: 1  # n\n  c: 2\n", (("a", 0, "b"),), "a comment stands in the way"),
        (remove, "a: &n 1\nb: *n\n", (("a",),), "a holds &n, which line 2 uses"),
        (replace, "a: [&n 1]\nb: *n\n", (("a",), 1), "a holds &n, which line 2 uses"),
    ],
)
def test_what_cannot_be_done_safely_is_refused_with_the_reason(do, text, arguments, message):
    with pytest.raises(GraphError, match=message):
        after(do, text, *arguments)


def test_the_value_at_a_path_is_what_the_text_says():
    assert value_at(Draft("a: [1, {b: '${X}'}]\n", "x", {}), ("a", 1, "b")) == "${X}"
