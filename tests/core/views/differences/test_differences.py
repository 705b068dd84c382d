"""Figures of the page Differences: the numbers are those of core, and the words say what they must."""

import base64
from dataclasses import replace
from urllib.parse import urlencode

import numpy as np
import pytest

from callbacks.differences.composition import draw as composition
from callbacks.differences.genes import draw as genes
from callbacks.differences.genes import draw_gene as gene
from callbacks.differences.hydrate import collect, hydrate
from callbacks.differences.kept import draw as draw_kept
from callbacks.differences.overview import draw as draw_overview
from callbacks.differences.overview import mark
from callbacks.differences.samples import draw as samples
from callbacks.differences.second import draw as second
from core.analysis import count_engines
from core.analysis.abundance import AbundanceParams
from core.analysis.differences import DifferencesParams
from core.compute.watch import Watch, watching
from core.compute.worker_process import run
from core.embed.controls import controls_of
from core.embed.target import Target
from core.errors import InvalidQuery
from core.figures.print_style import Look
from core.figures.theme import theme_of
from core.genes.ids import with_ids
from core.selection.model import Selection
from core.services.container import Services
from core.services.memoized import answer
from core.settings.settings import load
from core.stats import deseq2
from core.urls.figure_specs import FIGURES
from core.urls.page_queries import DifferencesQuery, joined_names, split_names
from core.urls.permalinks import read
from core.views.differences import violin
from core.views.differences.state import columns, resolve
from core.views.explore.state import resolve as resolve_explore
from core.views.registry import render
from tests.core.analysis.test_second_opinion import replaced
from tests.factories import DOWN, UP, cohort, imported, tiny

# The figures of these tabs need reference data: test_meaning.py.
MEANING = ("enrichment", "activity")
OWN = [name for name, spec in FIGURES.items() if spec.path == "/differences" and spec.tab not in MEANING]
ATLAS = "human/cohort"
LIGHT = theme_of("light")


@pytest.fixture(scope="module")
def services(tmp_path_factory):
    """Return the services of human/cohort, mouse/cohort (simulated), human/paired, human/studies, and human/liver."""
    directory = tmp_path_factory.mktemp("differences")
    path = directory / "cohort.h5ad"
    cohort().write_h5ad(path)
    imported(directory / "data", path, species="human")
    imported(directory / "data", path, species="mouse", simulated=True)
    paired = cohort()
    paired.obs = paired.obs.rename(columns={"Donor": "Sample", "Pair": "Patient"})
    paired.write_h5ad(directory / "paired.h5ad")
    imported(directory / "data", directory / "paired.h5ad", species="human", roles={"sample": "Sample"})
    imported(directory / "data", tiny(directory / "liver.h5ad"), species="human")
    studies = cohort()
    studies.obs["Study"] = studies.obs["Sex"].cat.rename_categories({"F": "one", "M": "two"})
    studies.obs["Group"] = studies.obs["Group"].cat.rename_categories({"MASH": "Drug", "Healthy": "Vehicle"})
    studies.write_h5ad(directory / "studies.h5ad")
    imported(directory / "data", directory / "studies.h5ad", species="human")
    return Services.of(load(data_dir=directory / "data"))


def link(figure, **query):
    return f"/differences?{urlencode({'figure': figure, 'atlas': ATLAS, **query})}"


def view_of(services, **query):
    view, problems = resolve(services, f"?{urlencode({'atlas': ATLAS, **query})}")
    assert problems == []
    return view


@pytest.mark.parametrize("theme", ["light", "dark", "journal"])
@pytest.mark.parametrize("figure", OWN)
def test_every_figure_is_drawn_and_says_what_it_is(services, figure, theme):
    look = Look.of(theme, width=85, height=90, font_size=6)
    drawn = render(services, link(figure, gene="up0", cell_type="Hepatocyte"), look)
    assert {trace["type"] for trace in drawn.figure["data"]} <= {"scatter", "box"}, "a bitmap of WebGL"
    assert drawn.figure["layout"]["width"] == pytest.approx(drawn.look.pixels(85), abs=0.01)
    assert drawn.facts["n_samples"] == 8
    assert f"n = {drawn.facts['n_cells']:,} cells from 8 donors" in drawn.legend
    assert "~ Group" in drawn.methods
    assert "  " not in drawn.legend + drawn.methods
    assert all(table.num_rows for table in drawn.tables.values())
    assert drawn.notes == ()
    again = render(services, str(drawn.facts["permalink"]), look)
    assert again.figure == drawn.figure
    assert again.facts == drawn.facts


