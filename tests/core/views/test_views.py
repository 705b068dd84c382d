"""Views drawn without a page: the numbers are those of core, the words say what they must, and nothing is guessed."""

import base64
from dataclasses import replace
from types import SimpleNamespace
from urllib.parse import urlencode

import numpy as np
import pytest

from core.analysis.composition import CompositionParams, composition
from core.analysis.contrasts import MarkersParams
from core.analysis.correlation import CorrelationParams
from core.analysis.distributions import summarise
from core.analysis.dotplot import DotPlotParams, dots
from core.analysis.expression import expression_of
from core.analysis.gene_pair import PairParams, pair, pair_values
from core.analysis.gene_set_scores import ScoreParams
from core.analysis.markers import rows_of
from core.errors import InvalidQuery, UnknownAtlas, UnknownGene
from core.figures.print_style import Look
from core.genes.ids import with_ids
from core.selection.masks import mask_of
from core.selection.model import Selection
from core.services.memoized import answer
from core.tables.text import csv_pieces
from core.urls.figure_specs import FIGURES
from core.urls.permalinks import read
from core.views.explore.state import resolve
from core.views.registry import VIEWS, render
from core.views.resolve import is_liver
from tests.factories import DRAWN, N_CELLS

ATLAS = "human/liver"
MASH = Selection.parse(["Group=MASH"])


def link(figure, **query):
    needed = {"set_a": "ALB CYP2E1"} if figure == "set_violin" else {}
    return f"{FIGURES[figure].path}?{urlencode({'figure': figure, 'atlas': ATLAS, **needed, **query})}"


def csv(table):
    return "".join(csv_pieces(table))


@pytest.fixture
def atlas(services):
    return services.catalog.get(ATLAS)


@pytest.mark.parametrize("theme", ["light", "dark", "journal"])
@pytest.mark.parametrize("figure", DRAWN)
def test_every_view_is_drawn_and_says_what_it_is(services, atlas, figure, theme):
    drawn = render(
        services, link(figure, gene="ALB", where="Group=MASH"), Look.of(theme, width=85, height=70, font_size=5)
    )
    assert {trace["type"] for trace in drawn.figure["data"]} <= {"scatter", "bar", "heatmap"}, "a bitmap of WebGL"
    layout = drawn.figure["layout"]
    assert layout["width"] == pytest.approx(drawn.look.pixels(85), abs=0.01)
    assert layout["height"] == pytest.approx(drawn.look.pixels(70), abs=0.01)
    assert drawn.facts["n_cells"] == int(mask_of(atlas, MASH).sum())
    assert drawn.facts["n_samples"] == 3
    assert drawn.facts["selection"] == "Group is MASH"
    assert drawn.facts["source_sha256"] == atlas.manifest.source.sha256
    assert atlas.manifest.source.sha256 in drawn.methods
    assert f"n = {drawn.facts['n_cells']:,} cells from 3 samples (Group is MASH)" in drawn.legend
    assert drawn.legend.count("n = ") == 1
    assert "  " not in drawn.legend + drawn.methods
    assert "Group is MASH" in drawn.methods
    assert "SIMULATED" not in drawn.title + drawn.legend + drawn.methods
    assert all(table.num_rows for table in drawn.tables.values())
    assert drawn.notes == ()


@pytest.mark.parametrize("figure", DRAWN)
def test_its_permalink_draws_the_same(services, figure):
    first = render(services, link(figure, gene="ALB", where="Group=MASH"))
    again = render(services, str(first.facts["permalink"]))
    assert again.figure == first.figure
    assert again.facts == first.facts
    assert {name: table.to_pylist() for name, table in again.tables.items()}.keys() == first.tables.keys()


@pytest.mark.parametrize("figure", DRAWN)
def test_simulated_cells_are_called_so_everywhere(services, figure):
    drawn = render(services, link(figure, atlas="mouse/made", gene="ALB"))
    for text in (drawn.title, drawn.legend, drawn.methods):
        assert text.startswith("SIMULATED")
    assert drawn.facts["simulated"] is True
    written = [drawn.figure["layout"].get("title", {}).get("text", "")]
    written += [note["text"] for note in drawn.figure["layout"].get("annotations", ())]
    assert any(text.startswith("SIMULATED") for text in written)


