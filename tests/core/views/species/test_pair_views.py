"""Figures of two atlases: from an address to numbers, words, tables and files; what cannot be drawn says why."""

import base64
import json
import re
from dataclasses import replace

import numpy as np
import pytest

from core.analysis.shared_genes import shared_genes
from core.embed.options import Options
from core.embed.payload import etag_of
from core.embed.target import find
from core.errors import InvalidQuery
from core.figures.print_style import Look
from core.figures.theme import DARK, LIGHT
from core.services.container import Services
from core.settings.settings import load
from core.urls.permalinks import DIGITS, digests_of, permalink, read
from core.views.registry import VIEWS, render
from core.views.species import concordance, conserved_correlates, dots, type_auroc
from core.views.species.pair import judged, pair_of
from core.views.species.quadrant_sets import quadrant_sets
from core.views.species.state import resolve
from tests.factories import OF_TWO, imported
from tests.references import install
from tests.two_species import DOWN, QUERY, SHARED, TURNED, TYPES, UP, liver, name_in

HUMAN = f"?atlas=human/liver&gene={QUERY}"


@pytest.fixture(scope="module")
def services(tmp_path_factory):
    """Return services with a liver of each of two species."""
    data = tmp_path_factory.mktemp("pair")
    for species in ("human", "mouse"):
        path = data / species / "liver.h5ad"
        path.parent.mkdir()
        liver(species, n_cells=30).write_h5ad(path)
        imported(data, path, species=species, title=f"Liver of {species}")
    install(data, sets={"hallmark": {"TURNS": [*TURNED, *DOWN[:4]], "FALLS": [*DOWN, *UP[:2]]}}, edges={})
    found = Services.of(load(data_dir=data, correlation_cache=False))
    yield found
    found.close()


def view_of(services, search=HUMAN):
    view, problems = resolve(services, search)
    assert not problems
    return view


def test_an_address_without_parameters_compares_the_first_matched_type(services):
    pair = pair_of(view_of(services))
    assert (pair.second.id, pair.cell_type, pair.types_2) == ("mouse/liver", TYPES[0], (TYPES[0],))
    assert pair.types == TYPES[0]
    assert pair.rows == TYPES


def test_defaults_are_left_out_of_the_address_and_others_kept(services):
    asked = f"{HUMAN}&second=mouse/liver&cell_type={TYPES[0]}&best=100"
    assert view_of(services, asked).state == view_of(services).state
    other = view_of(services, f"{HUMAN}&cell_type=LSEC&best=20&one=MASH&two_2=Healthy&tab=conserved")
    for part in ("cell_type=LSEC", "best=20", "one=MASH", "two_2=Healthy", "tab=conserved"):
        assert part in other.state
    assert view_of(services, other.state).state == other.state


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("second=fish/none", "a compared atlas 'fish/none'"),
        ("cell_type=Neuron", "a cell type 'Neuron' with a match in mouse/liver"),
        ("one=Cirrhosis", "a group 'Cirrhosis' in human/liver"),
        ("two_2=Cirrhosis", "a group 'Cirrhosis' in mouse/liver"),
        ("best=0", "not '0'"),
        ("best=many", "not 'many'"),
    ],
)
def test_what_an_address_cannot_mean_is_said_and_left_out(services, part, words):
    view, problems = resolve(services, f"{HUMAN}&{part}")
    assert view.state == view_of(services).state
    assert words in problems[0].text


@pytest.mark.parametrize("figure", OF_TWO)
def test_figures_come_with_words_data_and_provenance(services, figure):
    made = render(services, f"/species{HUMAN}", figure=figure)
    json.dumps(made.figure)
    assert made.facts["parameters"]["other"] == "mouse/liver"
    assert made.facts["parameters"]["other_content_hash"]
    assert "small table" in made.facts["parameters"]["orthologs"]
    assert "Liver of mouse" in made.legend + made.methods
    assert next(iter(made.tables.values())).num_rows > 5
    link = read(made.facts["permalink"])
    assert link.figure == figure
    again = render(services, made.facts["permalink"])
    assert (again.legend, again.figure) == (made.legend, made.figure)


@pytest.mark.parametrize("figure", OF_TWO)
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_both_themes_and_paper(services, figure, theme):
    view = VIEWS[figure]
    result = view.compute(services, view_of(services))
    drawn = view.draw(result, theme)
    assert drawn["layout"]["paper_bgcolor"] == theme.paper
    assert view.laid_out(result, Look(width=180)).figure["data"]


