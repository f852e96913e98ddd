"""The next answer is made while the one before is still being said, and everything is as if it had been made later."""

import asyncio
import os
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphs.engine.language.read import read_graph
from graphs.engine.offline.play import replayed
from graphs.engine.offline.recording import Read
from nodes.services import Pace
from schemas.playback import Heard, Speaking
from tests.graphs.engine.offline.show import Show, shown
from tests.harness import ROOT

STORIES = int(os.environ.get("STORIES", "20"))
"""How many random stories are told; ``STORIES=2000`` for a long run."""
PAUSE_S = 0.25
TICK_S = 0.04


async def busy_chat(show: Show, seconds: float = 40.0) -> None:
    for number in range(round(seconds / 1.3)):
        show.chat(f"c{number}")
        await asyncio.sleep(1.3)


def test_between_two_answers_there_is_the_pause_and_no_more(tmp_path):
    before = shown(tmp_path, busy_chat, first_s=0.5, batch=", ahead_s: 0").gaps()
    after = shown(tmp_path, busy_chat, first_s=0.5).gaps()
    assert all(gap >= 0.5 for gap in before)
    assert len(after) > 8
    assert all(PAUSE_S - TICK_S <= gap <= PAUSE_S + TICK_S for gap in after)


def test_the_show_knows_how_early_an_answer_has_to_be_begun(tmp_path):
    show = shown(tmp_path, busy_chat, first_s=0.7)
    assert show.runtime._services[Pace].sound_s() == pytest.approx(0.7, abs=0.01)


def in_the_middle(order: str, which: int):
    """A story in which an order is given while one answer is said and the next one is ready."""

    async def story(show: Show) -> None:
        show.chat("a")
        await asyncio.sleep(2.0)
        show.donate("d")
        while len(show.runtime.turns.open()) < 2:
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.35)
        turn = show.runtime.turns.open()[which]
        show.came["order"] = show.runtime.now()
        match order:
            case "skip":
                assert show.order("skip", turn=turn)
            case "say":
                assert show.order("say", text="잠깐만요.", at_once=True)
            case "stop":
                assert show.order("stop")
                await asyncio.sleep(5)
                assert show.order("pause", to=False)
            case "withdraw":
                show.withdraw("d")
            case _:
                await show.reload(order)
        await asyncio.sleep(20)

    return story


def test_a_skip_of_what_is_said_brings_the_next_answer_at_once(tmp_path):
    show = shown(tmp_path, in_the_middle("skip", 0), first_s=0.3, batch=", ahead_s: 1.5")
    assert show.first_sounds()["t-d"] - show.came["order"] <= PAUSE_S + TICK_S
    assert show.verdict("d") == "t-d"


def test_a_skip_of_what_is_ready_leaves_what_is_said_alone(tmp_path):
    show = shown(tmp_path, in_the_middle("skip", 1), first_s=0.3, batch=", ahead_s: 1.5")
    assert "t-d" not in show.first_sounds()
    assert [event.fraction for _, event in show.events(Heard) if event.turn == "t-a" and event.ended] == [1.0, 1.0]
    assert show.verdict("d") == "(unanswered)"


@pytest.mark.parametrize("order", ["say", "stop"])
def test_a_donation_whose_thanks_were_ready_is_thanked_after_an_order_that_goes_before_it(tmp_path, order):
    show = shown(tmp_path, in_the_middle(order, 0), first_s=0.3, batch=", ahead_s: 1.5")
    assert show.verdict("d") == "t-d+"
    assert "t-d" not in show.first_sounds()


def test_what_was_withdrawn_before_its_answer_was_heard_is_not_answered(tmp_path):
    show = shown(tmp_path, in_the_middle("withdraw", 0), first_s=0.3, batch=", ahead_s: 1.5")
    assert show.verdict("d") == "(withdrawn)"
    assert list(show.first_sounds()) == ["t-a"]


