"""Operations of the API, one `Operation` per route, for the OpenAPI document.

A new route needs an entry in `OPERATIONS`, with the parameter names and limits that the route itself uses. A test
compares the entry with the parameters that the route accepts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from core.analysis.activity import MIN_TARGETS, MODELS
from core.analysis.cell_profile import MAX_TOP as MAX_CELL_GENES
from core.analysis.concordance import MIN_CHANGE as MIN_CONCORDANT
from core.analysis.concordance import NUMBERS as CONCORDANT
from core.analysis.concordance import QUADRANTS
from core.analysis.conserved_correlates import BEST, MIN_R, MOST_BEST
from core.analysis.conserved_correlates import NUMBERS as CONSERVED
from core.analysis.conserved_correlates import WHOLE as CONSERVED_WHOLE
from core.analysis.correlation import METHODS as CORRELATIONS
from core.analysis.count_engines import ENGINES
from core.analysis.design import MIN_CELLS, MIN_COUNTS
from core.analysis.differences import MEANS
from core.analysis.differences import NUMBERS as DIFFERENCES
from core.analysis.differences_overview import FDR, MIN_CHANGE
from core.analysis.enrichment import MAX_SIZE, MIN_SIZE
from core.analysis.enrichment import METHODS as ENRICHMENTS
from core.analysis.enrichment import NUMBERS as ENRICHMENT_NUMBERS
from core.analysis.enrichment import WHOLE as ENRICHMENT_WHOLE
from core.analysis.gene_set_scores import METHODS as SCORES
from core.atlas.manifest import SPECIES
from core.export.formats import FORMS, MEDIA
from core.figures import paper_sizes, print_style
from core.genes.ortholog_table import SPECIES as ORTHOLOGOUS
from core.selection.model import MAX_TEXT
from core.urls.figure_specs import FIGURES
from core.urls.page_queries import LIMITS, MAX_URL
from core.web.api import (
    between_species,
    cells,
    correlations,
    datasets,
    differences,
    genes,
    markers,
    meaning,
    scores,
    selections,
)
from core.web.api.parameters import SELECTION

Schema: TypeAlias = dict[str, Any]

JSON: Final = ("json",)
TABLE: Final = ("json", "csv")
TABLES: Final = ("json", "csv", "xlsx")
SHEET: Final = ("json", "csv", "xlsx", "columns")
GENES: Final = ("json", "csv", "columns")


def of(kind: str, *more: str) -> Schema:
    """Return the schema of a value of one type or of one of several types."""
    return {"type": [kind, *more] if more else kind}


TEXT, WHOLE, NUMBER, FLAG = of("string"), of("integer"), of("number"), of("boolean")
# NaN becomes null in JSON, for example for the coefficient of a constant gene.
MAYBE: Final = of("number", "null")


def record(**properties: Schema) -> Schema:
    """Return the schema of an object with these properties, and possibly others."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def exactly(**properties: Schema) -> Schema:
    """Return the schema of an object with exactly these properties."""
    return {**record(**properties), "additionalProperties": False}


def many(items: Schema) -> Schema:
    """Return the schema of a list."""
    return {"type": "array", "items": items}


def rows(text: str, numbers: str, whole: str = "") -> Schema:
    """Return the schema of the rows of a table, from the names of its columns."""
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
MARKERS: Final = rows("category gene id why", "score auc log2fc pct_in pct_out p p_bh scanpy_log2fc")
# The cell type is a column where there are several.
DIFFERENT: Final = many(
    {**record(gene=TEXT, id=TEXT, **dict.fromkeys(DIFFERENCES, MAYBE), why=TEXT), "properties": {
        **dict.fromkeys(MEANS, MAYBE),
        "cell_type": TEXT, "gene": TEXT, "id": TEXT, **dict.fromkeys(DIFFERENCES, MAYBE), "why": TEXT,
        "log2fc_deseq2": MAYBE, "p_adj_deseq2": MAYBE, "called_by_both": of("boolean")},
        "additionalProperties": False}
)  # fmt: skip
COMPARED: Final = {**ATLAS, "selection": TEXT, "by": TEXT, "a": many(TEXT), "b": many(TEXT), "comparison": TEXT,
                   "sample": TEXT, "covariates": many(TEXT), "paired": TEXT}  # fmt: skip
