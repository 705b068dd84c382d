"""Tab Genes: volcano, MA plot, table, and the violins of one gene."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from dash import Input, Output

from callbacks.differences import kept
from callbacks.shared import clientside
from callbacks.shared.refusals import shown_or_refusal
from callbacks.shared.titles import in_italics
from core.figures.violin import nothing
from core.views.differences import violin, volcano
from core.views.differences.comparison import compare, power
from pages._ids_differences import Differences as Id

if TYPE_CHECKING:
    from callbacks.shared.page import Page
    from core.figures.theme import Theme
    from core.services.container import Services
    from core.views.differences.state import DifferencesView

Outputs = dict[str, Any]
GENES = {
    "figure": Output(Id.RANKING, "figure"),
    "fault": Output(Id.RANKING_FAULT, "children"),
    "title": Output(Id.RANKING_TITLE, "children"),
    "note": Output(Id.RANKING_NOTE, "children"),
    "ma": {
        "figure": Output(Id.MA, "figure"),
        "fault": Output(Id.MA_FAULT, "children"),
        "title": Output(Id.MA_TITLE, "children"),
        "note": Output(Id.MA_NOTE, "children"),
    },
    "methods": Output(Id.METHODS, "children"),
    "source": Output(Id.TABLE_SOURCE, "data"),
    "table_title": Output(Id.TABLE_TITLE, "children"),
    "table_note": Output(Id.TABLE_NOTE, "children"),
    "csv": Output(Id.CSV, "href"),
    "xlsx": Output(Id.XLSX, "href"),
    "every": Output(Id.EVERY, "href"),
    "gene": {
        "typed": Output(Id.GENE, "value", allow_duplicate=True),
        "shown": Output(Id.GENE_SEARCH, "data-gene", allow_duplicate=True),
    },
}
GENE = {
    "figure": Output(Id.VIOLIN, "figure"),
    "height": Output(Id.VIOLIN, "style"),
    "fault": Output(Id.VIOLIN_FAULT, "children"),
    "title": Output(Id.VIOLIN_TITLE, "children"),
    "note": Output(Id.VIOLIN_NOTE, "children"),
}


def register(page: Page[DifferencesView], services: Services) -> None:
    """Wire the tab."""
    page.draw(GENES, partial(draw, services), wanted=is_open)
    page.draw(GENE, partial(draw_gene, services), wanted=is_open)
    clientside.gene_table(page.app, Id, "differences", Input(Id.SECOND_SOURCE, "data"))
    kept.register(page)


def is_open(view: DifferencesView) -> bool:
    """Tell whether the tab is open."""
    return view.query.tab == "genes"


def draw(services: Services, view: DifferencesView, theme: Theme) -> Outputs:
    """Draw the volcano and the MA plot, and give the addresses of the table."""
    return shown_or_refusal(lambda: _genes(services, view, theme), lambda why: _no_genes(view, why, theme))


def _genes(services: Services, view: DifferencesView, theme: Theme) -> Outputs:
    result = compare(services, view)
    text, of_ma = volcano.words(result), volcano.words_ma(result)
    return {
        "figure": volcano.draw(result, theme),
        "fault": "",
        "title": text.title,
        "note": text.note,
        "ma": {"figure": volcano.draw_ma(result, theme), "fault": "", "title": of_ma.title, "note": power(result)},
        "methods": text.methods,
        "source": {
            "rows": rows_of(view),
            "gene": result.gene,
            "fault": "",
            "fdr": view.fdr,
            "min_change": view.min_change,
        },
        "table_title": f"{len(result.genes):,} genes{result.where}",
        "table_note": f"{result.n_samples}. Select a row to plot the gene.",
        "csv": rows_of(view, second=True, format="csv"),
        "xlsx": rows_of(view, second=True, format="xlsx"),
        "every": view.api(means="true", format="csv"),
        "gene": {"typed": result.gene, "shown": result.gene},
    }


def rows_of(view: DifferencesView, *, second: bool = False, **more: str) -> str:
    """Return the address of the rows of the table in the API; with the second opinion where it is asked for."""
    plain = view if second else replace(view, query=view.query.but(second_opinion=""))
    return plain.api(cell_type=view.query.cell_type, pooled="" if view.types else "true", means="true", **more)


def _no_genes(view: DifferencesView, why: str, theme: Theme) -> Outputs:
    return {
        "figure": nothing(theme),
        "fault": why,
        "title": "Not tested",
        "note": "",
        "ma": {"figure": nothing(theme), "fault": why, "title": "Not tested", "note": ""},
        "methods": "",
        "source": {"rows": None, "gene": "", "fault": why},
        "table_title": "No genes",
        "table_note": "",
        "csv": "",
        "xlsx": "",
        "every": "",
        "gene": {"typed": view.query.gene, "shown": view.query.gene},
    }


def draw_gene(services: Services, view: DifferencesView, theme: Theme) -> Outputs:
    """Draw the violins of the gene, a dot a sample."""

    def shown() -> Outputs:
        result = violin.compute(services, view)
        figure, text = violin.draw(result, theme), violin.words(result)
        return {
            "figure": figure,
            "height": {"height": f"{figure['layout']['height']}px"},
            "fault": "",
            "title": in_italics(text.title, result.expression.gene),
            "note": text.note,
        }

    def refused(why: str) -> Outputs:
        return {"figure": nothing(theme), "height": {}, "fault": why, "title": view.query.gene, "note": ""}

    return shown_or_refusal(shown, refused)