@pytest.mark.parametrize("node", ["voice", "speech", "batch"])
def test_a_reload_keeps_what_is_said_and_what_is_ready(tmp_path, node):
    show = shown(tmp_path, in_the_middle(node, 0), first_s=0.3, batch=", ahead_s: 1.5")
    assert (show.verdict("a"), show.verdict("d")) == ("t-a", "t-d")
    assert [(event.turn, event.speaking) for _, event in show.events(Speaking) if event.left_s is None] == [
        ("t-a", True),
        ("t-a", False),
        ("t-d", True),
        ("t-d", False),
    ]


def test_a_replay_shows_it_and_is_the_same_each_time():
    lines = [line for line in _recording() if line[0] < 60]
    graph = read_graph(ROOT / "graphs" / "demo.yaml", ROOT)
    one, other = replayed(graph, lines, ROOT), replayed(graph, lines, ROOT)
    assert one.decisions.text() == other.decisions.text()
    marks = [turn.marks for turn in one.decisions.turns]
    ready = [now for before, now in pairwise(marks) if now["batched"] < before["ended"]]
    assert len(ready) > len(marks) / 3
    assert all(now["first_sound"] - before["ended"] >= 0 for before, now in pairwise(marks))


def _recording():
    return Read(ROOT / "assets" / "recordings" / "demo.jsonl")


events = st.one_of(
    st.tuples(st.sampled_from(["chat", "chat", "donate", "subscribe"]), st.floats(0.0, 3.0)),
    st.tuples(
        st.sampled_from(["skip", "skip_next", "stop", "say", "withdraw", "voice", "speech", "batch"]), st.floats(0, 3)
    ),
    st.tuples(st.sampled_from(["fail voice", "fail speech", "fail batch"]), st.floats(0.0, 3.0)),
)


async def tell(show: Show, story: list[tuple[str, float]]) -> tuple[set[str], set[str]]:
    """Let a story happen; give what was paid, and what the operator or the viewer took back or a failure took away."""
    paid: set[str] = set()
    gone: set[str] = set()
    names: list[str] = []
    for number, (what, wait) in enumerate(story):
        await asyncio.sleep(wait)
        name, open_ = f"e{number}", show.runtime.turns.open()
        match what:
            case "chat" | "donate" | "subscribe":
                getattr(show, what)(name)
                names.append(name)
                if what != "chat":
                    paid.add(name)
            case "skip" | "skip_next":
                turn = next(iter(open_[-1:] if what == "skip_next" else open_[:1]), "")
                gone |= set(show.runtime.turns.turns[turn].batch) if turn else set()
                show.order("skip", turn=turn)
            case "stop":
                show.order("stop")
                await asyncio.sleep(1.0)
                show.order("pause", to=False)
            case "say":
                show.order("say", text="잠깐만요.", at_once=True)
            case "withdraw":
                for each in names[-1:]:
                    show.withdraw(each)
                    gone.add(each)
            case "voice" | "speech" | "batch":
                await show.reload(what)
            case _:
                gone |= paid  # what a node held when it failed is left to the next run
                show.fail(what.split()[1])
    await asyncio.sleep(120.0)
    return paid, gone


@settings(max_examples=STORIES, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(events, max_size=14), st.sampled_from([0.1, 0.9, 2.5]))
def test_whatever_happens_around_a_turn_that_is_ready_what_was_paid_is_thanked_and_turns_do_not_overlap(
    tmp_path, story, first_s
):
    paid: set[str] = set()
    gone: set[str] = set()

    async def happen(show: Show) -> None:
        nonlocal paid, gone
        paid, gone = await tell(show, story)
        assert show.conserved()
        failed = any(what.startswith("fail") for what, _ in story)
        for name in paid - gone:
            told = show.verdict(name) or ("t- of the next run" if failed else "")
            assert told.startswith("t-"), f"{name}: {show.verdict(name)}"
        if not failed:
            on: str | None = None
            for _, event in show.events(Speaking):
                if event.left_s is None:
                    assert event.speaking == (on is None) or event.turn != on
                    on = event.turn if event.speaking else None if event.turn == on else on

    shown(tmp_path, happen, first_s=first_s)
