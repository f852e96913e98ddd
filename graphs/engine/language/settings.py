"""Turns the settings of a node in a graph into ``Settings``, or reports every wrong value with what it must be."""

from collections.abc import Iterable
from itertools import islice
from pathlib import Path as File
from typing import Any, cast

from pydantic import SecretStr, ValidationError

from graphs.engine.language.document import Document, Path
from graphs.engine.language.schema import NODE_KEYS, choices, in_words, keys, may_be, part, settings_schema
from graphs.engine.language.wording import meant, nearest
from nodes import NodeSpec
from nodes.particles import named
from nodes.phrases import changed, described, phrase, reason_of, said_by
from nodes.written import NotText, contents, written
from schemas.settings import Settings, Watched, fields_with


def named_settings(settings: Settings, character: str) -> Settings:
    """Put the character's name in the place of ``{character}`` in every text of the settings."""
    return cast(Settings, _named(settings, character))


def _named(value: object, character: str) -> object:
    if isinstance(value, str):
        return named(value, character)
    if isinstance(value, tuple | list):
        items = cast(tuple[object, ...] | list[object], value)
        return type(items)(_named(item, character) for item in items)
    if isinstance(value, dict):
        return {key: _named(item, character) for key, item in cast(dict[object, object], value).items()}
    if isinstance(value, Settings):
        changes = {key: new for key, old in value if (new := _named(old, character)) != old}
        return value.model_copy(update=changes) if changes else value
    return value


