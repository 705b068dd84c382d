"""Activities of factors and pathways: what is counted, refused and said, and decoupler's numbers for real data."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from core.analysis.activity import COLUMNS, N_TOP, TARGETS, ActivityOptions, activity, source_of, targets
from core.analysis.gene_rankings import Ranking
from core.errors import InvalidQuery, NotFound
from core.genes.names import NO_NAMES
from tests.references import beside_real_data, network

N = 300


@pytest.fixture(scope="module")
def ranking():
    stat = np.random.default_rng(0).normal(size=N)
    stat[:20] += 4
    stat[20:40] -= 4
    stat[50:60] = np.nan
    return Ranking.of([f"G{at}" for at in range(N)], stat, np.full(N, 0.5), stat / 2)


def edges():
    rng = np.random.default_rng(1)
    return [
        *(("RAISES", f"G{at}", 1.0) for at in range(20)),
        *(("LOWERS", f"G{at}", -1.0) for at in range(20)),
        *(("BOTH", f"G{at}", 1.0 if at < 20 else -1.0) for at in range(10, 30)),
        *(("RANDOM", f"G{at}", float(rng.normal())) for at in rng.choice(N, 30, replace=False)),
        *(("FEW", f"G{at}", 1.0) for at in (1, 2, 50, 51, 52, 53)),
        ("RAISES", "G0", -5.0), ("RAISES", "ELSEWHERE", 1.0), ("RAISES", "G3", 0.0),
    ]  # fmt: skip


def test_a_source_is_found_by_an_alias_that_one_source_has():
    found = network("mine", [(name, "G1", 1.0) for name in ("NR1H4", "Glul", "APC", "fxr2", "HNF4A")])
    for text, wanted in (
        ("NR1H4", ("NR1H4", "")),
        ("nr1h4", ("NR1H4", "")),
        ("FXR", ("NR1H4", "FXR is an alias of NR1H4.")),
        ("ENSG00000012504.3", ("NR1H4", "ENSG00000012504.3 is an alias of NR1H4.")),
        ("hnf-4", ("HNF4A", "hnf-4 is an alias of HNF4A.")),
        # No other name of a source: `targets` says so.
        ("OPN", ("OPN", "")),
        ("", ("", "")),
    ):
        assert source_of(found, text, NO_NAMES) == wanted
    with pytest.raises(NotFound, match="GS is an alias of 2 sources of mine: Glul, APC"):
        source_of(found, "GS", NO_NAMES)


def rows(table):
    return {row["source"]: row for row in table.to_pylist()}


def test_each_source_by_itself(ranking):
    # Of two edges between the same genes the one of larger weight counts.
    given = [edge for edge in edges() if edge[2] != -5.0]
    table = activity(ranking, network("net", given), ActivityOptions("ulm"))
    assert tuple(table.column_names) == COLUMNS
    found = rows(table)
    for source in ("RAISES", "BOTH", "RANDOM"):
        weight = {goal: value for name, goal, value in given if name == source and value}
        fit = sm.OLS(ranking.stat, sm.add_constant([weight.get(gene, 0.0) for gene in ranking.genes])).fit()
        assert found[source]["activity"] == pytest.approx(fit.tvalues[1], rel=1e-9)
        assert found[source]["p"] == pytest.approx(fit.pvalues[1], rel=1e-6)
    assert found["LOWERS"]["activity"] == pytest.approx(-found["RAISES"]["activity"])
    assert (found["RAISES"]["n_source"], found["RAISES"]["n_targets"]) == (21, 20)
    assert len(found["RAISES"]["targets"].split()) == 12
    assert set(found["RAISES"]["targets"].split()) <= {f"G{at}" for at in range(20)}
    assert (found["FEW"]["why"], found["FEW"]["n_targets"], found["FEW"]["n_source"]) == ("few targets", 2, 6)
    assert np.isnan(found["FEW"]["p_adj"])
    assert table["source"].to_pylist()[-1] == "FEW"
    assert found["BOTH"]["n_agreeing"] == sum(
        ranking.stat[ranking.genes.index(f"G{at}")] * (1 if at < 20 else -1) > 0 for at in range(10, 30)
    )


def test_all_sources_together(ranking):
    given = edges()[:-3]
    found = rows(activity(ranking, network("net", given), ActivityOptions("mlm")))
    assert found["RAISES"]["why"] == found["LOWERS"]["why"] == "not told apart"
    assert np.isfinite(found["BOTH"]["activity"])
    some = [edge for edge in given if edge[0] != "LOWERS"]
    found = rows(activity(ranking, network("net", some), ActivityOptions("mlm")))
    names = ("BOTH", "RAISES", "RANDOM")
    weight = {(name, goal): value for name, goal, value in some}
    design = [[weight.get((name, gene), 0.0) for name in names] for gene in ranking.genes]
    fit = sm.OLS(ranking.stat, sm.add_constant(design)).fit()
    np.testing.assert_allclose([found[name]["activity"] for name in names], fit.tvalues[1:], rtol=1e-9)


def test_the_targets_of_a_source(ranking):
    table = targets(ranking, network("net", edges()), "BOTH")
    assert tuple(table.column_names) == TARGETS
    found = table.to_pylist()
    assert len(found) == 20
    assert all(row["agrees"] == (row["stat"] * row["weight"] > 0) for row in found)
    assert all(row["log2fc"] == row["stat"] / 2 for row in found)
    with pytest.raises(NotFound, match="Did you mean RAISES"):
        targets(ranking, network("net", edges()), "raises")


def test_of_a_ranked_network_the_first_count(ranking):
    few = network("net", [("P", f"G{at % N}", 1.0 + at, at / 1000) for at in range(N)] * 2)
    assert rows(activity(ranking, few, ActivityOptions("ulm")))["P"]["n_source"] == N
    many = network("net", [("P", f"X{at}", 1.0, at / 1000) for at in range(N_TOP)] + [("P", "G1", 9.0, 0.9)])
    with pytest.raises(InvalidQuery, match="No source of net has 5 targets among the 290 tested genes"):
        activity(ranking, many, ActivityOptions("ulm"))


def test_what_cannot_be_fitted_is_refused(ranking):
    listed = Ranking.of_list(["G1"], ["G1", "G2", "G3"])
    net = network("net", edges())
    with pytest.raises(InvalidQuery, match="no statistic"):
        activity(listed, net, ActivityOptions("ulm"))
    with pytest.raises(InvalidQuery, match="not a model"):
        ActivityOptions.of(net, "viper")
    with pytest.raises(InvalidQuery, match="min_targets=0"):
        ActivityOptions.of(net, min_targets=0)
    assert ActivityOptions.of(net).model == "mlm"
    large = network("large", [(f"S{at}", "G1", 1.0) for at in range(60)])
    assert ActivityOptions.of(large).model == "ulm"
    with pytest.raises(InvalidQuery, match="too many to fit together"):
        ActivityOptions.of(large, "mlm")


@pytest.mark.real
@pytest.mark.parametrize("data", ["kangifn_mono_paired_filt", "kangifn_mono_condition_filt", "gbm_paired_filt"])
@pytest.mark.parametrize(("name", "model"), [("collectri", "ulm"), ("progeny", "mlm")])
def test_decouplers_numbers(data, name, model):
    folder = beside_real_data("reference")
    table = pd.read_csv(folder / f"{data}.csv")
    ranking = Ranking.of(table["gene"].tolist(), table["stat"])
    net = pd.read_csv(beside_real_data("genesets") / f"{name}_human_biomas.csv")
    p = net["padj"] if "padj" in net else np.full(len(net), np.nan)
    given = network(name, zip(net["source"], net["target"], net["weight"], p, strict=True))
    found = rows(activity(ranking, given, ActivityOptions(model)))
    theirs = pd.read_csv(folder / f"act_{name}_{model}_{data}.csv").set_index("source")
    assert {source for source, row in found.items() if not row["why"]} == set(theirs.index)
    for source, row in theirs.iterrows():
        assert found[source]["activity"] == pytest.approx(row["score"], rel=1e-9)
        assert found[source]["n_targets"] == row["n_targets"]
        if model == "ulm":
            assert found[source]["p_adj"] == pytest.approx(row["padj"], rel=1e-6)
        else:
            assert found[source]["p"] == pytest.approx(row["p"], rel=1e-6)
    if model == "ulm" and data.startswith("kang"):
        assert "STAT1" in list(found)[:3]
