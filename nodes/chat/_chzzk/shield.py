"""The shield against a flood: chat becomes slow, and afterwards as it was before, also if the program was killed.

Before anything is changed, a file says what was there and what takes its place. It is on disk before CHZZK is asked,
and goes only when all is as before. What somebody else has changed meanwhile is left as it is.
"""

import json
from pathlib import Path
from typing import Any, cast

from nodes.chat._chzzk.account import Account
from nodes.chat._chzzk.rest import BadRequest, Busy, Forbidden, LoginNeeded, NotFound
from nodes.chat._chzzk.writes import ChatSettings, change_settings, chat_settings
from nodes.services import Worker
from nodes.shared_file import patiently, replace

_REFUSED = (BadRequest, Busy, Forbidden, LoginNeeded, NotFound)
"""After these nothing was changed."""
_VERSION = 1


class Shield:
    """Raises and lowers the shield of one channel; its calls must not overlap.

    Args:
        path: the file that says what to put back.
        worker: writes it.
    """

    def __init__(self, account: Account, path: Path, worker: Worker) -> None:
        self._account = account
        self._path = path
        self._worker = worker

    async def raise_(self, slow_s: int, follower_minutes: int | None) -> None:
        """Make the chat slow, and for followers only if ``follower_minutes`` is given.

        Raises:
            ChzzkError: it could not be done. If nobody knows whether it was, the file is there for ``lower``.
            OSError: the file cannot be written, so nothing was changed.
        """
        await self.lower()  # what an earlier run left: its values are not the former ones
        before = await chat_settings(self._account)
        ours = raised(before, slow_s, follower_minutes)
        changed = [name for name in ours if ours[name] != before[name]]
        if not changed:
            return
        record = {"v": _VERSION, "before": {n: before[n] for n in changed}, "ours": {n: ours[n] for n in changed}}
        await self._worker.thread(replace, self._path, json.dumps(record).encode())
        try:
            await change_settings(self._account, ours)
        except _REFUSED:
            await self._worker.thread(_forget, self._path)
            raise

    async def lower(self) -> bool:
        """Put back what was there before the shield; return whether there was anything to put back.

        Raises:
            ChzzkError: it could not be done; the file is still there.
            OSError: the file cannot be read or removed.
            ValueError: the file is damaged; it was set aside.
        """
        record = await self._worker.thread(_read, self._path)
        if record is None:
            return False
        now = await chat_settings(self._account)
        former = lowered(now, *record)
        if former != now:
            await change_settings(self._account, former)
        await self._worker.thread(_forget, self._path)
        return former != now


def raised(before: ChatSettings, slow_s: int, follower_minutes: int | None) -> ChatSettings:
    """Return the settings with the shield: nothing of them is looser than before."""
    ours = {**before, "chatSlowModeSec": max(before["chatSlowModeSec"], slow_s)}
    known = before.get("minFollowerMinute")
    if follower_minutes is not None and known is not None and before.get("chatAvailableGroup") in ("ALL", "FOLLOWER"):
        known = known if before["chatAvailableGroup"] == "FOLLOWER" else 0
        ours |= {"chatAvailableGroup": "FOLLOWER", "minFollowerMinute": max(known, follower_minutes)}
    return ours


def lowered(now: ChatSettings, before: ChatSettings, ours: ChatSettings) -> ChatSettings:
    """Return the settings without the shield: what is not as the shield made it was changed by somebody, and stays."""
    return now | {name: before[name] for name in ours if now.get(name) == ours[name]}


def _read(path: Path) -> tuple[ChatSettings, ChatSettings] | None:
    try:
        text = patiently(lambda: path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    try:
        found: Any = json.loads(text)
        before, ours = found["before"], found["ours"]
        if found["v"] != _VERSION or not before.keys() == ours.keys():
            raise ValueError(text)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        aside = path.with_suffix(".bad")
        patiently(lambda: path.replace(aside))
        raise ValueError(aside.name) from None
    return cast(tuple[ChatSettings, ChatSettings], (before, ours))


def _forget(path: Path) -> None:
    patiently(lambda: path.unlink(missing_ok=True))
