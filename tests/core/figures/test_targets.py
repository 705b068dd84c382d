"""Figures of the targets of one source: what is drawn, and that Plotly takes it."""

import base64

import numpy as np
import plotly.graph_objects as go
import pytest

from core.figures.target_network import N_EACH, target_network
from core.figures.target_volcano import target_volcano
from core.figures.theme import DARK, LIGHT


def numbers(packed):
    return np.frombuffer(base64.b64decode(packed["bdata"]), dtype={"f4": "<f4", "f8": "<f8"}[packed["dtype"]])


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_targets_stand_out_of_the_other_genes(theme):
    genes = ["a<b", "c", "d", "e", "f"]
    change = np.array([2.0, -1.0, 0.5, 3.0, np.nan])
    p = np.array([1e-5, 0.01, 0.5, 0.0, np.nan])
    figure = target_volcano(genes, change, p, {"a<b": (1.0, True), "c": (-1.0, True), "f": (1.0, False)}, theme)
    go.Figure(figure)
    others, goals = figure["data"]
    assert len(numbers(others["x"])) == 2
    assert goals["customdata"] == ["a<b", "c"], "a target without a p is not drawn"
    assert goals["marker"]["symbol"] == ["triangle-up", "triangle-down"]
    assert len(set(goals["marker"]["color"])) == 1, "both differ as a higher activity would have it"
    assert [each["text"] for each in figure["layout"]["annotations"]] == ["<i>a&lt;b</i>", "<i>c</i>"]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_a_network_has_a_side_for_each_sign(theme):
    n = 2 * N_EACH
    weight = np.where(np.arange(n + 10) < n, 1.0, -0.5)
    stat = np.linspace(4, -4, n + 10)
    figure = target_network("MYC", [f"G{at}" for at in range(n + 10)], weight, stat, theme)
    go.Figure(figure)
    lowered, raised, ends, nodes, middle = figure["data"]
    assert middle["text"] == ["<b>MYC</b>"]
    assert lowered["line"]["dash"] != raised["line"]["dash"] == "solid"
    x, y = numbers(nodes["x"]), numbers(nodes["y"])
    assert (x == 1).sum() == N_EACH
    assert (x == -1).sum() == 10
    for side in (x == 1, x == -1):
        assert np.diff(y[side]) == pytest.approx(-1), "a row apart, the highest statistic first"
    assert list(dict.fromkeys(ends["marker"]["symbol"])) == ["line-ns-open", "triangle-right"]
    assert nodes["customdata"][0] == f"G{n}"


def test_a_source_without_targets_is_drawn_alone():
    go.Figure(target_network("MYC", [], np.empty(0), np.empty(0), LIGHT))
    go.Figure(target_volcano(["a"], np.array([np.nan]), np.array([np.nan]), {}, LIGHT))
