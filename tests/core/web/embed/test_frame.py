"""Embedded views over HTTP: page, figure, poster, host script, and errors."""

import base64
import gzip
import json
import re
from dataclasses import fields
from html.parser import HTMLParser
from urllib.parse import quote, urlencode

import numpy as np
import pytest

from core.atlas.catalog import Catalog
from core.embed import options as frame
from core.embed.controls import MAKERS
from core.ingest.subset import Subset
from core.urls.figure_specs import FIGURES
from core.urls.page_queries import CorrelationQuery, ExploreQuery, MarkersQuery
from core.urls.permalinks import OWN
from tests.core.web.conftest import problem
from tests.factories import DRAWN, imported, tiny

LIVER = "atlas=human/liver&gene=ALB"
ALLOWED = (
    *("html", "head", "meta", "title", "link", "script", "body", "main", "header", "h1", "span", "div", "p", "figure"),
    *("noscript", "picture", "source", "img", "ul", "li", "footer", "a"),
)
HTML = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>"
LIST = "genes=ALB,CYP2E1,APOA1"
QUERIES = {
    "embedding": f"{LIVER}&color=@gene",
    "violin": LIVER,
    "set_violin": "atlas=human/liver&set_a=ALB,CYP2E1",
    "dotplot": f"{LIVER}&{LIST}",
    "composition": "atlas=human/liver",
    "scatter": f"{LIVER}&gene_b=APOA1",
    "ranking": LIVER,
    "matrix": f"{LIVER}&{LIST}",
    "markers": "atlas=human/liver",
    "pair_map": f"{LIVER}&gene_b=APOA1",
    "heatmap": f"{LIVER}&{LIST}",
    "forest": f"{LIVER}&gene_b=APOA1",
    "marker_violin": LIVER,
    "marker_dotplot": "atlas=human/liver",
    "marker_heatmap": "atlas=human/liver",
}


def frame_of(answer, status=200):
    """Check that an answer is the page of a frame and return its text."""
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "text/html"
    assert "Set-Cookie" not in answer.headers
    Tags(answer.text)
    return answer.text


class Tags(HTMLParser):
    """The tags of a page, each one that a frame may have: a text of an address has become none of them."""

    def __init__(self, text):
        super().__init__()
        self.n_scripts = 0
        self.feed(text)
        assert self.n_scripts <= 3

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        assert tag in ALLOWED
        assert not [name for name in attributes if name.startswith("on")]
        if tag == "script":
            self.n_scripts += 1
            assert re.match("/(assets|_dash-component-suites)/", attributes["src"])
        if tag == "a":
            assert re.match("/(explore|correlation|markers|differences)?([?]|$)", attributes["href"])


def sentence(answer, status):
    """Check that a frame says one sentence in the place of its view and return it."""
    text = frame_of(answer, status)
    (said,) = re.findall(r'<p id="fault" role="alert">(.*?)</p>', text, re.DOTALL)
    assert said.strip()
    assert "Traceback" not in text
    return said


@pytest.mark.parametrize("view", QUERIES)
def test_every_view_has_a_page_and_a_figure(client, view):
    text = frame_of(client.get(f"/embed/v1/{view}?{QUERIES[view]}"))
    assert '<html lang="en"' in text
    assert "n = " in text
    assert "Open in MASLDatlas" in text
    assert 'target="_blank" rel="noopener"' in text
    (alt,) = re.findall(r'role="img" aria-label="([^"]+)"', text)
    assert "n = " in alt
    figure = client.get(f"/embed/v1/{view}.json?{QUERIES[view]}")
    assert figure.status_code == 200
    assert figure.json["figure"]["data"]
    assert figure.json["height"] > 100
    assert figure.json["open"].startswith(f"{FIGURES[view].path}?v=1&figure={view}&")
    assert "width" not in figure.json["figure"]["layout"]
    # What the link in the frame opens is the very view.
    assert client.get(figure.json["open"]).status_code == 200


def test_every_view_of_the_program_can_be_embedded():
    assert set(QUERIES) == set(DRAWN)
    assert {name for spec in FIGURES.values() for name in spec.controls} == set(MAKERS)


def test_parameters_of_frames_are_no_parameters_of_pages():
    names = {name for kind in (ExploreQuery, CorrelationQuery, MarkersQuery) for name in kind.NAMES}
    names |= {"where", "range", "expr", "lasso", "exclude", "zoom", *OWN}
    assert names.isdisjoint(frame.NAMES)
    assert {it.name for it in fields(frame.Options)} == set(frame.NAMES)


def test_what_goes_without_saying_is_not_said():
    assert frame.address("violin", "?gene=ALB") == "/embed/v1/violin?gene=ALB"
    asked = "?gene=ALB&theme=dark&controls=full&title=0&background=transparent&width=320&height=400"
    options, search = frame.read(asked)
    assert search == "?gene=ALB"
    assert frame.read(frame.address("violin", search, options).partition("?")[2]) == (options, search)


