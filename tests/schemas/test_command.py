import argparse

import pytest

from schemas.command import positive


def test_a_number_within_the_limits_is_read():
    assert [positive()("0.5"), positive(100)("99.5")] == [0.5, 99.5]


@pytest.mark.parametrize("text", ["0", "-1", "100", "inf", "-inf", "nan"])
def test_another_number_is_refused_with_the_limits(text):
    with pytest.raises(argparse.ArgumentTypeError, match="must be above 0 and below 100"):
        positive(100)(text)


def test_what_is_no_number_is_left_to_argparse():
    with pytest.raises(ValueError, match="could not convert"):
        positive()("soon")
