"""DESeq2 as a method and as a second opinion: columns, labels, sentences and refusals.

The worker process is replaced, so that these run without crest-sc; the last test runs it where it is installed.
"""

import numpy as np
import pandas as pd
import pytest

from core.analysis import count_engines
from core.analysis.count_engines import by_deseq2, called_by_both
from core.analysis.design import DesignParams
from core.analysis.differences import COLUMNS, MEANS, SECOND, DifferencesParams, differences, messages_of
from core.analysis.differences_by_type import by_type, methods_of, opinion, report, warnings_of
from core.analysis.differences_overview import OverviewParams, overview, power_of
from core.analysis.sides import Sides
from core.errors import InvalidQuery, Unavailable
from core.stats import deseq2
from core.stats.count_engines import limma_trend
from tests.factories import DOWN, UP, cohort


@pytest.fixture
def atlas(atlas_of):
    return atlas_of(cohort(), species="human")


def params(atlas, **more):
    sides = Sides.of(atlas, "Group", ["MASH"], ["Healthy"])
    cell_type = more.pop("cell_type", "Hepatocyte")
    return DifferencesParams.of(atlas, DesignParams.of(atlas, sides), cell_type, **more)


def replaced(monkeypatch, change=lambda found: None, messages=()):
    """Let the worker answer with limma's numbers, changed at will."""

    def run(_task, arguments):
        counts, design = arguments["counts"], arguments["design"]
        tested = limma_trend(counts, design, np.eye(design.shape[1])[1]).tested
        found = {
            "log2fc": tested.effect.copy(),
            "error": tested.error.copy(),
            "stat": tested.stat.copy(),
            "p": tested.p.copy(),
            "p_adj": np.minimum(tested.p * len(counts), 1),
            "factors": np.full(counts.shape[1], 2.0),
            "messages": np.array(messages, dtype=np.str_),
        }
        change(found)
        return found

    monkeypatch.setattr(count_engines, "run", run)
    monkeypatch.setattr(deseq2, "version", lambda: "0.4.0")
    monkeypatch.setattr("core.analysis.differences_by_type.software_of", lambda _: {"MASLDatlas": "1", "crest-sc": "2"})


def test_the_second_opinion_is_two_columns_and_a_sentence(atlas, pool, monkeypatch):
    def change(found):
        # One gene has the other sign, and one is not called.
        first, second = np.argsort(found["p"])[:2]
        found["log2fc"][first] *= -1
        found["p_adj"][second] = 0.2

    replaced(monkeypatch, change)
    asked = params(atlas, second_opinion=True)
    table = differences(atlas, asked, pool)
    assert tuple(table.column_names) == (*COLUMNS, *MEANS, *SECOND)
    rows = table.to_pandas().set_index("gene")
    planted = rows.loc[[*UP, *DOWN]]
    assert (planted["p_adj"] <= 0.05).all()
    assert planted["called_by_both"].sum() == len(planted) - 2
    assert not rows["called_by_both"].drop(planted.index).any()
    assert rows.loc["none", ["log2fc_deseq2", "p_adj_deseq2"]].isna().all()
    assert (np.sign(planted["log2fc_deseq2"]) != np.sign(planted["log2fc"])).sum() == 1
    plain = differences(atlas, params(atlas), pool)
    pd.testing.assert_frame_equal(table.select(COLUMNS).to_pandas(), plain.select(COLUMNS).to_pandas())
    sentence = opinion(asked, table)
    assert "limma-trend calls 6 genes and DESeq2 5; 4 are called by both" in sentence
    assert "1.7 % of what both called was false (DESeq2 alone: 43 % and 12.8 %)" in sentence
    assert opinion(params(atlas), plain) == ""
    text = methods_of(asked, report(atlas, asked), table)
    assert "tested by DESeq2 too (crest-sc)" in text


def test_every_type_and_the_overview_have_it(atlas, pool, monkeypatch):
    replaced(monkeypatch)
    asked = params(atlas, cell_type="", second_opinion=True)
    table = by_type(atlas, asked, pool)
    assert set(table["cell_type"].to_pylist()) == {"Hepatocyte", "Kupffer cell"}
    assert "called by both" in opinion(asked, table)
    rows = overview(atlas, OverviewParams(asked), pool).to_pylist()
    assert [(row["up"], row["up_both"], row["down_both"]) for row in rows] == [(4, 4, 2), (0, 0, 0)]


