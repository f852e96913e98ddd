"""``chat.moderate`` in the program itself, against a server that plays CHZZK: what a person presses in the dock."""

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nodes.chat._chzzk.account import Account, ChzzkError, LoginNeeded
from nodes.chat._chzzk.rest import BadRequest, NotFound
from tests.e2e.show import copy_of_the_project
from tests.faults.test_kill import Process
from tests.peers.chzzk_peer import ACCESS_TOKEN, Peer, install

pytestmark = [pytest.mark.component, pytest.mark.timeout(300)]
PATH = "/api/moderate"
GRAPH = """\
name: moderated
nodes:
  chzzk: {type: chat.chzzk, access_token: "${CHZZK_ACCESS_TOKEN:-}", api_url: "${CHZZK_API_URL:-}"}
  parse: {type: chat.parse, in: chzzk}
  moderate: {type: chat.moderate, in: parse, access_token: "${CHZZK_ACCESS_TOKEN:-}", api_url: "${CHZZK_API_URL:-}"}
  overlay: {type: overlay.web, chat: parse, withdrawn: [parse, moderate]}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(tmp_path_factory.mktemp("chzzk"))


@pytest.fixture
def peer(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Peer]:
    peer = Peer(folder)
    peer.start()
    monkeypatch.setenv("CHZZK_API_URL", peer.url)
    monkeypatch.setenv("CHZZK_ACCESS_TOKEN", ACCESS_TOKEN)
    yield peer
    peer.kill()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = copy_of_the_project(tmp_path)
    (root / "graphs" / "moderated.yaml").write_text(GRAPH, encoding="utf-8")
    return root


def on_air(root: Path, peer: Peer) -> Process:
    """Start the program and wait until it receives chat."""
    before = peer.do("state")["subscribed"]
    process = Process(root, graph="graphs/moderated.yaml")
    process.until(lambda: peer.do("state")["subscribed"] >= before + 3)
    process.until(lambda: process.get(PATH))
    return process


def lines(process: Process) -> list[str]:
    return [line["message"] for line in (process.get(PATH) or {"lines": []})["lines"]]


def press(process: Process, **order: Any) -> Any:
    return process.post(PATH, order)


def test_a_line_is_hidden_a_viewer_pauses_and_a_notice_is_pinned(root: Path, peer: Peer) -> None:
    with on_air(root, peer) as process:
        for sender, text in (("광고", "여기로 오세요"), ("도배", "ㅋㅋ"), ("도배", "ㅋㅋㅋ"), ("달토끼", "안녕하세요")):
            peer.do("line", sender=sender, text=text)
            process.until(lambda text=text: text in lines(process))
        peer.do("line", sender="관리자", text="조용히", manager=True)
        process.until(lambda: len(lines(process)) == 5)
        found = {line["message"]: line for line in process.get(PATH)["lines"]}
        assert press(process, order="hide", id=found["여기로 오세요"]["id"]) == {"done": True}
        assert press(process, order="rest", id=found["ㅋㅋ"]["id"]) == {"done": True}
        refused = press(process, order="rest", id=found["조용히"]["id"])
        assert refused["done"] is False
        assert "매니저" in refused["note"]
        assert press(process, order="notice", text="오늘은 10시에 끝나요") == {"done": True}
        assert lines(process) == ["조용히", "안녕하세요"]
        process.until(
            lambda: (
                [each["message"] for each in process.get("/api/state")["viewer_messages"]] == ["안녕하세요", "조용히"]
            )
        )
    state = peer.do("state")
    assert [line["senderChannelId"] for line in state["lines"]] == ["달토끼", "관리자"]
    assert state["restricted"] == ["도배"]
    assert state["notices"] == [{"message": "오늘은 10시에 끝나요"}]
    assert state["forbidden"] == 0


def test_the_shield_goes_with_the_show_and_after_a_kill_with_the_next_start(root: Path, peer: Peer) -> None:
    def slow() -> int:
        return peer.do("state")["settings"]["chatSlowModeSec"]

    peer.do("settings", chatSlowModeSec=3)
    with on_air(root, peer) as process:
        assert press(process, order="shield", to=True) == {"done": True}
        assert slow() == 30
        process.process.send_signal(signal.SIGTERM)
        process.process.wait(30)
    assert slow() == 3, "the end of the show lowered the shield"
    with on_air(root, peer) as process:
        assert press(process, order="shield", to=True) == {"done": True}
        process.process.kill()
        process.process.wait(30)
    assert slow() == 30
    assert (root / "history" / "shield.json").is_file()
    with on_air(root, peer) as process:
        process.until(lambda: slow() == 3)
        process.until(lambda: not (root / "history" / "shield.json").exists())
        assert process.get(PATH)["shield"]["up"] is False


def test_missing_scopes_are_named_in_the_language_of_the_page_and_once_in_the_log(root: Path, peer: Peer) -> None:
    scopes = ["채팅 공지 쓰기", "채팅 설정 변경", "채팅 메시지 쓰기", "활동제한 쓰기"]
    with on_air(root, peer) as process:
        peer.do("scopes", without=scopes)
        peer.do("line", sender="광고", text="여기로 오세요")
        process.until(lambda: lines(process))
        id_ = process.get(PATH)["lines"][0]["id"]
        orders: list[dict[str, Any]] = [
            {"order": "notice", "text": "안녕"},
            {"order": "shield", "to": True},
            {"order": "hide", "id": id_},
            {"order": "rest", "id": id_},
        ]
        for _ in range(2):
            for scope, order in zip(scopes, orders, strict=True):
                answer = press(process, **order)
                assert answer["done"] is False
                assert f"'{scope}'" in answer["note"]
        log = process.log
    assert [log.count(f"'{scope}'") for scope in scopes] == [1, 1, 1, 1]
    assert not (root / "history" / "shield.json").exists()


def test_a_busy_service_is_waited_for(root: Path, peer: Peer) -> None:
    with on_air(root, peer) as process:
        peer.do("fail", path="/open/v1/chats/notice", status=429, retry_after=1)
        answer = press(process, order="notice", text="하나")
        assert answer["done"] is True
        assert "1초" in answer["note"]
        process.until(lambda: peer.do("state")["notices"] == [{"message": "하나"}])


def test_the_server_refuses_what_chzzk_refuses(peer: Peer) -> None:
    async def asked(method: str, path: str, token: str = ACCESS_TOKEN, **more: Any) -> Any:
        account = Account(peer.url, "", "", token)
        try:
            return await account.call(method, path, **more)
        except ChzzkError as error:
            return type(error)
        finally:
            await account.close()

    def ask(*args: Any, **more: Any) -> Any:
        return asyncio.run(asked(*args, **more))

    settings, notice = "/open/v1/chats/settings", "/open/v1/chats/notice"
    assert [ask("PUT", settings, body={"chatSlowModeSec": each}) for each in (0, 3, 300)] == [{}, {}, {}]
    assert [ask("PUT", settings, body={name: 7}) for name in ("chatSlowModeSec", "minFollowerMinute")] == [
        BadRequest,
        BadRequest,
    ]
    assert ask("GET", settings, "not a token") is LoginNeeded
    sent = ask("POST", "/open/v1/chats/send", body={"message": "안녕"})
    assert ask("POST", notice, body={"messageId": sent["messageId"]}) == {}
    assert ask("POST", notice, body={"messageId": "another"}) is BadRequest
    assert ask("POST", "/open/v1/chats/blind-message", body={"chatChannelId": "N2dODq"}) is NotFound
    restrict = {"targetChannelId": "u", "chatChannelId": "N2dODq"}
    temporary = "/open/v1/temporary-restrict-channels"
    assert ask("POST", temporary, body=restrict) == {}
    assert ask("POST", temporary, body=restrict) is BadRequest
    assert ask("DELETE", temporary, body=restrict) == {}
    assert ask("POST", "/open/v1/restrict-channels", body={"targetChannelId": "u"}) is BadRequest
    peer.do("follow", count=60)
    page = ask("GET", "/open/v1/channels/followers", query={"page": "1", "size": "50"})
    assert (len(page["data"]), page["page"], page["totalCount"], page["totalPages"]) == (10, 1, 60, 2)
    assert ask("GET", "/open/v1/channels/followers", query={"size": "51"}) is BadRequest
