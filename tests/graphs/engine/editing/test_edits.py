"""graphs/engine/editing/edits.py: the text changes only where it has to, and reads as exactly the wish."""

import collections
import copy
import functools
import os
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphs.engine.editing.edits import MOST, edited, edits_of
from graphs.engine.language.load import load_tree
from schemas.graph import GraphError
from tests.graphs.engine.editing.odd import ODD
from tests.graphs.engine.editing.oracle import judge
from tests.graphs.engine.editing.test_writing import NASTY, same
from tests.graphs.engine.editing.ugly import REGISTRY, ports, ugly
from tests.harness import ROOT

UGLY = 200
IMPOSSIBLE = "the text cannot be changed like that"
TALLY = collections.Counter()
"""What became of the edits of the law, for those who run it by hand."""


def read(text):
    document, _ = load_tree(text, "x", None)
    if document.problems:
        raise GraphError(document.problems)
    return document.data


@functools.cache
def texts():
    """All shipped graphs, the odd ones, then the ugly ones that can be read."""
    found = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "graphs").glob("*.yaml"))] + list(ODD.values())
    shipped, seed = len(found), 0
    while len(found) < shipped + UGLY:
        text = ugly(seed)
        seed += 1
        try:
            read(text)
        except GraphError:
            continue
        found.append(text)
    return found


@functools.cache
def data(number):
    return read(texts()[number])


words = st.one_of(
    st.sampled_from(NASTY), st.text(max_size=12), st.text(alphabet="ab:#-,[]{}&*!|>'\"%@` \t\n\\한", max_size=8)
)
keys = words.filter(lambda key: len(key) < 50 and key != "<<")
leaves = st.one_of(st.none(), st.booleans(), st.integers(-(10**12), 10**12), st.floats(), words)
nested = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=8
)
values = st.one_of(leaves, leaves, leaves, nested)


def paths(value, at=()):
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inside:
        yield (*at, key)
        yield from paths(each, (*at, key))


def at(value, path):
    for step in path:
        value = value[step]
    return value


@st.composite
def edits(draw):
    """One of the texts, by number, and an edit of it."""
    number = draw(st.integers(0, len(texts()) - 1))
    nodes = list(data(number)["nodes"])
    kinds = ["set", "set", "set", "new", "unset", "unset", "remove_node", "remove_node", "disconnect", "disconnect"]
    kinds += ["add_node", "copy_node", "rename", "connect", "type"]
    do, node = draw(st.sampled_from(kinds)), draw(st.sampled_from(nodes))
    body = data(number)["nodes"][node]
    if do in ("set", "new", "unset"):
        return number, draw(values_of(do, node, body))
    if do == "add_node":
        made = {
            "type": "chat.parse",
            "in": draw(st.sampled_from(nodes)),
            **draw(st.dictionaries(keys, values, max_size=3)),
        }
        new, after = draw(st.sampled_from(["new", "새_노드", node])), draw(st.sampled_from([None, *nodes]))
        return number, {
            "op": do,
            "node": new,
            "body": made,
            "after": after,
            "comment": draw(st.just("") | words.filter(lambda text: len(text) < 1000)),
        }
    if do == "remove_node":
        return number, {"op": do, "node": node, "refs": draw(st.sampled_from(["refuse", "disconnect", "disconnect"]))}
    if do in ("copy_node", "rename"):
        return number, {
            "op": do,
            "node": node,
            "to": draw(st.sampled_from(["new", "새_이름", "no", "null", "y", "a-b", "b"])),
        }
    if do == "type":
        return number, {"op": do, "node": node, "value": draw(st.sampled_from(sorted(REGISTRY)))}
    port = draw(st.sampled_from(ports(body.get("type")) or ["in"]))
    connected = body.get(port if port in body else "in", [])
    have = [each.get("from") if isinstance(each, dict) else each for each in listed(connected)]
    others = [*nodes, f"{node}.out"] if do == "connect" else [*have, *have, *have, "voice"]
    return number, {"op": do, "node": node, "port": port, "from": draw(st.sampled_from(others))}


