"""A day-long broadcast at ten messages a second, on virtual time."""

import asyncio
import json
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest
from pydantic import Field
from reactivex import Observable
from reactivex import operators as ops

import nodes
from graphs.engine.flow.runtime import Runtime
from graphs.engine.language.check import check
from graphs.engine.log.engine_log import EngineLog
from nodes import NodeSpec
from nodes.services import Jobs
from schemas.chat import RawPayload
from schemas.playback import Heard, Speaking
from schemas.reply import Sentence
from schemas.settings import Settings
from tests.harness import on_virtual_time

ROOT = Path(__file__).resolve().parent.parent.parent
HOUR = 3600.0
GRAPH = """\
name: day
nodes:
  crowd:  {type: soak.crowd}
  parse:  {type: chat.parse, in: crowd}
  filter: {type: chat.filter, in: parse, banned_words: config/banned_words.txt}
  batch:  {type: chat.batch, in: filter, speaking: voice.speaking}
  reply:  {type: reply.canned, in: batch}
  split:  {type: reply.split, in: reply}
  voice:  {type: soak.voice, in: split.sentence}
"""


class Crowd(Settings):
    rate_hz: float = Field(default=10.0, description="Messages a second.")


def crowd(config: Crowd, *, jobs: Jobs) -> Observable[RawPayload]:
    """Send recorded lines, over and over, from a changing crowd; every thousandth is a donation."""
    recorded = (ROOT / "tests" / "recordings" / "seven_minutes.jsonl").read_text(encoding="utf-8").splitlines()
    chats = [line["payload"] for line in map(json.loads, recorded) if line["event"] == "CHAT"]
    texts = [body["content"] for body in map(_body, chats) if isinstance(body.get("content"), str)]

    async def produce():
        number = 0
        while True:
            await jobs.sleep(1.0 / config.rate_hz)
            number += 1
            text = texts[number % len(texts)]
            if number % 1000:
                sender = f"{number * 7919 % 5000:032x}"
                profile = {"nickname": f"시청자{sender[-4:]}"}
                body = {"channelId": "c" * 32, "senderChannelId": sender, "profile": profile}
                body |= {"content": text, "messageTime": number, "emojis": {}}
                yield RawPayload(event="CHAT", payload=json.dumps(body))
            else:
                body = {"donationType": "CHAT", "donatorChannelId": "d" * 32, "donatorNickname": "후원자"}
                body |= {"payAmount": 1000, "donationText": f"{number}", "emojis": {}, "channelId": "c" * 32}
                yield RawPayload(event="DONATION", payload=json.dumps(body))

    return jobs.source(produce)


def _body(payload: object) -> dict[str, object]:
    try:
        body = json.loads(payload) if isinstance(payload, str) else payload
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


class Voice(NamedTuple):
    speaking: Observable[Speaking]
    heard: Observable[Heard]


def voice(config: Settings, sentence: Observable[Sentence], *, jobs: Jobs) -> Voice:
    """Speaks a sentence in the time that a voice would need."""
    speaking: set[str] = set()

    async def say(event: Sentence):
        if event.turn not in speaking:
            speaking.add(event.turn)
            yield Speaking(turn=event.turn, speaking=True)
        yield Heard(turn=event.turn, sentence=event.index, text=event.text, fraction=0.0)
        await jobs.sleep(0.15 * len(event.spoken))
        yield Heard(turn=event.turn, sentence=event.index, text=event.text, fraction=1.0, ended=True)
        if event.last:
            speaking.discard(event.turn)
            yield Speaking(turn=event.turn, speaking=False)

    said = sentence.pipe(jobs.each(say), ops.share())
    return Voice(
        said.pipe(ops.filter(lambda event: isinstance(event, Speaking))),
        said.pipe(ops.filter(lambda event: isinstance(event, Heard))),
    )


def registry() -> dict[str, NodeSpec]:
    made = dict(nodes.load_all())
    made["soak.crowd"] = nodes._read("soak.crowd", crowd, False)
    made["soak.voice"] = nodes._read("soak.voice", voice, False)
    return made


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_day_at_ten_messages_a_second_leaves_memory_flat_and_every_message_with_its_verdict(capsys):
    types = registry()
    graph = check(GRAPH, "day.yaml", types, {}, ROOT)
    process = psutil.Process()
    resident = []

    async def day():
        runtime = Runtime(graph, types, root=ROOT, log=EngineLog(quiet=True), seed=1)
        await runtime.start()
        for _ in range(24):
            await asyncio.sleep(HOUR)
            counts = runtime.ledger.counts()
            assert counts["in"] == counts["answered"] + counts["waiting"] + sum(counts["dropped"].values())
            assert counts["waiting"] < 400
            resident.append(process.memory_info().rss / 1e6)
        assert len(asyncio.all_tasks()) < 20
        await runtime.stop()
        return runtime

    runtime = on_virtual_time(day())
    counts = runtime.ledger.counts()
    per_hour = (resident[-1] - resident[3]) / 20
    with capsys.disabled():
        print(f"\nRSS {resident[3]:.1f} MB after 4 h, {resident[-1]:.1f} MB after 24 h: {per_hour:+.3f} MB/h; {counts}")
    assert counts["in"] > 800_000
    assert "failed" not in counts["dropped"]
    assert per_hour < 0.25
