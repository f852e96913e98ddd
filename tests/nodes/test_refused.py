"""nodes/refused.py: a refusal says more than a ValueError and is one, so that who catches those catches it."""

import pytest

from nodes.refused import Refused


def test_a_refusal_has_a_status_and_whatever_else_it_says_even_a_text() -> None:
    plain, full = Refused("not this"), Refused("gone by", 409, text="a: 1", status="old")
    assert (str(plain), plain.status, plain.more) == ("not this", 400, {})
    assert (str(full), full.status, full.more) == ("gone by", 409, {"text": "a: 1", "status": "old"})
    with pytest.raises(ValueError, match="gone by"):
        raise full
