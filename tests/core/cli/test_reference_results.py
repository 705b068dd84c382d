"""Differences, enrichment and activity as a user runs them on real files, against the numbers of R and decoupler.

The files are those of MASLDATLAS_TEST_DATA; the numbers and the gene sets lie in ``reference`` and ``genesets`` beside
it. PyDESeq2's ranking is given as a file (``--ranking``), since the numbers of others are of that ranking.
"""

import csv
import io
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from core.analysis.design import DesignParams
from core.analysis.differences import DifferencesParams, differences
from core.analysis.sides import Sides
from core.atlas.catalog import Catalog
from core.cli import main
from tests.references import beside_real_data, gmt, install
from tests.tables import body, parted

pytestmark = pytest.mark.real
KANG, GLIOBLASTOMA, CONTROLS = (
    "human_pbmc_kang2018_ifnb_2donors", "human_glioblastoma_panobinostat_5pat_x2", "human_pbmc_kang2018_ctrl_8donors"
)  # fmt: skip
SIDES = ("--by", "group_id", "--a", "stim", "--b", "ctrl", "--cell-type", "CD14+ Monocytes")
INTERFERON = {"INTERFERON_ALPHA_RESPONSE", "INTERFERON_GAMMA_RESPONSE"}


@pytest.fixture(scope="module")
def data(tmp_path_factory, real_data):
    """Return a data directory with an atlas, gene sets and networks."""
    data = tmp_path_factory.mktemp("results")
    imported(data, real_data, KANG)
    folder = beside_real_data("genesets")
    hallmark = pd.read_csv(folder / "hallmark_human_biomas.csv").groupby("source")["target"]
    install(
        data,
        sets={
            "hallmark": {name: genes.tolist() for name, genes in hallmark},
            "reactome": gmt(folder / "reactome_human_msigdb_v7.2.gmt"),
        },
        edges={name: edges(folder / f"{name}_human_biomas.csv") for name in ("collectri", "progeny")},
    )
    return data


@pytest.fixture(scope="module")
def more(data, real_data):
    """Import the other two atlases, which have no map: this takes 15 s."""
    imported(data, real_data, GLIOBLASTOMA)
    imported(data, real_data, CONTROLS)


def imported(data, real_data, name):
    with pytest.raises(SystemExit) as caught:
        main(["--data-dir", str(data), "import", str(real_data / f"{name}.h5ad"), "--species", "human"])
    assert caught.value.code == 0


def edges(path):
    table = pd.read_csv(path)
    p = table["padj"] if "padj" in table else np.full(len(table), np.nan)
    return list(zip(table["source"], table["target"], table["weight"], p, strict=True))


def rows(answer, index):
    code, out, err = answer
    assert code == 0, err
    return pd.read_csv(io.StringIO(body(out)), keep_default_na=False, na_values=[""]).set_index(index)


def r_numbers(name):
    return pd.read_csv(beside_real_data("reference") / "r" / f"{name}.csv", index_col=0)


def ranking(name):
    """Name PyDESeq2's table as a file, whose columns of numbers the command knows."""
    return "--ranking", str(beside_real_data("reference") / f"{name}.csv")


def test_monocytes_answer_to_interferon_with_rs_numbers(run):
    code, out, err = run("differences", f"human/{KANG}", *SIDES)
    assert code == 0
    assert "A side has two samples only" in err
    facts, table = parted(out)
    header = next(csv.reader([table.splitlines()[0]]))
    assert ",".join(header) == "gene,id,base_mean,log2fc,ci_low,ci_high,stat,p,p_adj,pct_a,pct_b,why"
    assert "1,225 genes with enough counts" in facts["methods"]
    assert "linear model ~ group_id" in facts["methods"]
    assert "numpy" in facts["methods"]
    found = rows((code, out, err), "gene")
    assert {"ISG15", "IFI6", "IFIT1"} <= set(found.index[:40])
    assert (found.loc[["ISG15", "IFI6", "IFIT1"], "log2fc"] > 3).all()
    wanted = r_numbers("kang2v2__CD14-Monocytes.unpaired.limmatrend")
    assert found["p"].notna().sum() == len(wanted)
    found = found.loc[wanted.index]
    np.testing.assert_allclose(found["log2fc"], wanted["log2FC"], atol=1e-9)
    np.testing.assert_allclose(found["stat"], wanted["stat"], atol=1e-9)
    np.testing.assert_allclose(found["p"], wanted["pvalue"], rtol=1e-8)
    np.testing.assert_allclose(found["p_adj"], wanted["padj"], rtol=1e-8)