def test_the_matrix_frames_matched_types_and_marks_those_below_the_bound(services):
    result = type_auroc.compute(services, view_of(services))
    assert type_auroc.sentence(result) == "3 of 3 matched pairs of cell types reach an AUROC of 0.9."
    assert len(type_auroc.draw(result, LIGHT)["layout"]["shapes"]) == 3
    edited = view_of(services, f"{HUMAN}&match=Kupffer cell%3DLSEC")
    found = type_auroc.compute(services, edited)
    assert "Below: Kupffer cell and LSEC 0." in type_auroc.sentence(found)
    assert len(type_auroc.draw(found, LIGHT)["layout"]["shapes"]) == 4


def test_a_match_below_the_bound_is_marked_in_the_other_views(services):
    view = view_of(services, f"{HUMAN}&match=Hepatocyte%3DLSEC")
    assert judged(services, pair_of(view)).below
    for made in (concordance.words(concordance.compute(services, view)).note,
                 conserved_correlates.words(conserved_correlates.compute(services, view)).note):  # fmt: skip
        assert "of Hepatocyte and LSEC is below 0.9: they may not be the same cell type." in made
    assert "below" not in concordance.words(concordance.compute(services, view_of(services))).note


def unpacked(array):
    return np.frombuffer(base64.b64decode(array["bdata"]), dtype=f"<{array['dtype']}")


def frames(figure):
    """Return the corners of the dotted frames of a dot plot, two columns."""
    trace = next(each for each in figure["data"] if each["mode"] == "lines")
    return np.array([unpacked(trace[axis]) for axis in ("x", "y")]).T.reshape(-1, 6, 2)[:, :5]


def test_the_dot_plot_frames_what_is_hardly_alike_and_its_files_say_so(services):
    address = f"{HUMAN}&genes={QUERY} {UP[0]}&match=Hepatocyte%3DLSEC"
    made = render(services, f"/species{address}", figure="species_dots")
    said = "Dotted frames: AUROC below 0.9, so they may not be the same cell type: Hepatocyte and LSEC 0."
    assert said in made.legend
    assert made.facts["parameters"]["below_auroc"][0].startswith("mouse/liver: AUROC 0.")
    rows = made.tables["dotplot"].to_pylist()
    marked = {(row["cell_type"], row["dataset"]) for row in rows if row["warning"]}
    assert marked == {("Hepatocyte", "mouse/liver")}
    assert all((row["auroc"] is None) == (row["dataset"] == "human/liver") for row in rows)
    # One frame a gene, in the second column.
    found = frames(dots.draw(dots.compute(services, view_of(services, address)), LIGHT))
    assert len(found) == 2
    assert found[:, :, 0].min() > 0.5
    whole = dots.compute(services, view_of(services))
    assert not len(frames(dots.draw(whole, LIGHT)))
    assert "Dotted" not in dots.words(whole).note
    assert {row["auroc"] > 0.9 for row in whole.table.to_pylist() if row["dataset"] == "mouse/liver"} == {True}
    quick = dots.compute(services, view_of(services, address), judge=False)
    assert set(quick.table["warning"].to_pylist()) == {""}


def test_a_match_that_cannot_be_judged_says_why_and_hides_nothing(services, monkeypatch):
    view = view_of(services)
    monkeypatch.setattr("core.analysis.shared_genes.MIN_SHARED", 1_000)
    shared_genes.cache.clear()
    said = judged(services, pair_of(view))
    assert said.sentence == (
        "AUROC of Hepatocyte is not known: human/liver and mouse/liver share 240 genes as 1:1 orthologs; 1000 are "
        "needed."
    )
    assert said.number is None
    note = dots.words(dots.compute(services, view)).note
    assert "AUROC of the types of mouse/liver is not known: human/liver and mouse/liver share 240 genes" in note


def test_changes_in_words(services):
    result = concordance.compute(services, view_of(services))
    said = concordance.sentence(result)
    assert f"{len(TURNED)} in opposite directions" in said
    assert concordance.words(result).title == f"MASH against Healthy in {TYPES[0]}: human/liver and mouse/liver"
    assert (result.n_samples, result.n_samples_2, result.n_cells) == (8, 8, 240)
    turned = concordance.compute(services, view_of(services, f"{HUMAN}&one=Healthy&two=MASH"))
    assert turned.params.differences_2.design.units.sides.a == ("Healthy",)
    named = [trace["name"].split(" (")[0] for trace in concordance.draw(result, LIGHT)["data"] if "name" in trace]
    assert named == list(reversed(list(concordance.NAMES.values())))


