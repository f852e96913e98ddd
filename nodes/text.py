"""Normalizes a text to what a reader sees: one form for each appearance, nothing invisible."""

import re
import unicodedata

EMOTE = re.compile(r"\{:([^\s{}:]{1,64}):\}")
"""A CHZZK emote in a text; group 1 is its key."""

_JAMO = re.compile("[\u3131-\u318e]+")
_COMPATIBILITY_JAMO = {
    ord(unicodedata.normalize("NFKC", chr(code))): chr(code)
    for code in range(0x3131, 0x318F)
    if code != 0x3164  # the filler is invisible
}
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
"""What Unicode calls a letter, a mark or a symbol but is invisible: fillers, joiners, a blank braille cell."""
_USUAL = re.compile("[ -~\u3131-\u3163\u3165-\u318e\uac00-\ud7a3]*")
"""ASCII, Korean syllables and single letters: each has only one form, and all are visible."""
_JOINER = "\u200d"
_MARKS = 2
"""A real script needs at most this many combining marks in a row."""


def clean(text: str) -> str:
    """Return NFKC without invisible, control and bidi characters, blanks collapsed, at most 2 combining marks in a row.

    Single Korean letters (ㅋㅋ, ㅠㅠ) stay as they are, where NFKC alone would turn them into the halves of syllables;
    a joiner stays between two emoji, where it makes one picture of them.
    """
    if _USUAL.fullmatch(text):
        return " ".join(text.split())
    parts: list[str] = []
    end = 0
    for jamo in _JAMO.finditer(text):
        parts += [_normal(text[end : jamo.start()]), jamo[0]]
        end = jamo.end()
    parts.append(_normal(text[end:]))
    return " ".join(_visible("".join(parts)).split())


def _normal(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFKC", text).translate(_COMPATIBILITY_JAMO)


def _visible(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    kept: list[str] = []
    marks = 0
    for index, character in enumerate(text):
        category = unicodedata.category(character)
        if character == _JOINER:
            follows = text[index + 1 : index + 2]
            if kept and _pictorial(kept[-1]) and follows and _pictorial(follows):
                kept.append(character)
            continue
        if category in ("Cc", "Zl", "Zp"):
            kept.append(" ")
            marks = 0
        elif category in ("Cf", "Cs") or character in _INVISIBLE:
            continue
        elif category in ("Mn", "Me"):
            marks += 1
            if marks <= _MARKS:
                kept.append(character)
        else:
            kept.append(character)
            marks = 0
    return "".join(kept)


def _pictorial(character: str) -> bool:
    return character == "\ufe0f" or unicodedata.category(character) in ("So", "Sk", "Cn")


def without_emotes(text: str, put: str = "") -> str:
    """Return the text with ``put`` in place of each emote."""
    return EMOTE.sub(lambda emote: put if emote[1].isascii() else emote[0], text)
