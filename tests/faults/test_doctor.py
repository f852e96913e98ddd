"""Each thing that a live show needs is broken in turn: exactly one line of the doctor turns red, with its remedy."""

import asyncio
import shutil
import socket
import subprocess
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from graphs.engine import doctor, machine
from graphs.engine.doctor import Doctor, Line
from nodes.audio import _devices
from nodes.audio._devices import Found
from tests.harness import ROOT
from tests.nodes.avatar.vts_peer import Peer
from tests.nodes.chat.chzzk_api import ChzzkApi
from tests.nodes.peers_of_checks import Model, VoiceServer, served
from tests.peers.vts_server import serve

pytestmark = [pytest.mark.component]

KEY, TOKEN = "MARK-good-key", "MARK-vts-permission"
GRAPH = """
name: live
nodes:
  chzzk: {{type: chat.chzzk, access_token: "${{CHZZK_ACCESS_TOKEN:-}}", api_url: "{chzzk}"}}
  parse: {{type: chat.parse, in: chzzk}}
  filter: {{type: chat.filter, in: parse}}
  batch: {{type: chat.batch, in: filter, speaking: voice.speaking}}
  reply: {{type: llm.reply, in: batch, base_url: "{llm}", api_key: "${{GROQ_API_KEY:-}}", model: {model}, first_s: 2.0}}
  split: {{type: reply.split, in: reply}}
  speech: {{type: speech.http, in: split.sentence, urls: ["{voice}"]}}
  voice: {{type: audio.play, in: speech, device: CABLE Input}}
  pose: {{type: pose.interpolate, in: split.emotion, speaking: voice.speaking}}
  avatar: {{type: avatar.vts, in: pose, port: {vts}, discover: false, token_file: "{permissions}"}}
  overlay: {{type: overlay.web, chat: filter}}
{more}
"""


@dataclass
class World:
    """All that a show needs, in order; a case breaks one thing of it."""

    folder: Path
    chzzk: ChzzkApi = field(default_factory=ChzzkApi)
    llm: Model = field(default_factory=Model)
    voice: VoiceServer = field(default_factory=VoiceServer)
    vts: Peer = field(default_factory=Peer)
    devices: list[Found] = field(default_factory=lambda: [Found("CABLE Input (VB-Audio)", "WASAPI")])
    env: dict[str, str] = field(default_factory=dict)
    model: str = "big"
    more: str = ""
    before: list[Callable[[], Any]] = field(default_factory=list)
    """Called when everything is up."""

    async def examine(self) -> list[Line]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.chzzk)
            llm = await stack.enter_async_context(served(completions=self.llm.completions))
            voice = await stack.enter_async_context(served(health=self.voice.health, speech=self.voice.speech))
            runner, port = await serve(self.vts)
            stack.push_async_callback(runner.cleanup)
            access, _ = self.chzzk.pair()
            permissions = self.folder / "permissions.txt"
            permissions.write_text(f"127.0.0.1:{port} {TOKEN}\n", encoding="utf-8")
            given = {"chzzk": self.chzzk.url, "llm": llm, "voice": voice, "vts": port, "model": self.model}
            text = GRAPH.format(**given, permissions=permissions.as_posix(), more=self.more)
            file = self.folder / "live.yaml"
            file.write_text(text, encoding="utf-8")
            env = {"CHZZK_ACCESS_TOKEN": access, "GROQ_API_KEY": KEY, "OVERLAY_PORT": "0", **self.env}
            for call in self.before:
                call()
            return await Doctor(self.folder, env).examine(file)


@pytest.fixture
def world(tmp_path, monkeypatch):
    world = World(tmp_path)
    world.vts.tokens = [TOKEN]
    for folder in ("config",):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (tmp_path / "requirements.txt").write_text("numpy>=2\n", encoding="utf-8")
    (tmp_path / ".env").write_text("A=1\n", encoding="utf-8")
    monkeypatch.setattr(_devices, "listed", lambda: (world.devices, []))
    monkeypatch.chdir(tmp_path)
    return world


