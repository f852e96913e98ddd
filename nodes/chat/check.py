"""Live checks of the nodes that talk to CHZZK: the login, the channel, the rights of the application."""

from collections.abc import Sequence

from nodes import Finding, Probe, check
from nodes.chat._chzzk_account import ChzzkError, Credentials
from nodes.chat._chzzk_anon_api import AnonApi
from nodes.chat.chzzk import Chzzk
from nodes.chat.chzzk_anon import ChzzkAnon


@check("chat.chzzk", "chat.send")
async def chzzk(config: Credentials, probe: Probe) -> Sequence[Finding]:
    """Whether somebody is logged in (a login that is over is renewed), and CHZZK gives an address for the session."""
    account = config.account(probe.log)
    try:
        try:
            channel_id, name = await account.me()
        except ChzzkError as error:
            return [Finding(False, "치지직 로그인 / CHZZK login", str(error))]
        found = [Finding(True, f"치지직 로그인: {name or channel_id} / CHZZK login")]
        if isinstance(config, Chzzk):
            try:
                await account.session_url()
            except ChzzkError as error:
                return [*found, Finding(False, "치지직 세션 / CHZZK session", str(error))]
            found.append(Finding(True, "치지직 세션 / CHZZK session"))
        return found
    finally:
        await account.close()


@check("chat.chzzk_anon")
async def chzzk_anon(config: ChzzkAnon, probe: Probe) -> Sequence[Finding]:  # noqa: ARG001
    """Whether CHZZK tells about the channel without a login."""
    what = "치지직 채널(로그인 없이) / CHZZK channel without a login"
    api = AnonApi(config.api_url, config.game_url)
    try:
        await api.live(config.channel_id)
    except ChzzkError as error:
        return [Finding(False, what, str(error))]
    finally:
        await api.close()
    return [Finding(True, what)]
