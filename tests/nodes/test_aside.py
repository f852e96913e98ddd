from pathlib import Path

from nodes.aside import unused


def test_a_name_is_free_however_many_were_kept_before(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    names: list[str] = []
    for _ in range(3):
        names.append(unused(path, "broken").name)
        unused(path, "broken").write_text("x", "utf-8")
    assert names == ["a.json.broken", "a.json.broken2", "a.json.broken3"]
