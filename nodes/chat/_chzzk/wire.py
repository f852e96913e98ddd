"""Times and text as CHZZK writes them on the wire."""

import math
import re
import unicodedata
from datetime import datetime, timedelta, timezone
from typing import Any

KST = timezone(timedelta(hours=9))
_UNREADABLE = re.compile("[\x00\ud800-\udfff]")
_MONEY = re.compile(r"[\s,₩\\]|원|치즈|krw|won", re.IGNORECASE)
_LATEST_MS = 253_402_300_799_000  # the last second of the year 9999


def readable(value: object, limit: int) -> str:
    """Return the text without NUL and lone surrogates, at most ``limit`` characters; empty if it is not a string."""
    return _UNREADABLE.sub("", value[: 2 * limit])[:limit] if isinstance(value, str) else ""


def whole(value: object) -> int | None:
    """Read an integer sent as 1000, 1000.0, "1000", "1000.0", "1,000" or full-width digits; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if abs(value) < 10**15 else None
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e15 else None
    if isinstance(value, str):
        number, _, fraction = unicodedata.normalize("NFKC", value[:64]).strip().replace(",", "").partition(".")
        digits = number.removeprefix("+")
        whole_ = digits.isascii() and digits.isdigit() and len(digits) <= 15 and not fraction.strip("0")
        return int(digits) if whole_ else None
    return None


def won(value: object) -> int | None:
    """Read an amount of money: what ``whole`` reads, and "1,000원" or "₩1,000"."""
    return whole(_MONEY.sub("", unicodedata.normalize("NFKC", value[:64])) if isinstance(value, str) else value)


def epoch_s(message_time: object, event_sent_at: object) -> float | None:
    """Return epoch seconds from ``messageTime`` (ms), else from ``eventSentAt`` (KST unless it has an offset)."""
    milliseconds = whole(message_time)
    if milliseconds is not None and 0 < milliseconds <= _LATEST_MS:
        return milliseconds / 1000
    if isinstance(event_sent_at, str):
        try:
            at = datetime.fromisoformat(event_sent_at)
        except ValueError:
            return None
        return (at if at.tzinfo else at.replace(tzinfo=KST)).timestamp()
    return None


def kst(milliseconds: int) -> str:
    """Format ``eventSentAt`` as observed: ``2026-07-26T03:14:18.629000000``, KST without an offset, nine digits."""
    at = datetime.fromtimestamp(milliseconds // 1000, KST)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03d}000000"


def later(payload: dict[str, Any], seconds: float) -> dict[str, Any]:
    """Return the payload as if it had been sent ``seconds`` later, so that it is a new event."""
    moved = dict(payload)
    milliseconds = whole(payload.get("messageTime"))
    if milliseconds is not None:
        moved["messageTime"] = milliseconds + round(seconds * 1000)
    sent_at = epoch_s(None, payload.get("eventSentAt"))
    if sent_at is not None and math.isfinite(seconds) and 0 <= sent_at + seconds < _LATEST_MS / 1000:
        moved["eventSentAt"] = kst(round((sent_at + seconds) * 1000))
    return moved
