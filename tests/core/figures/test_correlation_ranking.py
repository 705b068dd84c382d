"""The figures of correlation: what is drawn is what was computed, and names are never markup."""

import base64
import json

import numpy as np
import pytest

from core.analysis.correlation_matrix import GeneMatrix
from core.analysis.gene_pair import CoDetection, Pair, line
from core.analysis.stratified import Strata, Stratum
from core.figures.correlation_matrix import MAX_TICKS, heatmap, least_width
from core.figures.correlation_ranking import ranking
from core.figures.forest import forest
from core.figures.gene_scatter import MAX_POINTS, scatter
from core.figures.theme import DARK, LIGHT
from core.stats.meta_analysis import meta_analysis

HTML = "<img src=x>"
ESCAPED = "&lt;img src=x&gt;"


def unpacked(array):
    return np.frombuffer(base64.b64decode(array["bdata"]), dtype=f"<{array['dtype']}")


def annotations(figure):
    return [it["text"] for it in figure["layout"]["annotations"]]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_the_ranking_sorts_names_the_ends_and_the_chosen(theme):
    r = np.linspace(-0.9, 0.9, 101)
    genes = [f"G{at}" for at in range(100)] + [HTML]
    r[3] = np.nan
    figure = ranking(genes, r, theme, "G50")
    trace = figure["data"][0]
    y = unpacked(trace["y"])
    assert len(y) == 100
    assert (np.diff(y) <= 0).all()
    assert trace["text"][0] == ESCAPED
    assert sum("G50<" in text for text in annotations(figure)) == 1
    assert f"<i>{ESCAPED}</i>" in annotations(figure)
    assert HTML not in json.dumps(figure)


def test_a_ranking_names_a_gene_once_even_when_an_end_is_chosen():
    texts = annotations(ranking(["A", "B", "C", "D"], np.array([0.9, 0.2, -0.1, -0.8]), LIGHT, "A"))
    assert [text for text in texts if "A" in text] == ["<b><i>A</i></b>"]


def test_names_stand_only_where_they_do_not_hide_the_curve():
    steep = np.concatenate([np.linspace(0.5, 0.05, 40), np.linspace(0.05, -0.02, 900), np.linspace(-0.02, -0.18, 60)])
    figure = ranking([f"G{at}" for at in range(1000)], steep, LIGHT)
    high, low = ([it for it in figure["layout"]["annotations"] if it["xanchor"] == side] for side in ("left", "right"))
    assert len(high) == 6
    assert 0 < len(low) < 6
    reach = figure["layout"]["yaxis"]["range"]
    top = max(it["y"] - it["ay"] * (reach[1] - reach[0]) / 330 for it in low)
    assert top < steep[749], "the uppermost name is below the curve"


def test_a_ranking_without_any_r_is_empty():
    assert annotations(ranking(["A"], np.array([np.nan]), LIGHT)) == []


def pair_of(x, y):
    nan = float("nan")
    return Pair(0.5, 0.4, 0.6, 0.0, x.size, x.size, line(x, y), CoDetection(1, 1, 1, 1, nan, nan, nan))


@pytest.mark.parametrize(("n", "kind"), [(50, "scattergl"), (MAX_POINTS, "scattergl"), (MAX_POINTS + 1, "heatmap")])
def test_many_cells_are_a_density(n, kind):
    rng = np.random.default_rng(0)
    x = rng.gamma(1, 1, n)
    y = x + rng.normal(0, 1, n)
    figure = scatter(x, y, (HTML, "B"), pair_of(x, y), "counts", LIGHT)
    assert figure["data"][0]["type"] == kind
    assert HTML not in json.dumps(figure)
    low, high = figure["layout"]["xaxis"]["range"]
    assert low < x.min() < x.max() < high
    if kind == "heatmap":
        assert np.sum(figure["data"][0]["customdata"]) == n
    else:
        np.testing.assert_array_equal(unpacked(figure["data"][0]["x"]), np.float32(x))


def test_a_constant_gene_has_no_line():
    x, y = np.zeros(5), np.arange(5.0)
    assert len(scatter(x, y, ("A", "B"), pair_of(x, y), "u", LIGHT)["data"]) == 1


def strata_of(n_strata):
    nan = float("nan")
    some = [Stratum(f"s{at}", 10 + at, 0.1 * (at % 5), 0.0, 0.5, 0.1) for at in range(n_strata - 1)]
    some.append(Stratum(HTML, 2, nan, nan, nan, nan))
    r, n = [it.r for it in some], [it.n for it in some]
    models = [meta_analysis(r, n, "spearman", model) for model in ("fixed", "random")]
    return Strata("by", tuple(some), 0.3, *models, "")


def test_the_forest_has_a_row_a_stratum_and_one_a_model():
    figure = forest(strata_of(6), LIGHT)
    names = figure["layout"]["yaxis"]["ticktext"]
    assert names == [*(f"s{at} (n {10 + at})" for at in range(5)), f"{ESCAPED} (n 2, no r)", "fixed effect",
                     "random effects"]  # fmt: skip
    x = unpacked(figure["data"][0]["x"])
    assert np.isnan(x[5])
    np.testing.assert_allclose(x[:5], [0, 0.1, 0.2, 0.3, 0.4])
    assert figure["layout"]["shapes"][0]["x0"] == 0.3


def test_a_long_forest_keeps_the_largest_strata():
    names = forest(strata_of(100), LIGHT, most=60)["layout"]["yaxis"]["ticktext"]
    assert len(names) == 62
    assert names[-3] == "s98 (n 108)"


@pytest.mark.parametrize("size", [2, 21, 60, MAX_TICKS, 300])
def test_a_matrix_has_a_width_at_which_no_name_overlaps(size):
    figure = heatmap(GeneMatrix(tuple(map(str, range(size))), np.eye(size), np.eye(size), np.empty((0, 4))), LIGHT)
    axis = figure["layout"]["yaxis"]
    assert least_width(size) >= (size * 1.15 * axis["tickfont"]["size"] + 100 if axis["showticklabels"] else 0)


@pytest.mark.parametrize("size", [2, MAX_TICKS, 300])
def test_the_heatmap_is_the_matrix(size):
    r = np.eye(size)
    genes = (HTML, *(f"G{at}" for at in range(size - 1)))
    figure = heatmap(GeneMatrix(genes, r, np.full((size, size), 9), np.empty((0, 4))), DARK)
    trace = figure["data"][0]
    np.testing.assert_array_equal(unpacked(trace["z"]).reshape(size, size), r)
    assert trace["x"][0] == trace["y"][0] == ESCAPED
    assert (trace["zmin"], trace["zmax"]) == (-1, 1)
    assert figure["layout"]["xaxis"]["showticklabels"] is (size <= MAX_TICKS)
    assert figure["layout"]["height"] <= 820


@pytest.mark.parametrize(("named", "at"), [("G2", 2), ("G20", 6)])
def test_the_chosen_gene_stands_in_the_column_of_its_end_so_that_no_lines_cross(named, at):
    steep = np.concatenate([np.linspace(0.5, 0.05, 60), np.linspace(0.05, -0.02, 940)])
    names = ranking([f"G{at}" for at in range(1000)], steep, LIGHT, named)["layout"]["annotations"]
    high = sorted((it for it in names if it["xanchor"] == "left"), key=lambda it: it["ay"])
    assert [it["x"] for it in high] == sorted(it["x"] for it in high)
    assert high[at]["text"] == f"<b><i>{named}</i></b>"
    assert len({it["ax"] for it in high}) == 1
