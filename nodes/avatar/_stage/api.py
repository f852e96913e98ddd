"""Serves the VTube Studio API for the stage, without I/O: plugin messages go in, answers and events come out.

Answers and events go out through ``Guest.tell``; what the pages must show is collected in ``changes``.
"""

from collections.abc import Callable
from dataclasses import dataclass

from nodes.avatar._stage.empty import ANSWERS
from nodes.avatar._stage.grants import Grants, mark_of
from nodes.avatar._stage.guests import Guest, Prompt
from nodes.avatar._stage.icon import good_icon
from nodes.avatar._stage.inputs import Inputs, Plugin
from nodes.avatar._stage.model import Model
from nodes.avatar._stage.parts import IDENTITY, LIVE2D, MESHES, NAME, NAMED, tint
from nodes.avatar._stage.strangers import Questions
from nodes.avatar._stage.wire import Broken, Data, Error, Refused, Request, message, part, read, refusal, word

VERSION = "1.32.0"
"""The version of VTube Studio whose API the stage serves."""
FRAMERATE = 60
"""How often a page draws that does not tell, a second."""


class Api:
    """Holds the whole state of the stage; there is one for all connections."""

    def __init__(self, grants: Grants, now: float, *, allow: bool, name: str = NAME) -> None:
        """
        Args:
            allow: allow every program on this machine without asking; never a web page or another machine.
            name: what the model is called.
        """
        self.name = name
        self.inputs = Inputs()
        self.model = Model(now)
        self.prompt: Prompt | None = None
        self.guests: list[Guest] = []
        self.framerate = FRAMERATE
        """How often the pages draw, a second."""
        self._grants = grants
        self._allow = allow
        self._questions = Questions()
        self._begun = now
        self._number = 0
        self._face = False
        self._prompted: Prompt | None = None
        self._handlers = _handlers(self)

    def connect(self, tell: Callable[[Data], object], *, page: str = "", near: bool = True) -> Guest:
        guest = Guest(tell, page, near)
        self.guests.append(guest)
        return guest

    def leave(self, guest: Guest) -> None:
        """Note that a connection ended; its prompt is void."""
        self.guests.remove(guest)
        if self.prompt is not None and self.prompt.guest is guest:
            self.prompt = None

    def take(self, guest: Guest, text: str | bytes, now: float) -> None:
        """Answer a message."""
        self._number += 1
        try:
            request = read(text, f"stage-{self._number}")
        except Broken as broken:
            guest.tell(refusal(broken.id, broken))
            return
        try:
            answer = self._answer(guest, request, now)
        except Refused as refused:
            guest.tell(refusal(request.id, refused))
        else:
            if answer is not None:
                guest.tell(message(request.id, f"{request.kind}Response", self._named(answer)))
        self.step(now)

    def decide(self, id_: str, allowed: bool, now: float) -> bool:
        """Apply a person's decision on the prompt; return False if it is no longer open."""
        prompt = self.prompt
        if prompt is None or prompt.id != id_:
            return False
        self.prompt = None
        if allowed:
            token = {"authenticationToken": self._grant(prompt.plugin)}
            prompt.guest.tell(message(prompt.request.id, "AuthenticationTokenResponse", token))
        else:
            prompt.guest.tell(refusal(prompt.request.id, Refused(Error.TOKEN_DENIED, "a person denied the plugin")))
            if prompt.guest.page:
                self._questions.denied(prompt.guest.page, now)
        return True

    def step(self, now: float) -> None:
        """Report what happened, and do what is due."""
        self.model.run(now)
        face = self.inputs.face_found(now)
        if face != self._face:
            self._face = face
            told = {"faceFound": face, "leftHandFound": False, "rightHandFound": False}
            self.model.happened.append(("TrackingStatusChangedEvent", told))
        happened, self.model.happened = self.model.happened, []
        for guest in self.guests:
            for name, data in happened:
                if guest.events.wants(name, data):
                    self._event(guest, name, data)
            test = guest.events.test(now)
            if test is not None:
                self._event(guest, "TestEvent", test)
            if guest.events.outline(now):
                self._event(guest, "ModelOutlineEvent", self.model.outline())

    @property
    def ticking(self) -> bool:
        """Whether something will happen without a message."""
        return self._face or self.model.busy or any(guest.events.ticking for guest in self.guests)

    def changes(self) -> list[Data]:
        """Return what is new for the pages, apart from the values of inputs."""
        changes, self.model.changes = self.model.changes, []
        if self.prompt is not self._prompted:
            self._prompted = self.prompt
            changes.append({"type": "prompt", "prompt": self.prompt and self.prompt.shown()})
        return changes

    def shown(self, now: float) -> Data:
        """Return everything that a newly connected page needs to know."""
        return {
            "type": "hello",
            "name": self.name,
            "values": self.inputs.driven(now),
            "expressions": list(self.model.expressions),
            "place": dict(self.model.place),
            "prompt": self.prompt and self.prompt.shown(),
        }

    def _event(self, guest: Guest, name: str, data: Data) -> None:
        self._number += 1
        guest.tell(message(f"stage-{self._number}", name, self._named(data)))

    def _named(self, data: Data) -> Data:
        """Return an answer or an event with the name of the model, if it tells one."""
        return {**data, "modelName": self.name} if "modelName" in data else data

    def _answer(self, guest: Guest, request: Request, now: float) -> Data | None:
        data = request.data
        if request.kind == "APIState":
            return {
                "active": True,
                "vTubeStudioVersion": VERSION,
                "currentSessionAuthenticated": guest.plugin is not None,
            }
        if request.kind == "AuthenticationToken":
            return self._token(guest, request, now)
        if request.kind == "Authentication":
            return self._authenticate(guest, data)
        handler = self._handlers.get(request.kind)
        empty = ANSWERS.get(request.kind)
        if handler is None and empty is None:
            raise Refused(Error.TYPE_UNKNOWN, f"there is no request {request.kind[:64]}Request")
        if guest.plugin is None:
            raise Refused(Error.NOT_AUTHENTICATED, "the plugin has to authenticate itself first")
        if empty is not None:
            return empty(data)
        assert handler is not None  # noqa: S101 - one of the two is there
        return handler(Call(guest, guest.plugin, data, now))

    def _token(self, guest: Guest, request: Request, now: float) -> Data | None:
        plugin = word(request.data, "pluginName"), word(request.data, "pluginDeveloper")
        for name, error in zip(plugin, (Error.PLUGIN_NAME_INVALID, Error.DEVELOPER_NAME_INVALID), strict=True):
            if not 3 <= len(name) <= 32:
                raise Refused(error, "names of plugin and developer must have 3 to 32 characters")
        icon = request.data.get("pluginIcon")
        if icon and not good_icon(icon):
            raise Refused(Error.PLUGIN_ICON_INVALID, "pluginIcon must be a base64 PNG or JPG of 128 x 128 pixels")
        if self._allow and guest.near and not guest.page:
            return {"authenticationToken": self._grant(plugin)}
        ongoing = Refused(Error.TOKEN_ONGOING, "a person is being asked already, or was asked a moment ago")
        if guest.page and not self._questions.may(guest.page, now):
            raise ongoing
        open_ = self.prompt
        if open_ is not None:
            if guest.page or not open_.guest.page:
                raise ongoing
            open_.guest.tell(refusal(open_.request.id, ongoing))  # a web page does not keep a program waiting
        if guest.page:
            self._questions.asked(guest.page, now)
        self._number += 1
        self.prompt = Prompt(f"prompt-{self._number}", plugin, guest, request)
        return None

    def _grant(self, plugin: Plugin) -> str:
        return self._grants.grant(plugin, {guest.mark for guest in self.guests})

    def _authenticate(self, guest: Guest, data: Data) -> Data:
        token, name, developer = (word(data, each) for each in ("authenticationToken", "pluginName", "pluginDeveloper"))
        for value, error in (
            (token, Error.TOKEN_MISSING),
            (name, Error.PLUGIN_NAME_MISSING),
            (developer, Error.DEVELOPER_NAME_MISSING),
        ):
            if not value:
                raise Refused(error, "authenticationToken, pluginName and pluginDeveloper are needed")
        good = self._grants.good((name, developer), token)
        guest.plugin, guest.mark = ((name, developer), mark_of(token)) if good else (None, "")
        reason = "The plugin is allowed." if good else "The token is invalid or was revoked; ask for a new one."
        return {"authenticated": good, "reason": reason}

    def statistics(self, now: float) -> Data:
        """Return a StatisticsResponse."""
        return {
            "uptime": round(1000 * (now - self._begun)),
            "framerate": self.framerate,
            "vTubeStudioVersion": VERSION,
            "allowedPlugins": len(self._grants),
            "connectedPlugins": sum(guest.plugin is not None for guest in self.guests),
            "startedWithSteam": False,
            "windowWidth": 1280,
            "windowHeight": 720,
            "windowIsFullscreen": False,
        }

    def subscribe(self, guest: Guest, data: Data, now: float) -> Data:
        """Handle an EventSubscriptionRequest; a plugin that subscribes to the model's position gets it at once."""
        answer = guest.events.change(data, part(data, "config"), now)
        if word(data, "eventName") == "ModelMovedEvent" and data.get("subscribe") is True:
            self._event(guest, "ModelMovedEvent", self.model.moved())
        return answer


