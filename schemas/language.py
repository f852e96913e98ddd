"""Defines the languages in which a character can speak, and how the settings of a voice name one."""

from collections.abc import Iterator
from typing import Any, Literal, cast, get_args

from pydantic import BaseModel

from schemas.settings import fields_with

Language = Literal[
    "korean", "english", "japanese", "chinese", "french", "german", "italian", "portuguese", "russian", "spanish"
]
KOREAN: Language = "korean"
"""The language of a voice whose settings name none."""
CODES: dict[Language, str] = {
    "korean": "ko",
    "english": "en",
    "japanese": "ja",
    "chinese": "zh",
    "french": "fr",
    "german": "de",
    "italian": "it",
    "portuguese": "pt",
    "russian": "ru",
    "spanish": "es",
}
"""ISO 639-1."""


class Speaks:
    """Marks the setting that names the language of a voice."""


def named(text: str) -> Language | None:
    """Return the language that a text names (``English``, ``en``, ``en-US``); None if it is not one of ours."""
    word = text.strip().lower()
    if word in get_args(Language):
        return cast(Language, word)
    code = word.replace("_", "-").partition("-")[0]
    return next((language for language, each in CODES.items() if each == code), None)


def spoken_by(settings: BaseModel) -> tuple[Language, ...]:
    """Return the languages that the settings of a node name, in their order: a list of voices has the best first."""
    return tuple(language for text in _marked(settings) if (language := named(text)) is not None)


def first_of(settings: BaseModel) -> Language:
    """Return the language of a voice: the first that its settings name, else Korean."""
    found = spoken_by(settings)
    return found[0] if found else KOREAN


def _marked(value: Any) -> Iterator[str]:
    if isinstance(value, BaseModel):
        marked = fields_with(cast(Any, type(value)), Speaks)
        for name in type(value).model_fields:
            found = getattr(value, name)
            if name in marked and isinstance(found, str):
                yield found
            else:
                yield from _marked(found)
    elif isinstance(value, tuple):
        for each in cast(tuple[Any, ...], value):
            yield from _marked(each)
