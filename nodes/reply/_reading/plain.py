"""Prepares text for a voice of another language than Korean, which reads its words and numbers by itself."""

import re
import unicodedata
from functools import lru_cache

from nodes.reply._reading import unsaid
from nodes.reply._reading.faces import FACES
from nodes.reply._reading.latin import WORD
from nodes.reply._reading.pronunciation import NONE, Pronunciations
from nodes.reply._reading.rule import Stage

_UNSAID = Stage((*FACES, *unsaid.RULES), re.compile(""))
_HANGUL = re.compile("[가-힣]+")
_LETTERS_ALONE = re.compile("[\u1100-\u11ff\u3131-\u318e]+")
"""Single Korean letters: laughter and tears."""
_AGAIN = 5
_PICTURES = frozenset(("So", "Sk", "Cc", "Cf", "Cs", "Co", "Cn"))


@lru_cache(maxsize=512)
def plain(text: str, words: Pronunciations = NONE) -> str:
    """Return what to say for ``text``, as it is written but for what nobody says; empty if nothing can be said.

    No Hangul is left: a Korean name is written in Latin letters (``hangulpy``, Revised Romanization). Numbers stay
    digits.

    Args:
        words: how the streamer wants words to be said; readings in Hangul do not count.
    """
    read = _once(text, words)
    for _ in range(_AGAIN):  # what was left out may have kept others apart that together are not said: "*\u20600"
        text, read = read, _once(read, NONE)
        if read == text:
            break
    return read


def _once(text: str, words: Pronunciations) -> str:
    for each in _UNSAID.rules_for(text):
        text = each.apply(text)
    text = unicodedata.normalize("NFKC", text).replace("\u2044", "/")
    text = WORD.sub(lambda match: words.plain(match[0]) or match[0], text)
    text = words.read_plain(text)
    text = _HANGUL.sub(_romanized, _LETTERS_ALONE.sub(" ", text))
    text = re.sub(r"(?<=\d)\s?~\s?(?=\d)", "-", text).replace("~", "")
    text = "".join(" " if unicodedata.category(sign) in _PICTURES else sign for sign in text)
    text = re.sub(r"([!?])[!?]+", r"\1", re.sub(r"\s+", " ", text))
    text = re.sub(r"\s+(?=[.,!?])", "", text).strip().lstrip(".,!?- ")
    return text if any(map(str.isalnum, text)) else ""


def _romanized(match: re.Match[str]) -> str:
    from hangulpy import romanize

    return romanize(match[0])
