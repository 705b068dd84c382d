"""The species of a file, told by what one species alone has."""

import csv

import pytest

from core.genes.genomes import genomes_of, split_genome, without_genome
from core.genes.ortholog_table import ORTHOLOGS
from core.genes.species import guess_species, marks
from core.genes.species_marks import NAMES, PATTERNS

# Genes that differ merely in case between human and mouse, and fill a file.
SHARED = [gene for gene, others in ORTHOLOGS.items() if others["mouse"] == (gene.capitalize(),)][:200]
MOUSE = ["Trp53", "H2-K1", "H2-Aa", "Cyp2c29", "Cyp3a11", "Serpina1a", "Mup20", "Gm10076", "1110008P14Rik", "Zfp110"]
HUMAN = ["TP53", "HLA-A", "HLA-DRA", "CYP2C9", "CYP3A4", "SERPINA1", "LINC01234", "AC010468.1", "ZNF10", "MT1X"]


def told(organisms=(), genes=(), symbols=()):
    return guess_species(organisms, genes, symbols).species


@pytest.mark.parametrize(
    ("organisms", "genes", "species"),
    [
        (["Homo sapiens"], [], "human"),
        (["Homo sapiens (human)"], [], "human"),
        (["NCBITaxon:10090"], [], "mouse"),
        (["mm10"], [], "mouse"),
        (["Danio rerio"], ["ALB"] * 60, "zebrafish"),
        (["Homo sapiens", "Mus musculus"], [], "integrated"),
        (["GRCh38", "mm10"], [], "integrated"),
        (["Sus scrofa"], [*SHARED, *HUMAN], "other"),
        (["NCBITaxon:9823"], [*SHARED, *HUMAN], "other"),
        ([""], ["ENSG00000163631"], "human"),
        (["not known"], ["ENSG00000163631"], "human"),
        ([], ["ENSMUSG00000029368.3"], "mouse"),
        ([], ["ENSDARG00000000001"], "zebrafish"),
        ([], ["ENSRNOG00000000001"], "other"),
        ([], [*(f"ENSG{i:011d}" for i in range(9)), *(f"ENSMUSG{i:011d}" for i in range(9))], "integrated"),
        ([], [*(f"ENSG{i:011d}" for i in range(99)), "ENSMUSG00000000001"], "human"),
        ([], [f"GENE{i}" for i in range(60)], "other"),
        ([], [f"Gene{i}" for i in range(60)], "mouse"),
        ([], [f"gene{i}a" for i in range(60)], "zebrafish"),
        ([], [str(i) for i in range(60)], "other"),
        ([], ["ALB"] * 60, "other"),
        ([], [*HUMAN], "other"),
        ([], [], "other"),
    ],
)
def test_species_are_told_or_guessed(organisms, genes, species):
    assert told(organisms, genes) == species


@pytest.mark.parametrize("spelled", [str, str.upper, str.lower, str.capitalize])
def test_case_decides_nothing(spelled):
    assert told(genes=[spelled(gene) for gene in (*SHARED, *MOUSE)]) == "mouse"
    assert told(genes=[spelled(gene) for gene in (*SHARED, *HUMAN)]) == "human"
    assert told(genes=[spelled(gene) for gene in (*SHARED, "si:ch211-1a2.3", "zgc:12345", "fabp10a")]) == "zebrafish"


@pytest.mark.parametrize("gene", ["H2-K1", "MUP20", "TRP53", "CYP2C29", "GM10076", "HBB-BT", "SERPINA3K"])
def test_one_gene_that_only_mice_have_is_enough_in_capitals(gene):
    assert guess_species((), [*SHARED, gene]) == ("mouse", "1 genes that only this species has")


def test_capitals_alone_are_human_only_with_known_genes():
    assert told(genes=SHARED) == "human"
    assert told(genes=[f"ABC{at}" for at in range(100)]) == "other"


@pytest.mark.parametrize("gene", ["RT1-A1", "SLA-DRA", "MAMU-A", "BOLA-DRA"])
def test_rats_pigs_macaques_and_cattle_are_neither(gene):
    assert told(genes=[*SHARED, gene]) == "other"


def test_equal_evidence_for_two_species_tells_none_and_much_of_both_an_integrated_atlas():
    assert told(genes=[*SHARED, "MUP20", "HLA-A"]) == "other"
    assert told(genes=[*SHARED, *MOUSE, *HUMAN, "Mup3", "HLA-B"]) == "integrated"


def test_symbols_tell_where_ids_do_not():
    assert told(genes=[str(at) for at in range(210)], symbols=[*SHARED, *MOUSE]) == "mouse"


def test_a_genome_before_the_names_tells_the_species():
    assert told(genes=["GRCh38_ALB", "GRCh38_GENE30"]) == "human"
    assert told(genes=["mm10___Alb", "mm10___Apoa1"]) == "mouse"
    assert told(genes=["GRCh38_ALB", "mm10_Alb"]) == "integrated"
    assert told(genes=["hg19_ENSG00000163631", "mm10_ENSMUSG00000029368"]) == "integrated"


def test_a_genome_is_taken_off_where_all_names_have_the_same():
    assert split_genome("GRCh38___ALB") == ("GRCh38", "ALB")
    assert split_genome("GRCh38_____ALB") == ("GRCh38", "ALB")
    assert split_genome("mm10___") == ("", "mm10___")
    assert split_genome("grcm38_Alb") == ("GRCm38", "Alb")
    assert split_genome("mm10") == ("", "mm10")
    assert split_genome("MM1_ABC") == ("", "MM1_ABC")
    assert without_genome(["GRCh38_ALB", "GRCh38_A_B", "GRCh38_C-D", "GRCh38_E", "CD3-ADT"]) == (
        ["ALB", "A_B", "C-D", "E", "CD3-ADT"]
    )
    assert without_genome(["GRCh38_ALB", "ALB"]) is None
    assert without_genome(["GRCh38_ALB", "mm10_Alb"]) is None
    assert without_genome([]) is None
    assert genomes_of(["ALB"]) == set()


def test_no_name_is_listed_for_two_species():
    for species, names in NAMES.items():
        for name in names:
            assert marks([name]) == {species: 1}, name


@pytest.mark.real
def test_orthologs_of_the_literature_bear_out_the_names(real_data):
    """Compare with HomoloGene: names of the other species are hardly ever taken for those of one."""
    table = real_data.parent / "genesets" / "orthologs_human_mouse_zebrafish_homologene.csv"
    if not table.exists():
        pytest.skip("the table of HomoloGene is not beside the data")
    with table.open() as file:
        rows = list(csv.DictReader(file))
    for species in ("human", "mouse"):
        found = marks({row[species].upper() for row in rows} - {""})
        assert found[species] > 50 * (found.total() - found[species]), found
    assert PATTERNS.keys() == NAMES.keys()
