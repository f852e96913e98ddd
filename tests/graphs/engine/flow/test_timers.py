import asyncio

import pytest

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
