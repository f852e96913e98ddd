"""Cleans keys and tokens as people paste them: with an editor's quotation marks, or invisible characters.

A key is sent in an HTTP header, which can hold only ASCII; httpx raises ``UnicodeEncodeError`` for anything else, which
looks like a broken connection.
"""

import unicodedata

_QUOTES = "\"'`“”„‟‘’‚‛«»‹›「」『』＂＇"


def clean(key: str) -> str:
    """Return the key without blanks, invisible characters, quotation marks around it or ``Bearer`` before it."""
    seen = "".join(sign for sign in key if not sign.isspace() and unicodedata.category(sign) not in ("Cf", "Cc", "Zs"))
    bare = seen.strip(_QUOTES)
    return bare[6:].strip(_QUOTES) if bare[:6].lower() == "bearer" and " " in key.strip() else bare


def wrong(key: str) -> str:
    """Return the name and position of what no key can contain; empty if it can be sent. Never the key itself."""
    for place, sign in enumerate(key, 1):
        if not "!" <= sign <= "~":
            return f"{sign!r} (U+{ord(sign):04X}, {unicodedata.name(sign, '?')}), {place}/{len(key)}"
    return ""
