"""What follows a backslash in a string that a model writes: JSON's escapes, and what else models make of them. Pure."""

import re

_SIGNS = {"n": "\n", "t": " ", "r": " ", "b": " ", "f": " "}


def unescaped(text: str, *, ended: bool) -> tuple[str, str] | None:
    """Read the escape that ``text`` begins with.

    Args:
        text: from the backslash on.
        ended: nothing more comes.

    Returns:
        (what it stands for, the rest of the text); None if more is needed.
    """
    if len(text) < 2:
        return ("", "") if ended else None
    if text[1] == "\\":
        if len(text) < 3 and not ended:
            return None
        if text[2:3] == "n":  # a line break, escaped once more
            return "\n", text[3:]
        if text[2:6] == r"r\\n":
            return "\n", text[6:]
        if not ended and r"r\\n".startswith(text[2:]):
            return None
        if re.match(r"u[0-9a-fA-F]{4}", text[2:]):  # a sign, escaped once more
            return unescaped(text[1:], ended=ended)
        if not ended and re.fullmatch(r"u[0-9a-fA-F]{0,3}", text[2:]):
            return None
        return "\\", text[2:]
    if text[1] != "u":
        return _SIGNS.get(text[1], text[1]), text[2:]
    code = re.match(r"\\u([0-9a-fA-F]{4})", text)
    if not code:
        if len(text) < 6 and re.fullmatch(r"\\u[0-9a-fA-F]*", text):
            return ("", "") if ended else None
        return "", text[2:]
    value, size = int(code[1], 16), 6
    if 0xD800 <= value < 0xDC00:
        low = re.match(r"\\{1,2}u([dD][c-fC-F][0-9a-fA-F]{2})", text[6:])
        if not low and not ended and re.fullmatch(r"(?:\\{1,2}(?:u[0-9a-fA-F]{0,3})?)?", text[6:]):
            return None
        value, size = (
            (0x10000 + (value - 0xD800) * 0x400 + int(low[1], 16) - 0xDC00, 6 + low.end()) if low else (0xFFFD, 6)
        )
    sign = "\ufffd" if 0xD800 <= value < 0xE000 else chr(value) if value >= 32 else " "
    return sign, text[size:]
