import pytest

from graphs.engine.log.listeners import Listeners


def test_all_who_listen_hear_it_in_the_order_in_which_they_came():
    heard = []
    listeners = Listeners[[str, int]]()
    assert not listeners
    listeners.add(lambda text, number: heard.append(("first", text, number)))
    listeners.add(lambda text, number: heard.append(("second", text, number)))
    assert listeners
    listeners.tell("x", number=1)
    assert heard == [("first", "x", 1), ("second", "x", 1)]


def test_one_that_has_gone_hears_nothing_more_and_the_others_do():
    heard = []
    listeners = Listeners[[int]]()
    first = listeners.add(lambda number: heard.append(("first", number)))
    listeners.add(lambda number: heard.append(("second", number)))
    listeners.tell(1)
    first.dispose()
    first.dispose()
    listeners.tell(2)
    assert heard == [("first", 1), ("second", 1), ("second", 2)]


def test_one_can_go_while_it_is_called():
    heard = []
    listeners = Listeners[[int]]()

    def once(number):
        heard.append(number)
        gone.dispose()

    gone = listeners.add(once)
    listeners.add(heard.append)
    listeners.tell(1)
    listeners.tell(2)
    assert heard == [1, 1, 2]


def test_one_that_raised_is_called_again():
    heard = []

    def stumble(number):
        heard.append(number)
        raise ValueError(number)

    listeners = Listeners[[int]]()
    listeners.add(stumble)
    for number in (1, 2):
        with pytest.raises(ValueError, match=str(number)):
            listeners.tell(number)
    assert heard == [1, 2]
