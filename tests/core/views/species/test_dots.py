"""The dot plot across species against naive loops: shares, rank percentiles, paralogs, and what is said of the rest."""

import math

import numpy as np
import pytest
from scipy.stats import rankdata

from core.errors import InvalidQuery, UnknownGene
from core.figures.print_style import Look
from core.figures.theme import LIGHT
from core.services.gene_family import NamedGene
from core.services.species_dots import params_of
from core.urls.page_queries import SpeciesQuery
from core.urls.permalinks import digests_of
from core.views.registry import render
from core.views.species import dots, tables
from core.views.species.state import resolve
from tests.core.views.species.conftest import GENES, counts_of, types_of

ALL = {"atlas": "human/liver"}


def rows(services, **query):
    return tables.dotplot(services, SpeciesQuery(**{**ALL, **query}))[0].to_pylist()


def naive(species, symbol, types):
    """Return n, cells above zero, and the rank percentile, cell by cell and gene by gene."""
    counts = counts_of(species)
    inside = [at for at, kind in enumerate(types_of(species)) if kind in types]
    means = []
    for gene in range(counts.shape[1]):
        total = 0.0
        for cell in inside:
            total += 10_000 * counts[cell, gene] / counts[cell].sum()
        means.append(total / len(inside))
    at = GENES[species].index(symbol)
    above = sum(counts[cell, at] > 0 for cell in inside)
    # Sums of float32 logarithms differ in their last digits, which must not part equal means.
    ranks = rankdata(np.round(means, 3))
    return len(inside), above, 100 * (ranks[at] - 0.5) / len(means)


@pytest.mark.parametrize("gene", ["ALB", "Alb", "COL1A1", "col1a1b", "APOA1", "Lyz1", "GENE2"])
def test_every_number_is_that_of_a_loop(three, gene):
    found = rows(three, gene=gene)
    measured = [row for row in found if row["n"] is not None]
    assert measured
    for row in measured:
        species = row["dataset"].split("/")[0]
        n, above, percentile = naive(species, row["symbol"], row["types"].split(" + "))
        assert (row["n"], row["n_expressing"], row["n_genes"]) == (n, above, len(GENES[species]))
        assert row["pct_expressing"] == pytest.approx(100 * above / n)
        assert row["percentile"] == pytest.approx(percentile, abs=1e-9)
    for row in found:
        assert (row["n"] is None) == bool(row["why"])
        assert all(row[name] is None for name in ("n_expressing", "pct_expressing", "percentile")) == bool(row["why"])


def test_paralogs_are_rows_of_their_own_and_never_one_number(three):
    found = rows(three, gene="COL1A1")
    assert list(dict.fromkeys(row["row"] for row in found)) == ["COL1A1 / Col1a1", "col1a1a", "col1a1b"]
    shown = {(row["row"], row["dataset"]): row["symbol"] for row in found if row["symbol"]}
    assert shown == {
        ("COL1A1 / Col1a1", "human/liver"): "COL1A1",
        ("COL1A1 / Col1a1", "mouse/liver"): "Col1a1",
        ("col1a1a", "zebrafish/liver"): "col1a1a",
        ("col1a1b", "zebrafish/liver"): "col1a1b",
    }
    # From one of the paralogs the other stands in a row of its own as well.
    found = rows(three, gene="col1a1a")
    assert list(dict.fromkeys(row["row"] for row in found)) == ["col1a1a / COL1A1 / Col1a1", "col1a1b"]


def test_cell_types_are_matched_by_name_lineage_and_edit(three):
    found = {(row["cell_type"], row["dataset"]): (row["types"], row["match"]) for row in rows(three, gene="ALB")}
    assert found["Hepatocyte", "mouse/liver"] == ("Hepatocytes", "same name")
    assert found["Hepatocyte", "zebrafish/liver"] == ("Hep PC + Hep PP", "same lineage")
    assert found["Kupffer cell", "mouse/liver"] == ("macrophage", "same lineage")
    assert found["Kupffer cell", "zebrafish/liver"] == ("", "no match")
    assert found["LSEC", "human/liver"] == ("LSEC", "reference")
    edited = rows(three, gene="ALB", match="Kupffer cell=mystery;LSEC=mouse/liver:")
    found = {(row["cell_type"], row["dataset"]): (row["types"], row["match"]) for row in edited}
    assert found["Kupffer cell", "mouse/liver"] == ("mystery", "edited")
    assert found["LSEC", "mouse/liver"] == ("", "edited")


def test_no_ortholog_known_is_said_in_words(three):
    found = rows(three, gene="CYP2E1")
    why = {row["why"] for row in found if row["dataset"] == "zebrafish/liver"}
    assert why == {
        "No zebrafish ortholog of CYP2E1 is known (the small table that comes with the program).",
    }
    drawn = render(three, permalink(gene="CYP2E1"))
    assert "No zebrafish ortholog of CYP2E1 is known" in drawn.legend
    # A gene that no table has is not looked for by its name in another case.
    assert {row["symbol"] for row in rows(three, gene="GENE1")} == {"GENE1", ""}


