"""Web addresses in a text, by the top-level names of the public suffix list (publicsuffix.org)."""

import re
from collections.abc import Iterator
from functools import lru_cache

from publicsuffixlist import PublicSuffixList

_HOST = re.compile(
    r"(?<![\w.-])(?:[\w.+-]{1,64}@)?(?P<host>(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+(?P<top>[a-z]{2,24}|닷컴|닷넷|한국))"
    r"(?P<rest>(?::\d{1,5})?(?:[/?#][^\s]*)?)(?![a-z0-9-]|\.[a-z0-9])"
)
_KNOWN = "naver|google|youtube|instagram|facebook|twitter|tiktok|discord|kakao|coupang|pinterest|telegram|whatsapp"
_NO_NAMES = "no|web|it|this|that|me|you|so|yes|ok|pc|app|dot|the|vs|my|go|now|up"
"""Words that end a sentence before ``com``, which Koreans also call their computer."""
_PLAIN = re.compile(
    r"(?:(?:h\s?t\s?t\s?p\s?s?|hxxps?|ftp)\s?:\s?/{0,2}|(?<![a-z0-9])www\s?\.\s?(?=[a-z0-9])"
    r"|(?<![\w.-])[a-z0-9-]{2,63}\s\.\s?(?:com|net|kr|xyz|shop|gg|tv)(?![a-z0-9])"
    rf"|(?<![\w.-])(?!(?:{_NO_NAMES})\.)[a-z0-9-]{{2,63}}\.\s(?-i:com|net)(?![a-z0-9])"
    r"|[a-z0-9]\s?\.\s?c(?:\s+o\s?|\s?o\s+)m(?![a-z0-9])"
    rf"|(?<![\w.-])(?:{_KNOWN}|(?=[a-z-]*\d)(?=[\d-]*[a-z])[a-z0-9-]{{4,63}})\scom(?![a-z0-9])"
    r"|(?<![\w.'-])(?:[a-z0-9-]{2,63}\s(?:com|net|kr)|youtu\sbe|t\sme|discord\sgg|bit\sly|twitch\stv|linktr\see)/\w"
    r"|(?<![a-z0-9])www\s[a-z0-9-]{2,63}\s(?:com|net|kr)(?![a-z0-9])"
    r"|(?<![\w.-])[a-z0-9-]{2,63}\s?(?:닷컴|[점쩜]컴|(?:[\[({]\s?(?:dot|[닷점쩜.])\s?[\])}]|[닷점쩜,·∙•]|\sdot\s)\s?(?:com|net|kr)(?![a-z0-9]))"
    r"|(?<![\w.-])[a-z0-9-]{1,63}\s?\.\s?(?:me|gg|ly)/\w)\S*",
    re.IGNORECASE,
)
_NUMERIC = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5}|/)")
_LIKELY = re.compile(
    r"\s(?:(?i:com|net|kr)(?![A-Za-z0-9])|(?i:be|me|gg|ly|tv|ee)/)|[:.,·∙•닷점쩜)}\]TtWw](?:(?<=[PpSsſ]:)|(?<=[PpSsſ]\s:)|(?<=\.)\s?(?:[A-Za-z닷한]|\d[\w-]*\.)|(?<=[Ww]\.)\s?\d|(?<=[Ww][Ww])\s[A-Za-z0-9]"
    r"|(?<=[닷점쩜])컴|(?<=[^:])\s?(?:[Cc][Oo][Mm]|[Nn][Ee][Tt]|[Kk][Rr]))"
)
_WIDE_DOT = re.compile("。(?=[A-Za-z])")
_WORDS = frozenset("py md sh rs pl zip mov ps so my in is it no at by am be to do as id la me game".split())  # noqa: SIM905
"""Suffixes that are also file extensions or words: an address only with a path or for a ``_SHORT_SITES`` site."""
_SHORT_SITES = frozenset(
    ("t.me", "wa.me", "line.me", "about.me", "naver.me", "kko.to", "amzn.to", "youtu.be", "bit.do", "redd.it")
)
_PRODUCTS = frozenset(("asp.net", "ado.net", "vb.net", "socket.io"))
_BEFORE_A_NAME = frozenset(("prod", "feat", "ft", "dr", "mr", "mrs", "ms", "vs", "no", "st", "vol", "ep", "ver"))


def links(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of the web addresses in a text."""
    text = _WIDE_DOT.sub(".", text) if "。" in text else text
    if _LIKELY.search(text) is None:
        return
    for match in _PLAIN.finditer(text):
        yield match.span()
    if "." not in text:
        return
    lowered = text.lower()
    for match in _HOST.finditer(lowered):
        if _is_address(match["host"], match["top"], match["rest"], mail="@" in match[0]):
            yield match.span()
    for match in _NUMERIC.finditer(text):
        yield match.span()


def has_link(text: str) -> bool:
    """Whether the text contains a web address."""
    return next(links(text), None) is not None


def _is_address(host: str, top: str, rest: str, *, mail: bool) -> bool:
    labels = host.split(".")
    if not _is_top(top) or (len(labels) == 2 and labels[0] in _BEFORE_A_NAME):
        return False
    if rest.startswith("/") or host in _SHORT_SITES or (len(labels) > 2 and labels[0] == "www"):
        return True
    if len(labels) == 2 and len(labels[0]) == 1 and len(top) == 2 and not mail:
        return False  # D.Va
    if top == "gg" and not host.isascii():
        return False  # 가자.gg
    if top == "한국":
        return len(labels) == 2 and labels[0].isascii()
    return top not in _WORDS and host not in _PRODUCTS


@lru_cache(maxsize=2048)
def _is_top(name: str) -> bool:
    return _suffixes().publicsuffix(name) is not None


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False, only_icann=True)  # reads the list in its package: 50 ms, once
