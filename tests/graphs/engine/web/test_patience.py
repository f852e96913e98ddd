import asyncio

import pytest

from graphs.engine.offline.virtual import VirtualLoop
from graphs.engine.web import patience
from graphs.engine.web.patience import CONNECTIONS, REQUEST_S, Patience


class Connection:
    def __init__(self):
        self.ended = ""

    def close(self):
        self.ended = "gently"

    def force_close(self):
        self.ended = "now"


class Room:
    """Connections and a clock."""

    def __init__(self):
        self.there, self.at = [], 0.0
        self.patience = Patience(lambda: [each for each in self.there if not each.ended], lambda: self.at)

    def enter(self, count=1):
        made = [Connection() for _ in range(count)]
        self.there += made
        return made

    def look(self, at):
        self.at = at
        self.patience.look()


@pytest.fixture
def room():
    return Room()


def test_who_asks_for_nothing_is_waited_for_and_then_sent_away(room):
    (silent,) = room.enter()
    for at in (1.0, 3.0, 1.0 + REQUEST_S):
        room.look(at)
        assert not silent.ended
    room.look(1.1 + REQUEST_S)
    assert silent.ended == "now"


def test_who_asked_once_may_stay(room):
    (page,) = room.enter()
    room.look(1.0)
    room.patience.heard(page)
    for at in range(2, 100):
        room.look(at)
    assert not page.ended


def test_in_a_crowd_those_who_asked_for_nothing_go_first_and_the_oldest_of_them(room):
    pages = room.enter(10)
    for page in pages:
        room.patience.heard(page)
    early = room.enter(20)
    room.look(1.0)
    late = room.enter(CONNECTIONS)
    room.look(2.0)
    assert all(each.ended == "now" for each in early)
    assert sum(each.ended == "now" for each in late) == 10
    assert not any(page.ended for page in pages)


def test_in_a_crowd_of_those_who_asked_idle_ones_go(room):
    pages = room.enter(CONNECTIONS + 1)
    for page in pages:
        room.patience.heard(page)
    room.look(1.0)
    assert all(page.ended == "gently" for page in pages)


def test_who_asked_stays_while_those_who_did_not_make_room_enough(room):
    pages = room.enter(CONNECTIONS)
    for page in pages:
        room.patience.heard(page)
    silent = room.enter(2)
    room.look(1.0)
    assert [each.ended for each in silent] == ["now", "now"]
    assert {page.ended for page in pages} == {Connection().ended}


def test_what_is_gone_is_forgotten(room):
    (page,), (silent,) = room.enter(), room.enter()
    room.patience.heard(page)
    room.look(1.0)
    room.there.clear()
    room.look(2.0)
    assert not room.patience._asked
    assert not room.patience._since
    assert not silent.ended


def test_it_looks_again_and_again(room, monkeypatch):
    monkeypatch.setattr(patience, "LOOK_S", 2.0)
    (silent,) = room.enter()

    async def story():
        room.patience._now = asyncio.get_running_loop().time
        watching = asyncio.ensure_future(room.patience.watch())
        await asyncio.sleep(2.0 + REQUEST_S)
        assert not silent.ended
        await asyncio.sleep(3.0)
        assert silent.ended == "now"
        watching.cancel()

    loop = VirtualLoop()
    try:
        loop.run_until_complete(story())
        loop.run_until_complete(asyncio.sleep(0))
    finally:
        loop.close()
