import asyncio
import logging
import os
import stat
from pathlib import Path
from typing import Any

import platformdirs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes import shared_file
from nodes.chat._chzzk import tokens as _tokens
from nodes.chat._chzzk.tokens import Tokens, TokenStore, open_store
from tests.nodes.test_vault import Keys

POSIX = pytest.mark.skipif(os.name != "posix", reason="Windows keeps others out by the profile folder's ACL")
FIRST = Tokens("MARK-access", "MARK-refresh", 1000.0, 86400.0, "c1", "하늘방송")
LATER = Tokens("MARK-access-2", "MARK-refresh-2", 2000.0, 86400.0)


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def store(tmp_path: Path, told: list[str]) -> TokenStore:
    return TokenStore(tmp_path / "aischoco", warn=told.append)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_saved_is_loaded_by_another_store(store: TokenStore, tmp_path: Path) -> None:
    assert store.load() is None
    place = store.save(FIRST)
    assert Path(place) == tmp_path / "aischoco" / "chzzk.json"
    assert TokenStore(tmp_path / "aischoco").load() == FIRST
    store.save(LATER)
    assert store.load() == LATER


WORD = st.text(max_size=8) | st.just("\ud800")


@given(
    st.builds(Tokens, st.text(min_size=1, max_size=8), WORD, *[st.floats(0, 1e12, exclude_max=True)] * 2, WORD, WORD)
)
def test_every_login_comes_back_as_it_was_written(tokens: Tokens) -> None:
    assert Tokens.read(tokens.written().encode().decode()) == tokens


def test_a_login_is_renewed_ten_minutes_before_its_end_and_a_short_one_in_its_middle() -> None:
    assert FIRST.renew_at == FIRST.expires_at - 600
    assert Tokens("a", "r", 100.0, 60.0).renew_at == 130.0


@POSIX
def test_only_the_user_can_read_file_and_folder(store: TokenStore, tmp_path: Path, told: list[str]) -> None:
    before = os.umask(0)
    try:
        store.save(FIRST)
    finally:
        os.umask(before)
    assert mode(tmp_path / "aischoco") == 0o700
    assert mode(tmp_path / "aischoco" / "chzzk.json") == 0o600
    assert store.load() == FIRST
    assert told == []


@POSIX
def test_a_file_that_others_could_read_is_closed_to_them_and_told(
    store: TokenStore, tmp_path: Path, told: list[str]
) -> None:
    store.save(FIRST)
    (tmp_path / "aischoco").chmod(0o755)
    (tmp_path / "aischoco" / "chzzk.json").chmod(0o644)
    assert store.load() == FIRST
    assert mode(tmp_path / "aischoco" / "chzzk.json") == 0o600
    assert "644" in told[0]
    store.save(FIRST)
    assert mode(tmp_path / "aischoco") == 0o700


@pytest.mark.parametrize(
    "text",
    [
        "",
        FIRST.written()[:40],
        "[]",
        "{}",
        '{"access": 1, "obtained_at": 1, "expires_in": 1}',
        '{"access": "", "obtained_at": 1, "expires_in": 1}',
        '{"access": "MARK", "obtained_at": true, "expires_in": 1}',
        '{"access": "MARK", "obtained_at": NaN, "expires_in": 1}',
        f'{{"access": "MARK", "obtained_at": {10**400}, "expires_in": 1}}',
        "[" * 100_000,
    ],
)
def test_a_damaged_file_is_set_aside_and_told(store: TokenStore, tmp_path: Path, told: list[str], text: str) -> None:
    store.save(FIRST)
    file = tmp_path / "aischoco" / "chzzk.json"
    file.write_text(text, encoding="utf-8")
    assert store.load() is None
    assert not file.exists()
    assert file.with_suffix(".json.broken").read_text(encoding="utf-8") == text
    assert "chzzk.json.broken" in told[0]
    assert "MARK" not in told[0]
    assert store.load() is None
    assert len(told) == 1


