import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, SecretStr

from graphs.engine.log.redact import Redactor, secrets_in_environment, secrets_in_settings


def test_a_known_value_is_hidden_wherever_it_stands():
    redact = Redactor()
    redact.hide(["very/secret"])
    assert redact.text("GET /x?k=very%2Fsecret and very/secret!") == "GET /x?k=*** and ***!"


@given(
    st.text(alphabet="ab\"'\\\n가😀\ud800/+=", min_size=6), st.lists(st.sampled_from([json.dumps, repr]), max_size=3)
)
def test_a_known_value_is_hidden_in_json_and_repr_however_deep(secret, nestings):
    redact = Redactor()
    redact.hide([secret])
    told = secret
    for nest in nestings:
        told = nest([told])
    hidden = redact.text(told)
    assert "***" in hidden
    assert not set(hidden) & set("ab가😀/+=")


def test_the_longer_of_two_known_values_is_hidden_whole():
    redact = Redactor()
    redact.hide(["abcdef"])
    redact.hide(["abcdefghij", "abcdef"])
    assert redact.text("abcdefghij") == "***"


def test_a_short_value_is_not_looked_for():
    redact = Redactor()
    redact.hide(["1", ""])
    assert redact.text("11 nodes") == "11 nodes"


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer QQQQQQQQ.Q",
        "https://x/y?auth=QQQQQQ&z=1",
        "access_token=QQQQQQ&z=1",
        '{"refreshToken": "QQQQQQ"}',
        r"{\"sessionKey\":\"QQQQQQ\"}",
        "{'clientSecret': 'QQQQQQ', 'x': 1}",
        "API-KEY apikey=QQQQQQ",
        "key gsk_QQQQQQQQQQQQ was refused",
        "authenticationToken: QQQQQQ",
    ],
)
def test_what_looks_like_a_credential_is_hidden(text):
    told = Redactor().text(text)
    assert "QQQ" not in told
    assert "***" in told


@pytest.mark.parametrize("text", ["the token is old", "auth: failed", "3 of 4 keys", "비밀번호를 잊었어요"])
def test_plain_talk_stays(text):
    assert Redactor().text(text) == text


def test_data_is_searched_at_every_depth_and_keeps_its_shape():
    redact = Redactor()
    redact.hide(["very secret"])
    assert redact.data({"a": [1, None, ("very secret",)], "access_token": "x", "b": {"api_key": ""}}) == {
        "a": [1, None, ["***"]],
        "access_token": "***",
        "b": {"api_key": ""},
    }


def test_secrets_of_the_environment_are_known_by_the_end_of_their_names():
    env = {"GROQ_API_KEY": "a", "CHZZK_ACCESS_TOKEN": "b", "X_CLIENT_SECRET": "c", "GROQ_MODEL": "d", "KEYS": "e"}
    assert list(secrets_in_environment(env)) == ["a", "b", "c"]


class Inner(BaseModel):
    token: SecretStr = SecretStr("inner")


class Outer(BaseModel):
    key: SecretStr = SecretStr("outer")
    model: str = "plain"
    inner: Inner = Inner()
    many: tuple[SecretStr, ...] = (SecretStr("one"), SecretStr("two"))
    named: dict[str, SecretStr] = {"x": SecretStr("three")}


def test_secrets_of_settings_are_found_at_every_depth():
    assert list(secrets_in_settings(Outer())) == ["outer", "inner", "one", "two", "three"]


@given(st.text(min_size=6), st.text(), st.text())
def test_no_text_around_it_lets_a_known_value_through(secret, before, after):
    redact = Redactor()
    redact.hide([secret])
    told = redact.text(before + secret + after)
    assert secret not in told or secret in "***" or secret in (before + after)


def test_a_known_value_is_known_however_it_is_told():
    redact = Redactor()
    redact.hide(["gsk_Ab12Cd34Ef56Gh78I", "초코의비밀번호", "short", "!!!!!!!!"])
    for text in (
        "키는 gsk_Ab12Cd34Ef56Gh78I 입니다",
        "g s k _ A b 1 2 - C d 3 4 E f 5 6 ...",
        "뒤는 d34ef56gh78i 이에요",
        "비밀은 초코의 비밀번호!",
    ):
        assert redact.told_by(text), text
    for text in ("gsk_Ab12Cd34", "short", "초코의 비밀", "!!!!!!!!", ""):
        assert not redact.told_by(text), text