@st.composite
def values_of(draw, do, node, body):
    within = [path for path in paths(body) if path != ("type",)]
    if do == "new" or not within:
        holder = draw(st.sampled_from([(), *(path for path in within if isinstance(at(body, path), dict | list))]))
        held = at(body, holder)
        key = len(held) if isinstance(held, list) else draw(keys.filter(lambda key: key not in held))
        after = draw(st.none() | st.sampled_from(list(held))) if isinstance(held, dict) and held else None
        return {"op": "set", "path": ["nodes", node, *holder, key], "value": draw(values), "after": after}
    near = [path for path in within if len(path) == 1 and path != ("type",)]
    path = draw(st.sampled_from(near or within) | st.sampled_from(within))
    if do == "unset":
        return {"op": "unset", "path": ["nodes", node, *path]}
    old = at(body, path)
    if isinstance(old, list) and draw(st.booleans()):
        value = draw(st.lists(st.sampled_from(old) | values if old else values, max_size=5))
    elif isinstance(old, dict) and draw(st.booleans()):
        kept = {key: each for key, each in old.items() if draw(st.booleans())}
        value = {**kept, **draw(st.dictionaries(keys, values, max_size=2))}
    else:
        value = draw(values)
    return {"op": "set", "path": ["nodes", node, *path], "value": value}


def listed(value):
    return value if isinstance(value, list) else [value]


def expected(before, op):
    """What the graph has to say after the edit, worked out on plain data."""
    want = copy.deepcopy(before)
    nodes, do = want["nodes"], op["op"]
    if do in ("set", "unset"):
        held, step = at(want, op["path"][:-1]), op["path"][-1]
        if do == "unset":
            del held[step]
        elif isinstance(held, list) and step == len(held):
            held.append(op["value"])
        elif isinstance(held, dict) and step not in held and op.get("after") in held:
            order = list(held)
            order.insert(order.index(op["after"]) + 1, step)
            rest = {**held, step: op["value"]}
            held.clear()
            held.update({key: rest[key] for key in order})
        else:
            held[step] = op["value"]
    elif do == "type":
        nodes[op["node"]]["type"] = op["value"]
    elif do == "add_node":
        order = list(nodes)
        order.insert(order.index(op["after"]) + 1 if op["after"] in order else len(order), op["node"])
        want["nodes"] = {name: {**nodes, op["node"]: op["body"]}[name] for name in order}
    elif do == "copy_node":
        order = [name for each in nodes for name in ([each, op["to"]] if each == op["node"] else [each])]
        want["nodes"] = {name: {**nodes, op["to"]: nodes[op["node"]]}[name] for name in order}
    elif do in ("remove_node", "rename"):
        named(want, op["node"], op.get("to"))
    else:
        body = nodes[op["node"]]
        key = "in" if op["port"] == ports(body["type"])[0] and op["port"] not in body else op["port"]
        was = listed(body[key]) if key in body else []
        if do == "connect":
            body[key] = [*was, op["from"]] if was else op["from"]
        else:
            body[key] = [each for each in was if (each.get("from") if isinstance(each, dict) else each) != op["from"]]
            if not body[key]:
                del body[key]
    return want


def named(want, old, new):
    """Put ``new`` in the place of every mention of a node, or take the mentions away."""

    def said(each):
        name = each.get("from") if isinstance(each, dict) else each
        if not isinstance(name, str) or name.partition(".")[0] != old:
            return each
        if new is None:
            return None
        return {**each, "from": new + name[len(old) :]} if isinstance(each, dict) else new + name[len(old) :]

    for name, body in want["nodes"].items():
        for key in [key for key in body if key in {"in", *ports(body.get("type"))} and (new or name != old)]:
            left = [each for each in map(said, listed(body[key])) if each is not None]
            body[key] = left if isinstance(body[key], list) else left[0] if left else None
            if not left:
                del body[key]
    want["nodes"] = {(new if key == old else key): body for key, body in want["nodes"].items() if new or key != old}
    stories = []
    for story in want.get("tests", ()):
        for part in [part for part in ("in", "out", "fakes") if part in story]:
            story[part] = {key: each for name, each in story[part].items() if (key := said(name)) is not None}
            if not story[part]:
                del story[part]
        if "in" in story and "out" in story:
            stories.append(story)
    if "tests" in want:
        want["tests"] = stories
        if not stories:
            del want["tests"]


