from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.reply._names import clean
from nodes.reply._rules import parse
from schemas.chat import ChatBatch, ChatMessage, Donation, Lane, Subscription, ViewerEvent
from schemas.reply import ReplyChunk
from tests.harness import ROOT, run

RULES = """
- {name: intro, when: {kind: chat, first: true}, lines: [써 둔 문장이에요!]}
- {name: anon, when: {kind: donation, anonymous: true}, lines: ["익명 {amount}!"]}
- {name: video, when: {kind: donation, video: true}, lines: ["{name} 영상"]}
- {name: gift, when: {kind: donation}, emotion: excited, lines: ["{name} {amount}."]}
- {name: gifts, when: {kind: donation, more: true}, lines: ["그리고 {names}님!"]}
- {name: sub, when: {kind: subscription}, lines: ["{name} {months}"]}
- {name: ai, when: {kind: chat, any: [AI]}, lines: [에이아이예요. 맞아요!]}
- {name: hi, when: {kind: chat, any: [안녕]}, emotion: happy, lines: ["{names}님 하이", "또 {name}"]}
- {name: emote, when: {kind: chat, emote_only: true}, lines: [이모티콘]}
- {name: rest, when: {kind: chat}, lines: [그렇군요]}
"""


def chat(text: str, author: str = "달빛") -> ChatMessage:
    return ChatMessage(id=f"{author}{text}", author=author, text=text)


def gift(amount: int, author: str = "달빛", kind: str = "CHAT", anonymous: bool = False) -> Donation:
    return Donation(id=f"{author}{amount}", author=author, amount=amount, kind=kind, anonymous=anonymous)


def answers(tmp_path: Path, *batches: tuple[Lane, list[ViewerEvent]], rules: str = RULES) -> list[str]:
    (tmp_path / "rules.yaml").write_text(rules, encoding="utf-8")
    return play(tmp_path, "rules.yaml", *batches)


def play(root: Path, file: str, *batches: tuple[Lane, list[ViewerEvent]]) -> list[str]:
    given_ = [
        (float(index), ChatBatch(turn=str(index), lane=lane, events=tuple(events)))
        for index, (lane, events) in enumerate(batches)
    ]
    ran = run("reply.canned", {"batch": given_}, complete_at=60.0, settings={"replies": file}, root=root)
    assert ran.error is None
    chunks: list[ReplyChunk] = ran.events()
    texts: dict[str, str] = {}
    for each in chunks:
        texts[each.turn] = texts.get(each.turn, "") + each.text
    assert [each.turn for each in chunks if each.last] == list(texts)
    return list(texts.values())


def test_the_first_answer_says_that_it_is_written(tmp_path: Path) -> None:
    texts = answers(tmp_path, ("chat", [chat("너 ai야")]), ("chat", [chat("응")]))
    assert texts == ["에이아이예요. 맞아요! 써 둔 문장이에요!", "그렇군요"]


@pytest.mark.parametrize(
    ("lane", "events", "text"),
    [
        ("chat", [chat("너 AI야?")], "에이아이예요. 맞아요!"),
        ("chat", [chat("paint")], "그렇군요"),
        ("chat", [chat("안 녕")], "달빛님 하이"),
        (
            "chat",
            [chat("응"), chat("안녕", "가"), chat("안녕!", "나"), chat("안녕", "다"), chat("안녕", "라")],
            "가님, 나님, 다님 하이",
        ),
        ("chat", [chat("{:d_1:} {:d_2:}")], "이모티콘"),
        ("donation", [chat("안녕"), gift(1000)], "달빛 1,000치즈."),
        ("donation", [gift(1000, anonymous=True)], "익명 1,000치즈!"),
        ("donation", [gift(1000, kind="VIDEO")], "달빛 영상"),
        ("donation", [gift(1, "가"), gift(3, "나"), gift(2, "다")], "나 3치즈. 다 2치즈. 그리고 가님!"),
        ("subscription", [Subscription(id="s", author="별", months=12)], "별 12개월"),
        ("chat", [gift(5)], "달빛 5치즈."),
        ("donation", [chat("안녕")], "달빛님 하이"),
    ],
)
def test_the_rule_that_fits_best_answers(tmp_path: Path, lane: Lane, events: list[ViewerEvent], text: str) -> None:
    assert answers(tmp_path, ("chat", [chat("x")]), (lane, events))[1] == text


def test_lines_of_a_rule_take_turns(tmp_path: Path) -> None:
    texts = answers(tmp_path, *[("chat", [chat("안녕")])] * 3)
    assert texts[1:] == ["또 달빛", "달빛님 하이"]


