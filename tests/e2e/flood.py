"""Makes a flood: more than can be answered, from realistic chat, at a steady rate."""

import contextlib
import json
from collections.abc import Iterator
from heapq import merge
from itertools import cycle
from pathlib import Path
from typing import Any

from tests.harness import ROOT
from tests.recordings.seven_minutes import VIEWERS

CROWD = 250
"""Viewers that take turns, so that the limit for each viewer does not hold the flood back."""


def lines() -> list[str]:
    """Return the chat messages of the demonstration's recording."""
    found: list[str] = []
    for line in (ROOT / "tests" / "recordings" / "seven_minutes.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        with contextlib.suppress(ValueError, KeyError, TypeError):  # the broken payloads of the recording
            if record["event"] == "CHAT":
                found.append(str(json.loads(record["payload"])["content"]))
    return found


def payloads(seconds: float, per_second: int) -> Iterator[dict[str, Any]]:
    texts = cycle(lines())
    for number in range(int(seconds * per_second)):
        viewer = number % CROWD
        at = number / per_second
        payload = {
            "channelId": "0" * 32,
            "senderChannelId": f"{viewer:032x}",
            "profile": {"nickname": f"{VIEWERS[viewer % len(VIEWERS)]}{viewer}", "userRoleCode": "common_user"},
            "content": next(texts),
            "emojis": {},
            "messageTime": 1792234800000 + int(at * 1000),
        }
        yield {"t": round(at, 3), "event": "CHAT", "payload": json.dumps(payload, ensure_ascii=False)}


def donations(seconds: float, every_s: float) -> Iterator[dict[str, Any]]:
    """Yield donations at a steady rate, each from somebody else."""
    for number in range(1, int(seconds / every_s) + 1):
        at = number * every_s
        payload = {
            "donationType": "CHAT",
            "channelId": "0" * 32,
            "donatorChannelId": f"{CROWD + number:032x}",
            "donatorNickname": f"{VIEWERS[number % len(VIEWERS)]}{CROWD + number}",
            "payAmount": "1000",
            "donationText": "오늘 방송 재밌어요!",
            "emojis": {},
            "eventSentAt": f"2026-10-17T20:{int(at // 60) % 60:02}:{at % 60:012.9f}",
        }
        yield {"t": round(at, 3), "event": "DONATION", "payload": json.dumps(payload, ensure_ascii=False)}


def write(file: Path, seconds: float, per_second: int = 10, paid_every_s: float = 0.0) -> None:
    """Write a recording of ``seconds`` of the flood, with a donation every ``paid_every_s`` seconds; 0 for none."""
    paid = donations(seconds, paid_every_s) if paid_every_s else ()
    lines = merge(payloads(seconds, per_second), paid, key=lambda line: line["t"])
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    file.write_text(text, encoding="utf-8")
