"""Whoever was not heard to be answered waits for an answer: when the operator cuts in, at a reload, and at the end."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphs.engine.books.journal import Journal
from graphs.engine.language.check import check
from graphs.engine.reload.reloader import Reloader
from nodes import load_all
from schemas.playback import Speaking
from tests.graphs.engine.offline.show import Show, shown

VOICELESS = """
name: voiceless
nodes:
  typed: {type: chat.typed}
  parse: {type: chat.parse, in: typed}
  batch: {type: chat.batch, in: parse}
"""
story_settings = settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])


def test_what_the_operator_says_at_once_goes_before_a_donation_that_nobody_heard_and_it_is_thanked_after_it(tmp_path):
    async def story(show: Show) -> None:
        show.donate("d")
        await asyncio.sleep(0.8)
        assert show.order("say", text="잠깐만요.", at_once=True)
        await asyncio.sleep(15)

    show = shown(tmp_path, story)
    assert list(show.first_sounds()) == ["dock-1", "t-d+"]
    assert show.verdict("d") == "t-d+"
    assert show.runtime.ledger.dropped == {}


def test_a_stop_of_everything_leaves_a_donation_that_nobody_heard_waiting_until_the_pause_is_over(tmp_path):
    async def story(show: Show) -> None:
        show.donate("d")
        await asyncio.sleep(0.8)
        show.order("stop")
        await asyncio.sleep(60)
        assert show.verdict("d") is None
        show.order("pause", to=False)
        await asyncio.sleep(15)

    assert shown(tmp_path, story).verdict("d") == "t-d+"


@story_settings
@given(at=st.floats(0.0, 6.0), node=st.sampled_from(["voice", "speech", "batch"]))
def test_a_reload_at_any_moment_loses_no_donation(tmp_path, at, node):
    async def story(show: Show) -> None:
        show.donate("d")
        await asyncio.sleep(at)
        await show.reload(node)
        await asyncio.sleep(15)

    show = shown(tmp_path, story)
    assert show.verdict("d") == "t-d"
    assert [event.speaking for _, event in show.events(Speaking) if event.left_s is None] == [True, False]


@story_settings
@given(at=st.floats(0.0, 6.0))
def test_what_was_not_heard_when_the_run_ends_is_left_to_the_next_run_and_what_was_is_not(tmp_path, at):
    file = tmp_path / f"{at}.jsonl"

    async def story(show: Show) -> None:
        show.donate("d")
        await asyncio.sleep(at)

    show = shown(tmp_path, story, journal=lambda: Journal(file, pytest.fail))
    left = Journal(file, pytest.fail).open()
    heard = "t-d" in show.first_sounds()
    assert show.verdict("d") == ("t-d" if heard else None)
    assert [event.id for _, event in left] == ([] if heard else ["d"])


@pytest.mark.parametrize(("failures", "verdict", "left"), [(2, "t-d", []), (5, None, ["d"])])
def test_a_donation_that_comes_while_the_voice_keeps_failing_is_thanked_later_and_not_given_up(
    tmp_path, failures, verdict, left
):
    file = tmp_path / "show.jsonl"

    async def story(show: Show) -> None:
        show.runtime.jitter = lambda most: most
        for _ in range(failures):
            show.fail("voice")
            await asyncio.sleep(0.1)
            while show.runtime.stations["voice"].state == "restarting":
                await asyncio.sleep(0.1)
        assert (show.runtime.stations["voice"].state == "degraded") == bool(left)
        show.donate("d")
        await asyncio.sleep(90)
        show.chat("c")
        await asyncio.sleep(10)
        assert show.verdict("c") == "t-c"
        assert show.conserved()

    show = shown(tmp_path, story, journal=lambda: Journal(file, pytest.fail))
    assert show.verdict("d") == verdict
    assert [event.id for _, event in Journal(file, pytest.fail).open()] == left


@pytest.mark.parametrize(("at", "verdict"), [(0.6, None), (2.5, "t-d")])
def test_where_the_voice_is_taken_out_no_turn_waits_for_its_end(tmp_path, at, verdict):
    async def story(show: Show) -> None:
        show.donate("d")
        await asyncio.sleep(at)
        await Reloader(show.runtime, drain_s=0.2).apply(check(VOICELESS, "other.yaml", load_all(), {}))
        assert show.verdict("d") == verdict

    assert shown(tmp_path, story).conserved()