def test_the_reference_may_stand_alone(three):
    found = rows(three, gene="COL1A1", others="none")
    assert {row["dataset"] for row in found} == {"human/liver"}
    assert [row["cell_type"] for row in found] == ["Hepatocyte", "Kupffer cell", "LSEC"]
    view, problems = resolve(three, "?atlas=human/liver&others=none&tab=concordance")
    assert (problems, view.others, "others=none" in view.state) == ([], (), True)
    assert view.matching.sentence == "No other atlas is compared."
    drawn = render(three, permalink(gene="ALB", others="none"))
    assert "others=none" in drawn.facts["permalink"]


def test_a_list_of_genes_and_what_is_none(three):
    table, said = tables.dotplot(three, SpeciesQuery(**ALL, genes="ALB col1a1a nothing"))
    assert list(dict.fromkeys(table["gene"].to_pylist())) == ["ALB", "col1a1a"]
    assert said["genes"] == ["ALB (human)", "col1a1a (zebrafish)"]
    assert [each["name"] for each in said["unknown"]] == ["nothing"]
    with pytest.raises(UnknownGene, match="No name of the list"):
        tables.dotplot(three, SpeciesQuery(**ALL, genes="nothing at all"))


def test_what_cannot_be_compared(three):
    with pytest.raises(InvalidQuery, match="There is no cell type"):
        rows(three, gene="ALB", match="Kupffer cell=nothing")
    with pytest.raises(InvalidQuery, match="No cell type of human/liver matches"):
        rows(three, gene="ALB", others="mouse/liver", match="Hepatocyte=;LSEC=;Kupffer cell=")
    with pytest.raises(InvalidQuery, match="100 are compared"):
        params_of(three, [NamedGene(f"x{at}", "human") for at in range(101)], [], _matching(three))


def _matching(services):
    return tables.resolved(services, SpeciesQuery(**ALL)).matching


def permalink(**query):
    return f"/species{SpeciesQuery(**{**ALL, **query, 'tab': 'dots'}).search()}"


def test_the_figure_says_n_and_how_cell_types_were_matched(three):
    drawn = render(three, permalink(gene="COL1A1"), Look.of(width=180))
    assert "human/liver, 60 cells of 2 samples" in drawn.legend
    assert "3 of 3 cell types match in mouse/liver (2 by name, 1 by lineage); no match for mystery" in drawn.legend
    assert "Hep" not in drawn.title
    # One of the atlases is simulated.
    assert drawn.title.startswith("SIMULATED")
    assert "The cells of zebrafish/liver are simulated." in drawn.methods
    assert drawn.facts["simulated"] is True
    assert drawn.figure["layout"]["width"] == pytest.approx(drawn.look.pixels(180), abs=0.01)
    assert "  " not in drawn.legend + drawn.methods
    again = render(three, str(drawn.facts["permalink"]), Look.of(width=180))
    assert (again.figure, again.facts) == (drawn.figure, drawn.facts)
    assert list(drawn.tables) == ["dotplot"]


def test_a_changed_atlas_is_told_where_the_figure_shows_it(three):
    link = str(render(three, permalink(gene="ALB")).facts["permalink"])
    *_, fish = digests_of(link.partition("?")[2])
    broken = link.replace(fish, "0" * 12)
    note = "zebrafish/liver has changed since the link was created: the figure may differ."
    assert note in render(three, broken).notes
    pair = broken.replace("species_dots", "concordance").partition("?")[2]
    assert [each.text for each in resolve(three, pair)[1]] == []
    assert [each.text for each in resolve(three, f"{pair}&second=zebrafish/liver")[1]] == [note]


def test_marks_stand_where_there_is_nothing_to_measure(three):
    view = tables.resolved(three, SpeciesQuery(**ALL, gene="CYP2E1"))
    figure = dots.draw(dots.compute(three, view), LIGHT)
    marks = next(trace for trace in figure["data"] if trace["mode"] == "text")
    # No ortholog in zebrafish in each of three types.
    assert marks["text"] == ["×", "×", "×"]
    view = tables.resolved(three, SpeciesQuery(**ALL, gene="APOA1"))
    figure = dots.draw(dots.compute(three, view), LIGHT)
    marks = next(trace for trace in figure["data"] if trace["mode"] == "text")
    # Both paralogs have no matching Kupffer cell there; that they have rows of their own is no mark.
    assert marks["text"] == ["–", "–"]
    assert figure["layout"]["height"] > 3 * 3 * 20
    assert all(math.isfinite(at) for at in figure["layout"]["yaxis"]["tickvals"])
