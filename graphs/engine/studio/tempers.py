"""The tempers that a page offers: settings that fit each other, for a character that talks little or much."""

from collections.abc import Mapping
from typing import Any

from nodes import NodeSpec

USUAL = "usual"
"""The temper in which everything is at its default."""

TEMPERS: Mapping[str, Mapping[str, Any]] = {
    "calm": {
        "chat.batch.quiet_s": 1.2,
        "chat.batch.max_wait_s": 5.0,
        "chat.batch.max_items": 6,
        "chat.batch.ttl_s": 20.0,
        "chat.batch.only_mentions": False,
        "chat.filter.min_length": 2,
        "chat.filter.per_user": 3,
        "chat.silence.enabled": True,
        "chat.silence.after_s": 180.0,
        "chat.silence.cooldown_s": 300.0,
        "chat.silence.at_most": 2,
    },
    "lively": {
        "chat.batch.quiet_s": 0.2,
        "chat.batch.max_wait_s": 1.0,
        "chat.batch.max_items": 10,
        "chat.batch.ttl_s": 45.0,
        "chat.batch.only_mentions": False,
        "chat.filter.min_length": 1,
        "chat.filter.per_user": 8,
        "chat.silence.enabled": True,
        "chat.silence.after_s": 30.0,
        "chat.silence.cooldown_s": 60.0,
        "chat.silence.at_most": 10,
    },
    "called": {
        "chat.batch.quiet_s": 0.4,
        "chat.batch.max_wait_s": 1.5,
        "chat.batch.max_items": 6,
        "chat.batch.ttl_s": 30.0,
        "chat.batch.only_mentions": True,
        "chat.filter.min_length": 1,
        "chat.filter.per_user": 5,
        "chat.silence.enabled": False,
    },
}
"""Temper -> TYPE.SETTING -> its value."""


def tempers_state(registry: Mapping[str, NodeSpec]) -> dict[str, dict[str, Any]]:
    """Return the tempers, with the usual one first, as ``GET /api/settings/types`` tells them.

    A node whose file cannot be read at the moment is left out.
    """
    known = {
        temper: {name: value for name, value in settings.items() if name.rpartition(".")[0] in registry}
        for temper, settings in TEMPERS.items()
    }
    names = dict.fromkeys(name for settings in known.values() for name in settings)
    return {USUAL: {name: _default(registry, name) for name in names}} | known


def _default(registry: Mapping[str, NodeSpec], name: str) -> Any:
    type_, _, setting = name.rpartition(".")
    return registry[type_].settings.model_fields[setting].get_default()
