"""Figures over the API: the same files as on the command line, and refused requests."""

import io
import json
import threading
import zipfile
from time import sleep
from urllib.parse import quote, urlencode

import pikepdf
import pytest
from flask import Flask
from PIL import Image

from core.atlas.catalog import Catalog
from core.errors import Busy
from core.export.browser import Browser
from core.export.browser_queue import Queue
from core.export.eps import facts_in
from core.export.exporter import Exporter, RenderRequest
from core.figures.print_style import PARAMETERS, Look
from core.services.container import Services
from core.settings.settings import browser, load
from core.urls.figure_specs import FIGURES
from core.urls.page_queries import PageQuery
from core.urls.permalinks import OWN
from core.web import problems
from core.web.api import figures
from tests.core.web.conftest import problem
from tests.factories import DRAWN, imported, tiny
from tests.tables import parted

API = "/api/v1/figures"
ATLAS = "human/liver"
PAPER = {"atlas": ATLAS, "gene": "ALB", "where": "Group=MASH", "width": "85", "font_size": "7", "theme": "journal"}
needs_browser = pytest.mark.skipif(browser() is None, reason="neither Chromium nor Chrome is installed here")


def test_no_parameter_of_a_look_is_one_of_a_page():
    names = {name for kind in (PageQuery, *(spec.query for spec in FIGURES.values())) for name in kind.NAMES}
    assert not set(PARAMETERS) & {*names, *OWN, "where", "range", "expr", "lasso", "exclude", "zoom"}


def test_the_list_says_what_can_be_drawn_here(client, monkeypatch):
    said = client.get(API).json
    assert [it["figure"] for it in said["figures"]] == list(FIGURES)
    assert {it["figure"]: it["panels"] for it in said["figures"] if it["panels"] > 1} == {
        "embedding": 4,
        "violin": 2,
        "set_violin": 4,
        "pair_map": 2,
    }
    assert said["browser"] is (browser() is not None)
    assert {"csv", "json", "svg", "pdf", "zip"} <= set(said["forms"])
    monkeypatch.setenv("BROWSER_PATH", "/nowhere/chromium")
    assert client.get(API).json["browser"] is False


@pytest.mark.parametrize("view", DRAWN)
def test_numbers_and_words_need_no_browser(client, monkeypatch, view):
    monkeypatch.setenv("BROWSER_PATH", "/nowhere/chromium")
    query = {name: value for name, value in PAPER.items() if name != "gene"}
    if view == "set_violin":
        query["set_a"] = "ALB CYP2E1"
    answer = client.get(f"{API}/{view}.csv", query_string=query)
    facts, table = parted(answer.text)
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="liver_')
    assert facts["figure"] == view
    assert (facts["selection"], facts["n_cells"], facts["n_samples"]) == ("Group is MASH", "30", "3")
    assert len(table.splitlines()) > 2
    about = client.get(f"{API}/{view}/about", query_string=query).json
    assert about["facts"]["permalink"] == facts["permalink"]
    assert about["width_mm"] == 85
    assert about["height_mm"] > 15
    assert about["legend"]
    said = problem(client.get(f"{API}/{view}.pdf", query_string=query), 503)
    assert said["detail"].startswith("No browser was found")


