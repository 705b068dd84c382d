"""Covariates and pairing of the comparison of changes: each atlas has its own, by the services of Differences."""

import numpy as np
import pytest

from callbacks.species import concordance as tab
from core.analysis.design import DesignParams
from core.analysis.differences import DifferencesParams
from core.analysis.sides import Sides
from core.errors import InvalidQuery
from core.figures.theme import LIGHT
from core.services.container import Services
from core.services.memoized import answer
from core.settings.settings import load
from core.views.registry import render
from core.views.species import concordance
from core.views.species.state import resolve
from tests.factories import imported
from tests.two_species import TYPES, liver

HUMAN = "?atlas=human/liver&tab=concordance"


@pytest.fixture(scope="module")
def services(tmp_path_factory):
    """Return services with a human liver, and a mouse liver whose donors are pairs."""
    data = tmp_path_factory.mktemp("designs")
    for species in ("human", "mouse"):
        path = data / species / "liver.h5ad"
        path.parent.mkdir()
        liver(species, n_cells=20, paired=species == "mouse").write_h5ad(path)
        imported(data, path, species=species, roles={"sample": "Donor"})
    found = Services.of(load(data_dir=data, correlation_cache=False))
    yield found
    found.close()


def view_of(services, more="", problems=()):
    view, found = resolve(services, f"{HUMAN}{more}")
    assert [each.text for each in found] == list(problems)
    return view


def designs(services, more=""):
    params = concordance.compute(services, view_of(services, more)).params
    return [(each.design.covariates, each.design.paired) for each in (params.differences, params.differences_2)]


def test_each_atlas_has_covariates_and_pairing_of_its_own(services):
    # As on the page Differences, a column of donors on both sides pairs unless the address says otherwise.
    assert designs(services) == [((), ""), ((), "Patient")]
    assert designs(services, "&covariates=Sex&paired_2=none") == [(("Sex",), ""), ((), "")]
    assert designs(services, "&covariates_2=Sex&paired_2=none") == [((), ""), (("Sex",), "")]
    shown = view_of(services, "&covariates=Sex&paired_2=none")
    assert "covariates=Sex" in shown.state
    assert "paired_2=none" in shown.state
    assert view_of(services, f"&{shown.state[1:]}").state == shown.state
    # What is proposed anyway is left out.
    assert view_of(services, "&paired=none&paired_2=Patient").state == view_of(services).state


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ("&covariates=Nothing", "There is no covariate of human/liver 'Nothing'. It is left out."),
        ("&covariates=Donor", "There is no covariate of human/liver 'Donor'. It is left out."),
        ("&covariates_2=Patient", "There is no covariate of mouse/liver 'Patient'. It is left out."),
        ("&paired=Patient", "'Patient' pairs no samples of human/liver. It is left out."),
    ],
)
def test_what_a_design_cannot_have_is_said_and_left_out(services, more, problem):
    assert view_of(services, more, [problem]).state == view_of(services).state


def test_the_numbers_are_those_of_differences(services):
    result = concordance.compute(services, view_of(services, "&covariates=Sex"))
    table = result.table.to_pandas().set_index("gene")
    for end, atlas, more in (
        ("", result.pair.first, {"covariates": ["Sex"]}),
        ("_2", result.pair.second, {"paired": "Patient"}),
    ):
        sides = Sides.of(atlas, "Group", ["MASH"], ["Healthy"])
        params = DifferencesParams.of(atlas, DesignParams.of(atlas, sides, **more), TYPES[0])
        alone = answer(services, atlas, params).value.to_pandas().set_index("gene")
        names = table.index if not end else table["gene_2"]
        for name in ("log2fc", "ci_low", "p_adj"):
            np.testing.assert_array_equal(table[f"{name}{end}"], alone.loc[names, name])
    plain = concordance.compute(services, view_of(services, "&paired_2=none")).table.to_pandas().set_index("gene")
    assert not np.allclose(plain.loc[table.index, "ci_low_2"], table["ci_low_2"])


def test_words_and_files_name_the_designs(services):
    made = render(services, f"/species{HUMAN}&covariates=Sex", figure="concordance")
    assert "human/liver is adjusted for Sex; mouse/liver is paired by Patient." in made.legend
    assert "(Group) of Hepatocyte (adjusted for Sex) in human/liver" in made.methods
    assert "(Group) of Hepatocyte (paired by Patient) in mouse/liver" in made.methods
    named = ("covariates", "paired", "covariates_2", "paired_2")
    assert [made.facts["parameters"][name] for name in named] == [["Sex"], "", [], "Patient"]
    assert render(services, made.facts["permalink"]).legend == made.legend
    shown = tab.draw(services, view_of(services, "&covariates=Sex"), LIGHT)
    assert "&covariate=Sex" in shown["csv"]
    assert "&paired_2=Patient" in shown["csv"]
    assert "human/liver is adjusted for Sex" in shown["note"]
    unpaired = concordance.words(concordance.compute(services, view_of(services, "&paired_2=none"))).note
    assert "mouse/liver: Several Patient have samples on both sides" in unpaired


def test_menus_are_filled_where_the_tab_is_open_and_read_back(services):
    shown = view_of(services, "&covariates=Sex")
    filled = tab.designs(shown)
    assert filled["covariates"]["value"] == ["Sex"]
    assert (filled["paired"]["value"], filled["paired"]["hidden"]) == ("none", False)
    # Any column on both sides may pair, but only one of donors is proposed.
    assert [each["value"] for each in filled["paired"]["options"]] == ["none", "Sex"]
    assert (filled["paired_2"]["value"], filled["paired_2"]["hidden"]) == ("Patient", False)
    assert [each["value"] for each in filled["covariates_2"]["options"]] == ["Sex"]
    choices = {name: each["value"] for name, each in tab.hydrate(shown).items()}
    read = tab.collect(shown.query, choices)
    assert resolve(services, read.search())[0].state == shown.state
    elsewhere = resolve(services, "?atlas=human/liver")[0]
    assert tab.designs(elsewhere)["covariates"]["options"] == []
    assert tab.designs(None).keys() == filled.keys()


def test_a_design_that_cannot_be_told_apart_says_so(services):
    with pytest.raises(InvalidQuery, match=r"^In mouse/liver: 'Sex' coincides|^In mouse/liver: 'Patient' coincides"):
        concordance.compute(services, view_of(services, "&covariates_2=Sex"))
