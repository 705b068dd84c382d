"""Enrichment and activity on the page Differences: planted sets are found, the words say of what, nothing is faked."""

from urllib.parse import urlencode

import pytest

from callbacks.differences import activity as activity_tab
from callbacks.differences import enrichment as enrichment_tab
from callbacks.differences.meaning_controls import collect, hydrate
from core.analysis.gene_sources import ListedSource
from core.compute.watch import Watch, watching
from core.errors import InvalidQuery, NotFound
from core.figures.print_style import Look
from core.figures.theme import theme_of
from core.services.container import Services
from core.services.memoized import answer
from core.settings.settings import load
from core.urls.figure_specs import FIGURES
from core.views.differences import activity, enrichment, running_score, targets
from core.views.differences.state import resolve
from core.views.registry import render
from tests.factories import DOWN, UP, cohort, imported
from tests.references import install

OWN = [name for name, spec in FIGURES.items() if spec.tab in ("enrichment", "activity")]
ATLAS = "human/cohort"
LIGHT = theme_of("light")
OTHER = [f"gene{at:02}" for at in range(54)]
SETS = {
    "HALLMARK_RISES_VIA_PLAN": [*UP, "gene03", "not_here"], "FALLS": [*DOWN, "gene01", "gene02"],
    "NEITHER": OTHER[5:20], "SMALL": OTHER[:2],
}  # fmt: skip
EDGES = [
    *(("FACTOR", gene, 1.0) for gene in (*UP, *OTHER[1:4])), *(("FACTOR", gene, -1.0) for gene in DOWN),
    *(("OTHER", gene, 1.0) for gene in OTHER[10:20]), *(("FEW", gene, 1.0) for gene in OTHER[:2]),
]  # fmt: skip
SMALL = {"min_size": "3", "cell_type": "Hepatocyte"}


@pytest.fixture(scope="module")
def services(tmp_path_factory):
    """Return the services of human/cohort, simulated mouse/cohort, reference data of human, and a mounted file."""
    directory = tmp_path_factory.mktemp("meaning")
    path = directory / "cohort.h5ad"
    cohort().write_h5ad(path)
    imported(directory / "data", path, species="human")
    imported(directory / "bare", path, species="human")
    install(directory / "data", sets={"hallmark": SETS, "go_bp": {"TOO": UP}}, edges={"collectri": EDGES})
    (directory / "sets").mkdir()
    (directory / "sets" / "lab.gmt").write_text("OURS\t\t" + "\t".join(UP) + "\n", "utf-8")
    return Services.of(load(data_dir=directory / "data", gene_sets_dir=directory / "sets"))


@pytest.fixture
def bare(services):
    """Return the services of the same atlas without reference data."""
    return Services.of(load(data_dir=services.settings.data_dir.parent / "bare"))


def view_of(services, **query):
    view, problems = resolve(services, f"?{urlencode({'atlas': ATLAS, **SMALL, **query})}")
    assert problems == []
    return view


@pytest.mark.parametrize("figure", OWN)
def test_every_figure_is_drawn_and_says_what_it_is(services, figure):
    link = f"/differences?{urlencode({'figure': figure, 'atlas': ATLAS, **SMALL})}"
    for theme in ("light", "dark", "journal"):
        look = Look.of(theme, width=85, font_size=6)
        drawn = render(services, link, look)
        assert {trace["type"] for trace in drawn.figure["data"]} <= {"scatter", "bar"}, "a bitmap of WebGL"
        assert drawn.facts["n_samples"] == 8
        assert "MASH" in drawn.title
        assert "limma-trend" in drawn.methods
        assert "native human genes" in drawn.methods
        assert "  " not in drawn.legend + drawn.methods
        assert all(table.num_rows for table in drawn.tables.values())
        assert drawn.notes == ()
    again = render(services, str(drawn.facts["permalink"]), look)
    assert (again.figure, again.facts) == (drawn.figure, drawn.facts)


