"""Which cell types match: by name, by lineage, as edited; and the edits of an address."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.analysis.cell_type_matching import Edit, matched, read_edits, without_match, write_edits
from core.errors import InvalidQuery

HUMAN = ("Hepatocyte (periportal)", "Hepatocyte (pericentral)", "Kupffer_cells", "Monocyte", "LSEC", "mystery")
FISH = ("hepatocytes", "Kupffer cell", "macrophage", "T cells", "Mysteries")


def pairs(reference, other, edited=None):
    return {match.reference: (match.types, match.by) for match in matched(reference, other, edited)}


def test_names_come_before_lineages_and_nothing_else_matches():
    assert pairs(HUMAN, FISH) == {
        "Hepatocyte (periportal)": (("hepatocytes",), "lineage"),
        "Hepatocyte (pericentral)": (("hepatocytes",), "lineage"),
        # Case, punctuation and a plural s say nothing.
        "Kupffer_cells": (("Kupffer cell",), "name"),
        # The namesake of another type is not taken by lineage as well.
        "Monocyte": (("macrophage",), "lineage"),
        "LSEC": ((), "none"),
        # An unknown name has no lineage.
        "mystery": ((), "none"),
    }
    assert without_match(matched(HUMAN, FISH), FISH) == ("T cells", "Mysteries")


def test_types_of_one_lineage_are_taken_together():
    found = pairs(("Hepatocyte",), ("Hep PP", "LSEC", "Hep PC"))
    assert found == {"Hepatocyte": (("Hep PP", "Hep PC"), "lineage")}


def test_a_type_is_as_it_was_edited():
    edits = {"LSEC": ("T cells", "macrophage"), "Kupffer_cells": (), "Monocyte": ("nothing",)}
    found = pairs(HUMAN, FISH, edits)
    assert found["LSEC"] == (("macrophage", "T cells"), "edited")
    assert found["Kupffer_cells"] == ((), "edited")
    assert found["Monocyte"] == ((), "edited")
    assert found["Hepatocyte (periportal)"] == (("hepatocytes",), "lineage")


def test_edits_are_read():
    text = "Kupffer cell=Macrophage;LSEC=mouse/liver:Endo|Vein; HSC = ;a%3Db=c%3Bd%7Ce"
    assert read_edits(text) == (
        Edit("Kupffer cell", ("Macrophage",)),
        Edit("LSEC", ("Endo", "Vein"), "mouse/liver"),
        Edit("HSC", ()),
        Edit("a=b", ("c;d|e",)),
    )
    assert read_edits("") == ()
    # The last word on a type counts.
    assert read_edits("A=B;A=C") == (Edit("A", ("C",)),)


@pytest.mark.parametrize("text", ["Kupffer cell", "=Macrophage", ";".join(f"t{at}=x" for at in range(201))])
def test_what_is_no_edit(text):
    with pytest.raises(InvalidQuery, match=r"cannot be read|200 is the limit"):
        read_edits(text)


NAMES = st.text(min_size=1, max_size=12).map(str.strip).filter(bool)


@given(
    st.lists(st.builds(Edit, NAMES, st.lists(NAMES, max_size=3, unique=True).map(tuple), st.sampled_from(["", "m/x"])))
)
def test_edits_survive_the_address(edits):
    last = {(edit.reference, edit.atlas): edit for edit in edits}
    expected = sorted(last.values(), key=lambda edit: (edit.reference, edit.atlas))
    assert list(read_edits(write_edits(expected))) == expected
