"""A backend of the package ``keyring`` that keeps what it is given in a file: for tests, in plain text."""

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError


class Keyring(KeyringBackend):
    """Keeps it in the file that ``OWN_KEYRING`` names."""

    priority = 5

    def get_password(self, service: str, username: str) -> str | None:
        return self._kept().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._keep({**self._kept(), f"{service} {username}": password})

    def delete_password(self, service: str, username: str) -> None:
        kept = self._kept()
        if kept.pop(f"{service} {username}", None) is None:
            raise PasswordDeleteError("there is none")
        self._keep(kept)

    def _kept(self) -> dict[str, str]:
        file = Path(os.environ["OWN_KEYRING"])
        return json.loads(file.read_text("utf-8")) if file.is_file() else {}

    def _keep(self, kept: dict[str, str]) -> None:
        Path(os.environ["OWN_KEYRING"]).write_text(json.dumps(kept), "utf-8")
