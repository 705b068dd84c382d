"""Contracts between Python and the scripts of the browser: which files a page loads, their order, and shared names."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from dash import Dash
from playwright._impl._driver import compute_driver_executable

from app import JOINED, create_app
from core.settings.settings import load
from core.web.joined_assets import NAME, STYLES
from core.web.joined_assets import SCRIPTS as SCRIPTS_OF_PAGES

ROOT = Path(__file__).parents[2]
ASSETS = ROOT / "assets"
SCRIPTS = sorted(str(file.relative_to(ASSETS)) for file in (ASSETS / "js").rglob("*.js"))
DASH_OWN = "_dashprivate"
HEAD_SCRIPT = "js/1-shell/theme.js"
LOAD_ALL = ROOT / "tests" / "js" / "load_all.js"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Dash:
    return create_app(load(data_dir=tmp_path_factory.mktemp("data"), port=0, log_level="WARNING"))


@pytest.fixture(scope="module")
def page(app: Dash) -> str:
    return app.server.test_client().get("/explore").text


@pytest.fixture(scope="module")
def loaded(app: Dash, page: str) -> dict[str, list[str]]:
    """Run the scripts of the page in node, in their order; return the names that they define."""
    node, _ = compute_driver_executable()
    names = [name.removeprefix("js/").removesuffix(".js") for name in assets(app, page, "src")]
    run = subprocess.run([node, LOAD_ALL, *names], capture_output=True, text=True, check=False, timeout=60)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def assets(app: Dash, page: str, attribute: str) -> list[str]:
    """Return the files below assets that a page names in an attribute, in their order; joined ones one by one."""
    joined = app.server.extensions[JOINED]
    parts = {f"{kind[0]}/{NAME}.{kind[1]}": joined.names(kind) for kind in (SCRIPTS_OF_PAGES, STYLES)}
    return [part for name in re.findall(rf'{attribute}="/assets/([^"?]+)', page) for part in parts.get(name, [name])]


def test_the_page_loads_each_script_once_and_the_theme_first_in_its_head(app, page):
    found = assets(app, page, "src")
    assert found == [HEAD_SCRIPT, *(name for name in SCRIPTS if name != HEAD_SCRIPT)]
    assert page.index(HEAD_SCRIPT) < page.index("</head>")


def test_the_page_loads_each_style_sheet_once_and_the_tokens_first(app, page):
    found = [name for name in assets(app, page, "href") if name.endswith(".css")]
    assert found == sorted(f"css/{file.name}" for file in (ASSETS / "css").iterdir())
    assert found[0] == "css/00-tokens.css"


def test_every_function_that_a_callback_names_is_there(app, loaded):
    found = [entry.get("clientside_function") for entry in app.server.test_client().get("/_dash-dependencies").json]
    own = [function for function in found if function and not function["namespace"].startswith(DASH_OWN)]
    named = {f"{function['namespace']}.{function['function_name']}" for function in own}
    assert named
    assert named <= set(loaded["functions"])


def test_a_script_shares_one_object_which_bears_its_name(loaded):
    for name in SCRIPTS:
        text = (ASSETS / name).read_text(encoding="utf-8")
        defined = re.findall(r"\bmasldatlas\.(\w+) = ", text)
        assert defined in ([], [Path(name).stem]), name
        used = set(re.findall(r"\bmasldatlas\.(\w+)", text))
        assert used <= set(loaded["shared"]), name
