"""Warns before what a model may do in a day is used up."""

from collections.abc import Iterable

from nodes.llm._model.limits import Limits
from nodes.phrases import phrase
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
            text = phrase(
                "{model}: less than {share} of what may be asked today is left. Name a second_model, or ask less.",
                model=model,
                share=f"{LOW:.0%}",
            )
            log.trouble(f"quota of {model}", text, alarm="quota")
        elif left > WELL:
            log.well(
                f"quota of {model}", phrase("{model}: there are enough requests again.", model=model), alarm="quota"
            )
