from nodes import load_all
from nodes.moving import TakenOver, takers, takes_over


def test_a_function_is_registered_for_its_file_and_stays_what_it_was(monkeypatch) -> None:
    monkeypatch.setattr("nodes.moving.takers", registered := {})

    @takes_over("config/some.txt")
    def make(theirs: str, ours: str) -> TakenOver:
        return TakenOver(theirs + ours, ("told",))

    assert registered == {"config/some.txt": make}
    assert make("a", "b") == TakenOver("ab", ("told",))


def test_what_the_nodes_take_over_is_known_once_they_are_loaded() -> None:
    load_all()
    assert {"config/pose_mapping.json", "history/summary.json"} <= set(takers)
