"""A server below a path, behind a proxy that strips the path or passes it on."""

import re

import pytest

from core.settings.validators import RESERVED

PAGES = ("/", "/explore", "/documentation")


@pytest.fixture(scope="module")
def below(data, make_app):
    """Return a client of an app that is served below /atlas/, behind one proxy."""
    return make_app(data, url_prefix="/atlas/", trusted_proxies=1).server.test_client()


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/atlas{}", {}),  # a proxy that passes the path on
        ("{}", {}),  # one that strips it, and the health check
        ("{}", {"X-Forwarded-Prefix": "/atlas"}),  # one that strips it and says so
        ("{}", {"X-Forwarded-Prefix": "/atlas/"}),
    ],
)
def test_every_way_below_a_path_leads_to_the_same(below, path, headers):
    found = below.get(path.format("/embed/v1/violin?atlas=human/liver&gene=ALB"), headers=headers)
    assert found.status_code == 200, found.text
    assert 'href="/atlas/assets/embed/frame.css"' in found.text
    assert 'data-figure="/atlas/embed/v1/violin.json?' in found.text
    assert "http://localhost/atlas/oembed?" in found.text
    assert below.get(path.format("/healthz"), headers=headers).text == "ok\n"


@pytest.mark.parametrize("page", PAGES)
def test_a_page_names_nothing_outside_its_path(below, page):
    found = below.get(f"/atlas{page}").text
    addresses = re.findall(r'(?:src|href)="(/[^"]*)"', found)
    assert len(addresses) > 12
    assert [address for address in addresses if not address.startswith("/atlas/")] == []
    assert 'data-base="/atlas"' in found
    assert r'"requests_pathname_prefix":"\u002fatlas\u002f"' in found
    assert all(below.get(address).status_code == 200 for address in addresses if "/assets/" in address)


def test_without_its_slash_the_path_leads_to_the_page(below):
    moved = below.get("/atlas?gene=ALB")
    assert (moved.status_code, moved.headers["Location"]) == (308, "/atlas/?gene=ALB")


def test_answers_name_addresses_below_the_path(below):
    assert below.get("/atlas/api/v1/openapi.json").json["servers"] == [{"url": "/atlas/"}]
    assert below.get("/atlas/api/v1/nothing").json["instance"] == "/atlas/api/v1/nothing"
    url = "http://localhost/atlas/explore?atlas=human/liver&gene=ALB"
    oembed = below.get("/atlas/oembed", query_string={"url": url})
    assert 'src="http://localhost/atlas/embed/v1/' in oembed.json["html"]
    assert oembed.json["thumbnail_url"].startswith("http://localhost/atlas/embed/v1/")
    outside = below.get("/atlas/oembed", query_string={"url": "http://localhost/explore?atlas=human/liver"})
    assert outside.status_code == 404


def test_a_proxy_that_names_another_path_is_told(below, client, make_app, data):
    for prefix in ("/other", "/atlas/more", "//evil.example"):
        refused = below.get("/explore", headers={"X-Forwarded-Prefix": prefix})
        assert refused.status_code == 400
        assert "disagree" in refused.text
        assert prefix not in refused.text
    root = make_app(data, trusted_proxies=1).server.test_client()
    assert root.get("/healthz", headers={"X-Forwarded-Prefix": "/atlas"}).status_code == 400
    assert root.get("/healthz", headers={"X-Forwarded-Prefix": "/"}).status_code == 200
    # Without a trusted proxy the header is a visitor's, and means nothing.
    assert client.get("/healthz", headers={"X-Forwarded-Prefix": "/atlas"}).status_code == 200


def test_the_path_is_none_of_the_program(server):
    """The setting refuses paths that would hide a route."""
    rules = {str(rule).split("/")[1] for rule in server.url_map.iter_rules()} - {"", "<path:path>"}
    own = {part for part in rules if not part.startswith(("_", "."))}
    assert own <= set(RESERVED), "add the new route to core.settings.validators"
