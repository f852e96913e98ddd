import traceback

import pytest

from graphs.engine.language.read import read_graph
from schemas.graph import GraphError
from tests.harness import ROOT

TYPED = "name: small\nnodes:\n  typed: {type: chat.typed}\n  parse: {type: chat.parse, in: typed}\n"


def test_the_demonstration_can_be_read():
    graph = read_graph(ROOT / "graphs" / "demo.yaml", ROOT)
    assert graph.name == "demo"
    assert {"replay", "typed", "voice", "overlay"} <= set(graph.nodes)


def test_a_graph_reads_the_variables_of_the_environment_file(tmp_path):
    (tmp_path / ".env").write_text("TTS_OUTPUT_DEVICE=none\n", encoding="utf-8")
    file = tmp_path / "voice.yaml"
    file.write_text(
        TYPED
        + "  batch: {type: chat.batch, in: parse}\n"
        + "  reply: {type: reply.canned, in: batch}\n"
        + "  split: {type: reply.split, in: reply}\n"
        + "  speech: {type: speech.kokoro, in: split.sentence}\n"
        + '  voice: {type: audio.play, in: speech, device: "${TTS_OUTPUT_DEVICE:-auto}"}\n',
        encoding="utf-8",
    )
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "canned_replies.yaml").write_bytes((ROOT / "config" / "canned_replies.yaml").read_bytes())
    assert read_graph(file, tmp_path).nodes["voice"].settings.device == "none"


def test_a_file_that_is_not_there_is_a_problem_of_the_graph(tmp_path):
    with pytest.raises(GraphError) as caught:
        read_graph(tmp_path / "nowhere.yaml", tmp_path)
    (problem,) = caught.value.problems
    assert problem.file.endswith("nowhere.yaml")
    assert problem.message.startswith("cannot be read: ")


def test_a_folder_is_a_problem_too(tmp_path):
    with pytest.raises(GraphError, match="cannot be read"):
        read_graph(tmp_path, tmp_path)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("liv.yaml", "did you mean '{}/live.yaml'?"),
        ("nowhere.txt", "graphs in {}: demo.yaml, live.yaml"),
        ("", "graphs in {}: demo.yaml, live.yaml"),
        ("none/live.yaml", ""),
    ],
)
def test_what_may_be_meant_is_told(tmp_path, name, hint):
    for graph in ("live", "demo"):
        (tmp_path / f"{graph}.yaml").touch()
    with pytest.raises(GraphError) as caught:
        read_graph(tmp_path / name, tmp_path)
    assert caught.value.problems[0].hint == hint.format(tmp_path.as_posix())


def test_a_secret_that_stands_where_it_does_not_belong_is_not_told(tmp_path):
    (tmp_path / ".env").write_text("GROQ_API_KEY=very-secret\nVOICE=very-plain\n", encoding="utf-8")
    file = tmp_path / "wrong.yaml"
    words = "  {0}: {{type: chat.filter, in: parse, banned_words: '${{{1}}}'}}\n"
    text = TYPED + words.format("a", "GROQ_API_KEY") + words.format("b", "VOICE")
    file.write_text(text + "  c: {type: '${GROQ_API_KEY}'}\n", encoding="utf-8")
    with pytest.raises(GraphError) as caught:
        read_graph(file, tmp_path)
    assert "very-plain" in str(caught.value)
    assert "***" in str(caught.value)
    assert "very-secret" not in "".join(traceback.format_exception(caught.value))


def test_all_problems_of_a_graph_come_at_once(tmp_path):
    file = tmp_path / "wrong.yaml"
    file.write_text(TYPED.replace("chat.typed", "chat.typedd").replace("in: typed", "inn: typed"), encoding="utf-8")
    with pytest.raises(GraphError) as caught:
        read_graph(file, tmp_path)
    assert len(caught.value.problems) >= 2
