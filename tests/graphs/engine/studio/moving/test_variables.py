import pytest

from graphs.engine.language.env import env_of
from graphs.engine.studio.moving.variables import merged, names_read
from tests.harness import ROOT


@pytest.mark.parametrize(
    "value", ["plain", "with space", "ha#sh", "quo'te", 'dou"ble', "back\\slash", "한글 값", "${NOT}", "two\nlines"]
)
def test_whatever_is_in_a_value_it_stays(value):
    text, _ = merged("", {"NAME": value}, ())
    assert env_of(text.encode()) == {"NAME": value}


def test_an_empty_line_is_filled_where_it_stands_and_a_value_stays():
    here = "A=1\nexport B=\n# C=x\n"
    text, told = merged(here, {"A": "2", "B": "b", "C": "c", "D": ""}, {"B"})
    assert text == "A=1\nB=b\n# C=x\nC=c\n"
    assert told == [
        "새로 넣은 이름: B, C.",
        "이미 다른 값이 있어 그대로 둔 이름: A.",
        "이 프로그램이 아직 읽지 않는 이름: C.",
    ]


def test_the_token_of_a_day_is_a_comment_once():
    text, told = merged("", {"CHZZK_ACCESS_TOKEN": "x"}, ())
    assert env_of(text.encode()) == {}
    assert "#CHZZK_ACCESS_TOKEN=x\n" in text
    assert "login" in told[1]
    assert merged(text, {"CHZZK_ACCESS_TOKEN": "x"}, ())[0] == text


def test_the_names_that_are_read_are_those_of_the_example():
    names = names_read((ROOT / ".env.example").read_text("utf-8"))
    assert {"CHZZK_CLIENT_ID", "GROQ_API_KEY", "VTS_HOST"} <= names
    assert "TAROT_ENABLED" not in names
