import asyncio
import builtins
import logging
import re
import socket
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from nodes.chat import login as command
from nodes.chat._chzzk import consent
from nodes.chat._chzzk.tokens import Tokens, TokenStore
from nodes.chat.login import from_page, login, logout
from nodes.commands import commands
from tests.nodes.chat.chzzk_api import CLIENT_ID, ME, SECRET, ChzzkApi, in_thread

SELF, REVOKE = "/open/v1/users/me", "/auth/v1/token/revoke"
Visit = Callable[[str, Mapping[str, str]], tuple[int, str]]


class Desk:
    """A person with a browser, the service, and a folder for the login."""

    def __init__(self, api: ChzzkApi, root: Path, port: int) -> None:
        self.api = api
        self.root = root
        self.env = {
            "CHZZK_API_URL": api.url,
            "CHZZK_AUTH_URL": api.url,
            "CHZZK_CLIENT_ID": CLIENT_ID,
            "CHZZK_CLIENT_SECRET": SECRET,
            "CHZZK_REDIRECT_URI": f"http://localhost:{port}/callback",
        }
        self.opened: list[str] = []
        self.answers: list[tuple[int, str]] = []
        self.visits: list[tuple[str, dict[str, str]]] = [("", {"code": "MARK-code"})]
        """What the browser calls, one after the other: (another path, query); the right state where it names none."""
        self.headers: Mapping[str, str] = {}
        self.has_browser = True
        self.store = TokenStore(root / "aischoco")
        self.pasted: list[str] = []

    def browser(self, page: str) -> bool:
        self.opened.append(page)
        query = {name: values[0] for name, values in parse_qs(urlsplit(page).query).items()}
        for path, sent in self.visits if self.has_browser else []:
            base = query["redirectUri"].replace("/callback", path or "/callback")
            self.answers.append(self.visit(base, {"state": query["state"], **sent}))
        return self.has_browser

    def visit(self, url: str, query: Mapping[str, str]) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"{url}?{urlencode(query)}", timeout=5) as answer:
                self.headers = answer.headers
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.read().decode()

    def type(self, _: str = "") -> str:
        if not self.pasted:
            raise EOFError
        return self.pasted.pop(0)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with in_thread() as api:
        desk = Desk(api, tmp_path, port)
        monkeypatch.setattr("webbrowser.open", desk.browser)
        monkeypatch.setattr(builtins, "input", desk.type)
        monkeypatch.setattr(command, "open_store", lambda warn: TokenStore(tmp_path / "aischoco", warn=warn))
        yield desk


