"""Checks names that become part of a file name against what any system forbids."""

import re

from nodes.phrases import phrase

LONGEST = 100
"""At most this many characters."""
BYTES = 255 - len("-99.unread.jsonl")
"""At most this many in UTF-8, where a Hangul letter takes three: a file's name may have 255 on Linux, and the longest
that is named after a graph ends like this."""
_SIGNS = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_DEVICE = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE)
"""Source: Microsoft, "Naming Files, Paths, and Namespaces"."""


def unfit(name: str) -> str:
    """Say why a name cannot be a file name on Windows, macOS or Linux; empty if it can."""
    sign = _SIGNS.search(name)
    if sign is not None:
        shown = sign[0] if sign[0].isprintable() else f"U+{ord(sign[0]):04X}"
        return phrase("a file's name cannot hold {sign}", sign=shown)
    if name != name.strip(". "):
        return phrase("it begins or ends with a dot or a blank")
    if _DEVICE.fullmatch(name):
        return phrase("it is a device of Windows")
    if len(name) > LONGEST:
        return phrase("it is longer than {most} characters", most=LONGEST)
    if any("\ud800" <= sign <= "\udfff" for sign in name):
        return phrase("it holds half a character")
    if len(name.encode()) > BYTES:
        return phrase("it takes more than {most} bytes, and a Hangul letter takes three", most=BYTES)
    return ""