@needs_browser
def test_a_figure_is_the_file_that_was_asked_for_and_is_asked_for_anew_only_when_it_changes(client):
    answer = client.get(f"{API}/violin.png", query_string={**PAPER, "dpi": "300", "height": "60"})
    assert answer.mimetype == "image/png"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    with Image.open(io.BytesIO(answer.data)) as image:
        assert image.size == (int(85 / 25.4 * 300), int(60 / 25.4 * 300))
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)
    tag = answer.headers["ETag"]
    query = {**PAPER, "dpi": "300", "height": "60"}
    again = client.get(f"{API}/violin.png", query_string=query, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    other = client.get(f"{API}/violin.csv", query_string={**query, "gene": "CYP2E1"}, headers={"If-None-Match": tag})
    assert other.status_code == 200


@needs_browser
def test_eps_has_its_size_its_text_no_bitmap_and_its_facts(client):
    content = client.get(f"{API}/violin.eps", query_string={**PAPER, "height": "60"}).data
    lines = content.decode("ascii").splitlines()
    assert lines[0] == "%!PS-Adobe-3.0 EPSF-3.0"
    comments = dict(
        line.removeprefix("%%").split(": ", 1) for line in lines[:10] if line.startswith("%%") and ": " in line
    )
    assert comments["Title"] == "ALB by cell type"
    assert comments["Creator"].startswith("MASLDatlas ")
    assert [float(part) for part in comments["BoundingBox"].split()] == [0, 0, 241, 171]
    box = [float(part) / 72 * 25.4 for part in comments["HiResBoundingBox"].split()]
    assert box == pytest.approx([0, 0, 85, 60], abs=0.01)
    assert "CreationDate" not in content.decode("ascii")
    assert "(Hepatocyte" in content.decode("ascii").replace("[", "")
    assert "ImageType" not in content.decode("ascii")
    facts = json.loads(facts_in(content))
    assert (facts["dataset"], facts["selection"], facts["n_cells"]) == (ATLAS, "Group is MASH", 30)
    assert facts["methods"]
    assert facts["permalink"].startswith("/explore?v=1&figure=violin")


def test_eps_without_its_program_says_what_to_install(client, monkeypatch):
    monkeypatch.setattr("core.export.eps.which", lambda _name: None)
    assert "eps" not in client.get(API).json["forms"]
    if browser() is not None:
        said = problem(client.get(f"{API}/violin.eps", query_string=PAPER), 503)
        assert said["detail"] == "EPS needs pdftocairo, which is not installed."
        assert "poppler-utils" in said["remedy"]


@needs_browser
def test_several_figures_come_as_one_zip_each_with_its_own_look(tmp_path, make_app):
    imported(tmp_path, tiny(tmp_path / "files" / "liver.h5ad"), species="human")
    imported(tmp_path, tiny(tmp_path / "files" / "made.h5ad", seed=1), species="mouse", simulated=True)
    client = make_app(tmp_path).server.test_client()
    violin = f"/explore?{urlencode({'v': 1, 'figure': 'violin', 'atlas': ATLAS, 'gene': 'ALB', 'width': 60})}"
    dots = f"/explore?{urlencode({'v': 1, 'figure': 'dotplot', 'atlas': 'mouse/made', 'genes': 'ALB CYP2E1'})}"
    answer = client.get(f"{API}.zip?width=120&theme=journal&figure={quote(violin)}&figure={quote(dots)}")
    assert answer.mimetype == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as found:
        files = {name: found.read(name) for name in found.namelist()}
    places = sorted({name.partition("/")[0] for name in files if "/" in name})
    assert places == ["1_violin_ALB_by_cell_type", "2_SIMULATED_dotplot_2_genes_by_cell_type"]
    for place, width in zip(places, (60, 120), strict=True):
        with pikepdf.open(io.BytesIO(files[f"{place}/figure.pdf"])) as opened:
            assert float(opened.pages[0].mediabox[2]) / 72 * 25.4 == pytest.approx(width, abs=0.05)
        assert {f"{place}/{name}" for name in ("figure.svg", "figure.png", "legend.txt", "methods.txt")} <= set(files)
    read_me = files["README.txt"].decode()
    assert "ALB by cell type" in read_me
    assert "SIMULATED" in read_me
    assert files["CITATION.cff"].decode().count("type: data") == 2
    assert b"SIMULATED" in files["versions.txt"]


@needs_browser
def test_beyond_those_who_may_wait_one_is_told_to_come_back(data):
    path = browser()
    assert path is not None
    queue = Queue(most=1)
    drawing = Browser(path, queue=queue)
    services = Services.of(load(data_dir=data))
    app = Flask("figures")
    problems.register(app)
    app.register_blueprint(figures.blueprint(services, Exporter(services, lambda: drawing)))
    statuses: list[int] = []

    def params(width):
        statuses.append(app.test_client().get(f"{API}/violin.png", query_string={**PAPER, "width": width}).status_code)

    with queue.turn():
        first = threading.Thread(target=params, args=("80",))
        first.start()
        for _ in range(500):
            if len(queue) == 2:
                break
            sleep(0.01)
        answer = app.test_client().get(f"{API}/violin.png", query_string=PAPER)
        assert answer.headers["Retry-After"] == "2"
        assert problem(answer, 503)["title"] == "Busy"
        numbers = app.test_client().get(f"{API}/violin.csv", query_string=PAPER)
        assert numbers.status_code == 200
        assert statuses == []
    first.join(60)
    drawing.close()
    assert statuses == [200]


def test_whoever_has_hung_up_is_not_drawn_for(client, monkeypatch):
    path = browser()
    if path is None:
        pytest.skip("neither Chromium nor Chrome is installed here")
    monkeypatch.setattr("core.export.browser.Browser._start", lambda _self: pytest.fail("it is drawn"))
    environ = {"waitress.client_disconnected": lambda: True}
    monkeypatch.setattr("core.export.exporter.shared", lambda: Browser(path))
    answer = client.get(f"{API}/violin.svg", query_string={**PAPER, "width": "44"}, environ_overrides=environ)
    assert answer.status_code == 499


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        (f"{API}/violin.gif", 400, "Unknown format 'gif'."),
        (f"{API}/violin", 400, "Unknown format"),
        (f"{API}/nothing.png", 404, "There is no figure 'nothing'."),
        (f"{API}/<script>alert(1)</script>.png", 404, "There is no"),
        (f"{API}/..%2f..%2fetc%2fpasswd.png", 404, "There is no"),
        (f"{API}/../../../etc/passwd", 404, ""),
        (f"{API}/violin.csv?widht=85", 400, "Unknown parameter 'widht'"),
        (f"{API}/violin.csv?width=85&width=90", 400, "'width' is given 2 times"),
        (f"{API}/violin.csv?width=9000", 400, "A width of 9000 mm cannot be drawn."),
        (f"{API}/violin.csv?width=nan", 400, "A width of nan mm cannot be drawn."),
        (f"{API}/violin.csv?width=85mm", 400, "width='85mm' is not a number."),
        (f"{API}/violin.csv?dpi=1e9", 400, "dpi='1e9' is not a whole number."),
        (f"{API}/violin.csv?dpi=99999", 400, "A resolution of 99999 dpi cannot be drawn."),
        (f"{API}/violin.csv?font=<img src=x>", 400, "is not a list of fonts."),
        (f"{API}/violin.csv?title=perhaps", 400, "title='perhaps' is neither 0 nor 1."),
        (f"{API}/violin.csv?legend=above", 400, "There is no legend 'above'."),
        (f"{API}/violin.csv?theme=neon", 400, "There is no theme 'neon'."),
        (f"{API}/violin.csv?v=2", 400, "reads version 1"),
        (f"{API}/violin.csv?panel=3", 400, "The figure violin has no panel '3'."),
        (f"{API}/embedding.csv?panel=4", 400, "has no map 4."),
        (f"{API}/embedding.csv?panel=0019", 400, "The figure embedding has no panel '0019'."),
        (f"{API}/violin.csv?panel=002", 400, "The figure violin has no panel '002'."),
        (f"{API}/scatter.csv?atlas={ATLAS}&gene=ALB&gene_b=ALB", 400, "ALB is gene A already."),
        (
            f"{API}/scatter.csv?atlas={ATLAS}&gene=ALB&drop_zeros=yes",
            400,
            "drop_zeros='yes' is neither true nor false.",
        ),
        (f"{API}/dotplot.csv?genes={'ALB%20' * 10_000}", 400, "characters long"),
        (f"{API}/violin.csv?gene={'A' * 600}", 400, "characters long"),
        (f"{API}/violin.csv?gene=NOSUCHGENE", 400, '"NOSUCHGENE" was not found'),
        (f"{API}/violin.csv?atlas=human/nowhere", 404, "human/nowhere"),
        (f"{API}/dotplot.csv?width=20&font_size=12", 400, "would overlap"),
        (f"{API}.zip", 400, "The parameter 'figure' is missing."),
        (f"{API}.zip?figure={'A' * 9_000}", 400, "8,000 is the limit"),
        (f"{API}.zip?figure=http://[", 400, "is not a link."),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(client, address, status, words):
    path, _, query = address.partition("?")
    given = f"atlas={ATLAS}&{query}" if "violin" in path or "dotplot" in path or "embedding" in path else query
    given = query if "atlas=" in query else given
    said = problem(client.get(f"{path}?{quote(given, safe='=&%')}"), status)
    assert words in said["detail"]
    assert "<script" not in json.dumps(said) or said["detail"].startswith("There is no")


def test_what_must_be_told_is_in_the_file(client):
    answer = client.get(f"{API}/violin.csv", query_string={"atlas": ATLAS, "gene": "ALB", "hash": "0123456789ab"})
    assert f"# notes: {ATLAS} has changed since the link was created" in answer.text
    answer = client.get(f"{API}/dotplot.csv", query_string={"atlas": ATLAS, "genes": "ALB,NOPE"})
    assert "NOPE" in next(line for line in answer.text.splitlines() if line.startswith("# notes: "))
    assert "# notes" not in client.get(f"{API}/violin.csv", query_string={"atlas": ATLAS, "gene": "ALB"}).text


def test_a_zip_of_too_many_is_refused(client):
    if browser() is None:
        pytest.skip("neither Chromium nor Chrome is installed here")
    link = quote(f"/explore?v=1&figure=violin&atlas={ATLAS}")
    said = problem(client.get(f"{API}.zip?{'&'.join([f'figure={link}'] * 25)}"), 400)
    assert said["detail"] == "A zip cannot hold 25 figures."


def test_a_panel_is_one_of_the_maps_of_the_page(client, data):
    atlas = Catalog(data).get(ATLAS)
    query = {"atlas": ATLAS, "gene": "ALB", "panel": "2"}
    second = parted(client.get(f"{API}/embedding.csv", query_string=query).text)
    assert second[1].splitlines()[0].endswith(",ALB")
    assert "panel=2" in second[0]["permalink"]
    first = parted(client.get(f"{API}/embedding.csv", query_string={**query, "panel": "1"}).text)
    assert first[1].splitlines()[0].endswith(f",{atlas.manifest.roles['cell_type']}")
    groups = parted(client.get(f"{API}/violin.csv", query_string=query).text)
    assert {line.split(",")[0] for line in groups[1].splitlines()[1:]} == set(atlas.categorical("Group").categories)


def test_one_figure_for_all_who_ask_and_not_too_many_wait_for_it(data, monkeypatch):
    made, started, go_on = [], threading.Event(), threading.Event()

    def slow(drawn, form, caller):
        made.append((drawn[0].title, form, caller))
        started.set()
        assert go_on.wait(30)
        return b"file"

    monkeypatch.setattr("core.export.bundle.export_bytes", slow)
    monkeypatch.setattr("core.export.exporter.MOST", 2)
    exporter = Exporter(Services.of(load(data_dir=data)))
    asked = RenderRequest(f"/explore?atlas={ATLAS}&gene=ALB", Look(), "violin")
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(exporter.file(asked, "csv").content)) for _ in range(3)]
    threads[0].start()
    assert started.wait(30)
    for thread in threads[1:]:
        thread.start()
    for _ in range(500):
        if exporter._waiting == 2:
            break
        sleep(0.01)
    with pytest.raises(Busy, match="2 requests already wait for this figure"):
        exporter.file(asked, "csv")
    go_on.set()
    for thread in threads:
        thread.join(30)
    assert found == [b"file"] * 3
    assert made == [("ALB by cell type", "csv", None)]
    assert exporter._waiting == 0


def test_a_gene_set_of_the_server_is_always_drawn_anew(client):
    for set_a, tagged in (("ALB", True), ("gmt:liver.gmt/X", False)):
        query = {"atlas": ATLAS, "gene": "ALB", "set_a": set_a}
        answer = client.get(f"{API}/violin.csv", query_string=query)
        assert answer.status_code == 200
        assert ("ETag" in answer.headers) is tagged
