"""``pose.interpolate`` and ``avatar.vts`` over a real WebSocket, in real time, against a VTube Studio in a process
of its own that is killed, frozen and started again. The figures are printed."""

import asyncio
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import FakeChannel, FakeWeb
from tests.peers.body import GRAPH, Injection, Server, jitter_ms, on_air, percentile, rate

pytestmark = [pytest.mark.component, pytest.mark.alone, pytest.mark.asyncio, pytest.mark.timeout(180)]

ATTEMPTS = 3
"""Times are measured again if the machine was busy with something else."""


@pytest.fixture
def server(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Server]:
    server = Server(tmp_path, *getattr(request, "param", ()), "--token", "known")
    server.start()
    (tmp_path / "token.txt").write_text("known\n")
    yield server
    server.kill()


@pytest.mark.parametrize("most_ms", [25.0, pytest.param(3.0, marks=pytest.mark.slow)], ids=["busy", "quiet"])
async def test_frames_arrive_sixty_times_a_second(
    server: Server, most_ms: float, capsys: pytest.CaptureFixture[str]
) -> None:
    """``quiet`` needs a machine on which nothing else runs."""
    async with on_air(server, "sway, breath, gaze, blink") as show:
        for _ in range(ATTEMPTS):
            begin = time.monotonic()
            await asyncio.sleep(6.0)
            got = [each for each in show.server.injections() if each[0] > begin + 0.5]
            jitter = jitter_ms(got)
            with capsys.disabled():
                p50, p99 = percentile(jitter, 0.5), percentile(jitter, 0.99)
                print(f"\nframes {rate(got):.2f} Hz, jitter p50 {p50:.2f} p99 {p99:.2f} ms")
            if abs(rate(got) - 60.0) < 0.2 and p99 < most_ms:
                return
    pytest.fail("frames did not keep their time")


async def test_a_feeling_shows_in_the_avatar_within_35_ms(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    async with on_air(server) as show:
        for attempt in range(ATTEMPTS):
            begun: list[float] = []
            for number in range(24):
                begun.append(show.feel(("happy", "sad")[number % 2]))
                await asyncio.sleep(0.3 + number * 0.0031)
            got = show.server.injections()
            late = [1000 * (_moved(got, at) - at) for at in begun[attempt == 0 :]]
            with capsys.disabled():
                print(f"\nfeeling to avatar p50 {percentile(late, 0.5):.1f} p99 {percentile(late, 0.99):.1f} ms")
            if percentile(late, 0.99) <= 35.0:
                return
    pytest.fail("a feeling was late")


def _moved(injections: list[Injection], since: float) -> float:
    """Return when the smile first differed from before."""
    before = next(values["MouthSmile"] for at, values in reversed(injections) if at < since and "MouthSmile" in values)
    return next(at for at, values in injections if at > since and values.get("MouthSmile", before) != before)


@pytest.mark.parametrize("server", [("--frame-hz", "60"), ("--frame-hz", "30")], indirect=True, ids=["60", "30"])
async def test_an_avatar_that_answers_once_a_frame_does_not_slow_it_down(server: Server) -> None:
    async with on_air(server, "sway") as show:
        begin = time.monotonic()
        await asyncio.sleep(3.0)
        got = [each for each in show.server.injections() if each[0] > begin]
        assert rate(got) > 40.0


class StageWeb(FakeWeb):
    """The web server of the stage; it records when a page would have been sent something."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[float, dict[str, float]]] = []

    async def start(self) -> None: ...
    async def stop(self) -> None: ...

    def channel(self, path: str, **calls: Any) -> FakeChannel:
        channel = super().channel(path, **calls)
        web = self

        class Page(list[Any]):
            def append(self, message: Any) -> None:
                web.told.append((time.monotonic(), message.get("values", {})))

        channel.connect()
        channel.pages["page"] = Page()
        return channel


async def test_the_built_in_stage_is_moved_as_vtube_studio_is(
    tmp_path: Path, unused_tcp_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    stage = (
        f"  stage: {{type: avatar.stage, port: {unused_tcp_port}, allow: true, broadcast: false, token_file: KEPT}}\n"
    )
    web, server = StageWeb(), Server(tmp_path)
    server.port = unused_tcp_port
    async with on_air(server, "", GRAPH + stage.replace("KEPT", str(tmp_path / "kept.json")), web) as show:
        async with asyncio.timeout(20):
            while not any("MouthSmile" in values for _, values in web.told):
                await asyncio.sleep(0.02)
        await asyncio.sleep(1.5)
        for _ in range(ATTEMPTS):
            begun: list[float] = []
            for number in range(24):
                begun.append(show.feel(("happy", "sad")[number % 2]))
                await asyncio.sleep(0.4 + number * 0.0031)
            late = [1000 * (_moved(web.told, at) - at) for at in begun]
            with capsys.disabled():
                print(f"\nfeeling to stage page p50 {percentile(late, 0.5):.1f} p99 {percentile(late, 0.99):.1f} ms")
            if percentile(late, 0.99) <= 35.0:
                return
    pytest.fail("a feeling was late")


async def back_after(server: Server, stop: Callable[[], None], start: Callable[[], None]) -> float:
    """Measure the seconds from ``start`` to the next movement."""
    async with on_air(server, "sway") as show:
        await asyncio.to_thread(stop)
        await asyncio.sleep(7.0)
        await asyncio.to_thread(start)
        begin = time.monotonic()
        show.feel("happy")
        at, _ = await show.moves(begin, smile=0.5)  # everything already on its way is neutral
        await asyncio.sleep(1.5)
        got = [each for each in show.server.injections() if each[0] >= at + 0.5]
        assert rate(got) > 30.0
        assert [values["MouthSmile"] for _, values in got if "MouthSmile" in values][-1] > 0.8
    return at - begin


async def test_after_it_was_killed_it_moves_again_within_three_seconds_without_a_prompt(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    seconds = await back_after(server, server.kill, server.start)
    with capsys.disabled():
        print(f"\nkilled and back: moves {seconds:.2f} s after it listens")
    assert seconds < 3.0
    assert server.log.with_name("token.txt").read_text() == "known\n"


async def test_after_it_hung_it_moves_again(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    seconds = await back_after(server, lambda: server.signal(signal.SIGSTOP), lambda: server.signal(signal.SIGCONT))
    with capsys.disabled():
        print(f"\nhung and back: moves {seconds:.2f} s after it goes on")
    assert seconds < 3.5
