"""A thousand random changes to a graph on air, under a thousand events a second."""

import asyncio
import itertools
import logging
import random

import pytest

from graphs.engine.reload.reloader import Reloader
from schemas.graph import Policy
from tests.graphs.engine.stage import SEEN, graph_of, play

RELOADS = 1000
SOURCE = ("chat.count", {"count": 1_000_000, "every_s": 0.001, "gift_every": 10})


@pytest.fixture(autouse=True)
def _no_log(monkeypatch):
    monkeypatch.setattr(logging.getLogger("aischoco"), "disabled", True)


def show(rng):
    """Make a graph: chat through a random chain to a batch, a voice with feedback to it, sometimes a page anywhere."""
    middle = [f"n{number}" for number in range(4) if rng.random() < 0.5]
    rng.shuffle(middle)
    stations = {"source": SOURCE, "batch": "chat.single", "voice": ("audio.say", {"work_s": 0.0})}
    for name in middle:
        work = rng.choice([0.0, 0.0, 0.0003])
        stations[name] = ("chat.slow", {"work_s": work}) if work else "chat.pass"
    if rng.random() < 0.2:
        stations["voice"] = ("audio.say", {"work_s": 0.0001})
    names = ["source", *middle, "batch", "voice"]
    wires = [f"{one} -> {two}" for one, two in itertools.pairwise(names)]
    limit = Policy("block", rng.choice([1, 4, 64]), None, None)
    policies = {wire: limit for wire in wires if rng.random() < 0.5}
    if rng.random() < 0.7:
        wires.append("voice.speaking -> batch.speaking")
    if rng.random() < 0.5:
        stations["page"] = "page.see"
        wires.append(f"{rng.choice(names[:-2])} -> page")
    return graph_of(stations, *wires, policies=policies)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_thousand_random_reloads_lose_nothing_and_every_event_has_one_verdict(capsys):
    rng = random.Random(7)
    emitted = []

    async def story(runtime):
        reloader = Reloader(runtime)
        for _ in range(RELOADS):
            await asyncio.sleep(rng.random() * 0.04)
            applied = await reloader.apply(show(rng))
            assert applied.forced == ()
            counts = runtime.ledger.counts()
            assert counts["in"] == counts["answered"] + counts["waiting"] + sum(counts["dropped"].values())
        await reloader.apply(graph_of({**QUIET, "source": ("chat.count", {"count": 0})}, *QUIET_WIRES))
        await runtime.idle()
        emitted.append(runtime.stations["source"].events_out)

    runtime = play(show(rng), story)
    counts = runtime.ledger.counts()
    with capsys.disabled():
        print(f"\n{RELOADS} reloads, {runtime.now():.0f} s: {counts}")
    assert counts["in"] > 15 * RELOADS
    assert counts["waiting"] == 0
    assert counts["answered"] == counts["in"]
    order = [int(turn.batch[0]) for turn in runtime.turns.turns.values()]
    assert order == sorted(order)
    assert SEEN.get("seen", []) == sorted(SEEN.get("seen", []), key=int)


QUIET = {"batch": "chat.single", "voice": ("audio.say", {"work_s": 0.0})}
QUIET_WIRES = ("source -> batch", "batch -> voice", "voice.speaking -> batch.speaking")
