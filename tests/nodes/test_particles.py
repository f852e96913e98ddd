import pytest

from nodes.particles import _PAIR, after, filled, named


@pytest.mark.parametrize(
    ("text", "vowel", "consonant"),
    [
        ("{character}는 좋아요", "모카는 좋아요", "별은 좋아요"),
        ("{character}은 좋아요", "모카는 좋아요", "별은 좋아요"),
        ("{character}가 웃어요", "모카가 웃어요", "별이 웃어요"),
        ("{character}야, 안녕!", "모카야, 안녕!", "별아, 안녕!"),
        ("저는 {character}예요.", "저는 모카예요.", "저는 별이에요."),
        ("{character}이라고 해요", "모카라고 해요", "별이라고 해요"),
        ("{character}와 {character}를", "모카와 모카를", "별과 별을"),
        ("{character}로 와요", "모카로 와요", "별로 와요"),
        ("{character}가방", "모카가방", "별가방"),
        ("'{character}'", "'모카'", "'별'"),
        ("'{character}'는 \"{character}\"로", "'모카'는 \"모카\"로", "'별'은 \"별\"로"),
        ("왜 {character}", "왜 모카", "왜 별"),
        ("{name}님과 {character}", "{name}님과 모카", "{name}님과 별"),
    ],
)
def test_a_particle_fits_the_name_whichever_form_the_text_has(text: str, vowel: str, consonant: str) -> None:
    assert named(text, "모카") == vowel
    assert named(text, "별") == consonant


def test_several_words_are_filled_in_at_once_and_what_is_unknown_stays() -> None:
    words = {"amount": "5,000치즈", "name": ""}
    assert (
        filled("{amount}을 보냈어요. {amount}이나! {other}는 {name}가", words)
        == "5,000치즈를 보냈어요. 5,000치즈나! {other}는 가"
    )
    assert filled("{a}", {}) == "{a}"


NAMES = [
    ("Kim", "Kim은 Kim으로 Kim이에요"),
    ("Robin", "Robin은 Robin으로 Robin이에요"),
    ("Spring", "Spring은 Spring으로 Spring이에요"),
    ("demo.yaml", "demo.yaml은 demo.yaml로 demo.yaml이에요"),
    ("Choco", "Choco는 Choco로 Choco예요"),
    ("Kate", "Kate는 Kate로 Kate예요"),
    ("GPT", "GPT는 GPT로 GPT예요"),
    ("XML", "XML은 XML로 XML이에요"),
    ("API", "API는 API로 API예요"),
    ("Groq 키", "Groq 키는 Groq 키로 Groq 키예요"),
    ("3", "3은 3으로 3이에요"),
    ("7", "7은 7로 7이에요"),
    ("1,000", "1,000은 1,000으로 1,000이에요"),
    ("25", "25는 25로 25예요"),
    ("ミキ", "ミキ는 ミキ로 ミキ예요"),
    ("リン", "リン은 リン으로 リン이에요"),
    ("모카(2)", "모카(2)는 모카(2)로 모카(2)예요"),
]


@pytest.mark.parametrize(("name", "said"), NAMES)
def test_a_particle_fits_what_is_not_hangul_by_how_it_is_read(name: str, said: str) -> None:
    assert filled("{name}는 {name}로 {name}예요", {"name": name}) == said


def test_every_syllable_takes_the_form_that_the_package_says() -> None:
    from hangulpy import josa_pick

    for pair in ("은/는", "이/가", "을/를", "와/과", "으로/로", "이에요/예요"):
        form = pair.partition("/")[0]
        wrong = [word for code in range(0xAC00, 0xD7A4) if after(word := chr(code), form) != josa_pick(word, pair)]
        assert not wrong, pair


@pytest.mark.parametrize("form", _PAIR)
def test_every_form_fits_what_is_not_hangul_too(form: str) -> None:
    assert {after(word, form) for word in ("A", "X", "3", "7", "(별)", "!")} <= set(_PAIR[form].split("/"))
    assert after("3", form) != after("2", form)
