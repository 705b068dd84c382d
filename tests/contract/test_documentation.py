"""Everything an outsider may use is documented, and nothing in the documentation leads nowhere."""

import re
from pathlib import Path

import click
import pytest

from core.analysis import (
    abundance,
    activity,
    composition,
    correlation,
    differences,
    enrichment,
    gene_across_atlases,
    gene_set_scores,
    markers,
)
from core.cli import cli
from core.settings.settings import Settings, variable
from core.web.api.openapi import DESCRIPTIONS, PLACEHOLDER
from core.web.api.operations import OPERATIONS
from core.web.documentation.chapters import manual
from pages._shell import HELP
from tests.tables import with_id

ROOT = Path(__file__).parents[2]
README_BYTES = 6_000
PICTURE_BYTES = 150_000
PAGES = ("atlases", "one-atlas", "explore", "markers", "correlation", "differences")


@pytest.fixture(scope="module")
def found():
    return manual(ROOT / "pages" / "docs", cli)


@pytest.fixture(scope="module")
def sections(found):
    return {section.anchor: section for chapter in found.chapters for section in chapter.sections}


@pytest.fixture(scope="module")
def titles(sections):
    return {section.title: section.text for section in sections.values()}


def commands(command=cli, path="masldatlas"):
    """Yield each command that is not hidden, with its full name."""
    yield path, command
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            if not below.hidden:
                yield from commands(below, f"{path} {name}")


def options(command):
    return [each for each in command.params if isinstance(each, click.Option) and not each.hidden]


@pytest.mark.parametrize(("path", "command"), [pytest.param(*each, id=each[0]) for each in commands()])
def test_every_command_and_option_is_documented(path, command, titles):
    assert command.help, f"{path} has no help"
    assert [each.name for each in options(command) if not each.help] == []
    text = titles[f"`{path}`"]
    assert [name for each in options(command) for name in each.opts if name not in text] == []


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.rule)
def test_every_operation_and_parameter_is_documented(operation, titles):
    text = titles[f"`{operation.rule}`"]
    assert operation.summary
    assert operation.summary in text
    names = [*PLACEHOLDER.findall(operation.rule), *operation.parameters]
    assert [name for name in names if not DESCRIPTIONS.get(name) or f"`{name}`" not in text] == []


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented(name, titles):
    field = Settings.model_fields[name]
    assert field.title, f"{name} has no title: what does it do?"
    assert field.description, f"{name} has no description: what must its value be?"
    text = titles[f"`{variable(name)}`"]
    assert field.title in text
    assert "- Default: " in text


def test_every_link_of_the_documentation_leads_somewhere(sections):
    links = [(anchor, link) for anchor, each in sections.items() for link in re.findall(r"\]\(#([^)]*)\)", each.text)]
    assert links
    assert [(anchor, link) for anchor, link in links if link not in sections] == []


@pytest.mark.parametrize(
    ("route", "columns"),
    [
        ("correlations", with_id(correlation.COLUMNS)),
        ("markers", with_id(markers.COLUMNS)),
        ("composition", composition.COLUMNS),
        ("differences", with_id(differences.COLUMNS)),
        ("abundance", abundance.COLUMNS),
        ("enrichment", enrichment.COLUMNS),
        ("activity", activity.COLUMNS),
        ("score", gene_set_scores.COLUMNS),
        ("atlases", tuple(gene_across_atlases.COLUMNS)),
    ],
)
def test_the_columns_of_tables_are_those_of_the_analyses(route, columns, titles):
    rows = titles["Columns of the tables"].splitlines()
    [row] = [row for row in rows if row.startswith("|") and f"{route}`" in row.split("|")[1]]
    assert f"`{','.join(columns)}`" in row


def test_the_links_of_the_help_lead_somewhere(sections):
    fragments = [href.partition("#")[2] for href, _ in HELP]
    assert [each for each in fragments if each and each not in sections] == []
    # The browser adds the page to this.
    assert [page for page in PAGES if f"pages-{page}" not in sections] == []


def test_every_picture_is_there_and_small(sections):
    pictures = {each for section in sections.values() for each in re.findall(r"!\[[^\]]+\]\(/(\S+?)\)", section.text)}
    assert pictures
    assert [name for name in sorted(pictures) if not 0 < (ROOT / name).stat().st_size < PICTURE_BYTES] == []
    there = {f"assets/docs/{path.name}" for path in (ROOT / "assets" / "docs").iterdir()}
    assert there == pictures, "a picture that no chapter shows"


def test_dollar_signs_are_for_formulas_only(found):
    """A chapter with a dollar loads MathJax, and would set what lies between two of them as a formula."""
    assert [each.name for each in found.chapters if any("$" in part.text for part in each.sections)] == ["methods"]


def test_the_readme_is_short_and_shows_a_picture():
    text = (ROOT / "README.md").read_text("utf-8")
    assert len(text.encode()) <= README_BYTES
    [picture] = re.findall(r"!\[[^\]]+\]\((\S+?)\)", text)
    assert (ROOT / picture).stat().st_size < PICTURE_BYTES
    assert [target for target in re.findall(r"\]\(([^)#]+?)\)", text) if not (ROOT / target).exists()] == []
    assert "make run" in text
    assert "make test" in text


def test_the_map_of_the_packages_is_complete():
    text = (ROOT / ".github" / "CONTRIBUTING.md").read_text("utf-8")
    named = set(re.findall(r"^\| `core/(\w+)/` \|", text, re.M))
    there = {path.parent.name for path in (ROOT / "core").glob("*/__init__.py")}
    assert named == there


def test_the_files_that_texts_name_are_there(sections):
    texts = [path.read_text("utf-8") for path in (ROOT / "README.md", ROOT / ".github" / "CONTRIBUTING.md")]
    texts += [section.text for section in sections.values()]
    named = {
        name for text in texts for name in re.findall(r"`((?:core|pages|callbacks|assets|deploy)/[\w/.-]+\.\w+)`", text)
    }
    # The example of the recipe.
    missing = [name for name in sorted(named) if "abundance" not in name and not (ROOT / name).exists()]
    assert missing == []
