"""Who may see an atlas: every route and every callback, for each visibility, with and without the access header.

The routes come from the map of the application, and the callbacks from its own list, so that a new one cannot be
forgotten: one that names an atlas must be in `NAMING` or `LISTS`, with what to ask it.
"""

import re
import shutil
from functools import cache
from urllib.parse import urlencode

import pytest

from core.atlas.catalog import Catalog
from core.atlas.import_state import ImportState, clear_state, write_state
from core.atlas.paths import AtlasId, Places
from core.atlas.visibility import OPERATOR, VISIBILITIES, Viewer, seen_by, set_visibility, visibility_of
from core.errors import UnknownAtlas
from core.web.headers import PLOTLY
from tests.factories import imported, tiny

HIDDEN = AtlasId("human", "hidden")
# No other atlas has these; what holds one of them shows something of the hidden atlas.
TITLE, GENE = "Unpublished-Title", "ZZHIDDEN1"
ABSENT = "absent"
VALUE = "the-secret-of-a-proxy-of-these-tests-alone"
HEADER = {"X-Lab-Access": VALUE}
SEARCH = {"gene": GENE}
PATHS = {"species": "human", "layer": "expression", "key": "X_umap", "index": "3", "view": "violin", "gene": GENE}
WINDOW = {"x": "-9,9", "y": "-9,9", "w": "9", "h": "9"}
SETS = {"genes": f"{GENE} ALB"}
SIDES = {"a": "MASH", "b": "Healthy", "paired": "Sample", "pooled": "true", "min_cells": "1", "min_counts": "1"}
# Routes that name an atlas in their path or query, by what else to ask.
NAMING = {
    "/api/v1/datasets/<species>/<name>": {},
    "/api/v1/datasets/<species>/<name>/genes": {"q": "ZZ"},
    "/api/v1/datasets/<species>/<name>/expression": SEARCH,
    "/api/v1/datasets/<species>/<name>/correlations": SEARCH,
    "/api/v1/datasets/<species>/<name>/markers": {"by": "CellType"},
    "/api/v1/datasets/<species>/<name>/compare": {"a": "where=Group%3DMASH", "b": "where=Group%3DHealthy"},
    "/api/v1/datasets/<species>/<name>/dotplot": {**SETS, "by": "CellType"},
    "/api/v1/datasets/<species>/<name>/composition": {"by": "CellType"},
    "/api/v1/datasets/<species>/<name>/score": SETS,
    "/api/v1/datasets/<species>/<name>/cells": {"cell": "cell3"},
    "/api/v1/datasets/<species>/<name>/cells/<index>": {},
    "/api/v1/datasets/<species>/<name>/selection.h5ad": {},
    "/api/v1/datasets/<species>/<name>/differences": SIDES,
    "/api/v1/datasets/<species>/<name>/differences/overview": SIDES,
    "/api/v1/datasets/<species>/<name>/abundance": {"a": "MASH", "b": "Healthy", "paired": "Sample"},
    "/api/v1/datasets/<species>/<name>/enrichment": {**SETS, "min_size": "1"},
    "/api/v1/datasets/<species>/<name>/activity": {**SIDES, "min_targets": "1"},
    "/arrays/<species>/<name>/<digest>/embedding/<key>": {"axes": "0,1"},
    "/arrays/<species>/<name>/<digest>/gene/<layer>": SEARCH,
    "/arrays/<species>/<name>/<digest>/score/<layer>": SETS,
    "/arrays/<species>/<name>/<digest>/column": {"name": "CellType"},
    "/arrays/<species>/<name>/<digest>/mask": {"where": "Group=MASH"},
    "/arrays/<species>/<name>/<digest>/raster/<key>": WINDOW,
    "/arrays/<species>/<name>/<digest>/map.png": {},
    "/api/v1/figures/<view>/about": {"atlas": "human/{name}", **SEARCH},
    "/api/v1/figures/<file>": {"atlas": "human/{name}", **SEARCH},
    "/api/v1/figures.zip": {"figure": "/explore?v=1&figure=violin&atlas=human/{name}&gene=" + GENE},
    "/embed/v1/<view>": {"atlas": "human/{name}", **SEARCH},
    "/embed/v1/<view>.json": {"atlas": "human/{name}", **SEARCH},
    "/embed/v1/<view>.png": {"atlas": "human/{name}", **SEARCH},
    "/oembed": {"url": "http://localhost/explore?atlas=human/{name}&gene=" + GENE},
}
# A refusal comes before the figure is drawn.
NEEDS_CHROMIUM = {"/api/v1/figures/<file>", "/api/v1/figures.zip", "/embed/v1/<view>.png"}
# Routes that list atlases, or show one without being asked, by an address that shows it where it is public.
LISTS = {
    "/api/v1/datasets": "/api/v1/datasets",
    "/api/v1/genes": "/api/v1/genes?q=ZZ",
    "/api/v1/genes/<path:gene>/atlases": f"/api/v1/genes/{GENE}/atlases",
    "/": f"/?gene={GENE}",
    "/<path:path>": f"/explore?atlas={HIDDEN}&gene={GENE}",
}
# Routes that compare two atlases, either of which may be hidden. Those of this test are too small to be compared.
OF_TWO = {
    "/api/v1/datasets/<species>/<name>/type_auroc": {},
    "/api/v1/datasets/<species>/<name>/concordance": {"a": "MASH", "b": "Healthy"},
    "/api/v1/datasets/<species>/<name>/concordance/enrichment": {"a": "MASH", "b": "Healthy", "quadrant": "up in both"},
    "/api/v1/datasets/<species>/<name>/conserved_correlates": SEARCH,
    "/api/v1/species/types": {},
    "/api/v1/species/dotplot": SEARCH,
}
# The atlases that have each gene of a family.
FAMILY = "/api/v1/species/orthologs"
# Routes that know no atlas.
OTHERS = {
    *(
        "/static/<path:filename>",
        "/assets/<path:filename>",
        "/assets/js/all.js",
        "/assets/css/all.css",
        "/vendor/<path:filename>",
        "/_favicon.ico",
    ),
    *("/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>", "/_dash-layout", "/_reload-hash"),
    *("/_dash-dependencies", "/.well-known/security.txt", "/healthz", "/readyz", "/api/v1/genesets"),
    *("/api/v1/references", "/api/v1/orthologs/<species>/<path:gene>"),
    *("/api/v1/figures", "/api/v1/openapi.json", "/api/", "/api/<path:anything>", "/embed/v1/embed.js", "/embed/"),
    *("/embed/<path:anything>", "/arrays/<species>/<name>/<digest>/<path:anything>"),
    # Each callback has its own test below.
    "/_dash-update-component",
}


