"""The exam of ``llm.reply``: the key, each model's first words in time, and how much may still be asked."""

from collections.abc import Mapping, Sequence

from nodes.exams import Finding, Probe, exam
from nodes.llm._memory.prompt import Message, Prompt
from nodes.llm._model.chat_api import ChatApi
from nodes.llm._model.chat_wire import Refused
from nodes.llm._settings import Reply
from nodes.llm.reply import NO_KEY, WHY, WRONG_KEY

ASKED = Prompt((Message("system", "한 단어로 대답한다."), Message("user", "안녕")), 40)
ANSWER_TOKENS = 64
"""A model that thinks before it speaks needs some for that."""
USED_UP = "한도가 찰 때까지 기다리거나, second_model을 쓰거나, 유료 요금제로 바꾸세요 (wait, or use second_model)"
FEW = 0.1
"""Part of what the server allows, below which a show is soon without answers."""


@exam("llm.reply", within_s=12.0)
async def reply(config: Reply, probe: Probe) -> Sequence[Finding]:
    """Ask each model for one word; the first text must come within ``first_s``."""
    if config.needs_key and not config.key:
        return [Finding(False, "언어 모델의 키 / API key of the language model", NO_KEY)]
    headers: dict[str, Mapping[str, str]] = {}

    def heard(model: str, told: Mapping[str, str]) -> None:
        headers[model] = told
        probe.dated(told.get("date", ""))

    api = ChatApi(config.base_url, config.key, thread=probe.worker.thread, heard=heard)
    found: list[Finding] = []
    try:
        for rung in config.rungs:
            one = await _asked(api, config, rung.model, probe)
            found.append(one)
            if not one.ok and (one.remedy == WRONG_KEY or rung.model not in headers):
                return found  # the next model would say the same
    finally:
        await api.close()
    return [*found, *_quota(headers)]


async def _asked(api: ChatApi, config: Reply, model: str, probe: Probe) -> Finding:
    body = {**config.body(model, ASKED, schema=False), "stream": True}
    for name in ("max_tokens", "max_completion_tokens"):
        if name in body:
            body[name] = ANSWER_TOKENS
    what = f"언어 모델 {model} / language model"
    began = probe.clock.now()
    try:
        async with api.ask(body) as reading:
            while (delta := await reading.next(config.first_s - (probe.clock.now() - began))) is not None:
                if delta.text:
                    return Finding(True, f"{what}: {probe.clock.now() - began:.2f}초 (first token)")
    except Refused as refused:
        if refused.kind == "unauthorised":
            return Finding(False, "언어 모델의 키 / API key of the language model", WRONG_KEY)
        if refused.kind == "slow":
            return Finding(False, f"{what}: 첫 글자가 {config.first_s:g}초 안에 오지 않음", WHY["slow"])
        return Finding(False, f"{what}: {refused}", WHY[refused.kind])
    return Finding(True, f"{what}: {probe.clock.now() - began:.2f}초 (an answer without text)")


def _quota(headers: Mapping[str, Mapping[str, str]]) -> list[Finding]:
    """What may still be asked, by the headers of the answers; nothing where a server tells nothing."""
    found: list[Finding] = []
    for model, told in headers.items():
        for name, label in (("requests", "요청 (requests)"), ("tokens", "토큰 (tokens)")):
            limit, left = told.get(f"x-ratelimit-limit-{name}", ""), told.get(f"x-ratelimit-remaining-{name}", "")
            if limit.isdecimal() and left.isdecimal():
                ok = int(left) >= FEW * int(limit)
                remedy = "" if ok else USED_UP
                found.append(Finding(ok, f"{model}의 남은 {label}: {left}/{limit}", remedy))
    return found
