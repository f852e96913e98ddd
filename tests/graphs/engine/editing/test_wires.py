"""graphs/engine/editing/wires.py: inputs are connected and disconnected, and written as they were."""

import pytest

from graphs.engine.editing.draft import Draft
from graphs.engine.editing.wires import connect, disconnect
from schemas.graph import GraphError
from tests.graphs.engine.editing.ugly import REGISTRY

HEAD = "nodes:\n  a: {type: chat.typed}\n  c: {type: chat.typed}\n"


def after(body, do, *arguments):
    draft = Draft(HEAD + body, "x", REGISTRY)
    do(draft, *arguments)
    assert draft.text.startswith(HEAD)
    return draft.text.removeprefix(HEAD)


@pytest.mark.parametrize(
    ("body", "new"),
    [
        ("  b: {type: chat.parse, guest: true}\n", "  b: {type: chat.parse, in: c, guest: true}\n"),
        ("  b: {type: chat.parse, in: a}\n", "  b: {type: chat.parse, in: [a, c]}\n"),
        ("  b: {type: chat.parse, payload: 'a'}\n", "  b: {type: chat.parse, payload: ['a', c]}\n"),
        ("  b: {type: chat.parse, in: [a]}\n", "  b: {type: chat.parse, in: [a, c]}\n"),
        ("  b: {type: chat.parse, in: {from: a}}\n", "  b: {type: chat.parse, in: [{from: a}, c]}\n"),
        (
            "  b:\n    type: chat.parse\n    in:\n    - a  # n\n",
            "  b:\n    type: chat.parse\n    in:\n    - a  # n\n    - c\n",
        ),
        ("  b:\n    type: chat.parse\n    in: |-\n      a\n", "  b:\n    type: chat.parse\n    in: [a, c]\n"),
    ],
)
def test_an_input_takes_from_one_more(body, new):
    assert after(body, connect, "b", "payload", "c") == new


@pytest.mark.parametrize(
    ("body", "new"),
    [
        ("  b: {type: chat.parse, in: c}\n", "  b: {type: chat.parse}\n"),
        ("  b: {type: chat.parse, in: [ 'a', c ]}\n", "  b: {type: chat.parse, in: 'a'}\n"),
        (
            "  b: {type: chat.parse, in: [a, {from: c, capacity: 1}]}\n",
            "  b: {type: chat.parse, in: [a, {from: c, capacity: 1}]}\n",
        ),
        ("  b: {type: chat.parse, in: [{from: a}, c]}\n", "  b: {type: chat.parse, in: {from: a}}\n"),
        ("  b: {type: chat.parse, in: [a, c, d]}\n", "  b: {type: chat.parse, in: [a, d]}\n"),
        (
            "  b:\n    type: chat.parse\n    in:\n    - c\n    - a  # n\n",
            "  b:\n    type: chat.parse\n    in:\n    - a  # n\n",
        ),
        (
            "  b:\n    type: chat.parse\n    in: [a,  # n\n      c]\n",
            "  b:\n    type: chat.parse\n    in: [a  # n\n      ]\n",
        ),
    ],
)
def test_an_input_takes_from_one_less(body, new):
    if "capacity" in body:
        with_c = new.replace("[a, {from: c, capacity: 1}]", "a")
        assert after(body, disconnect, "b", "payload", "c") == with_c
    else:
        assert after(body, disconnect, "b", "payload", "c") == new


@pytest.mark.parametrize(
    ("do", "arguments", "message"),
    [
        (connect, ("z", "payload", "a"), "there is no node z"),
        (connect, ("b", "nope", "a"), r"x:4:3: b has no input nope \(it has payload"),
        (connect, ("a", "in", "b"), "a has no input in"),
        (connect, ("b", "payload", "a"), "b.payload takes from a already"),
        (connect, ("b", "payload", "\ud800"), "half a character"),
        (disconnect, ("b", "payload", "c"), "b.payload does not take from c"),
        (disconnect, ("b", "guest", "c"), "b has no input guest"),
    ],
)
def test_what_cannot_be_is_refused_at_its_place(do, arguments, message):
    with pytest.raises(GraphError, match=message):
        after("  b: {type: chat.parse, in: a}\n", do, *arguments)
