import pytest

from graphs.engine.language.check import check
from graphs.engine.language.load import load
from graphs.engine.language.stories import KINDS, Pattern, stories
from nodes import load_all
from schemas.chat import ChatBatch, ChatMessage, Donation
from schemas.graph import GraphError
from schemas.reply import Sentence
from tests.harness import ROOT

GRAPH = """
nodes:
  parse: {type: chat.replay, file: assets/recordings/demo.jsonl}
  chat: {type: chat.parse, in: parse}
  batch: {type: chat.batch, in: chat}
  reply: {type: reply.canned, in: batch}
  split: {type: reply.split, in: reply}
  page: {type: overlay.web, chat: chat, reply: split.sentence}
"""


def read(test):
    text = GRAPH + test
    registry = load_all()
    return stories(load(text, "g.yaml", {}), check(text, "g.yaml", registry, {}, ROOT), registry)


def wrong(test):
    with pytest.raises(GraphError) as caught:
        read(test)
    return str(caught.value)


def test_a_graph_may_have_no_tests():
    assert read("") == []


def test_a_story_as_it_is_read():
    (story,) = read(
        "tests:\n  - name: one\n    events: {a: {chat: hi}, e: {batch: [a]}}\n    fakes: {reply: [yes]}\n"
        '    in: {chat: "-a"}\n    out: {batch: "-----e", split.emotion: []}\n'
    )
    assert (story.name, story.line) == ("one", 10)
    assert story.events["a"] == Pattern(ChatMessage, {"text": "hi"})
    assert story.events["e"].inner == (story.events["a"],)
    assert (story.fakes, story.given) == ({"reply": ("yes",)}, {"chat": "-a"})
    assert story.expected == {("batch", "out"): "-----e", ("split", "emotion"): ()}


def test_a_fake_with_one_answer_needs_no_list():
    assert read('tests: [{fakes: {reply: yes!}, out: {batch: ""}}]')[0].fakes == {"reply": ("yes!",)}


@pytest.mark.parametrize(
    ("test", "told"),
    [
        ("tests: 3", "tests must be a list"),
        ("tests: [3]", "a test must be a mapping"),
        ('tests: [{given: 3, out: {batch: ""}}]', "a test has no 'given'"),
        ("tests: [{name: x}]", "the test expects nothing"),
        ("tests: [{out: 3}]", "out must be a mapping"),
        ('tests: [{events: {ab: {chat: x}}, out: {batch: ""}}]', "'ab' cannot stand in marbles"),
        ("tests: [{events: {a: {chatt: x}}, out: {batch: ''}}]", "the event 'a' is not known"),
        ("tests: [{events: {a: 3}, out: {batch: ''}}]", "the event 'a' is not known"),
        ("tests: [{events: {a: {chat: x, colour: 1}}, out: {batch: ''}}]", "'chat' has no 'colour'"),
        ("tests: [{events: {e: {batch: [a]}}, out: {batch: ''}}]", "no event is called 'a'"),
        ("tests: [{events: {e: {batch: a}}, out: {batch: ''}}]", "no event is called 'a'"),
        ("tests: [{fakes: {reply: []}, out: {batch: ''}}]", "a fake answers with texts"),
        ("tests: [{fakes: {chat: [x]}, out: {batch: ''}}]", "'chat' answers no batches"),
        ("tests: [{fakes: {none: [x]}, out: {batch: ''}}]", "no node 'none'"),
        ("tests: [{in: {none: a}, out: {batch: ''}}]", "no node 'none'"),
        ("tests: [{in: {chat: 3}, out: {batch: ''}}]", "marbles are text"),
        ("tests: [{in: {chat: '(a'}, out: {batch: ''}}]", "without its other half"),
        ("tests: [{in: {chat: 'a'}, out: {batch: ''}}]", "no event is called 'a'"),
        ("tests: [{out: {none: ''}}]", "no node 'none'"),
        ("tests: [{out: {batch.none: ''}}]", "'batch' gives nothing at 'none' (it gives out)"),
        ("tests: [{out: {page: ''}}]", "it gives nothing"),
        ("tests: [{out: {batch: [a]}}]", "no event is called 'a'"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(test, told):
    said = wrong(test)
    assert told in said
    assert said.startswith("g.yaml:9:")


def test_everything_that_is_wrong_is_told_at_once():
    assert len(wrong("tests: [{in: {none: a}, out: {nobody: ''}}, 3]").splitlines()) == 4


@pytest.mark.parametrize("word", KINDS)
def test_every_word_makes_its_event_of_one_value(word):
    kind, main = KINDS[word]
    pattern = Pattern(kind, {}, ()) if word == "batch" else Pattern(kind, {main: True})
    made = pattern.make("x", 2.0)
    assert type(made) is kind
    assert pattern.fits(made)


def test_an_event_fits_by_its_class_and_the_values_that_are_named():
    hi = Pattern(ChatMessage, {"text": "hi"})
    assert hi.fits(ChatMessage(id="1", author="x", text="hi"))
    assert not hi.fits(ChatMessage(id="1", author="x", text="ho"))
    assert not hi.fits(Donation(id="1", author="x", text="hi", amount=1))
    assert not hi.fits(Sentence(turn="t", index=0, text="hi", spoken="hi", emotion="sad"))


def test_a_batch_fits_by_the_events_in_it():
    hi, ho = Pattern(ChatMessage, {"text": "hi"}), Pattern(ChatMessage, {"text": "ho"})
    batch = Pattern(ChatBatch, {}, (hi, ho)).make("n", 1.0)
    assert Pattern(ChatBatch, {}, (hi, ho)).fits(batch)
    assert not Pattern(ChatBatch, {}, (ho, hi)).fits(batch)
    assert not Pattern(ChatBatch, {}, (hi,)).fits(batch)
    assert Pattern(ChatBatch, {}).fits(batch)
