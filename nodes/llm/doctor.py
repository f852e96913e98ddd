"""The exam of ``llm.reply``: the key, how each model answers, and how much may still be asked.

For each model it reports when the first words come, how long it took to load, whether it thinks before it answers, and
which parameters its server does not accept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from nodes import keys
from nodes.exams import Finding, Probe, exam
from nodes.llm._loading import AGAIN_S
from nodes.llm._memory.prompt import Message, Prompt
from nodes.llm._model.chat_api import ChatApi
from nodes.llm._model.chat_wire import Refused
from nodes.llm._model.traits import Traits
from nodes.llm._model.visible import Visible
from nodes.llm._settings import OPTIONAL, Reply
from nodes.llm._words import BAD_KEY, NO_KEY, WHY, WRONG_KEY

ASKED = Prompt((Message("system", "한 단어로 대답한다."), Message("user", "안녕")), 40)
ANSWER_TOKENS = 64
"""A model that thinks before it speaks needs some for that."""
LOAD_S = 60.0
"""How long the doctor waits for a model to be loaded; on air the wait is ``load_s``."""
USED_UP = "한도가 찰 때까지 기다리거나, second_model을 쓰거나, 유료 요금제로 바꾸세요 (wait, or use second_model)"
FEW = 0.1
"""Share of what the server allows, below which a show will soon be without answers."""


async def key(config: Reply, probe: Probe) -> Sequence[Finding]:  # noqa: ARG001
    """Look at the key, without asking anybody."""
    if config.needs_key and not config.key:
        return [Finding(False, "언어 모델의 키 / API key of the language model", NO_KEY)]
    if wrong := keys.wrong(config.key):
        return [Finding(False, "언어 모델의 키 / API key of the language model", BAD_KEY.format(wrong))]
    return []


@exam("llm.reply", within_s=LOAD_S + 30.0, live=key)
async def reply(config: Reply, probe: Probe) -> Sequence[Finding]:
    """Ask each model for one word; the first text must come within ``first_s``."""
    if lacking := await key(config, probe):
        return lacking
    headers: dict[str, Mapping[str, str]] = {}

    def heard(model: str, told: Mapping[str, str]) -> None:
        headers[model] = told
        probe.dated(told.get("date", ""))

    api = ChatApi(config.url, config.key, thread=probe.worker.thread, heard=heard)
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
    what, seen = f"언어 모델 {model} / language model", _Seen()
    try:
        first_s = await _loaded(api, config, model, probe, seen)
        if first_s is not None and first_s > config.first_s and config.loads:  # it may have been loaded just now
            seen.loaded_s += first_s
            first_s = await _first(api, config, model, probe, seen, config.first_s)
    except Refused as refused:
        if refused.kind == "unauthorised":
            return Finding(False, "언어 모델의 키 / API key of the language model", WRONG_KEY)
        if refused.kind == "slow":
            return Finding(False, f"{what}: 첫 글자가 {config.first_s:g}초 안에 오지 않음{seen}", WHY["slow"])
        return Finding(False, f"{what}: {refused}{seen}", WHY[refused.kind])
    if first_s is None:
        return Finding(True, f"{what}: an answer without text{seen}")
    return Finding(True, f"{what}: {first_s:.2f}초 (first token){seen}", measured={"first_token_s": first_s})


@dataclass(slots=True)
class _Seen:
    """What was seen of a model besides its answer."""

    traits: Traits = field(default_factory=Traits)
    loaded_s: float = 0.0

    def __str__(self) -> str:
        refused = [name for name in (*self.traits.left_out, *(OPTIONAL if self.traits.bare else ())) if name]
        parts = [
            f"불러오는 데 {max(1, round(self.loaded_s))}초 (loading)" if self.loaded_s else "",
            "생각부터 하는 모델 (it thinks first)" if self.traits.thinks else "",
            f"받지 않는 값: {', '.join(refused)} (parameters it does not take)" if refused else "",
        ]
        return "".join(f", {part}" for part in parts if part)


async def _loaded(api: ChatApi, config: Reply, model: str, probe: Probe, seen: _Seen) -> float | None:
    """Return the seconds to the first text; wait for a server that says that it is loading the model.

    Raises:
        Refused: there is no answer, or not in time.
    """
    began = probe.clock.now()
    while True:
        try:
            left_s = max(config.first_s, began + LOAD_S - probe.clock.now())
            return await _first(api, config, model, probe, seen, left_s if config.loads else config.first_s)
        except Refused as refused:
            if refused.kind != "loading" or not config.loads or probe.clock.now() > began + LOAD_S:
                raise
            await probe.worker.sleep(AGAIN_S)
            seen.loaded_s = probe.clock.now() - began


async def _first(api: ChatApi, config: Reply, model: str, probe: Probe, seen: _Seen, patience_s: float) -> float | None:
    """Return the seconds to the first text that is not a thought; None for an answer without one.

    It reads on to the end: that the first text was a thought may only show where the thought ends.

    Raises:
        Refused: there is no answer, or not in time.
    """
    traits = seen.traits
    while True:
        body = {**config.body(model, ASKED, schema=False), "stream": True, **config.also}
        body |= {name: ANSWER_TOKENS for name in ("max_tokens", "max_completion_tokens") if name in body}
        body = traits.fitted(body, config.less(model), OPTIONAL)
        began = probe.clock.now()
        upto, first_s, visible = began + patience_s, None, Visible()
        try:
            async with api.ask(body) as reading:
                while (delta := await reading.next(max(0.0, upto - probe.clock.now()))) is not None:
                    now = probe.clock.now()
                    stretches = visible.push(delta.text)
                    first_s = first_s if len(stretches) == 1 else None
                    traits.thinks = traits.thinks or delta.thought or visible.thoughts
                    if stretches[-1].strip():
                        first_s = now - began if first_s is None else first_s
                        upto = min(now, began + patience_s) + config.think_s
                    elif traits.thinks:
                        upto = max(upto, now + config.think_s)
            rest = visible.end()[-1].strip()
            return probe.clock.now() - began if first_s is None and rest else first_s
        except Refused as refused:
            if first_s is not None:
                return first_s
            if not traits.learn(refused, body, OPTIONAL):
                raise


def _quota(headers: Mapping[str, Mapping[str, str]]) -> list[Finding]:
    """Report how much may still be asked, by the headers of the answers; nothing if a server says nothing."""
    found: list[Finding] = []
    for model, told in headers.items():
        for name, label in (("requests", "요청 (requests)"), ("tokens", "토큰 (tokens)")):
            limit, left = told.get(f"x-ratelimit-limit-{name}", ""), told.get(f"x-ratelimit-remaining-{name}", "")
            if limit.isdecimal() and left.isdecimal():
                ok = int(left) >= FEW * int(limit)
                remedy = "" if ok else USED_UP
                measured = {"requests_a_day": float(limit)} if name == "requests" else {}
                found.append(Finding(ok, f"{model}의 남은 {label}: {left}/{limit}", remedy, measured))
    return found
