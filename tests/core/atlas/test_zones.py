"""Zones by name: the orders in use, the two meanings of PV, and names that say nothing."""

import pytest

from core.atlas.zones import is_zonation, layers_of, zones_of


@pytest.mark.parametrize(
    ("categories", "places"),
    [
        (("Pericentral", "Midzonal", "Periportal"), (2, 1, 0)),
        (("PP", "mid", "PV"), (0, 1, 2)),
        (("PV", "CV"), (0, 2)),
        (("PV", "mid", "PC"), (0, 1, 2)),
        (("Zone 1", "zone2", "Z3"), (0, 1, 2)),
        (("Hepatocyte (periportal)", "Hepatocyte (midzonal)", "Hepatocyte (pericentral)"), (0, 1, 2)),
        (("HepatocytePP", "HepatocytePC", "Kupffer cell"), (0, 2, None)),
        (("peri-portal", "mid_lobular", "centrilobular"), (0, 1, 2)),
        (("portal", "central", "portal-central bridge"), (0, 2, None)),
        (("PV",), (None,)),
        (("PP", "PV", "CV"), (0, None, 2)),
        (("apple", "App", ""), (None, None, None)),
    ],
)
def test_zones(categories, places):
    assert zones_of(categories) == {
        name: place for name, place in zip(categories, places, strict=True) if place is not None
    }


def test_layers():
    assert layers_of(["Layer 1", "layer_10", "Layer 2"]) == {"Layer 1": 1, "layer_10": 10, "Layer 2": 2}
    assert layers_of(["1", "2", "3"]) == {"1": 1, "2": 2, "3": 3}
    for categories in (["1", "2"], ["1", "a1", "2"], ["1", "2", "none"], [], ["1 of 2", "2", "3"]):
        assert layers_of(categories) is None


@pytest.mark.parametrize("name", ["Zonation", "zone", "Lobule_layer", "pseudo-space", "eta", "Layer"])
def test_names_of_columns(name):
    assert is_zonation(name)


@pytest.mark.parametrize("name", ["beta", "ozone", "layer_counts", "theta", ""])
def test_names_of_other_columns(name):
    assert not is_zonation(name)
