"""Exported figures have no title by default: each still says what it shows."""

import re

import pytest

from core.figures.print_style import Look
from core.selection.model import Selection
from core.views.registry import render
from tests.core.views.test_views import link
from tests.factories import DRAWN

# Besides the gene: what its numbers are.
NUMBERS = {
    "violin": ["log1p(CP10k)"],
    "set_violin": ["Gene set A"],
    "dotplot": ["mean log1p(CP10k)", "% of cells expressing"],
    "heatmap": ["z-score of mean log1p(CP10k)"],
    "composition": ["% of cells in the sample"],
    "scatter": ["<i>CYP2E1</i> · log1p(CP10k)"],
    "ranking": ["Spearman’s ρ with <i>ALB</i>"],
    "pair_map": ["<i>ALB</i> · log1p(CP10k)"],
    "forest": ["Spearman’s ρ of <i>ALB</i> and <i>CYP2E1</i> (95% CI)"],
    "matrix": ["Spearman’s ρ", "ALB"],
    "markers": ["rank-sum z-score, Hepatocyte"],
    "marker_violin": ["<i>ALB</i> · log1p(CP10k)"],
    "marker_dotplot": ["scaled 0–1 per gene"],
    "marker_heatmap": ["z-score of mean log1p(CP10k)"],
}
# Without a gene, or set in italics by the axis.
GENES = {"matrix", "composition", "set_violin", "markers", "marker_dotplot", "marker_heatmap"}


def texts(value):
    """Collect the texts of a figure that a reader sees."""
    if isinstance(value, dict):
        return [text for name, each in value.items() if name not in SKIPPED for text in texts(each)]
    if isinstance(value, list | tuple):
        return [text for each in value for text in texts(each)]
    return [value] if isinstance(value, str) else []


SKIPPED = {"hovertemplate", "bdata", "meta", "customdata", "source"}


def written(services, figure, **query):
    drawn = render(services, link(figure, gene="ALB", gene_b="CYP2E1", **query), Look.of("journal", width=85))
    assert "title" not in drawn.figure["layout"]
    return re.sub(r"<br>", " ", " | ".join(texts(drawn.figure)))


@pytest.mark.parametrize("figure", [name for name in DRAWN if name != "embedding"])
def test_a_figure_without_a_title_says_what_it_shows(services, figure):
    found = written(services, figure, by="CellType", category="Hepatocyte" if "marker" in figure else "")
    for number in NUMBERS[figure]:
        assert number in found
    if figure not in GENES:
        assert "<i>ALB</i>" in found


@pytest.mark.parametrize(
    ("color", "expected"),
    [
        ("CellType", ["LSEC"]),
        ("score", ["score"]),
        ("@gene", ["<i>ALB</i> · log1p(CP10k)"]),
        ("@set_a", ["Mine · "]),
        ("@blend", ["→ <i>ALB</i> 0 to", "↑ <i>CYP2E1</i> 0 to", "log1p(CP10k)"]),
    ],
)
@pytest.mark.parametrize("facet", ["", "Group"])
def test_a_map_without_a_title_says_what_its_colours_mean(services, color, expected, facet):
    found = written(services, "embedding", color=color, set_a="ALB APOA1", name_a="Mine", facet=facet)
    for text in expected:
        assert text in found


def test_two_groups_are_shown_by_their_means(services):
    both = {"where": "Group=MASH", "by": "CellType"}
    for figure in ("heatmap", "marker_heatmap", "marker_dotplot"):
        two = render(services, link(figure, gene="ALB", genes="ALB CYP2E1", **both, a="", b=""))
        n = len({*two.tables["dotplot"]["category"].to_pylist()})
        assert n > 2
        assert ("z-score" in str(two.figure)) == ("heatmap" in figure)
    a, b = (Selection.parse([f"Group={name}"]).text() for name in ("Healthy", "MASH"))
    for figure in ("marker_heatmap", "marker_dotplot"):
        drawn = render(services, link(figure, a=a, b=b))
        text = " ".join([str(drawn.figure), drawn.legend])
        assert "z-score of mean" not in text.replace("ranked by z-score", "")
        assert "scaled" not in text
        assert "mean log1p(CP10k)" in text
