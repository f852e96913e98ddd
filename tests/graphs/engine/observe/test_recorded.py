import dataclasses
import json

import numpy as np

from graphs.engine.observe.recorded import line
from schemas.chat import ChatBatch, ChatMessage, Donation, RawPayload
from schemas.event import Event
from schemas.speech import SpeechChunk
from tests.harness import run

WIRE = {"senderChannelId": "u1", "profile": {"nickname": "하늘바다"}, "content": "안녕", "messageTime": 1}


def test_a_payload_is_written_as_chat_replay_reads_it(tmp_path):
    events = [
        RawPayload(event="CHAT", payload=json.dumps(WIRE, ensure_ascii=False)),
        RawPayload(event="CHAT", payload=WIRE),
        RawPayload(event="CHAT", payload="잘린 {"),
    ]
    file = tmp_path / "chat.jsonl"
    file.write_text("".join(json.dumps({"t": 0.5, **line(event)}) + "\n" for event in events), encoding="utf-8")
    ran = run("chat.replay", {}, settings={"file": file})
    assert ran.events() == events


def test_other_events_are_whole_and_sound_is_its_shape():
    batch = ChatBatch(turn="t", lane="chat", events=(Donation(id="1", author="가나", amount=5),))
    told = line(batch)
    assert told["type"] == "ChatBatch"
    assert told["data"]["events"][0]["type"] == "Donation"
    assert told["data"]["events"][0]["amount"] == 5
    sound = line(SpeechChunk(turn="t", sentence=0, samples=np.zeros(5, np.float32), rate=5))
    assert sound["data"]["samples"] == {"shape": [5], "dtype": "float32"}
    assert json.dumps([told, sound])


def test_a_long_text_is_not_cut():
    assert line(ChatMessage(id="1", author="a", text="가" * 1000))["data"]["text"] == "가" * 1000


def test_nicknames_are_masked_by_choice_also_inside_of_json():
    raw = RawPayload(event="CHAT", payload=json.dumps(WIRE, ensure_ascii=False))
    assert "하늘바다" in line(raw)["payload"]
    masked = json.loads(line(raw, mask=True)["payload"])
    assert masked["profile"]["nickname"] == "하***"
    assert masked["senderChannelId"] == "u1"
    assert line(ChatMessage(id="1", author="하늘바다"), mask=True)["data"]["author"] == "하***"


@dataclasses.dataclass(frozen=True, slots=True)
class Odd(Event):
    value: object


def test_what_json_does_not_know_is_its_text():
    assert line(Odd(1j))["data"]["value"] == "1j"
    assert line(Event())["data"] == {}