@pytest.mark.slow
@pytest.mark.parametrize("pairing", ["paired", "unpaired"])
def test_glioblastoma_is_rs_with_and_without_pairs(run, more, pairing):
    pairs = ("--paired", "patient_id") if pairing == "paired" else ()
    answer = run("differences", f"human/{GLIOBLASTOMA}", "--by", "condition", "--a", "panobinostat", "--b", "ctrl",
                 "--pooled", "--sample", "sample_id", *pairs)  # fmt: skip
    assert ("paired by patient_id finds more" in answer[2]) == (pairing == "unpaired")
    found = rows(answer, "id")
    wanted = r_numbers(f"gbm5paired__all.{pairing}.limmatrend")
    found = found.loc[wanted.index]
    np.testing.assert_allclose(found["log2fc"], wanted["log2FC"], atol=1e-9)
    np.testing.assert_allclose(found["p"], wanted["pvalue"], rtol=1e-8)
    assert (found["p_adj"] < 0.05).sum() == (wanted["padj"] < 0.05).sum()


def test_interferon_leads_in_sets_and_factors(run):
    asked = (f"human/{KANG}", *SIDES)
    ora = rows(run("enrichment", *asked), "set")
    assert set(ora[ora["direction"] == "up"].index[:3]) >= INTERFERON
    gsea = rows(run("enrichment", *asked, "--method", "gsea"), "set")
    assert set(gsea.index[:2]) == INTERFERON
    assert (gsea["nes"].iloc[:2] > 0).all()
    factors = rows(run("activity", *asked), "source")
    assert factors.index[0] == "STAT1"
    assert "STAT2" in factors.index[:6]
    assert (factors.loc[["STAT1", "STAT2"], "activity"] > 0).all()
    pathways = rows(run("activity", *asked, "--network", "progeny"), "source")
    assert pathways.index[0] == "JAK-STAT"


@pytest.mark.parametrize("name", ["kangifn_mono_paired_filt", "gbm_paired_filt"])
def test_sets_have_the_p_and_scores_of_others(run, name):
    # Without thresholds of the fold change, and of all sizes.
    whole = ("--min-change", "0", "--min-size", "1", "--max-size", "5000")
    for collection in ("hallmark", "reactome"):
        table = rows(run("enrichment", f"human/{KANG}", *ranking(name), "--collection", collection, *whole), "set")
        for direction in ("up", "down"):
            ours = table[table["direction"] == direction]
            theirs = pd.read_csv(beside_real_data("reference") / f"ora_{collection}_{direction}_{name}.csv")
            keys = [key if key in ours.index else f"REACTOME_{key}" for key in theirs["set"]]
            np.testing.assert_array_equal(ours.loc[keys, "n_genes"], theirs["overlap"])
            np.testing.assert_allclose(ours.loc[keys, "p"], theirs["p_universe_tested"], rtol=1e-9)
    scored = run("enrichment", f"human/{KANG}", *ranking(name), "--method", "gsea", "--min-size", "5")
    ours = rows(scored, "set")
    theirs = pd.read_csv(beside_real_data("reference") / f"gsea_hallmark_{name}.csv").set_index("Term")
    theirs = theirs.loc[[term for term in theirs.index if term in ours.index]]
    assert len(theirs) > 10
    np.testing.assert_allclose(ours.loc[theirs.index, "es"], theirs["ES"], atol=1e-6)


@pytest.mark.parametrize("name", ["kangifn_mono_paired_filt", "gbm_paired_filt"])
def test_activities_are_those_of_decoupler(run, name):
    for network, model in (("collectri", "ulm"), ("progeny", "mlm")):
        table = run("activity", f"human/{KANG}", *ranking(name), "--network", network, "--model", model)
        ours = rows(table, "source")
        theirs = pd.read_csv(beside_real_data("reference") / f"act_{network}_{model}_{name}.csv").set_index("source")
        np.testing.assert_allclose(ours.loc[theirs.index, "activity"], theirs["score"], rtol=1e-9)
        if model == "ulm":
            np.testing.assert_allclose(ours.loc[theirs.index, "p_adj"], theirs["padj"], rtol=1e-6)
        else:
            np.testing.assert_allclose(ours.loc[theirs.index, "p"], theirs["p"], rtol=1e-6)


@pytest.mark.slow
def test_untreated_donors_differ_in_nothing(data, more, pool):
    """Of all 35 divisions of eight untreated donors, few show a gene; real donors, not simulated ones."""
    atlas = Catalog(data).get(f"human/{CONTROLS}")
    donors = atlas.categorical("sample_id").categories
    with_hits = 0
    for some in combinations(donors[1:], 3):
        side = (donors[0], *some)
        sides = Sides.of(atlas, "sample_id", side, [name for name in donors if name not in side])
        asked = DesignParams.of(atlas, sides, sample="sample_id")
        table = differences(atlas, DifferencesParams.of(atlas, asked, "CD14+ Monocytes", "cluster_id"), pool)
        with_hits += bool((table["p_adj"].to_numpy() <= 0.05).any())
    # 5 % of 35 are 1.75.
    assert with_hits <= 2
