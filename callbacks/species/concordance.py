"""Tab Changes: the same contrast of one cell type in two atlases, and gene sets of its quadrants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dash import Input, Output

from callbacks.shared.page import unchanged
from callbacks.shared.refusals import shown_or_refusal
from callbacks.shared.selection_controls import column_options, options
from callbacks.species.pair_card import csv_of, outputs, rows_of, shown
from callbacks.species.part import Outputs, Part
from core.errors import AtlasError
from core.urls.page_queries import joined_names
from core.views.differences.state import NO_PAIRING
from core.views.species import concordance
from core.views.species.pair import pair_of, second_of
from core.views.species.pair_design import ENDS, NAMES, design_of, sides_of
from core.views.species.pair_query import levels_of
from core.views.species.quadrant_sets import COLUMNS as SET_COLUMNS
from core.views.species.quadrant_sets import QUADRANTS, quadrant_sets
from pages._ids_species import Species as Id
from pages._species_concordance import IDS

if TYPE_CHECKING:
    from dash import Dash
    from dash.development.base_component import Component

    from callbacks.shared.page import Page
    from core.figures.theme import Json, Theme
    from core.services.container import Services
    from core.urls.page_queries import SpeciesQuery
    from core.views.result import Words
    from core.views.species.state import SpeciesView

COLUMNS: Final = {
    "gene": "Gene",
    "gene_2": "Ortholog",
    "verdict": "Verdict",
    "log2fc": "log2FC",
    "ci_low": "from",
    "ci_high": "to",
    "p_adj": "adj. p",
    "log2fc_2": "log2FC, second",
    "ci_low_2": "from",
    "ci_high_2": "to",
    "p_adj_2": "adj. p, second",
    "difference": "Difference",
    "difference_p_adj": "adj. p of it",
    "why": "Why not tested",
}
LEVELS: Final = {"one": Id.ONE, "two": Id.TWO, "one_2": Id.ONE_2, "two_2": Id.TWO_2}
COLUMNS_OF: Final = {
    "covariates": Id.COVARIATES,
    "paired": Id.PAIRED,
    "covariates_2": Id.COVARIATES_2,
    "paired_2": Id.PAIRED_2,
}
HIDDEN: Final = {"paired": Id.PAIRED_FIELD, "paired_2": Id.PAIRED_2_FIELD}


def _menus(*, duplicate: bool) -> Outputs:
    """Return the outputs of the menus of columns; those of a second callback are duplicates."""
    return {
        name: {
            **{of: Output(each, of, allow_duplicate=duplicate) for of in ("options", "value")},
            **({"hidden": Output(HIDDEN[name], "hidden", allow_duplicate=duplicate)} if name in HIDDEN else {}),
        }
        for name, each in COLUMNS_OF.items()
    }


DESIGNS: Final = _menus(duplicate=False)
OFFERED: Final = _menus(duplicate=True)


def draw(services: Services, view: SpeciesView, theme: Theme) -> Outputs:
    """Draw the changes in both species and list the orthologs, those that agree first."""
    address = ""

    def drawn() -> tuple[Json, Words, Component, str]:
        nonlocal address
        result = concordance.compute(services, view)
        pair = result.pair
        pairs = [("other", pair.second.id), ("cell_type", pair.cell_type)]
        pairs += [("cell_type_2", name) for name in pair.types_2]
        for end, params in (("", result.params.differences), ("_2", result.params.differences_2)):
            sides = params.design.units.sides
            pairs += [(f"by{end}", sides.by), *((f"a{end}", each) for each in sides.a)]
            pairs += [(f"b{end}", each) for each in sides.b]
            pairs += [(f"covariate{end}", each) for each in params.design.covariates]
            pairs.append((f"paired{end}", params.design.paired))
        address = csv_of(view, "concordance", pairs)
        table = rows_of(result.table, COLUMNS, "Changes in two species")
        return concordance.draw(result, theme), concordance.words(result), *table

    found = shown(drawn, "Concordance of change", "", theme)
    return {**found, "csv": address}


def hydrate(view: SpeciesView | None) -> Outputs:
    """Fill the menus of groups."""
    nothing: Outputs = {"options": [], "value": None}
    if view is None:
        return {**dict.fromkeys(LEVELS, nothing), **designs(view)}
    own = options(levels_of(view.atlas))
    try:
        other = options(levels_of(second_of(view)))
    except AtlasError:  # the tab shows the error
        other = []
    return {
        **{
            name: {"options": other if name.endswith("_2") else own, "value": getattr(view.query, name) or None}
            for name in LEVELS
        },
        **designs(view),
    }


def designs(view: SpeciesView | None) -> Outputs:
    """Fill the menus of covariates and pairing of both atlases.

    Which columns have one value a sample is only looked up where the tab is open, or the address names one.
    """
    nothing: Outputs = {
        f"{name}{end}": {"options": [], "value": value, **more}
        for end in ENDS
        for name, value, more in (("covariates", [], {}), ("paired", None, {"hidden": True}))
    }
    if view is None or not (view.query.tab == "concordance" or any(getattr(view.query, name) for name in NAMES)):
        return nothing
    try:
        pair = pair_of(view)
        sides = sides_of(pair.first, pair.second, view.query)
    except AtlasError:  # the tab shows the error
        return nothing
    found: Outputs = {}
    for atlas, each, end in zip((pair.first, pair.second), sides, ENDS, strict=True):
        design = design_of(atlas, each, view.query, end)
        found[f"covariates{end}"] = {
            "options": column_options(atlas, design.free),
            "value": list(design.covariates),
        }
        found[f"paired{end}"] = {
            "options": [{"label": "Nothing", "value": NO_PAIRING}, *column_options(atlas, design.pairing)],
            "value": design.paired or NO_PAIRING,
            "hidden": not design.pairing,
        }
    return found


def collect(query: SpeciesQuery, choices: Outputs) -> SpeciesQuery:
    """Put groups, covariates and pairing into the query."""
    return query.but(
        **{name: str(choices.get(name) or "") for name in (*LEVELS, "paired", "paired_2")},
        **{name: joined_names(choices.get(name) or []) for name in ("covariates", "covariates_2")},
    )


def register(app: Dash, services: Services, page: Page[SpeciesView]) -> None:
    """Wire the gene sets of a quadrant and the menus of columns, which are filled once the tab is open."""

    def offer(state: str | None) -> Outputs:
        view = page.view(state) if state else None
        return designs(view) if view is not None and view.query.tab == "concordance" else unchanged(OFFERED)

    app.callback(output=OFFERED, inputs={"state": Input(Id.STATE, "data")}, prevent_initial_call=True)(offer)

    def sets(state: str | None, quadrant: str | None) -> Outputs:
        view = page.view(state) if state else None
        if view is None or view.query.tab != "concordance":
            return {"table": None, "note": ""}

        def given() -> Outputs:
            table, note = quadrant_sets(services, view, quadrant or QUADRANTS[0])
            return {"table": rows_of(table, SET_COLUMNS, "Gene sets")[0], "note": note}

        return shown_or_refusal(given, lambda why: {"table": None, "note": why})

    app.callback(
        output={
            "table": Output(Id.CONCORDANCE_SETS, "children"),
            "note": Output(Id.CONCORDANCE_SETS_NOTE, "children"),
        },
        inputs={"state": Input(Id.STATE, "data"), "quadrant": Input(Id.CONCORDANCE_QUADRANT, "value")},
        prevent_initial_call=True,
    )(sets)


PART = Part(
    outputs(IDS),
    draw,
    hydrated={
        **{name: {"options": Output(each, "options"), "value": Output(each, "value")} for name, each in LEVELS.items()},
        **DESIGNS,
    },
    hydrate=hydrate,
    choices={name: Input(each, "value") for name, each in {**LEVELS, **COLUMNS_OF}.items()},
    collect=collect,
    register=register,
)
