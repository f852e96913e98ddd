"""Changes one variable of the file ``.env``: everything else in it stays as it is written, and nobody else can read it.

A secret goes into the system's keyring where there is one; ``.env`` then has the name under which it is there.

``dotenv.set_key`` is not used: it rewrites the line ends of the whole file, and the comment and ``export`` of the line
are lost.
"""

import io
import os
import re
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

from dotenv.parser import Binding, parse_stream

from graphs.engine.editing.script import Script
from graphs.engine.language.env import PLACE, env_of
from graphs.engine.reload.editor import over
from nodes.phrases import phrase
from nodes.vault import Vault, forgotten, stored
from nodes.written import contents
from schemas.graph import GraphError

LONGEST = 4096
"""A value has at most this many characters."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_PLAIN = re.compile(r"[\w./:@%+,~^&*?!-]*", re.ASCII)
"""A value that needs no quotes."""
_HEAD = re.compile(r"\s*(?:export[^\S\r\n]+)?(?:'[^']+'|[^=#\s]+)[^\S\r\n]*")
_VALUE = re.compile(
    r"""=[^\S\r\n]*(?:'(?:\\'|[^'])*'|"(?:\\"|[^"])*"|(?:(?!\s+#)[^\r\n])*?(?=\s+#|[^\S\r\n]*(?:[\r\n]|$)))"""
)


def written_to(raw: bytes, name: str, value: str) -> bytes:
    """Return the bytes of ``.env`` once the variable has this value; of several lines of one name the last counts.

    Raises:
        ValueError: the name or the value cannot stand there, or the file is not text.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(phrase("a variable has letters, digits and _ in its name"))
    if len(value) > LONGEST:
        raise ValueError(phrase("a value has at most {count} characters", count=LONGEST))
    if not value.isprintable():
        raise ValueError(phrase("the value has a line break or another character that cannot be seen; copy it again"))
    try:
        script = Script(raw, ".env")
        before = env_of(raw)
        new = script.bytes(_changed(script.text, name, value))
        after = env_of(new)
    except (GraphError, ValueError) as error:  # also NotText
        raise ValueError(phrase("{file} is not UTF-8 text; save it as UTF-8", file=".env")) from error
    if after != before | {name: value}:
        raise ValueError(
            phrase("the value cannot be written to .env as it is; copy it again, without blanks or quotes")
        )
    return new


def _changed(text: str, name: str, value: str) -> str:
    bindings = list(parse_stream(io.StringIO(text)))
    at = next((i for i in reversed(range(len(bindings))) if bindings[i].key == name), None)
    if at is None:
        end = "" if not text or text.endswith("\n") else "\n"
        return f"{text}{end}{name}={_quoted(value)}\n"
    return "".join(_set(each, value) if i == at else each.original.string for i, each in enumerate(bindings))


def _set(binding: Binding, value: str) -> str:
    """Return a line with another value; its indentation, ``export``, comment and end stay."""
    line = binding.original.string
    head = _HEAD.match(line)
    start = head.end() if head is not None else 0
    old = _VALUE.match(line, start)
    rest = line[old.end() if old is not None else start :]
    return f"{line[:start]}={_quoted(value)}{rest}"


def _quoted(value: str) -> str:
    if _PLAIN.fullmatch(value):
        return value
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def keep(path: Path, name: str, secret: str, vault: Vault | None) -> None:
    """Keep a secret in the keyring, with its place there in ``.env``; where that does not work, in ``.env``. Blocking.

    Args:
        secret: empty to forget the one that is kept.

    Raises:
        ValueError: as ``written_to`` raises it.
        OSError: the file cannot be read or written.
    """
    raw = _raw(path)
    written_to(raw, name, secret)  # what cannot stand there is in no keyring either
    before, place = env_of(raw).get(name, ""), f"keyring:{token_hex(8)}"
    in_vault = vault is not None and secret != "" and stored(vault, place, secret)
    try:
        put(path, name, place if in_vault else secret)
    except OSError:
        before = place if in_vault else ""
        raise
    finally:
        if vault is not None and PLACE.fullmatch(before):
            forgotten(vault, before)


def put(path: Path, name: str, value: str) -> None:
    """Give a variable this value in the file ``.env``, which is its owner's alone from then on. Blocking.

    Raises:
        ValueError: as ``written_to`` raises it.
        OSError: the file cannot be read or written.
    """
    new = written_to(_raw(path), name, value)
    real = path.resolve()
    beside = real.with_name(f"{real.name}.{os.getpid()}.new")
    try:
        beside.unlink(missing_ok=True)
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(new)
            file.flush()
            os.fsync(file.fileno())
        over(beside, real)
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def _raw(path: Path) -> bytes:
    try:
        return contents(path)
    except FileNotFoundError:
        return b""
