"""Hostile requests to every route: status 4xx with a message or escaped text, never 500."""

import json
import re
from urllib.parse import quote

import pytest

from core.atlas.catalog import Catalog

SCRIPT = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>"
TEXTS = {
    "html": SCRIPT,
    "long": "A" * 20_000,
    "null": "\0",
    "path": "../../../../etc/passwd",
    "encoded path": "..%2f..%2fetc%2fpasswd",
    "windows path": "..\\..\\windows\\win.ini",
    "lines": "a\r\nSet-Cookie: session=x\r\n\r\n<script>alert(1)</script>",
    "number": "9" * 400,
    "not a number": "NaN",
    "template": "{{7*7}}${7*7}",
    "sql": "' OR 1=1 --",
    "surrogate": "\U0010ffff\u202e\ufeff",
    "json": '{"a": [1, {"b": null}]}',
    "list": ",".join(["ALB"] * 10_000),
}
PARAMETERS = (
    *(
        "atlas",
        "gene",
        "genes",
        "gene_b",
        "by",
        "split",
        "color",
        "where",
        "exclude",
        "lasso",
        "expr",
        "layer",
        "method",
    ),
    *(
        "embedding",
        "axes",
        "name",
        "names",
        "column",
        "top",
        "limit",
        "format",
        "category",
        "a",
        "b",
        "x",
        "y",
        "w",
        "h",
    ),
    *("facet", "level", "q", "sort", "min_cells", "score", "seed", "palette", "tab", "view", "v"),
)
PAGES = ("/", "/explore", "/markers", "/correlation", "/species", "/no/such/page", "/embed/v1/nothing-yet")
ESCAPING = (
    *("/..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%5c..%5cwin.ini", "/%00", "/%ff%fe", "/" + "a" * 8_000),
    *("/assets/..%2fapp.py", "/assets/%2e%2e/app.py", "/assets/..%5capp.py", "/assets/%00", "/assets//etc/passwd"),
    *("/vendor/..%2fjs/bootstrap.js", "/vendor/%2e%2e/x", "/static/..%2fapp.py", "/static//etc/passwd"),
    *("/_dash-component-suites/dash/..%2f..%2fplotly/x.js", "/_dash-component-suites/os/path.py"),
    *("/_dash-component-suites/dash/dash.py", "/_dash-component-suites/plotly/package_data/..%2f__init__.py"),
    *(f"/_dash-component-suites/{quote(SCRIPT, safe='')}/x.js", "/_dash-component-suites/nope/x.js"),
    *("/embed/..%2fapi", "/embed/v1/..%2f..%2fapp.py", f"/embed/v1/{quote(SCRIPT)}"),
    *("/api/v1/datasets/..%2f..%2fetc/passwd", "/api/v1/datasets/%2e%2e/%2e%2e", "/api/v1/datasets/human/%00"),
    *(
        "/api/v1/datasets/human/..%2fliver",
        "/arrays/human/liver/%2e%2e/column",
        "/arrays/human/liver/x/embedding/%2e%2e",
    ),
    *(f"/api/v1/datasets/human/{quote(SCRIPT, safe='')}", f"/api/v1/{quote(SCRIPT)}", f"/{quote(SCRIPT)}"),
)
CALLBACK = {
    "output": "_pages_content.children",
    "outputs": {"id": "a", "property": "b"},
    "inputs": [],
    "state": [],
    "changedPropIds": [],
}


def harmless(answer, *sent):
    """Check that an answer is no failure of ours, runs nothing, and lets nothing into its headers."""
    assert answer.status_code < 500, answer.text[:300]
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    if answer.mimetype == "text/html":
        for text in sent:
            assert text not in answer.text or "<" not in text, "text of the request is shown as HTML"
    elif answer.status_code >= 400:
        said = json.loads(answer.data)
        assert answer.mimetype == "application/problem+json"
        assert re.search(r"\w.*\.$", said["detail"], re.DOTALL), said["detail"][-80:]
        assert len(answer.data) < 3_000, "a long request does not come back"
    assert b"root:" not in answer.data


@pytest.fixture(scope="session")
def addresses(server, data):
    """Return the address of each route that is ours and reads a query, of the atlas."""
    content = Catalog(data).get("human/liver").manifest.content_hash
    values = {"species": "human", "name": "liver", "digest": content, "gene": "ALB", "index": "0", "key": "X_umap",
              "layer": "expression", "view": "embedding", "file": "violin.csv", "anything": "x"}  # fmt: skip
    rules = [rule.rule for rule in server.url_map.iter_rules() if rule.rule.startswith(("/api/", "/arrays/"))]
    found = [re.sub(r"<(?:path:)?(\w+)>", lambda it: values[it[1]], rule) for rule in rules]
    assert len(found) > 15
    return found


