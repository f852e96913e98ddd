from hypothesis import example, given
from hypothesis import strategies as st

from nodes.audio._timeline import Timeline
from schemas.playback import Heard, Speaking

RATE = 1000


def on(turn):
    return Speaking(turn=turn, speaking=True)


def off(turn):
    return Speaking(turn=turn, speaking=False)


def heard(turn, index, text, fraction, ended=False):
    return Heard(turn=turn, sentence=index, text=text, fraction=fraction, ended=ended)


def test_a_sentence_is_told_at_its_first_sample_every_tenth_of_a_second_and_at_its_end():
    line = Timeline(RATE)
    line.begin("t", 0, "말")
    assert line.advance(0) == [(0, on("t"))]
    line.add(400)
    line.end()
    line.end_turn()
    assert line.advance(0) == [(0, Speaking(turn="t", speaking=True, left_s=0.4))]
    assert line.advance(1) == [(0, heard("t", 0, "말", 0.0))]
    assert line.within
    assert line.advance(99) == []
    assert line.advance(100) == [(100, heard("t", 0, "말", 0.25))]
    assert line.advance(150) == []
    assert line.busy
    assert line.advance(400) == [(400, heard("t", 0, "말", 1.0, ended=True)), (400, off("t"))]
    assert not line.busy
    assert not line.within


def test_a_sentence_that_still_arrives_is_never_heard_to_its_end_however_long_it_becomes():
    line = Timeline(RATE)
    line.begin("t", 0, "말")
    line.add(5000)
    line.advance(1)
    (_, told), *_ = line.advance(5000)
    assert told == heard("t", 0, "말", 0.99)
    line.end()
    assert line.advance(5000) == [(5000, heard("t", 0, "말", 1.0, ended=True))]


def test_what_is_settled_is_all_before_the_sentence_that_arrives():
    line = Timeline(RATE)
    line.begin("a", 0, "하나")
    line.add(400)
    assert line.settled == 0
    line.end()
    assert line.settled == 400
    line.begin("a", 1, "둘")
    line.add(100)
    assert line.settled == 400


def test_a_turn_that_never_ended_is_ended_by_the_next_one():
    line = Timeline(RATE)
    line.begin("a", 0, "하나")
    line.add(10)
    line.begin("b", 0, "둘")
    assert [event for _, event in line.advance(0)] == [on("a"), Speaking(turn="a", speaking=True, left_s=0.01)]
    assert [event for _, event in line.advance(10)][-2:] == [off("a"), on("b")]


def test_a_sentence_without_an_end_ends_where_the_next_one_begins():
    line = Timeline(RATE)
    line.begin("a", 0, "하나")
    line.add(10)
    line.begin("a", 1, "둘")
    assert (10, heard("a", 0, "하나", 1.0, ended=True)) in line.advance(10)


def test_the_fraction_never_falls_while_a_sentence_is_still_arriving():
    line = Timeline(RATE)
    line.begin("a", 0, "열")
    line.add(500)
    first = line.advance(400)[-1][1]
    assert first.fraction == 0.8
    line.add(2000)
    assert line.advance(600)[-1][1].fraction == 0.8


def test_a_sentence_of_unknown_length_is_guessed_from_its_text():
    line = Timeline(RATE)
    line.begin("a", 0, "가" * 10)
    line.add(200)
    assert line.advance(130)[-1][1].fraction == 0.1


def test_a_sentence_with_neither_sound_nor_text_leaves_no_trace():
    line = Timeline(RATE)
    line.begin("a", 0, "")
    line.end()
    line.end_turn()
    assert [event for _, event in line.advance(0)] == [on("a"), off("a")]


def test_the_text_of_a_silent_sentence_is_known_until_it_has_sound():
    line = Timeline(RATE)
    line.begin("a", 0, "말")
    assert line.silent("a", 0) == "말"
    assert line.silent("a", 1) is None
    line.add(1)
    assert line.silent("a", 0) is None
    assert line.arriving
    line.end()
    assert line.silent("a", 0) is None
    assert not line.arriving


