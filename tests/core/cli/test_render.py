"""``masldatlas render``: content and metadata of the files."""

import base64
import csv
import io
import json
import re
import zipfile
from functools import partial
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import pikepdf
import pypdf
import pytest
from PIL import Image

from core import __version__
from core.settings.settings import browser, load
from core.urls.figure_specs import FIGURES
from tests.factories import DRAWN, imported, tiny
from tests.tables import body as table_of

SVG = "{http://www.w3.org/2000/svg}"
ATLAS = "human/liver"
needs_browser = pytest.mark.skipif(browser() is None, reason="neither Chromium nor Chrome is installed here")
# Of everything that a file must say of itself.
TOLD = ("dataset", "dataset_title", "citation", "source_sha256", "content_hash", "selection", "parameters", "n_cells",
        "n_samples", "permalink", "version", "simulated", "legend", "methods")  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Return a data directory with human/liver, and mouse/made, which is simulated."""
    data = tmp_path_factory.mktemp("render")
    imported(data, tiny(data / "files" / "liver.h5ad"), species="human", citation="Müller & <Söhne>, 2026")
    imported(data, tiny(data / "files" / "made.h5ad", seed=1), species="mouse", simulated=True)
    return data


@pytest.fixture(scope="module")
def client(data):
    """Return a client of an app on the same data."""
    from app import create_app

    return create_app(load(data_dir=data)).server.test_client()


@pytest.fixture
def run(data, run_in):
    return partial(run_in, data, "render")


@pytest.fixture
def made(run, tmp_path):
    """Return a function that renders a link into a file and returns its bytes."""

    def made(name, link, *options):
        assert run(link, "-o", tmp_path / name, *options) == (0, "", "")
        return (tmp_path / name).read_bytes()

    return made


def link(figure, **query):
    return f"{FIGURES[figure].path}?{urlencode({'v': 1, 'figure': figure, 'atlas': ATLAS, **query})}"


def check(facts, *, simulated=False):
    """Check that facts are complete."""
    assert set(TOLD) <= set(facts)
    assert facts["version"] == __version__
    assert facts["n_cells"] == 30
    assert facts["n_samples"] == 3
    assert facts["selection"] == "Group is MASH"
    assert re.fullmatch("[0-9a-f]{64}", facts["source_sha256"])
    assert facts["permalink"].startswith("/explore?v=1&figure=")
    assert facts["simulated"] is simulated
    assert facts["legend"].startswith("SIMULATED") is simulated
    assert facts["methods"].startswith("SIMULATED") is simulated


def test_the_views_are_listed(run):
    code, out, err = run("--list")
    assert (code, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()] == list(FIGURES)


@pytest.mark.parametrize("figure", DRAWN)
def test_source_data_and_json_need_no_browser(made, monkeypatch, figure):
    monkeypatch.setenv("BROWSER_PATH", "/nowhere/chromium")
    address = link(figure, gene="ALB", **({"set_a": "ALB CYP2E1"} if figure == "set_violin" else {}))
    rows = list(csv.reader(io.StringIO(table_of(made("a.csv", address).decode()))))
    assert len({len(row) for row in rows}) == 1
    assert len(rows) > 2
    assert made("a.csv", address) == made("b.csv", address)
    body = json.loads(made("a.json", address))
    assert body["data"]
    assert body["masldatlas"]["figure"] == figure


@pytest.mark.parametrize(
    ("figure", "query", "api"),
    [
        ("ranking", {"gene": "ALB", "method": "pearson"}, "correlations?gene=ALB&method=pearson"),
        ("dotplot", {"genes": "ALB APOA1", "by": "Group"}, "dotplot?genes=ALB,APOA1&by=Group"),
        ("composition", {"by": "CellType"}, "composition?by=CellType"),
        ("markers", {"by": "Group", "category": "MASH"}, "markers?by=Group&category=MASH"),
    ],
)
def test_the_source_data_are_those_of_the_api(made, client, figure, query, api):
    cells = {} if figure == "markers" else {"where": "Group=MASH"}
    answer = client.get(f"/api/v1/datasets/{ATLAS}/{api}&format=csv&{urlencode(cells)}")
    assert answer.status_code == 200
    assert table_of(made("a.csv", link(figure, **query, **cells)).decode()) == table_of(answer.text)


@needs_browser
def test_svg_is_vector_in_millimetres_with_its_facts_and_always_the_same(made):
    address = link("violin", gene="ALB", where="Group=MASH")
    options = ("--width", "85mm", "--height", "6cm", "--theme", "journal", "--title")
    content = made("a.svg", address, *options)
    assert content == made("b.svg", address, *options)
    root = ET.fromstring(content)
    assert (root.get("width"), root.get("height")) == ("85mm", "60mm")
    letters = [text for text in root.iter(f"{SVG}text") if (text.text or "".join(text.itertext())).strip()]
    assert "ALB by cell type" in ["".join(text.itertext()) for text in letters]
    assert "<b>LSEC</b>" in " ".join("".join(text.itertext()) for text in letters)
    assert not list(root.iter(f"{SVG}image")), "a picture in a figure of lines"
    check(json.loads(root.find(f"{SVG}metadata").text))
    assert json.loads(root.find(f"{SVG}metadata").text)["citation"] == "Müller & <Söhne>, 2026"
    # 12 pixels of the figure are 7 points of the paper.
    width = float(root.get("viewBox").split()[2])
    assert 12 * 85 / width / 25.4 * 72 == pytest.approx(7, abs=0.01)


@needs_browser
def test_png_has_its_size_its_resolution_and_its_facts(made):
    content = made("a.png", link("embedding", where="Group=MASH"), "--width", "114", "--dpi", "600", "--height", "80")
    with Image.open(io.BytesIO(content)) as image:
        assert image.size == pytest.approx((114 / 25.4 * 600, 80 / 25.4 * 600), abs=2)
        assert image.info["dpi"] == pytest.approx((600, 600), abs=0.01)
        check(json.loads(image.text["MASLDatlas"]))
        assert isinstance(image.text["MASLDatlas"], type(image.text["Title"]))
        assert b"iTXt" in content


@needs_browser
def test_pdf_has_its_size_its_text_and_its_facts(made):
    address = link("dotplot", genes="ALB APOA1", where="Group=MASH")
    content = made("a.pdf", address, "--width", "cell-1", "--height", "70mm", "--title")
    reader = pypdf.PdfReader(io.BytesIO(content))
    [page] = reader.pages
    assert [float(side) / 72 * 25.4 for side in page.mediabox[2:]] == pytest.approx([85, 70], abs=0.05)
    text = page.extract_text()
    assert "Hepatocyte" in text
    assert "2 genes by cell type" in text
    places = []
    page.extract_text(visitor_text=lambda said, cm, tm, *_: places.append((said.strip(), cm, tm)))
    # The figure fills the page: what stands left and right of it lies within, and not in a corner.
    across = [tm[4] * cm[0] + cm[4] for said, cm, tm in places if said]
    assert 0 <= min(across) < 85 / 25.4 * 72 / 3
    assert 85 / 25.4 * 72 * 2 / 3 < max(across) < 85 / 25.4 * 72
    with pikepdf.open(io.BytesIO(content)) as opened, opened.open_metadata() as meta:
        assert meta["dc:title"] == "2 genes by cell type"
        check(json.loads(meta["{https://masldatlas.org/ns/figure/1/}facts"]))


@needs_browser
def test_a_zip_holds_all_there_is_and_says_simulated_everywhere(made):
    query = {"atlas": "mouse/made", "where": "Group=MASH", "gene": "ALB"}
    with zipfile.ZipFile(io.BytesIO(made("a.zip", link("violin", **query)))) as found:
        files = {name: found.read(name) for name in found.namelist()}
    assert sorted(files) == [
        *("CITATION.cff", "README.txt", "facts.json", "figure.eps", "figure.json", "figure.pdf", "figure.png"),
        *("figure.svg", "legend.txt", "methods.txt", "source_data_density.csv", "source_data_summary.csv"),
        "versions.txt",
    ]
    assert b'"simulated": true' in files["facts.json"]
    for name in set(files) - {"facts.json", "figure.json", "figure.pdf", "figure.png"}:
        assert b"SIMULATED" in files[name], name
    check(json.loads(ET.fromstring(files["figure.svg"]).find(f"{SVG}metadata").text), simulated=True)
    assert f"masldatlas {__version__}" in files["versions.txt"].decode()


@needs_browser
def test_only_the_points_of_a_large_map_are_a_picture(made, monkeypatch):
    monkeypatch.setattr("core.export.formats.MOST_POINTS", 10)
    root = ET.fromstring(made("a.svg", link("embedding", where="Group=MASH"), "--dpi", "300", "--width", "85mm"))
    [image] = root.iter(f"{SVG}image")
    source = image.get("{http://www.w3.org/1999/xlink}href") or image.get("href")
    with Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2]))) as picture:
        pixels = picture.width
    inches = float(image.get("width")) * 85 / float(root.get("viewBox").split()[2]) / 25.4
    assert pixels / inches == pytest.approx(300, rel=0.03)
    assert "UMAP 1" in ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]


def test_without_a_browser_one_sentence_says_so(run, tmp_path, monkeypatch):
    monkeypatch.setenv("BROWSER_PATH", "/nowhere/chromium")
    code, out, err = run(link("violin"), "-o", tmp_path / "a.pdf")
    assert (code, out) == (2, "")
    assert err.startswith("masldatlas: No browser was found")
    assert len(err.splitlines()) == 1
    assert not (tmp_path / "a.pdf").exists()


def test_a_file_may_hold_the_link(made, tmp_path):
    query = tmp_path / "query.txt"
    query.write_text(f"\n  https://atlas.example.org{link('violin', gene='ALB')}\n", "utf-8")
    assert made("a.csv", query) == made("b.csv", link("violin", gene="ALB"))
    assert made("c.csv", link("violin", gene="ALB").partition("?")[2]) == made("b.csv", link("violin", gene="ALB"))


@pytest.mark.parametrize(
    "content",
    ["# of Tuesday\n/explore?figure=violin&gene=ALB", "/explore?gene=ALB\n/explore?gene=GLUL", "#", "ALB CYP2E1"],
)
def test_a_file_that_does_not_hold_one_link_is_refused(run, tmp_path, content):
    query = tmp_path / "query.txt"
    query.write_text(content, "utf-8")
    code, _, err = run(query, "-o", tmp_path / "a.csv")
    assert code == 2
    assert "must contain exactly one permalink" in err
    assert not (tmp_path / "a.csv").exists()


def test_a_list_in_a_file_may_have_blanks(made, tmp_path):
    query = tmp_path / "query.txt"
    query.write_text(f"/explore?atlas={ATLAS}&figure=dotplot&genes=ALB CYP2E1\n", "utf-8")
    assert made("a.csv", query) == made("b.csv", link("dotplot", genes="ALB CYP2E1"))


def test_what_cannot_be_written_leaves_what_was_there(run, tmp_path):
    for output in (tmp_path / f"{'x' * 300}.csv", tmp_path / "loop.csv"):
        if output.name == "loop.csv":
            output.symlink_to(output)
        code, _, err = run(link("violin", gene="ALB"), "-o", output)
        assert code == 2
        assert "cannot be written: " in err
        assert len(err.splitlines()) == 1
    old = tmp_path / "old.csv"
    old.write_text("before")
    (tmp_path / ".old.csv.part").mkdir()
    code, _, err = run(link("violin", gene="ALB"), "-o", old)
    assert (code, old.read_text()) == (2, "before")


def test_a_changed_atlas_is_told(run, tmp_path):
    code, _, err = run(link("violin", hash="0123456789ab"), "-o", tmp_path / "a.csv")
    assert (code, err) == (
        0,
        "masldatlas: human/liver has changed since the link was created: the figure may differ.\n",
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["/explore?v=2", "-o", "a.csv"], "reads version 1"),
        (["/explore?figure=<script>alert(1)</script>", "-o", "a.csv"], "There is no figure"),
        (["/explore?genes=" + "ALB%2C" * 10_000, "-o", "a.csv"], "characters long"),
        (["A=" + "B" * 5_000, "-o", "a.csv"], "is 5,000 characters long"),
        (["../../etc/passwd?figure=violin", "-o", "a.csv"], "not a page with figures"),
        (["/etc/passwd", "-o", "a.csv"], "must contain exactly one permalink"),
        (["nonsense", "-o", "a.csv"], "neither a permalink nor a file"),
        (["\udcff\udcfe", "-o", "a.csv"], "neither a permalink nor a file"),
        (["/explore", "-o", "a.exe"], "is not a known format"),
        (["/explore", "-o", "noextension"], "is not a known format"),
        (["/explore", "-o", "/nowhere/at/all/a.csv"], "The directory /nowhere/at/all does not exist"),
        (["/explore", "-o", "a.csv", "--width", "85furlongs"], "is not a length"),
        (["/explore", "-o", "a.csv", "--width", "9000mm"], "cannot be drawn"),
        (["/explore", "-o", "a.csv", "--dpi", "100000"], "cannot be drawn"),
        (["/explore", "-o", "a.csv", "--theme", "neon"], "no theme"),
        (["/explore", "-o", "a.csv", "--figure", "matrix"], "not on /explore"),
        (["/explore?gene=NOSUCHGENE", "-o", "a.csv"], '"NOSUCHGENE" was not found'),
        (["/explore"], "-o FILE"),
        ([], "-o FILE"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_one_sentence(run, tmp_path, monkeypatch, arguments, said):
    monkeypatch.chdir(tmp_path)
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert len(err.splitlines()) == 1
    assert not list(tmp_path.iterdir())
