"""Fits Korean particles to the word before them: 초코는 and 별은, 초코예요 and 별이에요.

A word may also end in Latin letters or in a digit: Kim은, Choco는, 3을. ``hangulpy`` decides numbers and acronyms.
"""

import re
from collections.abc import Mapping

CHARACTER = "{character}"
"""What files and settings write in place of the character's name."""
# after a consonant / after a vowel, as hangulpy names the pairs
_PAIRS = (
    "이라고/라고", "이라는/라는", "이라서/라서", "이라도/라도", "이라니/라니", "이라면/라면", "이었어요/였어요",
    "이에요/예요", "이란/란", "이랑/랑", "이나/나", "이야/야", "으로/로", "와/과", "은/는", "이/가", "을/를", "아/야",
)  # fmt: skip
_PAIR = {form: pair for pair in _PAIRS for form in pair.split("/")}
_FORMS = "|".join(sorted(_PAIR, key=len, reverse=True))
_FINALS = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
"""The last letters of a syllable in the order of Unicode, none first."""
_PLACE = re.compile(rf"\{{([^{{}}]+)\}}(?:([\"'”’」』]?)({_FORMS})(?![가-힣]))?")
"""A key in braces, a quotation mark, a particle; compiled once: a pattern for the keys of each text slows a start."""
_NASAL = re.compile(r"(?:[mnMN]|ng|[んン])[\W_]*$")
_LIQUID = re.compile(r"[lL][\W_]*$")


def named(text: str, name: str) -> str:
    """Put the character's name in the place of every ``{character}``; see ``filled``."""
    return filled(text, {"character": name}) if CHARACTER in text else text


def filled(text: str, words: Mapping[str, str]) -> str:
    """Put words in the place of ``{their key}``, and fit the particle that follows.

    The text may have either form of a particle: ``{character}는`` becomes 초코는 and 별은. ``{character}야`` calls the
    name, ``{character}이야`` says what somebody is. A quotation mark may stand before the particle. Unknown keys stay.
    """

    def word(found: re.Match[str]) -> str:
        key, quote, form = found.groups("")
        if key not in words:
            return found[0]
        said = words[key]
        return said + quote + (_pick(said, _PAIR[form]) if form and said else form)

    return _PLACE.sub(word, text)


def after(word: str, form: str) -> str:
    """Return the form of a particle that fits the word: ``로`` after 프레임 is 으로."""
    return _pick(word, _PAIR[form])


def _pick(word: str, pair: str) -> str:
    after_consonant, after_vowel = ("과", "와") if pair == "와/과" else pair.split("/")
    return after_consonant if _closed(word, liquid_is_open=pair == "으로/로") else after_vowel


def _closed(word: str, *, liquid_is_open: bool) -> bool:
    """Whether a word ends in a consonant, one other than ㄹ if that counts as open."""
    if "가" <= word[-1:] <= "힣":  # the common case is here so that a start does not wait 50-150 ms for the package
        final = (ord(word[-1]) - ord("가")) % len(_FINALS)
        return final > 0 and not (liquid_is_open and _FINALS[final] == "ㄹ")
    if _NASAL.search(word):
        return True
    if _LIQUID.search(word):
        return not liquid_is_open
    from hangulpy import josa_pick

    return josa_pick(word, "으로/로" if liquid_is_open else "이/가") in ("으로", "이")
