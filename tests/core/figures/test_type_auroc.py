"""The heat map of AUROC between cell types."""

import math

import numpy as np
import plotly.graph_objects as go
import pytest

from core.figures.text_width import widest
from core.figures.theme import DARK, LIGHT
from core.figures.type_auroc import Aurocs, heatmap, least_width

TYPES = [f"Hepatocyte of zone {at}" for at in range(17)]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("width", "numbered"), [(400, False), (900, True), (0, True)])
def test_numbers_and_names_stand_only_where_they_have_room(theme, width, numbered):
    found = Aurocs(TYPES, TYPES, np.eye(17), [(0, 0, False), (1, 2, True)], ("One", "Other"))
    figure = heatmap(found, theme, width)
    go.Figure(figure)
    assert ("texttemplate" in figure["data"][0]) is numbered
    axis = figure["layout"]["xaxis"]
    if width:
        step = (width - widest(TYPES, 11) - 104) / 17
        assert axis["tickfont"]["size"] <= step * math.sin(math.radians(-axis["tickangle"])) / 1.15 + 1e-6
        assert least_width(found) < width
    assert len(figure["layout"]["shapes"]) == 3