def values(array):
    kind = {"f4": "<f4", "f8": "<f8", "u1": "u1", "u2": "<u2"}[array["dtype"]]
    return np.frombuffer(base64.b64decode(array["bdata"]), dtype=kind)


def test_the_figure_holds_the_numbers_of_the_api(client):
    api = client.get("/api/v1/datasets/human/liver/expression?gene=ALB").json
    found = client.get(f"/embed/v1/embedding.json?{LIVER}&color=@gene").json
    cells = next(it for it in found["figure"]["data"] if it["name"] == "cells")
    shown = np.sort(values(cells["marker"]["color"]))
    # One cell of this atlas has no place on the map.
    every = np.array(api["expression"], dtype=np.float32)
    np.testing.assert_array_equal(shown, np.sort(np.delete(every, 2)))
    assert found["n"].startswith("n = 60 cells of 3 samples")


def test_many_points_are_drawn_by_webgl_and_few_are_not(data, make_app, tmp_path):
    imported(tmp_path, tiny(tmp_path / "many.h5ad", n_cells=2_500), species="human")
    client = make_app(tmp_path).server.test_client()
    kinds = [it["type"] for it in client.get("/embed/v1/embedding.json?atlas=human/many").json["figure"]["data"]]
    assert "scattergl" in kinds
    client = make_app(data).server.test_client()
    kinds = [it["type"] for it in client.get("/embed/v1/embedding.json?atlas=human/liver").json["figure"]["data"]]
    assert set(kinds) == {"scatter"}
    # Above the settings' limit the cells are a picture.
    client = make_app(data, raster_above=10).server.test_client()
    found = client.get("/embed/v1/embedding.json?atlas=human/liver").json["figure"]
    assert found["layout"]["images"][0]["source"].startswith("data:image/png;base64,")


def test_a_frame_looks_as_its_address_says(client):
    text = frame_of(client.get(f"/embed/v1/violin?{LIVER}&theme=dark&background=transparent&title=0&controls=gene"))
    assert 'data-theme="dark" data-background="transparent"' in text
    assert 'data-controls="gene"' in text
    assert '<h1 class="unseen">' in text
    assert "/assets/embed/gene.js" in text
    light = client.get(f"/embed/v1/violin.json?{LIVER}").json["figure"]["layout"]
    dark = client.get(f"/embed/v1/violin.json?{LIVER}&theme=dark").json["figure"]["layout"]
    clear = client.get(f"/embed/v1/violin.json?{LIVER}&background=transparent").json["figure"]["layout"]
    assert light["paper_bgcolor"] != dark["paper_bgcolor"]
    assert clear["paper_bgcolor"] == clear["plot_bgcolor"] == "rgba(0,0,0,0)"


def test_a_narrow_frame_has_its_scale_below_and_smaller_points(client):
    def drawn(width):
        return client.get(f"/embed/v1/dotplot.json?{QUERIES['dotplot']}&width={width}").json

    wide, narrow = drawn(800), drawn(280)
    bars = [it["figure"]["data"][0]["marker"]["colorbar"] for it in (wide, narrow)]
    assert bars[0].get("orientation", "v") == "v"
    assert bars[1]["orientation"] == "h"
    assert narrow["height"] > wide["height"]
    assert (
        values(narrow["figure"]["data"][0]["marker"]["size"]).max()
        <= values(wide["figure"]["data"][0]["marker"]["size"]).max()
    )


def test_categories_are_listed_for_a_legend_of_the_frame(client):
    found = client.get("/embed/v1/embedding.json?atlas=human/liver&color=CellType").json
    names = [name for name, _ in found["legend_entries"]]
    assert "<b>LSEC</b>" in names
    assert len(names) == 4
    assert all(re.fullmatch("#[0-9a-f]{6}", color) for _, color in found["legend_entries"])
    bars = client.get("/embed/v1/composition.json?atlas=human/liver").json
    assert {name for name, _ in bars["legend_entries"]} == set(names)


def test_controls_name_what_they_change(client):
    found = client.get(f"/embed/v1/embedding.json?{LIVER}&color=CellType").json["controls"]
    assert [it["name"] for it in found] == ["gene", "color"]
    assert found[0]["value"] == ""
    assert found[0]["also"] == {"color": "@gene"}
    assert ["CellType", "Cell type"] in found[1]["options"]
    assert ["@gene", "ALB"] in found[1]["options"]
    panel = client.get(f"/embed/v1/embedding.json?{LIVER}&panel=2&color_2=@gene").json["controls"]
    assert panel[0]["also"] == {"color_2": "@gene"}
    listed = client.get(f"/embed/v1/matrix.json?{QUERIES['matrix']}").json["controls"]
    assert [it["name"] for it in listed] == ["method"], "a list of genes is not for visitors to change"