def test_over_representation_of_the_genes_that_differ(services):
    view = view_of(services, tab="enrichment", collection="hallmark,go_bp,gmt:lab")
    result = enrichment.compute(services, view)
    rows = {(row["collection"], row["set"], row["direction"]): row for row in result.table.to_pylist()}
    assert rows["hallmark", "HALLMARK_RISES_VIA_PLAN", "up"]["n_genes"] == len(UP)
    assert rows["hallmark", "FALLS", "down"]["genes"].split() == sorted(
        DOWN, key=lambda gene: -abs(result.comparison.table.filter(
            [name == gene for name in result.comparison.table["gene"].to_pylist()])["stat"][0].as_py())
    )  # fmt: skip
    assert rows["gmt:lab", "OURS", "up"]["p"] == rows["go_bp", "TOO", "up"]["p"]
    text = enrichment.words(result)
    assert (
        f"4 genes higher in MASH and 2 lower (adjusted p ≤ 0.05, |log2FC| ≥ 1), of {result.facts['n_genes']}"
        in text.note
    )
    assert "the universe is" in text.methods
    assert "hypergeometric" in text.methods
    assert text.parameters["collections"][0]["licence"] == "CC0"
    # As text, in which NaN is NaN.
    assert str(answer(services, view.atlas, result.params).value.to_pylist()) == str(result.answer.value.to_pylist())
    part = enrichment_tab.draw(services, view, LIGHT)
    assert "lab.gmt of this server" in part["about"]
    assert part["done"] == {"state": view.state, "ok": True}
    assert "min_size=3" in part["source"]["rows"]
    up = enrichment.compute(services, view_of(services, direction="up"))
    assert set(up.table["direction"].to_pylist()) == {"up"}


def test_a_set_that_is_kept_is_tested_among_the_genes_that_were_tested(services):
    view = view_of(services, tab="enrichment", genes="up0, up1, gene03, gene30, none")
    result = enrichment.compute(services, view)
    assert isinstance(result.params.source, ListedSource)
    by_direction = {row["direction"]: row for row in result.table.to_pylist() if row["set"].endswith("PLAN")}
    assert sum(row["n_genes"] for row in by_direction.values()) == 3
    assert result.facts["n_up"] + result.facts["n_down"] == 4, "the gene without counts was not tested"
    assert "genes of the list higher in MASH" in enrichment.words(result).note
    assert "1 of the list not tested" in enrichment.words(result).note
    assert "of a list" in result.provenance["methods"]
    assert "genes=up0" in enrichment.api(view)
    part = enrichment_tab.draw(services, view, LIGHT)
    assert part["listed"] == {"hidden": False, "words": "The gene set of 5 genes that is kept is tested."}
    ranked = view_of(services, genes="up0", test="gsea")
    assert enrichment.params_of(services, ranked).source == ranked.params, "a ranking has no use for a list"
    with pytest.raises(InvalidQuery, match="0 of the"):
        enrichment.compute(services, view_of(services, genes="none"))


def test_gsea_runs_to_its_end_or_until_it_is_cancelled(services):
    view = view_of(services, tab="enrichment", test="gsea", seed="7")
    watch = Watch()
    watch.cancel()
    with watching(watch):
        part = enrichment_tab.draw(services, view, LIGHT)
    assert "cancelled" in part["plot"]["fault"]
    assert not part["again"], "it can be run again"
    assert part["source"]["rows"] is None
    assert enrichment_tab.draw_score(services, view, part["done"], LIGHT)["hidden"]
    part = enrichment_tab.draw(services, view, LIGHT)
    assert (part["plot"]["fault"], part["again"], part["seed"]) == ("", True, False)
    result = enrichment.compute(services, view)
    rows = {row["set"]: row for row in result.table.to_pylist()}
    assert rows["HALLMARK_RISES_VIA_PLAN"]["nes"] > 0 > rows["FALLS"]["nes"]
    assert "seed 7" in part["plot"]["note"]
    assert "seed=7" in view.state
    score = enrichment_tab.draw_score(services, view, part["done"], LIGHT)
    assert not score["hidden"]
    assert score["plot"]["note"].startswith("ES ")
    assert "NES" in score["plot"]["note"]


def test_the_running_score_of_a_set_and_its_genes(services):
    view = view_of(services, tab="enrichment", gene_set="hallmark/FALLS")
    result = running_score.compute(services, view)
    assert result.curve.es < 0
    members = {row["gene"]: row for row in running_score.genes(result).to_pylist()}
    assert set(members) == {*DOWN, "gene01", "gene02"}
    assert [members[gene]["in_common"] for gene in DOWN] == [True, True]
    assert members["down0"]["rank"] == 1 + list(result.ranking.genes).index("down0")
    assert "In common: 2 of 4 tested genes, lower; " in running_score.words(result).note
    part = enrichment_tab.draw_score(services, view, {"ok": True}, LIGHT)
    assert part["selected"] == {"ids": ["down:hallmark/FALLS"]}
    assert part["explore"]["href"].startswith("/explore?atlas=human%2Fcohort")
    assert "set_a=" in part["explore"]["href"]
    with pytest.raises(NotFound, match="FALL") as caught:
        running_score.compute(services, view_of(services, gene_set="hallmark/FALL"))
    assert "FALLS" in str(caught.value)


