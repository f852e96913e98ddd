import asyncio
from datetime import timedelta

import pytest
from reactivex import Subject
from reactivex import operators as ops

from graphs.engine.flow.timers import Timers
from tests.harness import on_virtual_time


@pytest.mark.parametrize("error", [ValueError("x"), SystemExit(3), KeyboardInterrupt()])
@pytest.mark.parametrize("delay_s", [0.0, 1.0])
def test_what_a_timer_raises_is_told_once_and_later_timers_run(error, delay_s):
    async def story():
        failed, ran = [], []
        timers = Timers(asyncio.get_running_loop(), failed.append)

        def wrong(*_):
            raise error

        timers.schedule_relative(delay_s, wrong)
        timers.schedule_relative(delay_s, lambda *_: ran.append("later"))
        timers.schedule_periodic(1.0, lambda count: ran.append(count) or count + 1, 0)
        await asyncio.sleep(2.5)
        assert [type(each) for each in failed] == [type(error) if isinstance(error, Exception) else RuntimeError]
        assert [each for each in ran if each != "later"] == [0, 1]
        assert "later" in ran

    on_virtual_time(story())


def test_operators_that_read_the_time_go_by_the_clock_of_the_loop_and_wake_once():
    async def story():
        loop, seen = asyncio.get_running_loop(), []
        timers = Timers(loop, seen.append)
        woken = 0

        def counted(action, state=None):
            nonlocal woken
            woken += 1
            return Timers.invoke_action(timers, action, state)

        timers.invoke_action = counted
        begun, source = timers.now, Subject()
        source.pipe(ops.delay(3600.0)).subscribe(
            lambda value: seen.append((value, round(loop.time()))), scheduler=timers
        )
        for value in range(3):
            source.on_next(value)
            await asyncio.sleep(60)
        await asyncio.sleep(7200 - 180)
        assert seen == [(0, 3600), (1, 3660), (2, 3720)]
        assert woken <= 2 * 3, "each at its time, and at most once more for what was rounded"
        assert timers.now - begun == timedelta(hours=2)

    on_virtual_time(story())
