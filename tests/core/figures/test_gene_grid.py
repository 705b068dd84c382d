"""Dot plots and heatmaps: what is drawn is what was counted, wherever it stands, and names are never markup."""

import base64
import json
import math

import numpy as np
import plotly.graph_objects as go
import pyarrow as pa
import pytest

from core.figures.dotplot import LARGEST, SIZES, dotplot, standardised
from core.figures.gene_grid import (
    LEAST,
    MAX_ACROSS,
    MAX_MEASURED,
    Grid,
    arranged,
    frame,
    genes_within,
    least_size,
    least_width,
)
from core.figures.heatmap import FURTHEST, heatmap, z_scores
from core.figures.theme import DARK, LIGHT

HTML = "<img src=x>"
ESCAPED = "&lt;img src=x&gt;"


def unpacked(array):
    found = np.frombuffer(base64.b64decode(array["bdata"]), dtype=f"<{array['dtype']}")
    return found.reshape([int(part) for part in array["shape"].split(",")]) if "shape" in array else found


def table_of(genes, categories, splits=(), *, empty=(), seed=0):
    """A table as `core.analysis.dotplot.dots` makes it; `empty` are categories without cells."""
    random = np.random.default_rng(seed)
    rows = []
    for gene in genes:
        for category in categories:
            for split in splits or ("",):
                n = 0 if category in empty else 40
                n_expressing = int(random.integers(0, n + 1)) if n else 0
                mean = float(random.gamma(2.0)) * n_expressing / n if n else math.nan
                rows.append(
                    {
                        "gene": gene,
                        "category": category,
                        **({"split": split} if splits else {}),
                        "n": n,
                        "n_expressing": n_expressing,
                        "pct_expressing": 100 * n_expressing / n if n else math.nan,
                        "mean": mean,
                        "mean_expressing": mean,
                    }
                )
    return pa.Table.from_pylist(rows)


def shown(figure):
    """What a reader of a dot plot sees: by gene and category, size and colour."""
    dots, layout = figure["data"][0], figure["layout"]
    axes = [layout[axis] for axis in ("xaxis", "yaxis")]
    across, down = (dict(zip(axis["tickvals"], axis["ticktext"], strict=True)) for axis in axes)
    size, color = unpacked(dots["marker"]["size"]), unpacked(dots["marker"]["color"])
    return {
        (across[float(x)], down[float(y)]): (float(s), float(c))
        for x, y, s, c in zip(unpacked(dots["x"]), unpacked(dots["y"]), size, color, strict=True)
    }


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("n_genes", [1, 5, MAX_ACROSS, MAX_ACROSS + 1, 300])
@pytest.mark.parametrize("splits", [(), ("Healthy", "MASH")])
def test_every_dot_stands_at_its_gene_and_category(theme, n_genes, splits):
    genes = [f"G{at}" for at in range(n_genes)]
    table = table_of(genes, ["a", "b", "c"], splits, empty=["b"])
    figure = dotplot(table, "log1p", theme)
    go.Figure(figure)
    found = shown(figure)
    across = n_genes <= MAX_ACROSS
    expected = 0
    for row in table.to_pylist():
        place = f"{row['category']} · {row['split']}" if splits else row["category"]
        key = (f"<i>{row['gene']}</i>", place) if across else (place, f"<i>{row['gene']}</i>")
        if not row["n_expressing"]:
            assert key not in found
            continue
        size, color = found[key]
        expected += 1
        assert color == pytest.approx(row["mean"], rel=1e-6)
        assert (size / LARGEST) ** 2 <= row["pct_expressing"] / 100 + 1e-6
    assert len(found) == expected > 0