def test_activities_and_the_targets_of_a_source(services):
    view = view_of(services, tab="activity")
    result = activity.compute(services, view)
    assert result.first == "FACTOR"
    assert result.params.options.model == "mlm", "few sources are fitted together"
    part = activity_tab.draw(services, view, LIGHT)
    assert part["about"] == "Collectri (1), native human genes."
    assert "network=collectri" in part["csv"]
    assert [row["source"] for row in part["rows"]] == ["FACTOR", "OTHER", "FEW"]
    assert part["rows"][2]["why"] == "few targets"
    shown = activity_tab.draw_targets(services, view, LIGHT)
    assert shown["selected"] == {"ids": ["FACTOR"]}
    assert "9 of 9 targets tested: it raises 7 and lowers 2" in shown["volcano"]["note"]
    assert {row["gene"] for row in shown["rows"]} == {*UP, *DOWN, *OTHER[1:4]}
    assert shown["network"]["height"] == {"height": f"{shown['network']['figure']['layout']['height']}px"}
    other = targets.compute(services, view_of(services, source="OTHER"))
    assert targets.compute(services, view_of(services, source="other")).source == "OTHER"
    assert other.source == "OTHER"
    unknown = activity_tab.draw_targets(services, view_of(services, source="FACTO"), LIGHT)
    assert "Did you mean FACTOR?" in unknown["volcano"]["fault"]
    assert not unknown["hidden"]


def test_without_reference_data_it_says_what_to_run(bare):
    view = view_of(bare, tab="enrichment")
    part = enrichment_tab.draw(bare, view, LIGHT)
    assert "masldatlas references fetch" in part["plot"]["fault"]
    assert part["plot"]["figure"]["data"] == []
    assert enrichment_tab.draw_score(bare, view, part["done"], LIGHT)["hidden"]
    assert "masldatlas references fetch" in activity_tab.draw(bare, view, LIGHT)["plot"]["fault"]
    assert activity_tab.draw_targets(bare, view, LIGHT)["hidden"]
    assert hydrate(bare, view)["networks"] == {"options": [], "hidden": True}
    with pytest.raises(NotFound, match="hallmark"):
        render(bare, f"/differences?{urlencode({'figure': 'enrichment_dots', 'atlas': ATLAS})}")


def test_what_an_address_names_wrongly_is_said_and_left_out(services):
    search = urlencode(
        {"atlas": ATLAS, "collection": "kegg,go_bp", "test": "camera", "direction": "left", "min_size": "x",
         "max_size": "9000", "seed": "-1", "gene_set": "hallmark/FALLS", "network": "dorothea"}
    )  # fmt: skip
    view, problems = resolve(services, f"?{search}")
    said = " ".join(problem.text for problem in problems)
    for word in ("kegg", "camera", "left", "min_size='x'", "9,000", "seed='-1'", "hallmark/FALLS", "dorothea"):
        assert word in said
    query = view.query
    assert (query.collection, query.test, query.direction, query.network) == ("go_bp", "ora", "", "collectri")
    assert (query.min_size, query.max_size, query.seed, query.gene_set) == ("10", "500", "1", "")


def test_controls_and_address_say_the_same(services):
    given = {"collection": "hallmark,gmt:lab", "test": "gsea", "direction": "down", "min_size": "4", "max_size": "60",
             "seed": "3", "gene_set": "gmt:lab/OURS", "source": "OTHER", "tab": "enrichment"}  # fmt: skip
    view = view_of(services, **given)
    filled = hydrate(services, view)
    assert [each["value"] for each in filled["collection"]["options"]] == ["hallmark", "go_bp", "gmt:lab"]
    choices = {**filled, "collection": filled["collection"]["value"], "min_size": 4}
    found = collect(choices, view.query)
    assert {name: found[name] for name in given if name != "tab"} == {
        name: value for name, value in given.items() if name != "tab"
    }
    assert collect({**choices, "collection": ["hallmark"]}, view.query)["gene_set"] == ""
    assert collect({**choices, "network": "progeny"}, view.query)["source"] == ""
    assert set(hydrate(services, None)) == set(filled)
