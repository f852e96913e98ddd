import asyncio

import pytest

from nodes.bus import _line
from schemas.bus import Judged, Neighbour
from tests.harness import run
from tests.nodes.bus.memory import MemoryBus

SETTINGS = {"graph": "show", "place": "pc", "neighbours": ("gpu",)}


@pytest.fixture
def bus(monkeypatch):
    made = MemoryBus()
    monkeypatch.setattr(_line, "open_line", made.open_line)
    return made


def test_a_place_gives_a_sign_of_life_every_second(bus):
    run("bus.place", {}, settings=SETTINGS, until=3.5)
    assert [(where, body) for where, body, _ in bus.said] == [("aischoco.show.pc.alive", b'"pc"')] * 4


def test_a_neighbour_that_is_silent_is_away_until_it_is_heard_again(bus):
    async def neighbour(_):
        line = bus.open_line(None, None)
        for second in range(20):
            if not 3 <= second < 12:
                await line.say("aischoco.show.gpu.alive", b'"gpu"', {})
            await asyncio.sleep(1.0)

    ran = run("bus.place", {}, settings=SETTINGS, until=20.0, during=neighbour)
    told = [(at, event.away) for at, _, event in ran.out if isinstance(event, Neighbour)]
    assert [away for _, away in told] == [True, False]
    assert 5.0 <= told[0][0] <= 7.0
    assert 12.0 <= told[1][0] <= 12.5
    assert [line.split()[0] for line in ran.log] == ["warning", "info"]


def test_a_neighbour_that_never_came_is_away(bus):
    ran = run("bus.place", {}, settings=SETTINGS, until=10.0)
    assert [event for _, _, event in ran.out] == [Neighbour(place="gpu", away=True)]


def test_what_is_no_sign_of_life_is_passed_over(bus):
    async def noise(_):
        await asyncio.sleep(1.5)
        await bus.open_line(None, None).say("aischoco.show.gpu.alive", b"?", {})

    assert run("bus.place", {}, settings=SETTINGS, until=3.0, during=noise).error is None


def test_a_bus_that_is_gone_is_waited_for(bus):
    async def back(_):
        await asyncio.sleep(3.0)
        bus.cut(False)

    bus.down = True
    ran = run("bus.place", {}, settings=SETTINGS, until=6.5, during=back)
    assert len(bus.said) >= 3
    assert ran.error is None


def test_verdicts_over_donations_and_drops_of_others_viewers_are_told(bus):
    events = [Judged(id="d1"), Judged(id="m1", sure=False), Judged(id="m2", reason="link", final=False, sure=False)]
    ran = None

    class Verdicts:
        def follow(self, take):
            loop = asyncio.get_running_loop()
            for event in events:
                loop.call_later(1.0, take, event)
            return type("Following", (), {"dispose": lambda self: None})()

    from nodes.services import Verdicts as Service

    ran = run("bus.place", {}, settings=SETTINGS, until=3.0, services={Service: Verdicts()})
    assert ran.events("judged") == [events[0]]
    assert ran.events("dropped") == [events[2]]
