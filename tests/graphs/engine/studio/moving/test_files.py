import pytest

from graphs.engine.studio.moving.files import put


@pytest.mark.parametrize("private", [False, True])
def test_what_was_there_is_kept_under_a_new_name_each_time(tmp_path, private):
    path = tmp_path / "folder" / "a.txt"
    told = [put(path, data, private=private) for data in (b"1", b"1", b"2", b"3")]
    assert told[:2] == ["옮겼어요.", "이미 같은 내용이에요."]
    kept = {each.name: each.read_bytes() for each in path.parent.iterdir()}
    assert kept == {"a.txt": b"3", "a.txt.before": b"1", "a.txt.before2": b"2"}
    assert "a.txt.before2" in told[3]