@pytest.mark.parametrize("figure", OWN)
def test_simulated_cells_are_called_so(services, figure):
    drawn = render(services, link(figure, atlas="mouse/cohort"))
    assert all(text.startswith("SIMULATED") for text in (drawn.title, drawn.legend, drawn.methods))


def test_the_source_data_of_a_volcano_are_the_table(services):
    atlas = services.catalog.get(ATLAS)
    view = view_of(services, cell_type="Hepatocyte")
    table = answer(services, atlas, view.params).value
    for figure in ("volcano", "ma_plot"):
        drawn = render(services, link(figure, cell_type="Hepatocyte"))
        # As text: NaN is not equal to itself.
        assert str(drawn.tables["differences"].to_pylist()) == str(with_ids(table, atlas.genes).to_pylist())
    texts = " ".join(each["text"] for each in drawn.figure["layout"]["annotations"])
    assert all(name in texts for name in (*UP, *DOWN))


def test_the_violin_has_a_dot_a_sample_and_the_numbers_of_the_gene(services):
    part = gene(services, view_of(services, gene="up0"), LIGHT)
    [dots] = [trace for trace in part["figure"]["data"] if trace.get("hovertext") and "mean" in trace["hovertext"][0]
              and "d1" in trace["hovertext"][0]]  # fmt: skip
    assert len(dots["hovertext"]) == 8
    assert part["note"].startswith("Over samples: log2FC ")
    assert gene(services, view_of(services, gene="none"), LIGHT)["note"].startswith("Not tested: no counts. 0.0 %")


def test_samples_their_components_and_the_composition(services):
    view = view_of(services, tab="samples", color="Sex")
    part = samples(services, view, LIGHT)
    assert part["title"] == "8 of 8 samples kept"
    assert {trace["name"] for trace in part["pca"]["figure"]["data"]} == {"F", "M"}
    by_column = {row["column"]: row for row in part["associations"]}
    # The planted genes make the first component.
    assert by_column["Group"]["pc1"] > 0.8
    assert set(by_column) == {"Group", "Sex", "Age", "Batch", "Pair", "counts (log)"}
    shares = composition(services, view, LIGHT)
    assert [row["cell_type"] for row in shares["rows"]] == ["Hepatocyte", "Kupffer cell"]
    assert "The smallest p that a permutation can reach is 0.029." in shares["note"]


def test_the_overview_has_a_row_a_type(services):
    part = draw_overview(services, view_of(services), LIGHT)
    assert [(row["cell_type"], row["up"], row["down"]) for row in part["rows"]] == [
        ("Hepatocyte", 4, 2), ("Kupffer cell", 0, 0)
    ]  # fmt: skip
    assert not part["hidden"]
    table = genes(services, view_of(services), LIGHT)
    assert table["source"]["gene"] in {*UP, *DOWN}
    assert "cell_type=Hepatocyte&means=true" in table["source"]["rows"]


def test_what_cannot_be_compared_is_one_sentence_in_every_part(services):
    view = view_of(services, covariates="Batch")
    for part in (genes, gene, samples):
        found = part(services, view, LIGHT)
        fault = found["pca"]["fault"] if "pca" in found else found["fault"]
        assert fault.startswith("'Batch' coincides with the sides")
    part = draw_overview(services, view, LIGHT)
    assert part["hidden"]
    assert part["sentence"].startswith("'Batch' coincides with the sides")
    few, _ = resolve(services, "?atlas=human/liver")
    assert "needs 2 on each side" in genes(services, few, LIGHT)["fault"]
    alone = view_of(services, where="Group=MASH")
    assert draw_overview(services, alone, LIGHT)["sentence"].startswith("The side Healthy contains no selected cells")
    with pytest.raises(InvalidQuery, match="coincides"):
        render(services, link("volcano", covariates="Batch"))


