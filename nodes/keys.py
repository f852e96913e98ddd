"""Cleans keys and tokens as people paste them: with an editor's quotation marks, or invisible characters.

A key is sent in an HTTP header, which can hold only ASCII; httpx raises ``UnicodeEncodeError`` for anything else, which
looks like a broken connection.
"""

import re
import unicodedata

from nodes.phrases import phrase

_AROUND = "\"'`“”„‟‘’‚‛«»‹›「」『』＂＇<>()[]{};,"
_NAME = re.compile(
    r"^(?:[^=:]*[\s\"'{]|\$env:)?[\w-]*(?:key|token|secret|authorization)[\w-]*"
    r"(?:\s*=\s*|\s*:\s+|[\"']\s*:\s*)(?=[^\s=])",
    re.IGNORECASE,
)
_REMARK = re.compile(r"\s#.*", re.DOTALL)
_SCHEME = re.compile(r"^bearer[\s:]", re.IGNORECASE)


def plain(text: str) -> str:
    """Return a pasted text without invisible characters and quotation marks around it; wide letters, as an input
    method writes them, become plain ones."""
    wide = unicodedata.normalize("NFKC", text)
    shown = (sign for sign in wide if sign.isspace() or unicodedata.category(sign) not in ("Cf", "Cc"))
    return "".join(shown).strip().strip(_AROUND).strip()


def clean(key: str) -> str:
    """Return the key without what no key has: blanks, invisible characters, quotation marks around it, the name of a
    variable, a field or a header or ``Bearer`` in front of it, and a remark behind it."""
    bare = _NAME.sub("", _REMARK.sub("", plain(key))).strip().strip(_AROUND)
    bare = _SCHEME.sub("", bare).strip().strip(_AROUND)
    return "".join(bare.split())


def wrong(key: str) -> str:
    """Return the name and position of what no key can contain; empty if it can be sent. Never the key itself."""
    for place, sign in enumerate(key, 1):
        if not "!" <= sign <= "~":
            shown = f"{sign!r} (U+{ord(sign):04X})"
            return phrase("{sign}, character {place} of {count}", sign=shown, place=place, count=len(key))
    return ""
