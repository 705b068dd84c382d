"""Two gene sets: what was found of them, and how much the cells of each category express them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from dash import dcc, html

from callbacks.shared.gene_lists import unknown
from callbacks.shared.refusals import or_words
from core.analysis.gene_set_scores import MOUNTED, ScoreParams, used
from core.errors import InvalidQuery
from core.figures.theme import shortened
from core.selection.masks import mask_of
from core.urls.page_queries import to_search
from core.views.explore import set_violin
from pages import _controls as controls
from pages import _export_dialog as publish
from pages import _fields as fields
from pages._fields import CONFIG

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.figures.theme import Theme
    from core.genes.lists import GeneList
    from core.views.explore.set_violin import SetScores, SetViolin
    from core.views.explore.state import ExploreView

Outputs = dict[str, Any]
MAX_NAMED = 30
SMALL = "btn btn-outline-secondary btn-sm correlation-download"
ABOUT = {
    "ulm": "t-value of the slope of a cell's expression of all genes on membership in the set (ULM).",
    "mean_z": "Mean of the genes' z-scores, each over all cells of the atlas.",
}


def draw(view: ExploreView, theme: Theme) -> Outputs:
    """A card for each set that was given, or what to do where none is."""
    given = [letter for letter in set_violin.LETTERS if view.set_text(letter).strip()]
    if not given:
        text = "Paste the genes of a set, from a paper or a spreadsheet, and every cell gets a score."
        return {"shown": controls.empty_state("No gene set yet", text)}
    return {"shown": [_card(view, letter, theme) for letter in given]}


def _card(view: ExploreView, letter: str, theme: Theme) -> Component:
    name = view.set_name(letter)

    def refused(why: str) -> Component:
        return controls.card(html.P(why, className="correlation-fault"), title=f"{letter} · {name}")

    return or_words(lambda: _scored(view, letter, theme), refused)


def _scored(view: ExploreView, letter: str, theme: Theme) -> Component:
    name, listed = view.set_name(letter), view.listed(letter)
    alerts = _unknown(view, letter, listed)
    if not listed.genes:
        refusal = html.P("None of these names is a gene of this atlas.", className="correlation-fault")
        return controls.card([refusal, *alerts], title=f"{letter} · {name}")
    params = ScoreParams.of(view.atlas, listed.genes, view.query.score, view.query.layer)
    found = [html.P(_genes(view, params, listed)), *alerts]

    def refused(why: str) -> Component:
        return controls.card([*found, html.P(why, className="correlation-fault")], title=f"{letter} · {name}")

    def scored() -> Component:
        result = set_violin.score(view, letter, listed)
        n_without = int(np.isnan(result.scores.values[mask_of(view.atlas, view.query.selection)]).sum())
        return controls.card(
            [*found, *_violins(result, theme)],
            title=f"{letter} · {name}",
            subtitle=f"{ABOUT[params.method]}{_without(n_without)}",
            tools=[
                html.A(
                    [controls.icon("download"), html.Span("CSV")],
                    href=_csv(view, letter, params),
                    title="The score of every selected cell",
                    className=SMALL,
                ),
                *fields.fullscreen(),
            ],
        )

    return or_words(scored, refused)


def _genes(view: ExploreView, params: ScoreParams, listed: GeneList) -> list[Component | str]:
    """How many of the names were found, and which of them say nothing here."""
    n_names = len(listed.genes) + len(listed.unknown)
    shown: list[Component | str] = [f"{len(listed.genes):,} of {n_names:,} found: "]
    shown.append(html.I(", ".join(listed.genes[:MAX_NAMED])))
    if len(listed.genes) > MAX_NAMED:
        shown.append(f" and {len(listed.genes) - MAX_NAMED:,} more")
    kept = set(used(view.atlas, params))
    silent = [gene for gene in params.genes if gene not in kept]
    if silent:
        why = "no cell expresses them" if params.method == "ulm" else "they are the same in every cell"
        shown += [f". Left out, since {why}: ", html.I(shortened(", ".join(silent), 200))]
    return [*shown, "."]


def _unknown(view: ExploreView, letter: str, listed: GeneList) -> list[Component]:
    field = f"set_{letter.lower()}"
    told = unknown(listed, view.set_text(letter), lambda text: view.canonical.but(**{field: text}).address)
    return [] if told is None else [told]


def _violins(scored: SetScores, theme: Theme) -> list[Component]:
    """Draw the score by the column of the rows, split as the view is, and by group."""
    view = scored.view
    wanted = set_violin.columns_of(view)
    if not wanted:
        raise InvalidQuery(f"{view.atlas.id} has no column of categories.", "Colour the map by the score instead.")
    first = set_violin.COLUMNS_EACH * set_violin.LETTERS.index(scored.letter) + 1
    return [
        part
        for panel, columns in enumerate(wanted, start=first)
        for part in _violin(set_violin.by_column(scored, columns), theme, panel)
    ]


def _violin(result: SetViolin, theme: Theme, panel: int) -> list[Component]:
    figure, words = set_violin.draw(result, theme), set_violin.words(result)
    graph = dcc.Graph(
        figure=figure,  # pyright: ignore[reportArgumentType] - Dash takes a dict as well
        config={**CONFIG, "displayModeBar": False},  # pyright: ignore[reportArgumentType] - as above
        style={"height": f"{figure['layout']['height']}px"},
        className="explore-wide",
    )
    name = shortened(result.scored.view.set_name(result.scored.letter), 40)
    tools = publish.figure_tools("set_violin", f"{name} by {result.rows.by}", panel=panel)
    return [html.P(words.note, className="plot-card-subtitle"), tools, graph]


def _without(n: int) -> str:
    if not n:
        return ""
    return f" {n:,} selected cell{' has' if n == 1 else 's have'} no score: the same value in every gene."


def _csv(view: ExploreView, letter: str, params: ScoreParams) -> str:
    """The address at which the API has the same numbers; a mounted set may be too long to be written out."""
    text = view.set_text(letter).strip()
    genes = text if text.startswith(MOUNTED) else ", ".join(params.genes)
    named = {"genes": genes, "method": params.method, "layer": params.layer, "format": "csv"}
    return f"/api/v1/datasets/{view.atlas.id}/score{to_search([*named.items(), *view.query.selection.pairs()])}"
