"""Cleans a viewer's name so that the character can say it."""

import re
import unicodedata

from nodes.reply._spoken import spoken

LONGEST = 20
NOBODY = "시청자"


def clean(name: str) -> str:
    """Return at most 20 characters, without emotes, markup, addresses or invisible characters.

    Returns ``시청자`` if nothing pronounceable is left, as with a name of single consonants, emoji or Cyrillic letters.
    """
    name = re.sub(r"\{:[\w-]{1,64}:\}|<[^>]*>|(?:https?://|www\.)\S+", " ", name)
    name = "".join(
        " " if character.isspace() or character in "<>{}[]()`*#|\\~^" else character
        for character in name
        if character.isspace() or unicodedata.category(character)[0] in "LNPSM"
    )
    name = " ".join(name.split())[:LONGEST].strip(" .!?…。？！")
    return name if any(character.isalnum() for character in name) and spoken(name) else NOBODY
