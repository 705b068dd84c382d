"""Controls of enrichment and activity: outputs that fill them, inputs that read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dash import Input, Output

from core.views.differences.meaning import collections_of, networks_of
from pages._ids_meaning import Meaning as Id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.services.container import Services
    from core.urls.page_queries import DifferencesQuery
    from core.views.differences.state import DifferencesView

Outputs = dict[str, Any]

# Controls with a text or a number, by the parameter that they set.
PLAIN: Final = {
    "test": Id.TEST,
    "direction": Id.DIRECTION,
    "min_size": Id.SMALLEST,
    "max_size": Id.LARGEST,
    "seed": Id.SEED,
    "network": Id.NETWORK,
}
# Stores that a click in a table or a plot fills.
CHOSEN: Final = {"gene_set": Id.GENE_SET, "source": Id.SOURCE}

HYDRATED: Final = {
    "collection": {"options": Output(Id.COLLECTION, "options"), "value": Output(Id.COLLECTION, "value")},
    "networks": {"options": Output(Id.NETWORK, "options"), "hidden": Output(Id.NETWORK_FIELD, "hidden")},
    **{name: Output(control, "value") for name, control in PLAIN.items()},
    **{name: Output(store, "data") for name, store in CHOSEN.items()},
}
CHOICES: Final = {
    "collection": Input(Id.COLLECTION, "value"),
    **{name: Input(control, "value") for name, control in PLAIN.items()},
    **{name: Input(store, "data") for name, store in CHOSEN.items()},
}


def hydrate(services: Services, view: DifferencesView | None) -> Outputs:
    """Fill the controls for a view."""
    if view is None:
        return {
            "collection": {"options": [], "value": []},
            "networks": {"options": [], "hidden": True},
            **dict.fromkeys((*PLAIN, *CHOSEN)),
        }
    query, networks = view.query, networks_of(services, view.atlas)
    return {
        "collection": {
            "options": _options(collections_of(services, view.atlas)),
            "value": [name for name in query.collection.split(",") if name],
        },
        "networks": {"options": _options(networks), "hidden": not networks},
        **{name: getattr(query, name) for name in (*PLAIN, *CHOSEN)},
    }


def collect(choices: Mapping[str, Any], shown: DifferencesQuery | None) -> dict[str, str]:
    """Read the controls into parameters of the address.

    Parameters
    ----------
    shown
        Query of the current view: another network has other sources, and a set whose collection is left out is closed.
    """
    found = {name: text_of(choices.get(name)) for name in (*PLAIN, *CHOSEN)}
    chosen = choices.get("collection") or []
    if chosen and not any(found["gene_set"].startswith(f"{name}/") for name in chosen):
        found["gene_set"] = ""
    if shown is not None and shown.network not in ("", found["network"]):
        found["source"] = ""
    return {**found, "collection": ",".join(chosen)}


def _options(names: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"label": title, "value": name} for name, title in names.items()]


def text_of(value: object) -> str:
    """Write the value of a control as in an address; numbers without a needless fraction."""
    return f"{value:.12g}" if isinstance(value, int | float) else str(value or "")
