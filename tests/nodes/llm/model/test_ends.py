import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.llm._model.ends import Ends

NAMES = ("하늘", "a")


def read(text: str, sizes: list[int] | None = None, most: int = 300) -> tuple[str, str]:
    ends, found = Ends(most, NAMES, ("happy", "sad", "angry"), ("초코",)), ""
    for size in sizes or []:
        found += ends.push(text[:size])
        text = text[size:]
    found += ends.push(text)
    found += ends.push("", ended=True)
    return found, ends.why


WORDS = ("하늘이", "바다가", "노래가", "그림이", "라면이", "김밥이", "고양이가", "날씨가", "방송이", "게임이", "영화가")
LONG = "".join(f"{word} {other} 옆에 있는 문장이에요. " for word in WORDS for other in WORDS[:4])
CASES = [
    ("안녕!\n오늘은 뭐 해요?", "안녕!\n오늘은 뭐 해요?", ""),
    ('안녕!\n{"n":2,"u":"가","t":"뭐해?"}', "안녕!", "turn"),
    ('안녕! {"u":"가","t":"뭐해?"} 네', "안녕! ", "turn"),
    ('안녕!\n[{ "n" : 2, "u": "가"}]', "안녕!", "turn"),
    ('안녕!\n```json\n{"n":2}', "안녕!", "turn"),
    ('안녕!\n{n:2,u:"가"}', "안녕!", "turn"),
    ('안녕!\n"n":2,"u":"가"', "안녕!", "turn"),
    ('안녕!\n{"n"', "안녕!\n", ""),
    ("안녕!\n---\nUser: 뭐해?", "안녕!", "turn"),
    ('안녕!\n```py\nx = {"a": 1}\n```\n네', "안녕!\n\n네", ""),
    ("```c++\nint a;\n```\n안녕!", "안녕!", ""),
    ("안녕!\n```tool_code\nprint(1)\n``", "안녕!\n", ""),
    ("안녕!\n```json\n네\n```", "안녕!\n네\n", ""),
    ('안녕!\n{\n  "n": 2,\n  "u": "가"\n}', "안녕!", "turn"),
    ('안녕!\n[\n  {\n    "id": 3, "t": "x"}]', "안녕!", "turn"),
    ('안녕!\n{"message":"뭐해?","user":"가"}', "안녕!", "turn"),
    ("안녕!\n{ 웃음 }", "안녕!\n{ 웃음 }", ""),
    ("안녕!\nYou: 뭐해?", "안녕!", "turn"),
    ("안녕!\n나: 뭐해?", "안녕!", "turn"),
    ("나 오늘 기분 좋아요: 정말", "나 오늘 기분 좋아요: 정말", ""),
    ("안녕!\n다음 질문: 뭐해?", "안녕!", "turn"),
    ("안녕!\nNext message: 뭐해?", "안녕!", "turn"),
    ("안녕!\n익명의 시청자: 뭐해?", "안녕!", "turn"),
    ("안녕!\n다른 노래: 밤편지", "안녕!\n다른 노래: 밤편지", ""),
    ("안녕!\n[2] 하늘: 뭐해?", "안녕!", "turn"),
    ("안녕!\n하늘 - 뭐해?", "안녕!", "turn"),
    ("안녕!\n“하늘”: 뭐해?", "안녕!", "turn"),
    ("안녕!\n하늘 님이 말합니다: 뭐해?", "안녕!", "turn"),
    ("안녕!\n하늘의 질문: 뭐해?", "안녕!", "turn"),
    ("안녕!\n하늘이 말하길 예쁘대요", "안녕!\n하늘이 말하길 예쁘대요", ""),
    ("안녕!\n[chat] 하늘: 뭐해?", "안녕!", "turn"),
    ("안녕!\n[12:01] 하늘: 뭐해?", "안녕!", "turn"),
    ("안녕!\n12:01:30 하늘: 뭐해?", "안녕!", "turn"),
    ("안녕!\n(오후 9:05) 하늘: 뭐해?", "안녕!", "turn"),
    ("안녕!\n[12:01] 시청자: 뭐해?", "안녕!", "turn"),
    ("안녕!\n💬 하늘: 뭐해?", "안녕!", "turn"),
    ("안녕!\n`하늘`: 뭐해?", "안녕!", "turn"),
    ("안녕!\n하늘 says: 뭐해?", "안녕!", "turn"),
    ("안녕!\n하늘님이 물었습니다: 뭐해?", "안녕!", "turn"),
    ("안녕!\n하늘이 물어보셨어요: 뭐해?", "안녕!", "turn"),
    ("안녕!\n12:30에 봐요!", "안녕!\n12:30에 봐요!", ""),
    ("안녕!\n오후 3:00 방송: 노래!", "안녕!\n오후 3:00 방송: 노래!", ""),
    ("안녕!\n[9:30] 시작해요", "안녕!\n[9:30] 시작해요", ""),
    ("안녕!\n하늘 say yes라고 해요", "안녕!\n하늘 say yes라고 해요", ""),
    ("안녕!\n시청자 닉네임: 뭐해?", "안녕!", "turn"),
    ("안녕!\n시청자(하늘): 뭐해?", "안녕!", "turn"),
    ("안녕!\n시청자 여러분: 안녕!", "안녕!\n시청자 여러분: 안녕!", ""),
    ("안녕!\n[하늘] 뭐해?", "안녕!", "turn"),
    ("안녕!\n1. 하늘: 뭐해?", "안녕!", "turn"),
    ("안녕!\n@하늘: 뭐해?", "안녕!", "turn"),
    ("안녕!\n하늘> 뭐해?", "안녕!", "turn"),
    ("안녕!\n### Instruction:\n뭐해?", "안녕!", "turn"),
    ("안녕!### Instruction\n뭐해?", "안녕!", "turn"),
    ("안녕!\n## User\n뭐해?", "안녕!", "turn"),
    ("안녕!\n질문: 뭐해?", "안녕!", "turn"),
    ("안녕!user\n뭐해?", "안녕!", "turn"),
    ("안녕!assistant\n\n안녕!", "안녕!", "turn"),
    ("안녕!\nuser\n뭐해?", "안녕!", "turn"),
    ("assistant\n\n안녕!", "안녕!", ""),
    ("Thought: The user greets.\nFinal Answer: 안녕!", "안녕!", ""),
    ("### Reasoning\nThe user greets.\n### Response\n안녕!", "안녕!", ""),
    ("초코: 안녕!", "안녕!", ""),
    ("[초코] 안녕!", "안녕!", ""),
    ("**초코**: 안녕!", "안녕!", ""),
    ("초코예요! 안녕!", "초코예요! 안녕!", ""),
    ("안녕!\n초코: 또 봐요.", "안녕!", "turn"),
    ("User: 뭐해?\n초코: 놀아요!", "놀아요!", ""),
    ("안녕!\n시청자- 뭐해?", "안녕!", "turn"),
    ("안녕!\n\n: 뭐해?\n\n: 놀아요!", "안녕!", "turn"),
    ("안녕!\n:)\n: D 네", "안녕!\n:)\n: D 네", ""),
    ("안녕!\n:\n네", "안녕!\n:\n네", ""),
    ("안녕!\n시청자 수- 많네요", "안녕!\n시청자 수- 많네요", ""),
    ("(생각: 인사하자)\n안녕!", "안녕!", ""),
    ('a":: "::안녕!', ': "::안녕!', ""),
    ("user interface가 좋아요", "user interface가 좋아요", ""),
    ("노래 제목: 밤편지\n가수: 아이유", "노래 제목: 밤편지\n가수: 아이유", ""),
    ("😊 [sad] 네", "😊 [sad] 네", ""),
    ("[happy] 안녕! [sad]네 <angry>[/sad]", "안녕! [sad]네 [angry]", ""),
    ('안녕!{"emotion":"sad","response":"또"}', "안녕!", "turn"),
    ('{"n":1,"u":"가"}\n안녕!', "안녕!", ""),
    ("안녕! {웃음} 네", "안녕! {웃음} 네", ""),
    ("안녕!\nUser: 뭐해?\nAssistant: 놀아", "안녕!", "turn"),
    ("안녕!\n시청자: 뭐해?", "안녕!", "turn"),
    ("안녕!\n시청자2: 뭐해?", "안녕!", "turn"),
    ("안녕!\n시청자님: 뭐해?", "안녕!", "turn"),
    ("안녕!\n**User:** 뭐해?", "안녕!", "turn"),
    ("안녕!\n### Human: 뭐해?", "안녕!", "turn"),
    ("안녕!\n[시청자]: 뭐해?", "안녕!", "turn"),
    ("안녕!\nuser> 뭐해?", "안녕!", "turn"),
    ("안녕!\n하늘: 뭐해?", "안녕!", "turn"),
    ("안녕!\n하늘님: 뭐해?", "안녕!", "turn"),
    ("안녕!\n하늘이 예뻐요: 정말", "안녕!\n하늘이 예뻐요: 정말", ""),
    ("안녕! 시청자: 여러분", "안녕! 시청자: 여러분", ""),
    ("Assistant: 안녕!", "안녕!", ""),
    ("**AI:** 안녕!", "안녕!", ""),
    ("User: 뭐해?\nAssistant: 놀아요!", "놀아요!", ""),
    ("User: 뭐해?", "", ""),
    ("좋아요! " * 60, "좋아요! 좋아요! ", "loop"),
    ("오늘은 정말 좋네요. 그렇죠? " * 20, "오늘은 정말 좋네요. 그렇죠? 오늘은 정말 좋네요. 그렇죠? ", "loop"),
    ("네! 네! 네! 알겠어요.", "네! 네! 네! 알겠어요.", ""),
    ("하하하! 하하하! 재밌네요!! 하하하!", "하하하! 하하하! 재밌네요!! 하하하!", ""),
    ("좋아요 " * 60, "좋아요 " * 10, "loop"),
    ("진짜 진짜 진짜 좋아요", "진짜 진짜 진짜 좋아요", ""),
    ("좋아요" * 60, ("좋아요" * 60)[:80], "loop"),
    ("ㅋ" * 100, "ㅋ" * 100, ""),
    ("아" * 500, "아" * 140, "loop"),
    ("네 " * 200, "네 " * 30, "loop"),
    ("안녕" + "!" * 200, "안녕" + "!" * 81, "loop"),
    ("네! 네! 네! 네! 네! 알겠습니다!", "네! 네! 네! 네! 네! 알겠습니다!", ""),
    ("대한민국 파이팅! " * 4 + "다 같이!", "대한민국 파이팅! " * 4 + "다 같이!", ""),
    ("짝짝짝 짝짝! 멋져! " * 4, "짝짝짝 짝짝! 멋져! " * 4, ""),
    ("대한민국 파이팅! " * 9, "대한민국 파이팅! 대한민국 파이팅! ", "loop"),
    ('설정에 {"volume": 5} 라고 쓰면 돼요.', '설정에 {"volume": 5} 라고 쓰면 돼요.', ""),
    ('파일은 {"이름": "초코", "age": 3} 이래요. 쉽죠?', '파일은 {"이름": "초코", "age": 3} 이래요. 쉽죠?', ""),
    ('설정은 {"volume": 5} {"u":"가","t":"뭐해?"} 네', '설정은 {"volume": 5} ', "turn"),
    ('안녕! {"message":"뭐해?","user":"가"} 네', "안녕! ", "turn"),
    ('안녕! {"name":"wave","arguments":{}} 네', "안녕! ", "turn"),
    ('안녕!\n{"volume": 5}', "안녕!", "turn"),
    ("점수는\n하늘: 3점\n초코: 2점!\n이에요!", "점수는\n하늘: 3점\n초코: 2점!\n이에요!", ""),
    ("순위예요!\n하늘: 45%", "순위예요!\n하늘: 45%", ""),
    ("안녕!\n하늘: 3점 맞아요?\n네", "안녕!", "turn"),
    ("안녕!\n하늘: 3\n네", "안녕!", "turn"),
    ("안녕!\n하늘:", "안녕!", "turn"),
    ("질문: 오늘 뭐 먹어? 답은 라면!", "질문: 오늘 뭐 먹어? 답은 라면!", ""),
    ("설명: 퍼즐 게임이에요.\n규칙: 세 개 모아요.", "설명: 퍼즐 게임이에요.\n규칙: 세 개 모아요.", ""),
    ("설명: 인사한다.\n답변: 안녕!", "안녕!", ""),
    ("질문: 뭐해?\n하늘: 나도 궁금해", "질문: 뭐해?", "turn"),
    ("설명: The viewer greets.", "", ""),
    ("시청자 의견: 민초 맛있다! 인정해요.", "시청자 의견: 민초 맛있다! 인정해요.", ""),
    ("시청자 수: 100명! 와!", "시청자 수: 100명! 와!", ""),
    ("구독자: 100명 돌파!\n고마워요!", "구독자: 100명 돌파!\n고마워요!", ""),
    ("지금은요\n구독자: 1천명\n후원자: 10명", "지금은요\n구독자: 1천명\n후원자: 10명", ""),
    ("하늘님: 안녕!\n가을님: 반가워요!", "하늘님: 안녕!\n가을님: 반가워요!", ""),
    ("하늘님: 안녕!\n하늘님: 반가워요!", "하늘님: 안녕!\n하늘님: 반가워요!", ""),
    ("두 분께 답할게요!\n하늘님: 네.\n초코: 네.", "두 분께 답할게요!\n하늘님: 네.\n초코: 네.", ""),
    ("채팅 읽어 볼게요.\n하늘: 뭐 해요?\n노래요!", "채팅 읽어 볼게요.\n하늘: 뭐 해요?\n노래요!", ""),
    ("채팅 읽어 볼게요.\nUser: 뭐 해요?", "채팅 읽어 볼게요.", "turn"),
    ("어제요.\n친구: 뭐해?\n나: 방송", "어제요.\n친구: 뭐해?\n나: 방송", ""),
    ("맞는 것은?\nA: 1번\nB: 2번", "맞는 것은?\nA: 1번\nB: 2번", ""),
    ('읽을게요!\n"하늘: 최고!"\n고마워요!', '읽을게요!\n"하늘: 최고!"\n고마워요!', ""),
    ("하늘: 뭐해?\n초코: 놀아요!", "놀아요!", ""),
    ("안녕!\n별빛: 뭐해?\n초코: 놀아요!", "안녕!", "turn"),
    ("안녕~\n초코: 놀아요!", "안녕~", "turn"),
    ("오늘의 노래: 봄날\n좋죠?", "오늘의 노래: 봄날\n좋죠?", ""),
    ('{"n":1,"u":"가"} 안녕!', "안녕!", ""),
    ('{"n":1,"u":"가"}\n초코: 안녕!', "안녕!", ""),
    ("휴방이에요. 참고: 모레는 8시예요!", "휴방이에요. 참고: 모레는 8시예요!", ""),
    ("휴방이에요.\n참고: 모레는 쉬어요", "휴방이에요.\n참고: 모레는 쉬어요", ""),
    ("안녕! 참고: 짧게 답했습니다. 네", "안녕! ", "turn"),
    ("안녕! 참고: 짧게 답함", "안녕! ", "turn"),
    ("Okay, I answer in Korean! 한국어로 답할게요.", "Okay, I answer in Korean! 한국어로 답할게요.", ""),
    ("가즈아! " * 8, "가즈아! " * 8, ""),
    ("우리 모두 함께 정말 축하해요! " * 3, "우리 모두 함께 정말 축하해요! " * 3, ""),
    ("ㅋㅋㅋ " * 20 + "웃겨요", "ㅋㅋㅋ " * 20 + "웃겨요", ""),
    ("no " * 12 + "안 돼요", "no " * 12 + "안 돼요", ""),
    ("".join(f"{number}! " for number in range(1, 21)), "".join(f"{number}! " for number in range(1, 21)), ""),
    ("((OOC: 인사)) 안녕!", "안녕!", ""),
    ("[System note: 인사]\n안녕!", "안녕!", ""),
    ("안녕! (OOC: 짧게)", "안녕! ", "turn"),
    ("안녕!\n[System note: short]", "안녕!", "turn"),
    ("USER: 뭐해? ASSISTANT: 놀아요!", "놀아요!", ""),
    ("안녕! USER: 뭐해?", "안녕! ", "turn"),
    ("GPT4 Correct Assistant: 안녕!", "안녕!", ""),
    ("**analysis**\nThe viewer greets.\n**final**\n안녕!", "안녕!", ""),
    (": 안녕!", "안녕!", ""),
    ("안녕!\n하늘 | 뭐해?", "안녕!", "turn"),
    ("안녕!\n하늘 » 뭐해?", "안녕!", "turn"),
    ("안녕!\n하늘 said: 뭐해?", "안녕!", "turn"),
    ("안녕!\n### 하늘\n뭐해?", "안녕!", "turn"),
    ("안녕!\n視聴者: 何?", "안녕!", "turn"),
    ("안녕!\n[시스템] x", "안녕!", "turn"),
    ("안녕!\nTurn 2\nUser: 뭐해?", "안녕!", "turn"),
    ("안녕!\n# 다음 대화\n하늘: 뭐해?", "안녕!", "turn"),
    ("안녕!\n[새로운 메시지]\n하늘: 뭐해?", "안녕!", "turn"),
    ("안녕!\n(대화 끝)", "안녕!", "turn"),
    ("안녕!\nEnd of response.", "안녕!", "turn"),
    ("안녕!\n(새로운 게임) 해요", "안녕!\n(새로운 게임) 해요", ""),
    ("안녕!\n대화 2시간 했어요", "안녕!\n대화 2시간 했어요", ""),
    ("1등! 2등! 3등! 4등!", "1등! 2등! 3등! 4등!", ""),
    ("1, 2, 3, 4, 5, 6, 7, 8, 9, 10!", "1, 2, 3, 4, 5, 6, 7, 8, 9, 10!", ""),
]