@pytest.mark.parametrize("view", QUERIES)
def test_each_choice_of_a_control_can_be_drawn(client, view):
    found = client.get(f"/embed/v1/{view}.json?{QUERIES[view]}").json["controls"]
    asked = dict(pair.split("=") for pair in QUERIES[view].split("&"))
    n = 0
    for it in found:
        chosen = [value for value, _ in it.get("options", [])] if it["kind"] == "choice" else ["CYP2E1"]
        for value in chosen:
            kept = {name: text for name, text in asked.items() if name not in it["drop"]}
            answer = client.get(f"/embed/v1/{view}.json?{urlencode({**kept, it['name']: value, **it['also']})}")
            assert answer.status_code == 200, (it["name"], value, answer.text)
            shown = next(other for other in answer.json["controls"] if other["name"] == it["name"])
            assert shown["value"] == value, it["name"]
            n += 1
    assert n


def test_answers_are_kept_and_not_made_again(client, monkeypatch):
    url = f"/embed/v1/violin.json?{LIVER}"
    first = client.get(url)
    assert first.headers["Cache-Control"] == "public, max-age=300"
    tag = first.headers["ETag"]
    monkeypatch.setattr("core.web.embed.frame.payload_json", lambda *_: pytest.fail("it is drawn again"))
    for known in (tag, tag.replace('"', '"x" , "', 1), f'{tag[:-1]}:br"'):
        again = client.get(url, headers={"If-None-Match": known})
        assert again.status_code == 304
        assert not again.data
    monkeypatch.undo()
    others = [f"{url}&theme=dark", f"{url}&width=320", "/embed/v1/violin.json?atlas=human/liver&gene=CYP2E1"]
    assert len({tag, *(client.get(it).headers["ETag"] for it in others)}) == 4


def test_figures_are_compressed(client):
    url = "/embed/v1/embedding.json?atlas=human/liver"
    plain = client.get(url)
    packed = client.get(url, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(packed.data)) == plain.json


def test_a_mounted_gene_set_is_not_kept(client):
    asked = f"{LIVER}&color=@set_a&set_a=gmt:nothing/NONE"
    assert client.get(f"/embed/v1/embedding.json?{asked}").status_code in (400, 404)


def test_simulated_cells_are_called_so_without_a_title(tmp_path, make_app):
    imported(tmp_path, tiny(tmp_path / "made.h5ad"), species="mouse", simulated=True, title="<b>Made</b> up")
    client = make_app(tmp_path).server.test_client()
    text = frame_of(client.get("/embed/v1/violin?atlas=mouse/made&gene=ALB&title=0"))
    assert re.search(r'<span class="badge"[^>]*>SIMULATED</span>', text)
    assert "<b>Made</b>" not in text
    assert "&lt;b&gt;Made&lt;/b&gt; up" in text
    assert client.get("/embed/v1/violin.json?atlas=mouse/made&gene=ALB").json["simulated"] is True


def test_a_sample_of_cells_is_called_so(tmp_path, make_app):
    imported(tmp_path, tiny(tmp_path / "part.h5ad"), species="mouse", subset=Subset(30))
    text = frame_of(make_app(tmp_path).server.test_client().get("/embed/v1/violin?atlas=mouse/part&gene=ALB"))
    assert re.search(r'<span class="badge" title="30 of 60 cells">SAMPLE</span>', text)


def test_an_atlas_that_changed_is_said_and_still_shown(client, data):
    digest = Catalog(data).get("human/liver").manifest.content_hash
    for given, said in ((digest[:12], 0), ("000000000000", 1)):
        text = frame_of(client.get(f"/embed/v1/violin?{LIVER}&hash={given}"))
        assert text.count("has changed since the link was created") == said
    notes = client.get(f"/embed/v1/violin.json?{LIVER}&hash=000000000000").json["notes"]
    assert len(notes) == 1


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ("violin?atlas=human/nope", 404, "There is no atlas"),
        (f"violin?{LIVER}NOT", 404, "was not found"),
        (f"scatter?{LIVER}&gene_b=NOPE", 404, "was not found"),
        (f"violin?{LIVER}&v=2", 400, "has version"),
        (f"violin?{LIVER}&theme=blue", 400, "Use one of auto, light, dark."),
        (f"violin?{LIVER}&title=2", 400, "title"),
        (f"violin?{LIVER}&theme=dark&theme=light", 400, "more than once"),
        (f"violin?{LIVER}&width=7", 400, "200 to 1,600"),
        (f"violin?{LIVER}&width={'9' * 5000}", 400, "200 to 1,600"),
        (f"violin?{LIVER}&height=-1", 400, "120 to 2,400"),
        (f"violin?{LIVER}&panel=9", 400, "panel"),
        (f"violin?{LIVER}&by=Nope", 400, "Nope"),
        (f"violin?{LIVER}&where=CellType%3DNope", 400, "Nope"),
        ("pie?atlas=human/liver", 404, "There is no figure"),
        ("", 404, "There is no /embed/v1/"),
        ("violin/more", 404, "There is no /embed/"),
        ("../../etc/passwd", 404, "There is no /embed/"),
        ("%2e%2e%2f%2e%2e%2fetc%2fpasswd", 404, "There is no /embed/"),
        (f"dotplot?atlas=human/liver&genes={','.join(['ALB'] * 10_000)}", 400, "characters long"),
        (f"matrix?atlas=human/liver&genes={'G' * 7_000}", 400, "characters long"),
    ],
)
def test_what_is_wrong_is_said_in_the_frame(client, asked, status, said):
    found = sentence(client.get(f"/embed/v1/{asked}"), status)
    assert said in found.replace("&#x27;", "'")
    assert len(found) < 1_500
    if "?" in asked:
        name, _, query = asked.partition("?")
        for form in (".json", ".png"):
            assert said in str(problem(client.get(f"/embed/v1/{name}{form}?{query}"), status))