def test_what_an_address_names_wrongly_is_said_and_left_out(services):
    search = urlencode({"atlas": ATLAS, "by": "Nothing", "one": "MASH|Nobody", "covariates": "Sex|Weight",
                        "paired": "Batch", "cell_type": "LSEC", "method": "deseq9"})  # fmt: skip
    view, problems = resolve(services, f"?{search}")
    said = " ".join(problem.text for problem in problems)
    for word in ("Nothing", "Nobody", "Weight", "'Batch' pairs no samples", "LSEC", "deseq9"):
        assert word in said
    assert (view.query.by, view.query.one, view.query.covariates) == ("Group", "MASH", "Sex")


def test_controls_and_address_say_the_same(services):
    query = {"covariates": "Sex|Age", "cell_type": "Kupffer cell", "gene": "up0", "method": "voom", "tab": "samples",
             "min_cells": "5", "min_counts": "0"}  # fmt: skip
    view = view_of(services, **query)
    filled = hydrate(services, view, [], at=1)
    choices = {name: filled[name]["value"] for name in
               ("mode", "by", "one", "two", "covariates", "paired", "method", "cell_type", "color")}  # fmt: skip
    choices["second"] = filled["second"]
    choices |= {"gene": filled["gene"]["chosen"], "tab": filled["tab"], "layer": filled["layer"]["value"]}
    choices |= {name: filled[name] for name in ("min_cells", "min_counts")}
    assert (filled["min_cells"], filled["min_counts"]) == (5, 0)
    cells = {name: [] for name in ("filters", "columns", "bounds", "places", "lows", "highs")}
    state = collect(services, filled["hydrated"], choices, cells, None)
    again = view_of(services, **query)
    assert resolve(services, state)[0].params == again.params
    assert resolve(services, state)[0].query.tab == "samples"
    # Another column has other levels and covariates.
    changed = collect(services, filled["hydrated"], {**choices, "by": "Sex"}, cells, state)
    assert resolve(services, changed)[0].sides.words == "M against F (Sex)"
    assert hydrate(services, None, [], at=1)["by"]["hidden"]


def test_thresholds_decide_what_is_counted_and_coloured(services):
    strict = view_of(services, fdr="1e-30", min_change="2")
    assert [(row["up"], row["down"]) for row in draw_overview(services, strict, LIGHT)["rows"]] == [(0, 0), (0, 0)]
    assert "adjusted p at most 1e-30 and at least 4-fold" in draw_overview(services, strict, LIGHT)["note"]
    assert "fdr=1e-30&min_change=2" in strict.state
    drawn = render(services, link("volcano", fdr="1", min_change="0"))
    colors = np.frombuffer(base64.b64decode(drawn.figure["data"][0]["marker"]["color"]["bdata"]), np.uint8)
    assert (colors > 0).all()
    assert "genes with adjusted p at most 1, red" in drawn.legend
    view, problems = resolve(services, f"?{urlencode({'atlas': ATLAS, 'fdr': '2', 'min_change': 'much'})}")
    assert len(problems) == 2
    assert (view.fdr, view.min_change) == (0.05, 1.0)


def test_least_cells_and_counts_of_a_sample_are_in_the_address_and_said(services):
    usual = view_of(services, min_cells="10", min_counts="1000", tab="samples")
    assert "min_c" not in usual.state + usual.api()
    assert "at least 10 cells and 1,000 counts." in draw_overview(services, usual, LIGHT)["replicates"]
    view = view_of(services, min_cells="013", min_counts="0")
    assert (view.design.min_cells, view.design.min_counts) == (13, 0)
    assert "min_cells=13&min_counts=0" in view.state
    assert "min_cells=13&min_counts=0" in view.api("enrichment")
    assert view.api("abundance").endswith("min_cells=13")
    assert "MASH has no samples with 13 cells;" in draw_overview(services, view, LIGHT)["sentence"]
    many = samples(services, view_of(services, min_cells="1", min_counts="900000"), LIGHT)
    assert many["title"] == "0 of 8 samples kept"
    assert many["note"].startswith("Kept are those with at least 1 cell and 900,000 counts. MASH has no samples with")
    assert {row["why"] for row in many["rows"]} == {"fewer than 900,000 counts"}
    bad = {"atlas": ATLAS, "min_cells": "0", "min_counts": "-1"}
    view, problems = resolve(services, f"?{urlencode(bad)}")
    assert [problem.text for problem in problems] == [
        "min_cells is a whole number from 1 to 1,000,000,000; '0' is not. 10 is used.",
        "min_counts is a whole number from 0 to 1,000,000,000; '-1' is not. 1,000 is used.",
    ]
    assert "min_c" not in view.state
    for text in ("1e3", "many", "9" * 5_000, "²", "1.5"):
        _, problems = resolve(services, f"?{urlencode({'atlas': ATLAS, 'min_counts': text[:900]})}")
        assert len(problems) == 1


