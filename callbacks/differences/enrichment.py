"""Tab Enrichment: gene sets tested, with progress and cancel, and the set that is open.

::

    STATE -> gene sets -> DONE -> the set that is open
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from dash import ClientsideFunction, Input, Output, State

from callbacks.differences.meaning_plots import drawn, plot, refused
from callbacks.shared.refusals import shown_or_refusal
from core.figures.enrichment_dots import readable
from core.tables.text import records
from core.views.differences import enrichment, running_score
from core.views.differences.meaning import GSEA
from pages._ids_differences import Differences
from pages._ids_meaning import Meaning as Id
from pages._progress import ProgressIds

if TYPE_CHECKING:
    from callbacks.shared.page import Page
    from core.figures.theme import Theme
    from core.services.container import Services
    from core.views.differences.state import DifferencesView

Outputs = dict[str, Any]
TAB: Final = "enrichment"
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
    "listed": {"hidden": Output(Id.LISTED, "hidden"), "words": Output(Id.LISTED_WORDS, "children")},
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


def draw(services: Services, view: DifferencesView, theme: Theme) -> Outputs:
    """Test the gene sets."""
    is_ranked = view.query.test == GSEA
    is_listed = bool(view.genes) and not is_ranked
    listed = f"The gene set of {len(view.genes):,} genes that is kept is tested." if is_listed else ""
    common = {"seed": not is_ranked, "listed": {"hidden": not is_listed, "words": listed}}

    def shown() -> Outputs:
        result = enrichment.compute(services, view)
        text, n = enrichment.words(result), result.table.num_rows
        return {
            "done": {"state": view.state, "ok": True},
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
            "done": {"state": view.state, "ok": False},
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


def draw_score(services: Services, view: DifferencesView, done: Outputs, theme: Theme) -> Outputs:
    """Draw the running score of the set that is open, and list its genes; nothing where no sets were tested."""

    def shown() -> Outputs:
        result = running_score.compute(services, view)
        text, address = running_score.words(result), running_score.explore_address(result)
        collection, name = result.name
        marked = [f"{result.row['direction']}:{collection}/{name}"] if result.row else []
        n, n_common = len(result.genes), len(result.common)
        return {
            "hidden": False,
            "plot": drawn(running_score.draw(result, theme), text, is_high=True),
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


def register(page: Page[DifferencesView], services: Services) -> None:
    """Wire the tab."""

    def is_open(view: DifferencesView) -> bool:
        return view.query.tab == TAB

    page.draw(SETS, partial(draw, services), wanted=is_open, progress=ProgressIds.of(Id, "ENRICHMENT_"))
    page.draw_from(Id.DONE, SCORE, partial(draw_score, services), wanted=is_open)

    def browser(name: str, *dependencies: Input | Output | State) -> None:
        page.app.clientside_callback(ClientsideFunction("meaning", name), *dependencies, prevent_initial_call=True)

    browser("again", Input(Id.AGAIN, "n_clicks"), State(Differences.STATE, "data"))
    browser("rows", Output(Id.SETS, "rowData"), Output(Id.SETS_FAULT, "children"), Input(Id.SETS_SOURCE, "data"))
    browser("quick", Input(Id.SETS_QUICK, "value"))
    browser("clear", Output(Id.SETS_QUICK, "value"), Output(Id.SETS, "filterModel"), Input(Id.SETS_CLEAR, "n_clicks"))
    browser("set_of_point", Input(Id.ENRICHMENT, "clickData"))
    browser("enrich_kept", Input(Id.ENRICH_KEPT, "n_clicks"))
    browser("drop_kept", Input(Id.LISTED_CLEAR, "n_clicks"))
