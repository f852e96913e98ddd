"""Sorts the settings as people think of them: a card of the page for each part of a show, the rest under advanced."""

from collections.abc import Mapping

ADVANCED = "advanced"
"""The card of all settings that no other card has."""

CARDS: Mapping[str, tuple[str, ...]] = {
    "character": ("character", "chat.batch.names", "llm.reply.persona", "llm.reply.temperature", "llm.reply.emotions"),
    "voice": (
        "speech.ladder.voices",
        "speech.kokoro.voice",
        "speech.supertonic.voice",
        "speech.system.name",
        "speech.http.voice",
        "speech.qwen.samples",
        "speech.*.speed",
        "speech.*.pitch",
        "speech.*.gain_db",
        "speech.*.pause_s",
        "speech.http.urls",
        "speech.http.token",
        "reply.split.pronunciation",
    ),
    "answers": (
        "llm.reply.api_key",
        "llm.reply.base_url",
        "llm.reply.model",
        "llm.reply.second_model",
        "llm.reply.budget",
        "llm.reply.max_chars",
        "reply.canned.replies",
        "chat.silence.enabled",
        "chat.silence.topics",
        "chat.silence.after_s",
        "chat.silence.cooldown_s",
        "chat.silence.at_most",
        "tool.search.client_id",
        "tool.search.client_secret",
    ),
    "rules": (
        "chat.batch.only_mentions",
        "chat.batch.quiet_s",
        "chat.batch.max_wait_s",
        "chat.batch.max_items",
        "chat.batch.ttl_s",
        "chat.batch.paid_alone",
        "chat.filter.banned_words",
        "chat.filter.profanity",
        "chat.filter.injection",
        "chat.filter.links",
        "chat.filter.min_length",
        "chat.filter.max_length",
        "chat.filter.per_user",
        "chat.filter.hide_streamer",
        "reply.guard.banned_words",
        "reply.guard.profanity",
        "reply.guard.links",
    ),
    "chzzk": (
        "chat.chzzk.client_id",
        "chat.chzzk.client_secret",
        "chat.chzzk_anon.channel_id",
        "chat.send.enabled",
        "chat.show.goal",
        "chat.show.channel",
        "chat.thanks.words",
        "chat.replay.file",
        "chat.replay.speed",
        "chat.replay.loop",
    ),
    "body": (
        "avatar.vts.host",
        "avatar.vts.port",
        "avatar.vts.discover",
        "avatar.vts.hotkeys",
        "avatar.vts.expressions",
        "pose.interpolate.mapping",
        "pose.interpolate.idle",
        "pose.interpolate.hold_s",
        "pose.interpolate.fade",
        "pose.interpolate.chat_x",
        "pose.interpolate.chat_y",
        "pose.lipsync.lipsync",
        "pose.lipsync.vowels",
    ),
    "sound": (
        "audio.play.device",
        "audio.play.volume",
        "audio.play.mute",
        "audio.play.turn_pause_s",
        "audio.play.duck_s",
        "audio.play.duck_db",
    ),
    "screen": (
        "overlay.web.title",
        "overlay.web.theme",
        "overlay.web.layout",
        "overlay.web.avatar",
        "overlay.web.max_lines",
        "overlay.web.fade_s",
        "overlay.web.caption_s",
        "overlay.web.host_s",
        "overlay.web.clear_words",
        "overlay.web.emote_hosts",
    ),
    "obs": (),
    "records": (
        "audio.play.record",
        "overlay.web.saved",
        "llm.reply.viewers",
        "llm.reply.history",
        "alert.desktop.enabled",
        "alert.webhook.url",
    ),
    ADVANCED: (),
}
"""Card -> its settings in their order: TYPE.SETTING, where the name of a type may be ``*``, or a key of the graph."""


def place_of(type_: str, setting: str) -> tuple[str, int]:
    """Return the card of a setting and its place there; ``character`` is a setting without a type."""
    family = type_.partition(".")[0]
    names = (f"{type_}.{setting}", f"{family}.*.{setting}") if type_ else (setting,)
    for card, settings in CARDS.items():
        for place, name in enumerate(settings):
            if name in names:
                return card, place
    return ADVANCED, 0