def test_a_gene_set_is_kept_in_the_address_and_leads_to_explore(services):
    view = view_of(services, genes="up0, gene07", cell_type="Hepatocyte")
    assert "genes=up0%2C+gene07" in view.state
    figure = genes(services, view, LIGHT)["figure"]
    assert [figure["data"][0]["text"][at] for at in sorted(figure["data"][0]["selectedpoints"])] == ["up0", "gene07"]
    named = " ".join(each["text"] for each in figure["layout"]["annotations"])
    assert "gene07" in named
    assert "down0" not in named
    part = draw_kept(view, LIGHT)
    assert not part["hidden"]
    explored, problems = resolve_explore(services, part["score"].partition("?")[2])
    assert problems == []
    assert (explored.query.set_a, explored.query.name_a) == ("up0, gene07", "MASH against Healthy in Hepatocyte")
    assert "genes=up0%2C+gene07" in part["dots"]
    assert draw_kept(view_of(services), LIGHT)["hidden"]
    assert (
        "All others but the kept set of 2 genes are faint." in render(services, link("volcano", genes="up0,up1")).legend
    )
    _, problems = resolve(services, f"?{urlencode({'atlas': ATLAS, 'genes': 'up0, nobody'})}")
    assert "1 unknown names, such as nobody" in problems[0].text


def test_pairs_are_joined_in_the_violin_and_who_has_none_is_named(services):
    view = view_of(services, atlas="human/paired", gene="up0")
    assert view.paired == "Patient"
    assert "paired=" not in view.state
    assert "paired=none" in view_of(services, atlas="human/paired", paired="none").state
    assert "paired=" not in view_of(services, paired="none").state
    figure = gene(services, view, LIGHT)["figure"]
    [lines] = [each for each in figure["data"] if each["mode"] == "lines" and each["line"]["width"] == 1]
    assert np.frombuffer(base64.b64decode(lines["x"]["bdata"]), lines["x"]["dtype"]).size == 4 * 3
    assert (
        "lines join the samples of one Patient"
        in render(services, f"{view.query.address}&figure=differences_violin").legend
    )
    assert "paired by Patient" in "".join(map(str, draw_overview(services, view, LIGHT)["sentence"]))
    alone = view_of(services, atlas="human/paired", exclude="where=Sample=d0")
    assert "Left out: p0 (no pair by Patient)." in draw_overview(services, alone, LIGHT)["replicates"]


def test_any_column_on_both_sides_may_pair_and_donors_are_proposed(services):
    view = view_of(services)
    assert (view.pairing, view.proposed) == (("Pair", "Sex"), "")
    options = hydrate(services, view, [], at=1)["paired"]
    assert [option["value"] for option in options["options"]] == ["none", "Pair", "Sex"]
    assert (options["value"], options["hidden"]) == ("none", False)
    paired = view_of(services, paired="Pair", gene="up0")
    assert "paired=Pair" in paired.state
    assert "paired by Pair" in "".join(map(str, draw_overview(services, paired, LIGHT)["sentence"]))
    of_donors = view_of(services, atlas="human/paired")
    assert (of_donors.pairing, of_donors.proposed) == (("Patient", "Sex"), "Patient")
    # A line for each pair of samples of a donor, and none between all samples of a sex where they are many.
    lines = [len(violin.compute(services, each).pairs) for each in (paired, view_of(services, paired="Sex"))]
    assert lines == [4, 8]


