"""Web addresses in a text, by the top-level names of the public suffix list (publicsuffix.org)."""

import re
from collections.abc import Iterator
from functools import lru_cache

from publicsuffixlist import PublicSuffixList

_HOST = re.compile(
    r"(?<![\w.-])(?:[\w.+-]{1,64}@)?(?P<host>(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+(?P<top>[a-z]{2,24}|닷컴|닷넷|한국))"
    r"(?P<rest>(?::\d{1,5})?(?:[/?#][^\s]*)?)(?![a-z0-9-]|\.[a-z0-9])"
)
_PLAIN = re.compile(
    r"(?:(?:https?|hxxps?)\s?:\s?/{0,2}|(?<![a-z0-9])www\s?\.\s?(?=[a-z0-9])"
    r"|(?<![\w.-])[a-z0-9-]{2,63}\s\.\s?(?:com|net|kr|xyz|shop|gg|tv)(?![a-z0-9]))\S*",
    re.IGNORECASE,
)
_NUMERIC = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5}|/)")
_LIKELY = re.compile(r":(?<=[PpSsſ]:)|:(?<=[PpSsſ]\s:)|\.\s?[A-Za-z0-9닷한]")
_WORDS = frozenset("py md sh rs pl zip mov ps so my in is it no at by am be to do as id la me".split())  # noqa: SIM905
"""Suffixes that are also file extensions or words: an address only with a path or for a ``_SHORT_SITES`` site."""
_SHORT_SITES = frozenset(
    ("t.me", "wa.me", "line.me", "about.me", "naver.me", "kko.to", "amzn.to", "youtu.be", "bit.do", "redd.it")
)
_BEFORE_A_NAME = frozenset(("prod", "feat", "ft", "dr", "mr", "mrs", "ms", "vs", "no", "st", "vol", "ep", "ver"))


def links(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of the web addresses in a text."""
    if _LIKELY.search(text) is None:
        return
    for match in _PLAIN.finditer(text):
        yield match.span()
    if "." not in text:
        return
    lowered = text.lower()
    for match in _HOST.finditer(lowered):
        if _is_address(match["host"], match["top"], match["rest"]):
            yield match.span()
    for match in _NUMERIC.finditer(text):
        yield match.span()


def has_link(text: str) -> bool:
    """Whether the text contains a web address."""
    return next(links(text), None) is not None


def _is_address(host: str, top: str, rest: str) -> bool:
    labels = host.split(".")
    if not _is_top(top) or (len(labels) == 2 and labels[0] in _BEFORE_A_NAME):
        return False
    if rest.startswith("/") or host in _SHORT_SITES or (len(labels) > 2 and labels[0] == "www"):
        return True
    if len(labels) == 2 and len(labels[0]) == 1 and len(top) == 2:
        return False  # D.Va
    if top == "한국":
        return len(labels) == 2 and labels[0].isascii()
    return top not in _WORDS


@lru_cache(maxsize=2048)
def _is_top(name: str) -> bool:
    return _suffixes().publicsuffix(name) is not None


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False, only_icann=True)  # reads the list in its package: 50 ms, once
