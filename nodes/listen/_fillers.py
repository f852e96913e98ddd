"""Knows the sounds that people make while they think."""

import re

_FILLER = re.compile(
    r"[음으어]+|[에흐아오]*음+|그+|아+|에+|저+기?|응음+|[흐으]*흠+|하아+|후+우*|휴+|아휴+|[쓰스]+[읍흡]+|[씁쩝쯧]+|그[음어]+|아[음어]+"
    r"|u+m+|u+h+|er+m?|a+h+|h*mm+|hm+"
)
_WORD = re.compile(r"[^\W_]+")


def is_filler(text: str) -> bool:
    """Whether nothing but such sounds is in a text."""
    words = _WORD.findall(text.casefold())
    return bool(words) and all(_FILLER.fullmatch(word) for word in words)
