"""nodes/chat/_chzzk/shield.py: whatever happens, the chat settings come back."""

import json
import os
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from nodes.chat._chzzk.account import Account, ServiceError
from nodes.chat._chzzk.rest import BadRequest, Busy, ChzzkError, Forbidden
from nodes.chat._chzzk.shield import Shield, lowered, raised
from tests.nodes.chat.chzzk_channel import SETTINGS, Channel, Inside

pytestmark = pytest.mark.asyncio


class Here:
    """A worker that does it at once."""

    async def thread(self, call: Callable[..., Any], *args: Any) -> Any:
        return call(*args)

    async def sleep(self, seconds: float) -> None: ...


class Told(Inside):
    """An account whose next change of settings may go wrong: before or after it took effect."""

    def __init__(self, channel: Channel) -> None:
        super().__init__(channel)
        self.lost: list[str] = []

    async def call(self, method: str, path: str, **more: Any) -> Any:
        how = self.lost.pop(0) if method == "PUT" and self.lost else ""
        if how == "before":
            raise ServiceError("no network")
        content = await super().call(method, path, **more)
        if how == "after":
            raise ServiceError("no answer")
        return content


@pytest.fixture
def channel() -> Channel:
    channel = Channel()
    channel.settings["chatSlowModeSec"] = 3
    return channel


def shield(channel: Channel | Told, path: Path) -> Shield:
    account = channel if isinstance(channel, Told) else Inside(channel)
    return Shield(cast(Account, account), path, cast(Any, Here()))


async def test_the_chat_becomes_slow_and_is_as_before_afterwards(channel: Channel, tmp_path: Path) -> None:
    file, before = tmp_path / "new" / "shield.json", dict(channel.settings)
    one = shield(channel, file)
    await one.raise_(30, 10)
    assert channel.settings == before | {
        "chatSlowModeSec": 30,
        "chatAvailableGroup": "FOLLOWER",
        "minFollowerMinute": 10,
    }
    assert file.exists()
    assert await one.lower()
    assert channel.settings == before
    assert not file.exists()
    assert not await one.lower(), "there is nothing left to put back"


async def test_after_a_kill_the_next_run_puts_the_former_value_back(channel: Channel, tmp_path: Path) -> None:
    await shield(channel, tmp_path / "s.json").raise_(30, None)
    assert channel.settings["chatSlowModeSec"] == 30
    assert await shield(channel, tmp_path / "s.json").lower()
    assert channel.settings["chatSlowModeSec"] == 3


async def test_a_shield_that_is_raised_twice_remembers_the_first_value(channel: Channel, tmp_path: Path) -> None:
    await shield(channel, tmp_path / "s.json").raise_(30, None)
    again = shield(channel, tmp_path / "s.json")
    await again.raise_(60, None)
    assert channel.settings["chatSlowModeSec"] == 60
    await again.lower()
    assert channel.settings["chatSlowModeSec"] == 3


async def test_the_former_value_is_on_disk_before_anything_changes(channel: Channel, tmp_path: Path) -> None:
    file = tmp_path / "s.json"
    seen: list[Any] = []

    class Looks(Inside):
        async def call(self, method: str, path: str, **more: Any) -> Any:
            if method == "PUT":
                seen.append(json.loads(file.read_text("utf-8"))["before"])
            return await super().call(method, path, **more)

    await Shield(cast(Account, Looks(channel)), file, cast(Any, Here())).raise_(30, None)
    assert seen == [{"chatSlowModeSec": 3}]


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_change_of_which_nobody_knows_is_put_back(channel: Channel, tmp_path: Path, when: str) -> None:
    account = Told(channel)
    account.lost = [when]
    one = shield(account, tmp_path / "s.json")
    with pytest.raises(ServiceError):
        await one.raise_(30, None)
    await one.lower()
    assert channel.settings["chatSlowModeSec"] == 3
    assert not (tmp_path / "s.json").exists()


@pytest.mark.parametrize(("status", "kind"), [(400, BadRequest), (403, Forbidden), (429, Busy)])
async def test_a_change_that_is_refused_leaves_nothing_to_put_back(
    channel: Channel, tmp_path: Path, status: int, kind: type[ChzzkError]
) -> None:
    class Refuses(Inside):
        async def call(self, method: str, path: str, **more: Any) -> Any:
            if method == "PUT":
                self.channel.instead[SETTINGS] = deque([(status, "7")])
            return await super().call(method, path, **more)

    with pytest.raises(kind):
        await Shield(cast(Account, Refuses(channel)), tmp_path / "s.json", cast(Any, Here())).raise_(30, None)
    assert not (tmp_path / "s.json").exists()
    assert channel.settings["chatSlowModeSec"] == 3


