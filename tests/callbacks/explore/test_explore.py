"""The pure functions of Explore: address to view, view to controls, controls to address, view to figures."""

from urllib.parse import parse_qs

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from anndata import AnnData
from dash.development.base_component import Component
from plotly.io.json import to_json_plotly

from callbacks.explore import cell, composition, dots, maps, second_gene, sets, table, violins, words
from callbacks.explore.hydrate import KEPT, PLAIN, collect, colors, hydrate
from callbacks.shared import numeric_filters
from callbacks.shared.badges import badges
from callbacks.shared.page import with_atlas
from callbacks.shared.selection_actions import actions
from callbacks.shared.selection_controls import NONE_GIVEN
from core.analysis.distributions import densities, summarise
from core.analysis.expression import expression_of
from core.atlas.embedding_axes import plane_of, planes
from core.atlas.lineages import LINEAGE
from core.atlas.manifest import SubsetInfo
from core.errors import InvalidQuery
from core.figures.theme import DARK, LIGHT
from core.genes.examples import example_gene, known_markers
from core.ingest.importer import ImportRequest, import_file
from core.selection.masks import mask_of
from core.selection.model import Selection
from core.services.container import Services
from core.settings.settings import load
from core.urls.page_queries import ExploreQuery
from core.views import headline
from core.views.explore import panels
from core.views.explore.state import COLORS, resolve
from core.views.formatting import count
from core.views.registry import render
from tests.layouts import text

HTML = "<img src=x onerror=alert(1)>"
N = 240


def silent(_step, _done):
    pass


def write(path, obs, obsm=None, genes=("G1", "ALB", "G2"), n=N, seed=3):
    random = np.random.default_rng(seed)
    counts = random.poisson(1.5, (n, len(genes))).astype(np.float32)
    counts[0] = 1
    obs = pd.DataFrame(obs, index=[f"cell{number}" for number in range(n)])
    AnnData(X=counts, obs=obs, var=pd.DataFrame(index=list(genes)), obsm=obsm or {}).write_h5ad(path)


