"""Tab Enrichment: gene sets tested, with progress and cancel, and the set that is open.

::

    STATE -> (browser) RUN -> sets -> DONE -> score
                           -> (browser) TICK -> look -> LOOK -> (browser) progress
                                        CANCEL -> CANCELLED -> look
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from dash import ClientsideFunction, Input, Output, State

from callbacks.differences.meaning_plots import drawn, plot, refused
from callbacks.shared.refusals import shown_or_refusal
from core.compute.abandonment import client_gone
from core.compute.watch import Watch, watch_of, watching
from core.figures.enrichment_dots import readable
from core.tables.text import records
from core.views.differences import enrichment, running_score
from core.views.differences.meaning import GSEA
from pages._ids_differences import Differences
from pages._ids_meaning import Meaning as Id

if TYPE_CHECKING:
    from callbacks.shared.page import Page
    from core.figures.theme import Theme
    from core.services.container import Services
    from core.views.differences.state import DifferencesView

Outputs = dict[str, Any]
Run = dict[str, Any]
TAB: Final = "enrichment"
# Seconds without a look of the page after which its computation ends: a page in the background looks every second.
PATIENCE: Final = 15.0
MAX_TOKEN: Final = 64
NO_LINK: Final = {"href": "", "style": {"display": "none"}}

SETS: Final = {
    "done": Output(Id.DONE, "data"),
    "plot": plot("ENRICHMENT"),
    "again": Output(Id.AGAIN, "hidden"),
    "about": Output(Id.ENRICHMENT_ABOUT, "children"),
    "methods": Output(Id.ENRICHMENT_METHODS, "children"),
    "source": Output(Id.SETS_SOURCE, "data"),
    "table_title": Output(Id.SETS_TITLE, "children"),
    "table_note": Output(Id.SETS_NOTE, "children"),
    "csv": Output(Id.SETS_CSV, "href"),
    "xlsx": Output(Id.SETS_XLSX, "href"),
    "thresholds": Output(Id.THRESHOLDS_FIELD, "hidden"),
    "seed": Output(Id.SEED_FIELD, "hidden"),
}
SCORE: Final = {
    "hidden": Output(Id.SET, "hidden"),
    "plot": plot("SCORE"),
    "members": Output(Id.MEMBERS, "rowData"),
    "members_title": Output(Id.MEMBERS_TITLE, "children"),
    "members_note": Output(Id.MEMBERS_NOTE, "children"),
    "explore": {"href": Output(Id.MEMBERS_EXPLORE, "href"), "style": Output(Id.MEMBERS_EXPLORE, "style")},
    "selected": Output(Id.SETS, "selectedRows"),
}


def sets(services: Services, view: DifferencesView, run: Run, theme: Theme) -> Outputs:
    """Test the gene sets, while the page can look at the computation and cancel it."""
    is_ranked = view.query.test == GSEA
    common = {"thresholds": is_ranked, "seed": not is_ranked}

    def shown() -> Outputs:
        with watching(Watch(PATIENCE, client_gone.get()), str(run.get("token", ""))[:MAX_TOKEN]):
            result = enrichment.compute(services, view)
        text, n = enrichment.words(result), result.table.num_rows
        return {
            "done": {**run, "ok": True},
            "plot": drawn(enrichment.draw(result, theme), text, is_high=True),
            "again": True,
            "about": " ".join(result.collections),
            "methods": text.methods,
            "source": {"rows": enrichment.api(view), "set": "", "fault": "", "ranked": is_ranked},
            "table_title": f"{n:,} {'set' if is_ranked else 'test'}{'' if n == 1 else 's'}",
            "table_note": "Select a row to see its genes.",
            "csv": enrichment.api(view, format="csv"),
            "xlsx": enrichment.api(view, format="xlsx"),
        }

    def not_shown(why: str) -> Outputs:
        return {
            "done": {**run, "ok": False},
            "plot": refused(why, "Not tested", theme),
            "again": not is_ranked,
            "about": "",
            "methods": "",
            "source": {"rows": None, "set": "", "fault": why, "ranked": is_ranked},
            "table_title": "No gene sets",
            "table_note": "",
            "csv": "",
            "xlsx": "",
        }

    return {**common, **shown_or_refusal(shown, not_shown)}


def score(services: Services, view: DifferencesView, done: Run, theme: Theme) -> Outputs:
    """Draw the running score of the set that is open, and list its genes; nothing where no sets were tested."""

    def shown() -> Outputs:
        result = running_score.compute(services, view)
        text, address = running_score.words(result), running_score.explore_address(result)
        collection, name = result.name
        marked = [f"{result.row['direction']}:{collection}/{name}"] if result.row else []
        n, n_common = len(result.genes), len(result.common)
        return {
            "hidden": False,
            "plot": drawn(running_score.draw(result, theme), text),
            "members": records(running_score.genes(result)),
            "members_title": f"Genes of {readable(name)}",
            "members_note": f"{n:,} tested, {n_common:,} in common. Select a row to plot the gene.",
            "explore": {"href": address, "style": {}} if address else NO_LINK,
            "selected": {"ids": marked},
        }

    return shown_or_refusal(shown, lambda why: _no_score(why, theme)) if done.get("ok") else _no_score("", theme)


def _no_score(why: str, theme: Theme) -> Outputs:
    return {
        "hidden": not why,
        "plot": refused(why, "No running score", theme),
        "members": [],
        "members_title": "No genes",
        "members_note": "",
        "explore": NO_LINK,
        "selected": [],
    }


def look(_n: int | None, cancelled: int | None, run: Run | None) -> Outputs:
    """Look at the computation of a run, and cancel it if the visitor wants that; see `core.compute.watch`."""
    given = run or {}
    found = watch_of(str(given.get("token", ""))[:MAX_TOKEN])
    if found is None:
        return {"n": given.get("n"), "step": "", "done": None}
    if cancelled is not None and cancelled == given.get("n"):
        found.cancel()
    step, done = found.look()
    return {"n": given.get("n"), "step": step, "done": done}


def register(page: Page[DifferencesView], services: Services) -> None:
    """Wire the tab."""

    def is_open(view: DifferencesView) -> bool:
        return view.query.tab == TAB

    page.draw_from(Id.RUN, SETS, partial(sets, services), wanted=is_open)
    page.draw_from(Id.DONE, SCORE, partial(score, services), wanted=is_open)
    page.app.callback(
        Output(Id.LOOK, "data"),
        Input(Id.TICK, "n_intervals"),
        Input(Id.CANCELLED, "data"),
        State(Id.RUN, "data"),
        prevent_initial_call=True,
    )(look)

    def browser(name: str, *dependencies: Input | Output | State) -> None:
        page.app.clientside_callback(ClientsideFunction("meaning", name), *dependencies, prevent_initial_call=True)

    browser("run", Output(Id.RUN, "data"), Input(Differences.STATE, "data"), Input(Id.AGAIN, "n_clicks"))
    browser(
        "progress",
        Output(Id.TICK, "disabled"),
        Output(Id.PROGRESS, "hidden"),
        Output(Id.STEP, "children"),
        Output(Id.BAR, "value"),
        Input(Id.RUN, "data"),
        Input(Id.DONE, "data"),
        Input(Id.LOOK, "data"),
    )
    browser("cancel", Output(Id.CANCELLED, "data"), Input(Id.CANCEL, "n_clicks"), State(Id.RUN, "data"))
    browser("rows", Output(Id.SETS, "rowData"), Output(Id.SETS_FAULT, "children"), Input(Id.SETS_SOURCE, "data"))
    browser("quick", Input(Id.SETS_QUICK, "value"))
    browser("clear", Output(Id.SETS_QUICK, "value"), Output(Id.SETS, "filterModel"), Input(Id.SETS_CLEAR, "n_clicks"))
    browser("set_of_point", Input(Id.ENRICHMENT, "clickData"))
    browser(
        "box",
        Output(Id.BOX, "hidden"),
        Output(Id.BOX_COUNT, "children"),
        Output(Id.BOX_GENES, "data"),
        Output(Id.BOX_EXPLORE, "href"),
        Input(Differences.RANKING, "selectedData"),
        Input(Differences.RANKING, "figure"),
        State(Differences.STATE, "data"),
    )
    browser("enrich_box", Input(Id.BOX_ENRICH, "n_clicks"), State(Id.BOX_GENES, "data"))
    browser("enrich_rows", Input(Id.ROWS_ENRICH, "n_clicks"))
