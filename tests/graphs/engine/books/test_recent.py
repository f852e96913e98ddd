import unicodedata

from graphs.engine.books.recent import Recent
from schemas.chat import ChatMessage, Withdrawn


def message(number, author="달토끼", text="안녕", **more):
    return ChatMessage(id=f"m{number}", author=author, author_id=f"u-{author}", text=text, **more)


def ids(found):
    return [came.event.id for came in found]


def recent(*messages, kept=100):
    recent = Recent(kept=kept)
    for each in messages:
        recent.note(each, 7.0)
    return recent


def test_the_newest_of_those_with_all_words_come_first():
    told = recent(message(1, text="노래 불러줘"), message(2, text="게임 하자"), message(3, text="노래 또 불러줘"))
    assert ids(told.search("불러줘 노래", 10)) == ["m3", "m1"]
    assert ids(told.search("노래", 1)) == ["m3"]
    assert told.search("노래 게임", 10) == []


def test_author_and_id_are_searched_and_case_and_the_form_of_hangul_do_not_matter():
    told = recent(message(1, author="Moon토끼"), message(2, author="곰"))
    assert ids(told.search("moon", 10)) == ["m1"]
    assert ids(told.search(unicodedata.normalize("NFD", "토끼"), 10)) == ["m1"]
    assert ids(told.search("M2", 10)) == ["m2"]


def test_a_word_does_not_reach_from_the_author_into_the_text():
    assert recent(message(1, author="달", text="밤")).search("달밤", 10) == []


def test_it_tells_when_an_event_came():
    told = recent(message(1))
    came = told.get("m1")
    assert came is not None
    assert came.at == 7.0
    assert told.get("m2") is None


def test_it_keeps_only_so_many():
    told = recent(*(message(number) for number in range(5)), kept=3)
    assert len(told) == 3
    assert ids(told.search("", 10)) == ["m4", "m3", "m2"]


def test_what_was_withdrawn_cannot_be_found():
    told = recent(message(1, sent_at=1.0), message(2, sent_at=2.0), message(3, author="곰"))
    told.forget(Withdrawn(author_id="u-달토끼", sent_at=2.0))
    assert ids(told.search("안녕", 10)) == ["m3", "m1"]
    told.forget(Withdrawn(author_id="u-달토끼"))
    assert ids(told.search("안녕", 10)) == ["m3"]