def test_studies_are_proposed_by_a_click_and_sides_without_an_order_are_explained(services):
    view = view_of(services, atlas="human/studies", covariates="Age")
    assert view.sides.words == "Drug against Vehicle (Group)"
    text, button = draw_overview(services, view, LIGHT)["replicates"]
    assert "The levels of Group have no known order: Vehicle is the reference by its name." in text
    assert "The samples come from 2 levels of Study: add it as a covariate." in text
    assert button.children == "Adjust for Study"
    adjusted, problems = resolve(services, button.href.partition("?")[2])
    assert (problems, adjusted.design.covariates) == ([], ("Age", "Study"))
    text = draw_overview(services, adjusted, LIGHT)["replicates"]
    assert "levels of Study" not in text
    swapped = draw_overview(services, view_of(services, atlas="human/studies", one="Vehicle", two="Drug"), LIGHT)
    assert "no known order" not in swapped["replicates"][0]


def test_a_cancelled_overview_leaves_the_open_cell_type(services):
    watch = Watch()
    watch.cancel()
    with watching(watch):
        part = draw_overview(services, view_of(services, fdr="0.011"), LIGHT)
    assert part["sentence"][0].startswith("The comparison of all cell types was cancelled.")
    assert part["no_overview"]
    assert not part["hidden"]
    seen = []
    with watching(Watch(report=lambda *step: seen.append(step))):
        draw_overview(services, view_of(services, fdr="0.012"), LIGHT)
    assert [step for step in seen if step[0]] == [("Hepatocyte", 0.0), ("Kupffer cell", 0.5)]


def test_the_atlas_of_a_derived_column_is_compared_by_columns_of_the_file(services):
    atlas = services.catalog.get(ATLAS)
    assert "Lineage (by name)" in [column.name for column in atlas.columns]
    assert columns(atlas) == ["Group", "Sex", "Batch", "Pair", "Phase"]


def test_two_kept_selections_are_compared(services):
    a, b = (Selection.of({"Group": [name]}).text() for name in ("MASH", "Healthy"))
    view = view_of(services, a=a, b=b)
    assert view.versus
    assert hydrate(services, view, [], at=1)["one"]["hidden"]
    part = draw_overview(services, view, LIGHT)
    wanted = draw_overview(services, view_of(services), LIGHT)
    assert [(row["up"], row["down"]) for row in part["rows"]] == [(row["up"], row["down"]) for row in wanted["rows"]]
    assert part["title"] == "Overview: A against B"
    assert "a=where" in genes(services, view, LIGHT)["source"]["rows"]


def test_a_frame_lets_a_visitor_choose_the_cell_type(services):
    drawn = render(services, link("volcano"))
    view = view_of(services)
    target = Target("volcano", view.state, view.query, view.atlas)
    fields = {field["name"]: field for field in controls_of(target, drawn.facts)}
    assert [value for value, _ in fields["cell_type"]["options"]] == ["Hepatocyte", "Kupffer cell"]
    assert fields["gene"]["value"] in {*UP, *DOWN}


@pytest.mark.parametrize("names", [(), ("a",), ("a|b", "c\\", "\\|"), ("é x", "=&")])
def test_names_in_one_parameter(names):
    assert split_names(joined_names(names)) == names


def test_components_are_those_of_numpy():
    from core.analysis.sample_pca import r_squared

    scores = np.random.default_rng(0).normal(size=(9, 2))
    values = np.arange(9.0)
    wanted = [np.corrcoef(values, scores[:, at])[0, 1] ** 2 for at in range(2)]
    np.testing.assert_allclose(r_squared(list(values), scores), wanted)
    assert np.isnan(r_squared(["x"] * 9, scores)).all()
    assert np.isnan(r_squared([str(at) for at in range(9)], scores)).all()


def test_deseq2_is_offered_where_it_is_installed(services, monkeypatch):
    def offered(version):
        monkeypatch.setattr(deseq2, "version", lambda: version)
        view, problems = resolve(services, DifferencesQuery(ATLAS, method="deseq2").search())
        options = hydrate(services, view, problems, at=1)["method"]["options"]
        return view.query.method, len(problems), [option["label"] for option in options]

    assert offered("") == ("trend", 1, ["limma-trend", "limma-voom"])
    assert offered("0.4.0") == ("deseq2", 0, ["limma-trend", "limma-voom", "DESeq2"])
    view = view_of(services, second_opinion="true")
    assert hydrate(services, view, [], at=1)["second"] == ["true"]
    assert not mark(view, LIGHT)["no_second"]


