"""A thousand messages a second: paid messages are answered as quickly as ever, and the rest are counted."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.e2e import flood
from tests.e2e.conftest import figure
from tests.e2e.show import Show, accounted

__all__ = ["figure"]

pytestmark = [pytest.mark.component, pytest.mark.alone, pytest.mark.timeout(180)]

PER_S = 1000
GIFTS_PER_S = 2
CROWD = 5000
WARM_S = 4.0
"""By then the memory of the last 2,000 events and that of the latest viewers are full."""
CORES, GROWN_MB, GIFT_S = 1.0, 50.0, 0.5
GRAPH = """\
name: flood
nodes:
  replay: {type: chat.replay, file: flood.jsonl}
  parse: {type: chat.parse, in: replay}
  filter: {type: chat.filter, in: parse, banned_words: config/banned_words.txt}
  batch: {type: chat.batch, in: filter, withdrawn: parse, quiet_s: 0.1, max_wait_s: 0.3, max_items: 1000}
  reply: {type: reply.canned, in: batch}
  split: {type: reply.split, in: reply}
  overlay: {type: overlay.web, chat: filter, command: parse, batch: batch, reply: split.sentence}
"""


def message(number: int, texts: list[str]) -> dict[str, Any]:
    if number % (PER_S // GIFTS_PER_S) == 0:
        event, body = "DONATION", {"donationType": "CHAT", "donatorChannelId": "d" * 32, "payAmount": "1000"}
        body |= {"donatorNickname": "후원자", "donationText": f"{number}번째 응원"}
    else:
        event, body = "CHAT", {"senderChannelId": f"{number % CROWD:032x}", "content": texts[number % len(texts)]}
        body |= {"profile": {"nickname": f"시청자{number % CROWD}"}, "messageTime": 1792234800000 + number}
    body |= {"channelId": "c" * 32, "emojis": {}}
    return {"t": number / PER_S, "event": event, "payload": json.dumps(body, ensure_ascii=False)}


def write(file: Path, seconds: int) -> None:
    texts = flood.lines()
    with file.open("w", encoding="utf-8") as lines:
        for number in range(seconds * PER_S):
            lines.write(json.dumps(message(number, texts), ensure_ascii=False) + "\n")


def late(turns: list[dict[str, Any]]) -> list[float]:
    """Return, sorted, the seconds from when each donation was due to the first sentence of its answer.

    The run begins a moment before its recording; the earliest donation shows by how much.
    """
    gifts = [turn["marks"] for turn in turns if turn["lane"] == "donation" for _ in turn["batch"]]
    received = sorted(marks["received"] for marks in gifts)
    begun = min(at - number / GIFTS_PER_S for number, at in enumerate(received))
    answered = sorted(marks["first_sentence"] for marks in gifts)
    return sorted(at - begun - number / GIFTS_PER_S for number, at in enumerate(answered))


@pytest.mark.parametrize("seconds", [10, pytest.param(60, marks=pytest.mark.slow)])
def test_a_thousand_messages_a_second_cost_less_than_a_core_and_hold_no_donation_up(
    tmp_path: Path, seconds: int, figure: Callable[[str], None]
) -> None:
    def prepare(root: Path) -> None:
        write(root / "flood.jsonl", seconds)
        (root / "flood.yaml").write_text(GRAPH, encoding="utf-8")

    with Show(tmp_path, "flood.yaml", prepare=prepare) as show:
        show.until(lambda: show.get("/health"), 60)
        process = psutil.Process(show.process.pid)
        begun, used, memory = time.monotonic(), process.cpu_times(), []
        while time.monotonic() - begun < seconds:
            if time.monotonic() - begun > WARM_S:
                memory.append(process.memory_info().rss / 1e6)
            time.sleep(0.2)
        spent, took = process.cpu_times(), time.monotonic() - begun
        show.until(lambda: show.get("/api/graph")["viewer_events"]["in"] == seconds * PER_S, 30)
        time.sleep(1)
        assert show.process.poll() is None
        show.process.terminate()
        assert show.ends(20) == 0
    done = show.report
    cores = (spent.user + spent.system - used.user - used.system) / took
    gifts = late(done["turns"])
    p99 = gifts[int(0.99 * (len(gifts) - 1))]
    figure(
        f"{PER_S}/s for {seconds} s: {cores:.2f} cores (aim < {CORES:g}), memory {memory[-1] - memory[0]:+.1f} MB (aim "
        f"< +{GROWN_MB:g}), {len(gifts)} donations answered, p50 {1e3 * gifts[len(gifts) // 2]:.0f} ms, p99 "
        f"{1e3 * p99:.0f} ms (aim < {1e3 * GIFT_S:.0f}); {done['viewer_events']}"
    )
    counts = done["viewer_events"]
    assert accounted(counts)
    assert counts["in"] == seconds * PER_S
    assert sum(counts["dropped"].values()) > 0.5 * counts["in"]
    assert len(gifts) == seconds * GIFTS_PER_S
    assert cores < CORES
    assert max(memory) - memory[0] < GROWN_MB
    assert p99 < GIFT_S
