"""The keyring of the operating system, in which secrets are kept where the package ``keyring`` finds one."""

import contextlib
import importlib
from typing import Protocol, cast

SERVICE = "aischoco"
"""The name under which everything of this program is kept."""


class Vault(Protocol):
    """A backend of the package ``keyring``; any call may raise any exception, or ask the person to unlock it."""

    def get_password(self, service: str, username: str) -> str | None: ...
    def set_password(self, service: str, username: str, password: str) -> None: ...
    def delete_password(self, service: str, username: str) -> None: ...


def system_vault() -> Vault | None:
    """Return the keyring that ``keyring`` recommends (priority 1 or more): not its fail, null or plaintext backend."""
    with contextlib.suppress(Exception):
        backend = importlib.import_module("keyring").get_keyring()
        if backend.priority >= 1:
            return cast(Vault, backend)
    return None


def stored(vault: Vault, name: str, secret: str) -> bool:
    """Keep a secret under a name; return whether it can be read again."""
    with contextlib.suppress(Exception):
        vault.set_password(SERVICE, name, secret)
        return vault.get_password(SERVICE, name) == secret
    return False


def forgotten(vault: Vault, name: str) -> None:
    """Delete what is kept under a name, if anything is."""
    with contextlib.suppress(Exception):
        vault.delete_password(SERVICE, name)
