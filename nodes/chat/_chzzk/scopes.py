"""The API scopes of a CHZZK application: which call needs which, and what a node cannot do without.

Their Korean names are what the developer centre shows, in any language.
"""

from collections.abc import Mapping

SESSION, SUBSCRIBE = "/open/v1/sessions/auth", "/open/v1/sessions/events/subscribe"
SEND, ME = "/open/v1/chats/send", "/open/v1/users/me"
LIVE_SETTING, FOLLOWERS = "/open/v1/lives/setting", "/open/v1/channels/followers"
NOTICE, CHAT_SETTINGS, BLIND = "/open/v1/chats/notice", "/open/v1/chats/settings", "/open/v1/chats/blind-message"
RESTRICT = "/open/v1/temporary-restrict-channels"

_SCOPES = {
    ME: "유저 정보 조회",
    f"{SUBSCRIBE}/chat": "채팅 메시지 조회",
    f"{SUBSCRIBE}/donation": "후원 조회",
    f"{SUBSCRIBE}/subscription": "구독 조회",
    SEND: "채팅 메시지 쓰기",
    LIVE_SETTING: "방송 설정 조회",
    FOLLOWERS: "채널 팔로워 조회",
    NOTICE: "채팅 공지 쓰기",
    CHAT_SETTINGS: "채팅 설정 조회",
    f"PUT {CHAT_SETTINGS}": "채팅 설정 변경",
    BLIND: "채팅 메시지 쓰기",
    RESTRICT: "활동제한 쓰기",
}


def scope(path: str, method: str = "GET") -> str:
    """Return the scope that a call needs; empty for none, or for one that is not known."""
    return _SCOPES.get(f"{method} {path}") or _SCOPES.get(path, "")


READ = tuple(map(scope, (ME, f"{SUBSCRIBE}/chat", f"{SUBSCRIBE}/donation", f"{SUBSCRIBE}/subscription")))
"""What every show with a login needs."""
WRITES = (scope(NOTICE), scope(CHAT_SETTINGS, "PUT"), scope(BLIND), scope(RESTRICT))
"""What the buttons of ``chat.moderate`` need, each its own."""
MORE: Mapping[str, tuple[str, ...]] = {
    "chat.send": (scope(SEND),),
    "chat.show": (scope(LIVE_SETTING), scope(FOLLOWERS)),
    "chat.moderate": (scope(CHAT_SETTINGS), *WRITES),
}
"""Node type -> what it needs beside."""
