import asyncio

from nodes.bus import _line
from nodes.bus._settings import Bus
from tests.nodes.bus.memory import MemoryBus


def test_all_who_use_the_same_bus_share_one_line_and_the_last_one_closes_it(monkeypatch):
    bus = MemoryBus()
    monkeypatch.setattr(_line, "open_line", bus.open_line)
    here, there = Bus(graph="show", place="pc"), Bus(graph="show", place="gpu")

    async def main():
        async with _line.lend(here, None) as one:  # type: ignore[arg-type]
            async with _line.lend(here.model_copy(), None) as two, _line.lend(there, None) as three:  # type: ignore[arg-type]
                assert one is two
                assert one is not three
            assert [line.closed for line in bus.lines] == [False, True]
        assert [line.closed for line in bus.lines] == [True, True]
        async with _line.lend(here, None) as again:  # type: ignore[arg-type]
            assert again is not one

    asyncio.run(main())
