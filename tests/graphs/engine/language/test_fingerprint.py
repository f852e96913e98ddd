"""graphs/engine/language/fingerprint.py: another word for another node."""

from pathlib import Path

from graphs.engine.language.fingerprint import fingerprint
from tests.graphs.small import Model, Reply, checked


def test_the_fingerprint_changes_with_settings_and_secrets_but_not_with_the_text() -> None:
    text = 'nodes: {a: {type: chat.source, token: "${KEY}", channel: b}}'
    one = checked(text, {"KEY": "1"}).nodes["a"].fingerprint
    other = "# a comment\nnodes:\n  a:\n    channel: b\n    token: ${KEY}\n    type: chat.source\n"
    assert checked(other, {"KEY": "one"}).nodes["a"].fingerprint != one
    assert (
        checked(text.replace("{type", "{channel: b, type").replace(", channel: b}", "}"), {"KEY": "1"})
        .nodes["a"]
        .fingerprint
        == one
    )
    assert checked(text.replace("b}", "c}"), {"KEY": "1"}).nodes["a"].fingerprint != one
    assert checked(text.replace("b}", "b, at: gpu}"), {"KEY": "1"}).nodes["a"].fingerprint != one


def test_a_fingerprint_does_not_depend_on_the_order_of_a_set() -> None:
    words = [{"b", "a", "c"}, {"c", "b", "a"}]
    first, second = (fingerprint("x", Model(words=word, other=1j)) for word in words)
    assert first == second
    assert first != fingerprint("x", Reply(model="m"))


def test_a_watched_file_goes_into_the_fingerprint_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("one")
    text = "nodes: {a: {type: chat.source}, b: {type: chat.filter, in: a, banned_words: words.txt}}"
    before = checked(text, root=tmp_path).nodes["b"].fingerprint
    (tmp_path / "words.txt").write_text("two")
    assert checked(text, root=tmp_path).nodes["b"].fingerprint == before
