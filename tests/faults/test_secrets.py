"""Marked secrets go in, everything that can go wrong does, and nothing that the program says or writes holds a mark."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from nodes.chat._chzzk.tokens import Tokens, TokenStore
from tests.e2e.show import Show
from tests.peers.chzzk_peer import CLIENT_ID, CLIENT_SECRET, Peer, install

pytestmark = [pytest.mark.component, pytest.mark.timeout(180)]

MARK = "MARK-"
ORDER = "소동을 부려"
SESSION, SUBSCRIBE = "/open/v1/sessions/auth", "/open/v1/sessions/events/subscribe"
ENVIRONMENT = {
    "CHZZK_CLIENT_ID": CLIENT_ID,
    "CHZZK_CLIENT_SECRET": CLIENT_SECRET,
    "CHZZK_ACCESS_TOKEN": f"{MARK}given-token/+==",
    "GROQ_API_KEY": f'{MARK}groq "quoted" \\ 키 with a dot. And longer than what is quoted of it',
    "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
}
GRAPH = """
name: secrets
nodes:
  chzzk:
    type: chat.chzzk
    client_id: "${CHZZK_CLIENT_ID}"
    client_secret: "${CHZZK_CLIENT_SECRET}"
    api_url: "${CHZZK_API_URL}"
  given: {type: chat.chzzk, access_token: "${CHZZK_ACCESS_TOKEN}", api_url: "${CHZZK_API_URL}"}
  leaky: {type: chat.leaky, in: [chzzk, given], key: "${GROQ_API_KEY}"}
  parse: {type: chat.parse, in: leaky}
  filter: {type: chat.filter, in: parse}
  overlay: {type: overlay.web, chat: filter}
