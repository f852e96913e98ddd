"""The connection to the language model is lost for a while: canned answers meanwhile, then its own again soon."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.e2e.conftest import figure
from tests.e2e.show import Show, accounted
from tests.faults.toxic import Toxic
from tests.peers.llm_peer import groq_like

__all__ = ["figure"]

pytestmark = [pytest.mark.component, pytest.mark.timeout(240)]

PER_S = 2
BEFORE_S, AFTER_S = 2.0, 3.0
BACK_S, GROWN_MB = 2.0, 20.0
LATE_S = 1.0
"""Allowance for a busy machine, and for the time between two donations."""
GRAPH = """\
name: network
budget_s: 4.0
nodes:
  replay: {type: chat.replay, file: gifts.jsonl}
  parse: {type: chat.parse, in: replay}
  filter: {type: chat.filter, in: parse}
  batch: {type: chat.batch, in: filter, quiet_s: 0.1, max_wait_s: 0.3}
  reply: {type: llm.reply, in: batch, base_url: "http://127.0.0.1:PORT/v1"}
  canned: {type: reply.canned, in: reply.unanswered}
  split: {type: reply.split, in: [reply, canned]}
  overlay: {type: overlay.web, chat: filter, batch: batch, reply: split.sentence}
"""


def gift(number: int) -> dict[str, Any]:
    body = {"donationType": "CHAT", "channelId": "c" * 32, "donatorChannelId": f"{number:032x}", "emojis": {}}
    body |= {"donatorNickname": f"후원자{number}", "payAmount": "1000", "donationText": f"{number}번째 응원이야"}
    return {"t": number / PER_S, "event": "DONATION", "payload": json.dumps(body, ensure_ascii=False)}


def break_it(link: Toxic, how: str) -> None:
    if how == "a hole":
        link.hole = True
    else:
        link.refuse = True
        link.reset()


def mend(link: Toxic) -> None:
    link.hole = link.refuse = False


async def outage(folder: Path, llm: int, how: str, gone_s: float) -> tuple[Any, float, float]:
    """Return (report, when the connection was restored in seconds of the run, growth in MB)."""
    numbers = range(round((BEFORE_S + gone_s + AFTER_S) * PER_S))

    async with Toxic(llm) as link:

        def prepare(root: Path) -> None:
            gifts = "".join(json.dumps(gift(number), ensure_ascii=False) + "\n" for number in numbers)
            (root / "gifts.jsonl").write_text(gifts, encoding="utf-8")
            (root / "network.yaml").write_text(GRAPH.replace("PORT", str(link.port)), encoding="utf-8")

        def now() -> float:
            return show.get("/api/graph")["seconds"]

        def by_the_model() -> bool:
            return any(turn["rung"] == "model" for turn in show.get("/api/turns") or [])

        show = await asyncio.to_thread(lambda: Show(folder, "network.yaml", prepare=prepare))
        with show:
            await asyncio.to_thread(show.until, by_the_model, 60)
            process = psutil.Process(show.process.pid)
            await asyncio.sleep(BEFORE_S / 2)
            before = process.memory_info().rss / 1e6
            break_it(link, how)
            await asyncio.sleep(gone_s)
            mended, grown = await asyncio.to_thread(now), process.memory_info().rss / 1e6 - before
            mend(link)
            await asyncio.to_thread(
                show.until, lambda: show.get("/api/graph")["viewer_events"]["answered"] == len(numbers), gone_s + 60
            )
            show.process.terminate()
            assert await asyncio.to_thread(show.ends, 20) == 0, show.log
        return show.report, mended, grown


@pytest.mark.parametrize(
    ("how", "gone_s"),
    [
        ("a hole", 5.0),
        pytest.param("refused", 5.0, marks=pytest.mark.slow),
        pytest.param("a hole", 60.0, marks=pytest.mark.slow),
        pytest.param("refused", 60.0, marks=pytest.mark.slow),
    ],
)
def test_a_network_that_was_gone_costs_no_donation_and_is_used_again_at_once(
    tmp_path: Path, how: str, gone_s: float, figure: Callable[[str], None]
) -> None:
    with groq_like() as llm:
        port = int(llm.url.rpartition(":")[2])
        report, mended, grown = asyncio.run(outage(tmp_path, port, how, gone_s))
    by_model = [turn["marks"]["first_token"] for turn in report["turns"] if turn["rung"] == "model"]
    back = min((at for at in by_model if at is not None and at > mended), default=float("inf")) - mended
    waits = [turn["marks"]["first_sentence"] - turn["marks"]["received"] for turn in report["turns"]]
    canned = sum(turn["rung"] == "canned" for turn in report["turns"])
    answered = report["viewer_events"]["answered"]
    figure(
        f"{how} for {gone_s:.0f} s: {answered} donations answered, {canned} turns by written "
        f"lines, the model again {back:.1f} s after (aim < {BACK_S:g}), longest wait {max(waits):.1f} s, memory "
        f"{grown:+.1f} MB (aim < +{GROWN_MB:g})"
    )
    assert accounted(report["viewer_events"])
    assert report["viewer_events"]["dropped"] == {}
    assert canned > 0
    assert grown < GROWN_MB
    assert back < BACK_S + LATE_S
