import dataclasses
import json
from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.bus._wire import Unreadable, decode, encode
from schemas.chat import ChatBatch, ChatMessage, Donation, RawPayload, Withdrawn
from schemas.event import Event
from schemas.playback import Heard, Stop
from schemas.pose import PoseFrame
from schemas.reply import Sentence
from schemas.speech import SpeechChunk
from tests.test_compliance import SAMPLES

MESSAGE = ChatMessage(
    id="m1", author="하늘", text="안녕 \ud800\n{:a:}", received_at=5.0, emotes={"$": "x", "$map": "y"}
)
GIFT = Donation(id="d1", author="바다", amount=1000, received_at=6.0)


def same(one: Event, other: Event) -> bool:
    values = [[getattr(event, field.name) for field in dataclasses.fields(event)] for event in (one, other)]  # type: ignore[arg-type]
    return type(one) is type(other) and all(
        np.array_equal(a, b) if isinstance(a, np.ndarray) else a == b for a, b in zip(*values, strict=True)
    )


@pytest.mark.parametrize(
    "event", [e for each in SAMPLES.values() for e in each], ids=lambda event: type(event).__name__
)
def test_every_event_arrives_as_it_was(event):
    assert same(decode(*encode(event)), event)


def test_an_event_of_which_this_version_knows_no_fields_is_sent_without_any_and_refused():
    type_, body = encode(Event())
    assert (type_, json.loads(body)) == ("Event", {})
    with pytest.raises(Unreadable, match="no event"):
        decode(type_, body)


def test_events_inside_of_events_keep_their_kind():
    batch = ChatBatch(turn="t", lane="donation", events=(MESSAGE, GIFT), notes=("a",))
    assert decode(*encode(batch)) == batch


def test_moments_move_to_the_clock_of_the_reader_and_nothing_else_does():
    batch = ChatBatch(turn="t", lane="donation", events=(GIFT,))
    moved = decode(*encode(batch), 2.5)
    assert isinstance(moved, ChatBatch)
    assert moved.events[0].received_at == 8.5
    assert decode(*encode(PoseFrame(values={"A": 1.0}, at=1.0)), 2.5) == PoseFrame(values={"A": 1.0}, at=3.5)
    assert decode(*encode(Withdrawn(author_id="u")), 2.5) == Withdrawn(author_id="u", received_at=inf)
    heard = Heard(turn="t", sentence=0, text="a", fraction=0.5)
    assert decode(*encode(heard), 2.5) == heard


def test_a_payload_as_on_the_wire_stays_what_it_is():
    payload = RawPayload(event="CHAT", payload={"list": [1, [2]], "$": "Donation", "in": {"$map": 1}})
    assert decode(*encode(payload)) == payload


@given(st.lists(st.floats(width=32, allow_nan=False), max_size=50))
def test_sound_arrives_sample_for_sample_and_costs_four_bytes_a_sample(samples):
    chunk = SpeechChunk(turn="t", sentence=1, samples=np.array(samples, np.float32), rate=24000, text="가")
    type_, body = encode(chunk)
    assert len(body.partition(b"\n")[2]) == 4 * len(samples)
    assert same(decode(type_, body), chunk)


@pytest.mark.parametrize(
    ("type_", "body"),
    [
        ("Nothing", b"{}"),
        ("Event", b"{}"),
        ("Stop", b"["),
        ("Stop", b"[]"),
        ("Stop", b"\xff"),
        ("Stop", b"{}"),
        ("Stop", b'{"turn": 1}'),
        ("Stop", b'{"turn": "t", "new": 1}'),
        ("ChatBatch", b'{"turn": "t", "lane": "chat", "events": [{"$": "Stop", "turn": "t"}]}'),
        ("SpeechChunk", b'{"turn": "t", "sentence": 0, "rate": 1, "samples": null}\nabc'),
        ("Stop", b"[" * 100_000),
    ],
)
def test_what_is_no_event_of_this_version_is_refused(type_, body):
    with pytest.raises(Unreadable):
        decode(type_, body)


def test_fields_with_a_default_may_be_missing():
    assert decode("Stop", b'{"turn": "t"}') == Stop(turn="t")
    assert isinstance(
        decode("Sentence", encode(Sentence(turn="t", index=0, text="", spoken="", emotion=""))[1]), Sentence
    )
