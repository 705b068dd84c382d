"""Security headers: content policy, frame ancestors, and no cookies."""

import base64
import hashlib
import re
from http import HTTPStatus
from pathlib import Path

import pytest
from plotly.offline import get_plotlyjs_version
from structlog.testing import capture_logs

from core.atlas.catalog import Catalog
from core.embed.policy import frame_ancestors
from core.settings.settings import load
from core.web import static_files
from core.web.headers import PLOTLY, page_policy, strict_fault

PAGES = ("/", "/explore", "/markers", "/correlation", "/species", "/no/such/page", "/embed/v1/nothing-yet")
PRODUCTION = {"env": "production", "secret_key": "a-secret-of-these-tests-and-of-nothing-else"}
BANNER = "/**\n* plotly.js (strict - minified) v{}\n*/\nwindow.Plotly = {{}};\n"
LABS = ("https://lab.example.org", "http://localhost:8000")


def directives(answer):
    """Read the policy of an answer."""
    parts = [part.split() for part in answer.headers["Content-Security-Policy"].split("; ")]
    assert len({name for name, *_ in parts}) == len(parts), "browsers heed the first of two"
    return {name: values for name, *values in parts}


def write_bundle(path, version):
    path.write_text(BANNER.format(version), "utf-8")
    return path


@pytest.fixture(scope="session")
def bundled(data, make_app, tmp_path_factory):
    """Return the server of an app that found a strict plotly.js."""
    path = write_bundle(tmp_path_factory.mktemp("vendor") / "plotly-strict.min.js", get_plotlyjs_version())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(static_files, "STRICT_PLOTLY", path)
        return make_app(data, **PRODUCTION, embed_allowed_origins=LABS).server


@pytest.fixture(scope="session")
def bare(data, make_app, tmp_path_factory):
    """Return a function that makes the server of an app without a strict plotly.js."""

    def make(**settings):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(static_files, "STRICT_PLOTLY", tmp_path_factory.getbasetemp() / "none.js")
            return make_app(data, **settings).server

    return make


@pytest.mark.parametrize("path", PAGES)
def test_the_policy_of_a_page(bundled, path):
    answer = bundled.test_client().get(path)
    assert answer.mimetype == "text/html"
    embedded = path.startswith("/embed/")
    found = directives(answer)
    scripts = found.pop("script-src")
    assert found == {
        "default-src": ["'self'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'self'", *LABS] if embedded else ["'none'"],
    }
    inline = re.findall(r"<script(?![^>]*(?:src=|application/json))[^>]*>(.*?)</script>", answer.text, re.DOTALL)
    hashes = {base64.b64encode(hashlib.sha256(it.encode()).digest()).decode() for it in inline}
    assert len(hashes) == (0 if embedded else 2), "Dash's title and its renderer, of which a frame has neither"
    assert sorted(scripts) == sorted(["'self'", *(f"'sha256-{it}'" for it in hashes)])
    assert not re.search(r"\son[a-z]+=", answer.text), "a handler in an attribute would not run"


def test_the_hashes_stay_the_same(bundled):
    client = bundled.test_client()
    assert len({client.get(path).headers["Content-Security-Policy"] for path in ("/", "/explore", "/", "/nope")}) == 1


def test_what_others_show_may_be_loaded_from_elsewhere(bundled):
    client = bundled.test_client()
    for path, wanted in (("/embed/v1/embed.js", "cross-origin"), ("/embed/v1/x.png", "cross-origin"), ("/", None)):
        assert client.get(path).headers.get("Cross-Origin-Resource-Policy") == wanted, path
    assert client.get("/embed/v1/embed.js").headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in client.get("/embed/v1/violin.json?gene=ALB").headers


@pytest.mark.parametrize("path", PAGES)
def test_who_may_frame(bundled, path):
    headers = bundled.test_client().get(path).headers
    embedded = path.startswith("/embed/")
    assert headers.get("X-Frame-Options") == (None if embedded else "DENY")
    assert headers.get("Cross-Origin-Opener-Policy") == (None if embedded else "same-origin")


