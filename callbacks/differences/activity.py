"""Tab Activity: activities of a network, and the targets of the source that is open."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from dash import ClientsideFunction, Input, Output

from callbacks.differences.meaning_plots import drawn, plot, refused
from callbacks.shared.refusals import shown_or_refusal
from core.tables.text import records
from core.views.differences import activity, targets
from pages._ids_meaning import Meaning as Id

if TYPE_CHECKING:
    from callbacks.shared.page import Page
    from core.figures.theme import Theme
    from core.services.container import Services
    from core.views.differences.state import DifferencesView

Outputs = dict[str, Any]
TAB: Final = "activity"

BARS: Final = {
    "plot": plot("BARS"),
    "about": Output(Id.BARS_ABOUT, "children"),
    "methods": Output(Id.BARS_METHODS, "children"),
    "rows": Output(Id.SOURCES, "rowData"),
    "table_title": Output(Id.SOURCES_TITLE, "children"),
    "csv": Output(Id.SOURCES_CSV, "href"),
    "xlsx": Output(Id.SOURCES_XLSX, "href"),
}
TARGETS: Final = {
    "hidden": Output(Id.TARGETS, "hidden"),
    "volcano": plot("TARGET_VOLCANO"),
    "network": plot("TARGET_NETWORK"),
    "rows": Output(Id.GOALS, "rowData"),
    "table_title": Output(Id.GOALS_TITLE, "children"),
    "csv": Output(Id.GOALS_CSV, "href"),
    "selected": Output(Id.SOURCES, "selectedRows"),
}


def draw(services: Services, view: DifferencesView, theme: Theme) -> Outputs:
    """Draw the activities, and list them."""

    def shown() -> Outputs:
        result = activity.compute(services, view)
        text = activity.words(result)
        return {
            "plot": drawn(activity.draw(result, theme), text, is_high=True),
            "about": result.params.network.sentence,
            "methods": text.methods,
            "rows": records(result.table),
            "table_title": f"{result.table.num_rows:,} sources of {result.title}",
            "csv": activity.api(view, format="csv"),
            "xlsx": activity.api(view, format="xlsx"),
        }

    def not_shown(why: str) -> Outputs:
        return {
            "plot": refused(why, "No activities", theme),
            "about": "",
            "methods": "",
            "rows": [],
            "table_title": "No sources",
            "csv": "",
            "xlsx": "",
        }

    return shown_or_refusal(shown, not_shown)


def draw_targets(services: Services, view: DifferencesView, theme: Theme) -> Outputs:
    """Draw the targets of the source that is open as a volcano and as a network, and list them."""

    def shown() -> Outputs:
        result = targets.compute(services, view)
        return {
            "hidden": False,
            "volcano": drawn(targets.draw(result, theme), targets.words(result)),
            "network": drawn(targets.draw_network(result, theme), targets.words_network(result), is_high=True),
            "rows": records(result.table),
            "table_title": f"{result.table.num_rows:,} targets of {result.source}",
            "csv": activity.api(view, source=result.source, format="csv"),
            "selected": {"ids": [result.source]},
        }

    def not_shown(why: str) -> Outputs:
        return {
            # Without activities there is nothing more to say; of an unknown source there is.
            "hidden": not view.query.source,
            "volcano": refused(why, "No targets", theme),
            "network": refused(why, "No targets", theme),
            "rows": [],
            "table_title": "No targets",
            "csv": "",
            "selected": [],
        }

    return shown_or_refusal(shown, not_shown)


def register(page: Page[DifferencesView], services: Services) -> None:
    """Wire the tab."""

    def is_open(view: DifferencesView) -> bool:
        return view.query.tab == TAB

    page.draw(BARS, partial(draw, services), wanted=is_open)
    page.draw(TARGETS, partial(draw_targets, services), wanted=is_open)
    for graph, name in (
        (Id.BARS, "source_of_point"),
        (Id.TARGET_VOLCANO, "gene_of_point"),
        (Id.TARGET_NETWORK, "gene_of_point"),
    ):
        page.app.clientside_callback(
            ClientsideFunction("meaning", name), Input(graph, "clickData"), prevent_initial_call=True
        )