@pytest.mark.slow(representative=True)
@pytest.mark.parametrize("what", TEXTS)
def test_every_parameter_of_every_route(client, addresses, what):
    text = TEXTS[what]
    for address in addresses:
        with client.get(address, query_string=dict.fromkeys(PARAMETERS, text)) as answer:
            harmless(answer, text)
        for parameter in (
            "gene",
            "genes",
            "by",
            "where",
            "lasso",
            "expr",
            "axes",
            "name",
            "top",
            "format",
            "layer",
            "x",
        ):
            with client.get(address, query_string=[("gene", "ALB"), (parameter, text), (parameter, text)]) as answer:
                harmless(answer, text)


@pytest.mark.parametrize("what", TEXTS)
@pytest.mark.parametrize("page", PAGES)
def test_every_parameter_of_every_page(client, page, what):
    text = TEXTS[what]
    with client.get(page, query_string=dict.fromkeys(PARAMETERS, text)) as answer:
        assert answer.status_code == (404 if page in PAGES[-2:] else 200)
        harmless(answer, text)


@pytest.mark.parametrize(
    "query", ["%", "%zz=%ff", "=", "&&&&", "a" * 100_000, "&".join(["where=a=b"] * 5_000), "?" * 99]
)
def test_a_malformed_query(client, addresses, query):
    for address in (*addresses, *PAGES):
        with client.get(f"{address}?{query}") as answer:
            harmless(answer)


@pytest.mark.parametrize("path", ESCAPING)
def test_paths_that_lead_elsewhere(client, path):
    with client.get(path) as answer:
        assert answer.status_code in (400, 404, 410), answer.text[:200]
        harmless(answer, SCRIPT)
        assert b"create_app" not in answer.data


@pytest.mark.parametrize(
    "name", ["Host", "Referer", "User-Agent", "X-Request-ID", "Accept", "If-None-Match", "Cookie", "Range"]
)
@pytest.mark.parametrize("page", ["/", "/no/such/page", "/api/v1/datasets"])
def test_hostile_headers(client, page, name):
    with client.get(page, headers={name: SCRIPT}) as answer:
        harmless(answer, SCRIPT)
        assert SCRIPT not in str(answer.headers)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", None),
        (b"{", None),
        (b"\xff\xfe", None),
        (b"[" * 200_000, "nested too deeply"),
        (b"[]", "not an object"),
        (b"null", "not an object"),
        (b'"text"', "not an object"),
        (b"{}", "no callback"),
        (json.dumps({**CALLBACK, "output": SCRIPT}).encode(), "no callback"),
        (json.dumps({**CALLBACK, "output": ["a"]}).encode(), "no callback"),
        (json.dumps({**CALLBACK, "output": {"a": 1}}).encode(), "no callback"),
    ],
)
def test_a_request_that_no_page_sends(client, body, said):
    answer = client.post("/_dash-update-component", data=body, content_type="application/json")
    assert answer.status_code == 400
    harmless(answer)
    if said:
        assert said in json.loads(answer.data)["detail"]


def component(at, **changed):
    """Return a property as a page sends it."""
    return {"id": f"thing-{at}", "property": "value", "value": 1, **changed}


@pytest.fixture(scope="session")
def callback(make_app, data):
    """Return the name of a callback of one output, the callback, and a client of its app."""
    app = make_app(data)
    app.server.test_client().get("/")
    name, found = next(
        (name, it)
        for name, it in app.callback_map.items()
        if not isinstance(it["output"], (list, tuple)) and len(it["inputs"]) >= 1 and "callback" in it
    )
    return name, found, app.server.test_client()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"inputs": None}, "inputs"),
        ({"inputs": {}}, "inputs"),
        ({"inputs": [None] * 9}, "inputs"),
        ({"inputs": []}, "inputs"),
        ({"inputs": [1]}, "inputs"),
        ({"inputs": [[[]]]}, "inputs"),
        ({"inputs": [component(0, id=None)]}, "inputs"),
        ({"inputs": [component(0, property=["a"])]}, "inputs"),
        ({"inputs": [component(0), component(1), component(2), component(3), component(4)]}, "inputs"),
        ({"state": "text"}, "state"),
        ({"state": [component(at) for at in range(99)]}, "state"),
        ({"outputs": None}, "outputs"),
        ({"outputs": [None]}, "outputs"),
        ({"outputs": "text"}, "outputs"),
        ({"outputs": {"id": "a"}}, "outputs"),
        ({"changedPropIds": "text"}, "changedPropIds is not a list"),
        ({"changedPropIds": [{}]}, "changedPropIds is not a list"),
    ],
)
def test_a_request_to_a_callback_of_another_form(callback, changed, said):
    name, found, client = callback
    body = {
        "output": name,
        "outputs": component(0),
        "inputs": [component(at) for at in range(len(found["inputs"]))],
        "state": [component(at) for at in range(len(found["state"]))],
        "changedPropIds": [],
        **changed,
    }
    answer = client.post("/_dash-update-component", json=body)
    assert answer.status_code == 400, answer.text[:300]
    assert said in json.loads(answer.data)["detail"]
    harmless(answer)
