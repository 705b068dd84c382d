"""Enrichment of gene sets: what is counted, refused and said, and the results that others have for real data."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy.stats import fisher_exact, pearsonr

from core.analysis.enrichment import COLUMNS, UNBALANCED, EnrichmentOptions, curve, enrichment, facts_of
from core.analysis.gene_rankings import Ranking, read_ranking
from core.errors import InvalidFile, InvalidQuery, NotFound
from core.stats.enrichment import running_score
from core.stats.multiple_testing import benjamini_hochberg
from tests.references import beside_real_data, collection, gmt

N = 400


def example(seed=0):
    """Rank genes of which the first 40 are higher, the last 30 lower, and 20 untested."""
    rng = np.random.default_rng(seed)
    stat = rng.normal(size=N)
    stat[:40] += 3
    stat[-30:] -= 3
    stat[100:120] = np.nan
    return pa.table(
        {
            "gene": [f"G{at}" for at in range(N)],
            "stat": stat,
            "p_adj": np.where(np.isnan(stat), np.nan, np.where(np.abs(stat) > 2, 0.001, 0.6)),
            "log2fc": stat / 3,
        }
    )


def sets():
    rng = np.random.default_rng(1)
    found = {
        "high": [f"G{at}" for at in range(25)],
        "low": [f"G{at}" for at in range(N - 20, N)] + ["ELSEWHERE", "ELSEWHERE"],
        "untested": [f"G{at}" for at in range(100, 120)],
        "small": ["G0", "G1"],
    }
    found |= {f"random {at}": [f"G{gene}" for gene in rng.choice(N, 15, replace=False)] for at in range(12)}
    return collection("mine", found)


@pytest.fixture(scope="module")
def ranking():
    return Ranking.of_table(example())


def by_set(table, **wanted):
    rows = [row for row in table.to_pylist() if all(row[name] == value for name, value in wanted.items())]
    return {row["set"]: row for row in rows}


def test_untested_genes_are_in_no_universe(ranking):
    assert len(ranking.genes) == N - 20
    assert ranking.n_untested == 20
    assert (np.diff(ranking.stat) <= 0).all()
    assert not any(gene in ranking.genes for gene in sets().sets["untested"])


def test_over_representation(ranking):
    options = EnrichmentOptions.of("ora", min_size=5)
    table = enrichment(ranking, [sets()], options)
    assert tuple(table.column_names) == COLUMNS
    up, down = by_set(table, direction="up"), by_set(table, direction="down")
    assert up.keys() == down.keys() == set(sets().sets) - {"untested", "small"}
    listed = set(np.array(ranking.genes)[ranking.changed("up", 0.05, 1.0)])
    inside = set(sets().sets["high"])
    cells = [
        [len(listed & inside), len(listed - inside)],
        [len(inside - listed), len(set(ranking.genes) - listed - inside)],
    ]
    assert up["high"]["p"] == pytest.approx(fisher_exact(cells, "greater").pvalue, rel=1e-9)
    assert up["high"]["fold"] == pytest.approx(len(listed & inside) / (len(listed) * 25 / (N - 20)))
    assert set(up["high"]["genes"].split()) == listed & inside
    assert (down["low"]["n_source"], down["low"]["n_set"]) == (21, 20)
    for rows in (up, down):
        names = list(rows)
        np.testing.assert_allclose(
            [rows[name]["p_adj"] for name in names], benjamini_hochberg([rows[name]["p"] for name in names])
        )
    assert table["p"].to_pylist() == sorted(table["p"].to_pylist())
    assert facts_of(table)["sets"]["mine"] == {"n_sets": 16, "n_tested_sets": 14, "n_too_small": 2, "n_too_large": 0}


def test_the_order_of_rows_does_not_matter(ranking):
    mixed = example().take(np.random.default_rng(5).permutation(N))
    other = Ranking.of_table(mixed)
    assert other.genes == ranking.genes
    for method in ("ora", "gsea"):
        options = EnrichmentOptions.of(method, min_size=5, max_size=30)
        found, expected = (enrichment(each, [sets()], options) for each in (other, ranking))
        pd.testing.assert_frame_equal(found.to_pandas(), expected.to_pandas())


def test_ranked_enrichment(ranking):
    table = enrichment(
        ranking, [sets(), collection("yours", {"other": sets().sets["high"]})], EnrichmentOptions.of("gsea", min_size=5)
    )
    rows = by_set(table, collection="mine")
    places = np.array([ranking.genes.index(gene) for gene in sets().sets["high"]])
    curve = running_score(ranking.stat, places)
    assert rows["high"]["es"] == pytest.approx(curve.es)
    assert rows["high"]["genes"].split() == [ranking.genes[at] for at in curve.places[curve.leading]]
    assert rows["high"]["nes"] > 1.5 > -1.5 > rows["low"]["nes"]
    assert rows["low"]["genes"].split()[0] == ranking.genes[-1], "the lowest first"
    assert rows["low"]["direction"] == "down"
    assert rows["high"]["p_adj"] < 1e-3
    assert {name for name, row in rows.items() if row["p_adj"] < 0.01} == {"high", "low"}
    other = by_set(table, collection="yours")["other"]
    assert other["p"] == other["p_adj"] == rows["high"]["p"], "each collection is adjusted by itself"


def test_the_curve_of_one_set(ranking):
    places = [ranking.genes.index(gene) for gene in sets().sets["high"]]
    found = curve(ranking, sets(), "high")
    assert found.es == running_score(ranking.stat, np.array(places)).es
    assert found.places.tolist() == sorted(places)
    with pytest.raises(NotFound, match="Did you mean high"):
        curve(ranking, sets(), "hihg")
    with pytest.raises(InvalidQuery, match="No gene of untested was tested"):
        curve(ranking, sets(), "untested")


def test_a_plain_list_has_no_ranking():
    listed = Ranking.of_list(["G1", "G2", "G3", "NOWHERE"], [f"G{at}" for at in range(50)])
    found = by_set(
        enrichment(listed, [collection("c", {"s": ["g1", "G2", "G9", "H"]})], EnrichmentOptions.of(min_size=2))
    )
    assert found["s"]["n_genes"] == 2, "another case is the same gene where it is not ambiguous"
    assert found["s"]["p"] == pytest.approx(fisher_exact([[2, 1], [1, 46]], "greater").pvalue)
    assert found["s"]["direction"] == "up"
    with pytest.raises(InvalidQuery, match="no statistic"):
        enrichment(listed, [collection("c", {"s": ["G1"]})], EnrichmentOptions.of("gsea", min_size=1))
    for genes in ([], [f"G{at}" for at in range(50)]):
        with pytest.raises(InvalidQuery, match="nothing can be over-represented"):
            Ranking.of_list(genes, [f"G{at}" for at in range(50)])


def test_what_cannot_be_tested_is_refused(ranking):
    with pytest.raises(InvalidQuery, match="there is no list"):
        enrichment(ranking, [sets()], EnrichmentOptions.of(fdr=1e-6))
    with pytest.raises(InvalidQuery, match="No set of mine has 300 to 500 tested genes"):
        enrichment(ranking, [sets()], EnrichmentOptions.of(min_size=300))
    with pytest.raises(InvalidQuery, match="several statistics"):
        Ranking.of(["A", *[f"G{at}" for at in range(20)], "A"], np.arange(22.0))
    with pytest.raises(InvalidQuery, match="Only 2 genes were tested"):
        Ranking.of(["A", "B", "C"], [1, 2, np.nan])
    for bad in ({"method": "fisher"}, {"fdr": 0}, {"fdr": np.nan}, {"min_change": -1}, {"min_size": 0}, {"seed": -1},
                {"min_size": 20, "max_size": 10}, {"max_size": 10**6}):  # fmt: skip
        with pytest.raises(InvalidQuery):
            EnrichmentOptions.of(**bad)


def test_options_that_change_nothing_are_one_question():
    assert EnrichmentOptions.of("gsea", fdr=0.01, min_change=2) == EnrichmentOptions.of("gsea")
    assert EnrichmentOptions.of("ora", seed=7) == EnrichmentOptions.of()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("symbol,p\nA,1\n", "it needs gene and stat"),
        ("gene,stat\nA,high\n", "Row 1 of r.csv has 'high' in the column stat"),
        ("gene,stat\nA,1\nB,NA\n", "Only 1 gene was tested"),
    ],
)
def test_a_file_that_is_no_ranking(tmp_path, text, words):
    path = tmp_path / "r.csv"
    path.write_text(text)
    with pytest.raises(InvalidFile, match=words):
        read_ranking(path)


def test_a_file_of_a_ranking(tmp_path, ranking):
    path = tmp_path / "r.csv"
    path.write_text("# made by a test\n" + example().to_pandas().to_csv(index=False, na_rep="NA"))
    found = read_ranking(path)
    assert found.genes == ranking.genes
    np.testing.assert_array_equal(found.stat, ranking.stat)
    np.testing.assert_array_equal(found.changed("down", 0.05, 1), ranking.changed("down", 0.05, 1))
    assert found.n_untested == 20
    with pytest.raises(InvalidFile, match="cannot be read"):
        read_ranking(tmp_path / "none.csv")


def real_ranking(name):
    table = pd.read_csv(beside_real_data("reference") / f"{name}.csv")
    return Ranking.of(table["gene"].tolist(), table["stat"], table["padj"], table["log2FoldChange"])


def real_sets(name):
    folder = beside_real_data("genesets")
    if name == "hallmark":
        edges = pd.read_csv(folder / "hallmark_human_biomas.csv")
        return collection(name, {key: genes.tolist() for key, genes in edges.groupby("source")["target"]})
    return collection(name, gmt(folder / "reactome_human_msigdb_v7.2.gmt"))


@pytest.mark.real
@pytest.mark.parametrize("data", ["kangifn_mono_paired_filt", "gbm_paired_filt"])
@pytest.mark.parametrize("name", ["hallmark", "reactome"])
def test_the_p_of_others(data, name):
    ranking, sets = real_ranking(data), real_sets(name)
    options = EnrichmentOptions.of("ora", min_change=0, min_size=1, max_size=5_000)
    table = enrichment(ranking, [sets], options)
    n = 0
    for direction in ("up", "down"):
        path = beside_real_data("reference") / f"ora_{name}_{direction}_{data}.csv"
        ours = by_set(table, direction=direction)
        for row in pd.read_csv(path, keep_default_na=False).to_dict("records"):
            key = row["set"] if row["set"] in ours else f"REACTOME_{row['set']}"
            assert (ours[key]["n_set"], ours[key]["n_genes"]) == (row["set_size"], row["overlap"])
            assert ours[key]["p"] == pytest.approx(row["p_universe_tested"], rel=1e-9)
            assert set(ours[key]["genes"].split()) == set(str(row["genes"] or "").split())
            n += 1
    assert n > 20


@pytest.mark.real
@pytest.mark.parametrize("data", ["kangifn_mono_paired_filt", "gbm_paired_filt"])
@pytest.mark.parametrize("name", ["hallmark", "reactome"])
def test_the_scores_of_others(data, name):
    ranking, sets = real_ranking(data), real_sets(name)
    table = enrichment(ranking, [sets], EnrichmentOptions.of("gsea", min_size=5))
    ours = by_set(table)
    theirs = pd.read_csv(beside_real_data("reference") / f"gsea_{name}_{data}.csv")
    theirs["Term"] = [term if term in ours else f"REACTOME_{term}" for term in theirs["Term"]]
    theirs = theirs[theirs["Term"].isin(list(ours))]
    assert len(theirs) > 20
    for row in theirs.to_dict("records"):
        assert ours[row["Term"]]["es"] == pytest.approx(row["ES"], abs=1e-6)
        assert set(ours[row["Term"]]["genes"].split()) == set(row["Lead_genes"].split(";"))
    nes = np.array([ours[term]["nes"] for term in theirs["Term"]])
    told = np.isfinite(nes)
    assert told.mean() > 0.99
    assert {ours[term]["why"] for term in theirs["Term"][~told]} <= {UNBALANCED}
    assert pearsonr(nes[told], theirs["NES"][told]).statistic > 0.999
    first = [row["set"] for row in table.to_pylist()][:3]
    if data.startswith("kang") and name == "hallmark":
        assert {f"INTERFERON_{which}_RESPONSE" for which in ("ALPHA", "GAMMA")} <= set(first)
