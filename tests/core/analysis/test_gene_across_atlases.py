"""One gene in every atlas."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from core.analysis.gene_across_atlases import COLUMNS, GeneParams, by_cell_type, find, labelled, names_in, search
from core.atlas.catalog import Catalog
from core.atlas.paths import AtlasId
from core.errors import InvalidQuery, UnknownGene
from core.genes.orthologs import built_in
from tests.core.ingest._build import counts, made


@pytest.fixture
def catalog(atlas_of, data):
    def build(species, name, genes, **obs):
        var = pd.DataFrame({"gene_ids": [f"ENSX{at}" for at in range(len(genes))]}, index=list(genes))
        frame = pd.DataFrame(obs or {"x": range(12)}, index=[f"c{at}" for at in range(12)])
        atlas_of(made(counts(12, len(genes), density=0.7), obs=frame, var=var), name=name, species=species)

    types = pd.Categorical(["A"] * 5 + ["B"] * 6 + [None])
    build("human", "liver", ["ALB", "APOA1", "SAA1", "apoa1", "Q"], cell_type=types)
    build("mouse", "liver", ["Alb", "Saa2", "Saa1", "Lyz1", "Lyz2"], cell_type=types)
    build("zebrafish", "fish", ["apoa1a", "apoa1b", "q"])
    return Catalog(data)


def found(catalog, gene):
    here, missing = find(catalog, built_in(), gene)
    return [(it.atlas.id, it.gene, it.relation, it.of) for it in here], {it.manifest.id: it.why for it in missing}


def test_by_symbol_and_by_ortholog(catalog):
    here, missing = found(catalog, "APOA1")
    assert here == [
        ("human/liver", "APOA1", "symbol", 1),
        ("zebrafish/fish", "apoa1a", "ortholog", 2),
        ("zebrafish/fish", "apoa1b", "ortholog", 2),
    ]
    assert missing == {"mouse/liver": "Its known ortholog in mouse, Apoa1, is not in this atlas."}
    here, missing = found(catalog, "ALB")
    assert here == [("human/liver", "ALB", "symbol", 1), ("mouse/liver", "Alb", "ortholog", 1)]
    assert missing == {"zebrafish/fish": "ALB has no ortholog known here in zebrafish."}
    assert found(catalog, "LYZ")[0] == [("mouse/liver", "Lyz1", "ortholog", 2), ("mouse/liver", "Lyz2", "ortholog", 2)]
    # A name that no table knows is a name.
    assert found(catalog, "q")[0] == [("human/liver", "Q", "symbol", 1), ("zebrafish/fish", "q", "symbol", 1)]


def test_a_gene_has_no_orthologs_in_its_own_species(catalog):
    assert names_in(catalog.get("mouse/liver"), "Saa1", built_in()) == {"Saa1": "symbol"}


def test_what_is_nowhere(catalog):
    with pytest.raises(UnknownGene, match='"ALBX" was not found in any atlas') as caught:
        find(catalog, built_in(), "ALBX")
    assert "ALB" in caught.value.suggestions
    with pytest.raises(InvalidQuery, match="1 to 100"):
        find(catalog, built_in(), "x" * 101)


def test_a_name_that_fits_several_genes_says_so(catalog):
    assert "fits 2 genes" in found(catalog, "ApoA1")[1]["human/liver"]
    # The mouse gene has one ortholog, whatever else is spelled like it.
    assert found(catalog, "Apoa1")[0][0] == ("human/liver", "APOA1", "ortholog", 1)
    catalog.remove(AtlasId.parse("zebrafish/fish"))
    with pytest.raises(InvalidQuery, match="fits 2 genes"):
        find(catalog, built_in(), "ApoA1")


def test_a_broken_atlas_is_missing(catalog):
    (catalog.places.atlases / "mouse" / "liver" / "var.parquet").write_bytes(b"x")
    _, missing = found(catalog, "ALB")
    assert "cannot be read" in missing["mouse/liver"]
    assert "Alb" not in search(catalog, "alb", 9)


def test_the_table_against_pandas(catalog):
    atlas = catalog.get("human/liver")
    table = by_cell_type(atlas, GeneParams("APOA1"))
    values = atlas.layer().dense(1).astype(np.float64)
    types = np.array(["A"] * 5 + ["B"] * 6 + ["(not given)"])
    expected = pd.DataFrame({"category": types, "value": values}).groupby("category", sort=False)["value"]
    assert table["category"].to_pylist() == ["A", "B", "(not given)"]
    assert table["n"].to_pylist() == expected.size().tolist()
    assert table["n_expressing"].to_pylist() == expected.apply(lambda it: int((it > 0).sum())).tolist()
    np.testing.assert_allclose(table["pct_expressing"].to_numpy(), expected.apply(lambda it: 100 * (it > 0).mean()))
    np.testing.assert_allclose(table["mean"].to_numpy(), expected.mean(), rtol=1e-12)


def test_without_cell_types_it_is_all_cells(catalog):
    atlas = catalog.get("zebrafish/fish")
    (row,) = by_cell_type(atlas, GeneParams("q")).to_pylist()
    values = atlas.layer().dense(2).astype(np.float64)
    assert (row["category"], row["n"], row["n_expressing"]) == ("All cells", 12, int((values > 0).sum()))
    assert row["mean"] == pytest.approx(values.mean(), rel=1e-12)


def test_negative_values_are_not_expressed(atlas_of, data):
    dense = np.array([[-1.5, 0.0], [0.0, 1.0], [2.5, 1.0]], dtype=np.float32)
    atlas_of(made(sparse.csr_matrix(dense)), name="x", species="human")
    catalog = Catalog(data)
    (row,) = by_cell_type(catalog.get("human/x"), GeneParams("Gene0")).to_pylist()
    assert (row["n"], row["n_expressing"]) == (3, 1)
    assert row["mean"] == pytest.approx(1 / 3)


def test_labels(catalog):
    here, _ = find(catalog, built_in(), "APOA1")
    table = labelled(here[1], by_cell_type(here[1].atlas, GeneParams(here[1].gene)))
    assert table.column_names == list(COLUMNS)
    assert table.schema.types == list(COLUMNS.values())
    row = table.to_pylist()[0]
    assert (row["dataset"], row["gene"], row["relation"], row["unit"]) == (
        "zebrafish/fish", "apoa1a", "ortholog", "log1p(CP10k)",
    )  # fmt: skip


def test_rows_say_whether_they_are_simulated(atlas_of, data):
    for name, simulated in (("real", False), ("made", True)):
        atlas_of(made(counts(30, 4)), name=name, species="human", simulated=simulated)
    here, _ = find(Catalog(data), built_in(), "Gene0")
    rows = [row for each in here for row in labelled(each, by_cell_type(each.atlas, GeneParams("Gene0"))).to_pylist()]
    assert {row["dataset"]: row["simulated"] for row in rows} == {"human/real": False, "human/made": True}


def test_search(catalog):
    assert search(catalog, "alb", 9) == {"ALB": ["human/liver"], "Alb": ["mouse/liver"]}
    assert list(search(catalog, "apoa1", 9)) == ["apoa1", "APOA1", "apoa1a", "apoa1b"], "as it is spelled first"
    assert list(search(catalog, "a2", 9)) == ["Saa2"]
    assert list(search(catalog, "ENSX0", 2)) == ["ALB", "Alb"]
    assert len(search(catalog, "", 3)) == 3
    assert search(catalog, "nothing", 3) == {}
