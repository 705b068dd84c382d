"""Color bars of printed figures: those of a PDF have the colors of the PNG, which Chromium draws as the page does."""

import io
import re
import shutil
import subprocess
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from core.atlas.catalog import Catalog
from core.export.browser import Caller, shared
from core.export.formats import print_bytes
from core.figures.print_style import Look
from core.services.container import Services
from core.settings.settings import browser
from core.settings.settings import load as settings
from core.views.registry import render
from tests.factories import imported, tiny

pytestmark = [
    pytest.mark.skipif(browser() is None, reason="neither Chromium nor Chrome is installed here"),
    pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="pdftoppm is not installed here"),
]
# Each with one color bar at least.
LINKS = {
    "embedding": "/explore?atlas=human/bars&gene=ALB&color=@gene",
    "heatmap": "/explore?atlas=human/bars&tab=dots&genes=ALB+CYP2E1+GLUL",
    "dotplot": "/explore?atlas=human/bars&tab=dots&genes=ALB+CYP2E1+GLUL",
    "pair_map": "/correlation?atlas=human/bars&gene=ALB&gene_b=GLUL",
    "matrix": "/correlation?atlas=human/bars&gene=ALB&genes=ALB+CYP2E1+GLUL+APOA1",
    "marker_dotplot": "/markers?atlas=human/bars&by=CellType",
    "marker_heatmap": "/markers?atlas=human/bars&by=CellType",
}
SIZES = [
    pytest.param(85.0, "light"),
    pytest.param(180.0, "dark", marks=pytest.mark.slow),
    pytest.param(85.0, "dark", marks=pytest.mark.slow),
    pytest.param(180.0, "light", marks=pytest.mark.slow),
]
DPI = 300
# Of 255: Chromium and poppler round colors differently, and antialias the ends of the bar.
NEAR = 6


@pytest.fixture(scope="module")
def services(tmp_path_factory):
    directory = tmp_path_factory.mktemp("bars")
    imported(directory / "data", tiny(directory / "bars.h5ad", n_cells=200), species="human", name="bars")
    services = Services.of(settings(data_dir=directory / "data"))
    assert Catalog(directory / "data").ids() == ["human/bars"]
    yield services
    services.close()


def bars(svg):
    """Return x, y, width and height of each color bar of an SVG, in its own pixels."""
    found = []

    def walk(element, right, down):
        move = re.match(r"translate\(([-\d.]+)[, ]*([-\d.]*)\)", element.get("transform", ""))
        if move:
            right, down = right + float(move[1]), down + float(move[2] or 0)
        if "cbfill" in element.get("class", "").split():
            x, y, width, height = (float(element.get(name, "0")) for name in ("x", "y", "width", "height"))
            found.append((right + x, down + y, width, height))
        for child in element:
            walk(child, right, down)

    walk(ElementTree.fromstring(svg), 0.0, 0.0)
    return found


def middle(image, bar, scale):
    """Read the colors along the middle of a bar, its ends left out; (n, 3)."""
    x, y, width, height = (side * scale for side in bar)
    steps = np.linspace(0.03, 0.97, 60)
    across = width > height
    columns = x + width * (steps if across else 0.5) + 0 * steps
    rows = y + height * (0.5 if across else steps) + 0 * steps
    return np.asarray(image, dtype=np.int64)[rows.astype(int), columns.astype(int)]


def rasterised(pdf, tmp_path, width):
    path = tmp_path / "figure.pdf"
    path.write_bytes(pdf)
    command = ["pdftoppm", "-png", "-singlefile", "-scale-to-x", str(width), "-scale-to-y", "-1", path, path.stem]
    subprocess.run(command, check=True, cwd=tmp_path)
    return Image.open(tmp_path / "figure.png").convert("RGB")


@pytest.mark.parametrize(("width", "theme"), SIZES)
@pytest.mark.parametrize("name", LINKS)
def test_the_bar_of_a_pdf_is_that_of_the_png(services, tmp_path, name, width, theme):
    # At nine points a figure is printed without being scaled, and gradients are right.
    look = Look.of(theme, width=width, dpi=DPI, font_size=7.0)
    drawn = render(services, LINKS[name], look, name)
    caller = Caller(shared())
    png = Image.open(io.BytesIO(print_bytes(drawn, "png", caller))).convert("RGB")
    found = bars(print_bytes(drawn, "svg", caller))
    assert found
    pdf = rasterised(print_bytes(drawn, "pdf", caller), tmp_path, png.width)
    assert abs(pdf.height - png.height) <= 2
    scale = png.width / drawn.figure["layout"]["width"]
    for bar in found:
        right = middle(png, bar, scale)
        # A bar of one color would prove nothing.
        assert np.ptp(right, axis=0).max() > 40
        assert np.abs(middle(pdf, bar, scale) - right).max() <= NEAR
