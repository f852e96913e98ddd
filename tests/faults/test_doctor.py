"""The whole pre-flight list over real sockets: what one broken thing turns red."""

import contextlib
import shutil
import socket
import subprocess
from datetime import timedelta

import pytest

from graphs.engine.commands import _machine
from graphs.engine.commands.doctor import Doctor
from graphs.engine.log.engine_log import EngineLog
from graphs.engine.web.server import LocalWeb
from nodes.audio import _devices
from nodes.audio._devices import Found
from tests.harness import ROOT
from tests.nodes.avatar.vts_peer import Peer
from tests.nodes.chat.chzzk_api import LiveApi
from tests.nodes.peers_of_exams import Model, VoiceServer, served
from tests.peers.vts_server import serve
from tests.ports import free_port

pytestmark = [pytest.mark.asyncio, pytest.mark.component, pytest.mark.usefixtures("english")]

GRAPH = """
name: small
nodes:
  chzzk: {type: chat.chzzk, api_url: "${CHZZK_API_URL}", access_token: "${CHZZK_ACCESS_TOKEN:-}"}
  parse: {type: chat.parse, in: chzzk}
  batch: {type: chat.batch, in: parse}
  reply: {type: llm.reply, in: batch, base_url: "${GROQ_BASE_URL}", api_key: "${GROQ_API_KEY:-}", model: "${MODEL}"}
  split: {type: reply.split, in: reply}
  speech: {type: speech.http, in: split.sentence, urls: ["${TTS_REMOTE_URL}"]}
  voice: {type: audio.play, in: speech, device: "${TTS_OUTPUT_DEVICE}"}
  pose: {type: pose.interpolate, in: split, mapping: config/pose_mapping.json}
  avatar: {type: avatar.vts, in: pose, port: "${VTS_PORT}", token_file: token.txt, discover: false}
  overlay: {type: overlay.web, chat: parse}
"""


class Studio:
    """A streamer's machine on which all is well, until a test breaks something."""

    def __init__(self, root) -> None:
        self.root = root
        self.chzzk, self.model, self.voice, self.vts = LiveApi(), Model(), VoiceServer(), Peer()
        self.vts.tokens = ["good"]
        self.pages = 1
        self.foreign: socket.socket | None = None
        """Someone else's program that holds the port of the page."""
        self.env = {"MODEL": "big", "GROQ_API_KEY": self.model.key, "TTS_OUTPUT_DEVICE": "CABLE Input"}
        (root / "requirements.txt").write_text("numpy\n", encoding="utf-8")
        (root / "graph.yaml").write_text(GRAPH, encoding="utf-8")
        shutil.copytree(ROOT / "config", root / "config")

    async def examine(self):
        async with contextlib.AsyncExitStack() as stack:
            await stack.enter_async_context(self.chzzk)
            models = await stack.enter_async_context(served(completions=self.model.completions))
            voices = await stack.enter_async_context(served(speech=self.voice.speech, health=self.voice.health))
            vts, port = await serve(self.vts)
            stack.push_async_callback(vts.cleanup)
            show = LocalWeb("127.0.0.1", free_port(), EngineLog(quiet=True))
            show.get("/api/state", lambda _: {"pages": self.pages})
            await show.start()
            stack.push_async_callback(show.stop)
            (self.root / "token.txt").write_text(f"127.0.0.1:{port} good\n", encoding="utf-8")
            env = {
                "CHZZK_API_URL": self.chzzk.url,
                "CHZZK_ACCESS_TOKEN": self.chzzk.pair()[0],
                "GROQ_BASE_URL": models,
                "TTS_REMOTE_URL": voices,
                "VTS_PORT": str(port),
                "OVERLAY_PORT": str(show._port),
                **self.env,
            }
            return await Doctor(self.root, env).examine(self.root / "graph.yaml")