NAMES = (
    *("atlas", "gene", "gene_b", "color", "by", "split", "embedding", "layer", "where", "range", "expr", "lasso"),
    *("exclude", "genes", "set_a", "method", "category", "zoom", "hash", "v", "figure", "panel", "nonsense"),
    *frame.NAMES,
)


@pytest.mark.parametrize("name", NAMES)
def test_html_in_any_parameter_stays_text(client, name):
    for view in ("embedding", "scatter", "markers"):
        answer = client.get(f"/embed/v1/{view}?atlas=human/liver&{name}={quote(HTML)}")
        text = frame_of(answer, answer.status_code)
        assert answer.status_code in (200, 400, 404)
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert client.get(f"/embed/v1/{view}.json?atlas=human/liver&{name}={quote(HTML)}").status_code < 500


def test_html_in_the_path_stays_text(client):
    assert "<script>" not in sentence(client.get(f"/embed/v1/{quote(HTML, safe='')}"), 404)
    assert "<script>" not in sentence(client.get(f"/embed/{quote(HTML)}"), 404)


def test_an_unknown_view_is_a_page_for_frames(client):
    for path in ("/embed/", "/embed/v2/violin", "/embed/v1/pie"):
        text = frame_of(client.get(path), 404)
        assert len(text) < 2_000
        assert "_dash" not in text


def test_without_an_atlas_there_is_a_sentence(tmp_path, make_app):
    client = make_app(tmp_path).server.test_client()
    assert "No atlas has been imported" in sentence(client.get("/embed/v1/violin"), 404)


def test_without_a_browser_there_is_no_poster(data, make_app, monkeypatch):
    monkeypatch.setenv("BROWSER_PATH", "/nowhere/chromium")
    found = problem(make_app(data).server.test_client().get(f"/embed/v1/violin.png?{LIVER}"), 503)
    assert "browser" in found["detail"]


def test_posters_are_made_once_and_named_by_their_size(client, monkeypatch):
    made = []

    def written(drawn, form):
        made.append((drawn.look, form, drawn.title))
        return b"\x89PNG picture"

    monkeypatch.setattr("core.embed.thumbnail.file_bytes", written)
    answer = client.get(f"/embed/v1/violin.png?{LIVER}&width=600&height=315&theme=dark&title=0")
    assert answer.mimetype == "image/png"
    assert answer.data == b"\x89PNG picture"
    ((look, form, _),) = made
    assert (look.theme, look.title, form, look.dpi) == ("dark", False, "png", 192)
    assert round(look.pixels(look.width)) == 600
    assert round(look.pixels(look.height)) == 315
    url = f"/embed/v1/violin.png?{LIVER}&width=600&height=315&theme=dark&title=0"
    again = client.get(url, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert len(made) == 1


def test_the_script_for_hosts_is_small(client):
    answer = client.get("/embed/v1/embed.js")
    assert answer.mimetype == "text/javascript"
    assert len(answer.data) <= 1_024
    assert b"masldatlas" in answer.data
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_no_page_of_ours_loads_what_frames_load(client):
    assert "/assets/embed/" not in client.get("/explore").text
    for name in ("frame.js", "frame.css", "gene.js"):
        with client.get(f"/assets/embed/{name}") as answer:
            assert answer.status_code == 200


def test_the_colours_of_frames_are_those_of_pages(client):
    with client.get("/assets/embed/frame.css") as mine, client.get("/assets/css/00-tokens.css") as tokens:
        used = set(re.findall("#[0-9a-f]{6}", mine.text))
        assert used
        assert used <= set(re.findall("#[0-9a-f]{6}", tokens.text))
