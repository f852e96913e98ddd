"""A whole login against the peer: the commands as a person calls them, the use of the login, the logout."""

import os
import re
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.error import URLError
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import pytest

from nodes.chat._chzzk.tokens import TokenStore
from tests.e2e.show import Show
from tests.harness import ROOT
from tests.peers.chzzk_peer import CLIENT_ID, CLIENT_SECRET, Peer, install
from tests.ports import free_port

pytestmark = [pytest.mark.component, pytest.mark.timeout(120)]

CODE = "one-visit-to-the-consent-page"


@pytest.fixture
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    peer = Peer(install(tmp_path_factory.mktemp("chzzk")))
    peer.start()
    yield peer
    peer.kill()


@pytest.fixture
def env(peer: Peer, tmp_path: Path) -> dict[str, str]:
    return {
        "CHZZK_API_URL": peer.url,
        "CHZZK_CLIENT_ID": CLIENT_ID,
        "CHZZK_CLIENT_SECRET": CLIENT_SECRET,
        "CHZZK_REDIRECT_URI": f"http://127.0.0.1:{free_port()}/callback",
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "PYTHONIOENCODING": "utf-8",
        "PYTHONUNBUFFERED": "1",
        "BROWSER": "true",  # a browser that does nothing
    }


def page_at(url: str) -> str:
    """Return the answer of the address; the command prints its page's address a moment before it listens there."""
    end = time.monotonic() + 20
    while True:
        try:
            with urlopen(url, timeout=20) as answer:
                return answer.read().decode()
        except URLError:
            assert time.monotonic() < end
            time.sleep(0.05)


def log_in(env: dict[str, str], *, paste: bool) -> str:
    """Call the command and play the person and the browser; return what it printed."""
    command = [sys.executable, "aischoco.py", "login", *(["--paste"] if paste else [])]
    pipe = subprocess.PIPE
    given = {**os.environ, **env}
    with (
        subprocess.Popen(
            command, cwd=ROOT, env=given, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, text=True
        ) as program,
        ExitStack() as stack,
    ):
        assert program.stdin is not None
        assert program.stdout is not None
        stack.callback(program.kill)
        said = ""
        while not (page := re.search(r"https://\S+/account-interlock\?\S+", said)):
            line = program.stdout.readline()
            assert line, said
            said += line
        asked = parse_qs(urlsplit(page[0]).query)
        assert (asked["clientId"], asked["redirectUri"]) == ([CLIENT_ID], [env["CHZZK_REDIRECT_URI"]])
        came_back = f"{env['CHZZK_REDIRECT_URI']}?code={CODE}&state={asked['state'][0]}"
        if paste:
            rest, _ = program.communicate(f"{came_back}\n", timeout=30)
        else:
            assert "동의를 받았어요" in page_at(came_back)
            rest, _ = program.communicate(timeout=30)
        assert program.returncode == 0, said + rest
    return said + rest


@pytest.mark.parametrize("paste", [False, True], ids=["callback", "paste"])
def test_from_the_login_to_chat_on_air_and_the_log_out(
    peer: Peer, env: dict[str, str], tmp_path: Path, paste: bool
) -> None:
    peer.do("code", code=CODE)
    said = log_in(env, paste=paste)
    assert "치즈채널 (c) 채널로 로그인했어요." in said
    assert "MARK" not in said
    file = tmp_path / "config" / "aischoco" / "chzzk.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    kept = TokenStore(file.parent).load()
    assert kept is not None
    assert (kept.channel_id, kept.expires_in) == ("c", 86400.0)

    with Show(tmp_path, "graphs/live.yaml", env=env) as show:
        show.until(lambda: "치지직 채팅을 받아요" in show.log)
        peer.do("burst", count=1)
        show.until(lambda: (show.get("/api/graph") or {"viewer_events": {"in": 0}})["viewer_events"]["in"] == 1)
        show.signal(2)
    assert show.report["errors"] == []

    command = [sys.executable, "aischoco.py", "logout"]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **env}, capture_output=True, timeout=30, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    state = peer.do("state")
    assert (state["exchanges"], state["refreshes"], state["revocations"]) == (1, 0, 1)
    assert not file.exists()
