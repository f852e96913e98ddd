"""graphs/engine/editing/draft.py: which characters belong to which value, and what may not be touched."""

import math

import pytest

from graphs.engine.editing.draft import Draft, same, told
from schemas.graph import GraphError

SHARED = "x-a: &a {p: 1}\nb: *a\nc: {<<: *a, q: 2}\n"


def draft(text):
    return Draft(text, "x", {})


def piece(text, *path):
    made = draft(text)
    found = made.walk(path)
    return text[made.body(found.place) : made.tail(found.place, found.key)]


@pytest.mark.parametrize(
    ("text", "path", "written"),
    [
        ("a: 1  # n\n", ("a",), "1"),
        ("a: &x 1\n", ("a",), "1"),
        ("a: &x\n  b: 1\n\n# n\nc: 2\n", ("a",), "b: 1"),
        ("a:\n  - 1\n  - c: 2  # n\n\nb: 3\n", ("a",), "- 1\n  - c: 2"),
        ("a: |  # n\n  x\n\n  y\n\nb: 1\n", ("a",), "|  # n\n  x\n\n  y"),
        ("a: |+\n  x\n\nb: 1\n", ("a",), "|+\n  x\n\n"),
        ("a: &x  {b: 1}\n", ("a",), "{b: 1}"),
        ("a: 1\n", (), "a: 1"),
        ("a: {b, c: 1}\n", ("a", "b"), ""),
    ],
)
def test_a_value_has_its_own_characters_and_no_comment_behind_it(text, path, written):
    assert piece(text, *path) == written


def test_items_and_pairs_have_their_spans():
    text = "a:\n-   1\n- \n-\n  b: 2\nc: [1, {d}]\n"
    made = draft(text)
    spans = made.spans(made.walk(("a",)).place)
    assert [text[start:end] for start, end in spans] == ["-   1", "-", "-\n  b: 2"]
    assert [text[start:end] for start, end in made.spans(made.walk(("c",)).place)] == ["1", "{d}"]
    assert [text[start:end] for start, end in made.spans(made.walk(("c", 1)).place)] == ["d"]


def test_what_is_shared_is_not_edited_from_where_it_is_used():
    made = draft(SHARED)
    for path, said in [
        (("b", "p"), "x:2:4: b is shared \\(\\*a\\)"),
        (("c", "p"), "there is no c.p here \\(it comes by <<\\)"),
    ]:
        with pytest.raises(GraphError, match=said):
            made.walk(path)
    with pytest.raises(GraphError, match="x:1:6: x-a is &a, which line 2 uses too"):
        made.walk(("x-a", "p"))
    with pytest.raises(GraphError, match="x-a holds &a, which line 2 uses"):
        made.free(made.walk(("x-a",)).place, ("x-a",))
    assert made.follow(("c", "p")) is made.follow(("b", "p")) is made.root.children[1].children[1]
    assert made.follow(("c", "p"), key=True).text == "p"
    with pytest.raises(GraphError, match=r"there is no c\.z here"):
        made.follow(("c", "z"))


def test_a_change_that_is_no_yaml_or_says_something_else_is_refused():
    made = draft("a: 1\nb: 2\n")
    with pytest.raises(GraphError, match="x:1:3: two edits of one place"):
        made.patch((0, 3, ""), (2, 4, ""))
    with pytest.raises(GraphError, match=r"the text cannot be changed like that: .* is missing here"):
        draft("a: 1\n").patch((3, 4, "["))
    with pytest.raises(
        GraphError, match="x:2:1: the text cannot be changed like that: it would read as something else"
    ):
        made.expect({"a": 1, "b": 2.0}, ("b",))
    made.expect({"b": 2, "a": 1}, ())


def test_what_is_not_a_plain_graph_is_not_edited():
    with pytest.raises(GraphError, match="is given twice"):
        draft("a: 1\na: 2\n")
    with pytest.raises(GraphError, match=r"x:2:4: the line break U\+2028"):
        draft("a: 1\n# x\u2028\n")
    with pytest.raises(GraphError, match="something else stands on this line"):
        draft("a: [1, 2]\n").next(5)


def test_equal_means_of_the_same_type():
    assert same({"a": [1, math.nan]}, {"a": [1, math.nan]})
    for one, other in [(1, 1.0), (1, True), ([1], [1, 2]), ({"a": 1}, {"b": 1}), (1, 2), (math.nan, 1.0)]:
        assert not same(one, other)
    assert told(("nodes", "a", 0)) == "nodes.a.0"
    assert told(()) == "the graph"


def test_lists_of_another_form_are_refused():
    made = draft("a:\n- 1\n- 2\n")
    place = made.walk(("a",)).place
    made.text = made.text.replace("- 2", "  2")
    with pytest.raises(GraphError, match="this list is not understood"):
        made.spans(place)
