"""A donation whose handling ends the process does not end every next one, and takes nobody else's thanks with it."""

import json
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from graphs.engine.books.under_way import read
from tests.e2e.show import copy_of_the_project
from tests.faults.test_kill import Process, donation

pytestmark = [
    pytest.mark.component,
    pytest.mark.timeout(300),
    pytest.mark.skipif(sys.platform == "win32", reason="has no kill -9"),
]
LIMIT_S = 60.0
NODES = '''
"""Nodes of this test: they end the process on a certain text, or note what happens."""

import json
import os
import signal
from pathlib import Path
from typing import Never

import reactivex
from pydantic import Field
from reactivex import Observable
from reactivex import operators as ops

from nodes import node
from schemas.chat import ChatBatch, ViewerEvent
from schemas.playback import Heard, Speaking
from schemas.reply import Sentence
from schemas.settings import Settings


class Word(Settings):
    word: str = Field("", description="Ends the process; empty for never.")
    hard: bool = Field(True, description="By a signal, else by an exit of the process.")


def look(config: Word, text: str) -> None:
    if config.word and config.word in text:
        os.kill(os.getpid(), signal.SIGKILL) if config.hard else os._exit(3)


@node("chat.lethal")
def lethal(config: Word, chat: Observable[ViewerEvent]) -> Observable[ViewerEvent]:
    """Pass viewers on."""
    return chat.pipe(ops.do_action(lambda event: look(config, event.author + event.text)))


@node("chat.lethal_batch")
def lethal_batch(config: Word, batch: Observable[ChatBatch]) -> Observable[ChatBatch]:
    """Pass batches on."""
    said = ops.map(lambda event: (event, " ".join(each.author + each.text for each in event.events)))
    return batch.pipe(said, ops.do_action(lambda pair: look(config, pair[1])), ops.map(lambda pair: pair[0]))


@node("chat.lethal_sentence")
def lethal_sentence(config: Word, sentence: Observable[Sentence]) -> Observable[Sentence]:
    """Pass sentences on."""
    return sentence.pipe(ops.do_action(lambda event: look(config, event.text)))


@node("chat.lethal_heard")
def lethal_heard(config: Word, heard: Observable[Heard]) -> Observable[Never]:
    """Listen."""
    ending = ops.do_action(lambda event: look(config, event.text) if event.fraction > 0.3 else None)
    return heard.pipe(ending, ops.ignore_elements())


@node("chat.noted")
def noted(config: Word, batch: Observable[ChatBatch], speaking: Observable[Speaking]) -> Observable[Never]:
    """Note which turns begin and are heard to their end."""

    def note(event: ChatBatch | Speaking) -> None:
        if isinstance(event, ChatBatch):
            fields = {"begun": event.turn, "events": [[each.author, each.text] for each in event.events]}
        elif event.speaking:
            return
        else:
            fields = {"over": event.turn}
        with Path("noted.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(fields, ensure_ascii=False) + "\\n")

    noting = reactivex.merge(batch, speaking).pipe(ops.do_action(note))
    return noting.pipe(ops.ignore_elements())
'''
GRAPH = """
name: show
nodes:
  chat: {type: chat.replay, file: "${CHAT_RECORDING}"}
  parse: {type: chat.parse, in: chat}
  first: {type: chat.lethal, in: parse, word: "WORD_first", hard: HARD}
  batch: {type: chat.batch, in: first, speaking: voice.speaking}
  second: {type: chat.lethal_batch, in: batch, word: "WORD_second", hard: HARD}
  reply:
    type: llm.reply
    in: second
    heard: voice.heard
    persona: config/character.txt
    base_url: "MODEL"
    api_key: "${ECHO_KEY:-some-key}"
    model: m
  canned: {type: reply.canned, in: reply.unanswered, replies: config/canned_replies.yaml}
  split: {type: reply.split, in: [reply, canned]}
  third: {type: chat.lethal_sentence, in: split, word: "WORD_third", hard: HARD}
  speech: {type: speech.ladder, in: third, voices: [{type: http, urls: [""]}]}
  voice: {type: audio.play, in: speech, device: none, caption_s_per_char: 0.02, record: false}
  fourth: {type: chat.lethal_heard, in: voice.heard, word: "WORD_fourth", hard: HARD}
  noted: {type: chat.noted, batch: batch, speaking: voice.speaking}
  overlay: {type: overlay.web, chat: parse, batch: batch, reply: third, heard: voice.heard}
"""
PLACES = ("first", "second", "third", "fourth")


class Echo(BaseHTTPRequestHandler):
    """A model that says the loud word of what it is asked."""

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        text = f"정말 고마워요. {'펑 하고 ' if '펑' in asked['messages'][-1]['content'] else ''}힘이 나요."
        pieces = ({"choices": [{"index": 0, "delta": {"content": letter}}]} for letter in text)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write("".join(f"data: {json.dumps(piece)}\n\n" for piece in pieces).encode())
        self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, *_):
        pass


@pytest.fixture
def model():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()
    thread.join()


def gift(number, text, name=None):
    made = donation(number)
    payload = json.loads(made["payload"]) | {"donationText": text}
    if name is not None:
        payload["donatorNickname"] = name
    return made | {"payload": json.dumps(payload, ensure_ascii=False)}


def prepared(folder, model, place, word, *, hard=True):
    root = copy_of_the_project(folder)
    (root / "nodes" / "chat" / "lethal.py").write_text(NODES, encoding="utf-8")
    graph = GRAPH.replace(f"WORD_{place}", word).replace("MODEL", model).replace("HARD", str(hard).lower())
    for other in PLACES:
        graph = graph.replace(f"WORD_{other}", "")
    (root / "graphs" / "show.yaml").write_text(graph, encoding="utf-8")
    return root


