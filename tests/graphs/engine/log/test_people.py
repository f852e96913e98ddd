import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.engine.log.people import HIDDEN, hidden_words, masked, with_masked_names, without
from graphs.engine.log.summary import summary
from schemas.chat import ChatBatch, ChatMessage, Donation, RawPayload
from schemas.reply import ReplyChunk

SAID = ChatMessage(id="m1", author="새벽고양이", author_id="u1", text="우리 집 주소는 비밀")
GIFT = Donation(id="d1", author="치즈부자", author_id="u2", text="힘내요", amount=1000)


def test_a_masked_name_tells_its_first_character_alone():
    assert [masked(name) for name in ("새벽고양이", "a", "")] == ["새***", "a***", "***"]


def test_what_viewers_wrote_is_hidden_and_names_if_wanted():
    batch = ChatBatch(turn="t", lane="donation", events=(SAID, GIFT))
    assert hidden_words(batch, mask=False) == {SAID.text: HIDDEN, GIFT.text: HIDDEN}
    assert hidden_words(GIFT, mask=True) == {"힘내요": HIDDEN, "치즈부자": "치***"}
    assert hidden_words(ReplyChunk(turn="t", text="제 말"), mask=True) == {}
    assert hidden_words(None, mask=True) == {}


@pytest.mark.parametrize(
    "payload", ['{"content": "안녕", "more": [{"a": "비밀"}]}', {"content": "안녕", "more": [{"a": "비밀"}]}]
)
def test_of_a_payload_every_text_is_hidden(payload):
    words = hidden_words(RawPayload(event="CHAT", payload=payload), mask=True)
    assert without("안녕 and 비밀", words) == f"{HIDDEN} and {HIDDEN}"


@pytest.mark.parametrize("payload", ["{half", "[" * 20_000, "no JSON"])
def test_of_a_payload_that_cannot_be_read_the_whole_is_hidden(payload):
    assert (
        without(f"bad: {payload}", hidden_words(RawPayload(event="CHAT", payload=payload), mask=True))
        == f"bad: {HIDDEN}"
    )


@pytest.mark.parametrize(
    ("quoted", "left"),
    [
        (str, "***"),
        (repr, "'***'"),
        (json.dumps, '"***"'),
        (lambda text: json.dumps(text, ensure_ascii=False), '"***"'),
        (lambda text: repr(KeyError(text)), "KeyError('***')"),
    ],
)
def test_a_text_is_hidden_however_an_error_quotes_it(quoted, left):
    text = "첫 줄\n둘째 'x' \"y\" \\ 😀"
    assert without(f"failed on {quoted(text)}!", {text: HIDDEN}) == f"failed on {left}!"


def test_a_longer_text_goes_before_one_that_it_holds():
    assert without("새벽고양이님", {"새벽": "새*", "새벽고양이": "고*"}) == "고*님"


def test_a_text_of_one_character_stays():
    assert without("a b", {"a": HIDDEN}) == "a b"


def test_names_are_masked_in_events_and_in_payloads():
    assert with_masked_names(summary(SAID), SAID)["author"] == "새***"
    batch = ChatBatch(turn="t", lane="donation", events=(SAID, GIFT))
    shown = with_masked_names(summary(batch), batch)
    assert [event["author"] for event in shown["events"]] == ["새***", "치***"]
    assert shown["events"][1]["amount"] == 1000
    wire = {
        "content": "새벽고양이예요",
        "profile": json.dumps({"nickname": "새벽고양이"}),
        "donatorNickname": "치즈부자",
    }
    for payload in (wire, json.dumps(wire, ensure_ascii=False)):
        raw = RawPayload(event="CHAT", payload=payload)
        told = json.dumps(with_masked_names(summary(raw), raw), ensure_ascii=False)
        assert "고양이" not in told
        assert "치즈부자" not in told


@given(st.text("ab가😀\n'", min_size=2, max_size=8), st.text("xy ", max_size=8), st.text("xy ", max_size=8))
def test_what_is_hidden_is_gone_and_the_rest_stays(word, before, after):
    assert without(before + word + after, {word: HIDDEN}) == before + HIDDEN + after
