import asyncio
import contextlib
import logging
import traceback
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from pydantic import SecretStr, ValidationError

from nodes.chat._chzzk import credentials
from nodes.chat._chzzk.account import (
    Account,
    Busy,
    ChzzkError,
    Forbidden,
    LoginNeeded,
    NotApproved,
    ServiceError,
)
from nodes.chat._chzzk.credentials import Credentials
from nodes.chat._chzzk.tokens import Tokens, TokenStore
from nodes.troubles import Troubles
from tests.nodes.chat.chzzk_api import CLIENT_ID, ME, SECRET, ChzzkApi

pytestmark = pytest.mark.asyncio
TOKEN, SESSION, SEND, SELF = "/auth/v1/token", "/open/v1/sessions/auth", "/open/v1/chats/send", "/open/v1/users/me"


class Stage(Troubles):
    """The service, a folder for the store, a clock that stands still, and accounts on them."""

    def __init__(self, api: ChzzkApi, folder: Path) -> None:
        self.api = api
        self.folder = folder
        self.now = 1_000_000.0
        self.told: list[str] = []
        self.noted: list[str] = []
        self.hidden: list[str] = []
        self.accounts: list[Account] = []

    def account(self, access_token: str = "", stored: bool = True, url: str = "", secret: str = SECRET) -> Account:
        store = TokenStore(self.folder, warn=self.told.append) if stored else None
        account = Account(
            url or self.api.url,
            CLIENT_ID,
            secret,
            access_token,
            store,
            warn=self.told.append,
            hide=self.hidden.append,
            now=lambda: self.now,
        )
        self.accounts.append(account)
        return account

    def log_in(self, obtained_at: float | None = None) -> Tokens:
        at = self.now if obtained_at is None else obtained_at
        tokens = Tokens(*self.api.pair(), at, 86400.0)
        self.store.save(tokens)
        return tokens

    @property
    def store(self) -> TokenStore:
        return TokenStore(self.folder)

    def info(self, text: str, **_: object) -> None:
        self.noted.append(text)

    def warning(self, text: str, **_: object) -> None:
        self.told.append(text)

    def hide(self, secret: str) -> None:
        self.hidden.append(secret)


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with ChzzkApi() as api:
        stage = Stage(api, tmp_path / "aischoco")
        yield stage
        for account in stage.accounts:
            await account.close()


async def test_a_stored_login_gets_a_session_address_and_subscribes(stage: Stage) -> None:
    stage.log_in()
    account = stage.account()
    assert (await account.session_url()).startswith("https://ssio08.")
    await account.subscribe("donation", "the key/1")
    assert stage.api.asked == [("GET", SESSION), ("POST", "/open/v1/sessions/events/subscribe/donation")]
    assert stage.api.queries[-1] == {"sessionKey": "the key/1"}


async def test_who_is_logged_in_is_asked_and_written_down(stage: Stage) -> None:
    stage.log_in()
    account = stage.account()
    assert await account.me() == (ME["channelId"], ME["channelName"])
    kept = stage.store.load()
    assert kept is not None
    assert (kept.channel_id, kept.channel_name) == (ME["channelId"], ME["channelName"])
    stage.store.delete()
    await account.me()
    assert stage.store.load() is None, "what is known is not written again"


async def test_a_channel_without_a_name_has_an_empty_one(stage: Stage) -> None:
    stage.log_in()
    stage.api.next(SELF, 200, {"content": {"channelId": "c1"}})
    assert await stage.account().me() == ("c1", "")


async def test_a_line_is_sent_to_the_chat(stage: Stage) -> None:
    stage.log_in()
    await stage.account().send_chat("안녕하세요 👩‍👩‍👧")
    assert (stage.api.asked[-1], stage.api.bodies[-1]) == (("POST", SEND), {"message": "안녕하세요 👩‍👩‍👧"})


@pytest.mark.parametrize("path", [SESSION, SELF])
async def test_an_answer_without_its_field_is_a_service_error(stage: Stage, path: str) -> None:
    stage.log_in()
    stage.api.next(path, 200, {"content": {}})
    account = stage.account()
    with pytest.raises(ServiceError):
        await (account.session_url() if path == SESSION else account.me())