def test_the_area_of_a_dot_is_its_share_and_the_legend_says_so():
    table = table_of(["A", "B"], ["x", "y", "z"])
    figure = dotplot(table, "u", LIGHT)
    found = shown(figure)
    scale = {percent: trace["marker"]["size"] for percent, trace in zip(SIZES, figure["data"][1:], strict=True)}
    assert [trace["name"].removesuffix("%") for trace in figure["data"][1:]] == [str(size) for size in SIZES]
    for row in table.to_pylist():
        if row["n_expressing"]:
            size, _ = found[(f"<i>{row['gene']}</i>", row["category"])]
            assert (size / scale[100]) ** 2 == pytest.approx(row["pct_expressing"] / 100, rel=1e-5)
    assert (scale[25] / scale[100]) ** 2 == pytest.approx(0.25)
    assert scale[100] <= LARGEST, "Plotly would draw it smaller in the legend"


def test_standardised_colours_run_from_0_to_1_in_each_gene():
    mean = np.array([[1.0, 3.0, 2.0], [5.0, 5.0, 5.0], [-1.0, 0.0, 1.0]])
    np.testing.assert_allclose(standardised(mean), [[0, 1, 0.5], [0, 0, 0], [0, 0.5, 1]])
    assert standardised(np.empty((2, 0))).shape == (2, 0)
    figure = dotplot(table_of(["A"], ["x", "y", "z"]), "log1p", LIGHT, standardise=True)
    assert (figure["data"][0]["marker"]["cmin"], figure["data"][0]["marker"]["cmax"]) == (0, 1)
    plain = dotplot(table_of(["A"], ["x", "y", "z"]), "log1p", LIGHT)
    assert plain["data"][0]["marker"]["colorbar"]["title"]["text"] == "mean log1p"


def test_hover_tells_the_cells():
    table = table_of(["A", "B"], ["x", "y"])
    dots = dotplot(table, "u", LIGHT)["data"][0]
    rows = [row for row in table.to_pylist() if row["n_expressing"]]
    expected = [[row["n_expressing"], row["n"], row["pct_expressing"], row["mean"]] for row in rows]
    np.testing.assert_allclose(unpacked(dots["customdata"]), expected, rtol=1e-6)
    assert dots["text"] == [f"<i>{row['gene']}</i> · {row['category']}" for row in rows]


def test_hover_of_scaled_colours_tells_mean_and_scale():
    dots = dotplot(table_of(["A"], ["x", "y", "z"]), "u", LIGHT, standardise=True)["data"][0]
    assert "mean %{customdata[3]" in dots["hovertemplate"]
    assert "0 lowest, 1 highest category of this gene" in dots["hovertemplate"]
    np.testing.assert_allclose(unpacked(dots["customdata"])[:, 4], unpacked(dots["marker"]["color"]), rtol=1e-6)


@pytest.mark.parametrize("draw", [dotplot, heatmap])
def test_signed_values_above_zero_are_not_called_expression(draw):
    table = table_of(["A"], ["x", "y"])
    said = {signed: str(draw(table, "z-score", LIGHT, signed=signed)) for signed in (False, True)}
    assert "express" in said[False]
    assert "express" not in said[True]
    assert "above 0" in said[True]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("n_genes", [4, 60])
def test_the_heatmap_is_z_per_gene_with_its_middle_at_0(theme, n_genes):
    table = table_of([f"G{at}" for at in range(n_genes)], ["a", "b", "c", "d"], empty=["c"])
    figure = heatmap(table, "log1p", theme)
    go.Figure(figure)
    trace = figure["data"][0]
    grid = Grid.of(table)
    expected = (grid.mean - grid.mean.mean(axis=1, keepdims=True)) / grid.mean.std(axis=1, keepdims=True)
    z = unpacked(trace["z"])
    np.testing.assert_allclose(z.T if n_genes <= MAX_ACROSS else z, expected, atol=1e-5)
    assert trace["zmin"] == -trace["zmax"]
    assert trace["zmax"] <= FURTHEST
    assert unpacked(trace["customdata"]).shape == (*z.shape, 3)


def test_a_gene_that_is_the_same_everywhere_has_no_z():
    z = z_scores(np.array([[0.1, 0.1, 0.1], [0.0, 0.0, 0.0], [1.0, 2.0, 3.0]]))
    assert np.isnan(z[:2]).all()
    np.testing.assert_allclose(z[2], [-(1.5**0.5), 0, 1.5**0.5])
    one = heatmap(table_of(["A"], ["x"]), "u", LIGHT)
    assert one["data"][0]["zmax"] > 0, "a scale, even where there is nothing on it"


