from typing import Annotated

import pytest

from schemas.language import CODES, Language, Speaks, first_of, named, spoken_by
from schemas.settings import Settings


class Voice(Settings):
    language: Annotated[Language | None, Speaks()] = None
    accent: str = "english"


class Server(Settings):
    language: Annotated[str, Speaks()] = ""


class Voices(Settings):
    voices: tuple[Voice | Server, ...] = ()


@pytest.mark.parametrize(
    ("text", "language"),
    [("English", "english"), ("en", "english"), ("en-US", "english"), ("ja_JP", "japanese"), (" KOREAN ", "korean")],
)
def test_a_language_is_known_by_name_or_code(text: str, language: str) -> None:
    assert named(text) == language


@pytest.mark.parametrize("text", ["", "Auto", "Klingon", "e"])
def test_what_names_no_language_is_none(text: str) -> None:
    assert named(text) is None


def test_every_language_has_a_code_of_its_own() -> None:
    assert len(set(CODES.values())) == len(CODES) == 10


def test_the_settings_of_a_list_of_voices_name_the_best_first() -> None:
    voices = Voices(voices=(Server(), Server(language="Auto"), Voice(language="japanese"), Server(language="en")))
    assert spoken_by(voices) == ("japanese", "english")
    assert first_of(voices) == "japanese"


def test_a_voice_that_names_none_speaks_korean() -> None:
    assert spoken_by(Voice()) == ()
    assert first_of(Voices(voices=(Voice(), Server()))) == "korean"
