"""Roles and names in the layouts of the analysis pages: tabs, plots and menus."""

from importlib import import_module

import dash
import pytest
from dash import Dash

from tests.layouts import parts

PAGES = ("explore", "correlation", "markers")


@pytest.fixture(scope="module", autouse=True)
def app():
    """Make the app that pages register with; others find the registry as it was."""
    before = dict(dash.page_registry)
    yield Dash("roles", use_pages=True, pages_folder="")
    dash.page_registry.clear()
    dash.page_registry.update(before)


@pytest.fixture(scope="module", params=PAGES)
def layout(app, request):
    return list(parts(import_module(f"pages.{request.param}").layout()))


def prop(part, name):
    return part.to_plotly_json()["props"].get(name)


def test_each_tab_has_its_panel_and_one_is_open(layout):
    panels = {part.id: part for part in layout if prop(part, "role") == "tabpanel"}
    lists = [part for part in layout if prop(part, "role") == "tablist"]
    tabs = [part for part in layout if prop(part, "role") == "tab"]
    assert {prop(tab, "aria-controls") for tab in tabs} == set(panels)
    for tab in tabs:
        panel = panels[prop(tab, "aria-controls")]
        assert prop(panel, "aria-labelledby") == tab.id
        assert (prop(tab, "aria-selected") == "true") == (tab.tabIndex == 0) == (not panel.hidden)
    assert len([tab for tab in tabs if tab.tabIndex == 0]) == len(lists) == 1


def test_each_plot_has_a_name_and_a_text(layout):
    ids = {str(getattr(part, "id", "")) for part in layout}
    graphs = {
        part.id for part in layout if type(part).__name__ == "Graph" or prop(part, "className") == "explore-graph"
    }
    figures = [part for part in layout if prop(part, "className") == "plot-figure"]
    assert {figure.children.id for figure in figures} == graphs
    for figure in figures:
        assert prop(figure, "role") in {"img", "figure"}
        assert set(prop(figure, "aria-labelledby").split()) | set(prop(figure, "aria-describedby").split()) <= ids


def test_a_card_has_one_menu_at_most(layout):
    cards = [
        part
        for part in layout
        if (prop(part, "className") or "").startswith("plot-card ") or prop(part, "className") == "plot-card"
    ]
    menus = [[part for part in parts(card) if "share" in (prop(part, "className") or "").split()] for card in cards]
    assert cards
    assert max(map(len, menus)) == 1
