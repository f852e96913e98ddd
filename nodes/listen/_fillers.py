"""Knows the sounds that people make while they think."""

import re

_FILLER = re.compile(r"(?:음+|으+음*|어+|그+|아+|저+기?|에+|흠+|응?음+|어어|um+|uh+|er+|hmm+)")
_WORD = re.compile(r"[^\W_]+")


def is_filler(text: str) -> bool:
    """Whether nothing but such sounds is in a text."""
    words = _WORD.findall(text.casefold())
    return bool(words) and all(_FILLER.fullmatch(word) for word in words)
