"""The state of the page Species, and the family of a gene."""

import pytest

from core.errors import UnknownGene
from core.services.gene_family import family, family_table, named_gene
from core.urls.page_queries import SpeciesQuery
from core.views.species.state import comparable, resolve


def test_the_nearest_atlas_of_each_other_species_stands_beside(three):
    view, problems = resolve(three, "?atlas=human/liver")
    assert problems == []
    assert view.query.others == "mouse/liver,zebrafish/liver"
    assert (view.query.gene, view.query.species) == ("ALB", "human")
    assert [each.id for each in comparable(three.catalog, view.atlas)] == ["mouse/liver", "zebrafish/liver"]
    again, problems = resolve(three, view.state)
    assert (again.state, problems) == (view.state, [])


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("others=mouse/liver,mouse/nothing", "It is left out."),
        ("match=Kupffer cell", "cannot be read"),
        ("match=Kupffer cell=nothing", "There is no cell type 'nothing'"),
        ("match=Kupfer=LSEC", "There is no cell type 'Kupfer' in human/liver."),
        ("match=LSEC=rat/x:LSEC", "rat/x is not among the atlases compared."),
        ("species=rat", "There are no orthologs of 'rat'."),
        ("gene=NOTAGENE", '"NOTAGENE" is not a known gene'),
        ("gene=ALB&where=Group:MASH", "A filter"),
        ("gene=ALB&where=Group=MASH", "Filters do not apply"),
        ("tab=nothing", "There is not a tab 'nothing'"),
        ("gene=alb", "alb is shown as the human gene ALB."),
    ],
)
def test_problems_of_an_address(three, parameters, said):
    _, problems = resolve(three, f"?atlas=human/liver&{parameters}")
    assert said.replace("A filter", "") in " ".join(problem.text for problem in problems)


def test_edits_are_kept_in_the_address_with_their_atlas(three):
    view, problems = resolve(three, "?atlas=human/liver&match=Kupffer cell%3Dmystery%3BLSEC%3DLSEC")
    assert problems == []
    assert view.query.match == ("Kupffer cell=mouse/liver:mystery;LSEC=mouse/liver:LSEC;LSEC=zebrafish/liver:LSEC")
    assert resolve(three, view.state)[0].state == view.state


def test_a_name_is_a_gene_of_the_species_that_spells_it_so(three):
    found = {name: named_gene(three, name) for name in ("ALB", "Alb", "col1a1a", "gene3", "Gene1")}
    assert [(each.species, each.note) for each in found.values()] == [
        ("human", ""),
        ("mouse", ""),
        ("zebrafish", ""),
        ("zebrafish", ""),
        ("mouse", ""),
    ]
    assert named_gene(three, "alb", prefer="mouse").gene == "Alb"
    assert named_gene(three, "albumin").gene == "ALB"
    with pytest.raises(UnknownGene, match="not a known zebrafish gene"):
        named_gene(three, "ALBX", "zebrafish")


def test_a_family_has_every_ortholog_and_paralog_with_its_atlases(three):
    table, said = family_table(three, "col1a1a")
    assert (said["gene"], said["species"]) == ("col1a1a", "zebrafish")
    rows = [(row["species"], row["gene"], row["relation"], row["datasets"]) for row in table.to_pylist()]
    assert rows == [
        ("zebrafish", "col1a1a", "gene", "zebrafish/liver"),
        ("zebrafish", "col1a1b", "paralog", "zebrafish/liver"),
        ("human", "COL1A1", "n:1", "human/liver"),
        ("mouse", "Col1a1", "n:1", "mouse/liver"),
    ]
    assert "COL1A1 (human)" in table["evidence"][1].as_py()
    members = family(three, named_gene(three, "CYP2E1"))
    assert [(each.gene, each.relation) for each in members] == [("CYP2E1", "gene"), ("Cyp2e1", "1:1"), ("", "none")]
    assert members[-1].evidence.startswith("No zebrafish ortholog of CYP2E1 is known")
    # In an atlas only: no name in another case is taken for an ortholog.
    members = family(three, named_gene(three, "GENE1"))
    assert [each.relation for each in members] == ["gene", "none", "none"]
    assert "no table of orthologs has it" in members[1].evidence


def test_the_gene_of_another_page_is_not_found_by_its_case_alone(three):
    """APOA1 has paralogs in zebrafish and none called apoa1, whatever the atlas calls its genes."""
    from core.analysis.gene_across_atlases import names_in

    fish = three.catalog.get("zebrafish/liver")
    assert names_in(fish, "APOA1", three.orthologs) == {"apoa1a": "ortholog", "apoa1b": "ortholog"}
    with pytest.raises(UnknownGene, match="no ortholog known here in zebrafish"):
        names_in(fish, "CYP2E1", three.orthologs)
    view, problems = resolve(three, SpeciesQuery("zebrafish/liver", gene="ALB").search())
    assert (view.query.species, problems) == ("human", [])
