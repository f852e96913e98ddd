"""The marks in a model's text that are not meant for others, as patterns: thoughts, channels, calls, special tokens."""

import re

_THINKS = (
    r"(?:ant)?(?:think(?:ing)?|thoughts?)(?:process)?|reason(?:ing)?|reflect(?:ion)?|reflexion"
    r"|scratch_?pad|analysis|commentary|cot"
    r"|inner[_ -]?(?:thoughts?|voice|monologue)|monologue|chainofthoughts?|ponder(?:ing)?"
    r"|deliberation|critique|plan(?:ning)?|internal|hidden|instructions|system[_ -](?:prompt|reminder|note)"
    r"|(?:생각|추론|사고)(?:과정)?|思考(?:过程|過程)?|推理|分析"
)
_NAME = rf"(?:[a-z][a-z0-9]{{0,11}}[:_|-]){{0,3}}(?:{_THINKS})(?:[:_-][a-z0-9]{{1,16}}){{0,2}}(?:[:_-][a-f0-9]{{32}})?"
_ANY, _LETTER = r"[^<>＜＞◁▷\[\]`\n]", "[a-z0-9_:|생각추론사고과정思考过過程推理分析-]"
"""Within a mark there is no mark."""
_INSIDE = rf"(?={_ANY}{{1,128}}[>＞]){_NAME}(?:[ \t]{_ANY}{{0,80}})?"
_CALL = "(?:[a-z]{1,12}:)?(?:tool_(?:calls?|responses?|results?)|function(?:_calls?)?|invoke)"
_TOOL = "tool[_▁]calls?[_▁](?:section[_▁])?"
"""A call of a tool, which nobody offered: what stands in it is not said."""
_WRAPS = "ai|start|result|message|speech|say|text|content|dialogue|utterance|character"
"""What a model calls an element that holds its answer, where it is no word of a sentence."""
MARK = re.compile(
    rf"(?P<close>[<＜]\|? ?\\{{0,2}}/ ?{_NAME}(?:[ \t]{_ANY}{{0,40}})?\s?\|?[>＞]|</{_NAME}(?=\n[^>])"
    rf"|<\|?(?:end|stop|finish|close)_(?:of_)?{_NAME}\|?>|<\|{_NAME}[_-]end\|>|\[\|?/{_NAME}\|?\]"
    rf"|\[(?:end|stop) (?:of )?{_NAME}\]"
    rf"|◁/{_NAME}▷|<channel\|>|<(?:unused|ctrl)95>|<\|inner_suffix\|>)"
    rf"|(?P<open>[<＜]\|? ?{_INSIDE}\|?[>＞]|\[\|?{_NAME}\|?\]"
    rf"|\[(?:begin|start) (?:of )?{_NAME}\]|◁{_NAME}▷|<\|channel>|<(?:unused|ctrl)94>"
    rf"|<\|inner_prefix\|>|<!--|<details(?: {_ANY}{{0,100}})?>"
    r"|```(?:think(?:ing)?|thoughts?|reasoning)(?=\s))"
    r"|(?P<shut></details>|-->|```(?=[^a-z]))"
    r"|(?P<channel><\|channel\|>)|(?P<message><\|(?:message|content)\|>)|(?P<end><\|(?:end|return|call|flush)\|>)"
    r"|(?P<start><\|(?:start|begin)\|>|<\|im_(?:start|user|assistant|system)\|>|<start_of_turn>|<\|start_header_id\|>|<\|turn>|<\|start_of_role\|>"
    r"|<role>|<special_1[01]>|\[unused_token_146\])"
    r"|(?P<theirs><\|(?:user|human|system|observation|prompter)(?:_token)?\|>|<[|｜](?:user|begin▁of▁sentence)[|｜]>|\[INST\]"
    r"|\[(?:system_prompt|available_tools|tool_results)\]"
    r"|\[\|(?:user|human|system)\|\]|<(?:user|human|viewer|system|시청자)>)|(?P<back></(?:user|human|viewer|system|시청자)>|\[/INST\]"
    r"|\[/(?:system_prompt|available_tools|tool_results)\]|<[|｜](?:assistant|chatbot)(?:_token)?[|｜]>|<(?:assistant|bot)>|\[\|assistant\|\])"
    rf"|(?P<wraps><(?:{_WRAPS})>)"
    r"|(?P<byte><0x[0-9a-f]{2}>)"
    rf"|(?P<called></(?:{_CALL})>|<\|end_action\|>|<\|/(?:{_CALL})\|>|<tool_call\|>|<[|｜]{_TOOL}end[|｜]>)"
    rf"|(?P<call><(?:{_CALL})(?:[ =]{_ANY}{{1,80}})?>|<[|｜]{_TOOL}begin[|｜]>"
    r"|<\|start_action\|>|<\|tool_calls?\|?>|<\|python_tag\|>|\[TOOL_CALLS\])"
    rf"|(?P<drop><{_NAME} ?/>"
    r"|<\\{0,2}/?(?:s|bos|eo[a-z]|endof[a-z]{3,9}|doc|pad|unk|sop|sep|cls|mask|end|stop|blank|endoftext|im_(?:start|end|sep)|special_\d{1,4}"
    r"|(?:begin|start|end|stop|turn|fim|seg)(?:_[a-z]{1,12}){1,3}|(?:[a-z]{1,12}_){1,3}(?:begin|start|end|stop|token)"
    rf"|assistant|bot|answer|response|final(?:_answer)?|output|reply|solution|json|/role|/(?:{_WRAPS})"
    r"|reserved_token_\d{1,4})(?:_token)?/?>"
    r"|\[/?(?:s|eos|bos|pad|unk|gmask|end(?: of text)?|eot|sep|cls|mask|done|stop|assistant|bot|unused_token_\d{1,4})\]"
    r"|\[/?(?:final(?:_answer)?|answer|response)\]|<</?sys>>"
    r"|<\|[a-z_]{1,24}>|<[a-z_]{1,24}\|>"
    r"|<[|｜][^<>＜＞◁▷\[\]`|｜\n]{1,40}[|｜]>"
    r"|\[\|[^<>＜＞◁▷\[\]`|\n]{1,24}\|\]"
    r"|<(?:unused|ctrl)\d{1,4}>|<extra_id_\d{1,3}>)",
    re.IGNORECASE | re.ASCII,
)
OPEN_MARK = re.compile(
    rf"(?:<</?[a-z]{{0,6}}>?|<!-{{0,2}}|--?"
    rf"|[<＜](?: ?\\{{0,2}}[a-z/|｜0생추사시思推分]{_ANY}{{0,130}}\s?| ?\\{{0,2}})?"
    rf"|◁/?{_LETTER}{{0,124}}"
    rf"|\[[|/]{{0,2}}(?:(?:begin|start|end|stop) (?:of )?)?{_LETTER}{{0,124}}\|?"
    r"|\[\|[^<>＜＞◁▷\[\]`|\n]{0,24}\|?|`{1,3}[a-z]{0,9}|&[a-z#0-9]{0,4})\Z",
    re.IGNORECASE | re.ASCII,
)
"""What may become a mark; every mark is at most this long."""
LAST_MARK = re.compile(
    r"</s>|\[eos\]|<eo[st]>|<\|?(?:endoftext|end_of_text|im_end|eot_id|end_of_turn)\|?>|<[|｜]end▁of▁sentence[|｜]>"
    r"|\[\|endofturn\|\]",
    re.IGNORECASE,
)
"""Marks of the end: what follows on the same line begins a line of its own, and so may be somebody else's turn."""
SPECIAL = re.compile(r"<[|｜]|</|＜/|\[[|/]|◁|<[a-z]{1,8}_", re.IGNORECASE)
"""Text that ends like this ends in the middle of a mark."""
TRIGGERS = frozenset("<[◁＜`▁ĠĊ\0&\r")
THINKING = re.compile(rf"(?<![a-z])(?:{_THINKS})(?![a-z])")