@dataclass(frozen=True, slots=True)
class Call:
    """A request from an authenticated plugin."""

    guest: Guest
    plugin: Plugin
    data: Data
    now: float


Handler = Callable[[Call], Data]


def _handlers(api: Api) -> dict[str, Handler]:
    """Return the handlers for requests of an authenticated plugin; the keys lack the suffix ``Request``."""
    inputs, model = api.inputs, api.model
    meshes = {
        "modelLoaded": True,
        "numberOfArtMeshNames": len(MESHES),
        "numberOfArtMeshTags": 0,
        "artMeshNames": list(MESHES),
        "artMeshTags": [],
        "numberOfArtMeshGroups": 0,
        "artMeshGroups": [],
    }
    available = {**IDENTITY, "modelName": api.name, "vtsModelName": "choco.vtube.json", "vtsModelIconName": ""}
    return {
        "Statistics": lambda call: api.statistics(call.now),
        "EventSubscription": lambda call: api.subscribe(call.guest, call.data, call.now),
        "CurrentModel": lambda call: model.current(call.now),
        "AvailableModels": lambda _: {"numberOfModels": 1, "availableModels": [available]},
        "ModelLoad": lambda call: model.load(call.data, call.now),
        "MoveModel": lambda call: model.move(call.data),
        "HotkeysInCurrentModel": lambda _: model.hotkeys(),
        "HotkeyTrigger": lambda call: model.trigger(call.data, call.now),
        "ExpressionState": lambda call: model.expression_state(call.data),
        "ExpressionActivation": lambda call: model.activate(call.data),
        "ArtMeshList": lambda _: meshes,
        "ColorTint": lambda call: tint(call.data),
        "FaceFound": lambda call: {"found": inputs.face_found(call.now)},
        "InputParameterList": lambda call: {**IDENTITY, **inputs.listed(call.now)},
        "ParameterValue": lambda call: inputs.described(word(call.data, "name"), call.now),
        "Live2DParameterList": lambda call: _outputs(inputs, call.now),
        "ParameterCreation": lambda call: inputs.create(call.plugin, call.data),
        "ParameterDeletion": lambda call: inputs.delete(call.plugin, call.data),
        "InjectParameterData": lambda call: inputs.inject(call.plugin, call.data, call.now),
    }


def _outputs(inputs: Inputs, now: float) -> Data:
    """Return a Live2DParameterListResponse."""
    shown = [
        {
            "name": name,
            "value": min(max(inputs.value(of, now), low), high),
            "min": low,
            "max": high,
            "defaultValue": rest,
        }
        for name, (of, low, high, rest) in LIVE2D.items()
    ]
    return {"modelLoaded": True, **NAMED, "parameters": shown}
