"""Columns in sentences: by what they mean, and as in the file where they mean nothing known."""

from types import SimpleNamespace

import pytest

from core.atlas.nouns import categories_of, counted, counted_categories, heading, menu_name, noun_of, plural

ROLES = {"cell_type": "Cell_type_in_each_tissue", "group": "DiseaseStage", "sample": "donor_id"}
ATLAS = SimpleNamespace(manifest=SimpleNamespace(roles=ROLES))


@pytest.mark.parametrize(
    ("column", "head", "menu", "noun", "many"),
    [
        ("Cell_type_in_each_tissue", "Cell type", "Cell type (Cell_type_in_each_tissue)", "cell type", "cell types"),
        ("DiseaseStage", "Group", "Group (DiseaseStage)", "disease stage", "disease stages"),
        ("donor_id", "Sample", "Sample (donor_id)", "donor", "donors"),
        ("leiden_res_0.5", "leiden_res_0.5", "leiden_res_0.5", "leiden res 0.5", "categories of leiden_res_0.5"),
        ("BMI.class", "BMI.class", "BMI.class", "BMI class", "categories of BMI.class"),
        ("_", "_", "_", "_", "categories of _"),
    ],
)
def test_a_column_is_named_by_what_it_means(column, head, menu, noun, many):
    assert (heading(ATLAS, column), menu_name(ATLAS, column), noun_of(ATLAS, column)) == (head, menu, noun)
    assert categories_of(ATLAS, column) == many


def test_categories_are_counted():
    assert counted_categories(ATLAS, "Cell_type_in_each_tissue", 1) == "1 cell type"
    assert counted_categories(ATLAS, "Zone", 3) == "3 categories of Zone"
    assert counted_categories(ATLAS, "Zone", 1) == "1 category of Zone"
    assert counted(1_600, "donor") == "1,600 donors"
    assert [plural(word) for word in ("batch", "status", "day", "study")] == ["batches", "statuses", "days", "studies"]
