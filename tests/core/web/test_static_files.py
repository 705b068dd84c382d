"""Static files: compressed, complete, and cached by browsers."""

import gzip
import re

import brotli
import pytest

PLOTLY = "/_dash-component-suites/plotly/package_data/plotly.min.js"
UNPACK = {"br": brotli.decompress, "gzip": gzip.decompress, "": bytes}


def addresses(client):
    """Return the scripts and styles that the page names, and one of plotly's."""
    found = re.findall(r'(?:src|href)="(/[^"]+\.(?:js|css)[^"]*)"', client.get("/").text)
    assert len(found) > 10
    return [*found, PLOTLY]


def get(client, path, encoding="br", **headers):
    with client.get(path, headers={"Accept-Encoding": encoding, **headers}) as answer:
        return answer, answer.data


def test_every_file_is_whole_however_it_is_packed(client):
    for path in addresses(client):
        plain, content = get(client, path, "identity")
        assert "Content-Encoding" not in plain.headers
        for encoding in ("br", "gzip"):
            for _ in range(2):  # packed now, and found packed
                answer, packed = get(client, path, encoding)
                found = answer.headers.get("Content-Encoding", "")
                assert found == (encoding if len(content) >= 1000 else "")
                assert UNPACK[found](packed) == content, path
                assert int(answer.headers["Content-Length"]) == len(packed)
                assert "Accept-Encoding" in answer.headers["Vary"]


@pytest.mark.parametrize("encoding", ["br", "gzip", "identity"])
def test_a_browser_that_has_a_file_does_not_get_it_again(client, encoding):
    tagged = 0
    for path in addresses(client):
        answer, _ = get(client, path, encoding)
        tag = answer.headers.get("ETag")
        if tag is None:
            # Its version is in its address.
            assert "max-age=31536000" in answer.headers["Cache-Control"], path
            continue
        tagged += 1
        again, body = get(client, path, encoding, **{"If-None-Match": tag})
        assert (again.status_code, body) == (304, b""), path
        other, _ = get(client, path, encoding, **{"If-None-Match": '"other"'})
        assert other.status_code == 200
    assert tagged >= 4


def test_only_the_address_of_this_very_content_is_kept_for_good(client):
    path = next(path for path in addresses(client) if "?m=" in path)
    assert "immutable" in get(client, path)[0].headers["Cache-Control"]
    for other in (path + "1", path.split("?", maxsplit=1)[0], path.split("=", maxsplit=1)[0] + "="):
        assert "immutable" not in get(client, other)[0].headers["Cache-Control"]


def test_what_is_no_file_of_a_page_is_left_alone(client):
    answer, body = get(client, "/assets/no-such.js")
    assert answer.status_code == 404
    assert "immutable" not in answer.headers.get("Cache-Control", "")
    assert body
