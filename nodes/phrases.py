"""What a person reads, in Korean and in English: English in the source, Korean in the catalogue ``ko.po`` beside it.

``phrase("there is no file {file}", file=path)`` is that sentence in the language of the program: that of AISCHOCO_LANG,
else of the system, else Korean. It keeps the other language for a page on which a person has chosen that one.

The catalogues are gettext's, made and checked by Babel (``python -m tests.catalogues``). Each is read as it is when a
sentence is looked for in it, in less than 1 ms a hundred sentences: no compiled ones lie in git, and to compile them
here and read the result by ``gettext`` would take five times as long.
"""

import errno
import os
import re
import socket
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, reduce
from pathlib import Path
from typing import Any, Literal, cast

from nodes.particles import filled

Tongue = Literal["ko", "en"]
VARIABLE = "AISCHOCO_LANG"
CATALOGUE = "ko.po"
ROOT = Path(__file__).resolve().parents[1]
MOST_SAID = 20_000
"""Tell at most this many characters of what an error of a package says."""

_ENTRY = re.compile(
    r'^(?:msgctxt (?P<context>".*")\n)?msgid (?P<english>".*"(?:\n".*")*)\nmsgstr (?P<korean>".*"(?:\n".*")*)$', re.M
)
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}
_KOREAN_WINDOWS, _ENGLISH_WINDOWS = 0x12, 0x09
"""Primary languages of Windows: https://learn.microsoft.com/windows/win32/intl/language-identifier-constants-and-strings"""

_tongue: list[Tongue] = []


class Phrase(str):
    """A sentence in the language of the program, with what it takes to tell it in the other one."""

    english: str
    words: Mapping[str, object]
    after: Callable[[str], str] | None = None
    """What was done to the sentence, such as hiding secrets."""

    def told(self, tongue: Tongue) -> str:
        """Return the sentence in one of the languages; so are the phrases within it."""
        told = _told(self.english, self.words, tongue)
        return told if self.after is None else self.after(told)


def phrase(english: str, **words: object) -> Phrase:
    """Tell a sentence in the language of the program.

    Args:
        english: the sentence as the source has it; ``ko.po`` of the package has it in Korean.
        words: what is put in the place of ``{name}``; a Korean particle after it is fitted (``nodes.particles``).
    """
    made = Phrase(_told(english, words, tongue()))
    made.english, made.words = english, words
    return made


def joined(told: Iterable[str]) -> str:
    """Tell several things in one line, in Korean as sentences; "" if there are none."""
    ended = [changed(each, _without_stop) for each in told if each]
    return reduce(_both, ended) if ended else ""


def _both(told: str, more: str) -> str:
    return phrase("{told}; {more}", told=told, more=more)


def _without_stop(text: str) -> str:
    return text.removesuffix(".")


def in_tongue(value: object, tongue: Tongue) -> str:
    """Return a value as text: a phrase and what an error says in that language, anything else as it is."""
    if isinstance(value, BaseException):
        value = said_by(value)
    return value.told(tongue) if isinstance(value, Phrase) else str(value)


def described(english: str) -> Phrase:
    """Tell what a docstring or the description of a setting says; the catalogues have these too."""
    return phrase(english)


def changed(text: str, change: Callable[[str], str]) -> str:
    """Return a text as ``change`` makes it; a sentence stays one in both languages."""
    if not isinstance(text, Phrase):
        return change(text)
    made = Phrase(change(text))
    made.english, made.words = text.english, text.words
    made.after = change if (before := text.after) is None else lambda told: change(before(told))
    return made


def said_by(error: BaseException) -> str:
    """Return the text of an error; a sentence that it was raised with stays one in both languages, and what the system
    says is told in that of the program."""
    first = error.args[0] if len(error.args) == 1 else getattr(error, "strerror", None)
    if isinstance(first, Phrase):
        return first
    why = reason_of(error) if isinstance(error, OSError) else ""
    if not isinstance(why, Phrase):
        return _own_words(error)
    file = getattr(error, "filename", None)
    return why if file is None else phrase("{file}: {why}", file=file, why=why)


def _own_words(error: BaseException) -> str:
    try:
        return str(error)[:MOST_SAID]
    except Exception:  # those of a package may be as broken as what it failed on
        return "<exception str() failed>"  # as in a traceback


def reason_of(error: OSError) -> str:
    """Say why the system refused, without the name of the file; what is not among the usual reasons, in its words."""
    if isinstance(error.strerror, Phrase):
        return error.strerror
    usual = UNKNOWN_HOST if isinstance(error, socket.gaierror) else USUAL.get(error.errno or 0)
    if getattr(error, "winerror", None) in _IN_USE:
        usual = USUAL[errno.EBUSY]
    if usual:
        return phrase(usual)
    return error.strerror or (os.strerror(error.errno) if error.errno else str(error))  # Windows: no text of a socket's


def failure_of(error: BaseException) -> str:
    """Say what failed: in the sentence that the error was raised with, else in its own words behind its type."""
    said = said_by(error)
    return said if isinstance(said, Phrase) else f"{type(error).__name__}: {said}"


def all_in_tongue(content: Any, tongue: Tongue) -> Any:
    """Return what is to become JSON with every sentence within it in that language."""
    if isinstance(content, Phrase):
        return content.told(tongue)
    if isinstance(content, Mapping):
        return {key: all_in_tongue(value, tongue) for key, value in cast(Mapping[Any, Any], content).items()}
    if isinstance(content, list | tuple):
        return [all_in_tongue(value, tongue) for value in cast(list[Any], content)]
    return content


