"""Menus of the gene sets in files on the server: searched by name, and entered as ``gmt:FILE/NAME``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import Input, Output, no_update

from core.views.explore.gene_sets import mounted_text
from pages._ids_explore import Explore as Id

if TYPE_CHECKING:
    from dash import Dash

    from core.services.container import Services

MAX_OFFERED = 30


def offered(services: Services, text: str) -> list[dict[str, str]]:
    """Return the sets that a search finds, as options of a menu."""
    return [
        {
            "label": f"{found.name} · {len(found.genes):,} genes · {found.file}",
            "value": found.key,
            "search": f"{text} {found.name}",
        }
        for found in services.gene_sets.search(text, MAX_OFFERED)
    ]


def register(app: Dash, services: Services) -> None:
    """Wire both menus, which are hidden where no file is mounted."""

    def search(text: str | None, _hydrated: object) -> dict[str, Any]:
        found = offered(services, text or "")
        return {"options": found, "hidden": not found and not text}

    def take(key: str | None) -> dict[str, Any]:
        if not key:
            return {"text": no_update, "name": no_update, "chosen": no_update}
        # The field now holds the choice, where it can be edited; the menu is emptied for the next one.
        return {"text": mounted_text(key), "name": key.rpartition("/")[2][:60], "chosen": None}

    for menu, field, text, name in (
        (Id.MOUNTED_A, Id.MOUNTED_A_FIELD, Id.SET_A, Id.NAME_A),
        (Id.MOUNTED_B, Id.MOUNTED_B_FIELD, Id.SET_B, Id.NAME_B),
    ):
        app.callback(
            output={"options": Output(menu, "options"), "hidden": Output(field, "hidden")},
            inputs={"text": Input(menu, "search_value"), "_hydrated": Input(Id.HYDRATED, "data")},
        )(search)
        app.callback(
            output={
                "text": Output(text, "value", allow_duplicate=True),
                "name": Output(name, "value", allow_duplicate=True),
                "chosen": Output(menu, "value"),
            },
            inputs={"key": Input(menu, "value")},
            prevent_initial_call=True,
        )(take)