def examined(world: World) -> list[Line]:
    lines = asyncio.run(world.examine())
    assert "MARK-" not in str(lines)
    return lines


def test_when_all_is_well_every_line_is_green(world):
    lines = examined(world)
    assert [line for line in lines if not line.ok] == []
    asked = {"graph", "machine", "chzzk", "reply", "speech", "voice", "avatar"}
    assert {line.where for line in lines} == asked
    assert any("clock" in line.what for line in lines)


def no_login(world: World, _: Any) -> None:
    world.env["CHZZK_ACCESS_TOKEN"] = ""


def not_approved(world: World, _: Any) -> None:
    world.chzzk.next("/open/v1/sessions/auth", 500)


def wrong_key(world: World, _: Any) -> None:
    world.env["GROQ_API_KEY"] = "MARK-wrong-key"


def unknown_model(world: World, _: Any) -> None:
    world.model = "huge"


def used_up(world: World, _: Any) -> None:
    world.llm.headers = {"x-ratelimit-limit-requests": "1000", "x-ratelimit-remaining-requests": "3"}


def slow_model(world: World, _: Any) -> None:
    world.llm.first_s = 3.0


def no_voice(world: World, _: Any) -> None:
    world.voice.up = False


def no_device(world: World, _: Any) -> None:
    world.devices = [Found("Speakers", "WASAPI", True)]


def api_off(world: World, _: Any) -> None:
    world.vts.api = False


def not_allowed(world: World, _: Any) -> None:
    world.vts.tokens = []


def port_taken(world: World, monkeypatch: Any) -> None:
    other = socket.create_server(("127.0.0.1", 0))
    monkeypatch.setattr(machine, "ASK_S", 0.2)
    world.env["OVERLAY_PORT"] = str(other.getsockname()[1])
    world.finish = other.close  # type: ignore[attr-defined]


def disk_full(world: World, monkeypatch: Any) -> None:
    real = machine.disk
    monkeypatch.setattr(machine, "disk", lambda root: real(root, lambda _: (10**12, 10**12, 10**6)))


def clock_off(world: World, monkeypatch: Any) -> None:
    class Late(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime.now(tz) + timedelta(hours=9)

    monkeypatch.setattr(doctor, "datetime", Late)


def old_package(world: World, _: Any) -> None:
    (world.folder / "requirements.txt").write_text("numpy>=99\n", encoding="utf-8")


def env_in_git(world: World, _: Any) -> None:
    git = shutil.which("git")
    if git is None:
        pytest.skip("git is not installed")
    subprocess.run([git, "init", "-q", str(world.folder)], check=True)
    subprocess.run([git, "-C", str(world.folder), "add", "-f", ".env"], check=True)


def wrong_graph(world: World, _: Any) -> None:
    world.more = "  extra: {type: chat.fliter, in: parse}"


@pytest.mark.parametrize(
    ("broken", "where", "remedy"),
    [
        (no_login, "chzzk", "aischoco.py login"),
        (not_approved, "chzzk", "승인 상태"),
        (wrong_key, "reply", "GROQ_API_KEY"),
        (unknown_model, "reply", "model과 base_url"),
        (used_up, "reply", "second_model"),
        (slow_model, "reply", "first_s"),
        (no_voice, "speech", "503"),
        (no_device, "voice", "Speakers"),
        (api_off, "avatar", "Start API"),
        (not_allowed, "avatar", "허용"),
        (port_taken, "machine", "OVERLAY_PORT"),
        (disk_full, "machine", "비우세요"),
        (clock_off, "machine", "자동으로 시간 설정"),
        (old_package, "machine", "pip install -r requirements.txt"),
        (env_in_git, "machine", "git rm --cached"),
        (wrong_graph, "graph", "chat.filter"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_one_thing_that_is_broken_is_one_red_line_with_its_remedy(world, monkeypatch, broken, where, remedy):
    broken(world, monkeypatch)
    try:
        red = [line for line in examined(world) if not line.ok]
    finally:
        getattr(world, "finish", lambda: None)()
    assert [line.where for line in red] == [where], red
    assert remedy in red[0].remedy, red