def test_the_browser_brings_the_code_and_the_login_is_stored(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert login([], desk.root, desk.env) == 0
    told = capsys.readouterr().out
    kept = desk.store.load()
    assert kept is not None
    assert (kept.access, kept.channel_id) == ("MARK-access-1", ME["channelId"])
    assert ME["channelName"] in told
    assert str(desk.root / "aischoco" / "chzzk.json") in told
    assert desk.opened[0] in told
    page = urlsplit(desk.opened[0])
    query = parse_qs(page.query)
    assert page.path == "/account-interlock"
    assert (query["clientId"], query["redirectUri"]) == ([CLIENT_ID], [desk.env["CHZZK_REDIRECT_URI"]])
    assert len(query["state"][0]) >= 32
    assert desk.api.bodies[0]["state"] == query["state"][0]
    status, html = desk.answers[0]
    assert status == 200
    assert "터미널" in html
    assert desk.headers["Cache-Control"] == "no-store"
    assert "MARK" not in html


def test_every_login_has_a_state_of_its_own(desk: Desk) -> None:
    desk.api.codes["MARK-code-2"] = None
    login([], desk.root, desk.env)
    desk.visits = [("", {"code": "MARK-code-2"})]
    login([], desk.root, desk.env)
    assert parse_qs(desk.opened[0])["state"] != parse_qs(desk.opened[1])["state"]


@pytest.mark.parametrize("state", ["", "wrong", "틀린 것"])
def test_a_wrong_state_is_refused_and_the_right_one_still_awaited(desk: Desk, state: str) -> None:
    desk.visits = [("", {"code": "evil", "state": state}), ("", {"code": "MARK-code"})]
    assert login([], desk.root, desk.env) == 0
    assert [status for status, _ in desk.answers] == [400, 200]
    assert desk.api.bodies[0]["code"] == "MARK-code"


def test_the_state_can_be_used_once(desk: Desk) -> None:
    desk.visits = [("", {"code": "MARK-code"}), ("", {"code": "evil"})]
    assert login([], desk.root, desk.env) == 0
    assert [status for status, _ in desk.answers] == [200, 410]
    assert [body.get("code") for body in desk.api.bodies[:1]] == ["MARK-code"]


def test_another_path_is_not_the_callback(desk: Desk) -> None:
    desk.visits = [("/favicon.ico", {"code": "evil"}), ("/callback/x", {"code": "evil"}), ("", {"code": "MARK-code"})]
    assert login([], desk.root, desk.env) == 0
    assert [status for status, _ in desk.answers] == [404, 404, 200]


def test_who_does_not_agree_is_not_logged_in(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.visits = [("", {"error": "access_denied"})]
    assert login([], desk.root, desk.env) == 1
    assert "동의" in capsys.readouterr().out
    assert desk.answers[0][0] == 400
    assert desk.api.asked == []


def test_a_consent_that_does_not_come_ends_the_login(
    desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.visits = []
    monkeypatch.setattr(consent, "WAIT_S", 0.01)
    assert login([], desk.root, desk.env) == 1
    assert "다시 실행" in capsys.readouterr().out


def test_the_callback_listens_on_this_machine_only_and_closes_afterwards(desk: Desk) -> None:
    port = urlsplit(desk.env["CHZZK_REDIRECT_URI"]).port
    heard: list[str] = []

    def look(page: str) -> bool:
        tables = [Path("/proc/net/tcp"), Path("/proc/net/tcp6")]
        for line in "\n".join(table.read_text() for table in tables if table.exists()).splitlines():
            if f":{port:04X} " in line and " 0A " in line:
                heard.append(line.split()[1].split(":")[0])
        return desk.browser(page)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("webbrowser.open", look)
        assert login([], desk.root, desk.env) == 0
    assert heard or not Path("/proc/net/tcp").exists()
    assert set(heard) <= {"0100007F", "00000000000000000000000001000000"}
    with pytest.raises(OSError), socket.create_connection(("127.0.0.1", port), 1):  # noqa: PT011
        pass


def test_the_address_can_be_pasted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secrets.token_urlsafe", lambda _: "the-state")
    desk.pasted = [" http://localhost:8080/callback?code=MARK-code&state=the-state "]
    assert login(["--paste"], desk.root, desk.env) == 0
    assert desk.opened == []
    assert desk.store.load() is not None


def test_code_and_state_can_be_pasted_one_after_the_other(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secrets.token_urlsafe", lambda _: "the-state")
    desk.pasted = ["MARK-code", "the-state"]
    assert login(["--paste"], desk.root, desk.env) == 0


@pytest.mark.parametrize(
    "pasted",
    [
        ["http://localhost:8080/callback?code=MARK-code&state=other"],
        ["http://localhost:8080/callback?code=MARK-code"],
        ["http://localhost:8080/callback?state=the-state"],
        ["MARK-code", "다른 것"],
        ["", "the-state"],
        [],
    ],
)
def test_a_paste_without_the_right_state_or_a_code_is_refused(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, pasted: list[str]
) -> None:
    monkeypatch.setattr("secrets.token_urlsafe", lambda _: "the-state")
    desk.pasted = pasted
    assert login(["--paste"], desk.root, desk.env) == 1
    assert desk.api.asked == []


@pytest.mark.parametrize("lack", ["browser", "port"])
def test_without_a_browser_or_a_free_port_it_asks_for_the_address(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], lack: str
) -> None:
    monkeypatch.setattr("secrets.token_urlsafe", lambda _: "the-state")
    desk.has_browser = lack != "browser"
    desk.pasted = ["http://localhost/callback?code=MARK-code&state=the-state"]
    with socket.socket() as other:
        if lack == "port":
            other.bind(("127.0.0.1", urlsplit(desk.env["CHZZK_REDIRECT_URI"]).port or 0))
            other.listen()
        assert login([], desk.root, desk.env) == 0
    assert "붙여 넣어" in capsys.readouterr().out


def test_a_callback_on_a_number_works_too(desk: Desk) -> None:
    desk.env["CHZZK_REDIRECT_URI"] = desk.env["CHZZK_REDIRECT_URI"].replace("localhost", "127.0.0.1")
    assert login([], desk.root, desk.env) == 0


@pytest.mark.parametrize(
    "redirect", ["http://example.com:8080/callback", "https://localhost/cb", "http://0.0.0.0:1/", "http://localhost:x/"]
)
def test_a_callback_that_is_not_on_this_machine_is_refused(
    desk: Desk, redirect: str, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.env["CHZZK_REDIRECT_URI"] = redirect
    assert login([], desk.root, desk.env) == 2
    assert "CHZZK_REDIRECT_URI" in capsys.readouterr().out
    assert desk.opened == []


@pytest.mark.parametrize("name", ["CHZZK_API_URL", "CHZZK_AUTH_URL"])
def test_an_address_without_encryption_is_refused(desk: Desk, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    desk.env[name] = "http://example.com"
    assert login([], desk.root, desk.env) == 2
    assert name in capsys.readouterr().out


@pytest.mark.parametrize("missing", ["CHZZK_CLIENT_ID", "CHZZK_CLIENT_SECRET"])
def test_without_an_application_it_says_how_to_make_one(
    desk: Desk, missing: str, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.env[missing] = ""
    assert login([], desk.root, desk.env) == 2
    told = capsys.readouterr().out
    for words in ("개발자 센터", "CHZZK_CLIENT_ID=", "CHZZK_CLIENT_SECRET=", desk.env["CHZZK_REDIRECT_URI"], ".env"):
        assert words in told
    assert SECRET not in told


def test_a_code_that_is_refused_is_told(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.visits = [("", {"code": "MARK-other"})]
    assert login([], desk.root, desk.env) == 1
    assert "로그인하지 못했어요" in capsys.readouterr().out
    assert desk.store.load() is None


def test_a_login_whose_channel_is_not_told_is_a_login(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.api.next(SELF, 403)
    assert login([], desk.root, desk.env) == 0
    assert "유저 정보 조회" in capsys.readouterr().out
    assert desk.store.load() is not None


def test_a_login_that_cannot_be_stored_failed(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    (desk.root / "aischoco").write_text("a file in the way")
    assert login([], desk.root, desk.env) == 1
    assert "저장하지 못했어요" in capsys.readouterr().out


def test_a_token_in_the_environment_that_hides_the_login_is_told(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.env["CHZZK_ACCESS_TOKEN"] = "MARK-old"
    assert login([], desk.root, desk.env) == 0
    told = capsys.readouterr().out
    assert "CHZZK_ACCESS_TOKEN" in told
    assert "MARK-old" not in told


@pytest.mark.parametrize("paste", [["--paste"], []])
def test_ctrl_c_ends_the_login_without_a_traceback(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], paste: list[str]
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(builtins, "input", interrupt)
    monkeypatch.setattr(command, "received", interrupt)
    assert login(paste, desk.root, desk.env) == 1
    assert "그만두었어요" in capsys.readouterr().out


@pytest.mark.parametrize("command", [login, logout])
def test_what_is_not_understood_is_refused_before_anything_is_done(desk: Desk, command: Callable[..., int]) -> None:
    with pytest.raises(SystemExit):
        command(["--no-such"], desk.root, desk.env)
    assert (desk.opened, desk.answers) == ([], [])


def test_both_are_commands_of_the_program() -> None:
    assert commands["login"].run is login
    assert commands["logout"].run is logout


def test_logging_out_revokes_and_deletes(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    login([], desk.root, desk.env)
    assert logout([], desk.root, desk.env) == 0
    assert desk.api.asked[-1] == ("POST", REVOKE)
    assert desk.store.load() is None
    assert "로그아웃했어요" in capsys.readouterr().out
    assert logout([], desk.root, desk.env) == 0
    assert "로그인되어 있지 않아요" in capsys.readouterr().out
    assert desk.api.count(REVOKE) == 1


def test_a_log_out_that_the_service_did_not_hear_still_deletes(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    login([], desk.root, desk.env)
    desk.api.next(REVOKE, 503)
    assert logout([], desk.root, desk.env) == 1
    assert desk.store.load() is None
    assert "30일" in capsys.readouterr().out


def test_a_login_that_cannot_be_deleted_is_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def locked(_: TokenStore) -> None:
        raise OSError("locked")

    login([], desk.root, desk.env)
    monkeypatch.setattr(TokenStore, "delete", locked)
    assert logout([], desk.root, desk.env) == 1
    assert "지우지 못했어요" in capsys.readouterr().out


def test_ctrl_c_ends_the_log_out(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    desk.store.save(Tokens("a", "r", 0.0, 1.0))
    monkeypatch.setattr(command, "_revoke", interrupt)
    assert logout([], desk.root, desk.env) == 1
    assert desk.store.load() is not None


def test_a_wrong_address_stops_the_log_out(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.store.save(Tokens("a", "r", 0.0, 1.0))
    desk.env["CHZZK_API_URL"] = "http://example.com"
    assert logout([], desk.root, desk.env) == 2
    assert "CHZZK_API_URL" in capsys.readouterr().out


def test_no_secret_is_printed_or_logged(
    desk: Desk, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    desk.env["CHZZK_ACCESS_TOKEN"] = "MARK-old"
    desk.api.codes["MARK-code-2"] = None
    for status in (401, 403, 429, 500):
        desk.api.next("/auth/v1/token", status, "no: {echo}")
        login([], desk.root, desk.env)
        desk.api.next(SELF, status, "no: {echo}")
        desk.api.next(SELF, status, "no: {echo}")
        desk.api.codes["MARK-code"] = None
        login([], desk.root, desk.env)
        desk.api.instead.clear()
        desk.api.next(REVOKE, status, "no: {echo}")
        logout([], desk.root, desk.env)
        desk.api.instead.clear()
    told = "\n".join([*capsys.readouterr(), caplog.text, *(html for _, html in desk.answers)])
    assert told.count("no: ***") > 6
    assert "MARK" not in told
    assert not re.search(r"[?&]code=", told)


class Ours:
    """A page of ours, at which the same person sits."""

    def __init__(self, desk: Desk, *pasted: str) -> None:
        self._desk = desk
        self._pasted = list(pasted)
        self.told: list[str] = []
        """Why something has to be pasted, each time."""

    def warn(self, text: str, /) -> None:
        self.told.append(text)

    def show(self, page: str, why: str = "") -> None:
        if why:
            self.told.append(why)
            self._desk.opened.append(page)
        else:
            asyncio.get_running_loop().run_in_executor(None, self._desk.browser, page)

    async def pasted(self) -> str:
        (state,) = parse_qs(urlsplit(self._desk.opened[-1]).query)["state"]
        return self._pasted.pop(0).replace("STATE", state) if self._pasted else await asyncio.Event().wait()


@contextmanager
def taken(desk: Desk) -> Iterator[None]:
    """Let another program listen where CHZZK sends the browser."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # it has just been closed
        other.bind(("127.0.0.1", urlsplit(desk.env["CHZZK_REDIRECT_URI"]).port or 0))
        other.listen()
        yield


def test_a_page_is_told_where_to_agree_and_who_is_logged_in(desk: Desk) -> None:
    told = asyncio.run(from_page(desk.env, Ours(desk)))
    assert ME["channelName"] in told
    kept = desk.store.load()
    assert kept is not None
    assert kept.access == "MARK-access-1"
    assert [status for status, _ in desk.answers] == [200]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"CHZZK_CLIENT_SECRET": ""}, "시크릿"),
        ({"CHZZK_REDIRECT_URI": "https://example.com/callback"}, "CHZZK_REDIRECT_URI"),
        ({"CHZZK_AUTH_URL": "http://example.com"}, "CHZZK_AUTH_URL"),
    ],
)
def test_a_page_is_told_why_nobody_can_log_in(desk: Desk, changed: Mapping[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        asyncio.run(from_page(desk.env | changed, Ours(desk)))
    assert desk.opened == []


def test_a_page_is_told_that_the_person_did_not_agree(desk: Desk) -> None:
    desk.visits = [("", {})]
    with pytest.raises(ValueError, match="동의하지"):
        asyncio.run(from_page(desk.env, Ours(desk)))


def test_where_the_port_is_taken_the_address_is_pasted_into_the_page(desk: Desk) -> None:
    back = desk.env["CHZZK_REDIRECT_URI"]
    wrong = ("", "http://[half", f"{back}?code=MARK-code&state=another", f"{back}?state=STATE")
    ours = Ours(desk, *wrong, f"  {back}?code=MARK-code&state=STATE ")
    with taken(desk):
        told = asyncio.run(from_page(desk.env, ours))
    assert ME["channelName"] in told
    first, *rest = ours.told
    assert "열 수 없어요" in first
    assert ["이번 로그인의 주소가 아니" in text for text in rest] == [True, True, True, False]
    assert "code" in rest[-1]
    assert len(set(desk.opened)) == 1, "it is the same login all the time"


def test_an_address_that_is_never_pasted_ends_the_login(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consent, "WAIT_S", 0.05)
    with taken(desk), pytest.raises(ValueError, match="분 동안"):
        asyncio.run(from_page(desk.env, Ours(desk)))