class SettingsCheck:
    """Reads settings out of a document and records there what is wrong with them."""

    def __init__(self, document: Document, root: File) -> None:
        """
        Args:
            root: the folder to which the paths of watched files are relative.
        """
        self._document = document
        self._root = root

    def settings(self, name: str, spec: NodeSpec, given: dict[str, Any]) -> Settings | None:
        """Read the settings of a node; None after recording their problems."""
        path: Path = ("nodes", name)
        fields = spec.settings.model_fields
        words = [*fields, *(port.name for port in spec.inputs), *NODE_KEYS]
        unknown = [key for key in given if key not in fields]
        for key in unknown:
            hint = meant(key, [*words, *(["in"] if spec.inputs else [])]) or phrase(
                "it has {words}", words=", ".join(words)
            )
            message = phrase("{type} has no '{key}'", type=spec.name, key=key)
            self._document.problem(self._document.key((*path, key)), message, hint)
        known = {key: value for key, value in given.items() if key not in unknown}
        for key in fields_with(spec.settings, SecretStr) & known.keys():
            self._secret((*path, key), known[key])
        settings = self.validated(spec.settings, known, path, phrase("the node '{name}'", name=name))
        for key, value in settings or ():
            self._secrets((*path, key), value)
        return settings

    def validated(self, model: type[Settings], given: dict[str, Any], path: Path, owner: str) -> Any:
        """Read the settings ``given`` at ``path``; None after recording their problems."""
        traps = [
            key
            for key, value in given.items()
            if isinstance(value, bool) and not may_be(part(settings_schema(model), (key,)) or {}, "boolean")
        ]
        for key in traps:
            self._wrong_value(settings_schema(model), (*path, key), (key,), given[key], [])
        try:
            settings = model.model_validate(given)
        except ValidationError as error:
            wrong: dict[Path, list[Any]] = {}
            for found in error.errors(include_url=False):
                if found["type"] == "missing":
                    within = self._written(path, found["loc"][:-1])
                    self._missing(settings_schema(model), path, (*within, found["loc"][-1]), owner)
                    continue
                location = self._written(path, found["loc"])
                wrong.setdefault(location, []).append(found)
            for location, errors in wrong.items():
                if location[:1] not in [(key,) for key in traps]:
                    self._wrong_value(
                        settings_schema(model), (*path, *location), location, _at(given, location), errors
                    )
            return None
        return None if traps else settings

    def files(self, path: Path, settings: Settings) -> None:
        """Check that the files named in the settings exist."""
        for name in sorted(fields_with(type(settings), Watched)):
            given = (*path, name)
            mark = self._document.value(given) if self._document.holds(given) else self._document.key(path)
            for file in _paths(getattr(settings, name)):
                if not _there(self._root / file):
                    why = phrase("there is no file {file}", file=file.as_posix())
                    message = phrase("{name}: {why}", name=name, why=why)
                    self._document.problem(mark, message, _nearest_file(self._root, file))
                elif wrong := _unreadable(self._root / file):
                    named = phrase("{name}: {why}", name=file.as_posix(), why=wrong)
                    self._document.problem(mark, phrase("{name}: {why}", name=name, why=named))

    def _secrets(self, path: Path, value: object) -> None:
        """Find the secrets in lists of settings, which differ from other text only once the settings are checked."""
        if isinstance(value, tuple | list):
            for index, each in enumerate(cast(Iterable[object], value)):
                for key, inner in each if isinstance(each, Settings) else ():
                    if isinstance(inner, SecretStr):
                        self._secret((*path, index, key), inner.get_secret_value())
                    self._secrets((*path, index, key), inner)

    def _secret(self, path: Path, value: object) -> None:
        if isinstance(value, str) and value and path not in self._document.variables and self._document.holds(path):
            variable = f'"${{{str(path[-1]).upper()}}}"'
            hint = phrase("write {variable} and put the value into the file .env", variable=variable)
            message = phrase("{name} is a secret and cannot stand in a graph", name=path[-1])
            self._document.problem(self._document.value(path), message, hint)

    def _written(self, path: Path, location: Path) -> Path:
        """Give a path as in the file: pydantic also includes the branch of a union that it tried."""
        found: Path = ()
        for key in location:
            if self._document.holds((*path, *found, key)):
                found = (*found, key)
        return found

    def _missing(self, schema: dict[str, Any], path: Path, location: Path, owner: str) -> None:
        around = (*path, *location[:-1])
        if len(location) > 1:
            owner = ".".join(map(str, location[:-1]))
        about = (part(schema, location) or {}).get("description", "")
        mark = self._document.key(around)
        message = phrase("{name} needs {key}", name=owner, key=location[len(location) - 1])
        self._document.problem(mark, message, changed(described(about), _as_hint) if about else "")

    def _wrong_value(
        self, schema: dict[str, Any], path: Path, location: Path, value: object, errors: list[Any]
    ) -> None:
        document = self._document
        if any(path[: len(broken)] == broken for broken in document.broken):
            return
        name = ".".join(map(str, location)) or str(path[-1])
        kinds = {error["type"] for error in errors}
        if "extra_forbidden" in kinds:
            words = keys(part(schema, location[:-1]) or {})
            hint = meant(name.rpartition(".")[2], words) or phrase(
                "what is known: {words}", words=", ".join(dict.fromkeys(words))
            )
            self._document.problem(document.key(path), phrase("'{name}' is not known here", name=name), hint)
            return
        for error in errors:
            if error["type"].startswith("union_tag"):  # the key that says which kind of mapping it is
                key, tag = error["ctx"]["discriminator"].strip("'"), error["ctx"].get("tag")
                words = choices(part(schema, (*location, key)) or {})
                message = phrase("{name} needs {key}", name=name, key=key)
                if tag is not None:
                    message = phrase("{name}: there is no {key} '{tag}'", name=name, key=key, tag=tag)
                hint = meant(tag or "", words) or phrase("one of {words}", words=", ".join(words))
                self._document.problem(document.value(path), message, hint)
                return
            if error["type"] in ("value_error", "assertion_error"):
                self._document.problem(
                    document.value(path), phrase("{name}: {why}", name=name, why=said_by(error["ctx"]["error"]))
                )
                return
        allowed = part(schema, location)
        if allowed is None:
            why = errors[0]["msg"][:1].lower() + errors[0]["msg"][1:]
            self._document.problem(document.value(path), phrase("{name}: {why}", name=name, why=why))
            return
        shown = document.told(path, value)
        hint = meant(str(value), choices(allowed))
        if "string_type" in kinds and isinstance(value, int | float):
            hint = phrase("put it in quotes")
        if may_be(allowed, "password"):
            shown, hint = phrase("this"), phrase("name a variable, such as {variable}", variable='"${TOKEN}"')
        message = phrase("{name} must be {expected}, not {shown}", name=name, expected=in_words(allowed), shown=shown)
        self._document.problem(document.value(path), message, hint)


def _as_hint(about: str) -> str:
    return about[:1].lower() + about[1:].rstrip(".")


def _there(file: File) -> bool:
    try:
        return file.is_file()
    except OSError:  # such as a name that is longer than a file's can be
        return False


def _unreadable(file: File) -> str:
    """Say why an existing file cannot be read as text; empty if it can."""
    try:
        written(contents(file))
    except NotText as error:
        return said_by(error)
    except OSError as error:
        return phrase("cannot be read: {why}", why=reason_of(error))
    return ""


def _nearest_file(root: File, file: File) -> str:
    folder = (root / file).parent
    try:
        names = [entry.name for entry in islice(folder.iterdir(), 500) if entry.is_file()]
    except (OSError, ValueError):  # a name cannot contain NUL
        return phrase("there is no folder {folder} either", folder=file.parent.as_posix())
    found = nearest(file.name, names)
    return phrase("did you mean '{word}'?", word=(file.parent / found).as_posix()) if found else ""


def _at(data: Any, location: Path) -> Any:
    for key in location:
        data = data[key]
    return data


def _paths(value: object) -> list[File]:
    if isinstance(value, File):
        return [value]
    if isinstance(value, list | tuple):
        return [path for item in cast(Iterable[object], value) for path in _paths(item)]
    if isinstance(value, dict):
        return _paths(list(cast(dict[object, object], value).values()))
    return []
