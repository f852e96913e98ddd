"""``@node``: turns an annotated function into a node type that a graph can use.

The signature is the specification::

    @node("chat.dedupe")
    def dedupe(config: Dedupe, chat: Observable[ViewerEvent], *, clock: Clock) -> Observable[ViewerEvent]:
        \"\"\"Drop a message whose author and text are among the last ones.\"\"\"

First comes the settings model; then one parameter for each input port (``Feedback[Event]`` if a cycle may close there,
a default of ``UNWIRED`` if it may stay unconnected); keyword-only parameters for what the engine lends
(``nodes.services``). The return annotation is the output: ``Observable[Event]``, a NamedTuple of them for several
ports, ``Observable[Never]`` for none.
"""

import importlib
import inspect
import os
import pkgutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Annotated, Any, Never, TypeVar, cast, get_args, get_origin, get_type_hints

import reactivex
from reactivex import Observable

from nodes.loading import Broken, broken_by
from nodes.phrases import phrase
from schemas.event import Event
from schemas.light import Light
from schemas.settings import Settings

NO_TELEMETRY = {
    "ORT_DISABLE_TELEMETRY": "1",  # onnxruntime from 1.30 creates a device id and looks up its collector when imported
    "HF_HUB_DISABLE_TELEMETRY": "1",  # huggingface_hub and transformers
    "RAY_USAGE_STATS_ENABLED": "0",
    "DO_NOT_TRACK": "1",  # consoledonottrack.com; gradio and others
}
"""Packages read these when they are imported, so they are set here: every node loads this file before its imports."""
for _name, _value in NO_TELEMETRY.items():
    os.environ.setdefault(_name, _value)

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])

Feedback = Annotated[Observable[T], "feedback"]
"""An input port through which a cycle of the graph may close."""

UNWIRED: Observable[Any] = reactivex.empty()
"""The default of an input port that may stay unconnected."""

RESERVED = frozenset({"type", "in", "at", "out", "on", "off", "yes", "no", "y", "n", "true", "false", "null"})
"""Names that no port or setting may have: keywords of the graph language, and words that YAML reads as other values."""


@dataclass(frozen=True, slots=True)
class Port:
    """A named, typed end of an edge."""

    name: str
    event: type[Event]
    feedback: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class NodeSpec:
    """Everything that the engine knows about a node type."""

    name: str
    settings: type[Settings]
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    services: dict[str, Any]
    """Keyword-only parameter -> the protocol that it requests."""
    build: Callable[..., Any]
    exclusive: bool = False
    """Whether two generations of it cannot run at once (a device, a token): a reload then ends the old one first."""
    once: bool = False
    """Whether a graph holds at most one of it in each place: it always answers the same addresses of the pages."""
    light: Light | None = None
    """The light on the pages that shows how it is with this node; its log switches it (``nodes.services.Log``)."""

    @property
    def family(self) -> str:
        return self.name.partition(".")[0]

    @property
    def summary(self) -> str:
        """Return the first line of the docstring, for ``aischoco.py nodes``."""
        return (inspect.getdoc(self.build) or "").partition("\n")[0]

    def input(self, name: str) -> Port | None:
        return next((port for port in self.inputs if port.name == name), None)

    def output(self, name: str) -> Port | None:
        return next((port for port in self.outputs if port.name == name), None)


registry: dict[str, NodeSpec] = {}
"""Node type -> its specification; complete after ``load_all``."""
broken: dict[str, Broken] = {}
"""Module -> why ``load_all`` could not import it."""


def node(type_: str, *, exclusive: bool = False, once: bool = False, light: Light | None = None) -> Callable[[F], F]:
    """Register a function as the node type ``type_`` (``family.verb`` or ``family.noun``).

    Args:
        exclusive: see ``NodeSpec``.
        once: see ``NodeSpec``.
        light: see ``NodeSpec``.

    Raises:
        TypeError: the signature does not say what the engine needs.
        ValueError: two node types have the same name.
    """

    def register(build: F) -> F:
        known = registry.get(type_)
        if known is not None and known.build.__module__ != build.__module__:
            first, second = known.build.__module__, build.__module__
            text = phrase("two nodes are called {type}: {first} and {second}", type=type_, first=first, second=second)
            raise ValueError(text)
        registry[type_] = _read(type_, build, exclusive, once, light)
        return build

    return register


def load_all() -> dict[str, NodeSpec]:
    """Import every public file under nodes/ and return the registry; what cannot be imported is put in ``broken``.

    The next call tries a broken file again: it may have been fixed.
    """
    for family in _families():
        for name in _files(family):
            _imported(f"nodes.{family}.{name}")
    return registry


