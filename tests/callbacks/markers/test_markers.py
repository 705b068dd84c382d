"""The pure functions of the page Markers: addresses, words, and that each card shows the numbers of core."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from callbacks.markers import dots, gene, ranking
from callbacks.markers.hydrate import collect, hydrate
from callbacks.shell import viewed
from core.analysis.markers import markers, rows_of
from core.compute.executor import Workers
from core.errors import InvalidQuery
from core.figures.theme import LIGHT
from core.selection.model import Selection
from core.services.container import Services
from core.settings.settings import load
from core.urls.page_queries import MarkersQuery
from core.views.markers import comparison
from core.views.markers.comparison import Comparison, compare
from core.views.markers.state import resolve
from tests.factories import GENES, imported, tiny
from tests.layouts import text
from tests.tables import body as table_of

ATLAS = "human/liver"
NAMES = ("<b>LSEC</b>", "Hepatocyte", "Kupffer cell")
A, B = Selection.parse(["CellType=Hepatocyte"]).text(), Selection.parse(["CellType=Kupffer cell"]).text()
CELLS = {"filters": [[]], "columns": [{"column": "Group"}], "bounds": [], "places": [], "lows": [], "highs": []}


@pytest.fixture(scope="module")
def services(tmp_path_factory):
    directory = tmp_path_factory.mktemp("markers")
    imported(directory / "data", tiny(directory / "liver.h5ad"), species="human")
    return Services.of(load(data_dir=directory / "data"))


@pytest.fixture
def view(services):
    """A view of some parameters, which must be in order."""

    def view(**query):
        found, problems = resolve(services, MarkersQuery(atlas=ATLAS, **query).search())
        assert problems == []
        return found

    return view


@pytest.fixture
def rows(services):
    """The rows of a view's category."""

    def rows(view):
        workers = Workers(ThreadPoolExecutor(1))
        table = markers(view.atlas, view.params, workers)
        workers.close()
        return rows_of(table, view.groups, view.query.category).to_pylist()

    return rows


@pytest.mark.parametrize(
    "query",
    [
        MarkersQuery(),
        MarkersQuery(atlas=ATLAS, by="a=b", category="x & y", gene="H2-K1", top_n="20", whose="one", layer="counts"),
        MarkersQuery(a=A, b=B, selection=Selection.parse(["g=x", "g="], ["n:1:2"])),
    ],
)
def test_an_address_is_the_whole_query(query):
    assert MarkersQuery.parse(query.search()) == query
    assert viewed("/markers", query.search()) == query


def test_an_address_without_anything_has_defaults(services):
    view, problems = resolve(services, "")
    assert problems == []
    assert (view.query.by, view.query.category, view.query.layer, view.top) == ("CellType", NAMES[0], "expression", 10)
    assert view.names == NAMES
    assert view.state == "?atlas=human%2Fliver&by=CellType"


@pytest.mark.parametrize(
    "query",
    [
        {"by": "Group", "category": "MASH", "top_n": "30", "whose": "one", "gene": "ALB", "layer": "counts"},
        {"a": A, "b": B, "category": "B"},
        {"a": A, "b": B, "by": "CellType", "category": NAMES[1], "selection": Selection.parse(["Group=MASH"])},
    ],
)
def test_a_state_is_an_address_of_the_same_view(services, view, query):
    found = view(**query)
    again, problems = resolve(services, found.state)
    assert problems == []
    assert again.query == found.query
    assert again.state == found.state


@pytest.mark.parametrize(
    ("query", "words", "shown"),
    [
        ({"by": "Stage"}, "a column 'Stage' of 2 to 100 categories", {"by": "CellType"}),
        ({"by": "score"}, "a column 'score' of 2 to 100 categories", {"by": "CellType"}),
        ({"category": "Hepatocytes"}, "a category 'Hepatocytes' of CellType", {"category": NAMES[0]}),
        ({"gene": "ALBB"}, '"ALBB" was not found in liver.', {"gene": "ALBB"}),
        ({"top_n": "0"}, "take 1 to 500 genes, not '0'", {"top_n": "10"}),
        ({"top_n": "501"}, "take 1 to 500 genes, not '501'", {"top_n": "10"}),
        ({"a": "colour=red", "b": B}, "A cannot be read: 'colour' is not a parameter", {"a": "", "by": "CellType"}),
        ({"a": A, "b": "where=CellType%3DNobody"}, "B cannot be read", {"b": "", "by": "CellType"}),
        ({"layer": "nothing"}, "a layer 'nothing'", {"layer": "expression"}),
    ],
)
def test_what_means_nothing_is_said_and_replaced(services, query, words, shown):
    view, problems = resolve(services, MarkersQuery(atlas=ATLAS, **query).search())
    assert words in problems[0].text
    assert {name: getattr(view.query, name) for name in shown} == shown


