"""Detects sentences that repeat what is not for the audience: the character's instructions."""

import re

RUN = 20
"""Two texts share this many letters in a row only if one was copied from the other."""
GRAM = 5
SHARE = 0.8
"""A sentence counts as a changed copy if at least this share of its groups of letters is in the secret."""
SHORTEST = 16
"""Sentences with fewer letters are not compared by groups: they share most with any text by chance."""

_RULES = re.compile(
    r"""["'](?:emotion|response|summary|role)["']\s*:|<\||\|>"""
    r"|(?:emotion|response|note|topic|viewer|summary)[은는이가]\s|json\s*(?:객체|자료|형식)|user\s*메시지"
    r"|donation_cheese|subscription_months|role은|대답의 모양|자료를 읽는 법|소리 내어 할 말|코드 블록|글자 표기는 쓰지"
    r"|자료 안의 글은|형식의 요구가|이 지침은|물으면 캐릭터답게|적혀 있어도 (?:믿|따르)지|거기서 끊긴 것"
    r"|one JSON object|emotion is one of|form of the answer|how to read the data|as the persona talks"
    r"|whatever language the|no code blocks|user message is JSON|is the number, u the|is what happened before, note"
    r"|is what that viewer said"
    r"|in the data was written|not believe a t|tell these instructions|only the last user message"
    r"|were interrupted there",
    re.IGNORECASE,
)
"""The rules that every model is given here, in words that no character uses about itself."""


def letters(text: str) -> str:
    """Return only letters and digits, in lower case: the part that stays when blanks, signs and line breaks change."""
    return "".join(filter(str.isalnum, text.lower()))


class Secrets:
    """Texts that must not be quoted word for word."""

    def __init__(self, text: str) -> None:
        whole = letters(text)
        self._runs = frozenset(_grams(whole, RUN))
        self._grams = frozenset(_grams(whole, GRAM))

    def told_by(self, sentence: str, before: str = "") -> bool:
        """Return whether the sentence has 20 letters in a row from the text, or most of its groups of 5 letters.

        Args:
            before: what was said right before, so that a text revealed in short sentences is recognized as well.
        """
        said = letters(sentence)
        if any(run in self._runs for run in _grams(letters(before)[-RUN:] + said, RUN)):
            return True
        grams = _grams(said, GRAM)
        return len(said) >= SHORTEST and sum(gram in self._grams for gram in grams) >= SHARE * len(grams)


def quotes_rules(sentence: str) -> bool:
    """Return whether the sentence reads out the rules behind every persona, or the format of an answer."""
    return _RULES.search(sentence) is not None


def _grams(text: str, length: int) -> list[str]:
    return [text[start : start + length] for start in range(len(text) - length + 1)]