class _Types(Mapping[str, NodeSpec]):
    """The node types by name; the file of one is imported when it is asked for, all files when they are listed.

    A show that uses fifteen of thirty types starts without the packages and patterns of the others.
    """

    def __getitem__(self, type_: str) -> NodeSpec:
        if type_ not in registry:
            family, _, name = type_.partition(".")
            if (f"{__name__}.{family}" in sys.modules or family in _families()) and name in _files(family):
                _imported(f"nodes.{family}.{name}")
        if (
            type_ not in registry
        ):  # its file has another name, or does not exist, or cannot be imported: ``broken`` says why
            load_all()
        return registry[type_]

    def __iter__(self) -> Iterator[str]:
        return iter(load_all())

    def __len__(self) -> int:
        return len(load_all())


types: Mapping[str, NodeSpec] = _Types()
"""Node type -> its specification, as ``load_all`` gives it, but only what is asked for is imported."""


def _families() -> list[str]:
    return [each.name for each in pkgutil.iter_modules(__path__) if each.ispkg]


def _files(family: str) -> list[str]:
    """List the public files of a family; empty if its folder cannot be imported."""
    folder = _imported(f"nodes.{family}")
    modules = () if folder is None else pkgutil.iter_modules(folder.__path__)
    return [module.name for module in modules if not module.name.startswith("_")]


def _imported(name: str) -> ModuleType | None:
    try:
        module = importlib.import_module(name)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a package in Rust may panic, which is no Exception
        for type_ in [type_ for type_, spec in registry.items() if spec.build.__module__ == name]:
            del registry[type_]  # it was registered before the line that failed
        broken[name] = broken_by(name, error)
        return None
    broken.pop(name, None)
    return module


def _read(
    type_: str, build: Callable[..., Any], exclusive: bool, once: bool = False, light: Light | None = None
) -> NodeSpec:
    hints = get_type_hints(build, include_extras=True)
    returned = hints.pop("return", None)
    parameters = list(inspect.signature(build).parameters.values())
    if not parameters or not _is_settings(hints.get(parameters[0].name)):
        raise TypeError(phrase("{type}: the first parameter must be its settings model", type=type_))
    settings = cast(type[Settings], hints[parameters[0].name])
    inputs: list[Port] = []
    services: dict[str, Any] = {}
    for parameter in parameters[1:]:
        hint = hints.get(parameter.name)
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            services[parameter.name] = hint
        else:
            inputs.append(_input(type_, parameter, hint))
    for name in [port.name for port in inputs] + list(settings.model_fields):
        if name in RESERVED:
            text = phrase("{type}: {name} is a word of the graph language; choose another name", type=type_, name=name)
            raise TypeError(text)
    both = {port.name for port in inputs} & set(settings.model_fields)
    if both:
        names = ", ".join(sorted(both))
        raise TypeError(phrase("{type}: both a port and a setting are called {names}", type=type_, names=names))
    return NodeSpec(type_, settings, tuple(inputs), _outputs(type_, returned), services, build, exclusive, once, light)


def _is_settings(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, Settings)


def _input(type_: str, parameter: inspect.Parameter, hint: Any) -> Port:
    feedback = get_origin(hint) is Annotated and "feedback" in get_args(hint)[1:]
    event = _event(get_args(hint)[0] if feedback else hint)
    if event is None:
        text = phrase(
            "{type}: {name} is not an Observable of an event: {hint}", type=type_, name=parameter.name, hint=hint
        )
        raise TypeError(text)
    return Port(parameter.name, event, feedback, parameter.default is not inspect.Parameter.empty)


def _outputs(type_: str, returned: Any) -> tuple[Port, ...]:
    if get_origin(returned) is Observable and get_args(returned)[0] is Never:
        return ()
    event = _event(returned)
    if event is not None:
        return (Port("out", event),)
    if hasattr(returned, "_fields"):
        found = {name: _event(hint) for name, hint in get_type_hints(returned).items()}
        if found and all(found.values()):
            return tuple(Port(name, event) for name, event in found.items() if event is not None)
    text = phrase(
        "{type}: the return annotation must be Observable[Event] or a NamedTuple of them, not {returned}",
        type=type_,
        returned=returned,
    )
    raise TypeError(text)


def _event(hint: Any) -> type[Event] | None:
    if get_origin(hint) is not Observable:
        return None
    event = get_args(hint)[0]
    return event if isinstance(event, type) and issubclass(event, Event) else None
