"""Stores the CHZZK login in the operating system's keyring, or else in a file that only its user can read."""

import asyncio
import contextlib
import json
import logging
import os
from collections.abc import AsyncGenerator, Callable
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import IO, Any, cast

from nodes.phrases import phrase, reason_of
from nodes.shared_file import locked, patiently, replace
from nodes.vault import SERVICE, Vault, forgotten, stored, system_vault

RENEW_BEFORE_S = 600.0
"""How long before its expiry an access token is renewed; a short-lived one is renewed halfway through its life."""
LOCK_TRIES, LOCK_PAUSE_S = 400, 0.05
"""A refresh takes at most 10 s (the request timeout); a caller that waits longer goes on without the lock."""

_USER = "chzzk"
_log = logging.getLogger("aischoco.chzzk")
_POSIX = os.name == "posix"
_LONGEST_S = 1e12
"""The largest plausible time or duration, in seconds."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """A login. Its tokens do not show in ``repr``."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    """Can be used only once: every refresh gives a new pair."""
    obtained_at: float
    """Seconds since the epoch."""
    expires_in: float
    """Seconds from ``obtained_at``; CHZZK gives 86400."""
    channel_id: str = ""
    """Empty until the service reports it."""
    channel_name: str = ""

    @property
    def expires_at(self) -> float:
        return self.obtained_at + self.expires_in

    @property
    def renew_at(self) -> float:
        return self.expires_at - min(RENEW_BEFORE_S, self.expires_in / 2)

    @classmethod
    def read(cls, text: str) -> "Tokens":
        """Read a login from JSON.

        Raises:
            ValueError: it is not a complete login; the message does not quote it.
        """
        parsed: Any = None
        with contextlib.suppress(ValueError, RecursionError):
            parsed = json.loads(text)
        if not isinstance(parsed, dict):
            raise ValueError(phrase("not a login"))
        fields = cast(dict[str, Any], parsed)
        words = {name: fields.get(name, "") for name in ("access", "refresh", "channel_id", "channel_name")}
        numbers = {name: fields.get(name) for name in ("obtained_at", "expires_in")}
        if not all(isinstance(word, str) for word in words.values()) or not words["access"]:
            raise ValueError(phrase("not a login"))
        if not all(
            type(number) in (int, float) and abs(cast(float, number)) < _LONGEST_S for number in numbers.values()
        ):
            raise ValueError(phrase("not a login"))
        return cls(**words, **cast(dict[str, Any], numbers))

    def written(self) -> str:
        """Return the login as JSON, including its secrets."""
        return json.dumps(asdict(self))


class TokenStore:
    """Stores one login. Its calls block: they read files and query the keyring, which may prompt the user.

    Args:
        folder: the folder for the file and the lock.
        find_vault: finds the keyring when it is first needed; if it fails, there is no keyring.
        warn: called with messages for the user.
        note: called once if the login is in a plain file.
    """

    def __init__(
        self,
        folder: Path,
        find_vault: Callable[[], Vault | None] = lambda: None,
        warn: Callable[[str], object] = _log.warning,
        note: Callable[[str], object] = lambda _: None,
    ) -> None:
        self._folder = folder
        self._file = folder / "chzzk.json"
        self._find_vault = find_vault
        self._warn = warn
        self._note = note
        self.plain = ""
        """What to say if the login that was loaded last is in a plain file; empty if it is not."""

    def load(self) -> Tokens | None:
        """Return the login, the newer one if keyring and file both have one; None if there is none.

        A file that cannot be parsed is set aside; one that other users can read is closed to them. Both are reported.
        """
        kept, filed = self._from_vault(), self._from_file()
        found = [tokens for tokens in (kept, filed) if tokens is not None]
        newest = max(found, key=lambda tokens: tokens.obtained_at, default=None)
        plain = ""
        if newest is not None and newest is filed:
            plain = phrase(
                "The CHZZK login is kept in the file {file}, which only you can read, not in the system's store of "
                "passwords.",
                file=self._file,
            )
            if not self._vault:
                plain = phrase("{plain} To keep it there: pip install -r requirements-keyring.txt", plain=plain)
            if not self.plain:
                self._note(plain)
        self.plain = plain
        return newest

    def save(self, tokens: Tokens) -> str:
        """Store a login, replacing the previous one; after this returns, a power cut cannot lose it.

        Returns:
            where it is stored now, for display.

        Raises:
            OSError: it could not be written anywhere.
        """
        if self._vault is not None:
            with contextlib.suppress(OSError):
                if stored(self._vault, _USER, tokens.written()):
                    self._file.unlink(missing_ok=True)
                    self._mark()
                    return phrase("the system's store of passwords ({service})", service=SERVICE)
        self._write(tokens.written())
        return str(self._file)

    def stamp(self) -> object:
        """Return a value that changes whenever any program saves a login; cheap enough to call every second."""
        found: list[tuple[int, int] | None] = []
        for path in (self._file, self._lock_file):
            try:
                status = path.stat()
            except OSError:
                found.append(None)
            else:
                found.append((status.st_mtime_ns, status.st_ino))
        return tuple(found)

    def delete(self) -> None:
        """Delete the login, and anything a crash may have left of one.

        Raises:
            OSError: it is still there.
        """
        if self._folder.is_dir():
            for path in (self._file, self._aside, *self._folder.glob("*.tmp")):
                path.unlink(missing_ok=True)
        if self._vault is not None and self._from_vault() is not None:
            forgotten(self._vault, _USER)
            if self._from_vault() is not None:
                raise OSError(phrase("it could not be deleted from the system's store of passwords"))

    @contextlib.asynccontextmanager
    async def lock(self) -> AsyncGenerator[None, None]:
        """Admit one at a time among all nodes and programs of this user: a refresh token can be used only once.

        The operating system frees the lock of a program that dies. If no lock can be obtained, it goes on without one.
        """
        with contextlib.ExitStack() as stack:
            try:
                handle = stack.enter_context(self._open_lock())
                for _ in range(LOCK_TRIES):
                    if locked(handle):
                        break
                    await asyncio.sleep(LOCK_PAUSE_S)
            except OSError:
                pass  # a home folder that cannot be written: saving reports it
            yield

    @cached_property
    def _vault(self) -> Vault | None:
        return self._find_vault()

    @property
    def _lock_file(self) -> Path:
        return self._folder / "chzzk.lock"

    @property
    def _aside(self) -> Path:
        return self._file.with_suffix(".json.broken")

    def _from_vault(self) -> Tokens | None:
        if self._vault is None:
            return None
        with contextlib.suppress(Exception):
            text = self._vault.get_password(SERVICE, _USER)
            return None if text is None else Tokens.read(text)
        return None

    def _from_file(self) -> Tokens | None:
        try:
            if _POSIX and (mode := self._file.stat().st_mode & 0o777) & 0o077:
                self._file.chmod(0o600)
                text = phrase(
                    "{file}: other users could read it ({mode}). It is closed to them now. If that worries you, run "
                    "python aischoco.py logout and log in again.",
                    file=self._file,
                    mode=f"{mode:o}",
                )
                self._warn(text)
            return Tokens.read(patiently(lambda: self._file.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except OSError as error:
            self._warn(phrase("{file}: the login cannot be read: {why}", file=self._file, why=reason_of(error)))
            return None
        except ValueError:
            with contextlib.suppress(OSError):
                self._file.replace(self._aside)
            self._warn(
                phrase(
                    "{file}: the login is damaged and was moved to {aside}. Log in again: python aischoco.py login",
                    file=self._file,
                    aside=self._aside.name,
                )
            )
            return None

    def _write(self, text: str) -> None:
        self._make_folder()
        replace(self._file, text.encode())

    def _make_folder(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if _POSIX and self._folder.stat().st_mode & 0o077:
            self._folder.chmod(0o700)

    def _open_lock(self) -> IO[bytes]:
        self._make_folder()
        return self._lock_file.open("ab")

    def _mark(self) -> None:
        """Update the stamp: a keyring has none, so the lock file carries it."""
        with contextlib.suppress(OSError):
            self._make_folder()
            self._lock_file.touch()


def open_store(
    warn: Callable[[str], object] = _log.warning, note: Callable[[str], object] = lambda _: None
) -> TokenStore:
    """Return this user's store, with the operating system's keyring if there is one; nothing is read yet."""
    from platformdirs import user_config_path

    return TokenStore(user_config_path("aischoco", appauthor=False), system_vault, warn, note)