def test_the_second_opinion_is_a_sentence_and_columns_that_an_address_asks_for(services, monkeypatch):
    replaced(monkeypatch)
    plain = view_of(services, cell_type="Hepatocyte")
    assert second(services, plain, LIGHT) == {"hidden": True, "words": "", "again": True, "source": None, "methods": ""}
    view = view_of(services, cell_type="Hepatocyte", second_opinion="true")
    assert "second_opinion=true" in view.state
    assert genes(services, view, LIGHT)["source"]["rows"] == genes(services, plain, LIGHT)["source"]["rows"]
    assert "second_opinion=true" in genes(services, view, LIGHT)["csv"]
    part = second(services, view, LIGHT)
    assert part["source"]["of"] == genes(services, view, LIGHT)["source"]["rows"]
    assert "second_opinion=true" in part["source"]["rows"]
    assert part["words"].startswith("Second opinion: at an adjusted p of 0.05, limma-trend calls 6 genes and DESeq2 6;")
    assert "Of planted changes both called 33 %, and 1.7 % of what both called was false" in part["words"]
    assert part["methods"].startswith("The same genes were tested by DESeq2 too (crest-sc)")
    found = draw_overview(services, view, LIGHT)
    assert [(row["up_both"], row["down_both"]) for row in found["rows"]] == [(4, 2), (0, 0)]
    assert "limma-trend, with DESeq2 as a second opinion, on counts" in found["sentence"][-1]
    assert "second_opinion=true" in found["csv"]
    told = answer(services, services.catalog.get(ATLAS), view.with_second).provenance["permalink"]
    assert resolve(services, read(told).search)[0].with_second == view.with_second
    watch = Watch()
    watch.cancel()
    monkeypatch.setattr(count_engines, "run", run)
    with watching(watch):
        part = second(services, view_of(services, cell_type="Kupffer cell", second_opinion="true"), LIGHT)
    assert (part["words"], part["again"], part["source"]) == ("The second opinion was cancelled.", False, None)
    refused = second(services, view_of(services, covariates="Batch", second_opinion="true"), LIGHT)
    assert refused["words"].startswith("'Batch' coincides with the sides")


def test_a_second_opinion_that_cannot_be_had_is_said_and_left_out(services, monkeypatch):
    for version, method, given, words in (
        ("0.4.0", "deseq2", "true", "is the method already"),
        ("", "trend", "true", "is not installed on this server"),
        ("0.4.0", "trend", "yes", "second_opinion is true, or is not named; 'yes' is neither"),
    ):
        monkeypatch.setattr(deseq2, "version", lambda version=version: version)
        asked = {"atlas": ATLAS, "method": method, "second_opinion": given}
        view, [problem] = resolve(services, f"?{urlencode(asked)}")
        assert words in problem.text
        assert (view.query.second_opinion, view.with_second.second_opinion) == ("", False)
        assert view.second_offered == (words[0] == "s")


def test_the_permalink_of_a_table_opens_the_same_comparison(services):
    atlas = services.catalog.get(ATLAS)
    view = view_of(services, covariates="Sex", cell_type="Hepatocyte", one="MASH", two="Healthy", method="voom")
    for params, figure in (
        (view.params, "volcano"),
        (replace(view.params, design=replace(view.design, covariates=(), paired="")), "volcano"),
        (AbundanceParams.of(atlas, view.design), "abundance"),
    ):
        told = answer(services, atlas, params).provenance["permalink"]
        found = read(told)
        assert found.figure == figure
        again, problems = resolve(services, found.search)
        assert problems == []
        assert AbundanceParams.of(atlas, again.design) == params if figure == "abundance" else again.params == params
    fewer = replace(view.params, design=replace(view.design, min_cells=1, min_counts=5))
    told = answer(services, atlas, fewer).provenance["permalink"]
    assert resolve(services, read(told).search)[0].params == fewer
    pooled = DifferencesParams.of(atlas, view.design, pooled=True)
    assert "permalink" not in answer(services, atlas, pooled).provenance
