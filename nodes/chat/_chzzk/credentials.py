"""The settings of a node that speaks for the streamer's CHZZK application."""

from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from nodes.chat._chzzk.account import Account
from nodes.chat._chzzk.rest import secure_url
from nodes.chat._chzzk.tokens import open_store
from nodes.services import Log
from schemas.settings import Settings

API_URL = "https://openapi.chzzk.naver.com"


class Credentials(Settings):
    """Settings of every node that speaks for the streamer's CHZZK application."""

    client_id: str = Field(
        default="", title="Client ID", description="Client ID of the CHZZK developer centre: ${CHZZK_CLIENT_ID:-}"
    )
    client_secret: SecretStr = Field(
        default=SecretStr(""),
        title="Client secret",
        description="Client secret of the CHZZK developer centre: ${CHZZK_CLIENT_SECRET:-}",
    )
    access_token: SecretStr = Field(
        default=SecretStr(""),
        title="Access token",
        description="Token in place of a login: ${CHZZK_ACCESS_TOKEN:-}. It is not renewed, so it is usually left "
        "empty.",
    )
    api_url: Annotated[str, AfterValidator(secure_url)] = Field(
        default=API_URL, title="Address of the API", description="Address of the CHZZK API; changed only for tests."
    )

    @property
    def logged_in(self) -> bool:
        """Whether there may be a login to use."""
        return bool(self.client_id or self.access_token.get_secret_value())

    def account(self, log: Log) -> Account:
        """Return the account for these settings, with the login that ``aischoco.py login`` stored."""
        store = open_store(log.warning, log.info) if self.client_id else None
        secret, access = self.client_secret.get_secret_value(), self.access_token.get_secret_value()
        return Account(self.api_url, self.client_id, secret, access, store, warn=log.warning, hide=log.hide)