def start(root, *events):
    """Run the show until it dies or has nothing more to answer; gives whether it died, and its log."""
    with Process(root, *events, graph="graphs/show.yaml") as show:
        end = time.monotonic() + LIMIT_S
        still = 0
        while show.process.poll() is None and still < 10:
            assert time.monotonic() < end, show.log
            counts = show.counts()
            done = counts is not None and counts["waiting"] == 0 and counts["in"] + counts["repeated"] >= len(events)
            still = still + 1 if done else 0
            time.sleep(0.1)
        died = show.process.poll() is not None
        if not died:
            show.ended()
        return died, show.log


def noted(root):
    """Return the turns that were heard to their end: what they answered, as (author, text)."""
    file = root / "noted.jsonl"
    begun, over = {}, []
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
        fields = json.loads(line)
        if "begun" in fields:
            begun[fields["begun"]] = fields["events"]
        elif fields["over"] in begun:
            over += begun.pop(fields["over"])
    return over


@pytest.mark.parametrize("place", ["first", "second", "third"])
def test_what_kills_the_show_is_thanked_for_without_its_text_by_the_third_start_and_all_others_once(
    tmp_path, model, place
):
    root = prepared(tmp_path, model, place, "펑", hard=place != "second")
    gifts = (gift(1, "힘내요"), gift(2, "응원해요"), gift(3, "다 같이 펑"))
    starts = [start(root, *gifts)] + [start(root) for _ in range(4)]
    assert [died for died, _ in starts] == [True, True, False, False, False], starts
    thanked = noted(root)
    assert sorted(thanked) == [["후원자1", "힘내요"], ["후원자2", "응원해요"], ["후원자3", ""]]
    told = [log for _, log in starts if "2번 꺼졌어요" in log]
    assert len(told) == 1
    assert "show.aside.jsonl" in told[0]
    kept = (root / "history" / "journal" / "show.aside.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["event"]["text"] for line in kept] == ["다 같이 펑"]


def test_what_kills_the_show_also_without_its_text_is_set_aside_and_told(tmp_path, model):
    root = prepared(tmp_path, model, "second", "터지는이름")
    gifts = (gift(1, "힘내요"), gift(2, "안녕", "터지는이름"), gift(3, "응원해요"))
    starts = [start(root, *gifts)] + [start(root) for _ in range(5)]
    assert [died for died, _ in starts] == [True] * 4 + [False] * 2
    assert sorted(noted(root)) == [["후원자1", "힘내요"], ["후원자3", "응원해요"]]
    assert "4번 꺼졌어요" in starts[4][1]
    assert "show.aside.jsonl" in starts[4][1]
    kept = (root / "history" / "journal" / "show.aside.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["event"]["author"] for line in kept] == ["터지는이름"]
    assert (root / "history" / "journal" / "show.jsonl").read_bytes() == b""
    died, _ = start(root, *gifts[1:2])
    assert not died, "its source delivers it once more"


def test_thanks_that_were_heard_before_the_show_died_are_given_once_more_and_not_again(tmp_path, model):
    root = prepared(tmp_path, model, "fourth", "펑")
    starts = [start(root, gift(1, "다 같이 펑"), gift(2, "힘내요"))] + [start(root) for _ in range(4)]
    assert [died for died, _ in starts] == [True, True, False, False, False]
    assert noted(root) == [["후원자2", "힘내요"]]
    assert "show.aside.jsonl" in starts[2][1]


PROCESS = """
import asyncio
from pathlib import Path

from graphs.engine.commands._fleet_file import Show
from graphs.engine.commands._fleet_process import Shows

shows = [Show(name, f"graphs/{name}.yaml", None, {"CHAT_RECORDING": f"{name}.jsonl"}) for name in ("show", "calm")]
asyncio.run(Shows(str(Path.cwd()), "both", shows).run())
"""


def start_both(root, *, over):
    """Run both shows in one process until it dies or that many turns were heard; gives whether it died."""
    log = root / "log.txt"
    with log.open("ab") as file:
        process = subprocess.Popen([sys.executable, "-c", PROCESS], cwd=root, stdout=file, stderr=file)
    try:
        end = time.monotonic() + LIMIT_S
        while process.poll() is None and len(noted(root)) < over:
            assert time.monotonic() < end, log.read_text(encoding="utf-8")
            time.sleep(0.1)
        return process.poll() is not None
    finally:
        process.kill()
        process.wait(10)


def test_what_kills_the_process_of_two_shows_is_not_counted_for_what_the_other_one_was_saying(tmp_path, model):
    root = prepared(tmp_path, model, "second", "펑")
    graph = (root / "graphs" / "show.yaml").read_text(encoding="utf-8")
    calm = graph.replace("name: show", "name: calm").replace('"펑"', '""').replace("char: 0.02", "char: 0.5")
    (root / "graphs" / "calm.yaml").write_text(calm, encoding="utf-8")
    for name, event in (("calm", gift(1, "힘내요")), ("show", gift(2, "다 같이 펑") | {"t": 6.0})):
        (root / f"{name}.jsonl").write_text(json.dumps(event) + "\n", encoding="utf-8")
    assert start_both(root, over=2)
    journal = root / "history" / "fleet" / "both" / "journal"
    assert read(journal / "calm.jsonl") != {}, "it was saying something"
    for name in ("calm", "show"):
        (root / f"{name}.jsonl").write_text("", encoding="utf-8")
    assert start_both(root, over=2)
    assert b"deaths" not in (journal / "calm.jsonl").read_bytes()
    assert b'"deaths": 1' in (journal / "show.jsonl").read_bytes()
    assert not start_both(root, over=2)
    assert sorted(noted(root)) == [["후원자1", "힘내요"], ["후원자2", ""]]
