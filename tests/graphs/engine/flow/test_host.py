from graphs.engine.flow.host import Keeping


def test_what_is_kept_is_made_once_for_each_name():
    kept = Keeping()
    first = kept.keep("seen", list)
    first.append("a")
    assert kept.keep("seen", list) is first
    assert kept.keep("told", list) == []
