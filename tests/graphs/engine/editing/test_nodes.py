"""graphs/engine/editing/nodes.py: nodes come, go and change their names with everything that refers to them."""

import pytest

from graphs.engine.editing.draft import Draft
from graphs.engine.editing.nodes import add_node, copy_node, remove_node, rename_node
from schemas.graph import GraphError
from tests.graphs.engine.editing.ugly import REGISTRY

GRAPH = """\
nodes:
  a: {type: chat.typed}  # 글
  # 읽는 곳
  b: {type: chat.parse, in: [a, c]}
  c: {type: chat.typed}
  d:
    type: chat.filter
    in: b.out
tests:
  - name: one
    in: {b: "-a"}
    out: {d: "-a", b.out: "-a"}
  - name: two
    in: {c: "-a"}
    out: {d: "-a"}
    fakes: {b: [x]}
"""


def after(text, do, *arguments, **options):
    draft = Draft(text, "x", REGISTRY)
    do(draft, *arguments, **options)
    return draft.text


def test_a_node_comes_behind_the_one_that_is_named_with_its_comment():
    new = after(GRAPH, add_node, "e", {"type": "chat.parse", "in": "a"}, "a", "하나\n둘")
    assert new == GRAPH.replace("  # 읽는", "  # 하나\n  # 둘\n  e: {type: chat.parse, in: a}\n  # 읽는")
    assert after(GRAPH, add_node, "e", {"type": "x"}) == GRAPH.replace("tests:", "  e: {type: x}\ntests:")


def test_a_long_node_has_a_line_for_each_key():
    body = {"type": "chat.parse", "words": ["한글" * 80, "no"]}
    new = after("nodes:\n  a: {type: x}\n", add_node, "e", body)
    assert new == f'nodes:\n  a: {{type: x}}\n  e:\n    type: chat.parse\n    words: [{"한글" * 80}, "no"]\n'
    assert after("nodes: {a: {type: x}}\n", add_node, "e", body).count("\n") == 1


def test_the_first_node_comes_too():
    for text in ("name: x\n", "name: x\nnodes:\n", "name: x\nnodes: {}\n"):
        assert after(text, add_node, "e", {"type": "x"}) == "name: x\nnodes: {e: {type: x}}\n"


@pytest.mark.parametrize(
    ("do", "arguments", "message"),
    [
        (add_node, ("a", {}), "x:2:3: there is already a node a"),
        (add_node, ("1x", {}), r"'1x' cannot be the name of a node \(begin with a letter"),
        (add_node, ("e\n", {}), "cannot be the name"),
        (add_node, ("e", {"a": "\ud800"}), "half a character"),
        (remove_node, ("z",), "x:1:1: there is no node z"),
        (remove_node, ("b",), r"x:4:3: d takes from b and 2 of the graph's tests name b \(disconnect"),
        (remove_node, ("a",), r"b takes from a \("),
        (rename_node, ("z", "y"), "there is no node z"),
        (rename_node, ("a", "b"), "x:4:3: there is already a node b"),
        (rename_node, ("a", "a b"), "cannot be the name"),
    ],
)
def test_what_cannot_be_is_refused_at_its_place(do, arguments, message):
    with pytest.raises(GraphError, match=message):
        after(GRAPH, do, *arguments)


def test_a_node_that_goes_leaves_inputs_and_tests_without_it():
    new = after(GRAPH, remove_node, "b", disconnect=True)
    assert new == (
        "nodes:\n  a: {type: chat.typed}  # 글\n  c: {type: chat.typed}\n  d:\n    type: chat.filter\n"
        'tests:\n  - name: two\n    in: {c: "-a"}\n    out: {d: "-a"}\n'
    )
    assert "in: a}" in after(GRAPH, remove_node, "c", disconnect=True)
    assert "tests" not in after(after(GRAPH, remove_node, "c", disconnect=True), remove_node, "b", disconnect=True)
    one = GRAPH.replace('out: {d: "-a", b.out', 'out: {d: "-a", a.out')
    assert after(one, remove_node, "a", disconnect=True) == one.replace("  a: {type: chat.typed}  # 글\n", "").replace(
        "[a, c]", "c"
    ).replace(', a.out: "-a"', "")


def test_a_copy_stands_behind_its_model_and_nothing_takes_from_it():
    assert after(GRAPH, copy_node, "b", "e") == GRAPH.replace("  c: {", "  e: {type: chat.parse, in: [a, c]}\n  c: {")
    assert "  e: {type: chat.filter, in: b.out}\ntests" in after(GRAPH, copy_node, "d", "e")
    for old, new in (("z", "e"), ("a", "b")):
        with pytest.raises(GraphError):
            after(GRAPH, copy_node, old, new)


def test_a_name_changes_wherever_the_graph_says_it():
    new = after(GRAPH, rename_node, "b", "no")
    assert new == (GRAPH.replace("  b:", '  "no":').replace("b.out", "no.out").replace("{b:", '{"no":'))
    for old in "acd":
        assert after(after(GRAPH, rename_node, old, "새_이름"), rename_node, "새_이름", old) == GRAPH


def test_a_shared_part_that_names_the_node_follows_if_nothing_else_uses_it():
    text = "x-i: &i {in: a.out}\nnodes:\n  a: {type: chat.typed}\n  b: {type: chat.parse, <<: *i}\n"
    assert after(text, rename_node, "a", "z") == text.replace("a.out", "z.out").replace("  a:", "  z:")
    with pytest.raises(GraphError, match="x:1:6: &i names a, and is used where that is not an input too"):
        after(text + "  c: {type: chat.typed, s: *i}\n", rename_node, "a", "z")
    with pytest.raises(GraphError, match="written as a block"):
        after(
            "nodes:\n  a: {type: chat.typed}\n  b:\n    type: chat.parse\n    in: |-\n      a\n", rename_node, "a", "z"
        )


def test_nodes_on_one_line_take_no_comment():
    with pytest.raises(GraphError, match="no comment can stand among nodes on one line"):
        after("nodes: {a: {type: x}}\n", add_node, "e", {}, None, "말")
