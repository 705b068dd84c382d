"""Colours: distinct to everybody, the same everywhere, visible on both grounds."""

from itertools import combinations

import numpy as np
import pytest

from core.figures import palette
from core.figures.color_space import blend, contrast, from_linear, from_oklab, linear, oklab, translucent, varied
from core.figures.theme import DARK, LIGHT

# Machado, Oliveira & Fernandes 2009, severity 1.
SIGHT = {
    "normal": np.eye(3),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
}
LIVER = (
    "Hepatocyte (periportal)", "Hepatocyte (midzonal)", "Hepatocyte (pericentral)", "Cholangiocyte", "LSEC",
    "Endothelial cell", "Hepatic stellate cell", "Myofibroblast", "Kupffer cell", "Scar-associated macrophage",
    "Monocyte", "cDC", "Neutrophil", "T cell", "NK cell", "B cell", "Plasma cell",
)  # fmt: skip


def seen(color, sight):
    red, green, blue = np.clip(SIGHT[sight] @ np.array(linear(color)), 0, 1)
    return oklab(from_linear((red, green, blue)))


def nearest(colors, sight="normal"):
    return min(
        np.linalg.norm(np.subtract(seen(one, sight), seen(other, sight))) for one, other in combinations(colors, 2)
    )


@pytest.mark.parametrize("sight", SIGHT)
def test_the_first_twelve_are_distinct_for_everybody(sight):
    assert nearest(palette.CATEGORICAL[:12], sight) > 0.085


def test_colours_stay_distinct_past_twenty():
    assert len(palette.CATEGORICAL) == 28
    assert nearest(palette.CATEGORICAL) > palette.MIN_DISTANCE
    assert nearest([palette.generated(index) for index in range(60)]) > 0.03
    assert len({palette.generated(index) for index in range(120)}) == 120
    assert palette.generated(10_000).startswith("#"), "there is always one"


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_every_colour_stands_out_from_both_grounds(theme):
    known = [color for _, color in palette._CELL_TYPES]
    for color in (*palette.CATEGORICAL, *known, *palette.STAGES, palette.NOT_GIVEN[theme.name]):
        assert contrast(color, theme.paper) > 1.75, color
    assert contrast(theme.ink, theme.paper) > 7
    assert contrast(theme.muted, theme.paper) > 4.5


def test_liver_cell_types_are_known_and_distinct():
    colors = palette.categories(LIVER)
    assert all(palette.cell_type(name) for name in LIVER)
    assert colors == tuple(palette.cell_type(name) for name in LIVER)
    assert nearest(colors) > 0.06


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hepatocyte", "hepatocytes"), ("Kupffer cell", "KCs"), ("Hepatic stellate cell", "HSC"),
        ("CD8 T", "CD8+ T cells"),
        ("NK cell", "Natural killer"), ("LSEC", "Liver sinusoidal endothelial cells"), ("B cell", "CD19+ B"),
        ("cDC", "Dendritic"), ("Monocyte", "CD14+ Monocyte"), ("T cell", "T cells"),
    ],
)  # fmt: skip
def test_one_cell_type_has_one_colour_whatever_it_is_called(one, other):
    assert palette.cell_type(one) == palette.cell_type(other) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("NK cell", "NKT cell"), ("T cell", "B cell"), ("Plasma cell", "Plasmacytoid dendritic cell"), ("HSC", "CD34+"),
        ("Endothelial cell", "LSEC"), ("Mesothelial", "Epithelial"), ("CD4 T", "CD8 T"), ("Macrophage", "Kupffer"),
        ("Plasma cell", "B cell"), ("Monocyte", "Macrophage"),
    ],
)  # fmt: skip
def test_different_cell_types_do_not_share(one, other):
    assert palette.cell_type(one) != palette.cell_type(other)


def test_unknown_names_have_no_meaning():
    for name in ("cluster 7", "", "7", "donor 3", "<img src=x onerror=alert(1)>"):
        assert palette.cell_type(name) is None


def test_colours_depend_on_the_names_alone():
    names = ["Hepatocyte", "one", "two", "CD8 T naive", "CD8 T memory"]
    assert palette.categories(names) == palette.categories(list(names))
    first = palette.categories(names)
    assert len(set(first)) == 5
    assert first[0] == palette.cell_type("Hepatocyte")
    assert palette.categories(["three", "Hepatocyte"])[1] == first[0]


def test_variants_of_one_type_are_told_apart():
    assert nearest(palette.categories([f"CD8 T cell {number}" for number in range(5)])) > palette.MIN_DISTANCE
    assert len(palette.categories([f"Macrophage {number}" for number in range(20)])) == 20


def test_stages_run_from_healthy_to_cirrhosis():
    colors = palette.categories(["Healthy", "MASL", "MASH", "Cirrhosis"])
    lightness = [oklab(color)[0] for color in colors]
    assert lightness[1:] == sorted(lightness[1:], reverse=True)
    assert palette.categories(["MASH", "Healthy"]) == (colors[2], colors[0]), "a stage is the same everywhere"
    assert nearest(colors) > 0.06
    two_words = palette.categories(["control", "NASH", "MASH"])
    assert len(set(two_words)) == 3
    assert palette.categories(["Healthy"]) == (palette.CATEGORICAL[0],), "one stage needs no order"


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("which", ["expression", "number"])
def test_ramps_go_away_from_the_ground(theme, which):
    stops = palette.ramp(which, theme)
    away = [contrast(stop, theme.paper) for stop in stops]
    assert away == sorted(away)
    assert away[-1] > 8
    if which == "expression":
        gap = np.linalg.norm(np.subtract(oklab(stops[0]), oklab(theme.blank)))
        assert gap > 0.08, "the lowest value is not a zero"


def test_colour_arithmetic():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    for color in palette.CATEGORICAL:
        assert from_oklab(oklab(color)) == color
        assert varied(color, 0) == color
        assert varied(color, 1) != color
    assert oklab("#ffffff") == pytest.approx((1, 0, 0), abs=1e-4)
    assert from_oklab((0.5, 0.4, 0.4)).startswith("#"), "too much chroma is reduced"
    assert blend(("#000000", "#ffffff"), 0) == "#000000"
    assert blend(("#000000", "#ffffff"), 2) == "#ffffff"
    assert translucent("#ff8000", 0.5) == "rgba(255,128,0,0.5)"
