"""The account behind CHZZK: who is logged in, tokens that renew themselves, session addresses, sending chat.

Source of addresses and lifetimes: the pages Authorization, Session and Chat of CHZZK's API documents; ``expiresIn`` is
a string there and a number on the wire.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Literal

from nodes.chat._chzzk.rest import (
    RETRY_AFTER_S,
    REVOKE,
    TOKEN,
    Busy,
    ChzzkError,
    Forbidden,
    LoginNeeded,
    NotApproved,
    Rest,
    ServiceError,
    seconds,
    unreadable,
)
from nodes.chat._chzzk.scopes import ME, SEND, SESSION, SUBSCRIBE
from nodes.chat._chzzk.tokens import Tokens, TokenStore
from nodes.phrases import phrase, reason_of

__all__ = ["Account", "Busy", "ChzzkError", "Forbidden", "LoginNeeded", "NotApproved", "ServiceError"]

LIFE_S = 86400.0
"""Lifetime of an access token if the answer does not state one."""

_log = logging.getLogger("aischoco.chzzk")


class Account:
    """A CHZZK account as accessed through one application.

    The access token is renewed before it expires and when the service refuses it. A renewal is a single request no
    matter how many calls wait for it, including calls from other nodes and programs with the same store; the new pair
    is saved before it is used, because the old refresh token is dead by then. A cancelled call does not cancel a
    renewal.

    Calls raise only ``ChzzkError``; each of their requests ends within 10 s.

    Args:
        access_token: used as is, instead of the stored login.
        store: where the login is kept; None to keep it only in memory.
        warn: called with problems that stop nothing.
        hide: called with every new token before it is used.
        now: seconds since the epoch.
    """

    def __init__(
        self,
        api_url: str,
        client_id: str,
        client_secret: str,
        access_token: str | None = None,
        store: TokenStore | None = None,
        *,
        warn: Callable[[str], object] = _log.warning,
        hide: Callable[[str], object] = lambda _: None,
        now: Callable[[], float] = lambda: datetime.now(UTC).timestamp(),
    ) -> None:
        self._rest = Rest(api_url)
        self._client_id = client_id.strip()
        self._client_secret = client_secret.strip()
        self._given = (access_token or "").strip()
        self.store = store
        self._warn = warn
        self._hide = hide
        self._now = now
        self.place = ""
        """Where the login was last saved, for display; empty if it was not."""
        self._tokens: Tokens | None = None
        self._stamp: object = None
        """The store's stamp when the login was last read or written."""
        self._refused = ""
        """A refresh token that the service rejected; it is not sent again."""
        self._rest_until = 0.0
        """No renewal ahead of time before this."""
        self._renewing: asyncio.Task[str] | None = None

    async def session_url(self) -> str:
        """Return a new address for the session socket, valid for one connection within a few seconds.

        Raises:
            NotApproved: CHZZK answers 500 here while the rights of the application are not approved.
        """
        url = (await self.call("GET", SESSION)).get("url")
        if not isinstance(url, str) or not url:
            raise unreadable()
        return url

    async def subscribe(self, event: Literal["chat", "donation", "subscription"], session_key: str) -> None:
        """Request events of one kind; a SYSTEM message on the socket confirms the subscription."""
        await self.call("POST", f"{SUBSCRIBE}/{event}", query={"sessionKey": session_key})

    async def me(self) -> tuple[str, str]:
        """Return the id and name of the logged-in channel, and add them to the stored login."""
        content = await self.call("GET", ME)
        channel_id, name = content.get("channelId"), content.get("channelName")
        if not isinstance(channel_id, str) or not channel_id:
            raise unreadable()
        name = name if isinstance(name, str) else ""
        if self._tokens is not None and (self._tokens.channel_id, self._tokens.channel_name) != (channel_id, name):
            async with self._alone():
                tokens = await self._newest()
                if tokens is not None:
                    await self._keep(replace(tokens, channel_id=channel_id, channel_name=name))
        return channel_id, name

    async def send_chat(self, text: str) -> None:
        """Post a line of at most 100 characters in the channel's chat as the logged-in account."""
        await self.call("POST", SEND, body={"message": text})

    async def exchange(self, code: str, state: str) -> None:
        """Log in with what the consent page returned; from then on this login replaces any given access token.

        Raises:
            LoginNeeded: the code has been used or has expired, or the application's id or secret is wrong.
        """
        tokens = await self._ask_tokens({"grantType": "authorization_code", "code": code, "state": state})
        self._given = ""
        async with self._alone():
            await self._keep(tokens)

    async def revoke(self) -> None:
        """Log out at the service: all tokens of this application and user become invalid. The store is left alone."""
        tokens = None if self._given else await self._newest()
        if self._given:
            body = {"token": self._given, "tokenTypeHint": "access_token"}
        elif tokens is not None:
            body = {"token": tokens.refresh, "tokenTypeHint": "refresh_token"}
        else:
            return
        application = self._application()
        with contextlib.suppress(LoginNeeded):  # it was already invalid
            await self._rest.ask("POST", REVOKE, body=body | application)

    async def login_is_new(self) -> bool:
        """Return whether any program has saved a login since the last look; if so, use that login."""
        if self.store is None or self._given or await asyncio.to_thread(self.store.stamp) == self._stamp:
            return False
        before = self._tokens
        return await self._newest() != before

    async def close(self) -> None:
        """Close connections once a renewal in progress has ended: its new tokens must not be lost."""
        if self._renewing is not None:
            await asyncio.wait([self._renewing])
        await self._rest.close()

    async def call(
        self, method: str, path: str, *, body: Mapping[str, Any] | None = None, query: Mapping[str, str] | None = None
    ) -> Mapping[str, Any]:
        """Make any request as the logged-in account and return the ``content`` of its answer."""
        token = await self._token()
        try:
            return await self._rest.ask(method, path, body=body, query=query, token=token)
        except LoginNeeded:
            token = await self._renewed(token)
        return await self._rest.ask(method, path, body=body, query=query, token=token)

    async def _token(self) -> str:
        if self._given:
            return self._given
        tokens = self._tokens or await self._newest()
        if tokens is None:
            raise LoginNeeded()
        now = self._now()
        if now < tokens.renew_at or now < min(tokens.expires_at, self._rest_until):
            return tokens.access
        try:
            return await self._renewed(tokens.access)
        except ChzzkError:
            if self._now() >= tokens.expires_at:
                raise
            self._rest_until = self._now() + RETRY_AFTER_S  # a few minutes remain to try again
            return tokens.access

    async def _renewed(self, stale: str) -> str:
        """Return an access token other than ``stale``; concurrent callers wait for one renewal."""
        if self._given:
            raise LoginNeeded(phrase("CHZZK_ACCESS_TOKEN is over or wrong. Delete it in .env and log in again."))
        if self._tokens is not None and self._tokens.access != stale:
            return self._tokens.access
        if self._renewing is None:
            # In its own task, so that it outlives a cancelled caller: the answer holds the only valid tokens.
            self._renewing = asyncio.ensure_future(self._renew(stale))  # noqa: TID251
            self._renewing.add_done_callback(self._renewal_ended)
        return await asyncio.shield(self._renewing)

    def _renewal_ended(self, task: "asyncio.Task[str]") -> None:
        self._renewing = None
        if not task.cancelled():
            task.exception()  # mark it as retrieved: the caller may be gone

    async def _renew(self, stale: str) -> str:
        async with self._alone():
            tokens = await self._newest()  # another node, program or new login may have been faster
            if tokens is not None and tokens.access != stale and self._now() < tokens.expires_at:
                return tokens.access
            if tokens is None or tokens.refresh in ("", self._refused):
                raise LoginNeeded()
            try:
                fresh = await self._ask_tokens({"grantType": "refresh_token", "refreshToken": tokens.refresh})
            except LoginNeeded:
                self._refused = tokens.refresh
                raise
            await self._keep(replace(fresh, channel_id=tokens.channel_id, channel_name=tokens.channel_name))
            return fresh.access

    async def _ask_tokens(self, grant: Mapping[str, str]) -> Tokens:
        content = await self._rest.ask("POST", TOKEN, body={**grant, **self._application()})
        access, refresh = content.get("accessToken"), content.get("refreshToken")
        if not isinstance(access, str) or not access or not isinstance(refresh, str):
            raise unreadable()
        return self._known(Tokens(access, refresh, self._now(), seconds(content.get("expiresIn"), LIFE_S)))

    def _known(self, tokens: Tokens) -> Tokens:
        self._hide(tokens.access)
        self._hide(tokens.refresh)
        return tokens

    def _application(self) -> dict[str, str]:
        if not self._client_id or not self._client_secret:
            missing = phrase(
                "CHZZK_CLIENT_ID and CHZZK_CLIENT_SECRET are missing in .env. This tells how to get them: "
                "python aischoco.py login"
            )
            raise LoginNeeded(missing)
        return {"clientId": self._client_id, "clientSecret": self._client_secret}

    def _alone(self) -> contextlib.AbstractAsyncContextManager[None]:
        return contextlib.nullcontext() if self.store is None else self.store.lock()

    async def _newest(self) -> Tokens | None:
        stored: Tokens | None = None
        if self.store is not None:
            # read before the login, so that a login saved in between is noticed later
            self._stamp = await asyncio.to_thread(self.store.stamp)
            stored = await asyncio.to_thread(self.store.load)
        known = [tokens for tokens in (stored and self._known(stored), self._tokens) if tokens is not None]
        self._tokens = max(known, key=lambda tokens: tokens.obtained_at, default=None)
        return self._tokens

    async def _keep(self, tokens: Tokens) -> None:
        try:
            if self.store is not None:
                self.place = await asyncio.to_thread(self.store.save, tokens)
                self._stamp = await asyncio.to_thread(self.store.stamp)
        except OSError as error:
            self.place = ""
            text = phrase(
                "The login could not be saved ({why}). It goes on for now, but after the next start you have to log in "
                "again: python aischoco.py login",
                why=reason_of(error),
            )
            self._warn(text)
        self._tokens = tokens
