"""When an alarm is reported, on virtual time."""

import asyncio
from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest

from nodes.alert._bell import MOST, Bell, NotDelivered, Ringing, lines
from nodes.troubles import Troubles
from schemas.alarm import Alarm
from tests.harness import on_virtual_time


class Lines(Troubles):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def info(self, text: str, **_: object) -> None:
        self.lines.append(f"info {text}")

    def warning(self, text: str, **_: object) -> None:
        self.lines.append(f"warning {text}")


class Stage:
    """A bell, what it delivered, and when the server is away."""

    def __init__(self, away: Callable[[float], bool] = lambda _: False, **settings: object) -> None:
        self.away = away
        self.told: list[tuple[float, list[str]]] = []
        self.log = Lines()
        self.bell = Bell(Ringing(**settings), self.deliver, self, self, self.log)  # type: ignore[arg-type]

    def now(self) -> float:
        return round(asyncio.get_running_loop().time(), 3)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def deliver(self, some: Sequence[Alarm]) -> None:
        if self.away(self.now()):
            raise NotDelivered("away")
        self.told.append((self.now(), [("over " if each.over else "") + each.text for each in some]))

    def play(self, *story: tuple[float, Alarm], until: float = 10_000.0) -> list[tuple[float, list[str]]]:
        async def main() -> None:
            loop = asyncio.get_running_loop()
            for at, alarm in story:
                loop.call_at(at, self.bell.take, alarm)
            running = loop.create_task(self.bell.run())
            await asyncio.sleep(until)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

        on_virtual_time(main())
        return self.told


def lost(text: str = "lost", node: str = "chzzk") -> Alarm:
    return Alarm("chat", node, text)


def back(node: str = "chzzk") -> Alarm:
    return Alarm("chat", node, "back", over=True)


def test_what_stays_is_told_after_20_s_and_its_end_at_once() -> None:
    assert Stage().play((10.0, lost()), (100.0, back())) == [(30.0, ["lost"]), (100.0, ["over back"])]


def test_what_is_over_sooner_is_not_told_at_all() -> None:
    assert Stage().play((10.0, lost()), (29.0, back())) == []


def test_an_end_without_a_beginning_is_nothing_to_tell() -> None:
    assert Stage().play((10.0, back())) == []


def test_the_newest_text_is_told_and_the_delay_counts_from_the_first() -> None:
    assert Stage().play((10.0, lost("a")), (25.0, lost("b"))) == [(30.0, ["b"])]


def test_the_same_is_told_once_in_five_minutes_however_often_it_comes_and_goes() -> None:
    flapping = [(at, event) for n in range(20) for at, event in ((60.0 * n, lost()), (60.0 * n + 30, back()))]
    told = [at for at, texts in Stage().play(*flapping) if "lost" in texts]
    assert told[0] == 20.0
    assert len(told) <= 1200 / 300 + 1
    assert all(later - sooner >= 300 for sooner, later in pairwise(told))


def test_what_comes_again_within_the_five_minutes_and_stays_is_told_after_them() -> None:
    told = Stage().play((0.0, lost()), (30.0, back()), (40.0, lost("again")))
    assert told == [(20.0, ["lost"]), (30.0, ["over back"]), (320.0, ["again"])]


def test_a_node_that_keeps_failing_after_a_reload_that_did_not_help_is_told_again() -> None:
    assert Stage().play((0.0, lost()), (1000.0, lost("still"))) == [(20.0, ["lost"]), (1020.0, ["still"])]


def test_two_nodes_are_two_alarms_and_what_is_due_together_goes_in_one_message() -> None:
    assert Stage().play((0.0, lost("a", "x")), (0.0, lost("b", "y")), (50.0, back("y"))) == [
        (20.0, ["a", "b"]),
        (50.0, ["over back"]),
    ]


def test_a_flood_of_failing_nodes_is_told_in_messages_of_bounded_size() -> None:
    told = Stage().play(*((0.0, lost(str(n), f"n{n}")) for n in range(2 * MOST + 1)))
    assert [len(texts) for _, texts in told] == [MOST, MOST, 1]


def test_what_cannot_be_delivered_is_tried_again_until_it_is_and_said_once() -> None:
    stage = Stage(away=lambda now: now < 100.0)
    assert stage.play((0.0, lost())) == [(175.0, ["lost"])]  # tried at 20, 25, 35, 55, 95
    assert [line.partition(" ")[0] for line in stage.log.lines] == ["warning", "info"]


def test_what_is_over_before_it_could_be_delivered_is_not_told() -> None:
    assert Stage(away=lambda now: now < 100.0).play((0.0, lost()), (96.0, back())) == []


def test_an_end_that_cannot_be_delivered_comes_later() -> None:
    told = Stage(away=lambda now: 40.0 < now < 100.0).play((0.0, lost()), (50.0, back()))
    assert told == [(20.0, ["lost"]), (125.0, ["over back"])]  # tried at 50, 55, 65, 85


def test_only_what_is_asked_for_is_told() -> None:
    told = Stage(about=("quota",), after_s=0.0).play((0.0, lost()), (1.0, Alarm("quota", "reply", "low")))
    assert told == [(1.0, ["low"])]


@pytest.mark.parametrize("settings", [{"after_s": -1}, {"every_s": float("inf")}, {"about": ["all"]}])
def test_settings_that_make_no_sense_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="Ringing"):
        Ringing(**settings)  # type: ignore[arg-type]


def test_a_line_names_the_node_and_says_whether_it_is_over() -> None:
    assert lines([lost("끊겼어요"), back()]) == "⚠️ chzzk: 끊겼어요\n✅ chzzk: back"
