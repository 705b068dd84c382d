"""The gene sets that lie in files on the server: searched by name, and taken as ``gmt:FILE/NAME``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import Input, Output, no_update

from core.analysis.gene_set_scores import MOUNTED
from pages._ids_explore import Explore as Id

if TYPE_CHECKING:
    from dash import Dash

    from core.services.container import Services

MAX_OFFERED = 30


def offered(services: Services, text: str) -> list[dict[str, str]]:
    """The sets that a search finds, as options of a menu."""
    return [
        {"label": f"{it.name} · {len(it.genes):,} genes · {it.file}", "value": it.key, "search": f"{text} {it.name}"}
        for it in services.gene_sets.search(text, MAX_OFFERED)
    ]


def register(app: Dash, services: Services) -> None:
    """Wire both menus; they are hidden where no file is mounted."""

    def search(text: str | None, _hydrated: object) -> dict[str, Any]:
        found = offered(services, text or "")
        return {"options": found, "hidden": not found and not text}

    def take(key: str | None) -> dict[str, Any]:
        if not key:
            return {"text": no_update, "name": no_update, "chosen": no_update}
        # The choice now stands in the field, where it can be changed; the menu is free for the next.
        return {"text": f"{MOUNTED}{key}", "name": key.rpartition("/")[2][:60], "chosen": None}

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
