"""Checks the keys beside the nodes of a graph: its name, what it says of itself, its character, its promise."""

import math
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any, cast

from graphs.engine.language.document import Document
from graphs.engine.language.schema import LONGEST_ABOUT, LONGEST_NAME, TOP_KEYS
from graphs.engine.language.wording import meant, shown
from nodes.file_name import unfit
from nodes.particles import CHARACTER
from nodes.phrases import phrase
from schemas.graph import Intro

NAMELESS = "초코"
"""The character of a graph that does not name one."""


def check_heading(document: Document) -> None:
    """Record what is wrong with the keys of the graph, except its nodes and tests."""
    data = document.data
    for key in data:
        if key not in TOP_KEYS and not key.startswith("x-"):
            hint = meant(key, TOP_KEYS) or phrase("a graph has {keys} and x-...", keys=", ".join(TOP_KEYS))
            document.problem(document.key((key,)), phrase("a graph has no '{key}'", key=key), hint)
    name, budget = data.get("name", PurePath(document.file).stem), data.get("budget_s", 1)
    if not isinstance(name, str):
        message = phrase("{name} must be text, not {shown}", name="name", shown=shown(name))
        document.problem(document.value(("name",)), message, phrase("put it in quotes"))
    elif why := unfit(name):
        hint = phrase("files of the show are named after it: write 'name:' and letters, digits, blanks, - or _")
        message = phrase("{name} cannot be the name of a graph: {why}", name=shown(name), why=why)
        document.problem(document.value(("name",)), message, hint)
    if isinstance(budget, bool) or not isinstance(budget, int | float) or not 0 < budget < math.inf:
        message = phrase("budget_s must be a number above 0, not {shown}", shown=shown(budget))
        document.problem(document.value(("budget_s",)), message)
    character = data.get("character", NAMELESS)
    if not isinstance(character, str) or not 0 < len(character.strip()) <= LONGEST_NAME or not character.isprintable():
        message = phrase(
            "character must be a name of 1 to {most} characters, not {shown}", most=LONGEST_NAME, shown=shown(character)
        )
        document.problem(document.value(("character",)), message)
    about, example = data.get("about", "-"), data.get("example", False)
    sentences = list(cast(dict[str, Any], about).values()) if isinstance(about, dict) else [about]
    if not sentences or not all(_sentence(text) for text in sentences):
        message = phrase(
            "about must be a sentence of at most {most} characters, or one for each language", most=LONGEST_ABOUT
        )
        hint = phrase("write {first} or {second}", first="about: ...", second="about: {ko: ..., en: ...}")
        document.problem(document.value(("about",)), message, hint)
    if not isinstance(example, bool):
        message = phrase("example must be true or false, not {shown}", shown=shown(example))
        document.problem(document.value(("example",)), message)


def name_of(document: Document) -> str:
    """Return the name of the graph, wrong or not; without one it is called as its file."""
    name = document.data.get("name")
    return name if isinstance(name, str) and name else PurePath(document.file).stem


def intro_of(document: Document) -> Intro:
    """Return what the graph says of itself, as far as it is right."""
    about: Any = document.data.get("about")
    sentences: Mapping[str, Any] = cast(dict[str, Any], about) if isinstance(about, dict) else {"": about}
    fine = {language: text.strip() for language, text in sentences.items() if _sentence(text)}
    return Intro(fine, document.data.get("example") is True)


def character_of(document: Document, nodes: Mapping[str, Any]) -> str:
    """Return the character's name; a graph without it has the title of its pages."""
    bodies = [cast(dict[str, Any], body) for body in nodes.values() if isinstance(body, dict)]
    known = [document.data.get("character"), *(body.get("title") for body in bodies), NAMELESS]
    return next(name.strip() for name in known if isinstance(name, str) and name.strip() and CHARACTER not in name)


def _sentence(text: object) -> bool:
    return isinstance(text, str) and 0 < len(text) <= LONGEST_ABOUT and text.isprintable()