@pytest.mark.parametrize("stored", [True, False])
async def test_without_a_login_the_error_says_how_to_log_in(stage: Stage, stored: bool) -> None:
    with pytest.raises(LoginNeeded, match=r"aischoco\.py login"):
        await stage.account(stored=stored).session_url()
    assert stage.api.asked == []


async def test_a_given_token_goes_before_the_login_and_is_not_renewed(stage: Stage) -> None:
    stage.log_in()
    access, _ = stage.api.pair()
    account = stage.account(access)
    await account.session_url()
    await account.me()
    stage.api.access.remove(access)
    with pytest.raises(LoginNeeded, match="CHZZK_ACCESS_TOKEN"):
        await account.session_url()
    assert stage.api.count(TOKEN) == 0


@pytest.mark.parametrize("expires_in", ["86400", 86400, None])
async def test_the_code_of_the_consent_page_becomes_a_stored_login(stage: Stage, expires_in: object) -> None:
    stage.api.expires_in = expires_in
    account = stage.account(access_token="an old token")
    await account.exchange("MARK-code", "the state")
    assert stage.api.bodies[-1] == {
        "grantType": "authorization_code",
        "code": "MARK-code",
        "state": "the state",
        "clientId": CLIENT_ID,
        "clientSecret": SECRET,
    }
    assert stage.store.load() == Tokens("MARK-access-1", "MARK-refresh-1", stage.now, 86400.0)
    assert account.place == str(stage.folder / "chzzk.json")
    assert (await account.me())[0] == ME["channelId"]


async def test_a_code_that_was_used_is_refused(stage: Stage) -> None:
    await stage.account().exchange("MARK-code", "s")
    with pytest.raises(LoginNeeded):
        await stage.account().exchange("MARK-code", "s")


async def test_a_wrong_secret_says_what_to_look_at(stage: Stage) -> None:
    with pytest.raises(LoginNeeded, match="CHZZK_CLIENT_SECRET"):
        await stage.account(secret="wrong one").exchange("MARK-code", "s")


async def test_a_missing_secret_says_which_lines_are_missing(stage: Stage) -> None:
    with pytest.raises(LoginNeeded, match=r"\.env"):
        await stage.account(secret="").exchange("MARK-code", "s")
    assert stage.api.asked == []


@pytest.mark.parametrize("content", [{}, {"accessToken": ""}, {"accessToken": "a", "refreshToken": 1}])
async def test_a_token_answer_without_tokens_is_a_service_error(stage: Stage, content: object) -> None:
    stage.api.next(TOKEN, 200, {"content": content})
    with pytest.raises(ServiceError):
        await stage.account().exchange("MARK-code", "s")


async def test_a_token_is_renewed_ten_minutes_before_its_end(stage: Stage) -> None:
    stage.log_in()
    account = stage.account()
    stage.now += 86400 - 601
    await account.session_url()
    assert stage.api.count(TOKEN) == 0
    stage.now += 2
    await account.session_url()
    assert stage.api.count(TOKEN) == 1
    await account.session_url()
    assert stage.api.count(TOKEN) == 1
    kept = stage.store.load()
    assert kept is not None
    assert (kept.refresh, kept.obtained_at) == ("MARK-refresh-2", stage.now)


async def test_the_channel_is_still_known_after_a_renewal(stage: Stage) -> None:
    stage.log_in()
    account = stage.account()
    await account.me()
    stage.api.access.clear()
    await account.session_url()
    kept = stage.store.load()
    assert kept is not None
    assert (kept.access, kept.channel_id) == ("MARK-access-2", ME["channelId"])


async def test_a_refused_token_is_renewed_once_and_the_call_repeated_once(stage: Stage) -> None:
    stage.log_in()
    account = stage.account()
    stage.api.access.clear()
    await account.session_url()
    assert stage.api.asked == [("GET", SESSION), ("POST", TOKEN), ("GET", SESSION)]
    stage.api.next(SESSION, 401)
    stage.api.next(SESSION, 401)
    with pytest.raises(LoginNeeded):
        await account.session_url()
    assert stage.api.count(TOKEN) == 2
    assert stage.api.count(SESSION) == 4