def test_sound_that_belongs_to_no_sentence_moves_the_next_one_back():
    line = Timeline(RATE)
    line.add(5)
    line.begin("a", 0, "말")
    line.add(5)
    assert line.advance(5) == [(0, on("a"))]
    assert line.advance(6) == [(5, heard("a", 0, "말", 0.0))]


def test_a_sentence_whose_voice_went_away_before_its_first_sound_was_not_heard():
    line = Timeline(RATE)
    line.begin("a", 0, "말")
    line.end_turn()
    assert line.advance(0) == [(0, on("a")), (0, off("a"))]


Steps = st.lists(
    st.tuples(
        st.sampled_from(["begin", "add", "add", "play", "play", "end", "end_turn"]),
        st.integers(0, 1),
        st.integers(0, 400),
    ),
    min_size=5,
    max_size=60,
)


@example(
    [
        ("begin", 0, 0), ("add", 0, 300), ("play", 0, 100), ("end", 0, 0),
        ("begin", 0, 0), ("add", 0, 50), ("play", 0, 400),
        ("begin", 1, 0), ("begin", 1, 0), ("add", 0, 9), ("end_turn", 0, 0),
    ]
)  # fmt: skip
@example([("begin", 0, 0), ("add", 0, 500), ("play", 0, 500), ("add", 0, 100), ("play", 0, 100)])
@given(Steps)
def test_every_sentence_with_sound_has_one_start_and_one_end_within_its_turn(steps):
    line = Timeline(RATE)
    out, played, begun, sounded = [], 0, [], set()
    for step, turn, count in steps:
        if step == "begin":
            begun.append((f"t{turn}", len(begun)))
            line.begin(*begun[-1], "말이다")
        elif step == "add":
            if line.arriving and count:
                sounded.add(begun[-1])
            line.add(count)
        elif step == "end":
            line.end()
        elif step == "end_turn":
            line.end_turn()
        else:
            played = min(line.queued, played + count)
            out += line.advance(played)
    line.end_turn()
    out += line.advance(line.queued)

    assert [at for at, _ in out] == sorted(at for at, _ in out)
    speaking, now, order = None, None, []
    for _, event in out:
        if isinstance(event, Speaking) and event.left_s is not None:  # how much is left, told once in its middle
            assert event.speaking
            assert event.turn == speaking
        elif isinstance(event, Speaking):
            assert now is None
            assert (speaking is None) == event.speaking
            assert speaking in (None, event.turn)
            speaking = event.turn if event.speaking else None
        else:
            assert event.turn == speaking
            if now is None:
                assert event.fraction == 0.0
                assert not event.ended
                order.append((event.turn, event.sentence))
            else:
                assert event.sentence == now.sentence
                assert event.fraction >= now.fraction
            now = None if event.ended else event
            assert event.ended == (event.fraction == 1.0)
    assert order == [one for one in begun if one in sounded]
    assert speaking is None
    assert now is None
    assert not line.busy


def test_a_position_is_told_by_turn_sentence_and_second():
    line = Timeline(RATE)
    line.begin("t", 3, "말")
    line.add(500)
    line.begin("t", 4, "말")
    line.add(500)
    assert line.where(0) is None
    assert line.where(250) == ("t", 3, 0.25)
    assert line.where(600) == ("t", 4, 0.1)
    assert line.where(1001) is None


def test_a_stopped_turn_tells_its_end_and_which_samples_go():
    line = Timeline(RATE)
    for turn in ("a", "b"):
        for index in (0, 1):
            line.begin(turn, index, "말")
            line.add(100)
        line.end_turn()
    line.advance(50)
    assert line.stop("a", 50) == ([heard("a", 0, "말", 0.5, ended=True), off("a")], range(50, 200))
    assert line.queued == 250
    assert line.advance(50) == [(0, on("b")), (50, Speaking(turn="b", speaking=True, left_s=0.2))]
    assert line.advance(51) == [(50, heard("b", 0, "말", 0.0))]
    assert line.advance(250)[-1] == (250, off("b"))


