"""Defines a rule for reading text aloud."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

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
    near: re.Pattern[str] | None = None
    """What is found in every text that the rule changes."""


class Stage:
    """Rules that follow each other, and a pattern without which none of them changes a text.

    No rule writes a character that a later one of the same stage needs, so one look at a text selects its rules.
    """

    def __init__(self, rules: tuple[Rule, ...], needs: re.Pattern[str]) -> None:
        self.rules = rules
        self._needs = needs
        self._telling = frozenset[str]().union(*(each.needs for each in rules))
        self._chosen = lru_cache(maxsize=256)(self._choose)

    def rules_for(self, text: str, characters: frozenset[str] | None = None) -> tuple[Rule, ...]:
        """Return the rules that may change the text.

        Args:
            characters: of the text, if they are known already.
        """
        if self._needs.search(text) is None:
            return ()
        return self._chosen(self._telling.intersection(text if characters is None else characters))

    def _choose(self, characters: frozenset[str]) -> tuple[Rule, ...]:
        return tuple(each for each in self.rules if not each.needs or not each.needs.isdisjoint(characters))


def rule(
    name: str,
    pattern: str,
    read: str | Callable[[re.Match[str]], str],
    flags: int = 0,
    *,
    needs: str = "",
    near: str = "",
) -> Rule:
    """A rule that replaces what ``pattern`` matches.

    A pattern that begins with a character or a set is found many times faster than one that begins with a look behind
    or a choice: ``re`` then steps over what cannot begin a match. Hence ``\\d(?<![.]\\d)`` for ``(?<![.])\\d``.

    Args:
        needs: characters of which one stands in every match: a text without them is passed over unread.
        near: a pattern found in every text that has a match, and faster than ``pattern``; it is looked for first.
    """
    lazy = Pattern(pattern, flags)
    if not near:
        return Rule(name, lambda text: lazy.compiled.sub(read, text), frozenset(needs), (lazy,))
    first = re.compile(near, flags)

    def apply(text: str) -> str:
        return lazy.compiled.sub(read, text) if first.search(text) is not None else text

    return Rule(name, apply, frozenset(needs), (lazy,), first)


def one_of(words: Iterable[str], guards: Mapping[str, str] | None = None) -> str:
    """Return a pattern for any of the words, the longest first, which fails at once where none can begin.

    Args:
        guards: what must follow a word, as a pattern.
    """
    longest = sorted(words, key=len, reverse=True)
    found = "|".join(re.escape(word) + (guards or {}).get(word, "") for word in longest)
    firsts = "".join(sorted({re.escape(word[0]) for word in longest}))
    return f"(?=[{firsts}])(?:{found})"


def final(syllable: str) -> int:
    """Return the index of a Hangul syllable's final consonant, 0 for none; 4 is ㄴ."""
    return (ord(syllable) - 0xAC00) % 28 if "가" <= syllable <= "힣" else 0