def controls(view, **changed):
    """What the controls say after an address was followed."""
    filled = hydrate(view, [], at=1)
    choices = {
        "mode": filled["mode"]["value"],
        "by": filled["by"]["value"],
        "category": filled["category"]["value"],
        "gene": filled["gene"]["chosen"],
        "top_n": filled["top"],
        "whose": filled["whose"],
        "layer": filled["layer"]["value"],
    }
    return filled["hydrated"], {**choices, **changed}


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"by": "Group", "category": "MASH", "top_n": "30", "whose": "one", "gene": "ALB", "layer": "counts"},
        {"a": A, "b": B, "category": "B"},
        {"a": A, "b": B, "by": "CellType"},
    ],
)
def test_the_controls_say_the_address_that_filled_them(services, view, query):
    found = view(**query)
    assert collect(services, *controls(found), CELLS, None) == found.state


def test_another_column_leaves_the_category_behind(services, view):
    found = view(category="Kupffer cell")
    hydrated, choices = controls(found, by="Group")
    state = collect(services, hydrated, choices, CELLS, found.state)
    again, problems = resolve(services, state)
    assert problems == []
    assert (again.query.by, again.query.category) == ("Group", "Healthy")


def test_a_and_b_can_be_chosen_where_there_are_both(services, view):
    found = view(a=A, b=B, by="CellType")
    assert not found.versus
    hydrated, choices = controls(found, mode="versus")
    again, _ = resolve(services, collect(services, hydrated, choices, CELLS, found.state))
    assert again.versus
    assert again.names == ("A", "B")
    disabled = [it["disabled"] for it in hydrate(view(a=A), [], at=1)["mode"]["options"] if "disabled" in it]
    assert disabled == [True]


def test_without_an_atlas(tmp_path):
    view, problems = resolve(Services.of(load(data_dir=tmp_path)), "")
    filled = hydrate(view, problems, at=1)
    assert filled["no_answer"]
    assert filled["hydrated"] is None
    assert "No atlas yet" in text(filled["problems"])


@pytest.mark.parametrize(
    "query", [{}, {"category": "Hepatocyte", "gene": "CYP2E1"}, {"a": A, "b": B, "layer": "counts"}]
)
def test_the_ranking_is_that_of_the_service(services, view, rows, query):
    found = view(**query)
    wanted = rows(found)
    drawn = ranking.draw(services, found, LIGHT)
    assert not drawn["hidden"]
    assert drawn["figure"]["data"][0]["text"] == [
        row["gene"].replace("&", "&amp;").replace("<", "&lt;") for row in wanted if not np.isnan(row["score"])
    ]
    chosen = query.get("gene") or wanted[0]["gene"]
    assert drawn["gene"] == {"typed": chosen, "shown": chosen}
    assert drawn["source"]["gene"] == chosen
    assert [it["value"] for it in drawn["source"]["categories"]] == list(found.names)


def test_the_sentences_say_n_samples_and_what_p_is_not(services, view):
    found = ranking.draw(services, view(selection=Selection.parse(["Group=MASH"])), LIGHT)
    words = text(found["sentence"])
    assert words.startswith("Markers of 3 cell types, each against the rest, in 10 genes, 30 cells of 3 sample")
    assert "(Group is MASH); Wilcoxon rank-sum" in words
    assert "These p-values treat cells as independent" in found["replicates"]
    assert found["count"] == "60 → 30 cells"
    every = ranking.draw(services, view(), LIGHT)
    # One cell of the file has no cell type.
    assert "59 cells of 3 samples" in text(every["sentence"])
    assert every["replicates"].endswith("1 cell without a cell type is excluded.")
    versus = ranking.draw(services, view(a=A, b=B), LIGHT)
    n = view(a=A, b=B).groups.sizes
    assert f"A ({n[0]} cells: CellType is Hepatocyte) against B ({n[1]} cells: CellType is Kupffer" in text(
        versus["sentence"]
    )


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"selection": Selection.parse(["CellType=Hepatocyte"])}, "has only 'Hepatocyte'"),
        ({"selection": Selection.parse(ranges=["score:1e9:"])}, "no cell with a category"),
        ({"a": A, "b": A}, "are both in A"),
    ],
)
def test_where_nothing_can_be_compared_one_sentence_says_so(services, view, query, words):
    found = view(**query)
    drawn = ranking.draw(services, found, LIGHT)
    assert drawn["hidden"]
    assert words in drawn["sentence"]
    assert drawn["source"]["rows"] is None
    assert words in gene.draw(services, found, LIGHT)["fault"]
    assert words in dots.draw(services, found, LIGHT)["fault"]


