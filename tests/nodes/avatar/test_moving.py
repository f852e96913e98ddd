import pytest

from nodes.avatar.moving import token


def test_the_token_stands_beside_those_of_certain_addresses_and_in_place_of_another_of_none() -> None:
    assert token(" theirs \n", "").text == "theirs\n"
    assert token("theirs", "127.0.0.1:8001 mine\nold\n").text == "127.0.0.1:8001 mine\ntheirs\n"


@pytest.mark.parametrize("text", ["", "\n", "two words"])
def test_what_is_no_token_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(ValueError, match="한 줄이 아니에요"):
        token(text, "")
