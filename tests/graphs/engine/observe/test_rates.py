"""graphs/engine/observe/rates.py: events a second, over the last seconds."""

import asyncio

import pytest

from graphs.engine.observe.rates import Rates
from tests.graphs.engine.stage import graph_of, play

STEADY = {"a": ("chat.count", {"count": 1000, "every_s": 0.1}), "b": "chat.pass", "c": "page.see"}


pytestmark = pytest.mark.usefixtures("no_log")


def test_the_first_rate_is_over_the_whole_run():
    async def story(runtime):
        rates = Rates(runtime)
        await asyncio.sleep(2.05)
        assert rates.now()["in", "b"] == pytest.approx(10.0, rel=0.05)

    play(graph_of(STEADY, "a -> b", "b -> c"), story)


def test_nothing_is_divided_by_no_time_at_all():
    async def story(runtime):
        assert Rates(runtime).now()["out", "a"] == 0.0

    play(graph_of(STEADY, "a -> b", "b -> c"), story)


def test_a_rate_is_over_the_last_seconds_only():
    burst = {**STEADY, "a": ("chat.count", {"count": 200, "every_s": 0.01})}

    async def story(runtime):
        rates = Rates(runtime)
        watching = runtime.spawn(rates.watch(), "rates")
        await asyncio.sleep(3.9)
        assert rates.now()["edge", "a.out -> b.chat"] > 40
        await asyncio.sleep(5)
        assert rates.now()["edge", "a.out -> b.chat"] == 0.0
        assert len(rates._samples) <= 7
        watching.cancel()

    play(graph_of(burst, "a -> b", "b -> c"), story)


def test_a_counter_that_begins_anew_gives_no_negative_rate():
    async def story(runtime):
        rates = Rates(runtime)
        await asyncio.sleep(6.05)
        rates.sample()
        rates.sample()
        await asyncio.sleep(5.0)
        rates.sample()
        runtime.stations["b"].events_in = 5
        await asyncio.sleep(1.0)
        assert 0 <= rates.now()["in", "b"] < 10

    play(graph_of(STEADY, "a -> b", "b -> c"), story)
