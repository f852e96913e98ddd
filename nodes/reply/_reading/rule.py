"""Defines a rule for reading text aloud."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from nodes.patterns import Pattern

Apply = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Rule:
    """A named step from written to spoken text."""

    name: str
    apply: Apply
    needs: frozenset[str] = frozenset()
    """Characters of which one stands in every text that the rule changes; empty if that is not known."""
    patterns: tuple[Pattern, ...] = ()
    """What is compiled when it is first applied."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Rules that follow each other, and a pattern without which none of them changes a text.

    No rule writes a character that a later one of the same stage needs, so one look at a text selects its rules.
    """

    rules: tuple[Rule, ...]
    needs: re.Pattern[str]

    def rules_for(self, text: str) -> Iterator[Rule]:
        if self.needs.search(text) is None:
            return
        characters = set(text)
        for each in self.rules:
            if not each.needs or not each.needs.isdisjoint(characters):
                yield each


def rule(
    name: str, pattern: str, read: str | Callable[[re.Match[str]], str], flags: int = 0, *, needs: str = ""
) -> Rule:
    """A rule that replaces what ``pattern`` matches.

    Args:
        needs: characters of which one stands in every match: a text without them is passed over unread.
    """
    lazy = Pattern(pattern, flags)
    return Rule(name, lambda text: lazy.compiled.sub(read, text), frozenset(needs), (lazy,))


def final(syllable: str) -> int:
    """Return the index of a Hangul syllable's final consonant, 0 for none; 4 is ㄴ."""
    return (ord(syllable) - 0xAC00) % 28 if "가" <= syllable <= "힣" else 0