@pytest.fixture(scope="module")
def both(data, tmp_path_factory):
    """Return a data directory with a public atlas and one whose visibility the tests change."""
    place = tmp_path_factory.mktemp("visibility")
    shutil.copytree(data, place / "data")
    file = tiny(place / "hidden.h5ad", genes=("ALB", GENE, *(f"ZZHIDDEN{at}" for at in range(2, 9))), seed=3)
    imported(place / "data", file, species="human", title=TITLE)
    return place / "data"


@pytest.fixture(scope="module")
def app(both, make_app):
    return make_app(both, access_header="X-Lab-Access", access_value=VALUE, trusted_proxies=1, rate_limit="off")


@pytest.fixture
def visitor(app):
    return app.server.test_client()


@pytest.fixture
def set_to(both):
    """Return what changes the visibility of the hidden atlas; at the end it is public."""
    yield lambda visibility: set_visibility(both, HIDDEN, visibility)
    set_visibility(both, HIDDEN, "public")


def shows(text, digest=""):
    """Tell whether a text shows something of the hidden atlas beyond what it was asked for."""
    return TITLE in text or "ZZHIDDEN2" in text or bool(digest and digest[:12] in text)


def address(rule, name, digest):
    values = {**PATHS, "name": name, "digest": digest, "file": "violin.png"}
    path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: values[found[1]], rule)
    query = {key: value.format(name=name) for key, value in NAMING[rule].items()}
    return f"{path}?{urlencode(query)}" if query else path


def test_every_route_is_in_a_table(app):
    rules = {rule.rule for rule in app.server.url_map.iter_rules()} - {PLOTLY}
    assert rules == set(NAMING) | set(LISTS) | set(OF_TWO) | {FAMILY} | OTHERS, (
        "say what the new route shows of an atlas"
    )


@pytest.mark.parametrize("rule", NAMING)
def test_an_atlas_is_served_to_those_who_may_see_it(rule, visitor, both, set_to):
    digest = Catalog(both).manifest(HIDDEN).content_hash
    asked, absent = address(rule, HIDDEN.name, digest), address(rule, ABSENT, digest)
    for visibility in VISIBILITIES:
        set_to(visibility)
        for headers in ({}, HEADER, {"X-Lab-Access": VALUE[:-1]}, {"X-Lab-Access": ""}):
            sees = visibility != "private" or headers == HEADER
            if sees and rule in NEEDS_CHROMIUM:
                continue
            with visitor.get(asked, headers=headers) as answer:
                if sees:
                    assert answer.status_code == 200, answer.text
                    assert "X-Lab-Access" in answer.headers["Vary"]
                    assert headers != HEADER or "private" in answer.headers["Cache-Control"]
                    continue
                # As one that never was: nothing but its name, which was asked for, tells the two answers apart.
                assert answer.status_code == 404
                assert answer.headers["Cache-Control"] == "no-store"
                assert answer.text.replace(HIDDEN.name, ABSENT) == visitor.get(absent).text
                tag = visitor.get(asked, headers={**headers, "If-None-Match": "*"})
                assert tag.status_code == 404


