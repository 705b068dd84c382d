"""The pure functions of Explore: address to view, view to controls, controls to address, view to figures."""

import json

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from anndata import AnnData
from dash import no_update
from dash.development.base_component import Component
from plotly.io.json import to_json_plotly

from callbacks._selection import NONE_GIVEN, more_filters
from callbacks._view import plane_of, planes
from callbacks.explore import maps, table, violins, words
from callbacks.explore.hydrate import collect, hydrate
from callbacks.explore.view import resolve
from core.catalog import Catalog
from core.errors import InvalidQuery
from core.expression import densities, example_gene, expression_of, known_marker, overview, summarise
from core.figures.theme import DARK, LIGHT
from core.ingest.importer import ImportRequest, import_file
from core.query import ExploreQuery, Selection
from pages._ids import Explore

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
def catalog(tmp_path_factory):
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
    return Catalog(data)


def view_of(catalog, search="?atlas=human/liver"):
    view, problems = resolve(catalog, search)
    assert not problems
    return view


def text(node):
    if isinstance(node, Component):
        return text(getattr(node, "children", None))
    return "".join(map(text, node)) if isinstance(node, (list, tuple)) else "" if node is None else str(node)


# ---- address to view ----


def test_an_empty_address_is_a_meaningful_view(catalog):
    view = view_of(catalog, "")
    assert view.query == ExploreQuery(
        atlas="human/liver", gene="ALB", color="cell_type", embedding="X_umap", layer="expression"
    )
    assert view.state == "?atlas=human%2Fliver&gene=ALB&color=cell_type&embedding=X_umap"
    assert view_of(catalog, view.state).state == view.state


def test_an_atlas_without_a_known_gene_shows_the_most_overdispersed(catalog):
    atlas = catalog.get("mouse/bare")
    assert known_marker(atlas) is None
    stats = atlas.layer().stats
    assert example_gene(atlas) == atlas.genes.names[int(np.argmax(stats.variance / stats.mean))]


def test_one_cell_has_no_variance_and_yet_a_gene(catalog):
    assert view_of(catalog, "?atlas=other/one").query.gene == "x"


@pytest.mark.parametrize(
    ("search", "words", "choice"),
    [
        ("gene=ALBB", "has no gene 'ALBB'. ALB is shown instead.", "ALB"),
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
        (f"gene={'A' * 500}", "500 characters", None),
    ],
)
def test_what_is_broken_is_said_and_the_rest_is_kept(catalog, search, words, choice):
    view, [problem] = resolve(catalog, f"?atlas=human/liver&{search}")
    assert words in problem.text
    assert view.query.gene == "ALB"
    assert view.query.selection.is_all
    if choice is None:
        assert problem.remedy or not problem.choices
    else:
        to = dict(problem.choices)[choice]
        assert resolve(catalog, to)[1] == [], "a choice leads to a view in order"


def test_each_broken_filter_leaves_the_others(catalog):
    view, problems = resolve(catalog, "?atlas=human/liver&where=group%3DMASH&where=group%3DNASH&where=x&range=depth:0:")
    assert len(problems) == 2
    assert view.query.selection == Selection.parse(["group=MASH"], ["depth:0:"])


def test_an_unknown_atlas_offers_the_nearest(catalog):
    view, [problem] = resolve(catalog, "?atlas=human/livr&gene=G2")
    assert "no atlas 'human/livr'. human/liver is shown instead." in problem.text
    assert problem.choices[0] == ("human/liver", "/explore?atlas=human%2Fliver&gene=G2")
    assert view.query.gene == "G2"


def test_without_atlases_there_is_no_view(tmp_path):
    view, problems = resolve(Catalog(tmp_path), "?atlas=a/b")
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


@pytest.mark.parametrize(
    "search",
    [
        "?atlas=human/liver",
        "?atlas=human/liver&gene=G2&color=depth&embedding=X_pca:1-3&split=group&layer=counts",
        "?atlas=human/liver&where=cell_type%3D&where=group%3DMASH&where=batch\\%3D1.x%3Dtwo&range=depth::5",
        f"?atlas=human/liver&where=cell_type%3D{HTML}",
        "?atlas=mouse/bare",
        "?atlas=other/one",
    ],
)
def test_the_controls_say_the_address_again(catalog, search):
    view = view_of(catalog, search)
    outputs = hydrate_of(view)
    shown = [*outputs["filters"], *outputs["more_filters"]]
    filters = {it.children[1].id["column"]: it.children[1].value for it in shown}
    choices = {
        "gene": outputs["gene"]["chosen"],
        **{name: outputs[name]["value"] for name in ("color", "embedding", "split", "layer")},
    }
    assert collect(outputs["hydrated"], choices, filters, outputs["ranges"]["value"]) == view.state
    assert outputs["hydrated"] == {"search": view.state, "atlas": view.atlas.id, "at": 1, "write": True}
    to_json_plotly(outputs)


def test_a_broken_address_is_not_overwritten(catalog):
    outputs = hydrate(*resolve(catalog, "?atlas=human/liver&gene=ALBB"), at=2)
    assert not outputs["hydrated"]["write"]
    [alert] = outputs["problems"]
    assert "ALBB" in text(alert)
    assert "Instead: ALB" in text(alert)


