"""Link previews: oEmbed, its discovery, and the tags of every page."""

import re
from html import unescape
from html.parser import HTMLParser
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from tests.core.web.conftest import problem
from tests.factories import imported, tiny

HTML = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>"
EXPLORE = "http://localhost/explore?atlas=human/liver&gene=ALB"


def asked(client, url, **more):
    return client.get("/oembed", query_string={"url": url, **more})


class Head(HTMLParser):
    """The tags in the head of a page, by property or name; links by their relation."""

    def __init__(self, text):
        super().__init__()
        self.metas, self.links = {}, {}
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "meta" and ("property" in given or "name" in given):
            name = given.get("property") or given["name"]
            assert name not in self.metas, f"{name} is given twice"
            self.metas[name] = given["content"]
        if tag == "link":
            self.links[(given["rel"], given.get("type", ""))] = given["href"]


def head(client, path, **more):
    answer = client.get(path, **more)
    assert "Set-Cookie" not in answer.headers
    return Head(answer.text)


def test_a_page_becomes_a_frame(client):
    found = asked(client, EXPLORE).json
    assert found["version"] == "1.0"
    assert found["type"] == "rich"
    assert (found["width"], found["height"]) == (640, 480)
    assert found["title"] == "ALB · Liver <i>of</i> tests"
    (src,) = re.findall(r'<iframe [^>]*src="([^"]+)"', found["html"])
    assert "<i>" not in found["html"]
    assert client.get(unescape(src)).status_code == 200
    assert urlsplit(found["thumbnail_url"]).path == "/embed/v1/embedding.png"
    assert (found["thumbnail_width"], found["thumbnail_height"]) == (1200, 630)


@pytest.mark.parametrize(
    ("url", "view"),
    [
        (f"{EXPLORE}&figure=violin&v=1", "violin"),
        ("http://localhost/correlation?atlas=human/liver&gene=ALB", "ranking"),
        ("http://localhost/markers?atlas=human/liver", "markers"),
        ("http://localhost/embed/v1/scatter?atlas=human/liver&gene=ALB&theme=dark", "scatter"),
        ("https://localhost/explore", "embedding"),
    ],
)
def test_addresses_of_figures(client, url, view):
    found = asked(client, url, format="json").json
    assert f"/embed/v1/{view}?" in found["html"]
    assert ("theme=dark" in found["html"]) == ("theme=dark" in url)


def test_the_consumer_says_how_large_it_may_be(client):
    found = asked(client, EXPLORE, maxwidth=320, maxheight=200).json
    assert (found["width"], found["height"]) == (320, 200)
    assert 'width="320" height="200"' in found["html"]
    assert asked(client, EXPLORE, maxwidth=5_000).json["width"] == 640
    problem(asked(client, EXPLORE, maxwidth="wide"), 400)


@pytest.mark.parametrize(
    "url",
    [
        "http://elsewhere.example/explore?atlas=human/liver",
        "http://localhost:81/explore",
        "http://localhost@elsewhere.example/explore",
        "http://localhost/",
        "http://localhost/healthz",
        "http://localhost/explore/more",
        "http://localhost/explore?atlas=human/nope",
        "http://localhost/explore?atlas=human/liver&gene=NOPE",
        "http://localhost/explore?v=9",
        "http://localhost/embed/v1/pie",
        "http://localhost/embed/v1/violin?theme=blue",
        "http://[broken/explore",
        "javascript:alert(1)//localhost/explore",
        "file:///etc/passwd",
        "/explore",
        HTML,
    ],
)
def test_other_addresses_are_not_found(client, url):
    assert problem(asked(client, url), 404)["detail"]


def test_only_json_is_given(client):
    problem(asked(client, EXPLORE, format="xml"), 501)
    problem(client.get("/oembed"), 400)
    problem(client.get("/oembed?url=x&url=y"), 400)
    problem(client.post("/oembed"), 405)


def test_pages_and_frames_say_where_oembed_is(client):
    for path in ("/explore?atlas=human/liver&gene=ALB", "/embed/v1/violin?atlas=human/liver&gene=ALB"):
        link = head(client, path).links[("alternate", "application/json+oembed")]
        assert urlsplit(link).path == "/oembed"
        assert client.get(link).json["type"] == "rich"
    assert ("alternate", "application/json+oembed") not in head(client, "/").links


@pytest.mark.parametrize(
    ("path", "view"),
    [
        ("/explore?atlas=human/liver&gene=ALB", "embedding"),
        ("/explore?v=1&figure=violin&atlas=human/liver&gene=ALB", "violin"),
        ("/correlation?atlas=human/liver&gene=ALB", "ranking"),
        ("/markers?atlas=human/liver", "markers"),
        ("/explore", "embedding"),
    ],
)
def test_a_pasted_link_shows_its_figure(client, path, view):
    found = head(client, path).metas
    assert found["og:url"] == f"http://localhost{path}"
    assert found["og:title"].endswith("Liver <i>of</i> tests · MASLDatlas")
    assert found["og:title"].startswith("ALB · ") == ("ALB" in path)
    assert "60 cells, 10 genes" in found["og:description"]
    picture = urlsplit(found["og:image"])
    assert (picture.netloc, picture.path) == ("localhost", f"/embed/v1/{view}.png")
    assert parse_qs(picture.query)["width"] == ["600"]
    assert found["twitter:card"] == "summary_large_image"
    assert found["twitter:image"] == found["og:image"]


def test_addresses_are_those_of_the_request(make_app, data):
    client = make_app(data, allowed_hosts="atlas.example.org").server.test_client()
    found = head(client, "/explore?atlas=human/liver", base_url="https://atlas.example.org").metas
    assert found["og:url"].startswith("https://atlas.example.org/explore")
    assert found["og:image"].startswith("https://atlas.example.org/embed/v1/")


@pytest.mark.parametrize("path", ["/", "/nowhere", "/explore?atlas=human/nope", "/explore?gene=NOPE", "/explore?v=7"])
def test_a_page_without_a_figure_has_the_tags_of_the_site(client, path):
    found = head(client, path).metas
    assert found["og:title"] == "MASLDatlas"
    assert "og:image" not in found


def test_simulated_cells_are_called_so_in_previews(tmp_path, make_app):
    imported(tmp_path, tiny(tmp_path / "made.h5ad"), species="mouse", simulated=True)
    client = make_app(tmp_path).server.test_client()
    found = head(client, "/explore?atlas=mouse/made").metas
    assert found["og:title"].startswith("SIMULATED · ")
    assert found["og:description"].startswith("SIMULATED. ")
    assert asked(client, "http://localhost/explore?atlas=mouse/made").json["title"].startswith("SIMULATED · ")


@pytest.mark.parametrize("name", ["atlas", "gene", "color", "figure", "v", "nonsense", "where"])
@pytest.mark.parametrize("page", ["/explore", "/correlation", "/markers", "/"])
def test_html_in_an_address_stays_text(client, page, name):
    path = f"{page}?{name}={quote(HTML)}"
    text = client.get(path).text
    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert Head(text).metas["og:url"] == f"http://localhost{path}"


def test_html_in_the_name_of_the_host_stays_text(client):
    answer = client.get("/explore", headers={"Host": '"><script>alert(1)</script>'})
    assert "<script>alert" not in answer.text
    assert answer.status_code < 500
