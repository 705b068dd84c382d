"""The OpenAPI document compared with the routes, and Schemathesis with the requests it allows."""

import re

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi import checks

from core.settings.settings import browser
from core.urls.page_queries import LIMITS
from core.web.api.openapi import DESCRIPTIONS, document, path_of
from core.web.api.operations import OPERATIONS
from tests.core.web.conftest import problem

OPENAPI = "/api/v1/openapi.json"
# The form needs no browser: what is drawn with one is asked in test_figures.
GIVEN = {"species": "human", "name": "liver", "index": "0", "gene": "ALB", "file": "violin.csv", "view": "violin"}
# By these a question is understood, so that its answer can be compared with the schema.
ASKED = {
    "atlas": "human/liver",
    "gene": "ALB",
    "genes": "ALB APOA1",
    "cell": "cell30",
    "a": "where=Group=MASH",
    "b": "where=Group=Healthy",
    "q": "a",
    "top": "2",
    "limit": "2",
    "paired": "Sample",
    "pooled": "true",
    "min_size": "1",
    "min_targets": "1",
    "other": "mouse/none",
    "quadrant": "up in both",
    "figure": "/explore?atlas=human/liver&figure=violin&gene=ALB",
}
PAGE = {"atlas": "human/liver", "gene": "ALB"}
# A zip holds figures drawn by a browser.
needs_browser = pytest.mark.skipif(browser() is None, reason="neither Chromium nor Chrome is installed here")
# These need two atlases: test_between_species.py.
OF_TWO = [it for it in OPERATIONS if "other" in it.needs]
EVERY = [pytest.param(it, id=it.rule, marks=[needs_browser] if it.rule.endswith(".zip") else []) for it in OPERATIONS]


def example(operation):
    """Return an address that the operation understands."""
    path = re.sub(r"\{(\w+)\}", lambda found: GIVEN[found[1]], path_of(operation.rule))
    asked = {name: ASKED[name] for name in operation.takes if name in ASKED}
    return path, asked | (PAGE if operation.page else {})


@pytest.fixture(scope="module")
def schema(server):
    return schemathesis.openapi.from_wsgi(OPENAPI, server)


def test_every_route_is_described_and_nothing_else(server):
    rules = {
        path_of(rule.rule)
        for rule in server.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and "GET" in rule.methods
    }
    assert set(document()["paths"]) == rules


@pytest.mark.parametrize("operation", EVERY)
def test_the_parameters_are_those_the_route_takes(client, operation):
    """A route that is asked for something unknown tells what it takes."""
    path, _ = example(operation)
    remedy = problem(client.get(path, query_string={"unheard_of": "1"}), 400)["remedy"]
    if remedy == "This URL takes no parameters.":
        assert operation.parameters == []
        return
    takes = remedy.removeprefix("This URL takes ").removesuffix(".").split(", ")
    if operation.page:
        # The rest is that of the page, which depends on the figure.
        assert {*operation.parameters, *PAGE} < set(takes)
    else:
        assert sorted(operation.parameters) == sorted(takes)
    for name in operation.needs:
        _, asked = example(operation)
        del asked[name]
        problem(client.get(path, query_string=asked), 400)


@pytest.mark.parametrize("operation", [it for it in EVERY if it.values[0] not in OF_TWO])
def test_an_answer_is_what_the_schema_says(client, schema, operation):
    path, asked = example(operation)
    for form in operation.formats:
        named = {"format": form} if len(operation.formats) > 1 else {}
        answer = client.get(path, query_string=asked | named)
        assert answer.status_code == 200, answer.text
        content = document()["paths"][path_of(operation.rule)]["get"]["responses"]["200"]["content"]
        assert answer.mimetype in content
    tested = schema[path_of(operation.rule)]["GET"]
    places = {name: GIVEN[name] for name in re.findall(r"\{(\w+)\}", tested.path)}
    case = tested.Case(path_parameters=places, query=asked, headers={"Accept-Encoding": "identity"})
    case.call_and_validate(excluded_checks=[checks.positive_data_acceptance])


@pytest.mark.slow(representative=True)
def test_limits_are_those_of_the_routes(client):
    for operation in [it for it in OPERATIONS if it not in OF_TWO]:
        path, asked = example(operation)
        for parameter in document()["paths"][path_of(operation.rule)]["get"]["parameters"]:
            name, given = parameter["name"], parameter["schema"]
            if parameter["in"] == "path":
                continue
            if "maximum" in given:
                assert client.get(path, query_string=asked | {name: given["maximum"]}).status_code == 200, (path, name)
                problem(client.get(path, query_string=asked | {name: given["maximum"] + 1}), 400)
                problem(client.get(path, query_string=asked | {name: given["minimum"] - 1}), 400)
            length = given.get("items", given).get("maxLength")
            if length:
                assert length == LIMITS.get(name, length)
                said = problem(client.get(path, query_string=asked | {name: "x" * (length + 1)}), 400)
                assert f"{length:,}" in said["detail"], (path, name)


def test_every_parameter_is_explained():
    named = {it["name"] for path in document()["paths"].values() for it in path["get"]["parameters"]}
    assert named == set(DESCRIPTIONS)


def test_no_version_in_secure_mode(make_app, data):
    assert make_app(data, secure_mode=True).server.test_client().get(OPENAPI).json["info"]["version"] == "1"


def ways():
    """Yield each operation with what it allows and, where there is anything to be wrong, with what it does not."""
    for operation in OPERATIONS:
        yield pytest.param(operation, GenerationMode.POSITIVE, id=f"{operation.rule}-allowed")
        if operation.parameters:
            yield pytest.param(operation, GenerationMode.NEGATIVE, id=f"{operation.rule}-not allowed")


@pytest.mark.parametrize(("operation", "mode"), list(ways()))
def test_whatever_it_is_asked_it_answers_as_it_says(schema, operation, mode):
    """No error 500, and no status, type or form that the document does not know.

    That what fits the document is accepted is not asked for: no schema knows the columns and layers of an atlas.
    """
    tested = schema[path_of(operation.rule)]["GET"]

    @settings(
        max_examples=12,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=tested.as_strategy(generation_mode=mode))
    def params(case):
        # Else nearly every question would be about an atlas that is not there.
        for name in {"species", "name", "file", "view"} & set(case.path_parameters or {}):
            case.path_parameters[name] = GIVEN[name]
        # Decompressed it is by nobody here.
        headers = {**(case.headers or {}), "Accept-Encoding": "identity"}
        case.call_and_validate(headers=headers, excluded_checks=[checks.positive_data_acceptance])

    params()
