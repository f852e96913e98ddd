import asyncio

import pytest

from nodes.bus import _line
from nodes.bus import subscribe as module
from nodes.bus._errors import Away
from nodes.bus._wire import encode
from schemas.bus import Gap, Judged
from schemas.chat import ChatMessage, Donation
from schemas.playback import Level, Stop
from tests.harness import run
from tests.nodes.bus.memory import MemoryBus, MemoryLine

SETTINGS = {"graph": "show", "place": "gpu", "source": "pc", "node": "parse", "port": "chat"}
HOME = {"judged": ("pc",), "kinds": ("sure", "fresh")}


@pytest.fixture
def bus(monkeypatch):
    made = MemoryBus()
    monkeypatch.setattr(_line, "open_line", made.open_line)
    return made


class Sender:
    """The other place."""

    def __init__(self, bus):
        self.line = bus.open_line(None, None)
        self.number = {}

    async def send(self, event, port="chat", node="parse", **headers):
        kind = type(event).overflow
        where = f"aischoco.show.pc.{node}.{port}.{kind}"
        number = self.number[where] = self.number.get(where, 0) + 1
        type_, body = encode(event)
        given = {
            "Nats-Msg-Id": f"{where} {number}",
            "Aischoco-Type": type_,
            "Aischoco-Schema": "1",
            "Aischoco-Run": "r",
            "Aischoco-Number": str(number),
            "Aischoco-Start": str(self.line.bus.epoch + 100.0),
            **headers,
        }
        if kind == "latest":
            await self.line.say(where, body, given)
        else:
            await self.line.keep(where, kind, body, given)


def gift(number):
    return Donation(id=f"d{number}", author="바다", amount=1000)


def go(bus, story, until=30.0, **settings):
    """Run the reader while ``story(sender)`` happens at the other place."""

    async def during(_):
        await asyncio.sleep(1.0)
        await story(Sender(bus))

    return run("bus.subscribe", {}, settings={**SETTINGS, **settings}, until=until, during=during)


def got(ran):
    return [event for event in ran.events("event") if not isinstance(event, Gap)]


def test_events_come_in_order_and_each_once(bus):
    async def story(sender):
        for number in range(3):
            await sender.send(Stop(turn=str(number)))
        await sender.send(Stop(turn="2"), **{"Aischoco-Number": "3", "Nats-Msg-Id": "again"})

    ran = go(bus, story)
    assert [event.turn for event in got(ran)] == ["0", "1", "2"]
    assert ran.error is None
    assert bus.floors["block", "aischoco.show.pc.parse.chat.block", "gpu_parse_chat"] == {1, 2, 3, 4}


def test_times_are_those_of_this_clock(bus):
    async def story(sender):
        await sender.send(ChatMessage(id="m", author="a", received_at=5.0))

    assert [event.received_at for event in got(go(bus, story, kinds=("fresh",)))] == [105.0]


def test_levels_come_as_they_are_said(bus):
    async def story(sender):
        await sender.send(Level(rms=0.5))

    assert got(go(bus, story, kinds=("latest",))) == [Level(rms=0.5)]


def test_what_is_missing_is_told(bus):
    async def story(sender):
        await sender.send(Stop(turn="0"))
        await sender.send(Stop(turn="4"), **{"Aischoco-Number": "5"})
        await sender.send(Stop(turn="new"), **{"Aischoco-Number": "9", "Aischoco-Run": "another"})

    ran = go(bus, story)
    assert ran.events("gap") == [Gap(node="parse", port="chat", missing=3)]
    assert [event.turn for event in got(ran)] == ["0", "4", "new"]
    assert any("3개가 오지 않았어요" in line for line in ran.log)


def test_what_was_on_its_way_when_the_line_broke_comes_again(bus, monkeypatch):
    asked = []
    now = MemoryLine.now

    async def breaks_once(line):
        asked.append(line)
        if len(asked) == 2:
            raise Away("broken")
        return await now(line)

    monkeypatch.setattr(MemoryLine, "now", breaks_once)

    async def story(sender):
        await sender.send(Stop(turn="0"))
        await sender.send(Stop(turn="1"))

    ran = go(bus, story)
    assert [event.turn for event in got(ran)] == ["0", "1"]
    assert ran.events("gap") == []


