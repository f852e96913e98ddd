"""Files that are written in odd ways are edited as little as any other, or not at all and with the reason."""

import pytest

from graphs.engine.editing.edits import edited, edits_of
from graphs.engine.editing.script import Script
from schemas.graph import GraphError
from tests.graphs.engine.editing.odd import ODD, UNREADABLE
from tests.graphs.engine.editing.test_edits import TALLY, data, holds, make, paths, read, texts
from tests.graphs.engine.editing.ugly import REGISTRY

LEAST_MADE = 0.3
"""At least this part of the edits is made: the rest is refused because of what is shared, or asks for nonsense."""
REFUSED = ("explicit keys",)
"""Files of which only what stands elsewhere can be edited."""


@pytest.mark.parametrize("name", ODD)
def test_every_edit_of_an_odd_file_changes_only_its_own_place_or_is_refused_with_a_reason(name):
    number = texts().index(ODD[name])
    nodes = data(number)["nodes"]
    before = TALLY.copy()
    for node, body in nodes.items():
        for path in [path for path in paths(body) if path != ("type",)]:
            for value in (3, "다른: 값", ["하나", "둘"], {"k": None}, []):
                holds(number, {"op": "set", "path": ["nodes", node, *path], "value": value})
            holds(number, {"op": "unset", "path": ["nodes", node, *path]})
        for key in ("type", *body):
            holds(number, {"op": "set", "path": ["nodes", node, "max_repeat"], "value": 4, "after": key})
        holds(number, {"op": "type", "node": node, "value": "chat.batch"})
        holds(number, {"op": "copy_node", "node": node, "to": "새_이름"})
        holds(number, {"op": "rename", "node": node, "to": "새_이름"})
        for refs in ("refuse", "disconnect"):
            holds(number, {"op": "remove_node", "node": node, "refs": refs})
        for other in nodes:
            holds(number, {"op": "connect", "node": node, "port": "chat", "from": other})
            holds(number, {"op": "disconnect", "node": node, "port": "chat", "from": other})
        holds(number, {"op": "add_node", "node": "n", "body": {"type": "chat.typed"}, "after": node, "comment": "새"})
    done = TALLY - before
    made = sum(count for what, count in done.items() if what.startswith("made"))
    assert name in REFUSED or made > LEAST_MADE * done.total(), done


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_is_not_a_graph_is_not_edited_and_the_reason_is_told(name):
    text, reason = UNREADABLE[name]
    for op in ({"op": "set", "path": ["name"], "value": "x"}, {"op": "remove_node", "node": "a"}):
        with pytest.raises(GraphError, match=reason):
            make(text, op)


@pytest.mark.parametrize("end", ["\r\n", "\r"])
@pytest.mark.parametrize("name", [name for name in ODD if name not in ("json", *REFUSED)])
def test_line_ends_and_the_mark_of_a_file_stay_while_it_is_edited(name, end):
    raw = b"\xef\xbb\xbf" + ODD[name].replace("\n", end).encode()
    script, node = Script(raw, "x"), next(iter(read(ODD[name])["nodes"]))
    edits = edits_of([{"op": "copy_node", "node": node, "to": "새_이름"}])
    new = script.bytes(edited(script.text, "x", edits, REGISTRY))
    assert new.startswith(b"\xef\xbb\xbf")
    assert b"\n" not in new.replace(end.encode(), b"")
    assert Script(new, "x").text == edited(ODD[name], "x", edits, REGISTRY)
