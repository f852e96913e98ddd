import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from nodes import load_all
from nodes.commands import commands
from nodes.speech._qwen.folder import find
from nodes.speech.pull import SIZES, voice
from tests.harness import ROOT
from tests.nodes.speech.qwen.test_folder import model
from tests.nodes.speech.qwen.test_sample import TEXT, speech, wav


class Hub:
    """Stands in for huggingface_hub: a download writes a model into the cache as the real one lays it out."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[dict[str, Any]] = []
        self.without = ""
        self.error: BaseException | None = None
        module = ModuleType("huggingface_hub")
        module.snapshot_download = self.snapshot_download  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "huggingface_hub", module)

    def snapshot_download(self, name: str, *, cache_dir: Path, **more: Any) -> str:
        self.asked.append({"name": name, "cache_dir": cache_dir, **more})
        if self.error:
            raise self.error
        folder = cache_dir / f"models--{name.replace('/', '--')}" / "snapshots" / "abc"
        return str(model(folder, without=self.without))


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Hub:
    return Hub(monkeypatch)


def test_it_is_a_command_of_aischoco() -> None:
    load_all()
    assert commands["voice"].run is voice


@pytest.mark.parametrize("name", list(SIZES))
def test_what_was_pulled_is_what_the_voice_finds(hub: Hub, tmp_path: Path, name: str) -> None:
    assert voice(["pull", name], tmp_path, {}) == 0
    assert find(name, tmp_path / "cache" / "huggingface", 24e9, {}).path.name == "abc"
    assert hub.asked[0]["name"] == f"Qwen/Qwen3-TTS-12Hz-{name}-Base"
    assert (hub.asked[0]["endpoint"], hub.asked[0]["token"]) == (None, None)


def test_the_big_model_is_pulled_where_none_is_named(hub: Hub, tmp_path: Path) -> None:
    assert voice(["pull"], tmp_path, {}) == 0
    assert "1.7B" in hub.asked[0]["name"]


def test_it_goes_where_the_environment_says(hub: Hub, tmp_path: Path) -> None:
    env = {"HF_HOME": str(tmp_path / "elsewhere"), "HF_TOKEN": "secret", "HF_ENDPOINT": "http://127.0.0.1:1"}
    assert voice(["pull", "0.6B"], tmp_path / "project", env) == 0
    assert hub.asked[0]["cache_dir"] == tmp_path / "elsewhere" / "hub"
    assert (hub.asked[0]["endpoint"], hub.asked[0]["token"]) == ("http://127.0.0.1:1", "secret")
    voice(["pull", "0.6B"], tmp_path / "project", {"HF_HOME": "./cache/own"})
    assert hub.asked[1]["cache_dir"] == tmp_path / "project" / "cache" / "own" / "hub"
    assert find("0.6B", tmp_path / "none", None, env).name == "0.6B"


def test_a_download_that_is_not_whole_is_a_failure(
    hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.without = "speech_tokenizer/model.safetensors"
    assert voice(["pull"], tmp_path, {}) == 1
    assert "speech_tokenizer" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ConnectionError("no network"), "ConnectionError: no network"),
        (OSError(28, "No space left on device"), "디스크가 가득 찼어요"),
        (KeyboardInterrupt(), "이어서 받으려면: python aischoco.py voice pull 0.6B"),
    ],
)
def test_a_download_that_fails_is_told(
    hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str], error: BaseException, told: str
) -> None:
    hub.error = error
    assert voice(["pull", "0.6B"], tmp_path, {}) == 1
    assert told in capsys.readouterr().out


def test_a_disk_that_is_nearly_full_is_told(
    hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1.5e9))
    assert voice(["pull"], tmp_path, {}) == 0
    assert "1.5 GB만" in capsys.readouterr().out


def test_without_the_package_the_command_that_installs_it_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    assert voice(["pull"], tmp_path, {}) == 1
    assert "requirements-gpu.txt" in capsys.readouterr().out


@pytest.mark.parametrize("argv", [[], ["push"], ["pull", "7B"], ["check", "a", "b"]])
def test_a_wrong_call_is_answered_with_the_usage(argv: list[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        voice(argv, tmp_path, {})
    assert list(tmp_path.iterdir()) == []


def test_the_recordings_are_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    samples = tmp_path / "assets" / "voice_samples"
    samples.mkdir(parents=True)
    assert voice(["check"], tmp_path, {}) == 1
    assert "ref.wav" in capsys.readouterr().out
    wav(samples / "ref.wav", speech())
    (samples / "ref_text.txt").write_text(TEXT, encoding="utf-8")
    wav(samples / "ref_sad.wav", speech(1.0))
    assert voice(["check"], tmp_path, {}) == 0
    told = capsys.readouterr().out
    assert "ref.wav: 3.8초, 글 있음" in told
    assert "3초 이상" in told
    wav(tmp_path / "ref.wav", speech())
    assert voice(["check", "."], tmp_path, {}) == 0


class HuggingFace(BaseHTTPRequestHandler):
    """As much of huggingface.co as a download of a whole repository asks for."""

    files: dict[str, bytes]
    commit = "0123456789" * 4

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        path = self.path.partition("?")[0]
        name = path.rpartition(f"/resolve/{self.commit}/")[2]
        if "/tree/" in path:
            listed: Any = [
                {"type": "file", "path": name, "oid": self.commit, "size": len(content)}
                for name, content in self.files.items()
            ]
            content = json.dumps(listed).encode()
        elif path.startswith("/api/models/"):
            listed = {"id": "x", "sha": self.commit, "siblings": [{"rfilename": name} for name in self.files]}
            content = json.dumps(listed).encode()
        elif name in self.files:
            content = self.files[name]
        else:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Type", "application/json")
        self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
        self.send_header("X-Repo-Commit", self.commit)
        self.end_headers()
        if body:
            self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.mark.component
def test_the_real_hub_client_pulls_what_the_voice_finds(tmp_path: Path) -> None:
    """In a process of its own: the package reads the address of the hub when it is imported."""
    pytest.importorskip("huggingface_hub", reason="huggingface_hub is not installed")
    source = model(tmp_path / "source")
    (source / "huge.bin").write_bytes(b"not asked for")
    HuggingFace.files = {
        path.relative_to(source).as_posix(): path.read_bytes() for path in source.rglob("*") if path.is_file()
    }
    server = ThreadingHTTPServer(("127.0.0.1", 0), HuggingFace)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    own = {name: value for name, value in os.environ.items() if "PROXY" not in name.upper() and "HF_" not in name}
    own |= {
        "HF_ENDPOINT": f"http://127.0.0.1:{server.server_port}",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_XET": "1",
    }
    call = "import sys; from pathlib import Path; from nodes.speech.pull import voice; "
    call += "sys.exit(voice(['pull', '0.6B'], Path(sys.argv[1]), {}))"
    try:
        done = subprocess.run(
            [sys.executable, "-c", call, str(tmp_path)],
            cwd=ROOT,
            env=own,
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
        )
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert done.returncode == 0, done.stdout + done.stderr
    found = find("auto", tmp_path / "cache" / "huggingface", None, {}).path
    assert found.name == HuggingFace.commit
    assert (found / "speech_tokenizer" / "model.safetensors").read_bytes() == b"speech_tokenizer/model.safetensors"
    assert not (found / "huge.bin").exists()
