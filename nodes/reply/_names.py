"""A viewer's name as the character may say it."""

import re
import unicodedata

LONGEST = 20


def clean(name: str) -> str:
    """At most 20 characters, no emotes, markup, addresses or invisible characters; ``시청자`` if nothing is left."""
    name = re.sub(r"\{:[\w-]{1,64}:\}|<[^>]*>|(?:https?://|www\.)\S+", " ", name)
    name = "".join(
        " " if character.isspace() or character in "<>{}[]()`*#|\\~^" else character
        for character in name
        if character.isspace() or unicodedata.category(character)[0] in "LNPSM"
    )
    name = " ".join(name.split())[:LONGEST].strip(" .!?…。？！")
    return name if any(character.isalnum() for character in name) else "시청자"