def test_the_map_holds_the_selected_cells_that_have_a_place(services, atlas):
    drawn = render(services, link("embedding", color="@gene", gene="ALB", where="Group=MASH", order="file"))
    inside = mask_of(atlas, MASH) & np.isfinite(atlas.embedding("X_umap")).all(axis=1)
    table = drawn.tables["cells"]
    names = atlas.cells()
    assert table["cell"].to_pylist() == [names[at] for at in np.flatnonzero(inside)]
    np.testing.assert_array_equal(table["ALB"].to_numpy(), expression_of(atlas, "ALB").values[inside].astype(float))
    np.testing.assert_array_equal(table["UMAP 1"].to_numpy(), atlas.embedding("X_umap")[inside, 0].astype(float))
    shown = drawn.figure["data"][1]
    assert len(np.frombuffer(base64.b64decode(shown["x"]["bdata"]), "<f4")) == table.num_rows
    assert drawn.facts["unit"] == atlas.layer().info.unit


def test_hidden_categories_are_outside(services, atlas):
    hide = Selection.parse(["CellType=Hepatocyte"]).text()
    drawn = render(services, link("embedding", color="CellType", hide=hide))
    assert "Hepatocyte" not in drawn.tables["cells"]["CellType"].to_pylist()
    texts = [each["text"] for each in drawn.figure["layout"]["annotations"]]
    assert not any("Hepatocyte" in text for text in texts)
    assert any("&lt;b&gt;LSEC&lt;/b&gt;" in text for text in texts)


def test_a_blend_and_small_maps(services):
    drawn = render(services, link("embedding", color="@blend", gene="ALB", gene_b="CYP2E1", facet="Group"))
    assert drawn.tables["cells"].column_names == ["cell", "UMAP 1", "UMAP 2", "ALB", "CYP2E1", "Group"]
    assert sum(trace["type"] == "scatter" for trace in drawn.figure["data"]) == 4


def test_a_zoom_is_part_of_the_figure_and_of_its_link(services):
    drawn = render(services, link("embedding", zoom="-1_1_-2_2"))
    assert drawn.figure["layout"]["xaxis"]["range"] == [-1, 1]
    assert drawn.figure["layout"]["yaxis"]["range"] == [-2, 2]
    assert "zoom=-1_1_-2_2" in drawn.facts["permalink"]
    for text in ("1_2_3", "a_b_c_d", "2_1_0_1", "nan_1_0_1"):
        with pytest.raises(InvalidQuery, match="not a part of a map"):
            render(services, link("embedding", zoom=text))


@pytest.mark.parametrize("color", ["CellType", "score", "@gene", "@blend", "@set_a"])
@pytest.mark.parametrize("raster_above", [10, 1_000_000])
def test_many_points_become_a_picture_and_the_source_data_stay(services, color, raster_above):
    many = replace(services, settings=services.settings.model_copy(update={"raster_above": raster_above}))
    query = link("embedding", color=color, gene="ALB", gene_b="CYP2E1", set_a="ALB APOA1", where="Group=MASH")
    drawn = render(many, query, Look(most_points=10, width=85, dpi=150))
    vector = render(services, query)
    [image] = drawn.figure["layout"]["images"]
    assert image["source"].startswith("data:image/png;base64,")
    assert drawn.tables["cells"].to_pylist() == vector.tables["cells"].to_pylist()
    assert not any(isinstance(trace["x"], dict) for trace in drawn.figure["data"]), "cells are drawn twice"
    if color not in {"CellType", "@blend"}:
        assert drawn.figure["data"][1]["marker"]["showscale"]
    assert render(many, query, Look(most_points=10, width=85, dpi=150)).figure == drawn.figure


