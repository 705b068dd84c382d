"""Tabs after the WAI-ARIA pattern: a list of tabs whose open one is in a store, and a panel for each.

``assets/js/2-shared/tabs.js`` moves between the tabs and shows the panel of the open one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import dcc, html

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dash.development.base_component import Component


def tab_list(store: str, label: str, names: Mapping[str, str], panels: Mapping[str, str]) -> Sequence[Component]:
    """Build the store of the open tab, and the list of tabs; the first is open.

    Parameters
    ----------
    store
        Id of the store, which holds the key of the open tab.
    names, panels
        Words of each tab, and the id of its panel, by the key of the tab.
    """
    first = next(iter(names))
    tabs = [
        html.Button(
            words,
            id=tab_id(store, key),
            type="button",
            role="tab",
            tabIndex=0 if key == first else -1,
            className="tab-button",
            **{"aria-selected": str(key == first).lower(), "aria-controls": panels[key], "data-tab": key},  # pyright: ignore[reportArgumentType]
        )
        for key, words in names.items()
    ]
    return [
        dcc.Store(id=store, data=first),
        html.Div(tabs, role="tablist", className="tab-list", **{"aria-label": label, "data-tabs": store}),  # pyright: ignore[reportArgumentType]
    ]


def tab_panel(children: Sequence[Component], panel: str, store: str, key: str, *, is_open: bool = False) -> Component:
    """Build the panel of one tab."""
    return html.Div(
        list(children),
        id=panel,
        role="tabpanel",
        hidden=not is_open,
        className="tab-panel",
        **{"aria-labelledby": tab_id(store, key)},  # pyright: ignore[reportArgumentType]
    )


def tab_id(store: str, key: str) -> str:
    """Return the id of a tab."""
    return f"{store}-{key}"
