"""What the API offers: one `Operation` a route, for the document that describes them all.

A new route gets an entry in `OPERATIONS`. Its names and limits are those that the route itself uses; a test asks every
route which parameters it takes and compares, so that none can be forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from core.analysis.cell_profile import MAX_TOP as MAX_CELL_GENES
from core.analysis.correlation import METHODS as CORRELATIONS
from core.analysis.gene_set_scores import METHODS as SCORES
from core.atlas.manifest import SPECIES
from core.export.formats import FORMS, MEDIA
from core.figures import print_style
from core.urls.figure_specs import FIGURES
from core.urls.page_queries import MAX_URL
from core.web.api import cells, correlations, datasets, genes, markers, scores
from core.web.api.parameters import SELECTION

Schema: TypeAlias = dict[str, Any]

JSON: Final = ("json",)
TABLE: Final = ("json", "csv")
SHEET: Final = ("json", "csv", "xlsx")


def of(kind: str, *more: str) -> Schema:
    """A value of a type, or of one of several."""
    return {"type": [kind, *more] if more else kind}


TEXT, WHOLE, NUMBER, FLAG = of("string"), of("integer"), of("number"), of("boolean")
# NaN is null in JSON: a gene that is constant has no coefficient.
MAYBE: Final = of("number", "null")


def record(**properties: Schema) -> Schema:
    """An object that has all of these, and may have others."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def exactly(**properties: Schema) -> Schema:
    """An object that has all of these and nothing else."""
    return {**record(**properties), "additionalProperties": False}


def many(items: Schema) -> Schema:
    """A list."""
    return {"type": "array", "items": items}


def rows(text: str, numbers: str, whole: str = "") -> Schema:
    """The rows of a table, by the names of their columns."""
    kinds = {
        **dict.fromkeys(text.split(), TEXT),
        **dict.fromkeys(whole.split(), WHOLE),
        **dict.fromkeys(numbers.split(), MAYBE),
    }
    return many(exactly(**kinds))


ATLAS: Final = {"dataset": TEXT, "content_hash": TEXT, "simulated": FLAG}
SELECTED: Final = {**ATLAS, "selection": TEXT, "n_cells": WHOLE, "layer": TEXT, "unit": TEXT}
CARD: Final = {
    **{"id": TEXT, "species": {"enum": list(SPECIES)}, "name": TEXT, "title": TEXT, "citation": TEXT},
    **{"simulated": FLAG, "n_cells": WHOLE, "n_source_cells": WHOLE, "n_genes": WHOLE, "bytes": WHOLE},
    **{"roles": of("object"), "content_hash": TEXT},
}
MARKERS: Final = rows("category gene", "score auc log2fc pct_in pct_out p p_bh")
IMPORT: Final = record(id=TEXT, phase=TEXT, title=TEXT, fraction=NUMBER, step=TEXT, error=TEXT)


@dataclass(frozen=True)
class Operation:
    """One route, which answers GET.

    Attributes
    ----------
    rule : as Flask has it
    summary : what it answers, in a line
    answer : the schema of its JSON
    takes : the parameters it takes, besides `SELECTION` and ``format``
    needs : those of them that must be given
    selects : whether it takes the parameters of a selection
    formats : of its answer
    media : what it answers where that is no table, by the types of media; empty for JSON and `formats`
    page : whether it takes, beside its own, the parameters of the address of a page, which depend on the figure
    own : schemas of parameters that mean something of their own here
    """

    rule: str
    summary: str
    answer: Schema
    takes: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    selects: bool = False
    formats: tuple[str, ...] = JSON
    media: tuple[str, ...] = ()
    page: bool = False
    own: dict[str, Schema] = field(default_factory=dict)

    @property
    def parameters(self) -> list[str]:
        """The names of all parameters of the query, in the order in which the route tells them."""
        form = ["format"] if len(self.formats) > 1 else []
        return [*self.takes, *form, *(SELECTION if self.selects else ())]


def between(low: int, high: int, default: int | None = None) -> Schema:
    """A whole number within bounds."""
    found: Schema = {"type": "integer", "minimum": low, "maximum": high}
    return found if default is None else {**found, "default": default}