def test_violins_are_the_summaries(services, atlas):
    drawn = render(services, link("violin", gene="ALB", by="Group", split="Sample"))
    found = [it for it in summarise(atlas, expression_of(atlas, "ALB"), "Group", Selection(), "Sample") if it.n]
    assert drawn.tables["summary"]["median"].to_pylist() == [it.median for it in found]
    assert drawn.tables["summary"]["split"].to_pylist() == [it.split for it in found]
    assert drawn.tables["density"].num_rows == 256 * len(found)
    boxes = render(services, link("violin", gene="ALB", plot="box"))
    assert list(boxes.tables) == ["summary"]
    assert "1.5 interquartile" in boxes.legend
    assert "Small dots" not in render(services, link("violin", gene="ALB", by="CellType")).legend
    assert "Small dots show means of donors" in render(services, link("violin", gene="ALB", by="Group")).legend


def test_the_dot_plot_is_the_table_of_core(services, atlas):
    drawn = render(services, link("dotplot", genes="ALB APOA1 nonsense", by="Group"))
    assert drawn.tables["dotplot"].equals(
        with_ids(dots(atlas, DotPlotParams.of(atlas, ["ALB", "APOA1"], "Group")), atlas.genes)
    )
    assert drawn.notes == (f"Of the list, 1 are no genes of {ATLAS}: 'nonsense'.",)


def test_the_composition_is_the_table_of_core(services, atlas):
    drawn = render(services, link("composition", by="CellType"))
    assert drawn.tables["composition"].equals(composition(atlas, CompositionParams.of(atlas, "CellType")).table)


def test_the_ranking_is_the_table_of_core(services, atlas):
    drawn = render(services, link("ranking", gene="ALB", method="pearson"))
    params = CorrelationParams.of(atlas, "ALB", "pearson")
    assert csv(drawn.tables["correlations"]) == csv(with_ids(answer(services, atlas, params).value, atlas.genes))
    assert "Pearson" in drawn.methods
    assert "cells as independent" in drawn.methods


def test_the_scatter_is_the_pair_of_core(services, atlas):
    drawn = render(services, link("scatter", gene="ALB", gene_b="CYP2E1", drop_zeros="true"))
    params = PairParams.of(atlas, ("ALB", "CYP2E1"), drop_zeros=True)
    values, found = pair_values(atlas, params), pair(atlas, params)
    np.testing.assert_array_equal(drawn.tables["cells"]["ALB"].to_numpy(), values.x[values.used])
    assert drawn.facts["n_cells"] == found.n < N_CELLS
    assert drawn.facts["parameters"]["r"] == found.r


def test_without_a_gene_b_the_scatter_shows_the_strongest(services, atlas):
    drawn = render(services, link("scatter", gene="ALB"))
    table = answer(services, atlas, CorrelationParams.of(atlas, "ALB")).value
    assert drawn.facts["parameters"]["gene_b"] == table["gene"][0].as_py()
    assert "gene_b=" in drawn.facts["permalink"]


def test_the_markers_are_the_rows_of_core(services, atlas):
    drawn = render(services, link("markers", by="Group", category="MASH"))
    params = MarkersParams.of(atlas, "Group")
    rows = rows_of(answer(services, atlas, params).value, params.groups(atlas), "MASH")
    assert csv(drawn.tables["markers"]) == csv(with_ids(rows, atlas.genes))
    a, b = (Selection.parse([f"Group={name}"]).text() for name in ("MASH", "Healthy"))
    versus = render(services, link("markers", a=a, b=b))
    assert versus.facts["selection"] == "A: Group is MASH; B: Group is Healthy"
    assert versus.facts["n_cells"] == N_CELLS