@pytest.mark.parametrize("headers", [{"Aischoco-Schema": "2"}, {"Aischoco-Type": "Unknown"}])
def test_what_cannot_be_read_is_set_aside_and_the_rest_goes_on(bus, headers):
    async def story(sender):
        await sender.send(Stop(turn="0"), **headers)
        await sender.send(Stop(turn="1"), **headers)
        await sender.send(Stop(turn="2"))

    ran = go(bus, story)
    assert [event.turn for event in got(ran)] == ["2"]
    dead = bus.stored["dead"]
    assert [letter.subject for letter in dead] == ["aischoco.show.gpu.parse.chat.dead"] * 2
    assert all(letter.headers["Aischoco-Error"] for letter in dead)
    assert sum("같은 버전" in line for line in ran.log) == 1


def test_a_donation_stays_on_the_bus_until_its_verdict(bus):
    key = ("sure", "aischoco.show.pc.parse.chat.sure", "gpu_parse_chat")
    seen = []

    async def story(sender):
        await sender.send(gift(1))
        await asyncio.sleep(1.0)
        seen.append(set(bus.floors.get(key, ())))
        await sender.send(Judged(id="d1"), port="judged", node="_place")
        await asyncio.sleep(1.0)
        seen.append(set(bus.floors[key]))

    ran = go(bus, story, **HOME)
    assert [event.id for event in got(ran)] == ["d1"]
    assert seen == [set(), {1}]


def test_a_place_that_was_killed_gets_what_has_no_verdict_and_nothing_else(bus):
    async def first(sender):
        for number in (1, 2, 3):
            await sender.send(gift(number))
        await asyncio.sleep(1.0)
        await sender.send(Judged(id="d2"), port="judged", node="_place")

    async def wait(_):
        await asyncio.sleep(1.0)

    assert [event.id for event in got(go(bus, first, **HOME))] == ["d1", "d2", "d3"]
    bus.news = None
    bus.floors.clear()  # no acknowledgment was stored before the kill
    assert [event.id for event in got(go(bus, wait, **HOME))] == ["d1", "d3"]


def test_a_donation_that_comes_again_while_it_is_under_way_is_not_begun_twice(bus):
    async def story(sender):
        await sender.send(gift(1))
        await asyncio.sleep(1.0)
        bus.cut(True)
        await asyncio.sleep(1.0)
        bus.cut(False)
        await asyncio.sleep(1.0)
        await sender.send(Judged(id="d1"), port="judged", node="_place")
        await asyncio.sleep(1.0)

    ran = go(bus, story, **HOME)
    assert [event.id for event in got(ran)] == ["d1"]
    assert bus.floors["sure", "aischoco.show.pc.parse.chat.sure", "gpu_parse_chat"] == {1}


def test_without_a_place_that_judges_a_donation_is_done_when_it_is_taken(bus):
    async def story(sender):
        await sender.send(gift(1))
        await sender.send(gift(1), **{"Nats-Msg-Id": "other"})

    assert [event.id for event in got(go(bus, story, kinds=("sure",)))] == ["d1"]


def test_the_reader_comes_back_by_itself(bus):
    async def story(sender):
        await sender.send(Stop(turn="0"))
        await asyncio.sleep(1.0)
        bus.cut(True)
        await asyncio.sleep(60.0)
        bus.cut(False)
        await asyncio.sleep(1.0)
        await sender.send(Stop(turn="1"))
        await sender.send(Level(rms=0.5))

    ran = go(bus, story, until=120.0, kinds=("block", "latest"))
    assert [type(event).__name__ for event in got(ran)] == ["Stop", "Stop", "Level"]


def test_who_listens_while_the_bus_is_away_hears_what_is_said_later(bus):
    async def story(sender):
        bus.cut(False)
        await asyncio.sleep(5.0)
        await sender.send(Level(rms=0.5))

    bus.down = True
    assert [event.rms for event in got(go(bus, story, kinds=("latest",)))] == [0.5]


def test_only_the_newest_donations_that_are_done_are_remembered(bus, monkeypatch):
    monkeypatch.setattr(module, "REMEMBERED", 2)

    async def story(sender):
        for number in (1, 2, 3, 3, 2, 1):
            await sender.send(gift(number), **{"Nats-Msg-Id": f"{asyncio.get_running_loop().time()}"})
            await asyncio.sleep(0.5)

    assert [event.id for event in got(go(bus, story, kinds=("sure",)))] == ["d1", "d2", "d3", "d1"]
