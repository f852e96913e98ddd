"""nodes/recording.py: a line of a recording, as on the wire or as it was read from there."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.engine.observe.recorded import line
from nodes.phrases import in_tongue
from nodes.recording import read_line
from schemas.chat import ViewerEvent, Withdrawn
from schemas.event import Event
from tests.harness import run
from tests.nodes.chat.fakes import BLIND, CHAT, DONATION, SUBSCRIPTION, raw

BY_A_MANAGER = {**CHAT, "profile": {**CHAT["profile"], "userRoleCode": "streaming_chat_manager"}}
BY_THE_STREAMER = {**CHAT, "senderChannelId": CHAT["channelId"]}
UNNAMED = {**DONATION, "donatorNickname": "", "donatorChannelId": ""}
SENT = [
    ("CHAT", CHAT),
    ("CHAT", BY_A_MANAGER),
    ("CHAT", BY_THE_STREAMER),
    ("DONATION", DONATION),
    ("DONATION", UNNAMED),
    ("SUBSCRIPTION", SUBSCRIPTION),
    ("BLIND", BLIND),
]


def parsed(event: Event) -> Any:
    ran = run("chat.parse", {"payload": [(1.0, event)]})
    assert ran.malformed == []
    ((_, _, found),) = ran.out
    return found


def recorded(event: Event, **options: Any) -> bytes:
    return json.dumps({"t": 2.5, **line(event, **options)}, ensure_ascii=False).encode()


def test_a_payload_is_read_as_it_was_sent() -> None:
    assert read_line(recorded(raw("CHAT", CHAT))) == (2.5, raw("CHAT", CHAT))


@pytest.mark.parametrize(("kind", "payload"), SENT)
def test_what_was_read_from_a_payload_is_read_again_as_the_same(kind: str, payload: Any) -> None:
    event = parsed(raw(kind, payload))
    at, again = read_line(recorded(event))
    found = parsed(again)
    assert at == 2.5
    assert found.sent_at == pytest.approx(event.sent_at, abs=0.001)
    same: dict[str, Any] = {"sent_at": event.sent_at}
    if isinstance(event, ViewerEvent) and "messageTime" not in payload:  # of which the id is made
        same["id"] = event.id
    assert replace(found, **same) == event


def test_masked_names_stay_masked() -> None:
    _, again = read_line(recorded(parsed(raw("CHAT", CHAT)), mask=True))
    assert parsed(again).author == "새***"


def test_times_that_nobody_knew_stay_unknown() -> None:
    event = Withdrawn(author_id="a", sent_at=None, received_at=1.0)
    _, again = read_line(recorded(event))
    assert parsed(again).sent_at is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x", "not JSON"),
        ("3", "not a JSON object"),
        ('{"t": -1, "event": "CHAT", "payload": ""}', "not a number of seconds"),
        ('{"t": true, "event": "CHAT", "payload": ""}', "not a number of seconds"),
        ('{"t": 1, "event": 3, "payload": ""}', "not a text"),
        ('{"t": 1, "event": "CHAT", "payload": 3}', "neither a text nor an object"),
        ('{"t": 1, "type": "PoseFrame", "data": {}}', "record an edge behind chat.chzzk or chat.parse"),
        ('{"t": 1, "type": ["ChatMessage"], "data": {}}', "record an edge"),
        ('{"t": 1, "type": "ChatMessage", "data": 3}', "not an object"),
    ],
)
def test_what_is_no_line_is_told(text: str, told: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  told in two languages
        read_line(text.encode())
    assert told in in_tongue(caught.value.args[0], "en")
    assert not re.search("[A-Za-z]{3,} [A-Za-z]{3,}", in_tongue(caught.value.args[0], "ko"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner, max_size=3)
)
FIELDS = ("author", "author_id", "role", "text", "emotes", "badges", "sent_at", "amount", "kind", "anonymous", "months")


@given(
    st.sampled_from(["ChatMessage", "Donation", "Subscription", "Withdrawn"]),
    st.dictionaries(st.sampled_from(FIELDS), JSON),
)
def test_whatever_stands_in_the_fields_a_graph_can_take_it(type_: str, data: dict[str, Any]) -> None:
    _, payload = read_line(json.dumps({"t": 0, "type": type_, "data": data}).encode())
    ran = run("chat.parse", {"payload": [(1.0, payload)]})
    assert ran.error is None
    assert len(ran.out) + len(ran.malformed) == 1
