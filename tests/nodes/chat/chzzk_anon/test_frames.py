"""The frames of CHZZK's web chat, without I/O."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.chat._chzzk_anon.frames import ACCEPT_S, PING_S, RECENT_S, SILENCE_S, ChatWire, Seen, Took
from schemas.chat import RawPayload
from tests.harness import run
from tests.nodes.chat.chzzk_anon_service import CHANNEL, frame, message, recent

pytestmark = pytest.mark.usefixtures("english")

WELCOME = frame(10100, {"sid": "s1"}, retCode=0)


def wire(seen: Seen | None = None, *, accepted: bool = True) -> ChatWire:
    made = ChatWire(CHANNEL, "N1", "token", seen or Seen(), 0.0)
    if accepted:
        made.receive(WELCOME, 0.0)
    return made


def test_being_let_in_asks_for_the_recent_messages() -> None:
    took = wire(accepted=False).receive(WELCOME, 1.0)
    assert took.accepted
    assert json.loads(took.send) == {
        "ver": "3",
        "cmd": 5101,
        "svcid": "game",
        "cid": "N1",
        "tid": 2,
        "sid": "s1",
        "bdy": {"recentMessageCount": 50},
    }


def test_not_being_let_in_ends_it_without_the_token() -> None:
    assert wire(accepted=False).receive(frame(10100, {}, retCode=301), 1.0) == Took(
        ended="the chat does not let us in (301)"
    )


def test_no_answer_to_the_first_frame_ends_it() -> None:
    silent = wire(accepted=False)
    assert silent.wake_at == ACCEPT_S
    assert silent.due(ACCEPT_S - 0.1) == Took()
    assert "connect frame" in silent.due(ACCEPT_S).ended


def test_pings_are_sent_and_silence_ends_it() -> None:
    quiet = wire()
    assert quiet.wake_at == PING_S
    assert json.loads(quiet.due(PING_S).send) == {"ver": "3", "cmd": 0}
    assert quiet.due(PING_S + 1) == Took()
    assert quiet.wake_at == SILENCE_S
    quiet.receive('{"cmd":10000}', PING_S + 1)
    assert quiet.wake_at == 2 * PING_S
    quiet.due(2 * PING_S)
    assert "nothing came" in quiet.due(PING_S + 1 + SILENCE_S).ended


def test_a_ping_is_answered_and_counts_as_one_of_ours() -> None:
    asked = wire()
    assert json.loads(asked.receive('{"ver":"3","cmd":0}', 5.0).send) == {"ver": "3", "cmd": 10000}
    assert asked.wake_at == 5.0 + PING_S


def test_the_recent_messages_of_the_first_connection_are_only_remembered() -> None:
    first = wire()
    assert first.receive(frame(15101, {"messageList": [recent("a", "old", 1)]}), 1.0).events == []
    assert first.receive(frame(93101, [message("a", "old", 1)]), 2.0).events == []
    assert len(first.receive(frame(93101, [message("a", "new", 2)]), 2.0).events) == 1


def test_recent_messages_that_are_much_older_than_the_newest_are_not_given_later() -> None:
    seen = Seen()
    seen.primed = True
    late = int(RECENT_S * 1000) + 5000
    body = {"messageList": [recent("a", "old", 1000), recent("a", "newer", 6000), recent("a", "newest", late)]}
    took = wire(seen).receive(frame(15101, body), 1.0)
    assert [event.payload["content"] for event in took.events] == ["newer", "newest"]  # type: ignore[index]


@pytest.mark.parametrize("body", [None, {}, [], {"messageList": None}, {"messageList": "x"}])
def test_recent_messages_that_are_none_prime_it_all_the_same(body: Any) -> None:
    seen = Seen()
    took = wire(seen).receive(frame(15101, body), 1.0)
    assert took.events == []
    assert seen.primed


def test_a_message_that_is_hidden_from_the_start_is_withdrawn_and_not_given() -> None:
    took = wire().receive(frame(93101, [message("a", "bad", 5, msgStatusType="HIDDEN")]), 1.0)
    assert [event.event for event in took.events] == ["BLIND"]


@pytest.mark.parametrize(
    "body",
    [
        {"messageTime": 5, "blindType": "HIDDEN", "blindUserId": "m" * 32, "userId": "a" * 32, "channelId": "N1"},
        [{"msgTime": 5, "uid": "a" * 32}],
    ],
)
def test_a_blind_frame_withdraws_the_message_of_its_author(body: Any) -> None:
    took = wire().receive(frame(94008, body), 1.0)
    fields = {"channelId": CHANNEL, "chatChannelId": "N1", "senderChannelId": "a" * 32, "messageTime": 5}
    assert took.events == [RawPayload(event="BLIND", payload=fields)]


def test_a_donation_is_one_where_its_item_does_not_say_so() -> None:
    fields = message("a", "응원", 5, extras=json.dumps({"payAmount": 1000}))
    del fields["msgTypeCode"]
    assert wire().receive(frame(93102, [fields]), 1.0).events[0].event == "DONATION"


@pytest.mark.parametrize("command", [10000, 93006, 94005, 94006, 94010, 94015])
def test_what_a_graph_does_not_hear_of_passes_silently(command: int) -> None:
    assert wire().receive(frame(command, {"x": 1}), 1.0) == Took()


def test_a_system_message_passes_silently() -> None:
    assert wire().receive(frame(93101, [message("a", "x", 1, msgTypeCode=30)]), 1.0) == Took()


def test_not_more_than_some_thousand_messages_are_remembered() -> None:
    seen = Seen()
    for key in range(5000):
        assert seen.add(key)
    assert len(seen._keys) == 2000
    assert not seen.add(4999)
    assert seen.add(0)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | st.just("anonymous"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=4,
)
COMMANDS = st.sampled_from([0, 100, 5101, 10000, 10100, 15101, 93006, 93101, 93102, 94008, 94015, 7])


@st.composite
def mutated(draw: st.DrawFn) -> str:
    make = draw(st.sampled_from([message, recent]))
    fields = make(draw(st.sampled_from("ab")), draw(st.text(max_size=5)), draw(st.integers(0, 9)))
    for _ in range(draw(st.integers(0, 3))):
        fields[draw(st.sampled_from(sorted(fields)))] = draw(JSON | JSON.map(json.dumps))
    body: Any = draw(st.sampled_from([[fields], {"messageList": [fields]}, fields]))
    return frame(draw(COMMANDS), body)


anything = st.text(max_size=30) | JSON.map(json.dumps) | st.builds(frame, COMMANDS, JSON)


@given(st.lists(mutated() | anything, max_size=6), st.booleans())
def test_any_frames_give_events_that_are_read_or_counted(frames: list[str], primed: bool) -> None:
    seen = Seen()
    seen.primed = primed
    reading = wire(seen)
    events: list[RawPayload] = []
    for number, text in enumerate(frames):
        took = reading.receive(text, float(number))
        events += took.events
        assert all(kind in ("frame", "event", "field") for kind in took.malformed)
        assert took.send == "" or json.loads(took.send)["cmd"] in (5101, 10000)
    ran = run("chat.parse", {"payload": [(0.0, event) for event in events]})
    assert ran.error is None
    assert len(ran.out) + len(ran.malformed) == len(events)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 5), st.booleans()), max_size=20))
def test_no_message_is_given_twice_whichever_way_it_comes(story: list[tuple[str, int, bool]]) -> None:
    seen = Seen()
    seen.primed = True
    reading = wire(seen)
    given_: list[Any] = []
    for name, at, live in story:
        text = (
            frame(93101, [message(name, "x", at)]) if live else frame(15101, {"messageList": [recent(name, "x", at)]})
        )
        given_ += [
            (event.payload["senderChannelId"], event.payload["messageTime"])  # type: ignore[index]
            for event in reading.receive(text, 0.0).events
        ]
    assert len(given_) == len(set(given_)) == len({(name, at) for name, at, _ in story})


def test_the_first_frame_asks_to_read_with_the_token_of_the_chat() -> None:
    said = json.loads(wire(accepted=False).hello())
    assert (said["cmd"], said["cid"], said["tid"]) == (100, "N1", 1)
    assert said["bdy"] == {"uid": None, "devType": 2001, "accTkn": "token", "auth": "READ"}


def test_a_message_of_an_unknown_kind_is_counted_and_the_next_one_comes() -> None:
    took = wire().receive(frame(93101, [message("a", "x", 1, msgTypeCode=99), message("b", "y", 2)]), 1.0)
    assert took.malformed == ["event"]
    assert [event.payload["content"] for event in took.events] == ["y"]