def test_bytes_that_are_no_text_are_set_aside_too(store: TokenStore, tmp_path: Path, told: list[str]) -> None:
    store.save(FIRST)
    (tmp_path / "aischoco" / "chzzk.json").write_bytes(b"\xff\xfe\x00")
    assert store.load() is None
    assert len(told) == 1


def test_a_file_that_cannot_be_read_is_told(store: TokenStore, tmp_path: Path, told: list[str]) -> None:
    (tmp_path / "aischoco" / "chzzk.json").mkdir(parents=True)
    (tmp_path / "aischoco" / "chzzk.json").chmod(0o700)
    assert store.load() is None
    assert "chzzk.json" in told[0]


def busy(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """Another program has the file: it is refused this many times, as on Windows."""
    monkeypatch.setattr(shared_file, "BUSY_TRIES", 4)
    monkeypatch.setattr(shared_file, "BUSY_PAUSE_S", 0.001)
    for name in ("read_text", "replace"):
        left = [PermissionError(13, "used by another process")] * times
        real = getattr(Path, name)

        def refused(path: Path, *given: Any, _left: list[Exception] = left, _real: Any = real, **more: Any) -> Any:
            if _left:
                raise _left.pop()
            return _real(path, *given, **more)

        monkeypatch.setattr(Path, name, refused)


def test_a_file_that_another_program_has_for_a_moment_is_waited_for(
    store: TokenStore, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    busy(monkeypatch, 3)
    store.save(FIRST)
    assert store.load() == FIRST
    assert told == []


def test_a_file_that_another_program_keeps_is_told(
    store: TokenStore, tmp_path: Path, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store.save(FIRST)
    busy(monkeypatch, 4)
    assert store.load() is None
    assert len(told) == 1
    with pytest.raises(PermissionError):
        store.save(FIRST)
    assert [path.name for path in tmp_path.rglob("*.tmp")] == []


@pytest.mark.parametrize("keys", [None, Keys()])
def test_every_save_changes_the_stamp_and_nothing_else_does(tmp_path: Path, keys: Keys | None) -> None:
    store = TokenStore(tmp_path / "aischoco", lambda: keys)
    stamps = [store.stamp()]
    for tokens in (FIRST, LATER, LATER):
        TokenStore(tmp_path / "aischoco", lambda: keys).save(tokens)
        stamps.append(store.stamp())
        store.load()
        assert store.stamp() == stamps[-1]
    assert len(set(stamps)) == 4


def test_a_folder_that_cannot_be_had_does_not_keep_a_login_from_the_keyring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: TokenStore) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(TokenStore, "_make_folder", refuse)
    keys = Keys()
    store = TokenStore(tmp_path / "aischoco", lambda: keys)
    assert "암호 저장소" in store.save(FIRST)
    assert store.stamp() == (None, None)


def test_logging_out_deletes_all_that_may_hold_a_token(store: TokenStore, tmp_path: Path) -> None:
    store.delete()
    store.save(FIRST)
    (tmp_path / "aischoco" / "chzzk-x1.tmp").write_text("MARK")
    (tmp_path / "aischoco" / "chzzk.json.broken").write_text("MARK")
    store.delete()
    assert list((tmp_path / "aischoco").iterdir()) == []
    assert store.load() is None


def test_a_keyring_goes_before_the_file(tmp_path: Path) -> None:
    keys = Keys()
    TokenStore(tmp_path).save(FIRST)
    store = TokenStore(tmp_path, lambda: keys)
    assert store.load() == FIRST
    assert "암호 저장소" in store.save(LATER)
    assert [path.name for path in tmp_path.iterdir()] == ["chzzk.lock"]
    assert (tmp_path / "chzzk.lock").read_bytes() == b""
    assert store.load() == LATER
    store.delete()
    assert keys.kept == {}
    assert store.load() is None


@pytest.mark.parametrize("keys", [Keys(fails=True), Keys(forgets=True)])
def test_a_keyring_that_fails_counts_as_none(tmp_path: Path, told: list[str], keys: Keys) -> None:
    store = TokenStore(tmp_path, lambda: keys, told.append)
    assert Path(store.save(FIRST)) == tmp_path / "chzzk.json"
    assert store.load() == FIRST
    store.delete()
    assert store.load() is None
    assert told == []


@pytest.mark.parametrize(("keys", "remedy"), [(None, True), (Keys(fails=True), False), (Keys(forgets=True), False)])
def test_a_login_in_a_plain_file_is_said_with_its_place_and_what_helps(
    tmp_path: Path, keys: Keys | None, remedy: bool
) -> None:
    store = TokenStore(tmp_path, lambda: keys)
    assert (store.load(), store.plain) == (None, "")
    store.save(FIRST)
    store.load()
    assert str(tmp_path / "chzzk.json") in store.plain
    assert ("requirements-keyring.txt" in store.plain) == remedy
    moved = TokenStore(tmp_path, Keys)
    moved.load()
    assert moved.plain
    moved.save(LATER)
    assert (moved.load(), moved.plain) == (LATER, "")


def test_of_two_logins_the_newer_one_counts(tmp_path: Path) -> None:
    keys = Keys()
    store = TokenStore(tmp_path, lambda: keys)
    store.save(FIRST)
    TokenStore(tmp_path).save(LATER)
    assert store.load() == LATER


def test_nonsense_in_the_keyring_is_no_login(tmp_path: Path) -> None:
    keys = Keys()
    keys.kept["aischoco", "chzzk"] = "nonsense"
    assert TokenStore(tmp_path, lambda: keys).load() is None


def test_a_login_that_stays_in_the_keyring_is_not_said_to_be_gone(tmp_path: Path) -> None:
    keys = Keys()
    store = TokenStore(tmp_path, lambda: keys)
    store.save(FIRST)
    keys.keeps_on = True
    with pytest.raises(OSError, match="암호 저장소"):
        store.delete()


def test_a_login_does_not_show_its_tokens() -> None:
    assert "MARK" not in repr(FIRST) + str(FIRST) + f"{[FIRST]}"


def test_the_lock_is_held_by_one_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_tokens, "LOCK_PAUSE_S", 0)
    monkeypatch.setattr(_tokens, "LOCK_TRIES", 10**9)
    order: list[str] = []

    async def hold(name: str) -> None:
        async with TokenStore(tmp_path).lock():
            order.append(f"{name} in")
            for _ in range(20):
                await asyncio.sleep(0)
            order.append(f"{name} out")

    async def main() -> None:
        await asyncio.gather(hold("a"), hold("b"), hold("c"))

    asyncio.run(main())
    assert len(order) == 6
    assert all(order[n].split()[0] == order[n + 1].split()[0] for n in (0, 2, 4))


def test_who_waits_too_long_for_the_lock_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_tokens, "LOCK_PAUSE_S", 0)

    async def main() -> bool:
        async with TokenStore(tmp_path).lock(), TokenStore(tmp_path).lock():
            return True

    assert asyncio.run(main())


def test_without_a_folder_there_is_no_lock_and_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    async def main() -> bool:
        async with TokenStore(tmp_path / "file").lock():
            return True

    assert asyncio.run(main())


def test_the_store_of_the_user_is_in_the_config_folder_and_reads_nothing_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(platformdirs, "user_config_path", lambda name, **_: tmp_path / name)
    monkeypatch.setattr(_tokens, "system_vault", lambda: asked.append("keyring"))
    store = open_store()
    assert asked == []
    assert Path(store.save(FIRST)) == tmp_path / "aischoco" / "chzzk.json"
    assert asked == ["keyring"]
    (tmp_path / "aischoco" / "chzzk.json").write_text("torn")
    with caplog.at_level(logging.WARNING):
        store.load()
    assert [record.name for record in caplog.records] == ["aischoco.chzzk"]