def loose(one, other):
    """Equal, where a list of one reference is the same as the reference."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(loose(one[key], other[key]) for key in one)
    if isinstance(one, list) != isinstance(other, list):
        one, other = listed(one), listed(other)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(loose, one, other))
    return same(one, other)


def make(text, op):
    return edited(text, "x", edits_of([op]), REGISTRY)


def kind(error):
    return re.sub(r"'[^']*'|[\w.&*-]*\d[\w.]*|(?<=is )&\S+|\(\*.*", "_", error.problems[0].message)[:50]


def holds(number, op):
    """Fail unless the edit is made as it should be, or is refused with a reason at a place of the text."""
    old = texts()[number]
    try:
        new = make(old, op)
    except GraphError as error:
        problem = error.problems[0]
        assert problem.message
        assert IMPOSSIBLE not in problem.message
        assert 1 <= problem.line <= old.count("\n") + 1
        TALLY["refused: " + kind(error)] += 1
        return
    TALLY[f"made: {op['op']}"] += 1
    got, want = read(new), expected(data(number), op)
    if op["op"] == "rename":  # where a shared part names the node, it has to follow
        want |= {key: value for key, value in got.items() if key.startswith("x-")}
    right = loose(got, want) if op["op"] in ("remove_node", "disconnect") else same(got, want)
    assert right, (op, got, want)
    assert list(got["nodes"]) == list(want["nodes"])
    holder = at(got, op["path"][:-1]) if op["op"] == "set" else None
    if isinstance(holder, dict) and "<<" not in old:
        assert list(holder) == list(at(want, op["path"][:-1]))
    judge(old, new, op, want)


@settings(max_examples=int(os.environ.get("EDITS", "0")) or settings().max_examples)
@given(edits())
def test_an_edit_changes_what_it_has_to_and_nothing_else_or_is_refused_with_a_reason(edit):
    number, op = edit
    holds(number, op)


GRAPH = "nodes:\n  a: {type: chat.typed}\n  b: {type: chat.parse, in: a}\n"


def test_several_edits_are_one_change():
    said = [
        {"op": "add_node", "node": "c", "body": {"type": "chat.typed"}, "after": "a"},
        {"op": "copy_node", "node": "c", "to": "e"},
        {"op": "remove_node", "node": "e"},
        {"op": "connect", "node": "b", "port": "payload", "from": "c"},
        {"op": "disconnect", "node": "b", "port": "payload", "from": "a"},
        {"op": "remove_node", "node": "a"},
        {"op": "rename", "node": "c", "to": "d"},
        {"op": "type", "node": "d", "value": "chat.replay"},
        {"op": "set", "path": ["nodes", "d", "file"], "value": "x.jsonl"},
        {"op": "set", "path": ["nodes", "d", "loop"], "value": True, "after": "type"},
        {"op": "set", "path": ["name"], "value": "새"},
        {"op": "unset", "path": ["nodes", "d", "loop"]},
    ]
    made = edits_of(said)
    new = edited(GRAPH, "x", made, REGISTRY)
    assert new == "nodes:\n  d: {type: chat.replay, file: x.jsonl}\n  b: {type: chat.parse, in: d}\nname: 새\n"
    assert [each.told() for each in made] == [
        "c added",
        "e added",
        "e removed",
        "b.payload takes from c",
        "b.payload takes from a no more",
        "a removed",
        "c is called d",
        "d is chat.replay",
        "d.file",
        "d.loop",
        "name",
        "d.loop removed",
    ]


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({}, "edits.the graph: "),
        ([], "at least 1"),
        ([{"op": "unset", "path": ["a"]}] * (MOST + 1), "at most 100"),
        ([{"op": "write"}], "edits.0: .*'write'"),
        ([{"op": "set", "path": ["a"]}], r"edits\.0\.set\.value: Field required"),
        ([{"op": "set", "path": [], "value": 1}], r"edits\.0\.set\.path"),
        ([{"op": "set", "path": ["a", -1], "value": 1}], r"edits\.0\.set\.path\.1"),
        ([{"op": "unset", "path": ["a"], "more": 1}], r"edits\.0\.unset\.more"),
    ],
)
def test_what_is_no_edit_is_refused_by_name(said, message):
    with pytest.raises(ValueError, match=message):
        edits_of(said)


def test_a_node_that_is_not_there_has_no_type_to_change():
    with pytest.raises(GraphError, match="there is no node z"):
        make(GRAPH, {"op": "type", "node": "z", "value": "chat.typed"})


@pytest.mark.parametrize("node", sorted(data(1)["nodes"]))
def test_a_shipped_graph_takes_every_edit_of_every_node(node):
    text, body = texts()[1], data(1)["nodes"][node]
    for path in [("nodes", node, key) for key in body]:
        make(text, {"op": "set", "path": path, "value": "다른 값"})
    make(text, {"op": "rename", "node": node, "to": "새_이름"})
    make(text, {"op": "remove_node", "node": node, "refs": "disconnect"})