@pytest.fixture(scope="module")
def services(tmp_path_factory):
    """Atlases of every kind: a liver, one without columns, one of one cell, one of 200 categories."""
    data, files = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("files")
    random = np.random.default_rng(1)
    places = random.normal(size=(N, 3)).astype(np.float32)
    places[:7] = np.nan
    types = pd.Series(np.array(["Hepatocyte", "Kupffer cell", HTML])[np.arange(N) % 3])
    types[200:] = None
    liver = {
        "cell_type": pd.Categorical(types),
        "group": pd.Categorical(np.array(["Healthy", "MASH"])[np.arange(N) % 2]),
        "donor": pd.Categorical([f"d{number % 4}" for number in range(N)]),
        "batch=1.x": pd.Categorical(np.array(["one", "two"])[np.arange(N) // 120]),
        "depth": np.where(np.arange(N) < 10, np.nan, random.normal(size=N) * 100),
    }
    write(files / "liver.h5ad", liver, {"X_umap": places[:, :2], "X_pca": places})
    umap = {"X_umap": places[7:, :2]}
    write(files / "bare.h5ad", {}, umap, genes=("x", "y", "z"), n=N - 7)
    write(files / "one.h5ad", {"cell_type": pd.Categorical(["A"])}, {"X_umap": places[9:10, :2]}, genes=("x",), n=1)
    many = {"cell_type": pd.Categorical([f"Type number {number % 200}" for number in range(N)])}
    write(files / "many.h5ad", many, {"X_umap": random.normal(size=(N, 2)).astype(np.float32)}, genes=("x",))
    write(files / "depth.h5ad", {"depth": np.arange(N) * 1.0}, {"X_umap": random.normal(size=(N, 2))}, genes=("x",))
    for name, species in (
        ("liver", "human"),
        ("bare", "mouse"),
        ("one", "other"),
        ("many", "other"),
        ("depth", "other"),
    ):
        import_file(ImportRequest(files / f"{name}.h5ad", species=species, name=name), data, silent)
    return Services.of(load(data_dir=data))


@pytest.fixture(scope="module")
def catalog(services):
    return services.catalog


def view_of(services, search="?atlas=human/liver"):
    view, problems = resolve(services, search)
    assert not problems
    return view


# ---- address to view ----


def test_an_empty_address_is_a_meaningful_view(services):
    view = view_of(services, "")
    assert view.query == ExploreQuery(
        atlas="human/liver", gene="ALB", color="cell_type", color_2="@gene", color_3="@none", color_4="@none",
        embedding="X_umap", layer="expression", show="gene", tab="violins", score="ulm", plot="violin", size="1",
        opacity="1", order="high", measure="mean",
    )  # fmt: skip
    assert view.state == "?atlas=human%2Fliver&gene=ALB&color=cell_type&embedding=X_umap"
    assert view_of(services, view.state).state == view.state


def test_an_atlas_without_a_known_gene_shows_the_most_overdispersed(catalog):
    atlas = catalog.get("mouse/bare")
    assert list(known_markers(atlas)) == []
    stats = atlas.layer().stats
    assert example_gene(atlas) == atlas.genes.names[int(np.argmax(stats.variance / stats.mean))]


def test_one_cell_has_no_variance_and_yet_a_gene(services):
    assert view_of(services, "?atlas=other/one").query.gene == "x"


@pytest.mark.parametrize(
    ("search", "words", "choice"),
    [
        ("color=Nope", "'Nope'", "group"),
        ("embedding=X_tsne", "'X_tsne'", "X_pca"),
        ("embedding=X_pca:1-9", "'X_pca:1-9'", "X_pca"),
        ("split=depth", "'depth'", "cell_type"),
        ("layer=scvi", "'scvi'", "counts"),
        ("where=cell_type%3DHepatocite", "no category 'Hepatocite'", "Hepatocyte"),
        ("where=cel_type%3DHepatocyte", "'cel_type'", "cell_type"),
        ("where=nonsense", "'nonsense' is not a filter", None),
        ("range=depth", "'depth' is not a range", None),
        ("range=cell_type:1:2", "cell_type", None),
        ("range=nope:1:2", "'nope'", None),
    ],
)
def test_what_is_broken_is_said_and_the_rest_is_kept(services, search, words, choice):
    view, [problem] = resolve(services, f"?atlas=human/liver&{search}")
    assert words in problem.text
    assert view.query.gene == "ALB"
    assert view.query.selection.is_all
    if choice is None:
        assert problem.remedy or not problem.choices
    else:
        to = dict(problem.choices)[choice]
        assert resolve(services, to)[1] == [], "a choice leads to a view in order"


@pytest.mark.parametrize("name", ["gene", "gene_b"])
def test_a_misspelt_gene_draws_nothing_and_offers_its_neighbours(services, name):
    view, [problem] = resolve(services, f"?atlas=human/liver&{name}=ALBB")
    assert problem.text == '"ALBB" was not found in liver.'
    assert problem.blocks
    assert "ALB" in dict(problem.choices)
    assert getattr(view.query, name) == "ALBB", "no other gene takes its place"
    filled = hydrate(view, [problem], at=1)
    assert filled["no_answer"]
    assert filled["hydrated"]["blocked"]
    with pytest.raises(InvalidQuery, match="Did you mean ALB"):
        render(services, f"/explore?atlas=human/liver&{name}=ALBB&figure=embedding&v=1")


def test_another_name_of_a_gene_finds_the_gene(services):
    view, [problem] = resolve(services, "?atlas=human/liver&gene=albumin")
    assert view.query.gene == "ALB"
    assert problem.text == "albumin is an alias of ALB."
    assert problem.harmless


@pytest.mark.parametrize(
    ("gene", "words"),
    [
        ("1-Mar", "1-Mar is a date that a spreadsheet may have made of MARCHF1 (formerly MARCH1) or MTARC1"),
        ("GS", "GS is an alias of 2 genes: GLUL, APC."),
    ],
)
def test_a_name_that_may_mean_several_genes_is_never_taken(services, gene, words):
    view, [problem] = resolve(services, f"?atlas=human/liver&gene={gene}")
    assert view.query.gene == gene
    assert words in problem.text
    assert problem.blocks


def test_an_address_without_an_atlas_opens_the_last_one(catalog):
    assert with_atlas(catalog, "?gene=x", "other/one") == "?atlas=other%2Fone&gene=x"
    assert with_atlas(catalog, "", "other/one") == "?atlas=other%2Fone"
    assert with_atlas(catalog, "?gene=x", "other/gone") == "?gene=x"
    assert with_atlas(catalog, "?atlas=mouse/bare", "other/one") == "?atlas=mouse/bare"


@pytest.mark.parametrize(
    ("gene_b", "shown", "second", "third"),
    [
        ("CD68", ["cell_type", "@gene", "@none", "@none"], None, "@blend"),
        ("CD68", ["cell_type", "@gene", "group", "@none"], "@blend", None),
        ("CD68", ["cell_type", "@blend", "@none", "@none"], None, None),
        ("", ["cell_type", "@gene", "@none", "@none"], None, None),
        ("APOB", ["cell_type", "@gene", "@none", "@none"], None, None),
    ],
)
def test_a_second_gene_opens_its_blend_once(gene_b, shown, second, third):
    right, next_map, note = second_gene.opened(gene_b, {"search": "?gene_b=APOB"}, shown)
    assert [value if isinstance(value, str) else None for value in (right, next_map)] == [second, third]
    assert isinstance(note, dict) == bool(second or third)


def test_menus_name_the_genes(services):
    view = view_of(services, "?atlas=human/liver&gene=ALB")
    labels = {option["value"]: option["label"] for option in colors(view.atlas, view.query)[1]}
    assert labels["@gene"] == "ALB"
    assert labels["cell_type"] == "Cell type (cell_type)"


def test_each_broken_filter_leaves_the_others(services):
    view, problems = resolve(
        services, "?atlas=human/liver&where=group%3DMASH&where=group%3DNASH&where=x&range=depth:0:"
    )
    assert len(problems) == 2
    assert view.query.selection == Selection.parse(["group=MASH"], ["depth:0:"])


def test_an_unknown_atlas_offers_the_nearest(services):
    view, [problem] = resolve(services, "?atlas=human/livr&gene=G2")
    assert view is None, "another atlas would be taken for the one that was asked for"
    assert "no atlas 'human/livr'" in problem.text
    assert problem.choices[0] == ("human/liver", "/explore?atlas=human%2Fliver&gene=G2")
    assert "No atlas yet" not in text(hydrate(view, [problem], at=1)["problems"])


def test_without_atlases_there_is_no_view(tmp_path):
    view, problems = resolve(Services.of(load(data_dir=tmp_path)), "?atlas=a/b")
    assert view is None
    assert len(problems) == 1
    outputs = hydrate(view, problems, at=1)
    assert outputs["no_answer"]
    assert "No atlas yet" in text(outputs["problems"])
    assert outputs.keys() == hydrate_of(None).keys()


def hydrate_of(view):
    return hydrate(view, [], at=1)


def test_three_axes_make_three_maps(catalog):
    atlas = catalog.get("human/liver")
    assert [value for value, _ in planes(atlas)] == ["X_umap", "X_pca", "X_pca:1-3", "X_pca:2-3"]
    assert plane_of(atlas, "X_pca:2-3")[1] == (1, 2)
    with pytest.raises(InvalidQuery):
        plane_of(atlas, "X_pca:3-2")


# ---- view to controls, and back ----


LASSO = "X_umap:-1_-1~1_-1~1_1~-1_1"


def cells_of(outputs):
    """The filters of the rail as `selection_controls.selected` reads them."""
    parts = [*outputs["filters"], *outputs["more_filters"], *outputs["thresholds"]]
    menus = [part.children[1] for part in parts if hasattr(part.children[1], "options")]
    sliders = [part.children[2] for part in parts if not hasattr(part.children[1], "options")]
    return {
        "filters": [menu.value for menu in menus],
        "columns": [menu.id for menu in menus],
        "bounds": [slider.value for slider in sliders],
        "places": [slider.id for slider in sliders],
        "lows": [slider.min for slider in sliders],
        "highs": [slider.max for slider in sliders],
    }


def choices_of(outputs):
    look = outputs["look"]
    return {
        "gene": outputs["gene"]["chosen"],
        "gene_b": outputs["gene_b"]["chosen"],
        **{name: menu["value"] for name, menu in zip(COLORS, outputs["colors"], strict=True)},
        **{name: outputs[name]["value"] for name in ("embedding", "layer", "facet", "by", "split")},
        **look,
        **{name: outputs[name] for name in ("show", "plot", "tab")},
        "genes": outputs["list"]["drawn"],
        "sets": outputs["sets"]["drawn"],
    }


@pytest.mark.parametrize(
    "search",
    [
        "?atlas=human/liver",
        "?atlas=human/liver&gene=G2&color=depth&embedding=X_pca:1-3&split=group&layer=counts",
        "?atlas=human/liver&where=cell_type%3D&where=group%3DMASH&where=batch\\%3D1.x%3Dtwo&range=depth::5",
        f"?atlas=human/liver&where=cell_type%3D{HTML}",
        f"?atlas=human/liver&expr=ALB:0:&expr=G1:1:2.5&range=depth:-20:20&lasso={LASSO}&exclude=where%3Dgroup%253DMASH",
        "?atlas=human/liver&range=depth:-1e9:&range=depth::1e9",
        "?atlas=human/liver&color=@blend&color_2=@none&color_3=@gene_b&gene_b=G2&clip=p99&order=file&size=2&opacity=0.5",
        "?atlas=human/liver&facet=group&by=donor&show=gene_b&gene_b=G1&plot=box&tab=dots&genes=ALB+G1&scale=viridis",
        "?atlas=human/liver&set_a=ALB G1&name_a=Mine&score=mean_z&color_4=@set_a&clip=2.5&tab=sets",
        "?atlas=human/liver&a=where%3Dgroup%253DMASH&b=range%3Ddepth%253A0%253A&hide=where%3Dcell_type%253DHepatocyte",
        "?atlas=mouse/bare",
        "?atlas=other/one",
    ],
)
def test_the_controls_say_the_address_again(services, search):
    view = view_of(services, search)
    outputs = hydrate_of(view)
    assert collect(outputs["hydrated"], choices_of(outputs), cells_of(outputs)) == view.state
    assert view_of(services, view.state).state == view.state
    assert outputs["hydrated"]["search"] == view.state
    assert outputs["hydrated"]["write"]
    to_json_plotly(outputs)


def test_every_parameter_of_the_page_comes_back_from_a_control(services):
    taken = {
        *PLAIN,
        "atlas",
        "clip",
        "order",
        "size",
        "opacity",
        "genes",
        "set_a",
        "set_b",
        "name_a",
        "name_b",
        "score",
    }
    assert taken | {"a", "b", *KEPT} == set(ExploreQuery.NAMES)


@pytest.mark.parametrize(
    ("given", "value", "low", "high", "wanted"),
    [
        ("", [0, 10], 0, 10, None),
        ("", [2, 10], 0, 10, "n:2:"),
        ("", [0, 7.5], 0, 10, "n::7.5"),
        ("n:-5:7", [0, 7], 0, 10, "n:-5:7"),
        ("n:-5:7", [0, 8], 0, 10, "n::8"),
        ("n:-5:7", [0, 10], 0, 10, None),
        ("n:3:4", None, 0, 10, "n:3:4"),
    ],
)
def test_a_slider_of_a_column_says_a_range(given, value, low, high, wanted):
    place = {"of": "column", "name": "n", "given": given}
    found = numeric_filters.read([place], [value], [low], [high])
    assert found == Selection.parse(ranges=[wanted] if wanted else [])


@pytest.mark.parametrize(
    ("given", "value", "wanted"),
    [("ALB:0:", [0, 5], "ALB:0:"), ("ALB:0:", [2, 5], "ALB:2:"), ("ALB:0:", [-0.1, 0], "ALB::0"),
     ("ALB:9:", [5, 5], "ALB:9:"), ("ALB:0:", [-0.1, 5], "ALB::")],
)  # fmt: skip
def test_a_slider_of_a_gene_says_a_threshold(given, value, wanted):
    place = {"of": "gene", "name": "ALB", "given": given}
    assert numeric_filters.read([place], [value], [-0.1], [5]) == Selection.parse(thresholds=[wanted])


def test_what_is_done_to_a_selection_is_a_link(services):
    view = view_of(services, f"?atlas=human/liver&where=group%3DMASH&lasso={LASSO}&a=where%3Dgroup%253DHealthy")
    shown = actions(view.atlas, view.canonical)
    links = {text(it): it.href for it in every(shown) if hasattr(it, "href")}
    inverse = view_of(services, links["Invert"].removeprefix("/explore")).query.selection
    mask, other = mask_of(view.atlas, view.query.selection), mask_of(view.atlas, inverse)
    np.testing.assert_array_equal(mask, ~other)
    assert view_of(services, links["Reset"].removeprefix("/explore")).query.selection.is_all
    assert (
        view_of(services, links["A 120 cells"].removeprefix("/explore")).query.selection.words() == "group is Healthy"
    )
    kept = view_of(services, links["Save as group B"].removeprefix("/explore"))
    assert Selection.from_text(kept.query.b) == view.query.selection
    both = {text(it): it.href for it in every(actions(kept.atlas, kept.canonical)) if hasattr(it, "href")}
    assert both["Compare A and B"].startswith("/markers?")
    n, single = int(mask.sum()), parse_qs(links["Compare A with all other cells"].partition("?")[2])
    one, other = (mask_of(view.atlas, Selection.from_text(single[name][0])) for name in ("a", "b"))
    np.testing.assert_array_equal(one, ~other)
    assert one.sum() == 120
    found = parse_qs(links[f"Find markers of these {n:,} cells"].partition("?")[2])
    one, other = (mask_of(view.atlas, Selection.from_text(found[name][0])) for name in ("a", "b"))
    np.testing.assert_array_equal(one, mask)
    np.testing.assert_array_equal(other, ~mask)
    assert "lasso on UMAP" in text(shown)


def every(nodes):
    for node in nodes if isinstance(nodes, (list, tuple)) else [nodes]:
        if isinstance(node, Component):
            yield node
            yield from every(getattr(node, "children", None) or [])


def test_a_broken_address_is_not_overwritten(services):
    outputs = hydrate(*resolve(services, "?atlas=human/liver&gene=ALBB"), at=2)
    assert not outputs["hydrated"]["write"]
    [alert] = outputs["problems"]
    assert "ALBB" in text(alert)
    assert "Did you mean: ALB" in text(alert)


def test_filters_count_their_cells(services):
    outputs = hydrate_of(view_of(services))
    types, groups, donors = outputs["filters"]
    assert [option["label"].rpartition(" · ")[0] for option in types.children[1].options] == [
        HTML, "Hepatocyte", "Kupffer cell", "(not given)"
    ]  # fmt: skip
    assert [option["label"] for option in groups.children[1].options] == ["Healthy · 120", "MASH · 120"]
    assert types.children[1].options[-1]["value"] == NONE_GIVEN
    assert text(donors.children[0]) == "Sample (donor)"
    assert [option["value"] for option in outputs["more"]["options"]] == ["batch=1.x", "depth", LINEAGE]
    assert outputs["layer"]["hidden"] is False
    assert hydrate_of(view_of(services, "?atlas=mouse/bare"))["more"]["hidden"]


def test_nothing_is_collected_before_there_is_an_atlas():
    assert collect(None, {"gene": "ALB"}, {}) is None


# ---- view to figures ----


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize(
    "search",
    [
        "?atlas=human/liver&split=group",
        "?atlas=human/liver&color=depth&embedding=X_pca:2-3&gene=G1&layer=counts",
        "?atlas=human/liver&where=cell_type%3D",
        "?atlas=human/liver&where=group%3DMASH&range=depth:1e9:",
        "?atlas=mouse/bare",
        "?atlas=other/one",
        "?atlas=other/many",
        "?atlas=other/depth",
        f"?atlas=human/liver&facet=group&color=@blend&gene_b=G1&color_3=@set_a&set_a=ALB G1 NOPE&lasso={LASSO}",
        "?atlas=human/liver&color=@set_b&color_2=@gene_b&scale=rdbu&clip=p95&hide=where%3Dcell_type%253D",
        "?atlas=human/liver&plot=box&split=group&color=depth&scale=puor&clip=1",
    ],
)
def test_every_view_can_be_drawn(services, search, theme):
    view = view_of(services, search)
    drawn = maps.draw(view, theme)
    open_panels = [panel for panel in drawn["spec"]["panels"] if panel]
    for panel in open_panels:
        go.Figure(panel["figure"])
        first = open_panels[0]["figure"]["layout"]
        assert panel["figure"]["layout"]["xaxis"]["range"] == first["xaxis"]["range"]
        assert panel["figure"]["data"][1]["x"] == [], "no coordinates"
    for card in violins.draw(view, theme).values():
        go.Figure(card["figure"])
        assert card["hidden"] or card["title"]
    rows = table.draw(view, theme)
    assert rows["hidden"] == (view.by == "")
    for part in (dots.draw, composition.draw, sets.draw):
        to_json_plotly(part(view, theme))
    sent = to_json_plotly([drawn, rows])
    assert len(sent) < 250_000
    assert "NaN" not in to_json_plotly(rows["rows"])


def test_what_the_browser_fetches(services, catalog):
    spec = maps.draw(view_of(services, "?atlas=human/liver&where=group%3DMASH&embedding=X_pca:1-3"), LIGHT)["spec"]
    base = f"/arrays/human/liver/{catalog.get('human/liver').manifest.content_hash}"
    assert spec["xy"] == f"{base}/embedding/X_pca?axes=0%2C2"
    assert spec["mask"] == f"{base}/mask?where=group%3DMASH"
    left, right, *closed = spec["panels"]
    assert closed == [None, None]
    assert left["values"] == f"{base}/column?name=cell_type"
    assert right["values"] == f"{base}/gene/expression?gene=ALB"
    assert left["names"] == [HTML, "Hepatocyte", "Kupffer cell", "(not given)"]
    assert maps.draw(view_of(services), LIGHT)["spec"]["mask"] is None


def test_the_sentence(services):
    view = view_of(services, "?atlas=human/liver&where=group%3DMASH")
    result = headline.compute(view.atlas, view.query, placed=True)
    found = result.counts
    assert (found.n, found.n_samples, found.n_unplaced) == (120, 2, 3)
    said = text(words.sentence(view, result))
    assert said == (
        f"ALB in 120 of 240 cells of 2 samples (group is MASH): {found.pct_expressing:.1f}% express it; "
        "expression log1p(CP10k)"
    )
    assert count(120, 240) == "240 → 120 cells"
    assert count(240, 240) == "All 240 cells"


def test_cells_without_a_place_are_counted_in_words(services):
    notes = [card["note"] for card in maps.draw(view_of(services), LIGHT)["cards"]]
    assert all(note.endswith(". 7 cells without coordinates not drawn.") for note in notes[:2])


def test_no_cell_left_is_said(services):
    view = view_of(services, "?atlas=human/liver&range=depth:1e9:")
    drawn = maps.draw(view, LIGHT)
    assert text(drawn["sentence"]).startswith("No cells match these filters (depth is at least 1000000000)")
    assert drawn["count"] == "240 → 0 cells"
    assert "No cells match these filters" in violins.draw(view, LIGHT)["types"]["note"]
    assert table.draw(view, LIGHT)["rows"] == [], "rows without cells are not listed"


def test_the_cells_are_linked_as_a_file(services, monkeypatch):
    view = view_of(services, "?atlas=human/liver&where=group%3DMASH")
    link = maps.draw(view, LIGHT)["h5ad"]
    assert link["href"] == "/api/v1/datasets/human/liver/selection.h5ad?where=group%3DMASH"
    assert link["title"].startswith("Download 120 cells")
    empty = maps.draw(view_of(services, "?atlas=human/liver&range=depth:1e9:"), LIGHT)["h5ad"]
    assert empty == {"href": None, "title": "No cells match these filters."}
    monkeypatch.setattr("callbacks.explore.maps.about_n_values", lambda *_: 10**12)
    large = maps.draw(view, LIGHT)["h5ad"]
    assert large["href"] is None
    assert large["title"] == "These cells have 1,000,000,000,000 values, and a download may have 50,000,000."


def test_one_cell_and_no_columns_in_words(services):
    assert "x in the one cell" in text(maps.draw(view_of(services, "?atlas=other/one"), LIGHT)["sentence"])
    bare = maps.draw(view_of(services, "?atlas=mouse/bare"), LIGHT)
    assert bare["cards"][0]["title"] == "Cells"
    assert "no column" in bare["cards"][0]["note"]
    assert violins.draw(view_of(services, "?atlas=mouse/bare"), LIGHT)["types"]["hidden"]


def test_many_categories_are_thinned(services):
    view = view_of(services, "?atlas=other/many")
    drawn = maps.draw(view, LIGHT)
    assert drawn["cards"][0]["note"].startswith("200 cell types")
    assert "and 120 more" in text(drawn["cards"][0]["legend"])
    assert len(drawn["spec"]["panels"][0]["figure"]["layout"]["annotations"]) < 100
    assert "The 48 largest of 200." in violins.draw(view, LIGHT)["types"]["note"]
    rows = table.draw(view, LIGHT)
    assert len(rows["rows"]) == 200
    assert rows["height"] == {"height": table.SOME_HEIGHT}


def test_the_table_is_that_of_core(services):
    view = view_of(services, "?atlas=human/liver&where=group%3DMASH&gene=G2")
    drawn = table.draw(view, DARK)
    wanted = summarise(view.atlas, expression_of(view.atlas, "G2"), "cell_type", view.query.selection)
    assert [row["category"] for row in drawn["rows"]] == [it.category for it in wanted]
    for row, it in zip(drawn["rows"], wanted, strict=True):
        assert (row["n"], row["n_expressing"], row["mean"], row["median"]) == (
            it.n,
            it.n_expressing,
            it.mean,
            it.median,
        )
        assert row["pct_expressing"] == it.pct_expressing
    assert sum(row["share"] for row in drawn["rows"]) == pytest.approx(100)
    assert drawn["file"]["fileName"] == "human-liver_G2_cell_type.csv"
    assert "grouped by cell type." in table.draw(view_of(services, "?atlas=human/liver&color=depth"), LIGHT)["note"]


def test_a_split_is_two_columns_at_once(services):
    view = view_of(services)
    expression = expression_of(view.atlas, "ALB")
    both = summarise(view.atlas, expression, "cell_type", Selection(), "group")
    assert [(it.category, it.split) for it in both][:3] == [
        (HTML, "Healthy"),
        (HTML, "MASH"),
        ("Hepatocyte", "Healthy"),
    ]
    one = summarise(view.atlas, expression, "cell_type", Selection.parse(["group=MASH"]))
    assert [it.n for it in both if it.split == "MASH"] == [it.n for it in one]
    assert [it.mean for it in both if it.split == "MASH"] == pytest.approx([it.mean for it in one])
    assert len(densities(view.atlas, expression, "cell_type", Selection(), "group")) == len(both)


def test_a_legend_hides_and_leaves_alone(services):
    view = view_of(services, "?atlas=human/liver&labels=on")
    [_, listed] = maps.draw(view, LIGHT)["cards"][0]["legend"]
    links = {it.title: it.href.removeprefix("/explore") for it in every(listed) if hasattr(it, "href")}
    hidden = view_of(services, links["Hide Hepatocyte"])
    spec = maps.draw(hidden, LIGHT)["spec"]
    assert spec["panels"][0]["hidden"] == [1]
    assert "Hepatocyte" not in [name["text"] for name in spec["panels"][0]["labels"]["maps"][0]]
    assert "1 hidden" in maps.draw(hidden, LIGHT)["cards"][0]["note"]
    alone = view_of(services, links["Show Hepatocyte alone"])
    assert sorted(maps.draw(alone, LIGHT)["spec"]["panels"][0]["hidden"]) == [0, 2, 3]
    [_, listed] = maps.draw(alone, LIGHT)["cards"][0]["legend"]
    back = next(it.href for it in every(listed) if getattr(it, "title", "") == "Show all")
    assert view_of(services, back.removeprefix("/explore")).query.hide == ""
    assert view.query.selection == alone.query.selection, "what is hidden is still selected"


def test_labels_are_switched_for_each_map(services):
    """By default they are off where categories are mixed, as here, and on the map of a gene."""
    view = view_of(services)
    switches = [card["legend"][0] for card in maps.draw(view, LIGHT)["cards"][:2]]
    chosen = [[text(it) for it in every(switch) if hasattr(it, "aria-current")] for switch in switches]
    assert chosen == [["off"], ["off"]]
    assert [panel["labels"] for panel in maps.draw(view, LIGHT)["spec"]["panels"][:2]] == [None, None]
    on = {text(it): it.href.removeprefix("/explore") for it in every(switches[0]) if hasattr(it, "href")}
    assert "labels" not in on["off"], "a default is left out"
    changed = view_of(services, on["on"] + "&labels_2=hover")
    assert (changed.query.labels, changed.query.labels_2) == ("on", "hover")
    first, second = (panel["labels"] for panel in maps.draw(changed, LIGHT)["spec"]["panels"][:2])
    assert (first["mode"], second["mode"]) == ("on", "hover")
    assert first["maps"] == second["maps"], "those of the first map"
    assert set(first["maps"][0][0]) == {"text", "n", "x", "y"}


def test_small_maps_for_the_categories_that_have_cells(services):
    view = view_of(services, "?atlas=human/liver&facet=group")
    spec = maps.draw(view, LIGHT)["spec"]
    assert spec["facet"]["codes"] == [0, 1]
    assert len(spec["panels"][0]["figure"]["data"]) == 4
    titles = [it["text"] for it in spec["panels"][0]["figure"]["layout"]["annotations"]]
    assert "Healthy · 120 cells" in titles
    one = view_of(services, "?atlas=human/liver&facet=group&where=group%3DMASH")
    assert maps.draw(one, LIGHT)["spec"]["facet"]["codes"] == [1]


@pytest.mark.parametrize(("token", "fault"), [("@set_a", "Gene set A is empty"), ("@set_b", "No name of this set")])
def test_a_map_that_cannot_be_coloured_says_why(services, token, fault):
    view = view_of(services, f"?atlas=human/liver&color={token}&set_b=NOPE")
    assert fault in maps.draw(view, LIGHT)["spec"]["panels"][0]["fault"]


def test_a_second_gene_is_found_when_a_map_needs_one(services):
    assert view_of(services).query.gene_b == ""
    blended = view_of(services, "?atlas=human/liver&color=@blend").query
    assert blended.gene_b not in ("", "ALB")


@pytest.mark.parametrize(
    ("values", "clip", "top"),
    [([0.0, 1, 5], "", 5), ([0.0, 1, 5], "3", 3), ([0.0, 1, 5], "9", 5), ([0.0, 1, 5], "p50", 5)],
)
def test_the_top_of_a_scale(values, clip, top):
    assert panels.top_of(np.array(values), clip)[0] == top


def test_a_percentile_is_that_of_the_expressing_cells():
    values = np.concatenate([np.zeros(1_000), np.arange(1, 101)])
    top, said = panels.top_of(values, "p90")
    assert top == np.percentile(np.arange(1, 101), 90)
    assert "90 of expressing cells" in said


@pytest.mark.parametrize(
    "search", ["clip=x", "clip=-1", "clip=p200", "size=0", "size=nan", "opacity=2", "tab=zzz", "a=where"]
)
def test_looks_that_cannot_be_are_said_or_left_out(services, search):
    view, problems = resolve(services, f"?atlas=human/liver&{search}")
    assert problems or search.startswith("a=")
    assert not view.query.clip


def test_the_card_of_a_cell(services):
    view = view_of(services)
    drawn = cell.draw(view, 3)
    assert drawn["title"] == "cell3"
    assert "donor" in text(drawn["body"])
    assert "not given" in text(drawn["body"]), "its depth is missing"
    genes = [it for it in every(drawn["body"]) if getattr(it, "title", "") == "Show this gene"]
    assert genes
    assert view_of(services, genes[0].href.removeprefix("/explore")).query.gene == text(genes[0])
    assert cell.draw(view, None)["hidden"]


def test_a_sample_says_of_how_many(services):
    manifest = services.catalog.get("human/liver").manifest
    info = SubsetInfo(n_source_cells=2_400_000, seed=0, columns=("cell_type", "donor"), n_strata=8)
    [badge, _] = badges(manifest.model_copy(update={"subset": info}))
    assert text(badge) == "SAMPLE of 2,400,000 cells"
    assert badge.title.startswith("240 of 2,400,000 cells, drawn by cell_type and donor")
    assert badges(manifest) == []
