"""The callbacks of the page Species: controls to address and back, and what each tab shows."""

import pytest
from dash.development.base_component import Component

from callbacks.shell import viewed
from callbacks.species import PARTS, card, dots, sentence, types
from callbacks.species.hydrate import collect, hydrate
from core.figures.theme import LIGHT
from core.urls.page_queries import SpeciesQuery
from core.views.species.state import TABS, resolve
from pages._species import TABS as PANELS
from tests.core.views.species.conftest import three  # noqa: F401 - a fixture


def text(node):
    if isinstance(node, Component):
        return text(getattr(node, "children", None))
    return " ".join(map(text, node)) if isinstance(node, (list, tuple)) else "" if node is None else str(node)


def links(node):
    """List the addresses of the links within a component."""
    if isinstance(node, (list, tuple)):
        return [each for part in node for each in links(part)]
    if not isinstance(node, Component):
        return []
    own = [node.href] if getattr(node, "href", None) else []
    return own + links(getattr(node, "children", None))


@pytest.fixture
def view(three):  # noqa: F811
    def view(**query):
        found, problems = resolve(three, SpeciesQuery("human/liver", **query).search())
        assert problems == []
        return found

    return view


def test_every_tab_has_a_panel_and_callbacks():
    assert tuple(tab.key for tab in PANELS) == TABS == tuple(PARTS)


def chosen(value):
    """Return the value of a menu that was filled with its options, or the value of another control."""
    return value["value"] if isinstance(value, dict) else value


def test_the_controls_give_the_address_they_were_filled_from(three, view):  # noqa: F811
    shown = view(gene="col1a1a", genes="ALB col1a1a", tab="dots", match="LSEC=mouse/liver:macrophage")
    filled = hydrate(PARTS, shown, [], at=1)
    choices = {
        "gene": filled["gene"]["chosen"],
        "others": filled["others"]["value"],
        "genes": filled["list"]["drawn"],
        "tab": filled["tab"],
        "parts": {
            name: {key: chosen(filled["parts"][name][key]) for key in part.choices} for name, part in PARTS.items()
        },
    }
    assert collect(three, PARTS, filled["hydrated"], choices, shown.state) == shown.state
    assert viewed("/species", shown.state).search() == shown.state
    assert collect(three, PARTS, None, choices, None) is None
    # Another gene is one of any species.
    other = collect(three, PARTS, filled["hydrated"], {**choices, "gene": "ALB"}, shown.state)
    assert SpeciesQuery.parse(other).species == "human"
    nothing = hydrate(PARTS, None, [], at=1)
    assert nothing.keys() == filled.keys()


def test_the_card_lists_every_gene_and_leads_to_its_atlases(three, view):  # noqa: F811
    drawn = card.draw(three, view(gene="COL1A1"), LIGHT)
    said = text(drawn["card"])
    for symbol in ("COL1A1", "Col1a1", "col1a1a", "col1a1b", "1:n ortholog", "1:1 ortholog"):
        assert symbol in said
    to = links(drawn["card"])
    assert "/explore?atlas=zebrafish%2Fliver&gene=col1a1b" in to
    assert "/explore?atlas=mouse%2Fliver&gene=Col1a1" in to
    none = text(card.draw(three, view(gene="CYP2E1"), LIGHT)["card"])
    assert "No ortholog known in zebrafish" in none


def test_the_dots_have_their_numbers_beside_them(three, view):  # noqa: F811
    drawn = dots.draw(three, view(gene="CYP2E1", tab="dots"), LIGHT)
    assert drawn["fault"] == ""
    assert "No zebrafish ortholog of CYP2E1 is known" in drawn["note"]
    assert "Cyp2e1" in text(drawn["table"])
    assert "human/liver, 60 cells of 2 samples" in drawn["table_note"]
    assert "format=csv" in drawn["csv"]
    refused = dots.draw(three, view(gene="ALB", genes="nothing", tab="dots"), LIGHT)
    assert refused["fault"].startswith("No name of the list")
    assert refused.keys() == drawn.keys()


def test_the_types_say_how_they_match(three, view):  # noqa: F811
    drawn = types.draw(three, view(tab="types"), LIGHT)
    assert "same lineage" in text(drawn["table"])
    assert "no match for mystery" in drawn["note"]
    assert text(sentence(view(), LIGHT)["sentence"]).startswith("ALB  of human; human liver compared with mouse liver")
