"""Contracts on the source text that import-linter cannot state; it holds the direction of imports (``make lint``).

The checks are functions over (module, source), where the ``__init__`` of a package is called ``package.__init__``; each
is also shown a text that breaks it.
"""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = ("app", "pages", "callbacks", "core")
PICKLES = ("pickle", "_pickle", "cPickle", "cloudpickle", "dill", "shelve", "joblib")
PICKLING_METHODS = ("read_pickle", "to_pickle")
ENVIRONMENT = ("environ", "environb", "getenv", "getenvb", "putenv", "unsetenv")
# What the web process may not load: each costs seconds, and scanpy runs parallel kernels.
# datashader and what it brings are loaded by the first atlas that needs them.
HEAVY = (
    *("scanpy", "anndata", "sklearn", "umap", "matplotlib", "decoupler", "gseapy", "pydeseq2"),
    *("datashader", "pandas", "xarray", "dask"),
)


def modules() -> dict[str, str]:
    """Read every module of ours."""
    files = [ROOT / "app.py", *(path for name in OURS[1:] for path in (ROOT / name).rglob("*.py"))]
    return {".".join(f.relative_to(ROOT).with_suffix("").parts): f.read_text("utf-8") for f in files if f.exists()}


def within(module: str, *packages: str) -> bool:
    """Tell whether a module is one of the packages, or inside one."""
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def named(module: str, *prefixes: str) -> bool:
    """Tell whether a module's name begins so: ``core.web`` takes in ``core.web.api.genes``."""
    return any(module.startswith(prefix) for prefix in prefixes)


def imports(module: str, source: str) -> Iterator[tuple[str, int, bool]]:
    """Yield (full dotted name, line, whether by a call) of each import; ``from a import b`` is ``a.b``."""
    package = module.split(".")[:-1]
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import():
                yield from ((alias.name, node.lineno, False) for alias in node.names)
            case ast.ImportFrom():
                base = package[: len(package) - node.level + 1] if node.level else []
                whole = ".".join([*base, *(node.module or "").split(".")]).strip(".")
                yield from ((f"{whole}.{alias.name}".strip("."), node.lineno, False) for alias in node.names)
            case ast.Call(func=called, args=[ast.Constant(value=str(name)), *_]):
                function = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
                if function in {"import_module", "__import__", "run_module"}:
                    yield name, node.lineno, True


def check_pages_are_not_imported(module: str, source: str) -> list[str]:
    """Dash executes the modules of pages itself: others import the private ones only, and none of ours by a string."""
    return [
        f"{module}:{line} imports {name}"
        for name, line, called in imports(module, source)
        if (within(name, *OURS) if called else within(name, "pages") and not name.startswith("pages._"))
    ]


def check_environment(module: str, source: str) -> list[str]:
    """Only core.settings reads the environment."""
    if within(module, "core.settings"):
        return []
    tree = ast.parse(source)
    aliases = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name in {"os", "posix"}
    }
    found = [
        f"{module}:{node.lineno} uses os.{node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in ENVIRONMENT
        and isinstance(node.value, ast.Name)
        and node.value.id in aliases
    ]
    names = {f"os.{name}" for name in (*ENVIRONMENT, "*")}
    return found + [f"{module}:{line} imports {name}" for name, line, _ in imports(module, source) if name in names]


def check_no_pickle(module: str, source: str) -> list[str]:
    """Nothing is pickled or read from a pickle."""
    found = [f"{module}:{line} imports {name}" for name, line, _ in imports(module, source) if within(name, *PICKLES)]
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Attribute(attr=name) if name in PICKLING_METHODS:
                found.append(f"{module}:{node.lineno} uses {name}")
            case ast.Call(keywords=keywords):
                found += [
                    f"{module}:{node.lineno} passes allow_pickle"
                    for keyword in keywords
                    if keyword.arg == "allow_pickle"
                    and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is False)
                ]
    return found


def check_no_print(module: str, source: str) -> list[str]:
    """Only core.cli* prints; the rest logs."""
    if named(module, "core.cli"):
        return []
    return [
        f"{module}:{node.lineno} prints"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"print", "pprint"}
    ]


CHECKS = [
    check_pages_are_not_imported,
    check_environment,
    check_no_pickle,
    check_no_print,
]


@pytest.mark.parametrize("check", CHECKS)
def test_contract(check):
    found = modules()
    assert "core.settings.settings" in found, "the walk finds nothing"
    broken = [problem for module, source in sorted(found.items()) for problem in check(module, source)]
    assert not broken, f"{check.__doc__}\n" + "\n".join(broken)


@pytest.mark.parametrize(
    ("check", "module", "source"),
    [
        (check_pages_are_not_imported, "core.atlas.store", "import importlib\nimportlib.import_module('app')"),
        (check_pages_are_not_imported, "core.atlas.store", "def f():\n    from pages import home"),
        (check_pages_are_not_imported, "callbacks.home", "import pages"),
        (check_pages_are_not_imported, "callbacks.home", "import pages.home"),
        (check_pages_are_not_imported, "callbacks.home", "from pages import *"),
        (check_pages_are_not_imported, "callbacks.home", "from pages import home"),
        (check_pages_are_not_imported, "callbacks.home", "from pages.home import layout"),
        (check_pages_are_not_imported, "pages.home", "from .explore import layout"),
        (check_pages_are_not_imported, "app", "import pages.home"),
        (check_environment, "core.atlas.store", "import os\nos.environ['A']"),
        (check_environment, "app", "import os as system\nsystem.getenv('A')"),
        (check_environment, "core.atlas.store", "from os import environ"),
        (check_environment, "core.atlas.store", "from os import *"),
        (check_no_pickle, "core.cache.cache", "import pickle"),
        (check_no_pickle, "core.settings.settings", "from pickle import loads"),
        (check_no_pickle, "core.atlas.store", "import numpy as np\nnp.load('x', allow_pickle=True)"),
        (check_no_pickle, "core.atlas.store", "df.to_pickle('x')"),
        (check_no_print, "core.atlas.store", "print('x')"),
        (check_no_print, "app", "if True:\n    print('x')"),
    ],
)
def test_a_contract_can_be_broken(check, module, source):
    [problem] = check(module, source)
    assert problem.startswith(f"{module}:")


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("app", "from callbacks import register\nfrom pages._shell import shell"),
        ("callbacks.home", "from pages._ids import Home as Id\nfrom pages import _shell"),
        ("pages.home", "from ._ids import Home\nfrom pages._controls import gene_search\nimport pagesize"),
        ("core.cli", "import importlib\nimportlib.import_module('orjson')\nprint('human/demo')"),
        ("core.web", "from flask import request\nrequest.environ\n"),
        ("core.settings.settings", "import os\nos.environ.get('A')"),
        ("core.atlas.store", "import numpy as np\nnp.load('x', allow_pickle=False)"),
        ("core.atlas.store", "'''os.environ, print(), import pickle'''"),
    ],
)
def test_contracts_allow(module, source):
    assert [problem for check in CHECKS for problem in check(module, source)] == []


def test_the_web_process_stays_light():
    code = "import json, sys, app; print(json.dumps(sorted(sys.modules)), file=sys.stdout)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    loaded = json.loads(done.stdout.splitlines()[-1])
    assert "app" in loaded
    assert not [name for name in loaded if within(name, *HEAVY)]
