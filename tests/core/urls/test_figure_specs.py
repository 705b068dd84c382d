"""The table of figures: each row has an implementation, and no other module lists figures."""

import ast
import re
from pathlib import Path

import pytest

from core.embed.controls import MAKERS
from core.figures.print_style import LEGENDS
from core.urls.figure_specs import FIGURES, FIRST
from core.views.correlation.state import TABS as CORRELATION
from core.views.explore.state import TABS as EXPLORE
from core.views.markers.state import TABS as MARKERS
from core.views.registry import VIEWS
from core.views.species.state import TABS as SPECIES
from core.views.view import View

ROOT = Path(__file__).parents[3]
SOURCES = [path for room in ("core", "callbacks", "pages") for path in sorted((ROOT / room).rglob("*.py"))]
FEW = 3

TABS = {"/explore": EXPLORE, "/correlation": CORRELATION, "/markers": MARKERS, "/species": SPECIES}


def listed_figures(source):
    """Return the largest number of figures in one literal of a module; the table itself has one call a row."""
    most = 0
    for node in ast.walk(ast.parse(source)):
        parts = node.keys if isinstance(node, ast.Dict) else getattr(node, "elts", ())
        names = {part.value for part in parts if isinstance(part, ast.Constant)}
        most = max(most, len(names & set(FIGURES)))
    return most


def test_every_figure_has_an_implementation_and_nothing_else_has():
    assert list(VIEWS) == list(FIGURES)
    assert all(isinstance(view, View) for view in VIEWS.values())


@pytest.mark.parametrize("spec", FIGURES.values(), ids=FIGURES)
def test_a_row_means_what_it_says(spec):
    assert spec.panels >= 1
    assert spec.frame_legend in LEGENDS
    assert spec.tab in ("", *TABS[spec.path])
    assert set(spec.controls) <= set(MAKERS)
    assert spec.controls, "a frame offers nothing to change"


def test_every_page_has_one_first_figure():
    firsts = [spec for spec in FIGURES.values() if spec.first]
    assert {spec.path: spec.name for spec in firsts} == dict(FIRST)
    assert len(firsts) == len(FIRST) == len({spec.query for spec in FIGURES.values()})


def test_no_other_module_lists_figures():
    found = {str(path.relative_to(ROOT)): listed_figures(path.read_text()) for path in SOURCES}
    assert {name for name, n in found.items() if n >= FEW} == {"core/views/registry.py"}
    assert listed_figures('("violin", "matrix", "forest")') == FEW


def test_the_script_of_frames_knows_the_same_maps():
    text = (ROOT / "assets/embed/frame.js").read_text()
    found = re.search(r"const MAPS = \[([^\]]*)\]", text)
    assert found, "frame.js lists its maps elsewhere now"
    assert re.findall(r'"(\w+)"', found[1]) == [spec.name for spec in FIGURES.values() if spec.is_map]
