"""Stacked bars: every cell of every sample, in the colours of its category, under its group."""

import base64
import json

import numpy as np
import plotly.graph_objects as go
import pyarrow as pa
import pytest

from core.analysis.composition import Composition
from core.analysis.expression import NOT_GIVEN
from core.figures.composition import bars
from core.figures.palette import categories
from core.figures.theme import DARK, LIGHT

HTML = "<img src=x>"


def unpacked(array):
    found = np.frombuffer(base64.b64decode(array["bdata"]), dtype=f"<{array['dtype']}")
    return found.reshape([int(part) for part in array["shape"].split(",")]) if "shape" in array else found


def made(samples, kinds, groups=None, *, empty=()):
    random = np.random.default_rng(1)
    rows = []
    for at, sample in enumerate(samples):
        n = [0 if kind in empty else int(random.integers(1, 50)) for kind in kinds]
        group = groups[at] if groups else ""
        rows += [
            {"sample": sample, "group": group, "category": kind, "n": cells, "fraction": cells / sum(n)}
            for kind, cells in zip(kinds, n, strict=True)
        ]
    schema = pa.schema(
        [("sample", pa.string()), ("group", pa.string()), ("category", pa.string()), ("n", pa.int64()),
         ("fraction", pa.float64())]
    )  # fmt: skip
    table = pa.Table.from_pylist(rows, schema)
    return Composition(table, "group" if groups else "", tuple(dict.fromkeys(groups or ())), len(samples), 0, 0)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_bars_fill_each_sample_in_the_colours_of_the_whole_column(theme):
    every = ("Hepatocyte", "Kupffer cell", "T cell", "gone")
    found = made(["s1", "s2", "s3"], [*every, NOT_GIVEN], ["Healthy", "MASH", "MASH"], empty=["gone"])
    figure = bars(found, every, theme)
    go.Figure(figure)
    assert [trace["name"] for trace in figure["data"]] == ["Hepatocyte", "Kupffer cell", "T cell", NOT_GIVEN]
    assert [trace["marker"]["color"] for trace in figure["data"][:3]] == list(categories(every)[:3])
    np.testing.assert_allclose(sum(unpacked(trace["x"]) for trace in figure["data"]), 100, rtol=1e-12)
    rows = {(row["sample"], row["category"]): row for row in found.table.to_pylist()}
    for trace in figure["data"]:
        facts = unpacked(trace["customdata"])
        for sample, share, (n, of) in zip(trace["text"], unpacked(trace["x"]), facts, strict=True):
            row = rows[(sample, trace["name"])]
            assert (n, share) == (row["n"], pytest.approx(100 * row["fraction"]))
            assert of == pytest.approx(row["n"] / row["fraction"])


def test_groups_are_headings_from_top_to_bottom():
    found = made(["s1", "s2", "s3", "s4"], ["a", "b"], ["Healthy", "MASH", "MASH", ""])
    layout = bars(found, ("a", "b"), LIGHT)["layout"]
    texts = [text.split("  ")[0] for text in layout["yaxis"]["ticktext"]]
    assert texts == [
        *("<b>Healthy</b> · 1 sample", "s1"),
        *("<b>MASH</b> · 2 samples", "s2", "s3"),
        *(f"<b>{NOT_GIVEN}</b> · 1 sample", "s4"),
    ]
    assert layout["yaxis"]["tickvals"] == sorted(layout["yaxis"]["tickvals"], reverse=True)
    bare = bars(made(["s1", "s2"], ["a"]), ("a",), LIGHT)["layout"]["yaxis"]
    assert [text.split("  ")[0] for text in bare["ticktext"]] == ["s1", "s2"]
    n = made(["s1"], ["a"]).table["n"].to_pylist()[0]
    assert f"n {n:,}" in bars(made(["s1"], ["a"]), ("a",), LIGHT)["layout"]["yaxis"]["ticktext"][0]


def test_each_bar_stands_at_its_own_name():
    found = made(["s1", "s2"], ["a", "b"], ["Healthy", "MASH"])
    figure = bars(found, ("a", "b"), LIGHT)
    ticks = dict(zip(figure["layout"]["yaxis"]["ticktext"], figure["layout"]["yaxis"]["tickvals"], strict=True))
    for sample, place in zip(figure["data"][0]["text"], unpacked(figure["data"][0]["y"]), strict=True):
        [at] = [value for text, value in ticks.items() if text.startswith(f"{sample}  ")]
        assert at == pytest.approx(place, rel=1e-6)


def test_many_samples_stay_legible():
    def layout(n):
        return bars(made([f"s{at}" for at in range(n)], ["a", "b"]), ("a", "b"), LIGHT)["layout"]

    assert layout(41)["height"] >= 41 * 15
    assert layout(300)["height"] >= 300 * 11
    assert layout(300)["yaxis"]["tickfont"]["size"] >= 9
    assert len(layout(41)["yaxis"]["ticktext"]) == 41


def test_names_are_text_and_nothing_is_an_empty_frame():
    figure = bars(made([HTML], [HTML, "b"], [HTML]), (HTML, "b"), LIGHT)
    assert HTML not in json.dumps(figure)
    empty = bars(made([], []), ("a",), LIGHT)
    assert empty["data"] == []
    assert go.Figure(empty).layout.height > 0
