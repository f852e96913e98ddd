import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from graphs.engine.log.summary import summary
from schemas.chat import ChatBatch, ChatMessage
from schemas.event import Event
from schemas.speech import SpeechChunk


@dataclass(frozen=True, slots=True, kw_only=True)
class Odd(Event):
    number: float = float("nan")
    data: bytes = b"abc"
    path: Path = Path("x") / "y"
    many: tuple[int, ...] = tuple(range(30))
    words: dict[str, Any] = field(default_factory=lambda: {"a": True, "b": None})


def test_a_message_is_shown_with_its_fields_and_a_long_text_is_cut():
    shown = summary(ChatMessage(id="1", author="달빛", text="가" * 201, received_at=1.23456))
    assert (shown["type"], shown["id"], shown["author"]) == ("ChatMessage", "1", "달빛")
    assert shown["text"] == "가" * 199 + "…"
    assert shown["received_at"] == 1.2346
    assert "seconds" not in shown


def test_sound_is_shown_as_its_length():
    shown = summary(SpeechChunk(turn="t", sentence=0, samples=np.zeros(12_000, np.float32), rate=24_000))
    assert shown["seconds"] == 0.5
    assert shown["samples"] == {"shape": [12_000], "dtype": "float32"}


def test_events_within_an_event_are_shown_too():
    batch = ChatBatch(turn="t", lane="chat", events=(ChatMessage(id="1", author="a"),))
    assert summary(batch)["events"][0]["type"] == "ChatMessage"


def test_whatever_is_in_it_becomes_strict_and_bounded_json():
    shown = summary(Odd())
    json.dumps(shown, allow_nan=False)
    assert shown["number"] == "nan"
    assert shown["data"] == {"bytes": 3}
    assert shown["path"] in ("x/y", "x\\y")
    assert shown["many"] == list(range(20))
    assert shown["words"] == {"a": True, "b": None}


def test_an_event_that_is_no_dataclass_is_shown_by_its_name():
    assert summary(Event()) == {"type": "Event"}
