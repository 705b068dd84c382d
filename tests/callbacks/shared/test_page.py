"""The wiring that the analysis pages share: states are resolved once a click, and what is not drawn stays."""

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from dash import Dash, Output, no_update

from callbacks.markers.hydrate import hydrate
from callbacks.shared.page import Page, hydrated, unchanged
from core.services.container import Services
from core.settings.settings import load
from core.urls.page_queries import MarkersQuery
from core.views.markers.state import resolve
from pages._ids_markers import Markers
from tests.core.web.conftest import imported, tiny


@pytest.fixture
def services(tmp_path):
    imported(tmp_path / "data", tiny(tmp_path / "liver.h5ad"), species="human")
    return Services.of(load(data_dir=tmp_path / "data"))


@pytest.fixture
def page(services):
    """Return a page on an app of its own, and the states that were resolved."""
    asked = []

    def counted(services, search):
        asked.append(search)
        return resolve(services, search)

    return Page.of(Dash("page"), services, Markers, MarkersQuery, counted), asked


def test_the_callbacks_of_a_click_share_one_view(page):
    page, asked = page
    state = page.resolve("")[0].state
    asked.clear()
    together = Barrier(4)

    def callback(_):
        together.wait(10)
        return page.view(state)

    with ThreadPoolExecutor(4) as pool:
        views = list(pool.map(callback, range(4)))
    assert asked == [state]
    assert [view.state for view in views] == [state] * 4
    assert page.view(state) == resolve_of(page, state)


def resolve_of(page, state):
    view, problems = page.resolve(state)
    assert problems == []
    return view


def test_a_replaced_atlas_is_resolved_anew_and_the_old_one_is_let_go(page, services, tmp_path):
    page, asked = page
    state = "?atlas=human%2Fliver&by=CellType"
    before = page.view(state)
    old = weakref.ref(before.atlas)
    imported(services.catalog.places.data, tiny(tmp_path / "liver.h5ad", n_cells=40), species="human", replace=True)
    asked.clear()
    after = page.view(state)
    assert asked == [state]
    assert (after.atlas.n_cells, before.atlas.n_cells) == (40, 60)
    del before
    gc.collect()
    assert old() is None


@pytest.mark.parametrize("state", ["?atlas=human%2Fliver&by=Nope", ""])
def test_a_faulty_state_still_has_a_view(page, state):
    page, _ = page
    assert page.view(state).atlas.id == "human/liver"
    assert page.view(state).query.by == "CellType"


def test_an_unknown_atlas_has_no_view(page):
    page, _ = page
    assert page.view("?atlas=human%2Flung&by=CellType") is None


def test_without_an_atlas_there_is_no_view(tmp_path):
    page = Page.of(Dash("page"), Services.of(load(data_dir=tmp_path)), Markers, MarkersQuery, resolve)
    assert page.view("?atlas=human%2Fliver") is None
    filled = hydrated(Markers, None, [], at=1)
    assert filled["hydrated"] is None
    assert "embedding" not in filled, "the page Markers has no maps"


def test_what_is_not_drawn_stays_as_it_is():
    outputs = {"figure": Output("a", "figure"), "cards": [{"title": Output("b", "children")}]}
    assert unchanged(outputs) == {"figure": no_update, "cards": [{"title": no_update}]}


class Recorder:
    """An app that remembers the functions of its callbacks by their names."""

    def __init__(self):
        self.functions = {}

    def callback(self, *_outputs, **_more):
        return lambda function: self.functions.setdefault(function.__name__, function)

    def clientside_callback(self, *_outputs, **_more):
        return None


def test_the_state_comes_with_the_address_unless_it_is_shown_or_faulty(services):
    app = Recorder()
    page = Page.of(app, services, Markers, MarkersQuery, resolve)
    page.register_controls(services, ({}, hydrate), ({}, lambda *_: None))
    follow = app.functions["follow"]
    search = {"search": "?atlas=human%2Fliver&by=Group&top_n=10"}
    first = follow(search, None)
    assert first["state"] == "?atlas=human%2Fliver&by=Group" == first["hydrated"]["search"]
    assert follow(search, first["state"])["state"] is no_update
    # What replaces a faulty part is shown by the controls first, and the address stays.
    assert follow({"search": "?atlas=human%2Fliver&by=Nope"}, None)["state"] is no_update
    assert follow({"search": "?atlas=human%2Fnone"}, None)["state"] is no_update