def test_a_turn_that_is_stopped_while_it_arrives_takes_nothing_more():
    line = Timeline(RATE)
    line.begin("a", 0, "말")
    assert line.stop("a", 0) == ([off("a")], range(0))
    assert not line.busy
    line.turn("b")
    assert line.stop("b", 0) == ([off("b")], range(0))


def test_a_turn_that_is_not_here_is_told_to_be_over():
    assert Timeline(RATE).stop("x", 0) == ([off("x")], range(0))


def test_how_much_is_left_of_a_turn_is_told_once_as_soon_as_all_its_sound_is_there():
    line = Timeline(RATE)
    line.begin("a", 0, "하나")
    line.add(300)
    line.advance(100)
    line.end()
    line.begin("a", 1, "둘")
    line.add(500)
    assert [event for _, event in line.advance(150)] == []
    line.end_turn()
    assert line.advance(200)[-1] == (200, Speaking(turn="a", speaking=True, left_s=0.6))
    assert not [event for _, event in line.advance(250) if isinstance(event, Speaking)]


def test_a_turn_that_is_all_there_before_it_is_on_is_told_when_it_begins_and_the_pause_before_it_is_its_own():
    line = Timeline(RATE)
    line.begin("a", 0, "하나")
    line.add(300)
    line.end_turn()
    assert line.follows("b")
    assert not line.follows("a")
    line.pause("b", 250)
    line.begin("b", 0, "둘")
    line.add(400)
    line.end_turn()
    line.advance(0)
    assert [event for _, event in line.advance(300)][-3:] == [
        off("a"),
        on("b"),
        Speaking(turn="b", speaking=True, left_s=0.65),
    ]
    assert line.advance(540) == []
    assert line.advance(551) == [(550, heard("b", 0, "둘", 0.0))]
    assert line.stop("b", 551)[1] == range(551, 950)


def test_a_turn_that_is_stopped_before_it_is_on_takes_its_pause_along():
    line = Timeline(RATE)
    line.begin("a", 0, "하나")
    line.add(300)
    line.end_turn()
    line.pause("b", 250)
    line.begin("b", 0, "둘")
    line.add(400)
    line.end_turn()
    line.advance(100)
    assert line.stop("b", 100) == ([off("b")], range(300, 950))
    assert line.queued == 300
    assert line.follows("c")
    line.advance(300)
    assert not line.follows("c")


def cut(line, turn, played, **options):
    line.advance(played)
    told, _ = line.stop(turn, played, by_host=True, **options)
    return told[-1]


def two_sentences(*, more=False):
    line = Timeline(RATE)
    for index in (0, 1):
        line.begin("a", index, "말")
        line.add(1000)
        line.end()
    if not more:
        line.end_turn()
    return line


def test_of_a_turn_that_the_streamers_voice_cuts_off_it_is_told_how_much_was_heard():
    for played, share in ((0, 0.0), (250, 0.0), (500, 0.25), (1400, 0.7), (1999, 1.0)):
        assert cut(two_sentences(), "a", played) == Speaking(turn="a", speaking=False, heard=share)
    line = two_sentences()
    line.advance(500)
    assert line.stop("a", 500)[0][-1] == off("a")


def test_of_a_turn_that_is_still_being_made_one_more_sentence_is_expected():
    assert cut(two_sentences(more=True), "a", 1500).heard == 0.5
    line = Timeline(RATE)
    line.begin("a", 0, "가" * 20)
    line.add(1300)
    assert cut(line, "a", 1300).heard == 0.5


def test_a_turn_behind_the_one_that_is_on_was_not_heard():
    line = two_sentences()
    line.begin("b", 0, "말")
    line.add(1000)
    line.end_turn()
    assert cut(line, "b", 900).heard == 0.0
    assert cut(line, "a", 900).heard == 0.45


def test_a_turn_that_ends_its_sentence_for_the_streamer_tells_how_much_was_heard_and_yields_to_nobody():
    line = two_sentences()
    line.advance(500)
    line.make_room("a", by_host=True)
    line.advance(1000)
    assert line.due == "a"
    assert line.stop("a", 1000, yielded=True)[0][-1] == Speaking(turn="a", speaking=False, heard=0.5)
