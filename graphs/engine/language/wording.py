"""Phrases parts of messages: a value, a list of words, and the word that was probably meant."""

import json
from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice

from nodes.phrases import phrase


def nearest(word: str, words: Iterable[str]) -> str:
    """Return the one of ``words`` most similar to ``word``; empty if nothing is similar."""
    return next(iter(get_close_matches(word[:40], islice(words, 200), 1)), "")


def meant(word: str, words: Iterable[str]) -> str:
    """Ask whether the one of ``words`` most similar to ``word`` was meant; empty if nothing is similar."""
    found = nearest(word, words)
    return phrase("did you mean '{word}'?", word=found) if found else ""


def some(words: Iterable[str]) -> str:
    """Name at most eight of the words, and say whether there are more."""
    found = list(islice(words, 9))
    return ", ".join(found[:8]) + (" ..." if len(found) > 8 else "")


def shown(value: object) -> str:
    """Show a value in short form."""
    if isinstance(value, str):
        return f"'{value}'" if len(value) <= 40 else f"'{value[:37]}...'"
    if isinstance(value, list | dict):
        return phrase("a list") if isinstance(value, list) else phrase("a mapping")
    return phrase("nothing") if value is None else json.dumps(value)
