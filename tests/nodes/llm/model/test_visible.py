"""What servers leave of thoughts, channels and templates in a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.llm._model.marks import MARK
from nodes.llm._model.visible import Visible

HARMONY = "<|channel|>analysis<|message|>The user greets.<|end|><|start|>assistant<|channel|>final<|message|>"
CASES = [
    ("안녕!", "안녕!"),
    ("The user greets.</think>안녕!", "안녕!"),
    ("첫 생각</think>둘째 생각</think>안녕!", "안녕!"),
    ("<think>음</think>안녕!", "안녕!"),
    ("<thinking>음</thinking>안녕!", "안녕!"),
    ("<THINK>음</Think>안녕!", "안녕!"),
    ("<thought>음</thought>안녕!", "안녕!"),
    ("<reasoning>음</reasoning>안녕!", "안녕!"),
    ("[THINK]음[/THINK]안녕!", "안녕!"),
    ("◁think▷음◁/think▷안녕!", "안녕!"),
    ("<mm:think>음</mm:think>안녕!", "안녕!"),
    ("<seed:think>음</seed:think>안녕!", "안녕!"),
    ("<|channel>thought\n음<channel|>안녕!", "안녕!"),
    ("<unused94>thought 음<unused95>안녕!", "안녕!"),
    ("<|begin_of_thought|>음<|end_of_thought|>안녕!", "안녕!"),
    ("<|START_THINKING|>음<|END_THINKING|>안녕!", "안녕!"),
    ("<|thinking|>음<|/thinking|>안녕!", "안녕!"),
    ("[reasoning]음[/reasoning]안녕!", "안녕!"),
    ("안녕!<|endoftext|>Human: 뭐해?", "안녕!\nHuman: 뭐해?"),
    ("안녕!</s> 또 봐요.<|im_end|>", "안녕!\n또 봐요."),
    ('<minimax:tool_call><invoke name="x"></invoke></minimax:tool_call>안녕!', "안녕!"),
    ("＜think＞음＜/think＞안녕!", "안녕!"),
    ("< think >음</ think >안녕!", "안녕!"),
    ("<think type='deep' id=\"1\">음</think>안녕!", "안녕!"),
    ("<think>겉<think>속</think>겉</think>안녕!", "안녕!"),
    ("<think/>안녕!", "안녕!"),
    ('<details type="reasoning" done="true"><summary>2 s</summary>음</details>안녕!', "안녕!"),
    ("```thinking\n음\n```\n안녕!", "안녕!"),
    ("<|inner_prefix|>음<|inner_suffix|>안녕!", "안녕!"),
    ("<start_of_thought>음<end_of_thought>안녕!", "안녕!"),
    ("<|begin_thinking|>음<|finish_thinking|>안녕!", "안녕!"),
    ("<thoughtprocess>음</thoughtprocess>안녕!", "안녕!"),
    ("<ctrl94>thought\n음<ctrl95>안녕!<ctrl46>", "안녕!"),
    ("<思考>음</思考>안녕!", "안녕!"),
    ("음</思考过程>안녕!", "안녕!"),
    ("<생각 과정>음</생각 과정>안녕!", "안녕!"),
    ("<사고과정>음</사고과정>안녕!", "안녕!"),
    ("<Thought Process>음</Thought Process>안녕!", "안녕!"),
    ("<o1_thought>음</o1_thought>안녕!", "안녕!"),
    ("<ifm|think>음</ifm|think>안녕!", "안녕!"),
    ("[BEGIN THINKING]음[END THINKING]안녕!", "안녕!"),
    ("[start of thought]음[end of thought]안녕!", "안녕!"),
    ("[begin 방송] 안녕!", "[begin 방송] 안녕!"),
    ("<|channel|>analysis<|message|>음<|end|>안녕!", "안녕!"),
    ("<|channel|>analysis<|message|>음<|end|>assistantfinal안녕!", "안녕!"),
    ("<|im_assistant|>assistant<|im_middle|>안녕!<|im_end|>", "안녕!"),
    ("<|im_assistant|>안녕!", "안녕!"),
    ("안녕!<|im_user|>user<|im_middle|>뭐해?", "안녕!"),
    ("<|im_start|>ok 안녕!", "ok 안녕!"),
    ("<|im_start|>안녕!<|im_end|>", "안녕!"),
    ("안녕!<|tool_response><|turn><tool_response|>", "안녕!"),
    ("안녕!<|tool_call>call:x{}<tool_call|>", "안녕!"),
    ("<<SYS>>안녕!<</SYS>>[/ASSISTANT]</doc><endofturn>", "안녕!"),
    ("a << b <<c>> d", "a << b <<c>> d"),
    ("<details><summary>Thinking</summary>음</details>안녕!", "안녕!"),
    ("&lt;think&gt;음&lt;/think&gt;안녕! &lt;3 &quot;x&quot; &amp", '안녕! <3 "x" &amp'),
    ("<think>음<\\/think>안녕!<\\/s>", "안녕!"),
    ("<think>음</think\n>안녕!", "안녕!"),
    ("<|channel|>thought<|message|>음<|end|><|channel|>final<|message|>안녕!", "안녕!"),
    ("<|channel|>analysis 음 assistantfinal안녕!", "안녕!"),
    ("analysis\nThe user greets.\nfinal\n안녕!", "안녕!"),
    ("<s> [INST] 뭐해 [/INST] 안녕!", "안녕!"),
    ("안녕!<eoa><eog><stop><turn_end><fim_middle><seg_end><end_of_response><endoftext>", "안녕!"),
    ("안녕!<end_of_tu", "안녕!"),
    ("The user greets.<|channel|>final<|message|>안녕!", "안녕!"),
    ("안녕! <think>다음엔?</think>반가워.", "안녕! 반가워."),
    ("<think>끝없는 생각", ""),
    (HARMONY + "안녕!", "안녕!"),
    (HARMONY + "안녕!<|return|>", "안녕!"),
    (HARMONY.replace("final<", "final <|constrain|>json<") + "{}<|return|>", "{}"),
    (HARMONY.removeprefix("<|channel|>") + "안녕!", "안녕!"),
    ("<|channel|>commentary to=functions.x<|message|>{}<|call|>" + HARMONY + "안녕!", "안녕!"),
    ("<|start|>assistant<|message|>안녕!<|end|>", "안녕!"),
    ("<|channel|>final안녕!", "안녕!"),
    ("<|channel|>analysis생각만 했다", ""),
    ("analysisThe user greets.assistantfinal안녕!", "안녕!"),
    ("analysisThe user greets.", ""),
    ("assistantfinal안녕!", "안녕!"),
    ("final안녕!", "안녕!"),
    ("안녕!<|END_OF_TURN_TOKEN|><|START_OF_TURN_TOKEN|><|USER_TOKEN|>뭐해?", "안녕!"),
    ("final<|message|>안녕!", "안녕!"),
    ("analysis<|message|>음<|end|>final<|message|>안녕!", "안녕!"),
    ("finally", "finally"),
    ("analysis라는 단어는 분석이에요.", "analysis라는 단어는 분석이에요."),
    ("analysis는 분석이에요.", "analysis는 분석이에요."),
    ("commentary란 해설이에요.", "commentary란 해설이에요."),
    ("final! 드디어 마지막이에요.", "final! 드디어 마지막이에요."),
    ("final은 마지막이에요.", "final은 마지막이에요."),
    ("final, 이제 끝!", "final, 이제 끝!"),
    ("analysis이 시청자는 인사한다.assistantfinal안녕!", "안녕!"),
    ("analysis도네이션에 답하자.assistantfinal안녕!", "안녕!"),
    ("final이제 시작해요!", "이제 시작해요!"),
    ("final", ""),
    ("> Thinking…\n> 음\n>\n> 인사하자.\n\n안녕!", "안녕!"),
    ("> *Thinking...*\n> 음\n안녕!\n> 네", "안녕!\n> 네"),
    ("> 안녕!", "> 안녕!"),
    ("> Thinking about you", "> Thinking about you"),
    ("an apple", "an apple"),
    ("</s>안녕!</s>", "안녕!"),
    ("안녕!<end_of_turn>", "안녕!"),
    ("안녕!<|im_end|>", "안녕!"),
    ("안녕!<|eot_id|><|endoftext|>", "안녕!"),
    ("안녕!<｜end▁of▁sentence｜>", "안녕!"),
    ("안녕![EOS]", "안녕!"),
    ("안녕![/s]<eod><SPECIAL_12><im_end></eos>[DONE]", "안녕!"),
    ("[|assistant|]안녕![|endofturn|]", "안녕!"),
    ("안녕!▁반가워요.\0", "안녕! 반가워요."),
    ("안녕!<0x0A>반가워요.", "안녕!\n반가워요."),
    ("<0xEC><0x95><0x88>녕<0xF0>", "안녕"),
    ("안녕!<user>뭐해?</user>", "안녕!"),
    ("<user>뭐해?</user>안녕!", "안녕!"),
    ("안녕!<|message|>", "안녕!"),
    ("a ``` b", "a ``` b"),
    ("<answer>안녕!</answer>", "안녕!"),
    ("<|im_start|>assistant\n안녕!<|im_end|>", "안녕!"),
    ("<start_of_turn>model\n안녕!", "안녕!"),
    ("<|start_header_id|>assistant<|end_header_id|>\n\n안녕!", "안녕!"),
    ("<|start_of_role|>assistant", ""),
    ("<|im_start|>user\n뭐해?<|im_end|><|im_start|>assistant\n놀아요!", "놀아요!"),
    ("안녕!<|im_end|><|im_start|>user\n뭐해?", "안녕!"),
    ("안녕!<end_of_turn><start_of_turn>user\n뭐해?", "안녕!"),
    ("안녕!</s>[INST] 뭐해? [/INST] 놀아요", "안녕!"),
    ("안녕!<|user|>뭐해?<|assistant|>놀아요", "안녕!"),
    ("안녕!<|start|>user<|message|>뭐해?", "안녕!"),
    ("<3 사랑해요 3 < 5 [x] {y}", "<3 사랑해요 3 < 5 [x] {y}"),
    ("안녕 </thi", "안녕 "),
    ("안녕 <love", "안녕 <love"),
    ("<|begin|>assistant<|think|>음<|end|><|begin|>assistant<|content|>안녕!<|flush|>", "안녕!"),
    ("<|im_start|>assistant/think\n음<|im_end|>\n<|im_start|>assistant\n안녕!<|im_end|>", "안녕!"),
    ("<role>ASSISTANT</role>안녕!<|role_end|><role>HUMAN</role>뭐해?", "안녕!"),
    ("<SPECIAL_10>Assistant\n안녕!<SPECIAL_11>User\n뭐해?", "안녕!"),
    ("[UNUSED_TOKEN_146]assistant\n안녕![UNUSED_TOKEN_145]", "안녕!"),
    ("<|user|>\n뭐해?<|assistant|>\n안녕!", "안녕!"),
    ("<｜User｜>뭐해?<｜Assistant｜>안녕!", "안녕!"),
    ("<|prompter|>뭐해?<|assistant|>안녕!", "안녕!"),
    ("<human>뭐해?\n<bot>안녕!", "안녕!"),
    ("[SYSTEM_PROMPT]x[/SYSTEM_PROMPT][TOOL_RESULTS]y[/TOOL_RESULTS]안녕!", "안녕!"),
    ("<|START_ACTION|>[]<|END_ACTION|>안녕!", "안녕!"),
    ("<!-- 인사하자 -->안녕!<!-- 끝 -->", "안녕!"),
    ("A --> B - 네", "A --> B - 네"),
    ("<system-reminder>음</system-reminder><hidden>음</hidden>안녕!", "안녕!"),
    ("<inner monologue>음</inner monologue>안녕!", "안녕!"),
    ("<think>음\n</think\n안녕!", "안녕!"),
    ("<say>안녕!</say>", "안녕!"),
    ("<mood>happy</mood><speech>안녕!</speech>", "<mood>happy</mood>안녕!"),
    ("노래 <Say> 부를게요", "노래 <Say> 부를게요"),
    ("안녕!\n<시청자>뭐해?</시청자>", "안녕!"),
    ("[final]안녕![/final] [end of text]", "안녕!"),
    ("<START>안녕!<reserved_token_1>", "안녕!"),
    ("", ""),
]


def one(text: str, sizes: list[int]) -> str:
    reading, found, left = Visible(), "", text
    for size in [*sizes, len(text) + 1]:
        stretches, left = reading.push(left[:size]), left[size:]
        found = _joined(found, stretches)
    return _joined(found, reading.end())


def _joined(found: str, stretches: list[str]) -> str:
    return found + stretches[0] if len(stretches) == 1 else stretches[-1]


@pytest.mark.parametrize(("written", "seen"), CASES)
def test_only_what_is_for_others_is_left_in_one_piece_and_letter_by_letter(written: str, seen: str) -> None:
    assert one(written, []).strip() == seen.strip()
    assert one(written, [1] * len(written)) == one(written, [])


@pytest.mark.parametrize(
    "name",
    [
        *("thinking_process", "chain-of-thought", "longcat_think", "antThinking", "internal_reasoning", "my_thoughts"),
        *(
            "think_never_used_51bce0c785ca2f68081bfa7d91973934",
            "seed:cot_budget_reflect",
            "생각",
            "plan",
            "THINKING_MODE",
        ),
    ],
)
def test_a_thought_has_many_names_and_its_opening_mark_may_be_missing(name: str) -> None:
    for text in (f"<{name}>음</{name}>안녕!", f"음</{name}>안녕!"):
        assert one(text, []) == one(text, [1] * len(text)) == "안녕!"


@given(st.sampled_from([written for written, _ in CASES]), st.lists(st.integers(1, 20), max_size=60))
def test_how_a_text_is_cut_changes_nothing(written: str, sizes: list[int]) -> None:
    assert one(written, sizes) == one(written, [])


MARKS = ["<think>", "</think>", "<|channel|>", "final", "analysis", "<|message|>", "<|end|>", "<|im_start|>", "user\n"]


@given(st.lists(st.sampled_from([*MARKS, "안녕", "<", "[", "a", " ", "</s>"]), max_size=12))
def test_no_row_of_marks_breaks_it_and_cutting_changes_nothing(parts: list[str]) -> None:
    text = "".join(parts)
    assert one(text, [1] * len(text)) == one(text, [])


@given(st.from_regex(MARK), st.sampled_from(["", "안녕!", "안녕!</think>", "<|", "[|"]))
def test_every_mark_is_the_same_letter_by_letter(mark: str, before: str) -> None:
    text = f"{before}{mark}반가워요."
    assert one(text, [1] * len(text)) == one(text, [])


def test_thoughts_are_told_apart_from_none() -> None:
    for text, thoughts in (
        ("안녕!", False),
        ("<think>음</think>안녕!", True),
        ("음</think>안녕!", True),
        (HARMONY, True),
        ("<|im_start|>system\n짧게<|im_end|><|im_start|>assistant\n안녕!", False),
        ("<user>뭐해?</user>안녕!", False),
        ("안녕!<|end|>뭐해?", False),
    ):
        for pieces in ([text], list(text)):
            reading = Visible()
            for piece in pieces:
                reading.push(piece)
            reading.end()
            assert reading.thoughts is thoughts
