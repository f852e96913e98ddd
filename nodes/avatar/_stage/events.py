"""Events of the VTube Studio API: which ones exist, and which ones a connected plugin has subscribed to."""

from collections.abc import Mapping
from typing import Any

from nodes.avatar._stage.parts import ID
from nodes.avatar._stage.wire import Data, Error, Refused, word, words

EVENTS = (
    "TestEvent",
    "ModelLoadedEvent",
    "TrackingStatusChangedEvent",
    "BackgroundChangedEvent",
    "ModelConfigChangedEvent",
    "ModelMovedEvent",
    "ModelOutlineEvent",
    "HotkeyTriggeredEvent",
    "ModelAnimationEvent",
    "ItemEvent",
    "ModelClickedEvent",
    "PostProcessingEvent",
    "Live2DCubismEditorConnectedEvent",
    "ArtMeshTrackingEvent",
    "ArtMeshOutlineEvent",
)
"""All events that a plugin can subscribe to; those of items, backgrounds, clicks and the like never occur here."""
ACTIONS = frozenset(
    {
        "Unset", "TriggerAnimation", "ChangeIdleAnimation", "ToggleExpression", "RemoveAllExpressions", "MoveModel",
        "ChangeBackground", "ReloadMicrophone", "ReloadTextures", "CalibrateCam", "ChangeVTSModel", "TakeScreenshot",
        "ScreenColorOverlay", "RemoveAllItems", "ToggleItemScene", "DownloadRandomWorkshopItem", "ExecuteItemAction",
        "ArtMeshColorPreset", "ToggleTracker", "ToggleTwitchFeature", "LoadEffectPreset", "ToggleLive2DEditorAPI",
        "WebItemAction",
    }
)  # fmt: skip
"""The hotkey actions in HotkeyAction.cs."""
TEST_S, OUTLINE_S = 1.0, 1 / 15
TEST_MESSAGE = 32


class Subscriptions:
    """The events that one connection subscribed to; they end with the connection."""

    def __init__(self) -> None:
        self._configs: dict[str, Data] = {}
        self._due: dict[str, float] = {}
        self._count = 0

    def change(self, data: Data, config: Data, now: float) -> Data:
        """Handle an EventSubscriptionRequest: a repeat for an event changes its settings; one without a name ends all.

        Raises:
            Refused: there is no such event, or its settings are wrong.
        """
        name = word(data, "eventName")
        wanted = data.get("subscribe") is True
        if not name and not wanted:
            self._configs.clear()
        elif name not in EVENTS:
            raise Refused(Error.EVENT_UNKNOWN, f"there is no event {name[:64]}")
        elif wanted:
            _check(name, config)
            self._configs[name] = config
            self._due[name] = now + TEST_S if name == "TestEvent" else now
        else:
            self._configs.pop(name, None)
        return {"subscribedEventCount": len(self._configs), "subscribedEvents": list(self._configs)}

    def wants(self, name: str, data: Mapping[str, Any]) -> bool:
        """Whether an event goes to this connection."""
        config = self._configs.get(name)
        if config is None:
            return False
        if name == "ModelLoadedEvent":
            return not words(config, "modelID") or ID in words(config, "modelID")
        if name == "HotkeyTriggeredEvent":
            if config.get("ignoreHotkeysTriggeredByAPI") is True and data.get("hotkeyTriggeredByAPI") is True:
                return False
            return word(config, "onlyForAction") in ("", data.get("hotkeyAction"))
        return True

    @property
    def ticking(self) -> bool:
        """Whether it subscribed to an event that occurs by itself."""
        return "TestEvent" in self._configs or "ModelOutlineEvent" in self._configs

    def test(self, now: float) -> Data | None:
        """Return a TestEvent if one is due."""
        if not self._take("TestEvent", TEST_S, now):
            return None
        self._count += 1
        return {"yourTestMessage": word(self._configs["TestEvent"], "testMessageForEvent"), "counter": self._count}

    def outline(self, now: float) -> bool:
        """Whether a ModelOutlineEvent is due."""
        return self._take("ModelOutlineEvent", OUTLINE_S, now)

    def _take(self, name: str, every_s: float, now: float) -> bool:
        if name not in self._configs or now < self._due[name]:
            return False
        self._due[name] = max(self._due[name] + every_s, now)
        return True


def _check(name: str, config: Data) -> None:
    if name == "TestEvent" and len(word(config, "testMessageForEvent")) > TEST_MESSAGE:
        raise Refused(Error.TEST_MESSAGE_LONG, f"testMessageForEvent has {TEST_MESSAGE} characters at most")
    if name == "ModelLoadedEvent" and any(not 0 < len(each) <= 64 for each in words(config, "modelID")):
        raise Refused(Error.EVENT_MODEL_ID, "modelID must be a list of model ids")
    if name == "HotkeyTriggeredEvent" and word(config, "onlyForAction") not in {"", *ACTIONS}:
        raise Refused(Error.EVENT_HOTKEY_ACTION, f"there is no hotkey action {word(config, 'onlyForAction')[:64]}")
