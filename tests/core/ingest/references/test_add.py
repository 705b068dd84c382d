"""Files of the operator: gene sets and networks."""

import gzip
import sys

import pytest

from core.errors import InvalidFile, InvalidInput
from core.genes.references import gene_sets, network
from core.ingest.references.add import add
from core.ingest.references.first_fetch import FirstFetch
from core.settings.settings import load
from core.system.logs import configure
from tests.redis_servers import until


def test_gene_sets(tmp_path):
    path = tmp_path / "My Sets.v1.gmt.gz"
    path.write_bytes(gzip.compress(b"A\thttp://x\tFasn\tAlb,1.0\nB\t\tTtr\n"))
    found = add(tmp_path, path, species="mouse", licence="ours", version="1")
    assert (found.name, found.species, found.licence, found.version) == ("my_sets_v1", ("mouse",), "ours", "1")
    assert gene_sets(tmp_path, "mouse")[0].sets == {"A": ("Fasn", "Alb"), "B": ("Ttr",)}


def test_a_network_takes_the_place_of_one_that_cannot_be_fetched(tmp_path):
    path = tmp_path / "regulons.csv"
    path.write_text("source,target,weight,PMID\nSREBF1,FASN,-1,1;2\n")
    found = add(tmp_path, path, name="collectri", species="human")
    assert (found.title, found.licence) == ("CollecTRI", "not stated")
    assert network(tmp_path, "collectri", "human").edges["weight"].to_pylist() == [-1.0]
    path.write_text("source\ttarget\tpadj\nAndrogen\tFASN\t0.5\n")
    assert add(tmp_path, path, name="progeny", species="human").n == 1
    assert network(tmp_path, "progeny", "human").edges["p"].to_pylist() == [0.5]


def test_the_species_is_told_from_the_spelling_of_many_genes(tmp_path):
    path = tmp_path / "a.gmt"
    path.write_text("A\t\t" + "\t".join(f"gene{at}a" for at in range(60)))
    assert add(tmp_path, path).species == ("zebrafish",)
    path.write_text("A\t\tFASN\n")
    with pytest.raises(InvalidInput, match="Nothing in the file tells the species"):
        add(tmp_path, path)


@pytest.mark.parametrize(
    ("name", "text", "how", "words"),
    [
        ("a.gmt", "", {}, "holds no gene set"),
        ("a.gmt", "A\tx\n", {}, "holds no gene set"),
        ("a.gmt", "A\t\tX\nA\t\tY\n", {}, "several sets named 'A'"),
        ("a.csv", "gene,weight\nX,1\n", {}, "neither a .gmt file nor a table"),
        ("a.csv", "human,mouse\nALB,Alb\n", {}, "table of orthologs, which is no reference. Set MASLDATLAS_ORTHOLOGS"),
        ("a.csv", "source,target,weight\nX,Y,much\n", {}, "Line 2 of the network: 'much' is not a number"),
        ("a.csv", "source,target,weight\nX,Y,inf\n", {}, "not a finite number"),
        ("a.csv", "source,target,weight\nX,,1\n", {}, "no source or no target"),
        ("a.gmt", "A\t\tX\n", {"name": "A B"}, "cannot be used"),
        ("a.gmt", "A\t\tX\n", {"name": "collectri"}, "another kind of reference"),
        ("a.gmt", "A\t\tX\n", {"species": "rat"}, "'rat' is not a species"),
    ],
)
def test_what_cannot_be_added(tmp_path, name, text, how, words):
    (tmp_path / name).write_text(text)
    with pytest.raises((InvalidFile, InvalidInput), match=words):
        add(tmp_path, tmp_path / name, **{"species": "human", **how})


def test_no_file(tmp_path):
    with pytest.raises(InvalidFile, match="There is no file"):
        add(tmp_path, tmp_path / "none.gmt")


@pytest.mark.parametrize(
    ("code", "on", "words"),
    [
        ("pass", "true", "reference data fetched"),
        ("import sys; sys.exit('masldatlas: no index')", "true", "reference data were not fetched"),
        ("pass", "false", ""),
    ],
)
def test_the_first_start_fetches_beside_the_server(tmp_path, capfd, code, on, words):
    settings = load(data_dir=tmp_path, references_fetch=on)
    configure(settings)
    first = FirstFetch(settings, (sys.executable, "-c", code))
    first.start()
    said = ""

    def told():
        nonlocal said
        said += "".join(capfd.readouterr())
        return words in said

    until(told, words)
    first.stop()
    assert ("being fetched" in said) == (on == "true")