@pytest.fixture
def studio(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    there = [Found("Speakers (Realtek)", "WASAPI", True), Found("CABLE Input (VB-Audio)", "WASAPI")]
    monkeypatch.setattr(_devices, "listed", lambda: (there, []))
    studio = Studio(tmp_path)
    yield studio
    if studio.foreign is not None:
        studio.foreign.close()


def no_login(studio, _):
    studio.env["CHZZK_ACCESS_TOKEN"] = "MARK-over"


def no_right(studio, _):
    studio.chzzk.next("/open/v1/sessions/events/subscribe/donation", 403)


def not_approved(studio, _):
    studio.chzzk.next("/open/v1/sessions/auth", 500)


def wrong_key(studio, _):
    studio.env["GROQ_API_KEY"] = "MARK-wrong-key"


def no_such_model(studio, _):
    studio.env["MODEL"] = "huge"


def quota_used_up(studio, _):
    studio.model.headers = {"x-ratelimit-limit-requests": "1000", "x-ratelimit-remaining-requests": "3"}


def slow_model(studio, monkeypatch):
    studio.model.first_s = 4.0


def no_voice(studio, _):
    studio.voice.up = False


def no_device(studio, _):
    studio.env["TTS_OUTPUT_DEVICE"] = "BlackHole"


def api_off(studio, _):
    studio.vts.api = False


def not_allowed(studio, _):
    studio.vts.tokens = []


def unknown_input(studio, _):
    del studio.vts.inputs["MouthOpen"]


def no_page(studio, _):
    studio.pages = 0


def no_port(studio, _):
    studio.env["OVERLAY_PORT"] = "many"


def port_taken(studio, monkeypatch):
    studio.foreign = other = socket.create_server(("127.0.0.1", 0))
    monkeypatch.setattr(_machine, "ASK_S", 0.2)
    studio.env["OVERLAY_PORT"] = str(other.getsockname()[1])


def full_disk(studio, monkeypatch):
    disk = _machine.disk
    monkeypatch.setattr(_machine, "disk", lambda root: disk(root, lambda _: (10**12, 10**12, 10**8)))


def wrong_clock(studio, monkeypatch):
    clock = _machine.clock
    late = timedelta(minutes=5)
    monkeypatch.setattr(_machine, "clock", lambda dates: clock([(date, here - late) for date, here in dates]))


def package_missing(studio, _):
    (studio.root / "requirements.txt").write_text("numpy\nnot-there-at-all>=1\n", encoding="utf-8")


def package_too_old(studio, _):
    (studio.root / "requirements.txt").write_text("numpy>=99\n", encoding="utf-8")


def env_in_git(studio, _):
    git = shutil.which("git")
    if git is None:
        pytest.skip("git is not installed")
    (studio.root / ".env").write_text("A=b\n", encoding="utf-8")
    subprocess.run([git, "init", "-q", str(studio.root)], check=True)
    subprocess.run([git, "-C", str(studio.root), "add", "-f", ".env"], check=True)


def env_file(studio, _):
    (studio.root / ".env").write_bytes("이름=값".encode("cp949"))


def wrong_graph(studio, _):
    text = GRAPH.replace("reply.split", "reply.spilt")
    (studio.root / "graph.yaml").write_text(text, encoding="utf-8")


BROKEN = {
    no_login: ("chzzk", "login", "CHZZK_ACCESS_TOKEN"),
    no_right: ("chzzk", "without donations", "후원 조회"),
    not_approved: ("chzzk", "session", "approved"),
    wrong_key: ("reply", "API key", "GROQ_API_KEY"),
    no_such_model: ("reply", "huge", "Check model"),
    quota_used_up: ("reply", "3/1000", "second_model"),
    slow_model: ("reply", "big", "first_s"),
    no_voice: ("speech", "voice server", "503"),
    no_device: ("voice", "BlackHole", "CABLE Input (VB-Audio)"),
    api_off: ("avatar", "VTube Studio", "API"),
    not_allowed: ("avatar", "not allowed yet", "press Allow"),
    unknown_input: ("avatar", "MouthOpen", "update VTube Studio"),
    no_page: ("machine", "no page is connected", "/?obs"),
    no_port: ("machine", "address of the page", "OVERLAY_PORT"),
    port_taken: ("machine", "", "OVERLAY_PORT"),
    full_disk: ("machine", "free disk space", "history/sessions"),
    wrong_clock: ("machine", "clock", "set its time automatically"),
    package_missing: ("machine", "not-there-at-all", "pip install"),
    package_too_old: ("machine", "numpy", "pip install"),
    env_in_git: ("machine", ".env", "git rm --cached"),
    env_file: ("machine", ".env file", "UTF-8"),
    wrong_graph: ("graph", "mistakes", "reply.split"),
}
"""What a test breaks -> the node or part that turns red, and words from its line and from its remedy."""


async def test_where_all_is_well_every_line_is_green(studio):
    lines = await studio.examine()
    assert [line.what for line in lines if not line.ok] == []
    shown = "\n".join(line.what for line in lines)
    for what in ("graph", "Python", "packages", "disk", ".env", "page", "pages connected", "login", "scopes", "clock"):
        assert what in shown
    for what in ("language model", "voice server", "sound device", "VTube Studio"):
        assert what in shown
    assert studio.vts.names("AuthenticationToken") == [], "looking changes nothing"


@pytest.mark.parametrize("what", BROKEN, ids=lambda what: what.__name__)
async def test_one_thing_that_is_broken_is_one_red_line_with_its_remedy(studio, monkeypatch, what):
    what(studio, monkeypatch)
    lines = await studio.examine()
    red = [line for line in lines if not line.ok]
    assert len(red) == 1, red
    where, said, remedy = BROKEN[what]
    assert red[0].where == where
    assert said in red[0].what
    assert remedy in red[0].remedy
    assert "MARK" not in str(lines)