def test_the_matrix_is_square(services):
    table = render(services, link("matrix", genes="ALB CYP2E1 APOA1")).tables["matrix"]
    assert sorted(table.column_names[2:]) == ["ALB", "APOA1", "CYP2E1"]
    assert table.column_names[:2] == ["gene", "id"]
    assert table["gene"].to_pylist() == table.column_names[2:]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"figure": "violin", "gene": "NOSUCHGENE"}, '"NOSUCHGENE" was not found'),
        ({"figure": "embedding", "color": "<script>"}, "not a column '<script>'"),
        ({"figure": "embedding", "where": "CellType=nobody"}, "nobody"),
        ({"figure": "composition", "atlas": "human/none"}, "no atlas 'human/none'"),
        ({"figure": "violin", "where": "nonsense"}, "not a filter"),
        ({"figure": "dotplot", "genes": "x y z"}, "None of"),
        ({"figure": "scatter", "layer": "../../etc"}, "not a layer"),
        ({"figure": "markers", "category": "nobody"}, "not a category 'nobody'"),
        ({"figure": "matrix", "genes": "ALB"}, "needs two"),
        ({"figure": "embedding", "color": "@set_a"}, "Gene set A is empty"),
    ],
)
def test_what_the_address_does_not_say_is_not_guessed(services, query, said):
    with pytest.raises((InvalidQuery, UnknownAtlas, UnknownGene)) as caught:
        render(services, link(**query))
    assert said in str(caught.value)


@pytest.mark.parametrize("figure", ["embedding", "ranking", "markers"])
def test_a_link_to_another_content_opens_and_says_so(services, figure):
    [note] = render(services, link(figure, hash="0123456789ab")).notes
    assert note == "human/liver has changed since the link was created: the figure may differ."


def test_pages_say_so_too(services, atlas):
    digest = atlas.manifest.content_hash
    assert resolve(services, f"?v=1&figure=violin&atlas={ATLAS}&hash={digest[:12]}")[1] == []
    view, [problem] = resolve(services, f"?v=1&figure=violin&atlas={ATLAS}&gene=ALB&hash=0123456789ab")
    assert problem.harmless
    assert "changed since" in problem.text
    assert view.query.gene == "ALB"
    [problem] = resolve(services, f"?v=7&atlas={ATLAS}")[1]
    assert "reads version 1" in problem.text


def test_a_link_may_be_a_whole_url(services):
    address = f"https://atlas.example.org{link('violin', gene='ALB')}"
    assert render(services, address).facts == render(services, link("violin", gene="ALB")).facts
    assert read(address).figure == "violin"


@pytest.mark.parametrize(("panel", "title"), [(1, "ALB"), (2, "CYP2E1")])
def test_the_maps_of_a_pair_are_those_of_explore(services, panel, title):
    drawn = render(
        services, link("pair_map", gene="ALB", gene_b="CYP2E1", panel=panel, where="Group=MASH", zoom="-1_1_-2_2")
    )
    explored = render(
        services,
        link("embedding", gene="ALB", gene_b="CYP2E1", color=f"@gene{'_b' * (panel - 1)}", where="Group=MASH",
             zoom="-1_1_-2_2"),
    )  # fmt: skip
    assert drawn.title.startswith(title)
    assert drawn.figure == explored.figure
    assert drawn.facts["figure"] == "pair_map"
    assert "/correlation?v=1&figure=pair_map" in str(drawn.facts["permalink"])
    assert "zoom=-1_1_-2_2" in str(drawn.facts["permalink"])


def test_each_map_and_each_violin_of_a_page_has_its_own_figure(services):
    query = {"gene": "ALB", "gene_b": "CYP2E1", "color_2": "@gene", "color_3": "Group", "by": "CellType"}
    titles = [render(services, link("embedding", **query, panel=at)).title.split()[0] for at in (1, 2, 3)]
    assert titles == ["Cell", "ALB", "Group"], "Cell type is the role of CellType"
    for panel, said in ((4, "has no map 4"), (5, "The figure embedding has no panel"), ("x", "has no panel")):
        with pytest.raises(InvalidQuery, match=said):
            render(services, link("embedding", **query, panel=panel))
    assert render(services, link("violin", **query, panel=2)).title == "ALB by group"
    with pytest.raises(InvalidQuery, match="no column of groups other than"):
        render(services, link("violin", **{**query, "by": "Group"}, panel=2))


