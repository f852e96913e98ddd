from reactivex import Subject

from nodes.overlay._streams import together


def test_what_comes_right_after_the_subscription_is_not_missed():
    first, second, came = Subject(), Subject(), []
    together((first, second)).subscribe(came.append, on_completed=lambda: came.append("end"))
    second.on_next(2)
    first.on_next(1)
    first.on_completed()
    second.on_next(3)
    second.on_completed()
    assert came == [2, 1, 3, "end"]
