"""Tab Enrichment of the page Differences: controls, dot plot and table of gene sets, and the set that is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import dcc, html

from pages import _controls as controls
from pages import _fields as fields
from pages._differences_meaning import YES, gene, grid, methods, plot, text
from pages._differences_parts import WHOLE, fixed
from pages._ids_meaning import Meaning as Id
from pages._progress import ProgressIds, progress
from pages._share import file, share
from pages._tables import SMALL, P, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

WAYS = "params.value == 'up' ? 'higher' : params.value == 'down' ? 'lower' : params.value"
TESTS = [{"label": "Over-representation", "value": "ora"}, {"label": "Ranked (GSEA)", "value": "gsea"}]
DIRECTIONS = [{"label": "Both", "value": ""}, {"label": "Higher", "value": "up"}, {"label": "Lower", "value": "down"}]


def content() -> list[Component]:
    """Lay out the tab."""
    return [
        _questions(),
        _listed(),
        progress(ProgressIds.of(Id, "ENRICHMENT_"), "Ranked enrichment"),
        html.P(id=Id.ENRICHMENT_ABOUT, className="differences-about"),
        html.Div(
            [plot("ENRICHMENT", "Dot plot:", "enrichment_dots", words="dot plot of gene sets"), _sets()],
            className="correlation-row correlation-all",
        ),
        html.Div(
            [
                plot("SCORE", "Running score:", "running_score", words="running score"),
                _members(),
            ],
            id=Id.SET,
            className="correlation-row correlation-all differences-set",
        ),
        methods(Id.ENRICHMENT_METHODS),
    ]


def _questions() -> Component:
    collections = fields.dropdown(id=Id.COLLECTION, multi=True, placeholder="A collection of gene sets")
    sizes = [_number("Fewest tested genes", Id.SMALLEST), _number("Most tested genes", Id.LARGEST)]
    return html.Div(
        [
            fields.field("Gene sets", collections),
            _choice("Test", Id.TEST, TESTS),
            _choice("Sets whose genes are", Id.DIRECTION, DIRECTIONS),
            html.Div(_number("Seed", Id.SEED), id=Id.SEED_FIELD, hidden=True),
            html.Details(
                [html.Summary("Sizes of the sets"), html.Div(sizes, className="differences-thresholds")],
                className="explore-look",
            ),
        ],
        className="differences-questions",
    )


def _choice(label: str, control: Id, options: Sequence[dict[str, str]]) -> Component:
    return html.Div(
        [
            html.Span(label, className="explore-label"),
            dcc.RadioItems(id=control, options=options, inline=True, className="correlation-choice"),  # pyright: ignore[reportArgumentType]
        ],
        className="explore-field",
        role="group",
        **{"aria-label": label},  # pyright: ignore[reportArgumentType]
    )


def _number(label: str, control: Id) -> Component:
    return fields.field(label, dcc.Input(id=control, type="number", debounce=True, step=1, min=0))


def _listed() -> Component:
    """Build the line that says that a kept gene set is tested, and takes it back."""
    return html.Div(
        [
            html.Span(id=Id.LISTED_WORDS),
            html.Button("Test all genes that differ", id=Id.LISTED_CLEAR, type="button", className=SMALL),
        ],
        id=Id.LISTED,
        hidden=True,
        className="correlation-buttons differences-kept",
    )


def _sets() -> Component:
    columns = [
        text("set", "Gene set", 190, pinned="left"),
        text("direction", "Genes", 82, show=WAYS),
        number("n_genes", "In common", WHOLE, "Listed genes of the set; of GSEA, its leading edge", 84),
        number("n_set", "Tested", WHOLE, "Tested genes of the set", 76),
        number("fold", "Fold", fixed(2), "Listed genes over those expected of a random list", 72),
        number("nes", "NES", fixed(2), "Normalised enrichment score", 70),
        number("p", "p", P, "One-sided hypergeometric; of GSEA by multilevel splitting", 88),
        number("p_adj", "Adjusted p", P, "Benjamini–Hochberg within the collection (and direction)", 92),
        number("n_source", "Of", WHOLE, "Genes of the set, tested or not", 70),
        text("genes", "Genes in common", 160, flex=3),
        text("collection", "Collection", 100),
        text("why", "Note", 90),
    ]
    quick = html.Div(
        [
            html.Label("Find", htmlFor=Id.SETS_QUICK, className="visually-hidden"),
            dcc.Input(
                id=Id.SETS_QUICK,
                type="search",
                placeholder="Find a set or a gene in the table",
                autoComplete="off",
                spellCheck=False,
                className="correlation-quick",
            ),
            html.Button("Clear all filters", id=Id.SETS_CLEAR, type="button", className=SMALL),
            html.Button("Run again", id=Id.AGAIN, type="button", hidden=True, className=SMALL),
        ],
        className="correlation-buttons",
    )
    sets = grid(Id.SETS, columns, "params.data.direction + ':' + params.data.collection + '/' + params.data.set")
    return controls.card(
        [quick, html.Div(id=Id.SETS_FAULT, className="correlation-fault", role="status"), sets],
        title=html.Span(id=Id.SETS_TITLE),
        subtitle=html.Span(id=Id.SETS_NOTE),
        tools=share(
            "table of gene sets",
            more=[
                file("CSV", "All sets that were tested, with their genes in common", id=Id.SETS_CSV),
                file("Excel", "All sets that were tested, with provenance", id=Id.SETS_XLSX),
            ],
        ),
    )


def _members() -> Component:
    columns = [
        gene(),
        number("rank", "Rank", WHOLE, "Rank among the tested genes, the highest statistic first", 76),
        number("stat", "t", fixed(2), "Moderated t", 70),
        number("log2fc", "log2FC", fixed(2), "log2 fold change of A over B", 80),
        number("p_adj", "Adjusted p", P, "Benjamini–Hochberg over the tested genes", 92),
        text("leading_edge", "Leading edge", 92, show=YES),
        text("in_common", "In common", 92, show=YES),
    ]
    explore = dcc.Link("Score this set in Explore", id=Id.MEMBERS_EXPLORE, href="", className=SMALL)
    return controls.card(
        [html.Div(explore, className="correlation-buttons"), grid(Id.MEMBERS, columns, "params.data.gene")],
        title=html.Span(id=Id.MEMBERS_TITLE),
        subtitle=html.Span(id=Id.MEMBERS_NOTE),
        tools=share("genes of the set"),
    )
