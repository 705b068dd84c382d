"""What is sent to Dash's own routes, checked before Dash sees it: what no page sends, it answers with an error 500."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeAlias, cast

from dash.exceptions import DependencyException
from flask import request

from core.errors import InvalidQuery
from core.web.middleware import CALLBACKS
from core.web.problems import problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash import Dash
    from flask import Response

    Callbacks: TypeAlias = Mapping[str, Mapping[str, object]]


def register(app: Dash) -> None:
    """Answer what no page of ours sends with a sentence."""

    @app.server.errorhandler(DependencyException)
    def no_such_file(_error: DependencyException) -> Response:
        return problem(HTTPStatus.NOT_FOUND, "Not found", "There is no such file in the libraries of the pages.")

    @app.server.before_request
    def check() -> None:
        if request.path != CALLBACKS or request.method != "POST":
            return
        try:
            body = cast("object", request.get_json())
        except RecursionError as error:
            raise InvalidQuery("The request is nested too deeply.") from error
        wrong = fault(body, cast("Callbacks", app.callback_map))
        if wrong:
            raise InvalidQuery(f"The request is none that a page sends: {wrong}.", "Reload the page.")


def fault(body: object, callbacks: Callbacks) -> str:
    """What is wrong with the body of a callback's request; nothing where Dash can read it.

    Only its form is checked: whatever the values are, the callback itself answers in words.
    """
    if not isinstance(body, Mapping):
        return "it is no object"
    said = cast("Mapping[str, object]", body)
    name = said.get("output")
    callback = callbacks.get(name) if isinstance(name, str) else None
    if callback is None:
        return "it names no callback of this program"
    for part, wanted in (("inputs", callback["inputs"]), ("state", callback["state"])):
        if not _dependencies(said.get(part, []), len(cast("Sequence[object]", wanted))):
            return f"its {part} are not those of its callback"
    if not callback.get("no_output") and not _outputs(said.get("outputs"), callback["output"]):
        return "its outputs are not those of its callback"
    changed = said.get("changedPropIds", [])
    if not isinstance(changed, list) or not all(isinstance(it, str) for it in cast("list[object]", changed)):
        return "what changed is no list of names"
    return ""


def _outputs(given: object, wanted: object) -> bool:
    if isinstance(wanted, list | tuple):
        return _dependencies(given, len(cast("Sequence[object]", wanted)))
    return _dependencies([given], 1)


def _dependencies(given: object, length: int) -> bool:
    """Whether it is so many properties of components; a pattern has a list in the place of one."""
    if not isinstance(given, list):
        return False
    parts = cast("list[object]", given)
    return len(parts) == length and all(
        all(map(_is_property, cast("list[object]", part))) if isinstance(part, list) else _is_property(part)
        for part in parts
    )


def _is_property(part: object) -> bool:
    if not isinstance(part, Mapping):
        return False
    said = cast("Mapping[str, object]", part)
    return isinstance(said.get("id"), str | Mapping) and isinstance(said.get("property"), str)