def test_the_answer_comes_sentence_by_sentence_with_its_feeling_first(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    batch = ChatBatch(turn="t", lane="donation", events=(gift(1000),))
    ran = run("reply.canned", {"batch": [(0.0, batch)]}, settings={"replies": "rules.yaml"}, root=tmp_path)
    assert ran.events() == [
        ReplyChunk(turn="t", text="달빛 1,000치즈. ", emotion="excited", rung="canned"),
        ReplyChunk(turn="t", text="써 둔 문장이에요!", last=True),
    ]


TAIL = "- {name: a, when: {kind: chat}, lines: [x]}\n"


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("a: b", 1, "규칙의 목록"),
        ("- [", 1, ""),
        ("- \x07", 1, ""),
        (TAIL + TAIL, 2, "규칙이 둘이에요: 'a'"),
        (TAIL, 1, "kind가 donation"),
        (TAIL + "- [x\n", 2, ""),
        (TAIL + "- {name: b, when: {kind: chat}}", 2, "빠진 것: 'lines'"),
        (TAIL + "- x", 2, "있어야 해요"),
        (TAIL + "- {name: b, wen: 1}", 2, "'wen': 모르는"),
        (TAIL + "- {name: b, when: {kind: mission}, lines: [x]}", 2, "'kind'"),
        (TAIL + "- {name: b, when: {any: [x]}, lines: [x]}", 2, "'kind'"),
        (TAIL + "- {name: b, when: {kind: chat}, lines: []}", 2, "글의 목록"),
        (TAIL + "- {name: '', when: {kind: chat}, lines: [x]}", 2, "글이어야"),
        (TAIL + "- {name: b, when: {kind: chat}, lines: ['{nick}']}", 2, "{nick}: 모르는"),
        (TAIL + "- {name: b, when: {kind: chat}, emotion: hungry, lines: [x]}", 2, "'hungry'"),
        (TAIL + "- {name: b, when: {kind: chat, first: 3}, lines: [x]}", 2, "true나 false"),
    ],
)
def test_a_wrong_file_is_refused_with_the_line(text: str, line: int, what: str) -> None:
    with pytest.raises(ValueError, match=r"^\d+번째 줄: ") as error:
        parse(text)
    assert what in str(error.value)
    if what:
        assert str(error.value).startswith(f"{line}번째 줄:")


@pytest.mark.parametrize("text", ["[" * 2000, TAIL + f"- {'x' * 5000}: 1"])
def test_what_is_no_file_of_rules_at_all_is_refused_in_a_few_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"^\d+번째 줄: ") as error:
        parse(text)
    assert len(str(error.value)) <= 300


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(ValueError, match="1번째 줄: 파일은 규칙의 목록"):
        parse("")


@pytest.mark.parametrize(
    ("name", "said_as"),
    [
        ("달빛{:a:}", "달빛"),
        ("<b>굵은</b>", "굵은"),
        ("가" * 30, "가" * 20),
        ("\u200b", "시청자"),
        ("!!", "시청자"),
        ("a  b", "a b"),
        ("ㅇㅇ", "시청자"),
        ("😊", "시청자"),
        ("ㅋㅋ초코", "ㅋㅋ초코"),
        ("黒猫", "黒猫"),
        ("さくら", "さくら"),
        ("Дима", "시청자"),
        ("1004", "1004"),
    ],
)
def test_a_name_is_made_safe_to_say(name: str, said_as: str) -> None:
    assert clean(name) == said_as


@given(st.text())
def test_a_clean_name_is_short_and_has_something_to_say(name: str) -> None:
    assert 0 < len(clean(name)) <= 20
    assert any(character.isalnum() for character in clean(name))


def test_the_delivered_rules_answer_the_first_questions_of_a_newcomer() -> None:
    texts = play(
        ROOT,
        "config/canned_replies.yaml",
        ("chat", [chat("초코야 안녕!"), chat("하이", "민트")]),
        ("chat", [chat("너 AI야?")]),
        ("donation", [gift(1000, "감자")]),
        ("chat", [chat("누구야")]),
    )
    assert "달빛님, 민트님" in texts[0]
    assert "써 둔 문장" in texts[0]
    assert "인공지능" in texts[1]
    assert "감자님" in texts[2]
    assert "1,000치즈" in texts[2]
    assert "써 둔 문장" in texts[3]


def given_to_others(count: int, tier: str = "") -> Subscription:
    return Subscription(id=f"g{count}", author="달빛", gifts=count, tier=2, tier_name=tier)


def test_subscriptions_given_to_others_are_thanked_with_giver_number_and_tier(tmp_path: Path) -> None:
    batch: tuple[Lane, list[ViewerEvent]] = ("subscription", [given_to_others(5, "치즈냥")])
    assert answers(tmp_path, batch)[0].startswith("달빛님, 치즈냥 구독권 5개 선물 고마워요!")
    rules = RULES + '- {name: give, when: {kind: subscription, gift: true}, lines: ["{name} {tier} {count}"]}\n'
    assert answers(tmp_path, ("subscription", [given_to_others(3)]), rules=rules)[0].startswith("달빛 2티어 3")
    assert answers(tmp_path, ("subscription", [Subscription(id="s", author="달빛", months=3)]), rules=rules)[
        0
    ].startswith("달빛 3개월")


def test_a_donation_whose_amount_could_not_be_read_is_thanked_without_it(tmp_path: Path) -> None:
    assert answers(tmp_path, ("donation", [gift(0)]))[0].startswith("달빛님, 후원 고마워요!")
    shipped = play(ROOT, "config/canned_replies.yaml", *[("donation", [gift(0, name)]) for name in "가나다라"])
    assert all("치즈" not in text for text in shipped[1:])
    assert shipped[1] == "와, 나님 후원이에요! 초콜릿 사 먹어도 되죠?"
