"""Figures of enrichment and activity: what is drawn of a table, and that Plotly takes it."""

import base64

import numpy as np
import plotly.graph_objects as go
import pyarrow as pa
import pytest

from core.figures.activity_bars import bars
from core.figures.enrichment_dots import dots, readable
from core.figures.running_score import running_score
from core.figures.text_width import text_width
from core.figures.theme import DARK, LIGHT
from core.stats.enrichment import running_score as curve_of

NAN = float("nan")


def numbers(packed):
    return np.frombuffer(base64.b64decode(packed["bdata"]), dtype={"f4": "<f4", "f8": "<f8"}[packed["dtype"]])


def row(name, p, *, direction="up", nes=NAN, fold=2.0, collection="hallmark"):
    effect = {"nes": nes, "es": nes / 3, "fold": fold, "expected": 3.0}
    counts = {"n_source": 30, "n_set": 20, "n_genes": 6}
    return {"collection": collection, "set": name, "direction": direction, "p": p, "p_adj": p, **counts, **effect}


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_best_sets_are_dots(theme):
    table = pa.Table.from_pylist([row(f"S<{at}>", 0.5 / (at + 1)) for at in range(30)] + [row("none", NAN)])
    figure = dots(table, theme)
    go.Figure(figure)
    assert figure["layout"]["yaxis"]["ticktext"][:2] == ["S&lt;29&gt;", "S&lt;28&gt;"]
    assert len(figure["layout"]["yaxis"]["ticktext"]) == 20
    np.testing.assert_array_equal(numbers(figure["data"][0]["x"]), 2.0)
    assert "6 of 20 listed genes, 3.0 expected" in figure["data"][0]["hovertext"][0]
    assert figure["data"][0]["text"][0] == "6"
    assert figure["data"][0]["customdata"][0] == "up:hallmark/S<29>"


def test_scores_have_a_sign_and_colours_an_end():
    rows = [row("A", 1e-40, nes=2.5), row("B", 1e-3, nes=-2.0, direction="down", collection="go_bp")]
    figure = dots(pa.Table.from_pylist(rows), LIGHT)
    go.Figure(figure)
    assert figure["layout"]["xaxis"]["title"]["text"] == "normalised enrichment score"
    np.testing.assert_allclose(numbers(figure["data"][0]["marker"]["color"]), [10, -3])
    assert figure["layout"]["yaxis"]["ticktext"] == ["A (hallmark)", "B (go_bp)"]
    assert "leading edge" in figure["data"][0]["hovertext"][1]


def test_long_names_are_wrapped_and_shortened():
    name = "REACTOME_" + "_".join(f"WORD{at}" for at in range(30))
    [label] = dots(pa.Table.from_pylist([row(name, 0.01)]), LIGHT, room=150)["layout"]["yaxis"]["ticktext"]
    first, second = label.split("<br>")
    assert second.endswith("…")
    assert max(text_width(first, 11), text_width(second, 11)) <= 150


def test_names_of_sets_as_words():
    assert readable("HALLMARK_TNFA_SIGNALING_VIA_NFKB") == "TNFA SIGNALING via NFKB"
    assert readable("fatty acid oxidation (GO:0019395)") == "fatty acid oxidation (GO:0019395)"


def test_no_sets_are_an_empty_figure():
    go.Figure(dots(pa.Table.from_pylist([row("none", NAN)]), LIGHT))


@pytest.mark.parametrize("sign", [1, -1])
def test_the_running_score_is_drawn_exactly(sign):
    stat = np.linspace(3, -3, 2_000)
    places = np.arange(10, 200, 7) if sign > 0 else np.arange(1_800, 1_990, 7)
    found = curve_of(stat, places)
    figure = running_score(found, stat, [f"G{at}" for at in range(2_000)], LIGHT)
    go.Figure(figure)
    x, y = numbers(figure["data"][0]["x"]), numbers(figure["data"][0]["y"])
    assert (np.diff(x) >= 0).all()
    assert (x[0], x[-1], y[0], y[-1]) == (0, 2_000, 0, 0)
    extreme = y[np.abs(y).argmax()]
    assert extreme == pytest.approx(found.es)
    note = figure["layout"]["annotations"][0]
    assert note["text"] == f"ES {found.es:+.3f}".replace("-", "−")
    assert note["x"] == x[np.abs(y).argmax()]
    assert len(numbers(figure["data"][2]["y"])) <= 800


def test_activities_are_bars_from_high_to_low():
    given = [("STAT1", 9.0, 1e-9), ("MYC", -4.0, 0.001), ("E2F1", 1.0, 0.4), ("FEW", NAN, NAN)]
    rows = [
        {"source": name, "activity": t, "p": p, "p_adj": p, "n_targets": 9, "n_agreeing": 7} for name, t, p in given
    ]
    figure = bars(pa.Table.from_pylist(rows), DARK)
    go.Figure(figure)
    assert figure["layout"]["yaxis"]["ticktext"] == ["STAT1", "E2F1", "MYC"]
    assert figure["data"][0]["marker"]["opacity"] == [1.0, 0.35, 1.0]
    assert "7 of 9 tested targets agree" in figure["data"][0]["text"][0]
    go.Figure(bars(pa.Table.from_pylist(rows[3:]), LIGHT))
