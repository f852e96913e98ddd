"""Defines a rule for reading text aloud."""

import re
from collections.abc import Callable
from dataclasses import dataclass

Apply = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Rule:
    """A named step from written to spoken text."""

    name: str
    apply: Apply


def rule(
    name: str, pattern: str, read: str | Callable[[re.Match[str]], str], flags: int = 0, *, needs: str = ""
) -> Rule:
    """A rule that replaces what ``pattern`` matches.

    Args:
        needs: characters of which one stands in every match: a text without them is passed over unread.
    """
    compiled = re.compile(pattern, flags)
    if not needs:
        return Rule(name, lambda text: compiled.sub(read, text))
    needed = re.compile(f"[{re.escape(needs)}]")
    return Rule(name, lambda text: compiled.sub(read, text) if needed.search(text) else text)


def final(syllable: str) -> int:
    """Return the index of a Hangul syllable's final consonant, 0 for none; 4 is ㄴ."""
    return (ord(syllable) - 0xAC00) % 28 if "가" <= syllable <= "힣" else 0
