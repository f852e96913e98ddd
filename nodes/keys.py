"""Keys and tokens as people paste them: with quotation marks of an editor, or signs that nobody sees.

A key travels in a header of HTTP, which holds ASCII alone; httpx raises ``UnicodeEncodeError`` for anything else, which
looks like a broken connection.
"""

import unicodedata

_QUOTES = "\"'`“”„‟‘’‚‛«»‹›「」『』＂＇"


def clean(key: str) -> str:
    """The key without what no key can hold: blanks, unseen signs, quotation marks around it, ``Bearer`` before it."""
    seen = "".join(sign for sign in key if not sign.isspace() and unicodedata.category(sign) not in ("Cf", "Cc", "Zs"))
    bare = seen.strip(_QUOTES)
    return bare[6:].strip(_QUOTES) if bare[:6].lower() == "bearer" and " " in key.strip() else bare


def wrong(key: str) -> str:
    """What a cleaned key holds that no key can, by name and place; empty if it can be sent. Never the key itself."""
    for place, sign in enumerate(key, 1):
        if not "!" <= sign <= "~":
            return f"{sign!r} (U+{ord(sign):04X}, {unicodedata.name(sign, '?')}), {place}/{len(key)}"
    return ""