@pytest.mark.parametrize("path", ["/embed", "/Embed/v1/x", "/embedded/v1/x", "/x/embed/v1/x", "//embed/v1/x"])
def test_what_only_looks_like_an_embedded_view_is_not_framed(bundled, path):
    answer = bundled.test_client().get(path)
    if answer.status_code in (301, 308):
        assert not answer.location.endswith(path)
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert directives(answer)["frame-ancestors"] == ["'none'"]


@pytest.mark.parametrize(
    ("settings", "wanted"),
    [
        ({}, ("'self'", "http://localhost:*", "http://127.0.0.1:*")),
        ({"host": "localhost"}, ("'self'", "http://localhost:*", "http://127.0.0.1:*")),
        ({"host": "::1"}, ("'self'", "http://localhost:*", "http://127.0.0.1:*")),
        ({"host": "0.0.0.0"}, ("'none'",)),
        ({"host": "localhost.example.org"}, ("'none'",)),
        ({"embed_allowed_origins": LABS}, ("'self'", *LABS)),
        ({"host": "0.0.0.0", "embed_allowed_origins": LABS}, ("'self'", *LABS)),
        (PRODUCTION, ("'none'",)),
        ({**PRODUCTION, "embed_allowed_origins": LABS}, ("'self'", *LABS)),
    ],
)
def test_frame_ancestors(tmp_path, settings, wanted):
    assert frame_ancestors(load(data_dir=tmp_path, **settings)) == wanted


def test_an_answer_that_is_no_page_may_load_nothing(client, data):
    content = Catalog(data).get("human/liver").manifest.content_hash
    for path, kind in (
        ("/api/v1/datasets", "application/json"),
        ("/api/v1/datasets/human/nope", "application/problem+json"),
        ("/api/v1/datasets/human/liver/expression?gene=ALB&format=csv", "text/csv"),
        (f"/arrays/human/liver/{content}/embedding/X_umap", "application/octet-stream"),
        ("/assets/js/1-shell/theme.js", "text/javascript"),
    ):
        with client.get(path) as answer:
            assert answer.mimetype == kind, path
            assert directives(answer) == {"default-src": ["'none'"], "frame-ancestors": ["'none'"]}
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
    with client.get("/assets/favicon.svg") as answer:
        assert directives(answer)["default-src"] == ["'none'"]


def every_address(server):
    """Yield (methods, address) of each rule of the app, with something in the place of each variable."""
    for rule in server.url_map.iter_rules():
        yield rule.methods, re.sub(r"<[^>]+>", "x", rule.rule)


def test_every_answer_has_them_and_none_sets_a_cookie(server):
    client = server.test_client()
    answers = [
        (method, path, client.open(path, method=method, headers={"Cookie": "session=x"}))
        for methods, path in every_address(server)
        for method in sorted(methods | {"POST", "DELETE"})
    ]
    assert len(answers) > 100
    assert {answer.status_code for *_, answer in answers} >= {200, 400, 404, 405}
    for method, path, answer in answers:
        said = f"{method} {path}"
        assert "Set-Cookie" not in answer.headers, said
        assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR or path == "/readyz", said
        assert answer.headers["X-Content-Type-Options"] == "nosniff", said
        assert answer.headers["Referrer-Policy"] == "strict-origin-when-cross-origin", said
        assert "camera=()" in answer.headers["Permissions-Policy"], said
        assert "fullscreen=(self)" in answer.headers["Permissions-Policy"], said
        embedded = path.startswith("/embed/")
        framed = ["'self'", "http://localhost:*", "http://127.0.0.1:*"] if embedded else ["'none'"]
        assert directives(answer)["frame-ancestors"] == framed, said
        # One layer, one value: browsers obey each of two policies.
        for name in ("Content-Security-Policy", "X-Frame-Options", "X-Content-Type-Options"):
            assert len(answer.headers.getlist(name)) == (0 if embedded and name == "X-Frame-Options" else 1), said


