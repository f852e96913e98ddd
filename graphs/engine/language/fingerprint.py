"""Identifies a node in one word, which changes whenever its type, its settings or its place change."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import PurePath
from typing import cast

from pydantic import SecretStr

from schemas.settings import Settings


def fingerprint(type_: str, settings: Settings, at: str | None = None) -> str:
    """Give the SHA-256, in hex, of the canonical JSON of a node; secrets go in as their hash."""
    content = [type_, settings.model_dump(), at]
    return _sha256(json.dumps(content, default=_plain, sort_keys=True, ensure_ascii=False))


def _plain(value: object) -> object:
    if isinstance(value, SecretStr):
        return _sha256(value.get_secret_value())
    if isinstance(value, PurePath):
        return value.as_posix()
    if isinstance(value, set | frozenset):
        return sorted(map(str, cast(Iterable[object], value)))
    return str(value)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
