"""The microphone as it runs, with a device that a test speaks into."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphs.engine.flow.instance import Instance
from nodes.listen import mic as module
from nodes.listen._blocks import BLOCK, BLOCK_S, RATE
from nodes.listen._ear import Ear
from nodes.listen._saved import write_wav
from nodes.listen._vad import Missing
from schemas.event import Event
from schemas.host import HostTurn, Ignored, MicOrder, MicState, Utterance
from schemas.playback import Speaking, Stop
from tests.harness import Ran, run
from tests.nodes.listen.fakes import FakeMicrophone, FakeVad, block


class Stand:
    """``listen.mic`` with a device of a test."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, vad: Callable[[], Any] = FakeVad) -> None:
        self.device = FakeMicrophone()
        made = partial(Ear, vad=vad, opening=self.device.open, names=self.device.names)
        monkeypatch.setattr(module, "Ear", made)
        self.loudness = 0.0
        self.frozen = False
        """The device is there, and no sound comes from it."""

    async def sound(self, level: float, seconds: float) -> None:
        """Speak into the device, from which sound comes all the time, silence too."""
        self.loudness = level
        await asyncio.sleep(round(seconds / BLOCK_S) * BLOCK_S)
        self.loudness = 0.0

    async def _sounds(self) -> None:
        while True:
            await asyncio.sleep(BLOCK_S)
            if self.device.plugged and not self.frozen:
                self.device.take(block(self.loudness))

    def run(self, story: Callable[[Instance], Awaitable[None]], until: float = 14.0, **settings: Any) -> Ran:
        async def told(instance: Instance) -> None:
            sounding = asyncio.ensure_future(self._sounds())
            await asyncio.sleep(BLOCK_S / 2)
            await story(instance)
            await asyncio.sleep(max(0.0, until - 0.5 - asyncio.get_running_loop().time()))
            sounding.cancel()

        given: dict[str, list[tuple[float, Event]]] = {name: [] for name in ("order", "speaking", "ignored")}
        ran = run(
            "listen.mic", given, settings={"mode": "open", **settings}, complete_at=until - 1, until=until, during=told
        )
        assert ran.error is None
        return ran


@pytest.fixture
def stand(monkeypatch: pytest.MonkeyPatch) -> Stand:
    return Stand(monkeypatch)


def states(ran: Ran) -> list[str]:
    found: list[str] = []
    for turn in ran.events("turn"):
        if not found or found[-1] != turn.state:
            found.append(turn.state)
    return found


def test_what_is_said_into_the_device_becomes_an_utterance(stand: Stand) -> None:
    async def story(_: Instance) -> None:
        await stand.sound(0.0, 2)
        await stand.sound(0.1, 1)
        await stand.sound(0.0, 2)

    ran = stand.run(story)
    assert states(ran) == ["speaking", "holding", "yielded"]
    (utterance,) = ran.events("utterance")
    assert 1.5 < utterance.seconds < 2
    assert (stand.device.opened, stand.device.closed) == (1, 1)
    shown: list[MicState] = ran.events("state")
    assert {each.device for each in shown} == {"", "USB Mic"}
    assert max(each.rms for each in shown) == pytest.approx(0.1, rel=0.01)
    assert not any(each.recorded for each in shown)


def test_switched_off_the_device_is_closed_and_none_is_opened_until_it_is_on(stand: Stand) -> None:
    async def story(instance: Instance) -> None:
        await asyncio.sleep(3)
        assert stand.device.opened == 0
        instance.feed("order", MicOrder(mode="open"))
        await asyncio.sleep(1)
        assert (stand.device.opened, stand.device.closed) == (1, 0)
        await stand.sound(0.1, 0.5)
        instance.feed("order", MicOrder(mode="off"))
        await asyncio.sleep(1)
        assert (stand.device.opened, stand.device.closed) == (1, 1)
        await stand.sound(0.1, 2)

    ran = stand.run(story, mode="off")
    assert ran.events("utterance") == []
    assert states(ran) == ["speaking", "yielded"]
    assert ran.events("state")[-1].device == ""


