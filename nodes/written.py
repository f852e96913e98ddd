"""Decodes text that a person wrote with any program: UTF-8, or what it clearly is instead.

Korean Notepad saves as CP949 if "ANSI" is chosen, and as UTF-16 if "Unicode" is.
"""

import codecs
import errno
import os
import stat
import unicodedata
from pathlib import Path
from typing import NamedTuple

from nodes.phrases import Phrase, changed, phrase

_LONGEST = 280
"""Tell at most this many characters of what is wrong with a line."""
MOST_BYTES = 16 << 20
"""At most this many bytes in a file that a person writes."""
_MARKS = ((codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
"""The longer mark comes first: UTF-32 begins like UTF-16."""
_HANGUL_SHARE = 0.6
"""Minimum share of Hangul among non-ASCII letters; below it, text decoded as CP949 was something else."""
_DAMAGED_SHARE = 0.2
"""UTF-8 of which less than this share is invalid is damaged UTF-8, not CP949."""


class Written(NamedTuple):
    """The decoded text of a file."""

    text: str
    """The text without a byte order mark; lines end with ``\\n``."""
    encoding: str
    """``utf-8``, ``utf-16``, ``utf-32`` or ``cp949``."""


class WrongLine(ValueError):
    """Raised for a line of a file that a person wrote; the text begins with which line it is."""

    def __init__(self, line: int, what: str, remedy: str = "") -> None:
        what = changed(what, lambda told: told[:_LONGEST])
        if remedy:
            super().__init__(phrase("line {line}: {what}: {remedy}", line=line, what=what, remedy=remedy))
        else:
            super().__init__(phrase("line {line}: {what}", line=line, what=what))
        self.line, self.what, self.remedy = line, what, remedy
        """What is wrong, without the line, and what to do."""


class NotText(WrongLine):
    """Raised when the bytes are not text in any encoding known here."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(line, what, save_as_utf8())


def save_as_utf8() -> Phrase:
    """Say what to do with a file in another encoding."""
    return phrase("open it in Notepad and save it again as 'UTF-8'")


def contents(path: Path) -> bytes:
    """Return the bytes of a regular file. Blocking, but a pipe or a device in its place keeps nobody waiting.

    Raises:
        OSError: it cannot be read, is not a regular file or has more than ``MOST_BYTES``.
    """
    # without O_NONBLOCK the opening of a pipe waits for its other end
    flags = sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_NOCTTY", "O_BINARY"))
    try:
        descriptor = os.open(path, os.O_RDONLY | flags)
    except OSError:
        _regular(path, path.stat().st_mode)  # a socket cannot be opened
        raise
    try:
        _regular(path, os.fstat(descriptor).st_mode)
    except OSError:
        os.close(descriptor)
        raise
    with os.fdopen(descriptor, "rb") as file:
        found = file.read(MOST_BYTES + 1)
    if len(found) > MOST_BYTES:
        raise OSError(errno.EFBIG, phrase("has more than {size} MB", size=MOST_BYTES >> 20), str(path))
    return found


def _regular(path: Path, mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, phrase("is not a regular file"), str(path))


def written(raw: bytes) -> Written:
    """Read the bytes of a text file.

    Raises:
        NotText: the encoding cannot be determined for certain.
    """
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            try:
                return Written(_lines(raw.decode(encoding)), encoding)
            except UnicodeDecodeError:
                raise NotText(1, phrase("this is not whole {encoding} text", encoding=encoding.upper())) from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        korean = _korean(raw)
        if korean is None:
            line = error.object.count(b"\n", 0, error.start) + 1
            raise NotText(line, phrase("is not UTF-8 text")) from None
        return Written(_lines(korean), "cp949")
    if "\0" in text:  # UTF-16 without its mark, or not text at all
        raise NotText(text.count("\n", 0, text.index("\0")) + 1, phrase("is not UTF-8 text"))
    return Written(_lines(text), "utf-8")


def note(found: Written) -> str:
    """Return what to say about a file that is not UTF-8; empty for one that is."""
    if found.encoding == "utf-8":
        return ""
    return phrase(
        "it is saved as {encoding} and was read as that; {remedy}",
        encoding=found.encoding.upper(),
        remedy=save_as_utf8(),
    )


def _korean(raw: bytes) -> str | None:
    """Return the text if it is clearly Korean in CP949."""
    nearly = [sign for sign in raw.decode("utf-8", "replace") if not sign.isascii()]
    if nearly.count("\ufffd") < _DAMAGED_SHARE * len(nearly):
        return None
    try:
        text = raw.decode("cp949")
    except UnicodeDecodeError:
        return None
    if any(sign < " " and sign not in "\t\n\r\f" for sign in text):
        return None
    letters = [sign for sign in text if sign.isalpha() and not sign.isascii()]
    hangul = sum(unicodedata.name(sign, "").startswith("HANGUL") for sign in letters)
    return text if letters and hangul >= _HANGUL_SHARE * len(letters) else None


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