@pytest.mark.parametrize(("written", "said", "why"), CASES)
def test_an_answer_ends_before_what_is_not_its_own(written: str, said: str, why: str) -> None:
    assert read(written) == (said, why)
    assert read(written, [1] * len(written)) == (said, why)


def test_a_long_answer_ends_with_a_whole_sentence() -> None:
    said, why = read(LONG, [1] * len(LONG))
    assert why == "long"
    assert 150 < len(said) <= 300
    assert said.rstrip().endswith("문장이에요.")
    assert LONG.startswith(said)
    word = "".join(chr(0xAC00 + number * 37) for number in range(300))
    assert read(word + "가나다") == (word, "long")
    assert read(word[:299] + " 나다", most=300)[0] == word[:299]


@pytest.mark.parametrize(
    "written",
    [
        "".join(f"오늘은 {number}번째예요. " for number in range(60)),
        "".join("좋아" + "요" * number + "! " for number in range(1, 40)),
        "".join("정말 " * number + "좋아요. " for number in range(1, 20)),
        "".join(f"{number}. 좋아요\n" for number in range(60)),
        "".join(f"사과가 {number}개, " for number in range(60)),
        "안녕하세요 여러분 오늘도 방송에 와 주셔서 정말 감사합니다 " * 10,
        "나는 좋아. 너도 좋아. 우리 좋아. 모두 좋아. 다시 좋아. " * 9,
    ],
)
def test_what_counts_or_grows_without_end_is_a_loop(written: str) -> None:
    said, why = read(written)
    assert why == "loop"
    assert written.startswith(said)
    assert len(said) < len(written) / 2


def test_a_summary_tells_of_people_line_by_line() -> None:
    told = "- 시청자 하늘: 라면을 좋아함\n- 방송인: 노래를 약속함"
    for sizes in ([], [1] * len(told)):
        ends, found, left = Ends(300, None), "", told
        for size in [*sizes, len(told)]:
            found, left = found + ends.push(left[:size]), left[size:]
        assert found + ends.push("", ended=True) == told
        assert ends.why == ""
    ends = Ends(300, None)
    assert ends.push("라면을 좋아함\nUser: 뭐해?", ended=True) == "라면을 좋아함"


@given(st.sampled_from([*(written for written, _, _ in CASES), LONG]), st.lists(st.integers(1, 40), max_size=80))
def test_how_it_is_cut_changes_nothing(written: str, sizes: list[int]) -> None:
    assert read(written, sizes) == read(written)


@given(st.text(alphabet='가나 .!\n\r:{}"nuse하늘', max_size=120), st.lists(st.integers(1, 9), max_size=60))
def test_no_text_breaks_it(text: str, sizes: list[int]) -> None:
    assert read(text, sizes, most=60) == read(text, most=60)
