"""graphs/engine/observe/query.py: a wrong query is told in words, and no number is larger than allowed."""

from types import SimpleNamespace

import pytest

from graphs.engine.observe.query import number, only_here, word


def test_what_is_given_is_read():
    assert word({"node": "reply"}, "node") == "reply"
    assert number({"last": "7"}, "last", 20, 100) == 7
    assert number({}, "last", 20, 100) == 20
    assert number({"last": "700"}, "last", 20, 100) == 100
    only_here(SimpleNamespace(local=True))


@pytest.mark.parametrize("wrong", ["-1", "1.5", "many", ""])
def test_what_is_no_number_is_refused(wrong):
    with pytest.raises(ValueError, match="last must be a whole number"):
        number({"last": wrong}, "last", 20, 100)


def test_what_is_missing_or_not_for_others_is_refused():
    with pytest.raises(ValueError, match=r"give node, as in \?node="):
        word({"node": ""}, "node")
    with pytest.raises(ValueError, match="on this machine only"):
        only_here(SimpleNamespace(local=False))
