"""Takes over the summary of the original AIsChoco."""

import json

from nodes.llm._memory.records import PlainSummary
from nodes.moving import TakenOver, takes_over
from nodes.phrases import phrase


@takes_over("history/summary.json")
def summary(theirs: str, _: str) -> TakenOver:
    """Check that it is a summary; the memory reads it as it is."""
    found = json.loads(theirs)
    if not (isinstance(found, dict) and isinstance(found.get("summary"), str)):  # pyright: ignore[reportUnknownMemberType]
        raise ValueError(phrase("it is not JSON with a text called summary"))
    plain = PlainSummary.model_validate(found)
    read = phrase("a summary of {count} letters, which the next show reads", count=len(plain.summary))
    return TakenOver(theirs, (read,))