"""
LEAKY = '''"""``chat.leaky``: says all that it should not."""

import asyncio
import logging
import os
from pathlib import Path

from pydantic import Field, SecretStr
from reactivex import Observable
from reactivex import operators as ops

from nodes import node
from nodes.services import Log
from schemas.chat import RawPayload
from schemas.settings import Settings


class Leaky(Settings):
    key: SecretStr = Field(description="A key.")


@node("chat.leaky")
def leaky(config: Leaky, payload: Observable[RawPayload], *, log: Log) -> Observable[RawPayload]:
    """Fail on a message that orders it, with every secret there is in the error."""

    def secrets() -> list[str]:
        login = Path(os.environ["XDG_CONFIG_HOME"], "aischoco", "chzzk.json").read_text()
        known = [value for value in os.environ.values() if "MARK" in value]
        return [config.key.get_secret_value(), login, *known]

    async def leak() -> None:
        raise RuntimeError(f"a task ended badly: {secrets()}")

    def look(event: RawPayload) -> RawPayload:
        if "소동을 부려" not in str(event.payload):
            return event
        log.warning(f"a warning with {config} {secrets()}", secrets=secrets(), key=secrets()[0])
        logging.getLogger("library").error("a library says %s", secrets())
        asyncio.ensure_future(leak())
        try:
            raise ValueError(" ".join(secrets()))
        except ValueError as error:
            raise RuntimeError(f"the node failed with {secrets()}") from error

    return payload.pipe(ops.map(look))
'''
WRONG = {
    "not a number": (
        "filter: {type: chat.filter, in: parse}",
        'filter: {type: chat.filter, min_length: "${GROQ_API_KEY}"}',
    ),
    "no such output": ("chat: filter", 'chat: "filter.${GROQ_API_KEY}"'),
    "not an address": ('"${CHZZK_API_URL}"}', '"http://${CHZZK_CLIENT_SECRET}"}'),
    "no such type": ("type: chat.parse", 'type: "${CHZZK_CLIENT_SECRET}"'),
    "no such node": ("chat: filter", 'chat: "${GROQ_API_KEY}"'),
    "no such file": ("in: parse}", 'in: parse, banned_words: "${CHZZK_CLIENT_SECRET}"}'),
}


@pytest.fixture
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    peer = Peer(install(tmp_path_factory.mktemp("chzzk")))
    peer.start()
    yield peer
    peer.kill()


def add_the_leaky_node(root: Path) -> None:
    (root / "nodes" / "chat" / "leaky.py").write_text(LEAKY, encoding="utf-8")
    (root / "graphs" / "secrets.yaml").write_text(GRAPH, encoding="utf-8")


def answers(show: Show) -> str:
    told = ""
    taps = [f"/api/tap?{urlencode({'edge': edge['key']})}" for edge in show.get("/api/graph")["edges"]]
    for path in (
        *taps,
        "/",
        "/api/state",
        "/api/graph",
        "/api/turns",
        "/api/reload",
        "/metrics",
        "/health",
        "/nothing",
    ):
        try:
            with urlopen(show.url + path, timeout=5) as answer:
                told += answer.read().decode()
        except OSError:
            assert path == "/nothing"
    return told


def go_wrong(show: Show, peer: Peer) -> None:
    """Fail in every way; each wait proves that the failure happened."""

    def says(text: str, times: int = 1) -> None:
        show.until(lambda: show.log.count(text) >= times)

    says("치지직 채팅을 받아요")
    says("후원: 지금 받지 못해요")
    says("CHZZK_ACCESS_TOKEN")
    assert peer.do("state")["refreshes"] == 1
    peer.do("emit", event="CHAT", payload=ORDER)
    says("the node failed with")
    says("a library says")
    says("a task ended badly")
    peer.do("fail", path=SESSION, status=401)
    peer.do("drop")
    says("다시 받아요")
    assert peer.do("state")["refreshes"] == 2
    peer.do("emit", event="CHAT", payload=f"{ORDER} again")
    says("(chat.leaky) 실패했어요", 2)
    peer.do("fail", path=SESSION, status=500)
    peer.do("drop")
    says("승인 상태")
    says("다시 받아요", 2)


def reload_wrong(show: Show) -> str:
    """Save each wrong graph while the show is on; return everything that was answered."""
    told = ""
    file = show.root / "graphs" / "secrets.yaml"
    for wrong in WRONG.values():
        assert wrong[0] in GRAPH
        file.write_text(GRAPH.replace(*wrong), encoding="utf-8")
        show.until(lambda: (show.get("/api/reload") or {}).get("problems"))
        told += answers(show)
        file.write_text(GRAPH, encoding="utf-8")
        show.until(lambda: not (show.get("/api/reload") or {"problems": 1})["problems"])
    return told


def commands(show: Show, env: dict[str, str]) -> str:
    """Return what the other commands say about wrong graphs, and how a start fails."""
    told = ""
    for number, wrong in enumerate(WRONG.values()):
        file = show.root / "graphs" / f"wrong{number}.yaml"
        file.write_text(GRAPH.replace(*wrong), encoding="utf-8")
        for command in ("check", "run"):
            done = subprocess.run(
                [sys.executable, "aischoco.py", command, str(file)],
                cwd=show.root,
                env={**os.environ, **env},
                capture_output=True,
                timeout=60,
                check=False,
            )
            assert done.returncode == 1, done
            told += (done.stdout + done.stderr).decode()
    return told


def test_no_secret_is_said_or_written_whatever_goes_wrong(tmp_path: Path, peer: Peer) -> None:
    given = peer.do("login")
    peer.do("fail", path=f"{SUBSCRIBE}/donation", status=403, times=2)
    store = TokenStore(tmp_path / "config" / "aischoco")
    store.save(Tokens(given["access"], given["refresh"], time.time() - 90_000, 86400.0))
    env = {**ENVIRONMENT, "CHZZK_API_URL": peer.url, "XDG_CONFIG_HOME": str(tmp_path / "config")}

    with Show(tmp_path, "graphs/secrets.yaml", env=env, prepare=add_the_leaky_node) as show:
        go_wrong(show, peer)
        said = answers(show) + reload_wrong(show)
        show.signal(2)
    said += commands(show, env)
    assert "변수 ${GROQ_API_KEY}의 값" in said, "the problems of wrong graphs were said"

    kept = store.load()
    assert kept is not None
    assert kept.refresh.startswith(MARK)
    assert kept.refresh != given["refresh"], "a token was obtained on the way"
    (show.root / "nodes" / "chat" / "leaky.py").unlink()
    written = {"what was said": said, "the terminal": show.log, "the report": show.report_file.read_text("utf-8")}
    for file in show.root.rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts:
            written[str(file.relative_to(show.root))] = file.read_bytes().decode("utf-8", "replace")
    names = " ".join(written)
    for name in ("logs/app.log", "logs/error.log", "logs/chat.log", "dead_letters.jsonl"):
        assert f"history/{name}" in names
        assert "***" in written[f"history/{name}"], "what was hidden there had been said"
    assert {name: found for name, text in written.items() if (found := leaks(text))} == {}


def leaks(text: str) -> list[str]:
    return [text[max(0, at - 60) : at + 40] for at in range(len(text)) if text.startswith(MARK, at)][:3]