async def test_calls_at_one_time_wait_for_one_renewal(stage: Stage) -> None:
    stage.log_in(stage.now - 86400)
    account = stage.account()
    urls = await asyncio.gather(*[account.session_url() for _ in range(5)])
    assert len(urls) == 5
    assert stage.api.count(TOKEN) == 1


async def test_calls_that_are_refused_one_after_the_other_share_a_renewal(stage: Stage) -> None:
    stage.log_in()
    account = stage.account()
    stage.api.access.clear()
    stage.api.hold = asyncio.Event()
    first = asyncio.ensure_future(account.session_url())
    await stage.api.holding.wait()
    second = asyncio.ensure_future(account.send_chat("안녕"))
    while stage.api.count(SEND) == 0:
        await asyncio.sleep(0)
    stage.api.hold.set()
    await asyncio.gather(first, second)
    assert stage.api.count(TOKEN) == 1


async def test_a_call_that_was_refused_with_the_old_token_uses_the_new_one(stage: Stage) -> None:
    old = stage.log_in()
    account = stage.account()
    stage.api.access.clear()
    await account.session_url()
    assert await account._renewed(old.access) == "MARK-access-2"
    assert stage.api.count(TOKEN) == 1


async def test_two_nodes_with_one_store_send_the_refresh_token_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nodes.chat._chzzk.tokens.LOCK_PAUSE_S", 0)
    monkeypatch.setattr("nodes.chat._chzzk.tokens.LOCK_TRIES", 10**9)
    stage.log_in(stage.now - 86400)
    await asyncio.gather(stage.account().session_url(), stage.account().send_chat("안녕"))
    assert stage.api.count(TOKEN) == 1


