import pytest

from nodes.particles import _PAIR, after, filled, fitted, named


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


@pytest.mark.parametrize(
    ("text", "decided"),
    [
        ("AIsChoco을(를) 허용해 주세요", "AIsChoco를 허용해 주세요"),
        ('"마이크"을(를) 열 수 없어서', '"마이크"를 열 수 없어서'),
        ("모델이(가) 없어요", "모델이 없어요"),
        ("3은(는) 4와(과)", "3은 4와"),
        ("서울(으)로, 부산(으)로, 제주(으)로", "서울로, 부산으로, 제주로"),
        ("(를)", "(를)"),
        ("을(를)", "을(를)"),
    ],
)
def test_an_open_particle_is_decided_by_the_word_before_it(text: str, decided: str) -> None:
    assert fitted(text) == decided


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