def noted(english: str) -> str:
    """Mark a sentence for the catalogue where it cannot be told yet, such as at import; return it as it is."""
    return english


UNKNOWN_HOST = noted("no computer of that name is found")
USUAL: Mapping[int, str] = {
    errno.ENOENT: noted("there is no such file or folder"),
    errno.EEXIST: noted("it is there already"),
    errno.EISDIR: noted("it is a folder"),
    errno.ENOTDIR: noted("a part of its path is not a folder"),
    errno.ENOTEMPTY: noted("the folder is not empty"),
    errno.ENAMETOOLONG: noted("its name is too long"),
    errno.EACCES: noted("permission is missing"),
    errno.EPERM: noted("permission is missing"),
    errno.EROFS: noted("its disk can only be read"),
    errno.ENOSPC: noted("the disk is full"),
    errno.EDQUOT: noted("the disk is full"),
    errno.EFBIG: noted("the file would be too large"),
    errno.EIO: noted("the disk or the device failed"),
    errno.EBUSY: noted("another program uses it"),
    errno.EMFILE: noted("the program has too many files open"),
    errno.ENFILE: noted("the system has too many files open"),
    errno.EADDRINUSE: noted("another program uses this port"),
    errno.EADDRNOTAVAIL: noted("this computer does not have that address"),
    errno.ECONNREFUSED: noted("nothing takes connections there"),
    errno.ECONNRESET: noted("the connection was cut"),
    errno.ECONNABORTED: noted("the connection was cut"),
    errno.EPIPE: noted("the connection was cut"),
    errno.ETIMEDOUT: noted("there was no answer in time"),
    errno.ENETUNREACH: noted("no network leads there"),
    errno.EHOSTUNREACH: noted("no network leads there"),
}
"""What the system refuses a program for, most often; by number, for its own words are in a language of its own."""

_IN_USE = 32, 33
"""Windows: ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION, which Python numbers as EACCES."""


def tongue() -> Tongue:
    """Return the language of the program."""
    if not _tongue:
        choose(os.environ)
    return _tongue[0]


def choose(env: Mapping[str, str]) -> str:
    """Choose the language of the program by its environment; say what is wrong with AISCHOCO_LANG, if anything is."""
    wanted = env.get(VARIABLE, "").strip()
    found = named(wanted)
    _tongue[:] = [found or _of_system(env) or "ko"]
    return phrase("AISCHOCO_LANG must be ko or en, not '{wanted}'", wanted=wanted) if wanted and not found else ""


def catalogues(root: Path = ROOT) -> list[Path]:
    """Return the catalogues of the program itself, each beside the package whose sentences it has."""
    engine = root / "graphs" / "engine" / CATALOGUE
    return [file for file in (engine, *sorted((root / "nodes").glob(f"**/{CATALOGUE}"))) if file.is_file()]


@cache
def entries(file: Path) -> Mapping[tuple[str, str], str]:
    """Read a catalogue: (context, English) -> Korean. A catalogue that is not there has no sentences."""
    try:
        text = file.read_text(encoding="utf-8")
    except OSError:
        return {}
    found = _ENTRY.finditer(text)
    return {(_plain(it["context"] or ""), _plain(it["english"])): _plain(it["korean"]) for it in found}


def _told(english: str, words: Mapping[str, object], tongue: Tongue) -> str:
    values = {name: in_tongue(value, tongue) for name, value in words.items()}
    return filled(english if tongue == "en" else _korean(english), values)


def _korean(english: str) -> str:
    for file in _files():
        korean = entries(file).get(("", english))
        if korean:
            return korean
    return english


@cache
def _files() -> tuple[Path, ...]:
    return tuple(catalogues())


def _plain(quoted: str) -> str:
    text = "".join(line[1:-1] for line in quoted.split("\n"))
    return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), text) if "\\" in text else text


def _of_system(env: Mapping[str, str]) -> Tongue | None:
    """Return the language of messages that the system is set to, if it is one of ours."""
    for name in _variables(env):
        if found := named(name):
            return found
    return _of_windows()


def _variables(env: Mapping[str, str]) -> Iterator[str]:
    """Yield what the variables of POSIX name, the one that counts first; gettext's LANGUAGE is a list."""
    locale = env.get("LC_ALL") or env.get("LC_MESSAGES") or env.get("LANG") or ""
    if locale not in ("", "C", "POSIX") and not locale.startswith("C."):
        yield from env.get("LANGUAGE", "").split(":")
    yield locale


def _of_windows() -> Tongue | None:
    if sys.platform != "win32":
        return None
    import ctypes

    primary = ctypes.windll.kernel32.GetUserDefaultUILanguage() & 0x3FF
    return {_KOREAN_WINDOWS: "ko", _ENGLISH_WINDOWS: "en"}.get(primary)


def named(name: str) -> Tongue | None:
    """Return the language that ``ko``, ``en_US.UTF-8`` or ``ko-KR`` names, if it is one of ours."""
    code = re.split(r"[-_.@]", name.strip().lower(), maxsplit=1)[0]
    return "ko" if code == "ko" else "en" if code == "en" else None