def test_a_field_of_one_extreme_category_does_not_take_all_the_colours():
    categories = [str(at) for at in range(30)]
    rows = table_of(["A"], categories).to_pylist()
    for row in rows:
        row["mean"] = 9.0 if row["category"] == "3" else 0.1
    assert heatmap(pa.Table.from_pylist(rows), "u", LIGHT)["data"][0]["zmax"] == FURTHEST


@pytest.mark.parametrize("draw", [dotplot, heatmap])
def test_names_are_text(draw):
    figure = draw(table_of([HTML, "A & B"], [HTML, "y"], [HTML]), HTML, LIGHT)
    assert HTML not in json.dumps(figure)
    assert f"<i>{ESCAPED}</i>" in figure["layout"]["xaxis"]["ticktext"]


@pytest.mark.parametrize("draw", [dotplot, heatmap])
def test_without_a_cell_there_is_an_empty_frame(draw):
    figure = draw(table_of(["A", "B"], ["x"], empty=["x"]), "u", LIGHT)
    assert go.Figure(figure).layout.height > 100
    assert figure["layout"]["yaxis"]["ticktext"] == []


@pytest.mark.parametrize("draw", [dotplot, heatmap])
def test_a_long_list_runs_down_and_stays_within_reason(draw):
    def height(n):
        return draw(table_of([f"G{at}" for at in range(n)], ["x", "y"]), "u", LIGHT)["layout"]["height"]

    assert height(MAX_ACROSS) < 300
    assert height(500) < 500 * 14
    assert height(100) < height(200) < height(500)
    layout = draw(table_of([f"G{at}" for at in range(MAX_MEASURED + 1)], ["x"]), "u", LIGHT)["layout"]
    assert not layout["yaxis"]["automargin"], "measuring hundreds of names takes seconds"
    assert layout["margin"]["l"] > 20


def test_the_categories_of_a_split_stand_apart():
    figure = dotplot(table_of(["A"], ["x", "y"], ["one", "two"]), "u", LIGHT)
    places = np.diff(figure["layout"]["yaxis"]["tickvals"])
    assert places[1] > places[0] == places[2]


def test_a_narrow_screen_scrolls_instead_of_squeezing():
    few, many = (least_width(Grid.of(table_of([f"G{at}" for at in range(n)], ["x"]))) for n in (3, 40))
    assert few == LEAST
    assert many > 40 * 15


@pytest.mark.parametrize("n_categories", [1, 2])
def test_over_two_categories_a_gene_has_no_z(n_categories):
    table = table_of(["A", "B"], ["x", "y"][:n_categories])
    grid = Grid.of(table)
    trace = heatmap(table, "log1p", LIGHT)["data"][0]
    np.testing.assert_allclose(unpacked(trace["z"]).T, grid.mean, rtol=1e-6)
    assert trace["zmin"] == 0
    assert trace["colorbar"]["title"]["text"] == "mean log1p"
    dots = dotplot(table, "log1p", LIGHT, standardise=True)["data"][0]
    assert dots["marker"]["colorbar"]["title"]["text"] == "mean log1p"
    assert "0 lowest" not in dots["hovertemplate"]


MM = 96 / 25.4 / (7 * 96 / 72 / 12)


def long_table(n_genes):
    return table_of([f"GENE{at}" for at in range(n_genes)], [f"category {at}" for at in range(16)])


@pytest.mark.parametrize("n_genes", [100, 128])
def test_a_long_list_fits_a_page_in_blocks_side_by_side(n_genes):
    table, width, page = long_table(n_genes), 183 * MM, 170 * MM
    grid = Grid.of(table)
    n_blocks = arranged(grid, width, page).n_blocks
    assert n_blocks > 1
    assert genes_within(grid, width, page) >= n_genes
    for draw in (dotplot, heatmap):
        figure = draw(table, "u", LIGHT, width=width, n_blocks=n_blocks)
        go.Figure(figure)
        assert figure["layout"]["height"] <= page
        named = figure["layout"]["yaxis"]["ticktext"] + [it["text"] for it in figure["layout"]["annotations"]]
        assert named == grid.names


