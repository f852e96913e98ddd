"""The waits between attempts to connect."""

from random import Random

from nodes.chat._chzzk.backoff import BACKOFF_S, Backoff
from tests.nodes.chat.chzzk_service import Longest


def test_the_longest_wait_doubles_to_30_seconds_and_starts_anew_after_a_success() -> None:
    backoff = Backoff(Longest())  # type: ignore[arg-type]
    assert [backoff.wait() for _ in range(7)] == [2, 4, 8, 16, 30, 30, 30]
    assert backoff.failures == 7
    backoff.reset()
    assert (backoff.failures, backoff.wait()) == (0, 2)


def test_every_wait_is_drawn_between_1_and_30_seconds() -> None:
    backoff = Backoff(Random(1))
    waits = [backoff.wait() for _ in range(2000)]
    assert all(BACKOFF_S[0] <= wait <= BACKOFF_S[1] for wait in waits)
    assert min(waits[10:]) < 3.0
    assert max(waits[10:]) > 28.0