def test_the_violins_of_a_gene_set_are_those_of_its_scores(services):
    query = {"set_a": "ALB CYP2E1 NOPE", "set_b": "GLUL", "name_a": "Zone <3>", "by": "CellType"}
    drawn = render(services, link("set_violin", **query))
    atlas = services.catalog.get(ATLAS)
    params = ScoreParams.of(atlas, ("ALB", "CYP2E1"), "ulm")
    scores = answer(services, atlas, params).value["score"].to_numpy()
    column = atlas.categorical("CellType")
    for row in drawn.tables["summary"].to_pylist():
        if row["category"] in column.categories:
            own = scores[column.codes == column.categories.index(row["category"])]
            assert row["median"] == pytest.approx(np.nanmedian(own))
    assert drawn.title == "Zone <3> by cell type"
    assert drawn.facts["parameters"]["genes"] == ["ALB", "CYP2E1"]
    assert any("'NOPE'" in note for note in drawn.notes)
    assert render(services, link("set_violin", **query, panel=2)).title == "Zone <3> by group"
    assert render(services, link("set_violin", **query, panel=4)).title == "Gene set B by group"
    for asked, said in (
        ({"set_a": "ALB", "panel": 3}, "holds no gene set B"),
        ({"set_a": "ALB", "panel": 5}, "has no panel"),
        ({"set_a": "NOPE"}, "was not found"),
        ({"set_a": ""}, "holds no gene set A"),
    ):
        with pytest.raises((InvalidQuery, UnknownGene), match=said):
            render(services, link("set_violin", **asked))


def test_a_figure_on_small_paper_says_that_its_letters_are_smaller_or_that_it_does_not_fit(services):
    drawn = render(services, link("dotplot", genes="ALB CYP2E1 APOA1 GLUL"), Look(width=50, font_size=12))
    assert drawn.look.font_size < 12
    assert any(note.startswith("The font size is ") for note in drawn.notes)
    with pytest.raises(InvalidQuery, match=r"would overlap: with a font size of 4 pt, the figure needs \d+ by \d+ mm"):
        render(services, link("violin", gene="ALB"), Look(width=85, height=15))


def test_a_figure_on_a_link_opens_its_part_of_the_page(services):
    for figure, tab in (
        ("dotplot", "dots"),
        ("heatmap", "dots"),
        ("composition", "composition"),
        ("violin", "violins"),
        ("set_violin", "sets"),
    ):
        view, problems = resolve(services, f"?v=1&figure={figure}&atlas={ATLAS}&tab=sets")
        assert not problems
        assert view.query.tab == tab
    assert resolve(services, f"?atlas={ATLAS}&tab=sets")[0].query.tab == "sets"


def test_what_is_too_high_by_default_is_made_for_the_page_and_says_so(services, monkeypatch):
    layout = VIEWS["marker_dotplot"].layout
    asked = []

    def high(result, look):
        asked.append(result.view.query.top_n)
        found = layout(result, look)
        if result.view.query.top_n == "2":
            return found
        return replace(found, look=replace(found.look, height=400.0), fitting=(("top_n", "2"),))

    monkeypatch.setitem(VIEWS, "marker_dotplot", replace(VIEWS["marker_dotplot"], layout=high))
    link = "/markers?atlas=human/liver"
    drawn = render(services, link, Look(width=85), "marker_dotplot")
    assert asked[-1] == "2"
    assert drawn.notes[-1] == "To fit on the 170 mm of a page, fewer are shown than on the screen (top_n=2)."
    assert "top_n=2" in str(drawn.facts["permalink"])
    given = render(services, f"{link}&top_n=9", Look(width=85), "marker_dotplot")
    assert dict(given.fitting) == {"top_n": "2"}, "what was asked for is drawn"
    assert any("400 mm high" in note for note in given.notes)


@pytest.mark.parametrize(
    ("name", "title", "file", "liver"),
    [
        ("human/a", "Blood cells (healthy blood, not liver)", "pbmc.h5ad", False),
        ("human/a", "Human liver", "a.h5ad", True),
        ("human/he2020", "he2020", "human_liver_he2020.h5ad", True),
        ("human/a", "Cells of MASH and non-liver tissue", "a.h5ad", True),
    ],
)
def test_an_atlas_of_the_liver_is_told_by_its_names(name, title, file, liver):
    assert is_liver(SimpleNamespace(id=name, title=title, source=SimpleNamespace(file=file))) is liver
