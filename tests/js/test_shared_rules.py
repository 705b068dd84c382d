"""Rules that Python and JavaScript both have, by the fixtures that the tests of the scripts read too."""

import base64
import io
import json
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest
from PIL import Image

from core.analysis.raster import Scale
from core.errors import InvalidQuery
from core.figures.bitmap import densities
from core.figures.cell_map import blended, with_cells
from core.figures.labels import arranged
from core.selection.model import Lasso
from core.urls.permalinks import permalink, read
from core.views.explore import zoom
from core.views.resolve import zoom_of

FIXTURES = Path(__file__).parent / "fixtures"
BLEND = [f"#{code >> 4:02x}{code & 15:02x}07" for code in range(256)]
DTYPES = {"count": np.uint16, "outside": np.uint16, "code": np.uint16, "value": np.uint16, "value_b": np.uint16}


def fixture(name: str):
    return json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))


def named(case: dict) -> str:
    return case["name"]


ZOOM = fixture("zoom")
CELLS = fixture("cells")


@pytest.mark.parametrize("case", ZOOM["read"], ids=lambda case: case["search"] or "none")
def test_a_zoom_is_read(case):
    found = zoom.read(zoom_of(case["search"]))
    assert found == (None if case["zoom"] is None else tuple(case["zoom"]))


@pytest.mark.parametrize("search", ZOOM["invalid"])
def test_an_invalid_zoom_is_refused(search):
    with pytest.raises(InvalidQuery):
        zoom.read(zoom_of(search))


@pytest.mark.parametrize("case", ZOOM["write"], ids=lambda case: case["search"])
def test_a_zoom_is_written(case):
    assert zoom.written(case["plain"], case["zoom"]) == case["search"]


def test_a_zoom_of_large_coordinates_is_read_back():
    window = (1_234_567.0, 2e7, -1e-7, 3e9)
    assert zoom.read(zoom_of(zoom.written("?gene=ALB", window))) == pytest.approx(window, rel=1e-5)


@pytest.mark.parametrize("case", fixture("permalinks"), ids=lambda case: case["figure"])
def test_a_permalink_is_written_and_read(case):
    link = permalink(
        case["figure"], case["search"], case["content_hash"], case["panel"], [*case.get("beside", {}).values()]
    )
    # Browsers and Python escape a few characters differently: what is escaped is the same.
    assert urlsplit(link).path == urlsplit(case["link"]).path
    assert parse_qsl(urlsplit(link).query, keep_blank_values=True) == parse_qsl(
        urlsplit(case["link"]).query, keep_blank_values=True
    )
    assert read(link) == read(case["link"])
    assert read(link).figure == case["figure"]


def unpacked(numbers: dict) -> list[float]:
    return np.frombuffer(base64.b64decode(numbers["bdata"]), numbers["dtype"]).tolist()


@pytest.mark.parametrize("case", CELLS["cases"], ids=named)
def test_cells_come_into_a_figure(case):
    xy = np.array([CELLS["x"], CELLS["y"]], dtype=np.float32)
    codes = case["codes"]
    places = np.array([codes.index(code) if code in codes else -1 for code in case["facets"] or codes * xy.shape[1]])
    if case["mask"]:
        places[np.array(case["mask"]) == 0] = -1
    values = None if case["values"] is None else np.array(case["values"], dtype=np.float32)
    figure = {"data": [{"marker": {"size": 3}} for _ in range(2 * len(codes))], "layout": {}}
    data = with_cells(figure, xy, places, values, case["kind"], sort=case["sort"])["data"]
    for number, wanted in enumerate(case["maps"]):
        for trace, cells in zip(data[2 * number : 2 * number + 2], (wanted["outside"], wanted["inside"]), strict=True):
            assert unpacked(trace["x"]) == xy[0, cells].tolist()
            assert unpacked(trace["y"]) == xy[1, cells].tolist()
        marker = data[2 * number + 1]["marker"]
        assert "color" not in marker if wanted["color"] is None else unpacked(marker["color"]) == wanted["color"]


@pytest.mark.parametrize("name", ["blend", "blend_of_nothing"])
def test_two_genes_are_one_code(name):
    case = CELLS[name]
    one, other = (np.array(case[part], dtype=np.float32) for part in ("one", "other"))
    assert blended(one, other, tuple(case["tops"])).tolist() == case["codes"]


@pytest.mark.parametrize("case", fixture("raster"), ids=named)
def test_grids_become_pixels(case):
    shape = (case["height"], case["width"])
    planes = {name: np.array(plane, dtype=DTYPES[name]).reshape(shape) for name, plane in case["planes"].items()}
    scales = [Scale(np.zeros(0), float(low), float(high)) for low, high in case["scales"]]
    table = BLEND if case["colours"]["table"] == "blend" else case["colours"]["table"]
    colors = {**case["colours"], "table": table, "outside": case["outside"]}
    png = densities(planes, scales, colors, case["kind"], tuple(case["tops"]))
    found = np.asarray(Image.open(io.BytesIO(png)).convert("RGBA")).reshape(-1, 4).astype(int)
    wanted = np.array(case["rgba"])
    np.testing.assert_array_equal(found[:, :3], wanted[:, :3])
    # Python cuts the opacity off, a canvas rounds it.
    np.testing.assert_allclose(found[:, 3], wanted[:, 3], atol=1)


@pytest.mark.parametrize("case", fixture("lassos"), ids=named)
def test_a_lasso_of_the_browser_is_read(case):
    lasso = Lasso.parse(f"X_umap:1-3:{case['text']}")
    assert lasso.plane == "X_umap:1-3"
    assert str(lasso) == f"X_umap:1-3:{case['text']}"


@pytest.mark.parametrize("case", fixture("labels"), ids=named)
def test_labels_are_placed(case):
    names, (x0, x1, y0, y1) = case["names"], case["range"]
    at = np.array([(name["x"], name["y"]) for name in names]).reshape(-1, 2)
    texts, sizes = [name["text"] for name in names], [name["n"] for name in names]
    found = arranged(texts, at, sizes, ((x0, x1), (y0, y1)), tuple(case["panel"]))
    wanted = [
        (names[each["index"]]["text"], *at[each["index"]].tolist(), each["right"], each["up"])
        for each in case["placed"]
    ]
    assert [(label.text, label.x, label.y, label.right, label.up) for label in found] == wanted
