import asyncio

import pytest

from graphs.engine.observe.why import LONGEST, search, why
from schemas.chat import ChatMessage, Withdrawn
from tests.graphs.engine.observe.show import SHOW, WIRES
from tests.graphs.engine.stage import graph_of, play

pytestmark = pytest.mark.usefixtures("no_log")


def test_every_message_has_an_answer_to_why():
    async def story(runtime):
        await runtime.idle()
        assert why(runtime, "0") == {
            "id": "0",
            "verdict": "answered",
            "turn": "t-0",
            "reason": None,
            "at": 1.5,
            "where": [],
            "channel_id": "c1",
        }
        dropped = why(runtime, "1")
        assert (dropped["verdict"], dropped["reason"], dropped["turn"]) == ("dropped", "duplicate", None)
        assert why(runtime, "nobody")["verdict"] == "unknown"

    play(graph_of(SHOW, *WIRES), story)


def test_a_message_that_waits_is_found_alone_in_a_batch_and_in_its_turn():
    show = {
        "a": ("chat.count", {"count": 3, "every_s": 0.1}),
        "b": ("chat.slow", {"work_s": 0.3}),
        "c": "chat.single",
        "d": ("audio.say", {"work_s": 60.0}),
    }

    async def story(runtime):
        await asyncio.sleep(0.45)
        assert why(runtime, "0")["where"] == []
        waiting = why(runtime, "2")
        assert (waiting["verdict"], waiting["at"], waiting["turn"]) == ("waiting", 0.3, None)
        assert waiting["where"] == ["a.out -> b.chat"]
        await asyncio.sleep(0.6)
        waiting = why(runtime, "1")
        assert (waiting["turn"], waiting["where"]) == ("t-1", ["c.out -> d.batch"])
        edge = runtime.edges["d", "speaking", "c", "speaking"]
        edge.held.add(edge)
        await asyncio.sleep(60.0)
        assert why(runtime, "1")["where"] == ["d.speaking -> c.speaking"]

    play(graph_of(show, *WIRES), story)


def test_a_search_gives_what_became_of_each_that_it_found():
    async def story(runtime):
        await runtime.idle()
        assert [each["id"] for each in search(runtime, "x", 3)] == ["3", "2", "1"]
        (found,) = search(runtime, "2", 10)
        assert (found["kind"], found["author"], found["text"], found["received"]) == ("ChatMessage", "x", "2", 3.0)
        assert (found["verdict"], found["turn"]) == ("answered", "t-2")
        assert search(runtime, "1", 10)[0]["reason"] == "duplicate"
        assert search(runtime, "nobody", 10) == []

    play(graph_of(SHOW, *WIRES), story)


def test_the_event_with_exactly_this_id_is_found_before_newer_ones_that_hold_it():
    async def story(runtime):
        for id_ in ("m1", "m10", "m11"):
            runtime.ledger.received(ChatMessage(id=id_, author="y", text="hello"))
        assert [each["id"] for each in search(runtime, "m1", 1)] == ["m1"]
        assert [each["id"] for each in search(runtime, "m1", 9)] == ["m1", "m11", "m10"]

    play(graph_of(SHOW, *WIRES), story)


def test_a_long_text_is_found_whole_and_shown_short():
    async def story(runtime):
        runtime.ledger.received(ChatMessage(id="long", author="y", text="a" * 1000 + "needle"))
        (found,) = search(runtime, "needle", 10)
        assert found["text"] == "a" * LONGEST

    play(graph_of(SHOW, *WIRES), story)


def test_what_was_withdrawn_cannot_be_found_again():
    async def story(runtime):
        runtime.ledger.received(ChatMessage(id="gone", author="y", author_id="u", text="needle"))
        assert len(search(runtime, "needle", 10)) == 1
        runtime.books._withdrawn(Withdrawn(author_id="u"))
        assert search(runtime, "needle", 10) == []

    play(graph_of(SHOW, *WIRES), story)
