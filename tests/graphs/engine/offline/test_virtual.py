import asyncio
import time

from tests.harness import on_virtual_time


def test_an_hour_passes_at_once():
    async def main():
        await asyncio.sleep(3600.0)
        return asyncio.get_running_loop().time()

    started = time.monotonic()
    assert on_virtual_time(main()) == 3600.0
    assert time.monotonic() - started < 1.0


def test_timers_fire_in_order_at_their_exact_times():
    fired = []

    async def main():
        loop = asyncio.get_running_loop()
        for at in (0.3, 0.1, 0.2):
            loop.call_at(at, lambda at=at: fired.append((at, loop.time())))
        await asyncio.sleep(1.0)

    on_virtual_time(main())
    assert [at for at, _ in fired] == [0.1, 0.2, 0.3]
    assert all(abs(at - fired_at) < 1e-9 for at, fired_at in fired)


def test_time_stands_still_while_a_thread_works():
    async def main():
        loop = asyncio.get_running_loop()
        late = loop.create_future()
        loop.call_later(5.0, late.set_result, None)
        await loop.run_in_executor(None, sum, range(1000))
        before = loop.time()
        await late
        return before, loop.time()

    assert on_virtual_time(main()) == (0.0, 5.0)


def test_time_stands_still_while_a_thread_works_and_goes_on_after_it():
    async def main():
        loop = asyncio.get_running_loop()
        later = asyncio.ensure_future(asyncio.sleep(5.0))
        await loop.run_in_executor(None, time.sleep, 0.02)
        during = loop.time()
        await later
        return during, loop.time()

    assert on_virtual_time(main()) == (0.0, 5.0)
