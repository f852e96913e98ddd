"""Takes over the summary of the original AIsChoco."""

import json

from nodes.llm._memory.records import PlainSummary
from nodes.moving import TakenOver, takes_over


@takes_over("history/summary.json")
def summary(theirs: str, _: str) -> TakenOver:
    """Check that it is a summary; the memory reads it as it is."""
    found = json.loads(theirs)
    if not (isinstance(found, dict) and isinstance(found.get("summary"), str)):  # pyright: ignore[reportUnknownMemberType]
        raise ValueError("summary라는 글이 든 JSON이 아닙니다")
    plain = PlainSummary.model_validate(found)
    return TakenOver(theirs, (f"요약 {len(plain.summary)}자를 방송을 켜면 읽습니다.",))