def test_several_matched_types_are_taken_together(services):
    view = view_of(services, f"{HUMAN}&match=Hepatocyte%3DHepatocyte|LSEC")
    pair = pair_of(view)
    assert pair.types == "Hepatocyte and Hepatocyte + LSEC"
    result = concordance.compute(services, view)
    assert result.params.differences_2.cell_type == ""
    assert "LSEC" in result.params.differences_2.design.units.selection.words()


def test_gene_sets_of_a_quadrant(services):
    table, note = quadrant_sets(services, view_of(services), "up, then down")
    assert table["set"][0].as_py() == "TURNS"
    assert re.match(r"\d+ of 240 orthologs are up, then down, and agree, are opposite or differ\. Hallmark", note)
    with pytest.raises(InvalidQuery, match="No gene is up in both with a verdict that the data support"):
        quadrant_sets(services, view_of(services, f"{HUMAN}&cell_type=LSEC"), "up in both")


def test_correlates_in_words_and_by_a_gene_of_the_other_species(services):
    result = conserved_correlates.compute(services, view_of(services, f"{HUMAN}&best=18"))
    assert result.params.correlation_2.gene == name_in("mouse", QUERY)
    assert "best 18 positive correlates" in conserved_correlates.sentence(result)
    conserved = result.table.filter(np.array(result.table["verdict"].to_pylist()) == "conserved")["gene"].to_pylist()
    assert set(conserved) >= set(SHARED[1:])
    by_mouse = view_of(services, f"?atlas=human/liver&gene={name_in('mouse', QUERY)}")
    assert conserved_correlates.compute(services, by_mouse).params.correlation.gene == QUERY


def test_without_another_atlas_or_a_match_the_figures_say_what_to_do(services, tmp_path):
    path = tmp_path / "liver.h5ad"
    liver(n_cells=5, n_donors=2).write_h5ad(path)
    imported(tmp_path / "data", path, species="human")
    alone = Services.of(load(data_dir=tmp_path / "data", correlation_cache=False))
    view, _ = resolve(alone, f"?atlas=human/liver&gene={QUERY}")
    for figure in OF_TWO:
        with pytest.raises(InvalidQuery, match="No other atlas is chosen"):
            VIEWS[figure].compute(alone, view)
    alone.close()
    nothing = ";".join(f"{name}%3D" for name in TYPES)
    with pytest.raises(InvalidQuery, match="No cell type of human/liver matches one of mouse/liver"):
        pair_of(view_of(services, f"{HUMAN}&match={nothing.replace(';', '%3B')}"))


@pytest.mark.parametrize("figure", [*OF_TWO, "species_dots"])
def test_a_permalink_tells_when_either_atlas_has_changed(services, figure):
    made = render(services, f"/species{HUMAN}", figure=figure)
    link = str(made.facts["permalink"])
    reference, other = digests_of(link.partition("?")[2])
    assert other == services.catalog.manifest("mouse/liver").content_hash[:DIGITS]
    assert not any("has changed" in note for note in render(services, link).notes)
    assert (
        "mouse/liver has changed since the link was created: the figure may differ."
        in render(services, link.replace(other, "0" * DIGITS)).notes
    )
    assert render(services, link.replace(reference, "0" * DIGITS)).notes[0].startswith("human/liver has changed")
    # A link of before knows the reference only.
    assert not any("has changed" in note for note in render(services, link.replace(f".{other}", "")).notes)


def test_what_a_frame_keeps_depends_on_both_atlases(services):
    target = find(services, "concordance", "?atlas=human/liver")
    assert target.query.others == "mouse/liver"
    assert services.catalog.manifest("mouse/liver").content_hash in target.content
    assert etag_of(target, Options(), "json") != etag_of(replace(target, content="other"), Options(), "json")
    assert find(services, "volcano", "?atlas=human/liver").content == ""


def test_the_table_of_the_operator_counts_in_every_view(services, tmp_path):
    path = tmp_path / "orthologs.csv"
    path.write_text(f"human,mouse\n{UP[0]},Paralog\n", "utf-8")
    own = Services.of(load(data_dir=services.settings.data_dir, correlation_cache=False, orthologs=path))
    for figure in OF_TWO:
        made = render(own, f"/species{HUMAN}", figure=figure)
        assert "the table of the operator (1 pair of it alone)" in made.methods
        assert UP[0] not in next(iter(made.tables.values())).column(0).to_pylist()
    own.close()


def test_a_permalink_of_each(services):
    view = view_of(services)
    for figure in OF_TWO:
        assert permalink(figure, view.state, view.atlas.manifest.content_hash).startswith("/species?v=1&figure=")
