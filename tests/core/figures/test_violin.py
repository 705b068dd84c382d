"""Violins."""

import base64
import math

import numpy as np
import plotly.graph_objects as go
import pytest

from core.analysis.distributions import CategorySummary, Density
from core.figures.theme import DARK, LIGHT
from core.figures.violin import Row, nothing, violin

GRID = np.linspace(0, 4, 96)
BODY = Density(GRID, np.exp(-GRID))
NONE = Density(np.empty(0), np.empty(0))


def row(category="Hepatocyte", density=BODY, n=4120, split=""):
    nan = math.nan
    numbers = (1.25, 1.0, 0.5, 2.0) if n else (nan, nan, nan, nan)
    return Row(CategorySummary(category, n, n // 2, *numbers, split), density, "#3c7bb1")


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_plotly_accepts_it(theme):
    figure = violin([row(), row("Few", NONE, 3)], "ALB · log1p(CP10k)", theme)
    drawn = go.Figure(figure)
    assert len(drawn.data) == 3, "one body, the quartiles, the medians"
    assert drawn.data[0].fill == "toself"
    medians = np.frombuffer(base64.b64decode(figure["data"][2]["x"]["bdata"]), dtype="<f4")
    assert medians.tolist() == [1.0, 1.0], "few cells show their median all the same"
    assert drawn.layout.xaxis.title.text == "ALB · log1p(CP10k)"


def test_labels_carry_n_and_percent():
    texts = violin([row()], "", LIGHT)["layout"]["yaxis"]["ticktext"]
    assert len(texts) == 1
    assert texts[0].startswith("Hepatocyte<br>")
    assert "n 4,120 · 50.0%" in texts[0]


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>", "{muted}", "a{b", "}", "A & B"])
def test_names_are_text(name):
    figure = violin([row(name)], "<b>", LIGHT)
    wanted = name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert figure["layout"]["yaxis"]["ticktext"][0].startswith(f"{wanted}<br>")
    assert figure["data"][-1]["hovertext"][0].startswith(f"<b>{wanted}</b>")
    assert figure["layout"]["xaxis"]["title"]["text"] == "&lt;b&gt;"


def test_a_split_has_a_heading_for_each_category():
    rows = [row(category, split=split) for category in ("A", "B") for split in ("Healthy", "MASH")]
    layout = violin(rows, "", LIGHT)["layout"]
    assert [text.split("  ")[0] for text in layout["yaxis"]["ticktext"]] == [
        "<b>A</b>", "Healthy", "MASH", "<b>B</b>", "Healthy", "MASH"
    ]  # fmt: skip
    assert layout["yaxis"]["tickvals"] == sorted(layout["yaxis"]["tickvals"], reverse=True)


def test_the_figure_is_as_high_as_its_rows():
    heights = [violin([row(str(n)) for n in range(count)], "", LIGHT)["layout"]["height"] for count in (2, 10, 20)]
    assert heights == sorted(heights)


def test_nothing_to_show():
    assert go.Figure(nothing(LIGHT)).layout.height < 40
    assert go.Figure(violin([], "", LIGHT)).layout.height > 0


def test_a_score_above_zero_is_no_expression():
    rows = [row(), row("Nobody", NONE, 0)]
    figure = violin(rows, "t", LIGHT, expressing=False)
    texts = figure["layout"]["yaxis"]["ticktext"]
    assert "n 4,120<" in texts[0]
    assert "no cells" in texts[1]
    assert not any("%" in text for text in [*texts, *figure["data"][-1]["hovertext"]])


def test_a_violin_says_how_many_zeros_it_stands_on():
    nan = math.nan
    cells = CategorySummary("Hepatocyte", 10, 4, 1.25, 1.0, 0.5, 2.0, "", nan, nan, n_zeros=6)
    figure = violin([Row(cells, BODY, "#3c7bb1")], "", LIGHT)
    assert "n 10 (few) · 40.0% · 6 zeros" in figure["layout"]["yaxis"]["ticktext"][0]
    assert "40.0% express it, 6 zeros" in figure["data"][-1]["hovertext"][0]
    scaled = violin([Row(cells, BODY, "#3c7bb1")], "", LIGHT, expressing=False)
    assert not any(
        "zero" in text for text in [scaled["layout"]["yaxis"]["ticktext"][0], scaled["data"][-1]["hovertext"][0]]
    )


LONG = "naive thymus-derived CD4-positive, alpha-beta T cell"


def test_a_long_name_is_whole_and_has_its_room():
    short, long = (violin([row(name) for name in ("A", "B", "C", "D", "E", other)], "", LIGHT) for other in ("F", LONG))
    text = long["layout"]["yaxis"]["ticktext"][-1]
    assert text.split("<br><span")[0].replace("<br>", " ") == LONG
    assert long["layout"]["height"] >= short["layout"]["height"] + 6 * 13
    paper = violin([row(LONG)], "", LIGHT, width=900)["layout"]["yaxis"]["ticktext"][0]
    assert paper.startswith(LONG), "on paper it is broken only where it has no room"
    narrow = violin([row(LONG, split="a")], "", LIGHT, width=320)["layout"]
    assert "<br>" in narrow["yaxis"]["ticktext"][0]
    assert narrow["margin"]["l"] < 0.65 * 320


def test_a_long_title_of_the_axis_is_broken_on_a_page():
    layout = violin([row()], "Hepatocyte · t of the slope (ULM)", LIGHT)["layout"]
    assert layout["xaxis"]["title"]["text"] == "Hepatocyte<br>t of the slope (ULM)"
    assert layout["margin"]["b"] > violin([row()], "u", LIGHT)["layout"]["margin"]["b"]
    assert (
        "<br>"
        not in violin([row()], "Set · t of the slope (ULM)", LIGHT, width=400)["layout"]["xaxis"]["title"]["text"]
    )


def test_rows_stand_in_blocks_of_one_scale_and_categories_stay_together():
    rows = [row(category, split=split) for category in "ABCDE" for split in ("Healthy", "MASH")]
    rows[3] = Row(rows[3].summary, Density(2 * GRID, BODY.height), "#3c7bb1")
    whole, figure = (violin(rows, "u", LIGHT, width=800, n_blocks=n) for n in (1, 2))
    go.Figure(figure)
    layout = figure["layout"]
    assert layout["height"] < 0.7 * whole["layout"]["height"]
    names = [text.split("  ")[0] for axis in ("yaxis", "yaxis2") for text in layout[axis]["ticktext"]]
    assert names == [text.split("  ")[0] for text in whole["layout"]["yaxis"]["ticktext"]]
    assert layout["yaxis2"]["ticktext"][0].startswith("<b>")
    assert layout["xaxis"]["range"] == layout["xaxis2"]["range"] == whole["layout"]["xaxis"]["range"]
    (left, right), (further, end) = (layout[axis]["domain"] for axis in ("xaxis", "xaxis2"))
    assert 0 == left < right < further < end == pytest.approx(1)
    n_bodies = [sum(trace.get("fill") == "toself" for trace in each["data"]) for each in (whole, figure)]
    assert n_bodies == [10, 10]
