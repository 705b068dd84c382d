"""The ranking of one category: what is drawn is what was computed, names are apart and never markup."""

import base64
import json

import numpy as np
import pytest

from core.figures.marker_ranking import HEIGHT, LINE, N_NAMED, ranks
from core.figures.theme import DARK, LIGHT

HTML = "<img src=x>"
ESCAPED = "&lt;img src=x&gt;"
# A curve that falls at once, as those of real cells, and one that stays high, as those of simulated ones.
STEEP = 40 / np.arange(1, 2_001) ** 0.5 - 10
HIGH = np.concatenate([np.linspace(50, 40, 300), np.linspace(-10, -40, 700)])


def unpacked(array):
    return np.frombuffer(base64.b64decode(array["bdata"]), dtype=f"<{array['dtype']}")


def names(figure):
    return [it["text"] for it in figure["layout"]["annotations"]]


def genes(n):
    return [f"G{at}" for at in range(n)]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_scores_stand_over_their_ranks_and_nan_is_left_out(theme):
    scores = np.append(STEEP, [np.nan, np.nan])
    figure = ranks([HTML, *genes(2_001)], scores, theme, n_top=10)
    trace = figure["data"][0]
    np.testing.assert_allclose(unpacked(trace["y"]), STEEP, rtol=1e-6)
    assert unpacked(trace["x"]).tolist() == list(range(1, 2_001))
    assert unpacked(trace["marker"]["color"]).sum() == 10
    assert trace["text"][0] == ESCAPED
    assert HTML not in json.dumps(figure)
    assert figure["layout"]["xaxis"]["type"] == "log"


@pytest.mark.parametrize("scores", [STEEP, HIGH], ids=["steep", "high"])
def test_the_best_are_named_in_their_order_apart_and_off_the_curve(scores):
    figure = ranks(genes(len(scores)), scores, LIGHT)
    shown = figure["layout"]["annotations"]
    assert 8 <= len(shown) <= N_NAMED
    assert [it["text"] for it in shown] == [f"<i>G{at}</i>" for at in range(len(shown))]
    low, high = figure["layout"]["yaxis"]["range"]
    y = np.array([it.get("ay", it["y"]) for it in shown])
    x = np.array([it.get("ax", it["x"]) for it in shown])
    np.testing.assert_allclose(-np.diff(y) * HEIGHT / (high - low), LINE)
    assert low < y.min()
    assert y.max() <= scores[0]
    curve = np.interp(x, np.log10(np.arange(1, len(scores) + 1)), scores)
    assert (curve < y).all() if scores is STEEP else (curve > y).all()


def crosses(one, other):
    """Tell whether two segments, each ((x, y), (x, y)), cross."""

    def side(a, b, c):
        return np.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))

    return side(*one, other[0]) != side(*one, other[1]) and side(*other, one[0]) != side(*other, one[1])


@pytest.mark.parametrize("scores", [STEEP, HIGH, np.full(40, 7.0)], ids=["steep", "high", "flat"])
def test_a_line_leads_from_each_name_to_its_point_and_none_crosses_another(scores):
    figure = ranks([f"GENE-{at}" for at in range(len(scores))], scores, LIGHT)
    shown = figure["layout"]["annotations"]
    assert all(it["arrowwidth"] > 0 and it.get("showarrow", True) for it in shown)
    low, high = figure["layout"]["xaxis"]["range"]
    assert all(low < it["ax"] < high for it in shown)
    lines = [((it["ax"], it["ay"]), (it["x"], it["y"])) for it in shown]
    assert [it["y"] for it in shown] == pytest.approx(scores[: len(shown)])
    assert not any(crosses(one, other) for at, one in enumerate(lines) for other in lines[:at])
    assert figure["layout"]["xaxis"]["tickvals"][0] == 1, "there is no rank below 1"


@pytest.mark.parametrize("scores", [STEEP, HIGH], ids=["steep", "high"])
@pytest.mark.parametrize(("named", "text"), [("G2", "<b><i>G2</i></b>"), ("G700", "<b><i>G700</i></b>")])
def test_the_gene_looked_at_is_named_once(scores, named, text):
    shown = names(ranks(genes(len(scores)), scores, LIGHT, named=named))
    assert [it for it in shown if f">{named}<" in it] == [text]


def test_a_gene_that_is_not_there_is_not_named():
    assert names(ranks(["A", "B"], np.array([2.0, np.nan]), LIGHT, named="B")) == ["<i>A</i>"]


def test_below_zero_nothing_is_best():
    figure = ranks(genes(5), np.array([3.0, 0.0, -1.0, -2.0, -3.0]), LIGHT, n_top=4)
    assert unpacked(figure["data"][0]["marker"]["color"]).tolist() == [1, 0, 0, 0, 0]
    assert names(figure) == ["<i>G0</i>"]


@pytest.mark.parametrize("scores", [[], [np.nan], [1.0], [0.0, 0.0]])
def test_few_genes_are_drawn_all_the_same(scores):
    figure = ranks(genes(len(scores)), np.array(scores), LIGHT, named="G0")
    low, high = figure["layout"]["yaxis"]["range"]
    assert low < high
    json.dumps(figure)
