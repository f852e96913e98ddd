"""Warns before what a model may do in a day is used up."""

from collections.abc import Iterable

from nodes.llm._model.limits import Limits
from nodes.services import Log

LOW, WELL = 0.1, 0.2
"""Warn below this share of a day's requests, and take it back above that one."""


def watch(models: Iterable[str], limits: Limits, log: Log) -> None:
    """Report once that little is left for a model, and once that there is enough again."""
    for model in models:
        left = limits.day_left(model)
        if left is None:
            continue
        if left < LOW:
            text = f"{model}: 오늘 쓸 수 있는 요청이 {LOW:.0%}도 남지 않았습니다. / little of the day is left"
            log.trouble(f"quota of {model}", text, alarm="quota")
        elif left > WELL:
            log.well(f"quota of {model}", f"{model}: 요청이 다시 넉넉합니다. / enough is left", alarm="quota")