def test_deseq2_alone_labels_what_has_no_p(atlas, pool, monkeypatch):
    def change(found):
        order = np.argsort(found["p"])
        found["p"][order[6]] = found["p_adj"][order[6]] = np.nan
        found["p_adj"][order[7]] = np.nan

    replaced(monkeypatch, change, ["the trend of the dispersions did not converge"])
    asked = params(atlas, engine="deseq2")
    table = differences(atlas, asked, pool)
    rows = table.to_pandas()
    outlier, low = rows[rows["why"] == "outlier"], rows[(rows["why"] == "low counts") & rows["p"].notna()]
    assert (len(outlier), len(low)) == (1, 1)
    assert outlier[["p", "p_adj"]].isna().all(axis=None)
    assert low["p_adj"].isna().all()
    # What has no p comes behind all that have one.
    assert outlier.index[0] > rows.index[rows["p"].notna()][-1]
    reach = (rows["log2fc"] - rows["ci_low"]) / (rows["log2fc"] / rows["stat"])
    np.testing.assert_allclose(reach.dropna(), 1.959964, rtol=1e-5)
    assert 0 < power_of(table) <= 1
    assert messages_of(table) == ["the trend of the dispersions did not converge"]
    [message, sentence] = warnings_of(asked, report(atlas, asked), table)
    assert message == "DESeq2: the trend of the dispersions did not converge."
    assert "12.8 % were false (limma-trend: 35 % and 2.8 %)" in sentence
    text = methods_of(asked, report(atlas, asked), table)
    assert "negative binomial model ~ Group" in text
    assert "in at least 4 samples" in text


def test_few_degrees_of_freedom_are_said(monkeypatch):
    replaced(monkeypatch)
    counts = np.random.default_rng(1).poisson(50, (20, 4)).astype(float)
    found = by_deseq2(counts, np.column_stack([np.ones(4), [0, 1, 0, 1]]), np.array([0.0, 1.0]))
    assert "With 2 residual degrees of freedom" in found.messages[0]


def test_what_deseq2_does_not_take_is_refused(atlas, pool, monkeypatch):
    with pytest.raises(InvalidQuery, match="second opinion is that of DESeq2"):
        params(atlas, engine="deseq2", second_opinion=True)
    monkeypatch.setattr(deseq2, "version", lambda: "")
    with pytest.raises(Unavailable, match="crest-sc, which is not installed"):
        differences(atlas, params(atlas, engine="deseq2"), pool)
    monkeypatch.setattr(deseq2, "version", lambda: "0.4.0")
    for shape in ((20_001, 4), (10, 201)):
        design = np.column_stack([np.ones(shape[1]), np.arange(shape[1]) % 2])
        with pytest.raises(InvalidQuery, match="at most 20,000 genes and 200 samples"):
            by_deseq2(np.ones(shape), design, np.array([0.0, 1.0]))


def test_called_by_both_needs_both_and_one_sign(monkeypatch):
    rng = np.random.default_rng(0)
    counts = rng.poisson(np.outer(np.full(50, 100), np.ones(8))).astype(float)
    counts[:3, 4:] *= 8
    found = limma_trend(counts, np.column_stack([np.ones(8), np.arange(8) >= 4]), np.array([0.0, 1.0]))
    assert called_by_both(found, found, 0.05).sum() == 3
    assert called_by_both(found, found, 0.0).sum() == 0


@pytest.mark.skipif(not deseq2.version(), reason="crest-sc is not installed")
@pytest.mark.slow
def test_crest_calls_what_was_planted(atlas, pool):
    asked = params(atlas, second_opinion=True)
    rows = differences(atlas, asked, pool).to_pandas().set_index("gene")
    assert rows.loc[[*UP, *DOWN], "called_by_both"].all()
    assert rows["called_by_both"].sum() <= len(UP) + len(DOWN) + 1
    alone = differences(atlas, params(atlas, engine="deseq2"), pool).to_pandas().set_index("gene")
    np.testing.assert_allclose(
        alone["p_adj"].dropna(), rows["p_adj_deseq2"].dropna().reindex(alone["p_adj"].dropna().index), rtol=1e-9
    )
