"""The form of a text that is compared and shown."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nodes.text import clean, without_emotes

TEXTS = st.text(
    st.characters() | st.sampled_from("ㅋㅏ각\u0301\u0335\u200d👨\ufe0f{:}d_5 ｈ\u202eᄒ\u119e"), max_size=30
)


@example("👨\u200d👩\u200d")
@given(TEXTS)
def test_cleaning_leaves_nothing_hidden_and_never_more_than_two_marks(text: str) -> None:
    cleaned = clean(text)
    categories = [unicodedata.category(character) for character in cleaned]
    assert not {"Cc", "Cs", "Zl", "Zp"} & set(categories)
    assert all(character == "\u200d" for character, kind in zip(cleaned, categories, strict=True) if kind == "Cf")
    marks = "".join("m" if kind in ("Mn", "Me") else "." for kind in categories)
    assert "mmm" not in marks
    assert cleaned == " ".join(cleaned.split())


@pytest.mark.parametrize(
    ("written", "cleaned"),
    [
        ("ｈｅｌｌｏ　１２３", "hello 123"),
        ("ㅋㅋ ㅠㅠ", "ㅋㅋ ㅠㅠ"),
        ("시\u200b발\u3164", "시발"),
        ("가\u202e나\x00다", "가나 다"),
        ("👨\u200d👩", "👨\u200d👩"),
        ("가\u200d나", "가나"),
        ("e\u0301\u0302\u0303\u0304", "é\u0302\u0303"),
        ("  plain \t text ", "plain text"),
    ],
)
def test_one_look_has_one_form(written: str, cleaned: str) -> None:
    assert clean(written) == cleaned


def test_an_emote_is_taken_out_or_replaced_and_a_korean_word_in_its_form_is_not() -> None:
    assert without_emotes("가{:d_56:}나") == "가나"
    assert without_emotes("가{:d_56:}나", " ") == "가 나"
    assert without_emotes("{:시발:}") == "{:시발:}"


LETTERS = st.characters(categories=["Lo", "Zs"]) | st.sampled_from("ㄱㆎ\u3130\u3164\u318f가힣\ud7a4a~ ")


@given(st.text(LETTERS, max_size=12))
def test_usual_letters_keep_their_form_beside_others_and_alone(text: str) -> None:
    alone = clean(text)
    assert clean(f"{text} \u200b\u00e9").removesuffix("\u00e9").rstrip() == alone
