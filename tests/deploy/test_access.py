"""The door in front of the dashboard: which router lets whom in, with the template rendered as by Traefik."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from core.settings.settings import Settings

DEPLOY = Path(__file__).parents[2] / "deploy"
TEMPLATE = (DEPLOY / "traefik" / "access.yml").read_text("utf-8")
EMBED = r'\n *\{\{- if eq \(env "ACCESS_EMBED"\) "open" \}\}(.*?)\n *\{\{- end \}\}'
DOOR = r'\n *\{\{- if eq \(env "ACCESS_DOOR"\) "forward" \}\}(.*?)\n *\{\{- else \}\}(.*?)\n *\{\{- end \}\}'
VALUE = "value-of-these-tests"


def filled(*, door="basic", embed="closed"):
    """Fill in the template; of Go's templates it uses three forms."""
    text = re.sub(DOOR, r"\1" if door == "forward" else r"\2", TEMPLATE, flags=re.DOTALL)
    text = re.sub(EMBED, r"\1" if embed == "open" else "", text, flags=re.DOTALL)
    text = text.replace('{{ or (env "ACCESS_HOST") (env "DOMAIN") }}', "masld.lab.test")
    text = text.replace('{{ env "FORWARD_AUTH" }}', "http://auth:4180/").replace("@ACCESS_VALUE@", VALUE)
    assert "{{" not in text
    return YAML(typ="safe").load(text)["http"]


@pytest.mark.parametrize("door", ["basic", "forward"])
@pytest.mark.parametrize("embed", ["open", "closed"])
def test_who_is_let_in(door, embed):
    http = filled(door=door, embed=embed)
    members = http["routers"]["members"]
    assert members["rule"].startswith("Host(`masld.lab.test`)")
    # Whoever gets the secret has passed the door before.
    assert members["middlewares"].index("door") < members["middlewares"].index("member")
    header = Settings.model_fields["access_header"].default
    assert http["middlewares"]["member"]["headers"]["customRequestHeaders"] == {header: VALUE}
    assert set(http["middlewares"]["door"]) == {"basicAuth" if door == "basic" else "forwardAuth"}
    assert set(http["routers"]) == {"members"} | ({"frames"} if embed == "open" else set())
    if embed == "open":
        frames = http["routers"]["frames"]
        assert frames["priority"] > members["priority"]
        assert "door" not in frames["middlewares"]
        assert "stranger" in frames["middlewares"]
        assert http["middlewares"]["stranger"]["headers"]["customRequestHeaders"] == {header: ""}


def test_all_that_is_named_is_there():
    edge = (DEPLOY / "traefik" / "dynamic" / "edge.yml").read_text("utf-8")
    http = filled(embed="open")
    named = {name for router in http["routers"].values() for name in router["middlewares"]}
    assert all(f"\n    {name}:\n" in edge for name in named - set(http["middlewares"]))
    compose = YAML(typ="safe").load((DEPLOY / "docker-compose.access.yml").read_text("utf-8"))
    given = {"DOMAIN", *compose["services"]["traefik"]["environment"]}
    assert set(re.findall(r'env "(\w+)"', TEMPLATE)) <= given


def test_a_frame_fetches_what_its_router_lets_through():
    rule = filled(embed="open")["routers"]["frames"]["rule"]
    from core.web.embed import frame_page

    for path in (frame_page.STYLES, frame_page.SCRIPT, frame_page.PLOTLY, "/embed/v1/violin.json"):
        assert any(path.startswith(prefix) for prefix in re.findall(r"PathPrefix\(`([^`]+)`\)", rule)), path
    [genes] = re.findall(r"PathRegexp\(`([^`]+)`\)", rule)
    assert re.search(genes, "/api/v1/datasets/human/liver/genes")
    assert not re.search(genes, "/api/v1/datasets/human/liver/expression")