def test_in_blocks_every_dot_and_field_stands_at_its_gene_and_category():
    table, n_blocks, width = long_table(90), 3, 183 * MM
    grid, rows = Grid.of(table), 30
    layout = frame(Grid.of(table, n_blocks), grid.places, LIGHT, legend=True, width=width)
    across = np.reshape(layout["xaxis"]["tickvals"], (n_blocks, 16))
    assert (np.diff(across.ravel()) > 0.99).all(), "blocks do not overlap"
    dots = dotplot(table, "u", LIGHT, width=width, n_blocks=n_blocks)["data"][0]
    genes, columns = np.nonzero(grid.n_expressing)
    np.testing.assert_allclose(unpacked(dots["y"]), genes % rows)
    np.testing.assert_allclose(unpacked(dots["x"]), across[genes // rows, columns], rtol=1e-5)
    fields = heatmap(table, "u", LIGHT, width=width, n_blocks=n_blocks)["data"]
    np.testing.assert_allclose(np.concatenate([unpacked(it["z"]) for it in fields]), z_scores(grid.mean), atol=1e-5)
    assert [it["x0"] for it in fields] == pytest.approx(across[:, 0])
    assert [it["showscale"] for it in fields] == [True, False, False]
    assert {(it["zmin"], it["zmax"]) for it in fields} == {(fields[0]["zmin"], fields[0]["zmax"])}


def test_where_nothing_fits_as_many_genes_are_proposed_as_do():
    grid, narrow, wide, page = Grid.of(long_table(158)), 89 * MM, 183 * MM, 170 * MM
    most = genes_within(grid, narrow, page)
    assert MAX_ACROSS < most < 60
    fewer = arranged(Grid.of(long_table(most)), narrow, page)
    assert fewer.n_blocks == 1
    assert frame(fewer, fewer.places, LIGHT, legend=True, width=narrow)["height"] <= page
    assert arranged(grid, wide, page).n_blocks == 3, "the lowest that there is"


def test_on_a_narrow_page_genes_run_downwards_rather_than_in_smaller_letters():
    grid, page = Grid.of(long_table(30)), 170 * MM
    assert arranged(grid, 183 * MM, page).across
    narrow = arranged(grid, 85 * MM, page)
    assert (narrow.across, narrow.n_blocks) == (False, 1)
    assert least_size(narrow)[0] <= 85 * MM < least_size(grid)[0]
    assert arranged(grid, 10, page) is grid, "nothing fits"


LONG = "naive thymus-derived CD4-positive, alpha-beta T cell"


@pytest.mark.parametrize("draw", [dotplot, heatmap])
@pytest.mark.parametrize("n_genes", [8, 60])
def test_a_long_name_of_a_category_is_whole_and_has_its_room(draw, n_genes):
    def layout(*more):
        table = table_of([f"G{at}" for at in range(n_genes)], ["a", "b", "c", *more])
        return draw(table, "u", LIGHT, width=183 * MM)["layout"]

    # Above columns a long name beside a short one lies flat, two long ones do not.
    one, two = layout("d", "e"), layout(LONG, f"{LONG}s")
    axis = two["yaxis" if n_genes == 8 else "xaxis"]
    found = next(text for text in axis["ticktext"] if text.startswith(LONG[:10]))
    assert found.replace("<br>", " ") == LONG
    assert two["height"] > one["height"]
    if n_genes == 8:
        assert max(map(len, found.split("<br>"))) <= 30
        rows = (two["height"] - two["margin"]["t"] - two["margin"]["b"]) / 5
        assert rows >= 2 * 1.3 * axis["tickfont"]["size"]
    assert "…" in "".join(layout("x" * 80)["yaxis" if n_genes == 8 else "xaxis"]["ticktext"])
