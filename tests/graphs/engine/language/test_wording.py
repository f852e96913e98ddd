"""graphs/engine/language/wording.py: values and words as a message shows them."""

import pytest

from graphs.engine.language.wording import meant, nearest, shown, some


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "'a'"),
        ("a" * 40, f"'{'a' * 40}'"),
        ("a" * 41, f"'{'a' * 37}...'"),
        ([1], "a list"),
        ({"a": 1}, "a mapping"),
        (None, "nothing"),
        (True, "true"),
        (1.5, "1.5"),
    ],
)
def test_a_value_is_shown_in_short_and_as_yaml_has_it(value: object, text: str) -> None:
    assert shown(value) == text


def test_the_word_most_like_it_is_meant() -> None:
    assert nearest("filtre", ["batch", "filter"]) == "filter"
    assert meant("filtre", ["batch", "filter"]) == "did you mean 'filter'?"
    assert meant("xyz", ["filter"]) == ""
    assert nearest("xyz", ["filter"]) == ""


def test_of_many_words_eight_are_named() -> None:
    assert some("abcdefgh") == "a, b, c, d, e, f, g, h"
    assert some("abcdefghi") == "a, b, c, d, e, f, g, h ..."
