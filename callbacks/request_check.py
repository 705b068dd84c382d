"""Validation of requests to Dash's own routes: Dash answers malformed ones with an error 500."""

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
    """Answer malformed requests with a problem document."""

    @app.server.errorhandler(DependencyException)
    def no_such_file(_error: DependencyException) -> Response:
        return problem(HTTPStatus.NOT_FOUND, "Not found", "This file does not exist in the page libraries.")

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
            raise InvalidQuery(f"The request is not valid: {wrong}.", "Reload the page.")


def fault(body: object, callbacks: Callbacks) -> str:
    """Describe what is wrong with the body of a callback's request; empty for one that Dash can read.

    Only the form is checked; the callback itself refuses invalid values.
    """
    if not isinstance(body, Mapping):
        return "the body is not an object"
    fields = cast("Mapping[str, object]", body)
    name = fields.get("output")
    callback = callbacks.get(name) if isinstance(name, str) else None
    if callback is None:
        return "the output belongs to no callback"
    for part, wanted in (("inputs", callback["inputs"]), ("state", callback["state"])):
        if not _dependencies(fields.get(part, []), len(cast("Sequence[object]", wanted))):
            return f"{part} do not match the callback"
    if not callback.get("no_output") and not _outputs(fields.get("outputs"), callback["output"]):
        return "outputs do not match the callback"
    changed = fields.get("changedPropIds", [])
    if not isinstance(changed, list) or not all(isinstance(name, str) for name in cast("list[object]", changed)):
        return "changedPropIds is not a list of names"
    return ""


def _outputs(given: object, wanted: object) -> bool:
    if isinstance(wanted, list | tuple):
        return _dependencies(given, len(cast("Sequence[object]", wanted)))
    return _dependencies([given], 1)


def _dependencies(given: object, length: int) -> bool:
    """Tell whether a value is a list of so many properties of components; a pattern has a list in the place of one."""
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
    fields = cast("Mapping[str, object]", part)
    return isinstance(fields.get("id"), str | Mapping) and isinstance(fields.get("property"), str)
