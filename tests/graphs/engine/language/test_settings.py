"""graphs/engine/language/settings.py: settings become what a node takes, or what is wrong with them."""

import re
from pathlib import Path

import pytest

from nodes.phrases import in_tongue
from schemas.graph import GraphError
from tests.graphs.small import SHOW, Climb, Source, assert_expected, bad, checked, problems


@pytest.mark.parametrize("file", bad("settings"), ids=lambda file: file.stem)
def test_a_wrong_graph_gets_exactly_the_problems_that_its_comments_expect(file: Path) -> None:
    assert_expected(file.read_bytes())


def test_a_variable_gives_numbers_texts_and_secrets() -> None:
    text = 'nodes: {a: {type: chat.source, channel: "${WHO}", speed: "${FAST:-2}", token: "${KEY}"}}'
    settings = checked(text, {"WHO": "12", "KEY": "abc"}).nodes["a"].settings
    assert isinstance(settings, Source)
    assert (settings.channel, settings.speed) == ("12", 2.0)
    assert settings.token is not None
    assert settings.token.get_secret_value() == "abc"


def test_no_message_holds_a_secret_or_what_a_variable_holds() -> None:
    text = 'nodes: {a: {type: chat.source, speed: "${KEY}"}}'
    assert "hunter2" not in str(problems(text, {"KEY": "hunter2"})[0])
    text = "nodes: {a: {type: chat.source, token: 12345}}"
    assert str(problems(text)[0]) == (
        'show.yaml:1:39: token must be a secret or nothing, not this (name a variable, such as "${TOKEN}")'
    )


def test_files_in_lists_are_looked_for_and_a_missing_default_is_reported_at_the_node(tmp_path: Path) -> None:
    text = "nodes: {a: {type: files.read}}"
    assert str(problems(text, root=tmp_path)[0]) == "show.yaml:1:9: main: there is no file main.txt"
    (tmp_path / "main.txt").write_text("")
    checked(text, root=tmp_path)
    found = problems("nodes: {a: {type: files.read, more: [main.txt, mian.txt], named: {x: no.md}}}", root=tmp_path)
    assert [str(problem) for problem in found] == [
        "show.yaml:1:37: more: there is no file mian.txt (did you mean 'main.txt'?)",
        "show.yaml:1:66: named: there is no file no.md",
    ]


def test_a_file_that_is_no_text_is_told_with_its_line_and_what_to_do_before_the_show_begins(tmp_path: Path) -> None:
    text = "nodes: {a: {type: files.read}}"
    (tmp_path / "main.txt").write_bytes(b"one\n\xff\xff\n")
    (problem,) = problems(text, root=tmp_path)
    assert str(problem).startswith("show.yaml:1:9: main: main.txt: line 2: is not UTF-8 text: ")
    assert "UTF-8" in problem.message
    for encoding in ("cp949", "utf-16", "utf-8"):
        (tmp_path / "main.txt").write_bytes("초코는 강아지예요\n".encode(encoding))
        checked(text, root=tmp_path)


def test_settings_that_do_not_fit_each_other_are_reported_at_the_node(tmp_path: Path) -> None:
    (tmp_path / "main.txt").write_text("")
    found = problems("nodes: {a: {type: files.read, low: 3, high: 2}}", root=tmp_path)
    assert [str(problem) for problem in found] == ["show.yaml:1:12: a: low is above high"]


def test_a_value_without_words_for_it_gets_the_validators_message(tmp_path: Path) -> None:
    (tmp_path / "main.txt").write_text("")
    found = problems("nodes: {a: {type: files.read, pair: [1, 2, 3]}}", root=tmp_path)
    assert [str(problem) for problem in found] == ["show.yaml:1:37: pair must be a list, not a list"]


def climb(voices: str) -> str:
    return SHOW + f"  climb: {{type: speech.climb, in: reply.sentence, voices: [{voices}]}}\n"


@pytest.mark.parametrize(
    ("voice", "told"),
    [
        ("{kind: far, token: abc}", 'token is a secret and cannot stand in a graph (write "${TOKEN}"'),
        ("{size: 1}", "voices.0 needs kind (one of near, far)"),
        ("{kind: fat}", "voices.0: there is no kind 'fat' (did you mean 'far'?)"),
        ("{kind: far, sise: 1}", "'voices.0.sise' is not known here (did you mean 'size'?)"),
        ("{kind: far, size: x}", "voices.0.size must be a whole number, not 'x'"),
    ],
)
def test_a_wrong_one_of_several_kinds_is_told_where_it_stands(voice: str, told: str) -> None:
    [problem] = problems(climb(voice))
    assert told in str(problem)


def test_a_secret_of_one_of_several_kinds_may_come_from_a_variable() -> None:
    graph = checked(climb('{kind: near}, {kind: far, token: "${KEY}"}'), {"KEY": "abc"})
    settings = graph.nodes["climb"].settings
    assert isinstance(settings, Climb)
    assert [voice.kind for voice in settings.voices] == ["near", "far"]


def test_nothing_more_is_said_of_a_value_whose_variable_is_not_set() -> None:
    found = problems('nodes: {a: {type: chat.source, speed: "${FAST}"}}')
    assert [problem.message for problem in found] == ["FAST is not set"]


@pytest.mark.parametrize("name", ["x" * 300, "x" * 300 + "/words.txt", "\\0.txt", "a\\0/words.txt"])
def test_a_file_whose_name_no_file_can_have_is_not_there(name: str) -> None:
    [problem] = problems(
        f'nodes: {{a: {{type: chat.source}}, b: {{type: chat.filter, in: a, banned_words: "{name}"}}}}'
    )
    assert problem.message.startswith("banned_words: there is no file ")


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("speed: 200", "speed에는 숫자(0보다 큼, 100 이하)만 쓸 수 있어요. 지금 값: 200"),
        ("speed: fast", "speed에는 숫자(0보다 큼, 100 이하)만 쓸 수 있어요. 지금 값: 'fast'"),
        ("loop: 3", "loop에는 true나 false만 쓸 수 있어요. 지금 값: 3"),
        ("channel: [a]", "channel에는 글만 쓸 수 있어요. 지금 값: 목록"),
        ("token: abc", "token 값은 비밀이라 그래프에 적을 수 없어요"),
        ("chanel: a", "'chanel' 설정은 chat.source에 없어요"),
    ],
)
def test_a_person_reads_in_her_language_what_is_wrong_and_what_fits(setting: str, told: str) -> None:
    with pytest.raises(GraphError) as caught:
        checked(f"nodes: {{a: {{type: chat.source, {setting}}}}}")
    (problem,) = caught.value.problems
    assert in_tongue(problem.message, "ko") == told
    assert not re.search("[A-Za-z]{2,} [A-Za-z]{2,}", in_tongue(problem.hint, "ko"))
    assert not re.search("[가-힣]", in_tongue(problem.message, "en") + in_tongue(problem.hint, "en"))
