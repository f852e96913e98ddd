"""``chat.show`` against a server that plays CHZZK, on a clock that is moved by hand: what it asks and what it tells."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nodes.chat._show_facts import Show as Known
from nodes.chat.show import Show, _Watch
from nodes.troubles import Troubles
from tests.peers.chzzk_peer import ACCESS_TOKEN, Peer, install

pytestmark = [pytest.mark.component, pytest.mark.timeout(120)]
FOLLOWERS, SETTING = "/open/v1/channels/followers", "/open/v1/lives/setting"
MINUTE = 60.0


class Told(Troubles):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def info(self, text: str, **_: object) -> None: ...
    def warning(self, text: str, **_: object) -> None:
        self.lines.append(text)

    def hide(self, secret: str) -> None: ...


class Clock:
    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> float:
        return self.at


class Looked:
    """What came of some looks at the show."""

    def __init__(self, peer: Peer, looks: int, between: Callable[[int], object], step_s: float) -> None:
        """
        Args:
            between: called with the number of the next look.
            step_s: the time between two looks.
        """
        self.known, self.log = Known(), Told()
        self.events: list[tuple[float, str, str]] = []
        before: dict[str, int] = peer.do("state")["asked"]
        asyncio.run(self._look(peer.url, looks, between, step_s))
        after: dict[str, int] = peer.do("state")["asked"]
        self.asked = {path: after.get(path, 0) - before.get(path, 0) for path in (FOLLOWERS, SETTING)}

    async def _look(self, url: str, looks: int, between: Callable[[int], object], step_s: float) -> None:
        clock, log = Clock(), self.log
        config = Show.model_validate({"access_token": ACCESS_TOKEN, "api_url": url, "every_s": min(step_s, MINUTE)})
        watch = _Watch(config, self.known, clock, log)
        try:
            for number in range(looks):
                await asyncio.to_thread(between, number)
                async for event in watch.round():
                    self.events.append((clock.at, event.kind, event.text))
                clock.at += step_s
        finally:
            await watch.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(tmp_path_factory.mktemp("chzzk"))


@pytest.fixture
def peer(folder: Path) -> Iterator[Peer]:
    peer = Peer(folder)
    peer.start()
    yield peer
    peer.kill()


def nothing(_: int) -> None: ...


def test_thirty_followers_within_a_minute_are_told_once_each(peer: Peer) -> None:
    peer.do("follow", count=60)

    def follow(number: int) -> None:
        if 1 <= number <= 3:
            peer.do("follow", count=10)

    looked = Looked(peer, 6, follow, 20.0)
    names = [name for _, kind, name in looked.events if kind == "follower"]
    assert names == [f"팔로워{number}" for number in range(60, 90)]
    assert (looked.known.new, looked.known.total) == (30, 90)
    assert looked.log.lines == []


def test_an_hour_is_a_request_a_minute_for_each_call_and_what_changes_is_told(peer: Peer) -> None:
    def change(number: int) -> None:
        if number == 30:
            peer.do("announce", title="야식 방송", category="Just Chatting")

    looked = Looked(peer, 60, change, MINUTE)
    assert looked.asked == {FOLLOWERS: 60, SETTING: 60}
    assert looked.events == [(1800.0, "title", "야식 방송"), (1800.0, "category", "Just Chatting")]


@pytest.mark.parametrize(("scope", "path"), [("채널 팔로워 조회", FOLLOWERS), ("방송 설정 조회", SETTING)])
def test_a_missing_scope_is_told_once_in_an_hour_and_asked_for_every_ten_minutes(
    peer: Peer, scope: str, path: str
) -> None:
    peer.do("scopes", without=[scope])
    looked = Looked(peer, 60, nothing, MINUTE)
    other = SETTING if path == FOLLOWERS else FOLLOWERS
    assert looked.asked == {path: 6, other: 60}
    (line,) = looked.log.lines
    assert f"'{scope}'" in line
    assert ACCESS_TOKEN not in line


def test_a_busy_service_is_left_alone_for_as_long_as_it_asks(peer: Peer) -> None:
    def busy(number: int) -> None:
        if number == 1:
            peer.do("fail", path=FOLLOWERS, status=429, retry_after=300)
        if number == 3:
            peer.do("follow", count=1)

    looked = Looked(peer, 8, busy, MINUTE)
    assert looked.asked == {FOLLOWERS: 4, SETTING: 8}, "at 0, 1, 6 and 7 minutes"
    assert looked.events == [(360.0, "follower", "팔로워0")]
    assert len(looked.log.lines) == 1


def test_the_count_of_followers_may_vanish_and_come_back(peer: Peer) -> None:
    def change(number: int) -> None:
        if number == 1:
            peer.do("announce", total=False)
            peer.do("follow", count=1)
        if number == 3:
            peer.do("announce", total=True)

    looked = Looked(peer, 2, change, MINUTE)
    assert (looked.known.total, looked.known.new) == (None, 1)
    again = Looked(peer, 4, change, MINUTE)
    assert again.known.total == 2
    assert looked.log.lines + again.log.lines == []
