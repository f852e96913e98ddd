"""A viewer's name as the character may say it."""

import re
import unicodedata

from nodes.reply._spoken import spoken

LONGEST = 20
NOBODY = "시청자"


def clean(name: str) -> str:
    """At most 20 characters, no emotes, markup, addresses or invisible characters.

    ``시청자`` where nothing is left that can be said, as of a name of single consonants, emoji or Cyrillic letters.
    """
    name = re.sub(r"\{:[\w-]{1,64}:\}|<[^>]*>|(?:https?://|www\.)\S+", " ", name)
    name = "".join(
        " " if character.isspace() or character in "<>{}[]()`*#|\\~^" else character
        for character in name
        if character.isspace() or unicodedata.category(character)[0] in "LNPSM"
    )
    name = " ".join(name.split())[:LONGEST].strip(" .!?…。？！")
    return name if any(character.isalnum() for character in name) and spoken(name) else NOBODY
