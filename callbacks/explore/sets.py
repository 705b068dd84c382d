"""Cards of two gene sets: the genes that were found, and the scores in each category."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import dcc, html

from callbacks.shared.gene_lists import unknown
from callbacks.shared.refusals import figure_or_fault, shown_or_refusal
from core.errors import InvalidQuery
from core.figures.theme import shortened
from core.views.explore import set_violin
from core.views.explore.gene_sets import csv_address, n_without_score, silent_genes
from core.views.explore.set_violin import COLUMNS_EACH, LETTERS
from pages import _controls as controls
from pages._fields import CONFIG
from pages._share import file, share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

    from core.figures.theme import Theme
    from core.genes.lists import GeneList
    from core.views.explore.set_violin import SetScores, SetViolin
    from core.views.explore.state import ExploreView

Outputs = dict[str, Any]
MAX_NAMED = 30
ABOUT = {
    "ulm": "t-value of the slope of a cell's expression of all genes on membership in the set (ULM).",
    "mean_z": "Mean of the genes' z-scores, each over all cells of the atlas.",
}


def draw(view: ExploreView, theme: Theme) -> Outputs:
    """Build a card for each set that was given, or say how to give one."""
    given = [letter for letter in LETTERS if view.set_text(letter).strip()]
    if not given:
        text = "Paste the genes of a set, for example from a paper or a spreadsheet, to score every cell."
        return {"shown": controls.empty_state("No gene set yet", text)}
    return {"shown": [_card(view, letter, theme) for letter in given]}


def _card(view: ExploreView, letter: str, theme: Theme) -> Component:
    title = f"{letter} · {view.set_name(letter)}"

    def refused(why: str, *above: Component) -> Component:
        return controls.card([*above, html.P(why, className="correlation-fault")], title=title)

    def scored() -> Component:
        listed = view.listed(letter)
        missing = _unknown(view, letter, listed)
        if not listed.genes:
            return refused("None of these names is a gene of this atlas.", *missing)
        return shown_or_refusal(
            lambda: _scored(set_violin.score(view, letter, listed), missing, title, theme),
            lambda why: refused(why, html.P(_genes(listed)), *missing),
        )

    return shown_or_refusal(scored, refused)


def _scored(result: SetScores, missing: list[Component], title: str, theme: Theme) -> Component:
    return controls.card(
        [html.P(_genes(result.listed, silent_genes(result), result.params.method)), *missing, *_violins(result, theme)],
        title=title,
        subtitle=f"{ABOUT[result.params.method]}{_without(n_without_score(result))}",
        tools=share(title, more=[file("CSV", "Score of every selected cell", csv_address(result))]),
    )


def _genes(listed: GeneList, silent: Sequence[str] = (), method: str = "") -> list[Component | str]:
    """State how many names were found, and which genes carry no information."""
    n_names = len(listed.genes) + len(listed.unknown)
    shown: list[Component | str] = [f"{len(listed.genes):,} of {n_names:,} found: "]
    shown.append(html.I(", ".join(listed.genes[:MAX_NAMED])))
    if len(listed.genes) > MAX_NAMED:
        shown.append(f" and {len(listed.genes) - MAX_NAMED:,} more")
    if silent:
        why = "not expressed in any cell" if method == "ulm" else "the same value in every cell"
        shown += [f". Left out ({why}): ", html.I(shortened(", ".join(silent), 200))]
    return [*shown, "."]


def _unknown(view: ExploreView, letter: str, listed: GeneList) -> list[Component]:
    field = f"set_{letter.lower()}"
    missing = unknown(listed, view.set_text(letter), lambda text: view.canonical.but(**{field: text}).address)
    return [] if missing is None else [missing]


def _violins(result: SetScores, theme: Theme) -> list[Component]:
    """Draw the score by the column of the rows, split as the view is, and by group."""
    wanted = set_violin.columns_of(result.view)
    if not wanted:
        raise InvalidQuery(
            f"{result.view.atlas.id} has no column of categories.", "Colour the map by the score instead."
        )
    first = COLUMNS_EACH * LETTERS.index(result.letter) + 1
    return [
        part
        for panel, columns in enumerate(wanted, start=first)
        for part in _violin(set_violin.by_column(result, columns), theme, panel)
    ]


def _violin(result: SetViolin, theme: Theme, panel: int) -> list[Component]:
    figure, fault = figure_or_fault(lambda: set_violin.draw(result, theme), theme)
    text = set_violin.words(result)
    graph = dcc.Graph(
        figure=figure,  # pyright: ignore[reportArgumentType] - Dash takes a dict as well
        config={**CONFIG, "displayModeBar": False},  # pyright: ignore[reportArgumentType] - as above
        style={} if fault else {"height": f"{figure['layout']['height']}px"},
        className="explore-wide",
    )
    # Named by its words: the figure has no title of its own on the page.
    shown = html.Div(
        graph,
        role="img",
        className="plot-figure",
        **{"aria-label": f"Violins: {text.title}. {text.note}"},  # pyright: ignore[reportArgumentType]
    )
    tools = share(text.title, figure="set_violin", panel=panel)
    return [html.Div([html.P(fault or text.note, className="plot-card-subtitle"), tools], className="plot-part"), shown]


def _without(n: int) -> str:
    if not n:
        return ""
    return f" {n:,} selected cell{' has' if n == 1 else 's have'} no score: the same value in every gene."