async def test_what_a_person_changed_meanwhile_stays(channel: Channel, tmp_path: Path) -> None:
    one = shield(channel, tmp_path / "s.json")
    await one.raise_(30, 10)
    channel.settings |= {"chatSlowModeSec": 120, "chatEmojiMode": True}
    await one.lower()
    assert (channel.settings["chatSlowModeSec"], channel.settings["chatEmojiMode"]) == (120, True)
    assert channel.settings["chatAvailableGroup"] == "ALL"


async def test_a_chat_that_is_slow_enough_already_is_left_alone(channel: Channel, tmp_path: Path) -> None:
    channel.settings["chatSlowModeSec"] = 60
    await shield(channel, tmp_path / "s.json").raise_(30, None)
    assert channel.changes == []
    assert not (tmp_path / "s.json").exists()


async def test_a_file_that_cannot_be_written_means_that_nothing_is_changed(channel: Channel, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", "utf-8")
    with pytest.raises(OSError, match="file"):
        await shield(channel, tmp_path / "file" / "s.json").raise_(30, None)
    assert channel.changes == []


@pytest.mark.parametrize(
    "text",
    ["", "[]", "7", '{"v": 2, "before": {}, "ours": {}}', '{"v": 1, "before": {"a": 1}, "ours": {}}', '{"v": 1}'],
)
async def test_a_damaged_file_is_set_aside_and_told_once(channel: Channel, tmp_path: Path, text: str) -> None:
    file = tmp_path / "shield.json"
    file.write_text(text, "utf-8")
    with pytest.raises(ValueError, match=r"shield\.bad"):
        await shield(channel, file).lower()
    assert not await shield(channel, file).lower()
    assert (tmp_path / "shield.bad").read_text("utf-8") == text
    assert channel.changes == []


async def test_each_call_that_fails_in_turn_leaves_the_former_value_within_reach(
    channel: Channel, tmp_path: Path
) -> None:
    """Fail the n-th call, for n = 1, 2, 3 ... until both ways succeed."""
    for number in range(1, 20):
        calls = 0

        class Fails(Inside):
            async def call(self, method: str, path: str, **more: Any) -> Any:
                nonlocal calls
                calls += 1
                if calls == number:  # noqa: B023
                    raise ServiceError("no network")
                return await super().call(method, path, **more)

        file = tmp_path / "s.json"
        one = Shield(cast(Account, Fails(channel)), file, cast(Any, Here()))
        failed = False
        for step in (lambda one=one: one.raise_(30, 10), one.lower):
            try:
                await step()
            except ServiceError:
                failed = True
        await shield(channel, file).lower()
        assert channel.settings["chatSlowModeSec"] == 3, number
        assert channel.settings["chatAvailableGroup"] == "ALL", number
        assert os.listdir(tmp_path) == [], number
        if not failed:
            break
    assert number == 5, "a look and a change, twice"


async def test_the_shield_is_never_looser_than_before() -> None:
    before = {"chatAvailableGroup": "FOLLOWER", "minFollowerMinute": 1440, "chatSlowModeSec": 120}
    assert raised(before, 30, 10) == before
    only = {"chatAvailableGroup": "SUBSCRIBER", "minFollowerMinute": 0, "chatSlowModeSec": 0}
    assert raised(only, 30, 10) == only | {"chatSlowModeSec": 30}
    everybody = {"chatAvailableGroup": "ALL", "minFollowerMinute": 1440, "chatSlowModeSec": 0}
    assert raised(everybody, 3, 10)["minFollowerMinute"] == 10, "it counted for nobody"
    assert raised({"chatSlowModeSec": 0}, 3, 10) == {"chatSlowModeSec": 3}


async def test_a_setting_that_has_vanished_is_not_put_back() -> None:
    assert lowered({"chatSlowModeSec": 30}, {"x": 1, "chatSlowModeSec": 0}, {"x": 2, "chatSlowModeSec": 30}) == {
        "chatSlowModeSec": 0
    }
