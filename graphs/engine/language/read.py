"""Reads a graph's file into a checked graph."""

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

from graphs.engine.language.check import check
from graphs.engine.language.env import environment
from graphs.engine.log.redact import Redactor, secrets_in_environment
from nodes import types
from nodes.phrases import phrase, reason_of
from nodes.written import contents
from schemas.graph import Graph, GraphError, Problem


def read_graph(path: Path, root: Path, env: Mapping[str, str] | None = None) -> Graph:
    """Read, load and check a graph.

    Args:
        env: what ``${NAME}`` reads; None for the environment of the project.

    Raises:
        GraphError: every problem of the file at once, without the secrets that it reads from the environment.
    """
    try:
        raw = contents(path)
    except OSError as error:
        what = phrase("cannot be read: {why}", why=reason_of(error))
        raise GraphError([Problem(str(path), 1, 1, what, _instead(path))]) from error
    env = environment(root) if env is None else env
    try:
        return check(raw, str(path), types, env, root)
    except GraphError as error:
        redact = Redactor()
        redact.hide(secrets_in_environment(env))
        problems = [
            replace(each, message=redact.known(each.message), hint=redact.known(each.hint)) for each in error.problems
        ]
        about = {language: redact.known(said) for language, said in error.intro.about.items()}
        safe = GraphError(problems, redact.known(error.name), replace(error.intro, about=about))
    raise safe  # raised here so that the problems with the secrets do not become its context


def _instead(path: Path) -> str:
    """Suggest the graph that the name of a missing one may stand for."""
    folder = path if path.is_dir() else path.parent
    try:
        names = sorted(each.name for each in folder.glob("*.yaml"))
    except OSError:
        return ""
    near = get_close_matches(path.name, names, 1)
    if near and not path.is_dir():
        return phrase("did you mean '{word}'?", word=(folder / near[0]).as_posix())
    return phrase("graphs in {folder}: {names}", folder=folder.as_posix(), names=", ".join(names)) if names else ""
