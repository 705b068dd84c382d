"""The species and the genomes of a file, and the names of its genes without them."""

import pandas as pd
import pytest

from tests.core.ingest._build import counts, made

RAW = counts(30, 12)
GENES = [f"Gene{i}" for i in range(12)]
IDS = [f"ENSG{at:011d}" for at in range(12)]


def test_one_genome_is_taken_off_the_names(atlas_of):
    atlas = atlas_of(made(RAW, var=pd.DataFrame(index=[f"mm10___{gene}" for gene in GENES])))
    assert (atlas.manifest.species, atlas.genes.names) == ("mouse", tuple(GENES))
    assert atlas.genes.resolve("mm10___Gene3") == atlas.genes.resolve("Gene3") == 3
    assert atlas.manifest.notes == ("Every gene name begins with the genome mm10; it was taken off.",)


def test_a_genome_before_symbols_alone(atlas_of):
    atlas = atlas_of(made(RAW, var=pd.DataFrame({"gene_symbols": [f"GRCh38_{gene}" for gene in GENES]}, index=IDS)))
    assert (atlas.manifest.species, atlas.genes.names) == ("human", tuple(GENES))
    assert atlas.manifest.notes == ("Every gene name begins with the genome GRCh38; it was taken off.",)


@pytest.mark.parametrize(("prefix", "species"), [("ENSMUSG", "mouse"), ("ENSRNOG", "other"), ("ENSDARG", "zebrafish")])
@pytest.mark.parametrize("of_raw", [True, False])
def test_ids_in_a_column_tell_the_species_of_genes_in_capitals(prefix, species, of_raw, atlas_of):
    human = ["ALB", "TP53", "HLA-A", "HLA-DRA", *(f"CAP{at}" for at in range(60))]
    var = pd.DataFrame({"gene_ids": [f"{prefix}{at:011d}" for at in range(64)]}, index=human)
    adata = made(counts(30, 64), var=var)
    if of_raw:
        adata.raw = made(counts(30, 64), var=pd.DataFrame(index=human), umap=False)
    assert atlas_of(adata).manifest.species == species


def test_a_genome_before_ids_and_symbols(atlas_of):
    var = pd.DataFrame({"gene_symbols": [f"GRCh38_{gene}" for gene in GENES]}, index=[f"GRCh38_{gene}" for gene in IDS])
    atlas = atlas_of(made(RAW, var=var))
    assert (atlas.manifest.species, atlas.genes.names) == ("human", tuple(GENES))
    assert atlas.genes.resolve(IDS[2]) == 2


def test_two_genomes_stay_apart(atlas_of):
    genes = [*(f"GRCh38_{gene}" for gene in GENES[:6]), *(f"mm10_{gene}" for gene in GENES[:6])]
    atlas = atlas_of(made(RAW, var=pd.DataFrame(index=genes)))
    assert (atlas.manifest.species, atlas.genes.names) == ("integrated", tuple(genes))


def test_the_column_of_genomes_tells_the_species(atlas_of):
    var = pd.DataFrame({"genome": ["GRCh38"] * 6 + ["mm10"] * 6}, index=GENES)
    assert atlas_of(made(RAW, var=var)).manifest.species == "integrated"