@pytest.mark.parametrize("query", [{}, {"category": "Hepatocyte", "layer": "counts"}, {"a": A, "b": B}])
def test_the_downloads_are_addresses_of_the_api_with_these_rows(services, client, view, rows, query):
    found = view(**query)
    drawn, plots = ranking.draw(services, found, LIGHT), dots.draw(services, found, LIGHT)
    wanted = rows(found)
    body = client.get(drawn["source"]["rows"]).json
    assert [row["gene"] for row in body["markers"]] == [row["gene"] for row in wanted]
    assert len(table_of(client.get(drawn["csv"]).text).splitlines()) == 1 + len(GENES)
    assert len(table_of(client.get(drawn["every"]).text).splitlines()) == 1 + len(found.names) * len(GENES)
    for address in (drawn["xlsx"], plots["csv"], plots["xlsx"]):
        assert client.get(address).status_code == 200


@pytest.fixture(scope="module")
def client(services):
    from app import create_app

    return create_app(services.settings).server.test_client()


def test_the_gene_has_its_numbers(services, view, rows):
    found = view(category="Hepatocyte", gene="GLUL")
    at, row = next((at, row) for at, row in enumerate(rows(found), 1) if row["gene"] == "GLUL")
    drawn = gene.draw(services, found, LIGHT)
    assert text(drawn["title"]) == "GLUL in each cell type"
    assert f"rank {at} of 10, score {row['score']:.1f}".replace("-", "−") in drawn["note"]
    assert f"expressed by {row['pct_in']:.1f}% and {row['pct_out']:.1f}%" in drawn["note"]
    assert "gene=GLUL" in drawn["explore"]


def test_the_plots_take_the_best_genes_that_are_higher_inside(services, view, monkeypatch):
    found = view()
    compared = compare(services, found)
    table = compared.table
    genes, how = compared.best()
    wanted = [row["gene"] for row in table.to_pylist() if row["score"] > 0]
    assert genes == list(dict.fromkeys(wanted))
    assert how == f"{len(genes)} genes: the best 10 of each of 3 cell types, each once"
    one = replace(compared, view=view(whose="one", category="Hepatocyte")).best()
    above = [row["gene"] for row in table.to_pylist() if row["category"] == "Hepatocyte" and row["score"] > 0]
    assert one[0] == above
    monkeypatch.setattr(comparison, "MAX_GENES", 6)
    few, how = compared.best()
    assert len(few) <= 6
    assert "the best 2 of each of 3 cell types (6 genes are drawn at most)" in how


def test_no_plot_without_a_gene_that_is_higher_anywhere(services, view):
    found = view()
    compared = compare(services, found)
    table = compared.table
    flat = table.set_column(2, "score", [np.zeros(table.num_rows)])
    with pytest.raises(InvalidQuery, match="No gene is higher"):
        Comparison(found, compared.groups, SimpleNamespace(value=flat)).best()


def test_both_plots_show_every_gene_in_every_category(services, view):
    found = view()
    drawn, heatmap = dots.draw(services, found, LIGHT), dots.draw_heatmap(services, found, LIGHT)
    genes, _ = compare(services, found).best()
    heat = heatmap["figure"]["data"][0]
    rows, columns = sorted(map(int, heat["z"]["shape"].split(",")))
    assert {rows, columns} == {3, len(genes)}
    assert drawn["title"] == "Best genes of each cell type"
    assert drawn["size"]["height"] == f"{drawn['figure']['layout']['height']}px"
