"""Writes values as YAML that the reader of graphs, and any other one, reads as exactly these values.

Everything is written as if it stood in brackets, so it stays right wherever it is moved.
"""

import re
from collections.abc import Mapping
from typing import Any, cast

import yaml

from graphs.engine.language.load import scalar
from nodes.phrases import phrase

MAX_KEY = 1000
"""A written key has at most this many characters; YAML looks for the colon within 1,024."""
_ODD = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""Characters that a graph cannot hold, or that YAML takes for a line break or the mark of a file."""
_HALF = re.compile("[\ud800-\udfff]")
_NOT_PLAIN = re.compile(r"[\n\t,\[\]{}]|:(?:\s|$)|\s#|\$\{|::")
_SIGNS = "-?:#&*!|>'\"%@`=<~"
"""A plain text cannot begin with one of these, or is safer in quotes if it does."""
_LETTERS = ("y", "Y", "n", "N")
"""Yes and no in YAML 1.1, which PyYAML itself takes for text."""
_WORDS: Any = yaml.SafeLoader("")
"""Knows what YAML 1.1 takes for something other than text: ``no``, ``12:30``, ``2024-01-01``."""
_TEXT = "tag:yaml.org,2002:str"


class CannotWrite(ValueError):
    """Raised for a value that a graph cannot hold; the text says why."""


def quoted(text: str, style: str = "", *, key: bool = False) -> str:
    """Write a text as a scalar.

    Args:
        style: the quotes that it had; they are kept where they can hold it.
        key: whether it is a key.

    Raises:
        CannotWrite: the text holds half a character, or is too long for a key.
    """
    if _HALF.search(text):
        raise CannotWrite(phrase("a text with half a character (a lone surrogate) cannot be written"))
    said = _scalar(text, style)
    if key and len(said) > MAX_KEY:
        raise CannotWrite(phrase("a key has at most {most} characters", most=MAX_KEY))
    return said


def _scalar(text: str, style: str) -> str:
    if style not in ("'", '"') and _plain(text):
        return text
    if style == "'" and not _ODD.search(text) and not re.search(r"[\n\t]", text):
        return "'" + text.replace("'", "''") + "'"
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return '"' + _ODD.sub(_escaped, text) + '"'


def rendered(value: object, style: str = "") -> str:
    """Write a value on one line.

    Args:
        style: the quotes that a text had before.

    Raises:
        CannotWrite: a graph cannot hold such a value.
    """
    if isinstance(value, str):
        return quoted(value, style)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, list):
        return f"[{', '.join(rendered(each) for each in cast(list[object], value))}]"
    if isinstance(value, Mapping):
        pairs = [pair(key, each) for key, each in cast(Mapping[object, object], value).items()]
        return f"{{{', '.join(pairs)}}}"
    raise CannotWrite(phrase("a graph cannot hold a {type}", type=type(value).__name__))


def pair(key: object, value: object) -> str:
    """Write a key and its value.

    Raises:
        CannotWrite: the key is not text, or a graph cannot hold the value.
    """
    if not isinstance(key, str):
        raise CannotWrite(phrase("a key of a graph is text"))
    return f"{quoted(key, key=True)}: {rendered(value)}"


def commented(comment: str, width: int = 0) -> list[str]:
    """Write a comment: one line for each of its lines that is not blank, indented by ``width``."""
    lines = (_HALF.sub(" ", _ODD.sub(" ", line)).strip() for line in comment.split("\n"))
    return [f"{' ' * width}# {line}" for line in lines if line]


def _plain(text: str) -> bool:
    """Whether the text needs no quotes: YAML 1.1 and the reader of graphs both take it for this text."""
    return (
        bool(text)
        and text == text.strip()
        and text[0] not in _SIGNS
        and text not in _LETTERS
        and not text.startswith("...")
        and not _ODD.search(text)
        and not _NOT_PLAIN.search(text)
        and isinstance(scalar(text), str)
        and _WORDS.resolve(yaml.ScalarNode, text, (True, False)) == _TEXT
    )


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


def _number(value: float) -> str:
    said = repr(value).replace("inf", ".inf").replace("nan", ".nan")
    if "e" in said and "." not in said:  # YAML 1.1 takes 1e-05 for text
        return said.replace("e", ".0e")
    return said