@pytest.mark.parametrize("hidden", ["first", "second"])
@pytest.mark.parametrize("rule", OF_TWO)
def test_neither_of_two_atlases_is_told_from_one_that_never_was(rule, hidden, visitor, set_to):
    def ask(name, headers):
        one, two = (name, "liver") if hidden == "first" else ("liver", name)
        asked = {**OF_TWO[rule], "other": f"human/{two}"}
        if "<name>" not in rule:
            asked = {**OF_TWO[rule], "atlas": f"human/{one}", "others": f"human/{two}"}
        path = rule.replace("<species>", "human").replace("<name>", one)
        return visitor.get(f"{path}?{urlencode(asked)}", headers=headers)

    for visibility in VISIBILITIES:
        set_to(visibility)
        for headers in ({}, HEADER, {"X-Lab-Access": VALUE[:-1]}):
            answer = ask(HIDDEN.name, headers)
            if visibility != "private" or headers == HEADER:
                assert "There is no atlas" not in answer.text
            else:
                assert answer.status_code == (404 if "<name>" in rule or hidden == "first" else 400)
                assert not shows(answer.text)
                assert answer.text.replace(HIDDEN.name, ABSENT) == ask(ABSENT, {}).text


def test_a_family_lists_an_atlas_to_those_who_may_see_it(visitor, set_to):
    for visibility, headers, listed in (
        ("public", {}, True), ("unlisted", {}, False), ("unlisted", HEADER, False), ("private", {}, False),
        ("private", HEADER, True),
    ):  # fmt: skip
        set_to(visibility)
        answer = visitor.get(f"{FAMILY}?gene=ALB", headers=headers)
        assert "human/liver" in answer.text
        assert (str(HIDDEN) in answer.text) is listed, (visibility, headers)


@pytest.mark.parametrize("rule", LISTS)
def test_an_atlas_is_listed_to_those_who_may_see_it(rule, visitor, set_to):
    set_to("public")
    marked = shows(visitor.get(LISTS[rule]).text)
    assert marked or rule == "/", "the address shows the public atlas"
    set_to("unlisted")
    # A page with the address of an atlas is no list.
    for headers in ({}, HEADER):
        assert shows(visitor.get(LISTS[rule], headers=headers).text) is (rule == "/<path:path>")
    set_to("private")
    assert not shows(visitor.get(LISTS[rule]).text)
    with_access = visitor.get(LISTS[rule], headers=HEADER)
    assert shows(with_access.text) is marked
    assert "private" in with_access.headers["Cache-Control"]


@pytest.mark.parametrize("route", sorted(rule for rule in OTHERS if not set("<_") & set(rule)))
def test_no_other_route_shows_a_private_atlas(route, visitor, set_to, both):
    digest = Catalog(both).manifest(HIDDEN).content_hash
    set_to("private")
    answer = visitor.get(route)
    assert not shows(answer.text, digest)
    assert str(HIDDEN) not in answer.text


def value_of(component, name, page):
    """What a page with the address of the hidden atlas sends for one property."""
    query = f"?{urlencode({'atlas': str(HIDDEN), 'gene': GENE, 'gene_b': 'ALB'})}"
    if component.endswith("-search") and name == "data":
        return {"search": query, "at": 1}
    if component == "publish-embed":
        return {"figure": "violin", "panel": 1, "words": "x", "link": f"/explore{query}&v=1&figure=violin", "at": 1}
    if component.endswith("-cell"):
        return 3
    if component == "home-chosen":
        return GENE
    if component == "correlation-partner":
        return {"state": query, "gene_b": "ALB", "top": [GENE, "ALB"], "fault": ""}
    known = {"pathname": page, "search": query, "data": query if component.endswith("-state") else None}
    return known.get(name)


