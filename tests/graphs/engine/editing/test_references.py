"""graphs/engine/editing/references.py: every mention of a node is found, and nothing else."""

from graphs.engine.editing.references import inputs, items, named, nodes_of, ports, references
from graphs.engine.language.load import load
from tests.graphs.engine.editing.ugly import REGISTRY

TEXT = """
nodes:
  a: {type: chat.typed}
  b: {type: chat.parse, in: [a, {from: a.out, capacity: 3}, {capacity: 3}, 5]}
  c: {type: chat.batch, chat: b, speaking: {from: a}, s: a}
  d: {in: a, chat: a}
  e: a
tests:
- {name: a, in: {a: "-a"}, out: {b.out: [a], c: a}, fakes: {d: [a]}, events: {a: {chat: a}}}
- a
- {in: a}
"""


def test_inputs_and_the_keys_of_tests_name_nodes_and_nothing_else_does():
    found = [
        (each.text, each.key, ".".join(map(str, each.path))) for each in references(load(TEXT, "x", {}).data, REGISTRY)
    ]
    assert found == [
        ("a", False, "nodes.b.in.0"),
        ("a.out", False, "nodes.b.in.1.from"),
        ("b", False, "nodes.c.chat"),
        ("a", False, "nodes.c.speaking.from"),
        ("a", False, "nodes.d.in"),
        ("a", True, "tests.0.in.a"),
        ("b.out", True, "tests.0.out.b.out"),
        ("c", True, "tests.0.out.c"),
        ("d", True, "tests.0.fakes.d"),
    ]
    named_a = [each for each in references(load(TEXT, "x", {}).data, REGISTRY) if each.names("a")]
    assert len(named_a) == 5


def test_what_is_no_graph_has_no_references():
    for data in ({}, {"nodes": 1}, {"nodes": {"a": None}, "tests": {"a": 1}}):
        assert list(references(data, REGISTRY)) == []
    assert nodes_of({"nodes": []}) == {}
    assert inputs(None, REGISTRY) == []
    assert inputs({"type": ["x"], "in": "a", "chat": "b"}, REGISTRY) == ["in"]
    assert ports({"type": "no.such"}, REGISTRY) == []
    assert items("a") == ["a"]
    assert [named(each) for each in ("a", {"from": "b"}, {}, 3)] == ["a", "b", "", ""]
