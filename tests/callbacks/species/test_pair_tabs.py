"""The tabs AUROC, Changes and Correlates: their controls, cards and tables, and what they say without an answer."""

import pytest

from callbacks.species import PARTS, auroc, concordance, conserved, dots, types
from callbacks.species.hydrate import collect, hydrate
from core.figures.theme import LIGHT
from core.services.container import Services
from core.settings.settings import load
from core.views.species.state import resolve
from tests.factories import imported
from tests.two_species import GENES, QUERY, TURNED, TYPES, liver


@pytest.fixture(scope="module")
def services(tmp_path_factory):
    """Return services with a liver of each of two species."""
    data = tmp_path_factory.mktemp("tabs")
    for species in ("human", "mouse"):
        path = data / species / "liver.h5ad"
        path.parent.mkdir()
        liver(species, n_cells=30).write_h5ad(path)
        imported(data, path, species=species)
    found = Services.of(load(data_dir=data, correlation_cache=False))
    yield found
    found.close()


def view_of(services, more=""):
    view, problems = resolve(services, f"?atlas=human/liver&gene={QUERY}{more}")
    assert not problems
    return view


def texts(component):
    """Collect the texts of a component."""
    if component is None:
        return []
    if isinstance(component, str):
        return [component]
    if isinstance(component, list | tuple):
        return [text for each in component for text in texts(each)]
    return texts(getattr(component, "children", None))


@pytest.mark.parametrize("part", [auroc, concordance, conserved], ids=lambda part: part.__name__)
def test_a_tab_has_plot_words_table_and_file(services, part):
    found = part.draw(services, view_of(services), LIGHT)
    assert set(found) == set(part.PART.outputs)
    assert found["fault"] == ""
    assert found["size"]["height"].endswith("px")
    assert found["title"]
    assert "small table that comes with the program" in found["note"]
    assert found["csv"].startswith("/api/v1/datasets/human/liver/")
    assert "other=mouse%2Fliver" in found["csv"]
    assert "format=csv" in found["csv"]
    shown = texts(found["table"])
    assert "mouse" not in shown
    assert len(shown) > 20


def test_tables_show_the_first_rows_and_say_so(services):
    found = concordance.draw(services, view_of(services), LIGHT)
    assert found["table_note"] == f"The first 60 of {len(GENES)} rows; the CSV has all."
    assert texts(found["table"]).count("opposite") == len(TURNED)
    assert auroc.draw(services, view_of(services), LIGHT)["table_note"] == ""


def test_auroc_follows_the_dots_and_the_matches(services):
    shown = view_of(services, "&match=Hepatocyte%3DLSEC")
    first, then = dots.draw(services, shown, LIGHT), dots.mark(services, shown, LIGHT)
    assert first["drawn"] == shown.state
    assert "AUROC" not in " ".join([*texts(first["table"]), first["note"]])
    assert "hardly alike" in " ".join(texts(then["table"]))
    assert "Dotted frames" in then["note"]
    # What is put into the figure is what the figure has where all is computed at once.
    assert first["figure"]["data"][dots.FRAMES]["mode"] == "lines"
    assert then["figure"].to_plotly_json()["operations"]
    first, then = types.draw(services, shown, LIGHT), types.mark(services, shown)
    assert "AUROC" not in " ".join(texts(first["table"]))
    assert " ".join(texts(then["table"])).count("AUROC") == len(TYPES)
    assert then["note"].startswith(first["note"])
    assert "Hepatocyte and LSEC 0." in then["note"]


def test_files_repeat_the_question(services, tmp_path):
    from app import create_app

    client = create_app(load(data_dir=services.settings.data_dir, correlation_cache=False)).server.test_client()
    more = "&match=Hepatocyte%3DHepatocyte|LSEC&best=12"
    for part in (auroc, concordance, conserved):
        answer = client.get(part.draw(services, view_of(services, more), LIGHT)["csv"])
        assert answer.status_code == 200, answer.text
        assert answer.mimetype == "text/csv"


def test_without_another_atlas_every_tab_says_what_to_do(services, tmp_path):
    path = tmp_path / "liver.h5ad"
    liver(n_cells=5, n_donors=2).write_h5ad(path)
    imported(tmp_path / "data", path, species="human")
    alone = Services.of(load(data_dir=tmp_path / "data", correlation_cache=False))
    for part in (auroc, concordance, conserved):
        found = part.draw(alone, view_of(alone), LIGHT)
        assert found["fault"].startswith("No other atlas is chosen. Choose one under “Compared with”")
        assert (found["table"], found["csv"]) == (None, "")
    assert auroc.hydrate(view_of(alone)) == auroc.hydrate(None)
    assert concordance.hydrate(view_of(alone))["one_2"]["options"] == []
    alone.close()


def test_controls_are_filled_and_read_back(services):
    asked = view_of(services, "&cell_type=LSEC&best=20&one=Healthy&two=MASH&tab=concordance")
    filled = hydrate(PARTS, asked, [], at=1)
    parts = filled["parts"]
    assert parts["auroc"]["cell_type"]["value"] == "LSEC"
    assert [each["value"] for each in parts["auroc"]["cell_type"]["options"]] == list(TYPES)
    assert parts["auroc"]["second"]["value"] == "mouse/liver"
    assert parts["conserved"]["best"] == 20
    assert (parts["concordance"]["one"]["value"], parts["concordance"]["one_2"]["value"]) == ("Healthy", None)
    choices = {
        "gene": QUERY,
        "others": ["mouse/liver"],
        "genes": "",
        "tab": "concordance",
        "parts": {
            "types": {"match": ""},
            "auroc": {"second": "mouse/liver", "cell_type": "LSEC"},
            "concordance": {"one": "Healthy", "two": "MASH", "one_2": None, "two_2": None, "covariates": []},
            "conserved": {"best": 20},
        },
    }
    assert collect(services, PARTS, filled["hydrated"], choices, asked.state) == asked.state
    choices["others"] = []
    choices["parts"]["auroc"]["second"] = "fish/gone"
    alone = collect(services, PARTS, filled["hydrated"], choices, asked.state)
    assert "second" not in alone
    assert "others=none" in alone
    assert hydrate(PARTS, resolve(services, alone)[0], [], at=2)["others"]["value"] == []


def test_controls_of_no_view_are_empty():
    nothing = {"options": [], "value": None}
    assert auroc.hydrate(None) == {"second": nothing, "cell_type": nothing}
    assert concordance.hydrate(None)["one"] == nothing
    assert conserved.hydrate(None) == {"best": None}