@cache
def requests_of(app):
    """The body of each callback's request, by its output."""
    bodies = {}
    for each in app.server.test_client().get("/_dash-dependencies").json:
        output = each["output"]
        if each["clientside_function"]:
            continue
        page = f"/{output.strip('.').partition('-')[0]}"
        page = page if page in {"/explore", "/markers", "/correlation", "/atlas"} else "/explore"

        def properties(kind, each=each, page=page):
            return [
                []
                if it["id"].startswith("{")
                else {"id": it["id"], "property": it["property"], "value": value_of(it["id"], it["property"], page)}
                for it in each[kind]
            ]

        outputs = [
            {"id": part.rpartition(".")[0], "property": part.rpartition(".")[2].partition("@")[0]}
            for part in output.strip(".").split("...")
        ]
        inputs = properties("inputs")
        changed = [f"{it['id']}.{it['property']}" for it in inputs if it][:1]
        bodies[output] = {
            **{"output": output, "outputs": outputs if output.startswith("..") else outputs[0]},
            **{"inputs": inputs, "state": properties("state"), "changedPropIds": changed},
        }
    return bodies


def shown_by_callbacks(app, headers):
    """The outputs of all callbacks that show something of the hidden atlas."""
    digest = Catalog(app.server.extensions["masldatlas"].settings.data_dir).manifest(HIDDEN).content_hash
    client = app.server.test_client()
    found = set()
    for output, body in requests_of(app).items():
        answer = client.post("/_dash-update-component", json=body, headers=headers)
        if shows(answer.text, digest) or "cell3" in answer.text:
            found.add(output)
    return found


@pytest.mark.slow(representative=True)
def test_every_callback_shows_an_atlas_to_those_who_may_see_it(app, set_to):
    public = shown_by_callbacks(app, {})
    assert len(public) > 10, public
    lists = {output for output in public if output.startswith(("..home", "home", "..species-card"))}
    assert lists
    set_to("unlisted")
    assert public - shown_by_callbacks(app, {}) == lists
    set_to("private")
    assert shown_by_callbacks(app, {}) == set()
    assert shown_by_callbacks(app, {"X-Lab-Access": "other"}) == set()
    assert public <= shown_by_callbacks(app, HEADER)


def test_suggestions_name_no_hidden_atlas(visitor, set_to):
    near = "/api/v1/datasets/human/hiden"
    assert str(HIDDEN) in visitor.get(near).json["suggestions"]
    for visibility in ("unlisted", "private"):
        set_to(visibility)
        assert str(HIDDEN) not in visitor.get(near).text
    assert str(HIDDEN) in visitor.get(near, headers=HEADER).text


def test_without_a_value_nobody_is_let_in(both, make_app, set_to):
    client = make_app(both).server.test_client()
    set_to("private")
    for value in ("", "None", VALUE):
        assert client.get(f"/api/v1/datasets/{HIDDEN}", headers={"X-Masldatlas-Access": value}).status_code == 404
    set_to("public")
    open_to_all = client.get(f"/api/v1/datasets/{HIDDEN}")
    assert open_to_all.status_code == 200
    assert "Masldatlas" not in open_to_all.headers.get("Vary", "")


def test_what_cannot_be_understood_is_private(both, visitor, set_to):
    set_to("public")
    Places(both).visibility(HIDDEN).write_text("Public, I think\n", "utf-8")
    assert visibility_of(both, HIDDEN) == "private"
    assert visitor.get(f"/api/v1/datasets/{HIDDEN}").status_code == 404
    Places(both).visibility(HIDDEN).write_bytes(b"\xff")
    assert visibility_of(both, HIDDEN) == "private"


def test_it_outlives_a_replaced_atlas_and_a_removed_one(tmp_path):
    file = tiny(tmp_path / "hidden.h5ad")
    set_visibility(tmp_path / "data", HIDDEN, "private")
    catalog = Catalog(tmp_path / "data")
    for change in (lambda: None, lambda: None, lambda: catalog.remove(HIDDEN)):
        change()
        imported(tmp_path / "data", file, species="human", replace=True)
        with seen_by(Viewer(private=False, unlisted=False, faults=False)):
            assert catalog.manifests() == []
            with pytest.raises(UnknownAtlas):
                catalog.get(HIDDEN)
        assert catalog.get(HIDDEN).id == str(HIDDEN)


def test_commands_see_all(both, set_to):
    set_to("private")
    assert Viewer(private=True, unlisted=True, faults=True) == OPERATOR
    assert str(HIDDEN) in Catalog(both).ids()


def test_visitors_see_how_many_imports_failed_and_the_operator_why(both, app, make_app):
    write_state(both, ImportState(id="human/failing", phase="failed", error="/srv/data/x.h5ad has no cells."))
    try:
        [output] = [output for output in requests_of(app) if output.startswith("..home-imports")]
        body = requests_of(app)[output]
        public = make_app(both, host="0.0.0.0").server.test_client().post("/_dash-update-component", json=body).text
        assert "1 import failed." in public
        assert not re.search("failing|/srv|no cells", public)
        local = make_app(both).server.test_client().post("/_dash-update-component", json=body).text
        assert "has no cells" in local
    finally:
        clear_state(both, AtlasId("human", "failing"))