def test_a_device_that_is_unplugged_in_mid_sentence_is_told_within_a_second_and_taken_again_by_its_name(
    stand: Stand,
) -> None:
    told: list[float] = []

    async def story(_: Instance) -> None:
        loop = asyncio.get_running_loop()
        await stand.sound(0.1, 2)
        stand.device.plugged = False
        told.append(loop.time())
        await asyncio.sleep(3)
        stand.device.plugged = True
        await asyncio.sleep(4)
        await stand.sound(0.1, 1)
        await stand.sound(0.0, 2)

    ran = stand.run(story, device="usb mic")
    lost = next(at for at, port, event in ran.out if port == "state" and event.trouble)  # type: ignore[attr-defined]
    assert lost - told[0] <= 1.0
    assert [len(each.samples) > RATE for each in ran.events("utterance")] == [True, True]
    assert stand.device.opened == 2
    assert [line.partition(" ")[0] for line in ran.log].count("warning") == 2
    assert ran.events("state")[-1].trouble == ""


def test_what_is_judged_only_after_the_device_was_unplugged_does_not_keep_her_speaking(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = module.Ear

    def slow(*arguments: Any, **options: Any) -> Ear:
        ear: Any = made(*arguments, **options)
        ear._worker = Slow(ear._worker)
        return ear

    class Slow:
        def __init__(self, worker: Any) -> None:
            self._worker = worker

        async def thread(self, call: Callable[..., Any], *given: Any) -> Any:
            await asyncio.sleep(2.0)
            return await self._worker.thread(call, *given)

    monkeypatch.setattr(module, "Ear", slow)

    async def story(_: Instance) -> None:
        await stand.sound(0.1, 2.5)
        stand.device.plugged = False

    ran = stand.run(story, device="usb mic")
    assert states(ran) == ["speaking", "yielded"]
    assert len(ran.events("utterance")) == 1


def test_a_device_from_which_nothing_comes_any_more_is_lost(stand: Stand) -> None:
    async def story(_: Instance) -> None:
        await asyncio.sleep(2)
        stand.frozen = True
        await asyncio.sleep(2)
        stand.frozen = False

    ran = stand.run(story)
    assert stand.device.opened == 2
    lost = next(at for at, port, event in ran.out if port == "state" and event.trouble)  # type: ignore[attr-defined]
    assert lost <= 3.0


def test_a_key_that_nobody_releases_is_released_and_what_was_said_is_handed_over(stand: Stand) -> None:
    async def story(instance: Instance) -> None:
        await asyncio.sleep(1)
        instance.feed("order", MicOrder(held=True, for_s=3.0))
        await stand.sound(0.1, 2)
        instance.feed("order", MicOrder(held=True, for_s=3.0))
        await stand.sound(0.1, 6)

    ran = stand.run(story, mode="hold")
    assert states(ran) == ["speaking", "yielded"]
    (at,) = (at for at, _, event in ran.out if isinstance(event, Utterance))
    assert 6.0 <= at <= 6.6
    held = [(at, event.held) for at, _, event in ran.out if isinstance(event, MicState)]
    assert 6.0 <= next(at for at, now in held if at > 2 and not now) <= 6.3


def test_a_device_of_another_name_is_not_taken(stand: Stand) -> None:
    async def story(_: Instance) -> None:
        stand.device.plugged = False
        await asyncio.sleep(8)

    ran = stand.run(story, device="Rode")
    assert ran.conditions["mic"].state == "bad"
    assert "Line In" in ran.conditions["mic"].text
    assert len([line for line in ran.log if "Line In" in line]) == 1


def test_without_the_package_it_says_what_to_install_and_closes_the_device(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> Any:
        raise Missing("pip install -r requirements-listen.txt")

    stand = Stand(monkeypatch, missing)

    async def story(_: Instance) -> None:
        await stand.sound(0.1, 4)

    ran = stand.run(story)
    assert "requirements-listen.txt" in ran.conditions["vad"].text
    assert len([line for line in ran.log if "requirements-listen.txt" in line]) == 1
    assert (stand.device.opened, stand.device.closed) == (1, 1)
    assert ran.events("utterance") == []


def test_a_key_that_is_held_while_there_is_no_microphone_does_not_keep_the_show_waiting(stand: Stand) -> None:
    async def story(instance: Instance) -> None:
        stand.device.plugged = False
        await asyncio.sleep(1)
        instance.feed("order", MicOrder(held=True))
        await asyncio.sleep(4)
        stand.device.plugged = True
        await asyncio.sleep(6)
        await stand.sound(0.1, 1)
        instance.feed("order", MicOrder(held=False))

    ran = stand.run(story, mode="hold", until=16.0)
    assert states(ran) == ["speaking", "yielded", "speaking", "yielded"]
    yielded = [at for at, _, event in ran.out if isinstance(event, HostTurn) and event.state == "yielded"]
    assert yielded[0] <= 1.5
    (utterance,) = ran.events("utterance")
    assert utterance.voiced_s == pytest.approx(1.0, abs=0.1)


def test_a_key_that_is_held_without_the_package_does_not_keep_the_show_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> Any:
        raise Missing("pip install -r requirements-listen.txt")

    stand = Stand(monkeypatch, missing)

    async def story(instance: Instance) -> None:
        await asyncio.sleep(2)
        instance.feed("order", MicOrder(held=True))
        await asyncio.sleep(1)
        instance.feed("order", MicOrder(held=False))

    ran = stand.run(story, mode="hold")
    assert states(ran) == ["speaking", "yielded"]
    assert [at for at, _, event in ran.out if isinstance(event, HostTurn)][-1] <= 2.5


def test_the_answer_that_is_being_said_is_stopped_within_a_tenth_of_a_second_of_her_voice(stand: Stand) -> None:
    async def story(instance: Instance) -> None:
        await stand.sound(0.0, 2)
        instance.feed("speaking", Speaking(turn="t", speaking=True))
        await stand.sound(0.1, 1)

    ran = stand.run(story)
    (at,) = (at for at, _, event in ran.out if isinstance(event, Stop))
    begun = 2 // BLOCK_S * BLOCK_S
    assert at - begun <= 0.13


def test_what_is_said_is_written_only_where_the_graph_asks_for_it_and_the_page_is_told(
    stand: Stand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from graphs.engine.flow.files import ProjectFiles

    monkeypatch.setattr(ProjectFiles, "session", lambda _: tmp_path)

    async def story(_: Instance) -> None:
        await stand.sound(0.1, 1)
        await stand.sound(0.0, 2)

    assert len(stand.run(story).events("utterance")) == 1
    assert list(tmp_path.iterdir()) == []
    ran = stand.run(story, record=True)
    assert [each.name for each in tmp_path.iterdir()] == [f"{ran.events('utterance')[0].id}.wav"]
    assert all(each.recorded for each in ran.events("state"))


def test_a_device_that_gives_nothing_but_zeros_is_told_until_something_is_heard(stand: Stand) -> None:
    async def story(_: Instance) -> None:
        await stand.sound(0.0, 25)
        await stand.sound(0.1, 1)

    ran = stand.run(story, until=60.0)
    told = [at for at, _, event in ran.out if isinstance(event, MicState) and event.trouble]
    assert 20.0 <= told[0] <= 20.5
    assert 24.5 <= told[-1] <= 25.0
    assert "USB Mic" in next(event.trouble for event in ran.events("state") if event.trouble)


def test_a_full_disk_costs_the_recording_and_nothing_else(
    stand: Stand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from graphs.engine.flow.files import ProjectFiles

    monkeypatch.setattr(ProjectFiles, "session", lambda _: tmp_path / "gone")  # type: ignore[misc]

    async def story(_: Instance) -> None:
        for _ in range(3):
            await stand.sound(0.1, 1)
            await stand.sound(0.0, 2)
            if asyncio.get_running_loop().time() > 5:
                (tmp_path / "gone").mkdir(exist_ok=True)

    ran = stand.run(story, record=True)
    assert len(ran.events("utterance")) == 3
    assert stand.device.opened == 1
    assert len([line for line in ran.log if "녹음" in line]) == 2
    assert len(list((tmp_path / "gone").iterdir())) == 1


def test_a_recording_takes_the_place_of_the_device_and_gives_the_same_each_time(stand: Stand, tmp_path: Path) -> None:
    sound = [block(0.0)] * 30 + [block(0.1)] * 30 + [block(0.0)] * 60
    write_wav(tmp_path / "said.wav", np.concatenate(sound))

    async def story(_: Instance) -> None:
        await asyncio.sleep(8)

    def once() -> list[tuple[float, str]]:
        ran = stand.run(story, file=tmp_path / "said.wav")
        assert stand.device.opened == 0
        return [
            (at, f"{type(event).__name__} {getattr(event, 'state', '')} {getattr(event, 'id', '')}")
            for at, _, event in ran.out
            if isinstance(event, HostTurn | Utterance | Ignored)
        ]

    first = once()
    assert [what.split()[0] for _, what in first][-1] == "Utterance"
    assert once() == first
    assert len(sound) * BLOCK == 120 * BLOCK
