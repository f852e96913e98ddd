"""graphs/engine/studio/written.py: what the text of a graph says for each setting, and never a secret."""

import json

import pytest

from graphs.engine.language.check import check
from graphs.engine.log.redact import Redactor
from graphs.engine.studio.written import written_state
from nodes import load_all
from schemas.graph import GraphError
from tests.harness import ROOT

TEXT = """\
character: 모카
x-usual: &usual
  quiet_s: 0.7
nodes:
  typed: {type: chat.typed}
  parse: {type: chat.parse, in: typed}
  batch:
    <<: *usual
    type: chat.batch
    in: parse
    max_items: "${MOST:-7}"
  reply:
    type: llm.reply
    in: batch
    api_key: "${GROQ_API_KEY:-gsk_an_old_one_left_here}"
  odd: {type: no.such, a: 1}
"""


def state(text=TEXT, running=None, redact=None):
    return written_state(text, "graphs/a.yaml", load_all(), running or {}, redact or Redactor())


def test_values_are_told_as_they_are_written_with_their_line():
    said = state()
    nodes = {each["name"]: each for each in said["nodes"]}
    assert said["graph"] == {"character": {"value": "모카", "line": 1}}
    assert nodes["batch"]["type"] == "chat.batch"
    assert nodes["batch"]["line"] == 7
    settings = nodes["batch"]["settings"]
    assert settings["quiet_s"] == {"line": 3, "value": 0.7}
    assert settings["max_items"] == {"line": 11, "variables": ["MOST"], "value": "${MOST:-7}"}
    assert "in" not in settings
    assert "type" not in settings
    assert nodes["odd"]["settings"] == {}


def test_a_variable_is_told_with_what_it_is_now():
    text = TEXT.replace("  odd: {type: no.such, a: 1}\n", "")
    running = check(text, "a.yaml", load_all(), {"MOST": "9"}, ROOT).nodes
    nodes = {each["name"]: each for each in state(text, running)["nodes"]}
    assert nodes["batch"]["settings"]["max_items"]["now"] == 9


def test_of_a_secret_only_the_variable_is_told():
    redact = Redactor()
    redact.hide(["hush-hush-hush"])
    urls = "http://u:hush-hush-hush@x"
    odd = f"""\
  speech: {{type: speech.ladder, in: reply, voices: [{{type: http, urls: ["{urls}"], token: abcdefgh}}]}}
  n: {{type: chat.chzzk, client_secret: plain-one}}"""
    said = state(TEXT.replace("  odd: {type: no.such, a: 1}", odd), redact=redact)
    told = json.dumps(said)
    assert "gsk_" not in told
    assert "hush" not in told
    assert "abcdefgh" not in told
    assert "plain-one" not in told
    nodes = {each["name"]: each for each in said["nodes"]}
    assert nodes["reply"]["settings"]["api_key"] == {"line": 15, "variables": ["GROQ_API_KEY"], "hidden": False}
    assert nodes["n"]["settings"]["client_secret"]["hidden"] is True


def test_a_text_that_is_no_graph_says_why():
    with pytest.raises(GraphError):
        state("nodes: [")
