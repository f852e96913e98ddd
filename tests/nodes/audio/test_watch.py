from nodes.audio._watch import GRACE_S, SILENT_S, STEADY_S, Watch
from tests.nodes.audio.fakes import FakeClock


def looks(watch, clock, seconds, calls=0, every=0.02):
    """Look every 20 ms while the device calls; (the last answer, the count of calls)."""
    end, alive = clock.at + seconds, True
    while clock.at < end:
        clock.at += every
        calls += 1
        alive = watch.look(calls)
    return alive, calls


def test_a_device_that_never_called_is_lost_after_its_grace():
    clock = FakeClock(10.0)
    watch = Watch(clock)
    assert watch.look(0)
    clock.at = 10.0 + GRACE_S - 0.01
    assert watch.look(0)
    clock.at = 10.0 + GRACE_S + 0.01
    assert not watch.look(0)


def test_a_device_that_stops_calling_is_lost_within_a_second():
    clock = FakeClock()
    watch = Watch(clock)
    alive, calls = looks(watch, clock, GRACE_S + 1.0)
    assert alive
    clock.at += SILENT_S - 0.01
    assert watch.look(calls)
    clock.at += 0.02
    assert not watch.look(calls)
    assert SILENT_S < 1.0


def test_a_device_is_steady_once_it_called_for_a_while_and_not_after_a_pause():
    clock = FakeClock()
    watch = Watch(clock)
    assert not watch.steady
    _, calls = looks(watch, clock, STEADY_S - 0.05)
    assert not watch.steady
    _, calls = looks(watch, clock, 0.1, calls)
    assert watch.steady
    clock.at += STEADY_S
    assert not watch.steady
    looks(watch, clock, 0.1, calls)
    assert not watch.steady


def test_a_device_that_fills_its_buffer_at_once_and_sleeps_is_not_steady():
    clock = FakeClock()
    watch = Watch(clock)
    watch.look(1)
    clock.at = 0.02
    watch.look(5)
    for at in (0.1, 0.4, 1.0, 1.9):
        clock.at = at
        assert watch.look(5)
        assert not watch.steady