async def test_the_new_pair_is_saved_before_it_is_used(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.log_in(stage.now - 86400)
    order: list[str] = []
    save = TokenStore.save

    def noted(self: TokenStore, tokens: Tokens) -> str:
        order.append(f"{tokens.refresh} saved after {stage.api.asked}")
        return save(self, tokens)

    monkeypatch.setattr(TokenStore, "save", noted)
    await stage.account().session_url()
    assert order == [f"MARK-refresh-2 saved after {[('POST', TOKEN)]}"]
    assert stage.api.asked == [("POST", TOKEN), ("GET", SESSION)]


async def test_a_login_that_cannot_be_saved_is_used_and_told(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.log_in(stage.now - 86400)

    def full(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(TokenStore, "save", full)
    account = stage.account()
    await account.session_url()
    assert "디스크가 가득 찼어요" in stage.told[0]
    stage.now += 86400
    await account.session_url()
    assert stage.api.count(TOKEN) == 2, "the newer pair in memory was used, not the dead one of the store"


async def test_the_place_of_a_login_is_empty_when_the_last_save_failed(stage: Stage) -> None:
    account = stage.account()
    await account.exchange("MARK-code", "s")
    assert account.place != ""
    (stage.folder / "chzzk.json").unlink()
    (stage.folder / "chzzk.json").mkdir()
    (stage.folder / "chzzk.json").chmod(0o700)
    stage.api.access.clear()
    await account.session_url()
    assert account.place == ""


async def test_a_cancelled_call_loses_no_new_pair(stage: Stage) -> None:
    stage.log_in(stage.now - 86400)
    account = stage.account()
    stage.api.hold = asyncio.Event()
    call = asyncio.ensure_future(account.session_url())
    await stage.api.holding.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    closing = asyncio.ensure_future(account.close())
    await asyncio.sleep(0)
    stage.api.hold.set()
    await closing
    kept = stage.store.load()
    assert kept is not None
    assert kept.refresh == "MARK-refresh-2"


async def test_a_renewal_that_fails_ahead_of_time_leaves_the_old_token_in_use(stage: Stage) -> None:
    stage.log_in()
    account = stage.account()
    stage.now += 86400 - 300
    stage.api.next(TOKEN, 503)
    await account.session_url()
    await account.session_url()
    assert stage.api.count(TOKEN) == 1
    stage.now += 31
    await account.session_url()
    assert stage.api.count(TOKEN) == 2
    assert stage.told == []


async def test_a_renewal_that_fails_after_the_end_is_told_and_works_later(stage: Stage) -> None:
    stage.log_in(stage.now - 86400)
    account = stage.account()
    stage.api.next(TOKEN, 503)
    with pytest.raises(ServiceError):
        await account.session_url()
    await account.session_url()


async def test_a_refresh_token_that_was_refused_is_not_sent_again(stage: Stage) -> None:
    stage.log_in(stage.now - 86400)
    stage.api.refresh.clear()
    account = stage.account()
    for _ in range(3):
        with pytest.raises(LoginNeeded, match=r"aischoco\.py login"):
            await account.session_url()
    assert stage.api.asked == [("POST", TOKEN)]


async def test_logging_in_again_elsewhere_is_noticed_while_running(stage: Stage) -> None:
    stage.log_in(stage.now - 86400)
    stage.api.refresh.clear()
    account = stage.account()
    with pytest.raises(LoginNeeded):
        await account.session_url()
    stage.log_in()
    await account.session_url()
    assert stage.api.count(TOKEN) == 1


async def test_a_login_elsewhere_is_told_from_nothing_new_and_is_in_use_then(stage: Stage) -> None:
    account = stage.account()
    with pytest.raises(LoginNeeded):
        await account.session_url()
    assert not await account.login_is_new()
    stage.log_in()
    assert await account.login_is_new()
    assert not await account.login_is_new()
    await account.me()  # writes the channel down: that is not a new login
    assert not await account.login_is_new()
    stage.now += 1
    fresh = stage.log_in()
    assert await account.login_is_new()
    await account.session_url()
    assert stage.api.headers[-1]["Authorization"] == f"Bearer {fresh.access}"


async def test_a_login_elsewhere_is_nothing_to_a_given_token_and_without_a_store(stage: Stage) -> None:
    access, _ = stage.api.pair()
    given, alone = stage.account(access), stage.account(stored=False)
    stage.log_in()
    assert not await given.login_is_new()
    assert not await alone.login_is_new()


async def test_every_token_that_becomes_known_is_hidden(stage: Stage) -> None:
    stage.log_in(stage.now - 86400)
    await stage.account().session_url()
    assert stage.hidden == [f"MARK-{kind}-{number}" for number in (1, 1, 2) for kind in ("access", "refresh")]


async def test_a_login_without_a_refresh_token_ends_with_its_access_token(stage: Stage) -> None:
    access, _ = stage.api.pair()
    stage.store.save(Tokens(access, "", stage.now, 86400.0))
    account = stage.account()
    await account.session_url()
    stage.now += 86400
    with pytest.raises(LoginNeeded):
        await account.session_url()
    assert stage.api.count(TOKEN) == 0


async def test_logging_out_kills_the_tokens_at_the_service(stage: Stage) -> None:
    stage.log_in()
    await stage.account().revoke()
    assert stage.api.bodies[-1]["tokenTypeHint"] == "refresh_token"
    assert stage.api.refresh == stage.api.access == set()
    await stage.account().revoke()  # dead already
    access, _ = stage.api.pair()
    await stage.account(access).revoke()
    assert (stage.api.bodies[-1]["token"], stage.api.bodies[-1]["tokenTypeHint"]) == (access, "access_token")
    await stage.account(stored=False).revoke()
    assert len(stage.api.asked) == 3


async def test_a_log_out_that_the_service_did_not_take_is_an_error(stage: Stage) -> None:
    stage.log_in()
    stage.api.next("/auth/v1/token/revoke", 503)
    with pytest.raises(ServiceError):
        await stage.account().revoke()
    with pytest.raises(LoginNeeded, match=r"\.env"):
        await stage.account(secret="").revoke()


async def test_settings_make_an_account_with_the_store_of_the_user(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.log_in()
    monkeypatch.setattr(credentials, "open_store", lambda warn, note: TokenStore(stage.folder, warn=warn, note=note))
    config = Credentials(client_id=CLIENT_ID, client_secret=SecretStr(SECRET), api_url=stage.api.url + "/")
    stage.accounts.append(config.account(stage))
    await stage.accounts[-1].exchange("MARK-code", "s")
    await stage.accounts[-1].session_url()
    assert stage.hidden[-2:] == ["MARK-access-2", "MARK-refresh-2"]


async def test_a_login_in_a_plain_file_is_told_once_when_the_show_uses_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "open_store", lambda warn, note: TokenStore(stage.folder, warn=warn, note=note))
    config = Credentials(client_id=CLIENT_ID, client_secret=SecretStr(SECRET), api_url=stage.api.url)
    account = config.account(stage)
    stage.accounts.append(account)
    with pytest.raises(LoginNeeded):
        await account.session_url()
    assert stage.noted == []
    for at in (4e9, 4.1e9):  # the account looks at the real clock
        stage.log_in(at)
        assert await account.login_is_new()
        await account.session_url()
    (line,) = stage.noted
    assert str(stage.folder / "chzzk.json") in line
    assert "MARK" not in line
    assert stage.told == []


async def test_settings_without_an_application_touch_no_store(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials, "open_store", lambda *_: pytest.fail("it looked for a login"))
    with pytest.raises(LoginNeeded):
        await Credentials().account(stage).session_url()
    access, _ = stage.api.pair()
    stage.accounts.append(Credentials(access_token=SecretStr(access), api_url=stage.api.url).account(stage))
    await stage.accounts[-1].session_url()


async def test_settings_refuse_an_address_without_encryption() -> None:
    with pytest.raises(ValidationError, match="https://"):
        Credentials(api_url="http://example.com")


async def test_no_secret_is_in_any_error_log_or_repr(
    stage: Stage, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    written: list[str] = []

    async def provoke(account: Account, *calls: str) -> None:
        for call in calls:
            work = {
                "url": account.session_url,
                "me": account.me,
                "send": lambda: account.send_chat("MARK-text"),
                "exchange": lambda: account.exchange("MARK-code-9", "MARK-state"),
                "revoke": account.revoke,
            }[call]
            with contextlib.suppress(ChzzkError):
                try:
                    await work()
                except ChzzkError as error:
                    written.append("".join(traceback.format_exception(error)) + repr(error) + repr(error.args))
                    raise
        written.append(repr(account))

    stage.log_in()
    for status in (400, 401, 403, 404, 429, 500, 503):
        for path in (SESSION, SELF, SEND, TOKEN, "/auth/v1/token/revoke"):
            stage.api.next(path, status, "no: {echo}")
            stage.api.next(path, status, "no: {echo}")
        await provoke(stage.account(), "url", "me", "send", "exchange", "revoke")
        await provoke(stage.account("MARK-given"), "url", "revoke")
        stage.api.instead.clear()
        stage.log_in()
    dead = stage.account(url="http://127.0.0.1:9")
    await provoke(dead, "url", "exchange", "revoke")
    stage.now += 90_000
    await provoke(dead, "url")
    await provoke(stage.account("MARK\r\ninjected"), "url")
    (stage.folder / "chzzk.json").write_text('{"access": "MARK-torn')
    await provoke(stage.account(), "url")
    written.append(repr(Credentials(client_secret=SecretStr(SECRET), access_token=SecretStr("MARK-given"))))

    everything = "\n".join([*written, *stage.told, caplog.text, *capfd.readouterr()])
    assert len(written) > 30
    assert everything.count("no: ***") > 20
    assert "MARK" not in everything


async def test_each_kind_of_trouble_keeps_its_type_through_an_account(stage: Stage) -> None:
    stage.log_in()
    account = stage.account()
    for status, kind in ((403, Forbidden), (429, Busy), (500, NotApproved), (502, ServiceError)):
        stage.api.next(SESSION, status)
        with pytest.raises(kind) as caught:
            await account.session_url()
        assert type(caught.value) is kind
