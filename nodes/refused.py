"""How what answers a request of a page says no: with a status and with more than words."""

from nodes.services import Json


class Refused(ValueError):
    """Raised by what answers a request of a page: the page is told its text; a plain ``ValueError`` is status 400."""

    def __init__(self, text: str, status: int = 400, /, **more: Json) -> None:
        """
        Args:
            status: of HTTP.
            more: fields of the JSON answer beside ``error``.
        """
        super().__init__(text)
        self.status = status
        self.more = more