REPEATED: Final = {name: many({"type": "string", "maxLength": LIMITS.get(name, MAX_TEXT)})
                   for name in differences.REPEATED}  # fmt: skip
OF_DESIGN: Final = {**REPEATED, "min_cells": {"type": "integer", "minimum": 1, "default": MIN_CELLS}}
OF_TYPES: Final = {
    **OF_DESIGN,
    "pooled": FLAG,
    "method": {"enum": list(ENGINES)},
    "min_counts": {"type": "integer", "minimum": 0, "default": MIN_COUNTS},
}
OF_SOURCE: Final = {**OF_TYPES, "engine": {"enum": list(ENGINES)}}
ENRICHED: Final = rows("collection set direction why genes", " ".join(ENRICHMENT_NUMBERS), " ".join(ENRICHMENT_WHOLE))
IMPORT: Final = record(id=TEXT, phase=TEXT, title=TEXT, fraction=NUMBER, step=TEXT)


@dataclass(frozen=True)
class Operation:
    """One route with the method GET.

    Attributes
    ----------
    rule : Flask rule
    summary : description in one line
    answer : schema of the JSON response
    takes : parameters, besides `SELECTION` and ``format``
    needs : required parameters
    selects : accepts the parameters of a selection
    formats : formats of the response
    media : media types of a response that is a file; empty for a response in `formats`
    page : accepts the parameters of the URL of a page, which depend on the figure
    own : schemas of parameters that are specific to this route
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
        """Names of all query parameters, in the order in which the route lists them."""
        form = ["format"] if len(self.formats) > 1 else []
        return [*self.takes, *form, *(SELECTION if self.selects else ())]


def between(low: int, high: int, default: int | None = None) -> Schema:
    """Return the schema of a whole number within bounds."""
    found: Schema = {"type": "integer", "minimum": low, "maximum": high}
    return found if default is None else {**found, "default": default}


def _length(bounds: tuple[float, float], default: float | None = None) -> Schema:
    found: Schema = {"type": "number", "minimum": bounds[0], "maximum": bounds[1]}
    return found if default is None else {**found, "default": default}


BETWEEN: Final = {**ATLAS, "other": of("object"), "orthologs": TEXT, "n_shared_genes": WHOLE, "methods": TEXT}
OF_PAIR: Final = {
    **{name: many({"type": "string", "maxLength": LIMITS.get(name, MAX_TEXT)}) for name in between_species.REPEATED},
    "method": {"enum": list(ENGINES)},
    "min_change": _length((0, differences.LARGEST_CHANGE), MIN_CONCORDANT),
}

# Print options of a figure; see core.figures.print_style.
LOOK: Final = {
    "width": {
        "anyOf": [_length(print_style.WIDTHS), {"enum": list(paper_sizes.JOURNALS)}],
        "default": print_style.Look.width,
    },
    "height": _length(print_style.HEIGHTS),
    "font_size": _length(print_style.FONT_SIZES, print_style.Look.font_size),
    "dpi": between(*print_style.RESOLUTIONS, print_style.Look.dpi),
    "theme": {"enum": list(print_style.THEMES)},
    "legend": {"enum": list(print_style.LEGENDS), "default": print_style.Look.legend},
    "title": {"enum": ["0", "1", "false", "true"], "default": "0"},
    "font": TEXT,
}

ONE: Final = "/api/v1/datasets/<species>/<name>"
# Columns of the dot plot across species; see core.analysis.species_dots.
DOT_TEXTS: Final = ("gene", "row", "cell_type", "dataset", "symbol", "types", "match", "why", "warning")
DOT_NUMBERS: Final = ("n", "n_expressing", "pct_expressing", "percentile", "n_genes", "auroc")

OPERATIONS: Final = (
    Operation(
        "/api/v1/datasets",
        "All atlases, imports in progress, and how many imports failed and atlases are broken",
        record(
            datasets=many(record(**CARD, layers=many(TEXT), embeddings=many(TEXT))),
            imports=many(IMPORT),
            n_failed=of("integer"),
            n_broken=of("integer"),
        ),
    ),
    Operation(
        ONE,
        "Metadata of one atlas",
        record(**CARD, layers=many(of("object")), embeddings=many(of("object")), columns=many(of("object"))),
    ),
    Operation(
        f"{ONE}/genes",
        "Genes whose symbol or Ensembl id begins with a text, in upper or lower case",
        record(n_genes=WHOLE, genes=many(exactly(gene=TEXT, gene_id=TEXT))),
        takes=("q", "limit"),
        own={"limit": between(1, datasets.MAX_GENES, 20)},
    ),
    Operation(
        f"{ONE}/expression",
        "Expression of one gene in every cell",
        record(**ATLAS, gene=TEXT, gene_id=TEXT, layer=TEXT, unit=TEXT, n_cells=WHOLE, n_expressing=WHOLE,
               cells=many(TEXT), expression=many(NUMBER)),
        takes=("gene", "layer"),
        needs=("gene",),
        formats=TABLE,
    ),
    Operation(
        f"{ONE}/correlations",
        "Correlations of one gene with all other genes",
        record(**ATLAS, gene=TEXT, method={"enum": list(CORRELATIONS)}, drop_zeros=FLAG, layer=TEXT, selection=TEXT,
               n_cells=WHOLE, warning=TEXT,
               correlations=rows("gene id why", "r ci_low ci_high p p_bh p_bonferroni pct_expressing", "n")),
        takes=("gene", "method", "drop_zeros", "layer", "top"),
        needs=("gene",),
        selects=True,
        formats=GENES,
        own={"method": {"enum": list(CORRELATIONS)}, "drop_zeros": FLAG, "top": between(1, correlations.MAX_TOP)},
    ),
    Operation(
        f"{ONE}/cells",
        "Profile of one cell, by name",
        record(**ATLAS, layer=TEXT, unit=TEXT, cell=TEXT, index=WHOLE, total_counts=MAYBE, genes=many(of("object"))),
        takes=("cell", "layer", "top"),
        needs=("cell",),
        own={"top": between(1, MAX_CELL_GENES, cells.TOP)},
    ),
    Operation(
        f"{ONE}/cells/<index>",
        "Profile of one cell, by index counted from 0",
        record(**ATLAS, layer=TEXT, unit=TEXT, cell=TEXT, index=WHOLE, total_counts=MAYBE, genes=many(of("object"))),
        takes=("layer", "top"),
        own={"top": between(1, MAX_CELL_GENES, cells.TOP), "index": between(0, 10**cells.MAX_DIGITS - 1)},
    ),
    Operation(
        f"{ONE}/selection.h5ad",
        "Selected cells as a file for anndata and scanpy: expression, counts, annotations, maps and provenance",
        TEXT,
        selects=True,
        media=(selections.HDF5,),
    ),
    Operation(
        f"{ONE}/markers",
        "Marker genes of each category of a column",
        record(**SELECTED, by=TEXT, method=TEXT, n_compared=WHOLE, warning=TEXT, markers=MARKERS),
        takes=("by", "category", "top", "layer"),
        selects=True,
        formats=SHEET,
        own={"top": between(1, markers.MAX_TOP)},
    ),
    Operation(
        f"{ONE}/compare",
        "Comparison of two selections; a and b are selections as in a URL, URL-encoded",
        record(**ATLAS, a=TEXT, b=TEXT, n_a=WHOLE, n_b=WHOLE, layer=TEXT, method=TEXT, markers=MARKERS),
        takes=("a", "b", "category", "top", "layer"),
        needs=("a", "b"),
        formats=SHEET,
        own={"top": between(1, markers.MAX_TOP)},
    ),
    Operation(
        f"{ONE}/dotplot",
        "Percentage of expressing cells and mean expression of a list of genes, by category",
        record(**SELECTED, by=TEXT, split=TEXT, genes=many(TEXT), unknown=many({}), dotplot=many(of("object"))),
        takes=("genes", "by", "split", "layer"),
        needs=("genes",),
        selects=True,
        formats=TABLE,
    ),
    Operation(
        f"{ONE}/composition",
        "Numbers of cells by category and sample",
        record(**ATLAS, selection=TEXT, n_cells=WHOLE, by=TEXT, sample=TEXT, n_samples=WHOLE,
               composition=many(of("object"))),
        takes=("by", "sample"),
        selects=True,
        formats=TABLE,
    ),
    Operation(
        f"{ONE}/differences",
        "Differences in expression between the samples of two sides, gene by gene, in one cell type or in each",
        record(**COMPARED, cell_type=TEXT, method=TEXT, differences=DIFFERENT),
        takes=(*differences.DESIGN, *differences.TYPES, differences.SECOND, differences.MEANS, *differences.REPEATED),
        selects=True,
        formats=SHEET,
        own={**OF_TYPES, differences.SECOND: FLAG, differences.MEANS: FLAG},
    ),
    Operation(
        f"{ONE}/differences/overview",
        "Differences in expression and composition between the samples of two sides, one row a cell type",
        record(**COMPARED, method=TEXT, overview=many(of("object"))),
        takes=(
            *differences.DESIGN, *differences.TYPES, differences.SECOND, "fdr", "min_change", *differences.REPEATED
        ),
        selects=True,
        formats=SHEET,
        own={
            **OF_TYPES,
            differences.SECOND: FLAG,
            "fdr": _length((0, 1), FDR),
            "min_change": _length((0, differences.LARGEST_CHANGE), MIN_CHANGE),
        },
    ),
    Operation(
        f"{ONE}/abundance",
        "Differences in composition between the samples of two sides, by cell type",
        record(**COMPARED, methods=TEXT, abundance=many(of("object"))),
        takes=(*differences.DESIGN, "types", "reference", *differences.REPEATED),
        selects=True,
        formats=SHEET,
        own=OF_DESIGN,
    ),
    Operation(
        f"{ONE}/enrichment",
        "Gene sets among the genes that differ, are markers, or are listed: over-representation or GSEA",
        record(**ATLAS, genes_of=TEXT, method={"enum": list(ENRICHMENTS)}, n_genes=WHOLE,
               collections=many(of("object")), methods=TEXT, enrichment=ENRICHED),
        takes=(*meaning.ENRICHMENT, *differences.REPEATED),
        selects=True,
        formats=SHEET,
        own={
            **OF_SOURCE,
            "method": {"enum": list(ENRICHMENTS)},
            "direction": {"enum": ["up", "down"]},
            "fdr": _length((0, 1), FDR),
            "min_change": _length((0, differences.LARGEST_CHANGE), MIN_CHANGE),
            "min_size": {"type": "integer", "minimum": 1, "default": MIN_SIZE},
            "max_size": {"type": "integer", "minimum": 1, "default": MAX_SIZE},
            "seed": {"type": "integer", "minimum": 0, "default": 1},
            "top": between(1, meaning.MAX_TOP),
        },
    ),
    Operation(
        f"{ONE}/activity",
        "Activity of transcription factors or pathways from how their targets differ; of one source, its targets",
        record(**ATLAS, genes_of=TEXT, model={"enum": list(MODELS)}, n_genes=WHOLE, network=of("object"), methods=TEXT),
        takes=(*meaning.ACTIVITY, *differences.REPEATED),
        selects=True,
        formats=SHEET,
        own={
            **OF_SOURCE,
            "model": {"enum": list(MODELS)},
            "min_targets": {"type": "integer", "minimum": 1, "default": MIN_TARGETS},
            "top": between(1, meaning.MAX_TOP),
        },
    ),
    Operation(
        f"{ONE}/score",
        "Score of a gene set in each cell",
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
        "Genes of all atlases, with the atlases that contain them",
        record(genes=many(exactly(gene=TEXT, datasets=many(TEXT)))),
        takes=("q", "limit"),
        own={"limit": between(1, genes.MAX_GENES, 20)},
    ),
    Operation(
        "/api/v1/genes/<path:gene>/atlases",
        "Expression of one gene in the cell types of every atlas, by symbol and ortholog",
        record(gene=TEXT, missing=many(exactly(dataset=TEXT, why=TEXT)), atlases=many(of("object"))),
        formats=TABLE,
    ),
    Operation(
        f"{ONE}/type_auroc",
        "Whether the cell types of two atlases match: AUROC over the genes that both share",
        record(**BETWEEN, by=TEXT, by_2=TEXT, n_genes=WHOLE,
               pairs=rows("cell_type cell_type_2 best why", "auroc auroc_1_to_2 auroc_2_to_1", "n n_2")),
        takes=between_species.AUROC,
        needs=("other",),
        formats=SHEET,
    ),
    Operation(
        f"{ONE}/concordance",
        "Changes of 1:1 orthologs in one cell type and contrast of two atlases",
        record(**BETWEEN, comparison=TEXT, comparison_2=TEXT, counts=of("object"), r=of("object"),
               genes=rows("gene id gene_2 quadrant verdict why", " ".join(CONCORDANT))),
        takes=(*between_species.CONCORDANCE, *between_species.REPEATED),
        needs=("other",),
        formats=SHEET,
        own=OF_PAIR,
    ),
    Operation(
        f"{ONE}/concordance/enrichment",
        "Over-represented gene sets among the orthologs of one quadrant of a concordance",
        record(**BETWEEN, genes_of=TEXT, collections=many(of("object")), enrichment=ENRICHED),
        takes=(*between_species.ENRICHMENT, *between_species.REPEATED),
        needs=("other", "quadrant"),
        formats=SHEET,
        own={
            **OF_PAIR,
            "quadrant": {"enum": list(QUADRANTS)},
            "min_size": {"type": "integer", "minimum": 1, "default": MIN_SIZE},
            "max_size": {"type": "integer", "minimum": 1, "default": MAX_SIZE},
            "top": between(1, between_species.LARGEST),
        },
    ),
    Operation(
        f"{ONE}/conserved_correlates",
        "One gene against all 1:1 orthologs in two atlases, and how far its best correlates agree",
        record(**BETWEEN, gene=TEXT, gene_2=TEXT, overlap=of("object"), counts=of("object"),
               genes=rows("gene id gene_2 verdict", " ".join(CONSERVED), " ".join(CONSERVED_WHOLE))),
        takes=(*between_species.CONSERVED, *between_species.OF_CELLS),
        needs=("other", "gene"),
        formats=SHEET,
        own={
            **{name: OF_PAIR[name] for name in between_species.OF_CELLS},
            "method": {"enum": list(CORRELATIONS)},
            "best": between(1, MOST_BEST, BEST),
            "min_r": _length((0, 1), MIN_R),
        },
    ),
    Operation(
        "/api/v1/orthologs/<species>/<path:gene>",
        "Orthologs of a gene in the other species, with their evidence; relation none where none is known",
        record(gene=TEXT, species={"enum": list(ORTHOLOGOUS)}, sources=of("object"),
               orthologs=rows("species gene id relation evidence", "")),
        formats=TABLE,
        own={"species": {"enum": list(ORTHOLOGOUS)}},
    ),
    Operation(
        "/api/v1/species/orthologs",
        "A gene, its paralogs and its orthologs, with their evidence and the atlases that have them",
        record(gene=TEXT, species={"enum": list(ORTHOLOGOUS)}, sources=of("object"),
               genes=rows("species gene id relation evidence datasets", "")),
        takes=("gene", "species"),
        needs=("gene",),
        formats=TABLES,
        own={"species": {"enum": list(ORTHOLOGOUS)}},
    ),
    Operation(
        "/api/v1/species/types",
        "Cell types of a reference atlas and those that match them in other atlases",
        record(atlas=TEXT, others=many(TEXT), match=TEXT, matching=TEXT, unmatched=of("object"),
               below_auroc=many(TEXT), types=rows("cell_type lineage dataset types match warning", "auroc")),
        takes=("atlas", "others", "match"),
        needs=("atlas",),
        formats=TABLES,
    ),
    Operation(
        "/api/v1/species/dotplot",
        "Genes and their orthologs in the matching cell types of several atlases; paralogs have rows of their own",
        record(datasets=many(of("object")), simulated=FLAG, genes=many(TEXT), orthologs=of("object"), matching=TEXT,
               unknown=many(record(name=TEXT, why=TEXT)), absent=many(TEXT), permalink=TEXT,
               dotplot=many(exactly(**dict.fromkeys(DOT_TEXTS, TEXT), **dict.fromkeys(DOT_NUMBERS, MAYBE)))),
        takes=("atlas", "others", "gene", "species", "genes", "match"),
        needs=("atlas",),
        formats=TABLES,
        own={"species": {"enum": list(ORTHOLOGOUS)}},
    ),
    Operation(
        "/api/v1/references",
        "Reference data of this server: gene sets, networks, names and orthologs, with version and licence",
        record(references=many(record(name=TEXT, title=TEXT, kind=TEXT, species=many(TEXT), source=TEXT, version=TEXT,
                                      date=TEXT, licence=TEXT, sha256=TEXT, n=WHOLE, counts=of("object")))),
    ),
    Operation(
        "/api/v1/genesets",
        "Mounted gene sets",
        record(n_sets=WHOLE, sets=many(record(genes=TEXT, name=TEXT, file=TEXT, n_genes=WHOLE)), problems=many({})),
        takes=("q", "limit"),
        own={"limit": between(1, scores.MAX_SETS, 20)},
    ),
    Operation(
        "/api/v1/figures",
        "Available figures, file formats and print options",
        record(figures=many(record(figure=TEXT, page=TEXT, panels=WHOLE, words=TEXT, parameters=many(TEXT))),
               forms=many(TEXT), browser=FLAG, fonts=many({})),
    ),
    Operation(
        "/api/v1/figures/<file>",
        "Figure as a file, by the parameters of its page",
        TEXT,
        takes=print_style.PARAMETERS,
        media=tuple(dict.fromkeys(MEDIA.values())),
        page=True,
        own={**LOOK, "file": {"enum": [f"{view}.{form}" for view in FIGURES for form in FORMS]}},
    ),
    Operation(
        "/api/v1/figures/<view>/about",
        "Legend, methods and provenance of a figure",
        record(title=TEXT, legend=TEXT, methods=TEXT, notes=many(TEXT), facts=of("object"), name=TEXT,
               width_mm=NUMBER, height_mm=NUMBER, fitting=of("object")),
        takes=print_style.PARAMETERS,
        page=True,
        own={**LOOK, "view": {"enum": list(FIGURES)}},
    ),
    Operation(
        "/api/v1/figures.zip",
        "Several figures in a zip file, each with its source data, legend and methods",
        TEXT,
        takes=("figure", *print_style.PARAMETERS),
        needs=("figure",),
        media=(MEDIA["zip"],),
        own={**LOOK, "figure": many({"type": "string", "minLength": 1, "maxLength": MAX_URL})},
    ),
    Operation("/api/v1/openapi.json", "This document", of("object")),
)  # fmt: skip
