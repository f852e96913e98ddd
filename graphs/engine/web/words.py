"""Reads the words of all pages, in Korean and in English, from the catalogue ``assets/ko.po``; makes their script.

There a word has its place as context: ``dock:send`` is ``WORDS.ko.dock.send`` in the script, ``dock:reasons:link`` is
``WORDS.ko.dock.reasons.link``. The terminal says the same words: ``words_of("dock")["reasons"]["link"]``.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from nodes.phrases import CATALOGUE, ROOT, entries, tongue

PAGES = ROOT / "assets" / CATALOGUE
ADDRESS = "/shared/catalogue.js"


@cache
def script(file: Path = PAGES) -> str:
    """Return the script; it is made once."""
    return f"export const WORDS = {json.dumps(_both(file), ensure_ascii=False)};\n"


def words_of(page: str) -> Mapping[str, Any]:
    """Return the words of a page in the language of the program; those of a group are a mapping of their own."""
    return _both(PAGES)[tongue()][page]


def counted(page: str, group: str, counts: Mapping[str, int]) -> str:
    """List how often each of a group occurred: ``link 2, too often 1``; what the pages do not know keeps its name."""
    names = words_of(page)[group]
    return ", ".join(f"{names.get(name, name)} {count}" for name, count in counts.items())


@cache
def _both(file: Path) -> Mapping[str, Mapping[str, Any]]:
    ko: dict[str, Any] = {}
    en: dict[str, Any] = {}
    for (context, english), korean in entries(file).items():
        for words, text in ((ko, korean), (en, english)):
            *groups, name = context.split(":")
            for group in groups:
                words = words.setdefault(group, {})
            if context:
                words[name] = text
    return {"ko": ko, "en": en}