def test_filters_count_their_cells(catalog):
    outputs = hydrate_of(view_of(catalog))
    types, groups, donors = outputs["filters"]
    assert [option["label"].rpartition(" · ")[0] for option in types.children[1].options] == [
        HTML, "Hepatocyte", "Kupffer cell", "(not given)"
    ]  # fmt: skip
    assert [option["label"] for option in groups.children[1].options] == ["Healthy · 120", "MASH · 120"]
    assert types.children[1].options[-1]["value"] == NONE_GIVEN
    assert text(donors.children[0]) == "Sample (donor)"
    assert [option["value"] for option in outputs["more"]["options"]] == ["batch=1.x"]
    assert outputs["layer"]["hidden"] is False
    assert hydrate_of(view_of(catalog, "?atlas=mouse/bare"))["more"]["hidden"]


def test_nothing_is_collected_before_there_is_an_atlas():
    assert collect(None, {"gene": "ALB"}, {}, []) is None


def test_more_filters_keep_what_was_chosen(catalog):
    atlas = catalog.get("human/liver")
    chosen = {"cell_type": ["=Hepatocyte"], "batch=1.x": ["=two"]}
    assert more_filters(Explore, atlas, ["batch=1.x"], chosen) is no_update
    [added] = more_filters(Explore, atlas, ["batch=1.x"], {"cell_type": []})
    assert added.children[1].value == []
    assert more_filters(Explore, atlas, [], chosen) == []


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
    ],
)
def test_every_view_can_be_drawn(catalog, search, theme):
    view = view_of(catalog, search)
    drawn = maps.draw(view, theme)
    spec = drawn["spec"]
    for side in ("left", "right"):
        go.Figure(spec[side]["figure"])
        assert spec[side]["figure"]["layout"]["xaxis"]["range"] == spec["left"]["figure"]["layout"]["xaxis"]["range"]
    for card in violins.draw(view, theme).values():
        go.Figure(card["figure"])
        assert card["hidden"] or card["title"]
    rows = table.draw(view, theme)
    assert rows["hidden"] == (view.by == "")
    sent = to_json_plotly([drawn, rows])
    assert len(sent) < 120_000
    assert "NaN" not in to_json_plotly(rows["rows"])
    assert json.loads(to_json_plotly(drawn["spec"]))["left"]["figure"]["data"][1]["x"] == [], "no coordinates"


def test_what_the_browser_fetches(catalog):
    spec = maps.draw(view_of(catalog, "?atlas=human/liver&where=group%3DMASH&embedding=X_pca:1-3"), LIGHT)["spec"]
    base = f"/arrays/human/liver/{catalog.get('human/liver').manifest.content_hash}"
    assert spec["xy"] == f"{base}/embedding/X_pca?axes=0%2C2"
    assert spec["mask"] == f"{base}/mask?where=group%3DMASH"
    assert spec["left"]["values"] == f"{base}/column?name=cell_type"
    assert spec["right"]["values"] == f"{base}/gene/expression?gene=ALB"
    assert spec["left"]["names"] == [HTML, "Hepatocyte", "Kupffer cell", "(not given)"]
    assert maps.draw(view_of(catalog), LIGHT)["spec"]["mask"] is None


def test_the_sentence(catalog):
    view = view_of(catalog, "?atlas=human/liver&where=group%3DMASH")
    expression = expression_of(view.atlas, "ALB")
    found = overview(view.atlas, expression, view.query.selection, "X_umap")
    assert (found.n, found.n_samples, found.n_unplaced) == (120, 2, 3)
    said = text(words.sentence(view, expression, found, 12.4))
    assert said == (
        f"ALB in 120 of 240 cells of 2 samples (group is MASH): {found.pct_expressing:.1f} % express it; "
        "expression log1p(CP10k) · 12 ms"
    )
    assert words.count(120, 240) == "240 → 120 cells"
    assert words.count(240, 240) == "All 240 cells"


def test_cells_without_a_place_are_counted_in_words(catalog):
    assert "7 cells without coordinates" in maps.draw(view_of(catalog), LIGHT)["left_note"]


def test_no_cell_left_is_said(catalog):
    view = view_of(catalog, "?atlas=human/liver&range=depth:1e9:")
    drawn = maps.draw(view, LIGHT)
    assert text(drawn["sentence"]).startswith("No cell is left (depth is at least 1000000000)")
    assert drawn["count"] == "240 → 0 cells"
    assert "No cell is left" in violins.draw(view, LIGHT)["types"]["note"]
    assert {row["n"] for row in table.draw(view, LIGHT)["rows"]} == {0}


def test_one_cell_and_no_columns_in_words(catalog):
    assert "x in the one cell" in text(maps.draw(view_of(catalog, "?atlas=other/one"), LIGHT)["sentence"])
    bare = maps.draw(view_of(catalog, "?atlas=mouse/bare"), LIGHT)
    assert bare["left_title"] == "Cells"
    assert "no column" in bare["left_note"]
    assert violins.draw(view_of(catalog, "?atlas=mouse/bare"), LIGHT)["types"]["hidden"]


def test_many_categories_are_thinned(catalog):
    view = view_of(catalog, "?atlas=other/many")
    assert "of 200 categories" in maps.draw(view, LIGHT)["left_note"]
    assert "The 48 largest of 200." in violins.draw(view, LIGHT)["types"]["note"]
    rows = table.draw(view, LIGHT)
    assert len(rows["rows"]) == 200
    assert rows["height"] == {"height": table.SOME_HEIGHT}


def test_the_table_is_that_of_core(catalog):
    view = view_of(catalog, "?atlas=human/liver&where=group%3DMASH&gene=G2")
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
    assert "cell_type" in table.draw(view_of(catalog, "?atlas=human/liver&color=depth"), LIGHT)["note"]


def test_a_split_is_two_columns_at_once(catalog):
    view = view_of(catalog)
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
