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
    with pytest.raises(ValueError, match="last에는 정수를"):
        number({"last": wrong}, "last", 20, 100)


def test_what_is_missing_or_not_for_others_is_refused():
    with pytest.raises(ValueError, match=r"\?node=\.\.\. 처럼 node"):
        word({"node": ""}, "node")
    with pytest.raises(ValueError, match="이 컴퓨터에서만"):
        only_here(SimpleNamespace(local=False))
