"""Guards addresses that show or change the settings of a show: only its pages, and by default only on this machine.

Every address refuses rebound names and foreign pages already, and a POST without the token (see ``guard``). Here a GET
needs the token too, so that no other program reads by a plain request and no link leads there, and a machine other than
this one is refused unless ``STUDIO_REMOTE=1`` was set, even with the key.
"""

import secrets
from typing import TYPE_CHECKING

from nodes.loopback import is_loopback
from nodes.phrases import phrase
from nodes.refused import Refused

if TYPE_CHECKING:
    from aiohttp.web import Request

REMOTE = "STUDIO_REMOTE"
"""The variable that lets other machines, with the key, see and change settings."""


def anybody(_: "Request") -> None:
    """Let every request that the server answers at all."""


class Private:
    """Decides which requests may see or change settings."""

    def __init__(self, token: str, *, remote: bool) -> None:
        """
        Args:
            remote: whether other machines may, with the key that every request of theirs needs.
        """
        self._token = token.encode()
        self._remote = remote

    def desk(self, request: "Request") -> None:
        """Let a page of ours read and change settings.

        Raises:
            Refused: it may not; the text names the remedy.
        """
        if not self._remote and not is_loopback(request.remote):
            text = phrase(
                "settings are shown and changed on the machine that runs the program only; set {name}=1 in .env to "
                "allow it from others",
                name=REMOTE,
            )
            raise Refused(text, 403)
        self._ours(request)

    def here(self, request: "Request") -> None:
        """Let a page of ours on this machine set a secret; no setting allows it from another one.

        Raises:
            Refused: it may not.
        """
        if not is_loopback(request.remote):
            text = phrase(
                "keys and logins are entered on the machine that runs the program only: the way there is not encrypted"
            )
            raise Refused(text, 403)
        self._ours(request)

    def _ours(self, request: "Request") -> None:
        given = request.headers.get("X-Token", "").encode("utf-8", "replace")
        if not secrets.compare_digest(given, self._token):
            raise Refused(phrase("the token is missing or old; reload the page"), 403)
