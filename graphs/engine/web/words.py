"""Makes the script with the words of all pages, in Korean and in English, of the catalogue ``assets/ko.po``.

There a word has its place as context: ``dock:send`` is ``WORDS.ko.dock.send`` in the script, ``dock:reasons:link`` is
``WORDS.ko.dock.reasons.link``.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from nodes.phrases import CATALOGUE, ROOT, entries

PAGES = ROOT / "assets" / CATALOGUE
ADDRESS = "/shared/catalogue.js"


@cache
def script(file: Path = PAGES) -> str:
    """Return the script; the catalogue is read once."""
    ko: dict[str, Any] = {}
    en: dict[str, Any] = {}
    for (context, english), korean in entries(file).items():
        for words, text in ((ko, korean), (en, english)):
            *groups, name = context.split(":")
            for group in groups:
                words = words.setdefault(group, {})
            if context:
                words[name] = text
    return f"export const WORDS = {json.dumps({'ko': ko, 'en': en}, ensure_ascii=False)};\n"
