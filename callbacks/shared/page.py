"""Wiring of an analysis page: the address fills the controls, the controls give the state, the state draws the parts.

::

    address -> SEARCH -> resolve -> STATE -> parts
                                 -> hydrate -> controls -> collect -> STATE -> parts
                                                                   -> (browser) the address

Explore, Correlation, Markers and Species differ in their ids, their controls, their view and their parts; on Species no
cells are filtered.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, fields
from functools import partial
from threading import Condition
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeGuard, TypeVar
from urllib.parse import parse_qs, urlencode

from cachetools import LRUCache, cached
from dash import ClientsideFunction, Input, Output, State, no_update

from callbacks.shared import clientside, selection_controls
from callbacks.shared.problems import alerts, no_atlas
from callbacks.shared.progress import register as register_progress
from core.compute.abandonment import client_gone
from core.compute.watch import Watch, watching
from core.errors import AtlasError
from core.figures.theme import theme_of
from core.urls.page_queries import split_search
from pages._ids import Shell

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dash import Dash

    from core.atlas.catalog import Catalog
    from core.figures.theme import Theme
    from core.services.container import Services
    from core.urls.page_queries import PageQuery
    from core.views.resolve import Problem
    from core.views.view import PageView
    from pages._ids import Ids, PageIds
    from pages._progress import ProgressIds

Outputs: TypeAlias = dict[str, Any]
# A few clicks of a few visitors.
MAX_VIEWS = 64


View = TypeVar("View", bound="PageView")


@dataclass(frozen=True)
class Page(Generic[View]):
    """One analysis page on one app.

    Attributes
    ----------
    namespace
        Name of the page's functions in the browser.
    query
        Type of the queries that its addresses hold.
    resolve
        Turns an address into a view and the problems of the address; the view is None without any readable atlas.
    view
        Turns a state into its view; the callbacks of one click share it.
    """

    app: Dash
    ids: PageIds
    namespace: str
    query: type[PageQuery]
    catalog: Catalog
    resolve: Callable[[str], tuple[View | None, list[Problem]]]
    view: Callable[[str], View | None]

    @classmethod
    def of(
        cls,
        app: Dash,
        services: Services,
        ids: PageIds,
        query: type[PageQuery],
        resolve: Callable[[Services, str], tuple[View | None, list[Problem]]],
    ) -> Page[View]:
        """Bind a page to the services; its functions in the browser are named after its path."""
        bound = partial(resolve, services)
        return cls(app, ids, query.PATH.strip("/"), query, services.catalog, bound, _shared(services, bound))

    def register_controls(
        self,
        services: Services,
        hydrate: tuple[Outputs, Callable[..., Outputs]],
        collect: tuple[Outputs, Callable[..., str | None]],
    ) -> None:
        """Wire the address and the controls.

        Parameters
        ----------
        hydrate
            Outputs of the page's own controls, and the function ``hydrate(view, problems, at=...)`` that fills all.
        collect
            Inputs of the page's own controls, and the function ``collect(hydrated, choices, cells, shown)`` that gives
            the state; None before there is an atlas.
        """
        ids = self.ids

        def follow(search: dict[str, Any] | None, shown: str | None) -> Outputs:
            given = search or {}
            address = with_atlas(self.catalog, given.get("search") or "", given.get("last") or "")
            view, problems = self.resolve(address)
            # The controls say the same, a round trip later.
            is_new = view is not None and not problems and view.state != shown
            state = view.state if view is not None and is_new else no_update
            filled = hydrate[1](view, problems, at=time.time_ns())
            # Tells the browser which address this answers: a tab that was opened meanwhile stays open.
            answers = filled["hydrated"] and {**filled["hydrated"], "asked": given.get("asked")}
            return {"state": state, **filled, "hydrated": answers}

        def gather(
            choices: Outputs, hydrated: Outputs | None, shown: str | None, cells: Outputs | None = None
        ) -> str | Any:  # noqa: ANN401 - no_update has no type of its own
            state = collect[1](hydrated, choices, cells or {}, shown)
            return no_update if state is None or state == shown else state

        self.app.callback(
            output={
                "state": Output(ids.STATE, "data"),
                "hydrated": Output(ids.HYDRATED, "data"),
                "problems": Output(ids.PROBLEMS, "children"),
                "no_answer": Output(ids.ANSWER, "hidden"),
                **(selection_controls.hydrated(ids) if _has_filters(ids) else {}),
                **hydrate[0],
            },
            inputs={"search": Input(ids.SEARCH, "data"), "shown": State(ids.STATE, "data")},
            prevent_initial_call=True,
        )(follow)
        self.app.callback(
            output=Output(ids.STATE, "data", allow_duplicate=True),
            inputs={
                "choices": collect[0],
                **({"cells": selection_controls.inputs(ids)} if _has_filters(ids) else {}),
                "hydrated": State(ids.HYDRATED, "data"),
                "shown": State(ids.STATE, "data"),
            },
            prevent_initial_call=True,
        )(gather)
        if _has_filters(ids):
            selection_controls.register(self.app, services.catalog, ids, self.query)
        clientside.address(self.app, ids, self.namespace)

    def draw(
        self,
        outputs: Outputs,
        part: Callable[[View, Theme], Any],
        *,
        wanted: Callable[[View], bool] = lambda _view: True,
        progress: ProgressIds | None = None,
        store: str = "",
    ) -> None:
        """Draw a part from the state whenever the state or the theme changes, as far as the view wants the part.

        Parameters
        ----------
        store
            Holds a state with fewer parameters, of which alone the part depends.
        progress
            Of a part that takes long: where its progress is shown, and what cancels it. A new state cancels it as well.
        """

        def drawn(state: str | None, theme: str | None) -> Any:  # noqa: ANN401 - nested as the outputs are
            view = self.view(state) if state else None
            return part(view, theme_of(theme)) if view is not None and wanted(view) else unchanged(outputs)

        if progress is None:
            self._on(store or self.ids.STATE, outputs, drawn)
            return

        def watched(state: str | None, theme: str | None, token: str | None) -> Any:  # noqa: ANN401 - as above
            with watching(Watch(is_gone=client_gone.get()), token or ""):
                return {"part": drawn(state, theme), "idle": True, "hidden": True}

        self._on(
            store or self.ids.STATE,
            {
                "part": outputs,
                "idle": Output(progress.tick, "disabled", allow_duplicate=True),
                "hidden": Output(progress.panel, "hidden", allow_duplicate=True),
            },
            watched,
            token=State(progress.token, "data"),
        )
        register_progress(self.app, progress, Input(store or self.ids.STATE, "data"))

    def browser(self, name: str) -> ClientsideFunction:
        """Return a function of the page in the browser."""
        return ClientsideFunction(self.namespace, name)

    def draw_from(
        self,
        store: str,
        outputs: Outputs,
        part: Callable[[View, Outputs, Theme], Any],
        *,
        wanted: Callable[[View], bool] = lambda _view: True,
    ) -> None:
        """Draw a part from a store that holds the state under ``state``, and from what else the store holds."""

        def drawn(state: Outputs | None, theme: str | None) -> Any:  # noqa: ANN401 - as above
            view = self.view(state["state"]) if state else None
            if view is None or not state or not wanted(view):
                return unchanged(outputs)
            return part(view, state, theme_of(theme))

        self._on(store, outputs, drawn)

    def _on(self, store: str, outputs: Outputs, drawn: Callable[..., Any], **more: State) -> None:
        self.app.callback(
            output=outputs,
            inputs={"state": Input(store, "data"), "theme": Input(Shell.THEME, "data"), **more},
            prevent_initial_call=True,
        )(drawn)


def with_atlas(catalog: Catalog, search: str, last: str) -> str:
    """Name the atlas that the visitor used last in an address that names none, if the atlas is still there."""
    if "atlas" in parse_qs(search.lstrip("?")) or all(manifest.id != last for manifest in catalog.manifests()):
        return search
    return f"?{urlencode([('atlas', last)])}&{search.lstrip('?')}".rstrip("&")


def hydrated(
    ids: PageIds, view: PageView | None, problems: Sequence[Problem], *, at: int, kept: Mapping[str, str] | None = None
) -> Outputs:
    """Fill the controls that all pages share, and show what is wrong with the address.

    Parameters
    ----------
    at
        Number that differs from call to call: it tells the browser a followed address from a moved control.
    kept
        Parameters of the page that no control holds.
    """
    if view is None:
        return {
            "hydrated": None,
            "problems": [*alerts(problems), *([] if any(problem.choices for problem in problems) else [no_atlas()])],
            "no_answer": True,
            **(selection_controls.nothing(ids) if _has_filters(ids) else {}),
        }
    return {
        "hydrated": {
            "search": view.state,
            "atlas": view.atlas.id,
            "at": at,
            # A faulty address stays in the address bar until something is chosen, so that it can be corrected.
            "write": not problems,
            # Nothing is drawn; the address that a choice makes is followed, which shows the answer again.
            "blocked": any(problem.blocks for problem in problems),
            "kept": {**selection_controls.kept(view.query), **(kept or {})},
        },
        "problems": alerts(problems),
        "no_answer": any(problem.blocks for problem in problems),
        **(selection_controls.controls(ids, view.atlas, view.query) if _has_filters(ids) else {}),
    }


def _has_filters(ids: PageIds) -> TypeGuard[Ids]:
    return "FILTERS" in ids.__members__


def menu(control: str, field: str) -> dict[str, Output]:
    """Return the outputs of a menu whose field is hidden where there is nothing to choose."""
    return {"options": Output(control, "options"), "value": Output(control, "value"), "hidden": Output(field, "hidden")}


def unchanged(outputs: Any) -> Any:  # noqa: ANN401 - nested as the outputs are
    """Leave every output as it is."""
    if isinstance(outputs, dict):
        return {name: unchanged(output) for name, output in outputs.items()}
    if isinstance(outputs, list):
        return [unchanged(output) for output in outputs]
    return no_update


def _shared(
    services: Services, resolve: Callable[[str], tuple[View | None, list[Problem]]]
) -> Callable[[str], View | None]:
    """Resolve each state once for the callbacks of a click, which ask for it at the same moment.

    What is kept is the view without its atlas, so that no removed atlas stays open.
    """

    def drawable(state: str) -> View | None:
        view, problems = resolve(state)
        return None if any(problem.blocks for problem in problems) else view

    @cached(LRUCache(MAX_VIEWS), condition=Condition())
    def without_atlas(state: str, _content_hash: str) -> tuple[str, Callable[..., View]] | None:
        view, problems = resolve(state)
        if view is None or problems:
            return None
        rest = {field.name: getattr(view, field.name) for field in fields(view) if field.name != "atlas"}
        return view.atlas.id, partial(type(view), **rest)

    def view_of(state: str) -> View | None:
        try:
            atlas = services.catalog.get(split_search(state)[0].get("atlas", ""))
        except AtlasError:  # `resolve` shows another atlas, and says why
            return drawable(state)
        found = without_atlas(state, atlas.manifest.content_hash)
        return found[1](atlas=atlas) if found and found[0] == atlas.id else drawable(state)

    return view_of