def test_an_error_of_ours_has_them_too(data, make_app):
    server = make_app(data).server

    def broken():
        raise ZeroDivisionError

    server.add_url_rule("/broken", "broken", broken)
    answer = server.test_client().get("/broken")
    assert answer.status_code == 500
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert directives(answer)["default-src"] == ["'none'"]


def test_without_the_bundle_only_development_allows_eval(bare):
    with capture_logs() as lines:
        found = directives(bare().test_client().get("/"))["script-src"]
    assert "'unsafe-eval'" in found
    assert not [line for line in lines if line["log_level"] == "warning"]
    with capture_logs() as lines:
        found = directives(bare(**PRODUCTION).test_client().get("/"))["script-src"]
    assert "'unsafe-eval'" not in found
    warnings = [line["event"] for line in lines if line["log_level"] == "warning"]
    assert len(warnings) == 1
    assert warnings[0].startswith(f"The strict plotly.js {get_plotlyjs_version()} is missing.")
    assert "make strict" in warnings[0]


def test_with_the_bundle_nobody_allows_eval_or_is_warned(data, make_app, tmp_path, monkeypatch):
    path = write_bundle(tmp_path / "plotly-strict.min.js", get_plotlyjs_version())
    monkeypatch.setattr(static_files, "STRICT_PLOTLY", path)
    for settings in ({}, PRODUCTION):
        with capture_logs() as lines:
            client = make_app(data, **settings).server.test_client()
        assert not [line for line in lines if line["log_level"] == "warning"]
        assert "'unsafe-eval'" not in directives(client.get("/"))["script-src"]


def test_the_bundle_takes_the_place_of_the_usual_one(bundled, bare):
    client = bundled.test_client()
    with client.get(PLOTLY) as answer:
        assert answer.text == BANNER.format(get_plotlyjs_version())
        assert answer.mimetype == "text/javascript"
    with client.get(PLOTLY, headers={"If-None-Match": answer.headers["ETag"]}) as again:
        assert again.status_code == 304
    assert "plotly-strict" not in client.get("/").text, "it is fetched by a page that holds a figure, and no other"
    usual = bare().test_client().get(PLOTLY)
    assert usual.status_code == 200
    assert "(strict" not in usual.text[:200]


def test_dash_fetches_plotly_from_where_we_put_it():
    from dash import dash

    renderer = Path(dash.__file__).parent / "dash-renderer" / "build" / "dash_renderer.min.js"
    assert PLOTLY.removeprefix("/") in renderer.read_text("utf-8")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "The strict plotly.js {wanted} is missing."),
        (BANNER.format("3.9.9"), "The strict plotly.js has version 3.9.9; version {wanted} is required."),
        (f"/**\n* plotly.js v{get_plotlyjs_version()}\n", "The file of the strict plotly.js has other content."),
        ("", "The file of the strict plotly.js has other content."),
        ("\0" * 300 + BANNER.format(get_plotlyjs_version()), "The file of the strict plotly.js has other content."),
        (BANNER.format(get_plotlyjs_version()), ""),
        (
            BANNER.format(f"{get_plotlyjs_version()}0"),
            "The strict plotly.js has version {wanted}0; version {wanted} is required.",
        ),
    ],
)
def test_what_is_wrong_with_a_bundle(tmp_path, text, said):
    path = tmp_path / "plotly-strict.min.js"
    if text is not None:
        path.write_text(text, "utf-8")
    assert strict_fault(path) == said.format(wanted=get_plotlyjs_version())


def test_a_page_never_runs_inline_scripts_at_large():
    for evaluated in (True, False):
        (scripts,) = [
            it for it in page_policy(["'sha256-x'"], evaluated=evaluated).split("; ") if it.startswith("script")
        ]
        assert "unsafe-inline" not in scripts
        assert ("'unsafe-eval'" in scripts) is evaluated
