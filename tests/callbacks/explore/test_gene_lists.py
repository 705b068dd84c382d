"""Below the tabs of Explore: dot plots, compositions and gene sets, from an address to what is shown."""

import json
from urllib.parse import parse_qs, urlencode, urlsplit

import numpy as np
import plotly.graph_objects as go
import pytest
from dash import dcc
from dash.development.base_component import Component
from plotly.io.json import to_json_plotly

from callbacks.explore import composition, dots, mounted, sets
from core.analysis.composition import CompositionParams
from core.analysis.composition import composition as compositions
from core.figures.theme import DARK, LIGHT
from core.genes.examples import liver_markers
from core.services.container import Services
from core.settings.settings import load
from core.views.explore import composition as composition_view
from core.views.explore import dotplot as dotplot_view
from core.views.explore.dotplot import MAX_DOTS
from core.views.explore.state import resolve
from tests.factories import imported, tiny
from tests.layouts import text

GENES = ("ALB", "CYP2E1", "APOA1", "GLUL", "LYVE1", "CD68")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Return a data directory with a liver, and an atlas without samples or groups."""
    directory = tmp_path_factory.mktemp("lists")
    imported(directory / "data", tiny(directory / "liver.h5ad", n_cells=120, genes=GENES), species="human")
    import anndata

    path = tiny(directory / "bare.h5ad", genes=GENES)
    adata = anndata.read_h5ad(path)
    adata.obs = adata.obs[["CellType"]]
    adata.write_h5ad(path)
    imported(directory / "data", path, species="human", name="bare")
    # A gene that no cell expresses, cells without a sample, and no other column.
    adata.X = adata.X.multiply(np.arange(len(GENES)) != 2).tocsr().astype(np.float32)
    adata.obs = adata.obs.assign(donor=np.where(np.arange(len(adata)) < 7, None, "d1"))[["donor"]]
    adata.write_h5ad(path)
    imported(directory / "data", path, species="human", name="odd")
    sets_dir = directory / "data" / "genesets"
    sets_dir.mkdir()
    (sets_dir / "own.gmt").write_text("LIVER\tx\tALB\tCYP2E1\tNOSUCH\n")
    return directory / "data"


@pytest.fixture(scope="module")
def view_of(data):
    """Return a function that resolves an address."""
    services = Services.of(load(data_dir=data))

    def view_of(atlas="human/liver", **query):
        view, problems = resolve(services, "?" + urlencode({"atlas": atlas, **query}, doseq=True))
        assert not problems
        return view

    return view_of


def every(node, kind):
    """All components of a kind within another."""
    found = [node] if isinstance(node, kind) else []
    children = getattr(node, "children", None) if isinstance(node, Component) else node
    if isinstance(children, (list, tuple)):
        found += [it for child in children for it in every(child, kind)]
    elif isinstance(children, Component):
        found += every(children, kind)
    return found


def asked(href):
    return {name: values[0] for name, values in parse_qs(urlsplit(href).query).items()}


# ---- dot plots ----


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_a_pasted_list_is_drawn_twice_with_the_address_of_its_numbers(view_of, theme):
    found = dots.draw(view_of(genes="alb; CYP2E1", by="Sample", split="Group", where="Group=MASH"), theme)
    for part in ("dots", "heatmap"):
        figure = go.Figure(found[part]["figure"])
        assert list(figure.layout.xaxis.ticktext) == ["<i>ALB</i>", "<i>CYP2E1</i>"]
        assert all(name.endswith("· MASH") for name in figure.layout.yaxis.ticktext)
        assert found[part]["height"]["height"] == f"{figure.layout.height}px"
        assert found[part]["title"].startswith("2 genes by sample and group")
    assert found["unknown"] is None
    assert urlsplit(found["csv"]).path == "/api/v1/datasets/human/liver/dotplot"
    assert asked(found["csv"]) == {
        "genes": "ALB, CYP2E1", "by": "Sample", "split": "Group", "layer": "expression", "format": "csv",
        "where": "Group=MASH",
    }  # fmt: skip


def test_without_a_list_known_markers_are_drawn(view_of):
    view = view_of()
    found = dots.draw(view, LIGHT)
    assert found["dots"]["title"] == "Known markers by cell type"
    names = found["dots"]["figure"]["layout"]["xaxis"]["ticktext"]
    assert names == [f"<i>{gene}</i>" for gene in liver_markers(view.atlas, view.services.orthologs)]
    assert names


def test_a_name_that_is_no_gene_can_be_replaced_by_a_click(view_of):
    pasted = "'ALB', 'CYP2E9', CYP2E1"
    found = dots.draw(view_of(genes=pasted), LIGHT)
    assert "1 name not found" in text(found["unknown"])
    links = {link.children: asked(link.href)["genes"] for link in every(found["unknown"], dcc.Link)}
    assert links["CYP2E1"] == "'ALB', 'CYP2E1', CYP2E1"
    assert found["dots"]["title"].startswith("2 genes")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"genes": "foo bar"}, "None of the 2 names"),
        ({"genes": "ALB", "range": "score:1e9:"}, "No cells match these filters"),
    ],
)
def test_what_cannot_be_drawn_says_so_in_its_place(view_of, query, words):
    found = dots.draw(view_of(**query), LIGHT)
    assert words in found["dots"]["note"]
    assert found["dots"]["figure"]["data"] == found["heatmap"]["figure"]["data"] == []
    assert found["csv"] == ""


def test_more_dots_than_a_browser_draws_leave_the_heatmap(view_of, monkeypatch):
    monkeypatch.setattr(dotplot_view, "MAX_DOTS", 5)
    found = dots.draw(view_of(genes="ALB CYP2E1 APOA1"), LIGHT)
    assert "more than the 5 that are drawn" in found["dots"]["note"]
    assert found["dots"]["figure"]["data"] == []
    assert found["heatmap"]["figure"]["data"]
    assert found["csv"]
    assert MAX_DOTS > 5


# ---- composition ----


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_the_composition_has_bars_a_table_and_an_address(view_of, theme):
    view = view_of(by="CellType", exclude="where=Sample=d1")
    found = composition.draw(view, theme)
    go.Figure(found["bars"]["figure"])
    assert found["bars"]["title"] == "Cell type in each sample"
    assert found["bars"]["note"].startswith("2 samples; 1 without selected cells omitted.")
    rows = found["table"].rowData
    assert [row["sample"] for row in rows] == ["d2", "d3"]
    fields = [column["field"] for column in found["table"].columnDefs if column["field"].startswith("category")]
    for row in rows:
        assert sum(row[field] for field in fields) == pytest.approx(100)
        assert row["n"] == 40
    assert urlsplit(found["csv"]).path == "/api/v1/datasets/human/liver/composition"
    assert asked(found["csv"])["exclude"] == view.query.selection.excluded[0].text()
    json.loads(to_json_plotly(found))


def test_cells_without_a_sample_are_counted_out(view_of):
    view = view_of("human/odd")
    params = CompositionParams("donor", "donor")
    result = composition_view.Samples(view, params, compositions(view.atlas, params))
    assert composition_view.words(result).note == (
        "1 donor; 7 cells without a donor omitted. Fractions are of the selected cells of each donor."
    )
    assert "both the samples" in composition.draw(view, LIGHT)["bars"]["note"]


def test_without_samples_the_card_says_what_to_do(view_of):
    found = composition.draw(view_of("human/bare"), LIGHT)
    assert "has no column of samples" in found["bars"]["note"]
    assert (found["table"], found["csv"]) == (None, "")


def test_more_bars_than_a_browser_draws_are_refused(view_of, monkeypatch):
    monkeypatch.setattr(composition_view, "MAX_BARS", 5)
    found = composition.draw(view_of(), LIGHT)
    assert "12 bars; 5 are drawn at most" in found["bars"]["note"]


def test_without_a_cell_there_is_no_bar(view_of):
    found = composition.draw(view_of(range="score:1e9:"), LIGHT)
    assert "No cells that belong to a sample match" in found["bars"]["note"]
    assert found["bars"]["figure"]["data"] == []


# ---- gene sets ----


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("method", "unit"), [("ulm", "t of the slope (ULM)"), ("mean_z", "mean z")])
def test_each_set_has_a_card_with_its_genes_and_its_violins(view_of, theme, method, unit):
    view = view_of(set_a="ALB CYP2E9", set_b="GLUL, LYVE1", name_b="Venous <b>", score=method, where="Group=MASH")
    [one, two] = sets.draw(view, theme)["shown"]
    assert "A · Gene set A" in text(one)
    assert "1 of 2 found: ALB" in text(one)
    assert "B · Venous <b>" in text(two)
    assert "2 of 2 found: GLUL, LYVE1" in text(two)
    links = {link.children: asked(link.href) for link in every(one, dcc.Link)}
    assert links["CYP2E1"]["set_a"] == "ALB CYP2E1"
    assert links["CYP2E1"]["set_b"] == "GLUL, LYVE1", "the rest of the view stays"
    for card, name in ((one, "Gene set A"), (two, "Venous &lt;b&gt;")):
        graphs = every(card, dcc.Graph)
        assert len(graphs) == 2, "by cell type and by group"
        for graph in graphs:
            figure = go.Figure(graph.figure)
            assert figure.layout.xaxis.title.text.replace("<br>", " · ") == f"{name} · {unit}"
            assert "%" not in "".join(figure.layout.yaxis.ticktext), "a score above zero is no expression"
    [link] = [link for link in every(two, Component) if getattr(link, "href", "").startswith("/api")]
    assert asked(link.href) == {
        "genes": "GLUL, LYVE1", "method": method, "layer": "expression", "format": "csv", "where": "Group=MASH",
    }  # fmt: skip


def test_the_violins_are_those_of_the_scores(view_of):
    view = view_of(set_a="ALB CYP2E1", by="Group")
    [card] = sets.draw(view, LIGHT)["shown"]
    [graph] = every(card, dcc.Graph)
    column, values = view.atlas.categorical("Group"), view.scored(view.listed("A"))
    medians = graph.figure["data"][-1]["hovertext"]
    for code, name in enumerate(column.categories):
        expected = np.nanmedian(values[column.codes == code])
        assert any(f"<b>{name}</b>" in said and f"median {expected:.3g}," in said for said in medians)


def test_a_mounted_set_is_scored_and_its_missing_names_are_told_without_links(view_of):
    [card] = sets.draw(view_of(set_a="gmt:own/LIVER"), LIGHT)["shown"]
    assert "2 of 3 found: ALB, CYP2E1" in text(card)
    assert "NOSUCH" in text(card)
    assert not every(card, dcc.Link)
    [link] = [link for link in every(card, Component) if getattr(link, "href", "").startswith("/api")]
    assert asked(link.href)["genes"] == "gmt:own/LIVER"


def test_without_a_set_there_is_a_word_of_what_to_do(view_of):
    assert "No gene set yet" in text(sets.draw(view_of(), LIGHT)["shown"])
    assert "No gene set yet" in text(sets.draw(view_of(set_a="  "), LIGHT)["shown"])


def test_genes_that_say_nothing_are_named(view_of):
    for method, why in (("ulm", "not expressed in any cell"), ("mean_z", "the same value in every cell")):
        [card] = sets.draw(view_of("human/odd", set_a="ALB APOA1 GLUL", score=method), LIGHT)["shown"]
        assert f"3 of 3 found: ALB, APOA1, GLUL. Left out ({why}): APOA1." in text(card)


def test_a_long_set_is_cut_in_words_and_not_in_numbers(view_of, monkeypatch):
    monkeypatch.setattr(sets, "MAX_NAMED", 2)
    [card] = sets.draw(view_of(set_a="ALB CYP2E1 GLUL LYVE1"), LIGHT)["shown"]
    assert "4 of 4 found: ALB, CYP2E1 and 2 more." in text(card)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"set_a": "foo bar"}, "None of these names is a gene of this atlas."),
        ({"set_a": "gmt:own/LUNG"}, "There is no gene set 'own/LUNG'"),
        ({"set_a": " ".join(GENES)}, "it holds every gene that is expressed"),
    ],
)
def test_a_set_without_a_score_says_why(view_of, query, words):
    [card] = sets.draw(view_of(**query), LIGHT)["shown"]
    assert words in text(card)
    json.loads(to_json_plotly(card))


def test_mounted_sets_are_offered_by_name(data, tmp_path):
    services = Services.of(load(data_dir=data))
    [option] = mounted.offered(services, "liv")
    assert option["value"] == "own/LIVER"
    assert option["label"] == "LIVER · 3 genes · own.gmt"
    assert mounted.offered(services, "nothing like it") == []
    assert mounted.offered(Services.of(load(data_dir=tmp_path)), "") == []
