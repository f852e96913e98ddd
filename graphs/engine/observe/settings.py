"""Reports the settings of a node that runs, for the graph page."""

from typing import Any

from graphs.engine.flow.runtime import Runtime
from nodes.phrases import described, phrase


def settings_state(runtime: Runtime, name: str) -> list[dict[str, Any]]:
    """Report the settings of a node: those that the graph gives it (``written``) and those left as they come.

    Secrets are hidden.

    Raises:
        ValueError: there is no such node.
    """
    station = runtime.stations.get(name)
    if station is None:
        raise ValueError(phrase("there is no node {name}", name=name))
    settings = station.entry.settings
    shown = runtime.log.redact.data(settings.model_dump(mode="json"))
    return [
        {
            "name": field,
            "value": shown[field],
            "written": field in settings.model_fields_set,
            "about": described(info.description) if info.description else "",
        }
        for field, info in type(settings).model_fields.items()
    ]
