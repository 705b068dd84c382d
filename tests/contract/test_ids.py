"""Wired ids within declared ids within laid-out ids: a typing error in an id is found here, not by a silent page."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from types import ModuleType

import dash
import pytest
from dash import ALL, Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from core.settings.settings import load

ROOT = Path(__file__).parents[2]
DASH_OWN = ("_pages", "_dash")


def declared_ids(module: ModuleType) -> set[str]:
    """Collect the members of each StrEnum that a module declares."""
    enums = [it for it in vars(module).values() if isinstance(it, type) and issubclass(it, StrEnum)]
    return {str(member) for enum in enums for member in enum}


def wired_ids(app: Dash) -> tuple[set[str], set[str]]:
    """Collect the ids in the callbacks of an app: the plain ones, and the ``type`` of the patterns."""
    plain: set[str] = set()
    types: set[str] = set()
    for callback in app.callback_map.values():
        outputs = callback["output"] if isinstance(callback["output"], (list, tuple)) else [callback["output"]]
        # Patterns come as JSON among the inputs and as a dictionary in an output.
        for found in [
            *(dependency["id"] for dependency in (*callback["inputs"], *callback["state"])),
            *(output.component_id for output in outputs),
        ]:
            pattern = json.loads(found) if isinstance(found, str) and found.startswith("{") else found
            if isinstance(pattern, dict):
                types |= {str(pattern["type"])} if isinstance(pattern.get("type"), str) else set()
            elif not str(pattern).startswith(DASH_OWN):
                plain.add(str(pattern))
    return plain, types


def laid_out_ids(node: object) -> Iterator[str | dict]:
    """Yield the id of each component of a layout, in whichever property it sits."""
    if isinstance(node, Component):
        found = getattr(node, "id", None)
        if isinstance(found, dict) or (found is not None and not str(found).startswith(DASH_OWN)):
            yield found if isinstance(found, dict) else str(found)
        yield from laid_out_ids([getattr(node, name) for name in node._prop_names if hasattr(node, name)])
    elif isinstance(node, dict):
        yield from laid_out_ids(list(node.values()))
    elif isinstance(node, Iterable) and not isinstance(node, (str, bytes)):
        for part in node:
            yield from laid_out_ids(part)


def problems(app: Dash, declared: set[str], shell: object, pages: dict[str, object]) -> list[str]:
    """Tell what is wrong with the ids of an app, whose pages each appear inside of the shell."""
    plain, types = wired_ids(app)
    laid_out = {name: list(laid_out_ids([shell, page])) for name, page in pages.items()} or {
        "": list(laid_out_ids(shell))
    }
    strings = {found for ids in laid_out.values() for found in ids if isinstance(found, str)}
    patterns = {str(found.get("type")) for ids in laid_out.values() for found in ids if isinstance(found, dict)}
    twice = {
        (name, found)
        for name, ids in laid_out.items()
        for found, n in Counter(json.dumps(it, sort_keys=True) if isinstance(it, dict) else it for it in ids).items()
        if n > 1
    }
    return [
        *(f"{it} is wired, and not declared" for it in sorted((plain | types) - declared)),
        *(f"{it} is declared, and in no layout" for it in sorted(declared - strings - patterns - types)),
        *(f"{it} is wired, and in no layout" for it in sorted((plain & declared) - strings)),
        *(f"{found} is laid out twice on {name}" for name, found in sorted(twice)),
    ]


def test_the_ids_of_the_app(tmp_path):
    if not (ROOT / "app.py").exists():
        pytest.skip("app.py does not exist yet")
    app = import_module("app").create_app(load(data_dir=tmp_path))
    modules = sorted(path.stem for path in (ROOT / "pages").glob("_ids*.py"))
    declared = set[str]().union(*(declared_ids(import_module(f"pages.{name}")) for name in modules))
    assert len(modules) > 1
    assert declared, "pages/_ids*.py declare nothing"
    assert app.callback_map, "no callback is registered"
    assert dash.page_registry, "no page is registered"

    def rendered(layout):
        return layout() if callable(layout) else layout

    pages = {name: rendered(page["layout"]) for name, page in dash.page_registry.items()}
    assert problems(app, declared, rendered(app.layout), pages) == []


class Id(StrEnum):
    """Ids of the example."""

    URL = "shell-url"
    GENE = "home-gene"
    PLOT = "home-plot"
    CARD = "home-card"


def example(**changed):
    """Make a small app that is in order, but for what is changed."""
    app = Dash("example")
    app.callback(
        Output(Id.PLOT, "children"),
        Input(changed.get("input", Id.GENE), "value"),
        State(Id.URL, "search"),
        State({"type": changed.get("pattern", Id.CARD), "index": ALL}, "children"),
    )(lambda *_: None)
    app.callback(
        output={"a": Output({"type": Id.CARD, "index": ALL}, "n"), "b": Output(Id.URL, "search", allow_duplicate=True)},
        inputs={"c": Input("_pages_location", "search")},
        prevent_initial_call=True,
    )(lambda **_: None)
    shell = html.Div([dcc.Location(id=Id.URL), html.Div(id="_pages_content")])
    page = html.Div(changed.get("page", [dcc.Input(id=Id.GENE), html.Div(html.Div(html.P(id=Id.PLOT)))]))
    return problems(app, changed.get("declared", set(Id)), shell, {"home": page, "about": html.P("About")})


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({}, []),
        ({"input": "home-gnee"}, ["home-gnee is wired, and not declared"]),
        ({"pattern": "home-crad"}, ["home-crad is wired, and not declared"]),
        ({"declared": {*Id, "home-old"}}, ["home-old is declared, and in no layout"]),
        (
            {"page": [dcc.Input(id=Id.GENE)]},
            ["home-plot is declared, and in no layout", "home-plot is wired, and in no layout"],
        ),
        (
            {"page": [dcc.Input(id=Id.GENE), html.P(id=Id.PLOT), html.P(id=Id.PLOT)]},
            ["home-plot is laid out twice on home"],
        ),
        (
            {"page": [dcc.Input(id=Id.GENE), html.P(id=Id.PLOT), html.P(id=Id.URL)]},
            ["shell-url is laid out twice on home"],
        ),
        # A component in a property other than children is laid out too.
        ({"page": [dcc.Input(id=Id.GENE), dcc.Loading(custom_spinner=html.P(id=Id.PLOT))]}, []),
        ({"page": [dcc.Input(id=Id.GENE), dcc.Checklist([{"label": html.P(id=Id.PLOT), "value": 1}])]}, []),
    ],
)
def test_the_contract_can_be_broken(changed, problem):
    assert example(**changed) == problem


def test_declared_ids_are_those_of_enums():
    module = ModuleType("ids")
    module.Id = Id
    module.OTHER = "not-an-id"
    assert declared_ids(module) == set(Id)
