"""New followers of a show whose chat never rests: thanked once each, in few turns, behind all that was paid for."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from graphs.engine.offline.stand_ins import seconds_of
from nodes.chat.show import Show as ShowSettings
from schemas.playback import Heard
from tests.graphs.engine.offline.show import GRAPH, Show, shown
from tests.nodes.chat.chzzk_channel import Channel, Inside

FOLLOWED = """
  show: {type: chat.show, in: dock.batch, client_id: id, every_s: 20}
  thanks: {type: chat.thanks, in: batch, show: show.event, speaking: voice.speaking,
    words: ["{names} 팔로우 고마워요."]}
"""
TEXT = GRAPH.replace("batch: batch,", "batch: [batch, thanks],").replace("in: dock.batch", "in: show.batch")
NAMES = [f"새벽{number:02}" for number in range(30)]
FLOOD_S = 180


def flooded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flood_s: float, **settings: str) -> Show:
    """Ten messages a second, a donation every 15 s, a subscription every 25 s, and 30 followers in the first minute."""
    channel = Channel()
    monkeypatch.setattr(ShowSettings, "account", lambda *_: Inside(channel))

    async def story(show: Show) -> None:
        for tenth in range(int(flood_s * 10)):
            show.chat(f"c{tenth}", f"{tenth}번째 이야기")
            if tenth % 150 == 50:
                show.donate(f"d{tenth}")
            if tenth % 250 == 70:
                show.subscribe(f"s{tenth}")
            if tenth % 20 == 10 and tenth < 600:
                channel.follow(NAMES[tenth // 20])
            await asyncio.sleep(0.1)
        await asyncio.sleep(130)

    extra = (FOLLOWED.replace("words:", f"{settings.pop('thanks', '')}words:"),)
    return shown(tmp_path, story, text=TEXT, extra=extra, **settings)


def thanks(show: Show) -> list[tuple[float, str]]:
    """Return what was heard of each turn of thanks, and when it was over."""
    found: dict[str, tuple[float, str]] = {}
    for at, event in show.events(Heard):
        if event.ended and event.turn.startswith("follow-"):
            assert event.fraction == 1.0, "no sentence is cut off"
            found[event.turn] = at, f"{found.get(event.turn, (at, ''))[1]} {event.text}"
    return list(found.values())


def test_thirty_followers_in_a_flood_are_thanked_once_each_in_few_turns_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    show = flooded(tmp_path, monkeypatch, FLOOD_S)
    said = thanks(show)
    assert [sum(text.count(f"{name}님") for _, text in said) for name in NAMES] == [1] * 30
    assert len(said) <= 6
    assert said[-1][0] < FLOOD_S, "they do not wait for the end of the flood"
    assert show.conserved()
    paid = [name for name in show.came if name[0] in "ds"]
    answers: dict[str, Any] = {name: show.verdict(name) for name in paid}
    assert [name for name, turn in answers.items() if turn is None or turn.startswith("(")] == []
    first = show.first_sounds()
    waits = [first[answers[name]] - show.came[name] for name in paid]
    without = flooded(tmp_path, monkeypatch, FLOOD_S, thanks="at_latest_s: 0, ")
    alone = without.first_sounds()
    before = [alone[str(without.verdict(name))] - without.came[name] for name in paid]
    longest = max(seconds_of(text) for _, text in said)
    assert max(waits) <= max(before) + longest, "what was paid for waits for one turn of thanks at most"


def test_where_it_is_quiet_again_they_are_thanked_after_what_viewers_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    show = flooded(tmp_path, monkeypatch, 70.0, thanks="at_latest_s: 0, ")
    said = thanks(show)
    assert [sum(text.count(f"{name}님") for _, text in said) for name in NAMES] == [1] * 30
    assert said[0][0] > 70.0
    assert show.conserved()
