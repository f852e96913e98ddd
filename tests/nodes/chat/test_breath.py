"""The time of a recording that holds its breath for guests."""

from collections.abc import Callable
from typing import Any

import pytest
from reactivex.abc import DisposableBase
from reactivex.disposable import Disposable

from nodes.chat._breath import MOST_S, Breath
from schemas.bus import Judged
from tests.nodes.chat.fakes import chat

GUEST = chat("g", guest=True)


class World:
    """A clock that stands, and verdicts that a test gives."""

    def __init__(self) -> None:
        self.at = 0.0
        self.take: Callable[[Any], object] = id
        self.breath = Breath(self, self)  # type: ignore[arg-type]
        self.listening = self.breath.follow()

    def now(self) -> float:
        return self.at

    def follow(self, take: Callable[[Any], object]) -> DisposableBase:
        self.take = take
        return Disposable()

    def judge(self, event_id: str) -> None:
        self.take(Judged(id=event_id, reason=None, sure=False))


def test_time_stands_still_from_the_message_to_its_verdict() -> None:
    world = World()
    assert world.breath.until(10.0) == 10.0
    world.at = 2.0
    world.breath.came(GUEST)
    world.at = 8.0
    assert 0 < world.breath.until(3.0) < 1.0
    world.judge("another")
    assert 0 < world.breath.until(3.0) < 1.0
    world.judge("g")
    assert world.breath.until(3.0) == 1.0
    world.at = 9.0
    assert world.breath.until(3.0) == 0.0


def test_two_guests_at_once_hold_it_until_both_have_their_verdict() -> None:
    world = World()
    world.breath.came(GUEST)
    world.breath.came(chat("h", guest=True))
    world.at = 4.0
    world.judge("g")
    world.at = 6.0
    world.judge("h")
    assert world.breath.until(1.0) == 1.0


def test_a_message_without_a_verdict_holds_it_for_a_limited_time() -> None:
    world = World()
    world.breath.came(GUEST)
    world.at = MOST_S + 1
    assert world.breath.until(1.0) <= 1.0


@pytest.mark.parametrize("event", [chat("v"), GUEST])
def test_neither_viewers_nor_a_guest_who_has_a_verdict_hold_it(event: Any) -> None:
    world = World()
    world.judge("g")
    world.breath.came(event)
    assert world.breath.until(3.0) == 3.0
