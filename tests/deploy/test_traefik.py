"""Traefik's two files: routes and middlewares, with the template rendered as by Traefik."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

DEPLOY = Path(__file__).parents[2] / "deploy"
ENVIRONMENT = {"DOMAIN": "masld.lab.test", "EDGE_RATE": "300", "EDGE_BURST": "300", "EDGE_DEPTH": "0"}


def filled(monitoring):
    """Fill in the template; of Go's templates it uses two forms."""
    text = (DEPLOY / "traefik" / "dynamic" / "edge.yml").read_text("utf-8")
    only = r'\n *\{\{- if eq \(env "MONITORING"\) "true" \}\}(.*?)\n *\{\{- end \}\}'
    assert len(re.findall(only, text, re.DOTALL)) == 3
    text = re.sub(only, r"\1" if monitoring else "", text, flags=re.DOTALL)
    text = re.sub(r'\{\{ env "(\w+)" \}\}', lambda found: ENVIRONMENT[found[1]], text)
    assert "{{" not in text
    return YAML(typ="safe").load(text)


@pytest.fixture(scope="module")
def edge():
    return filled(monitoring=True)


def test_without_monitoring_nothing_leads_there():
    http = filled(monitoring=False)["http"]
    assert set(http["routers"]) == {"app", "files"}
    assert set(http["services"]) == {"app"}
    assert set(http["middlewares"]) == {"hsts", "limit", "again", "compression"}


@pytest.fixture(scope="module")
def static():
    return YAML(typ="safe").load((DEPLOY / "traefik" / "traefik.yml").read_text("utf-8"))


def test_the_template_knows_the_variables_of_the_container():
    compose = YAML(typ="safe").load((DEPLOY / "docker-compose.prod.yml").read_text("utf-8"))
    given = compose["services"]["traefik"]["environment"]
    template = (DEPLOY / "traefik" / "dynamic" / "edge.yml").read_text("utf-8")
    assert set(re.findall(r'env "(\w+)"', template)) == {*ENVIRONMENT, "MONITORING"} <= set(given)
    ultra = YAML(typ="safe").load((DEPLOY / "docker-compose.prod-ultra.yml").read_text("utf-8"))
    assert given["MONITORING"] == "false"
    assert ultra["services"]["traefik"]["environment"] == {"MONITORING": "true"}
    command = compose["services"]["traefik"]["entrypoint"][2]
    static = (DEPLOY / "traefik" / "traefik.yml").read_text("utf-8")
    named = set(re.findall(r'"@(\w+)@"', static))
    assert named == {"ACME_EMAIL", "ACME_SERVER"}
    for name in named:
        assert f"s|@{name}@|$${name}|" in command
        assert name in given


def test_everything_named_is_there(edge, static):
    http = edge["http"]
    for router in http["routers"].values():
        assert set(router["middlewares"]) <= set(http["middlewares"])
        assert router["service"] in http["services"]
        assert set(router["entryPoints"]) <= set(static["entryPoints"])
    assert {name for router in http["routers"].values() for name in router["middlewares"]} == set(http["middlewares"])
    assert http["services"]["app"]["loadBalancer"]["serversTransport"] in http["serversTransports"]
    options, _, provider = static["entryPoints"]["websecure"]["http"]["tls"]["options"].partition("@")
    assert options in edge["tls"]["options"]
    assert provider == "file"


def test_tls_everywhere(edge, static):
    web = static["entryPoints"]["web"]["http"]["redirections"]["entryPoint"]
    assert (web["scheme"], web["to"], web["permanent"]) == ("https", ":443", True)
    secure = static["entryPoints"]["websecure"]["http"]["tls"]
    assert secure["certResolver"] in static["certificatesResolvers"]
    assert all(router["entryPoints"] == ["websecure"] for router in edge["http"]["routers"].values())
    options = edge["tls"]["options"]["modern"]
    assert options["minVersion"] == "VersionTLS12"
    assert options["sniStrict"] is True
    assert all(suite.startswith("TLS_ECDHE_") and "CBC" not in suite for suite in options["cipherSuites"])


def test_hsts_for_two_years_on_every_router_and_no_other_header(edge):
    hsts = edge["http"]["middlewares"]["hsts"]["headers"]
    assert hsts == {"stsSeconds": 2 * 365 * 24 * 3600, "stsIncludeSubdomains": True, "forceSTSHeader": True}
    assert all(router["middlewares"][0] == "hsts" for router in edge["http"]["routers"].values())
    assert [name for name, it in edge["http"]["middlewares"].items() if "headers" in it] == ["hsts"]


def test_the_limit(edge):
    limit = edge["http"]["middlewares"]["limit"]["rateLimit"]
    assert (limit["average"], limit["period"], limit["burst"]) == (300, "1m", 300)
    limited = {name for name, router in edge["http"]["routers"].items() if "limit" in router["middlewares"]}
    assert limited == {"app", "metrics", "dashboard"}


def test_monitoring_is_behind_a_password(edge):
    for name, service in (("metrics", "prometheus"), ("dashboard", "grafana")):
        router = edge["http"]["routers"][name]
        assert router["rule"] == f"Host(`{name}.masld.lab.test`)"
        assert router["service"] == service
        assert "users" in router["middlewares"]
    users = edge["http"]["middlewares"]["users"]["basicAuth"]
    assert users["usersFile"] == "/run/secrets/traefik_users"
    # Grafana would take the password of this door for one of its own.
    assert users["removeHeader"] is True


def test_metrics_are_not_routed(edge, static):
    rules = {name: router["rule"] for name, router in edge["http"]["routers"].items() if router["service"] == "app"}
    assert rules["app"] == "Host(`masld.lab.test`) && !PathPrefix(`/metrics`)"
    assert "/metrics" not in rules["files"]
    published = YAML(typ="safe").load((DEPLOY / "docker-compose.prod.yml").read_text("utf-8"))["services"]["traefik"]
    inside = {port.rpartition(":")[2] for port in published["ports"]}
    assert inside == {static["entryPoints"][name]["address"].removeprefix(":") for name in ("web", "websecure")}


def test_static_files_of_the_app_are_not_counted(edge):
    """Each path that the rule names is one that the app serves files at."""
    from core.web.middleware import QUIET

    named = re.findall(r"PathPrefix\(`(/[^`]+)`\)", edge["http"]["routers"]["files"]["rule"])
    assert len(named) == 3
    assert set(named) <= set(QUIET)


def test_no_socket_and_no_dashboard(static):
    assert set(static["providers"]) == {"file"}
    assert "api" not in static
    assert static["global"] == {"checkNewVersion": False, "sendAnonymousUsage": False}


def test_a_connection_is_let_go_before_the_app_hangs_up(edge):
    from core.web.server import SILENT_SECONDS

    timeouts = edge["http"]["serversTransports"]["patient"]["forwardingTimeouts"]
    assert int(timeouts["idleConnTimeout"].removesuffix("s")) < SILENT_SECONDS
