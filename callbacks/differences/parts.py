"""Parts of one cell type: volcano, table and gene; samples; composition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from callbacks.shared.refusals import shown_or_refusal
from callbacks.shared.titles import in_italics
from core.figures.violin import nothing
from core.tables.text import records
from core.views.differences import abundance, sample_pca, violin, volcano
from core.views.differences.comparison import compare, power, sample_rows, warnings

if TYPE_CHECKING:
    from core.figures.theme import Theme
    from core.services.container import Services
    from core.views.differences.state import DifferencesView

Outputs = dict[str, Any]


def genes(services: Services, view: DifferencesView, theme: Theme) -> Outputs:
    """Draw the volcano and the MA plot, and give the addresses of the table."""
    return shown_or_refusal(lambda: _genes(services, view, theme), lambda why: _no_genes(view, why, theme))


def _genes(services: Services, view: DifferencesView, theme: Theme) -> Outputs:
    result = compare(services, view)
    text, of_ma = volcano.words(result), volcano.words_ma(result)
    one = {"cell_type": view.query.cell_type, "pooled": "" if view.types else "true"}
    return {
        "figure": volcano.draw(result, theme),
        "fault": "",
        "title": text.title,
        "note": text.note,
        "ma": {"figure": volcano.draw_ma(result, theme), "fault": "", "title": of_ma.title, "note": power(result)},
        "methods": text.methods,
        "source": {"rows": view.api(**one), "gene": result.gene, "fault": ""},
        "table_title": f"{len(result.genes):,} genes{result.where}",
        "table_note": f"{result.n_samples}. Select a row to plot the gene.",
        "csv": view.api(**one, format="csv"),
        "xlsx": view.api(**one, format="xlsx"),
        "every": view.api(format="csv"),
        "gene": {"typed": result.gene, "shown": result.gene},
    }


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


def gene(services: Services, view: DifferencesView, theme: Theme) -> Outputs:
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


def samples(services: Services, view: DifferencesView, theme: Theme) -> Outputs:
    """List the samples kept and dropped, and draw their principal components."""
    rows = [] if view.why else sample_rows(view)
    kept = sum(not row["why"] for row in rows)

    def shown() -> Outputs:
        result = sample_pca.compute(services, view)
        text = sample_pca.words(result)
        return {
            "pca": {"figure": sample_pca.draw(result, theme), "fault": "", "title": text.title, "note": text.note},
            "associations": result.associations,
        }

    def refused(why: str) -> Outputs:
        return {
            "pca": {"figure": nothing(theme), "fault": why, "title": "No components", "note": ""},
            "associations": [],
        }

    return {
        "rows": rows,
        "title": f"{kept:,} of {len(rows):,} samples kept",
        "note": " ".join(warnings(view)),
        **shown_or_refusal(shown, refused),
    }


def composition(services: Services, view: DifferencesView, theme: Theme) -> Outputs:
    """Draw the shares of the cell types, with their test."""

    def shown() -> Outputs:
        result = abundance.compute(services, view)
        figure, text = abundance.draw(result, theme), abundance.words(result)
        return {
            "figure": figure,
            "height": {"height": f"{figure['layout']['height']}px"},
            "fault": "",
            "title": text.title,
            "note": text.note,
            "rows": records(result.table),
            "csv": view.api("abundance", format="csv"),
        }

    def refused(why: str) -> Outputs:
        return {
            "figure": nothing(theme),
            "height": {},
            "fault": why,
            "title": "No composition",
            "note": "",
            "rows": [],
            "csv": "",
        }

    return shown_or_refusal(shown, refused)