def _length(bounds: tuple[float, float], default: float | None = None) -> Schema:
    found: Schema = {"type": "number", "minimum": bounds[0], "maximum": bounds[1]}
    return found if default is None else {**found, "default": default}


# How a figure leaves the page; see core.figures.print_style.
LOOK: Final = {
    "width": _length(print_style.WIDTHS, print_style.Look.width),
    "height": _length(print_style.HEIGHTS),
    "font_size": _length(print_style.FONT_SIZES, print_style.Look.font_size),
    "dpi": between(*print_style.RESOLUTIONS, print_style.Look.dpi),
    "theme": {"enum": list(print_style.THEMES)},
    "legend": {"enum": list(print_style.LEGENDS)},
    "title": {"enum": ["0", "1", "false", "true"]},
    "font": TEXT,
}

ONE: Final = "/api/v1/datasets/<species>/<name>"

OPERATIONS: Final = (
    Operation(
        "/api/v1/datasets",
        "All atlases, imports in progress, broken ones",
        record(
            datasets=many(record(**CARD, layers=many(TEXT), embeddings=many(TEXT))),
            imports=many(IMPORT),
            broken=many(record(id=TEXT, problem=TEXT)),
        ),
    ),
    Operation(
        ONE,
        "Everything known of one atlas",
        record(**CARD, layers=many(of("object")), embeddings=many(of("object")), columns=many(of("object"))),
    ),
    Operation(
        f"{ONE}/genes",
        "Genes by symbol, Ensembl id or the beginning of either, whatever the case",
        record(n_genes=WHOLE, genes=many(exactly(gene=TEXT, gene_id=TEXT))),
        takes=("q", "limit"),
        own={"limit": between(1, datasets.MAX_GENES, 20)},
    ),
    Operation(
        f"{ONE}/expression",
        "One gene in every cell",
        record(**ATLAS, gene=TEXT, gene_id=TEXT, layer=TEXT, unit=TEXT, n_cells=WHOLE, n_expressing=WHOLE,
               cells=many(TEXT), expression=many(NUMBER)),
        takes=("gene", "layer"),
        needs=("gene",),
        formats=TABLE,
    ),
    Operation(
        f"{ONE}/correlations",
        "One gene against every other",
        record(**ATLAS, gene=TEXT, method={"enum": list(CORRELATIONS)}, drop_zeros=FLAG, layer=TEXT, selection=TEXT,
               n_cells=WHOLE, correlations=rows("gene", "r ci_low ci_high p p_bh p_bonferroni pct_expressing", "n")),
        takes=("gene", "method", "drop_zeros", "layer", "top"),
        needs=("gene",),
        selects=True,
        formats=TABLE,
        own={"method": {"enum": list(CORRELATIONS)}, "drop_zeros": FLAG, "top": between(1, correlations.MAX_TOP)},
    ),
    Operation(
        f"{ONE}/cells",
        "One cell by its name",
        record(**ATLAS, layer=TEXT, unit=TEXT, cell=TEXT, index=WHOLE, total_counts=MAYBE, genes=many(of("object"))),
        takes=("cell", "layer", "top"),
        needs=("cell",),
        own={"top": between(1, MAX_CELL_GENES, cells.TOP)},
    ),
    Operation(
        f"{ONE}/cells/<index>",
        "One cell by its number, counted from 0",
        record(**ATLAS, layer=TEXT, unit=TEXT, cell=TEXT, index=WHOLE, total_counts=MAYBE, genes=many(of("object"))),
        takes=("layer", "top"),
        own={"top": between(1, MAX_CELL_GENES, cells.TOP), "index": between(0, 10**cells.MAX_DIGITS - 1)},
    ),
    Operation(
        f"{ONE}/markers",
        "Genes that mark each category of a column",
        record(**SELECTED, by=TEXT, method=TEXT, n_compared=WHOLE, warning=TEXT, markers=MARKERS),
        takes=("by", "category", "top", "layer"),
        selects=True,
        formats=SHEET,
        own={"top": between(1, markers.MAX_TOP)},
    ),
    Operation(
        f"{ONE}/compare",
        "One selection against another; a and b are selections as in a URL, encoded once more",
        record(**ATLAS, a=TEXT, b=TEXT, n_a=WHOLE, n_b=WHOLE, layer=TEXT, method=TEXT, markers=MARKERS),
        takes=("a", "b", "category", "top", "layer"),
        needs=("a", "b"),
        formats=SHEET,
        own={"top": between(1, markers.MAX_TOP)},
    ),
    Operation(
        f"{ONE}/dotplot",
        "% expressing and mean of a list of genes, in each category of a column",
        record(**SELECTED, by=TEXT, split=TEXT, genes=many(TEXT), unknown=many({}), dotplot=many(of("object"))),
        takes=("genes", "by", "split", "layer"),
        needs=("genes",),
        selects=True,
        formats=TABLE,
    ),
    Operation(
        f"{ONE}/composition",
        "The cells of each category in each sample",
        record(**ATLAS, selection=TEXT, n_cells=WHOLE, by=TEXT, sample=TEXT, n_samples=WHOLE,
               composition=many(of("object"))),
        takes=("by", "sample"),
        selects=True,
        formats=TABLE,
    ),
    Operation(
        f"{ONE}/score",
        "How much each cell expresses a set of genes",
        record(**SELECTED, method={"enum": list(SCORES)}, n_genes=WHOLE, genes=many(TEXT), unknown=many({}),
               scores=rows("cell", "score")),
        takes=("genes", "method", "layer"),
        needs=("genes",),
        selects=True,
        formats=TABLE,
        own={"method": {"enum": list(SCORES)}},
    ),
    Operation(
        "/api/v1/genes",
        "Genes of all atlases, with the atlases that have them",
        record(genes=many(exactly(gene=TEXT, datasets=many(TEXT)))),
        takes=("q", "limit"),
        own={"limit": between(1, genes.MAX_GENES, 20)},
    ),
    Operation(
        "/api/v1/genes/<path:gene>/atlases",
        "One gene in the cell types of every atlas, by symbol and by ortholog",
        record(gene=TEXT, missing=many(exactly(dataset=TEXT, why=TEXT)), atlases=many(of("object"))),
        formats=TABLE,
    ),
    Operation(
        "/api/v1/genesets",
        "The mounted gene sets",
        record(n_sets=WHOLE, sets=many(record(genes=TEXT, name=TEXT, file=TEXT, n_genes=WHOLE)), problems=many({})),
        takes=("q", "limit"),
        own={"limit": between(1, scores.MAX_SETS, 20)},
    ),
    Operation(
        "/api/v1/figures",
        "The figures that can be drawn, and how",
        record(figures=many(record(figure=TEXT, page=TEXT, panels=WHOLE, words=TEXT, parameters=many(TEXT))),
               forms=many(TEXT), browser=FLAG, fonts=many({})),
    ),
    Operation(
        "/api/v1/figures/<file>",
        "A figure as a file, by the address of its page",
        TEXT,
        takes=print_style.PARAMETERS,
        media=tuple(dict.fromkeys(MEDIA.values())),
        page=True,
        own={**LOOK, "file": {"enum": [f"{view}.{form}" for view in FIGURES for form in FORMS]}},
    ),
    Operation(
        "/api/v1/figures/<view>/about",
        "The legend, the methods and the facts of a figure",
        record(title=TEXT, legend=TEXT, methods=TEXT, notes=many(TEXT), facts=of("object"), name=TEXT,
               width_mm=NUMBER, height_mm=NUMBER),
        takes=print_style.PARAMETERS,
        page=True,
        own={**LOOK, "view": {"enum": list(FIGURES)}},
    ),
    Operation(
        "/api/v1/figures.zip",
        "Several figures in a zip, each with its source data, legend and methods",
        TEXT,
        takes=("figure", *print_style.PARAMETERS),
        needs=("figure",),
        media=(MEDIA["zip"],),
        own={**LOOK, "figure": many({"type": "string", "minLength": 1, "maxLength": MAX_URL})},
    ),
    Operation("/api/v1/openapi.json", "This document", of("object")),
)  # fmt: skip
