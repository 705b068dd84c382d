"""``masldatlas differences`` and ``masldatlas abundance``, and that the API gives the same bytes."""

import csv
import io
import json

import pytest

from core.analysis import abundance, differences, differences_overview
from core.stats import deseq2
from tests.factories import UP, cohort, imported
from tests.tables import body, with_id


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Return a data directory with human/cohort."""
    data = tmp_path_factory.mktemp("differences")
    path = data / "files" / "cohort.h5ad"
    path.parent.mkdir()
    cohort().write_h5ad(path)
    imported(data, path, species="human")
    return data


SIDES = ("human/cohort", "--by", "Group", "--a", "MASH", "--b", "Healthy")


def rows(answer):
    code, out, err = answer
    assert (code, err) == (0, "")
    return list(csv.DictReader(io.StringIO(body(out))))


def test_one_cell_type(run):
    found = rows(run("differences", *SIDES, "--cell-type", "Hepatocyte"))
    assert list(found[0]) == with_id(differences.COLUMNS)
    assert {row["gene"] for row in found[:6]} >= set(UP)
    assert found[-1]["why"] == "no counts"
    assert found[-1]["p"] == ""
    more = rows(run("differences", *SIDES, "--cell-type", "Hepatocyte", "--means"))
    assert list(more[0]) == [*with_id(differences.COLUMNS), *differences.MEANS]
    assert [{name: row[name] for name in found[0]} for row in more] == found
    for row in more:
        # Four samples a side.
        assert (float(row["mean_a"]) + float(row["mean_b"])) / 2 == pytest.approx(float(row["base_mean"]))


def test_every_cell_type_and_the_overview(run):
    found = rows(run("differences", *SIDES))
    assert list(found[0])[:3] == ["cell_type", "gene", "id"]
    assert {row["cell_type"] for row in found} == {"Hepatocyte", "Kupffer cell"}
    [first, second] = rows(run("differences", *SIDES, "--overview"))
    assert list(first) == list(differences_overview.COLUMNS)
    assert (first["up"], first["down"], second["up"]) == ("4", "2", "0")


def test_json_says_of_what(run):
    code, out, err = run("differences", *SIDES, "--cell-type", "Hepatocyte", "--covariate", "Age", "--format", "json")
    head = json.loads(out)
    assert code == 0
    assert err == "masldatlas: Hepatocyte: Age is numeric: one slope for all samples.\n"
    assert (head["n_a"], head["n_b"], head["formula"]) == (4, 4, "~ Group + Age")
    assert [row["why"] for row in head["samples"]] == [""] * 8
    assert "linear model ~ Group + Age" in head["methods"]


def test_abundance(run):
    found = rows(run("abundance", *SIDES, "--reference", "Kupffer cell"))
    assert list(found[0]) == list(abundance.COLUMNS)
    assert [row["mean_a"] for row in found] == ["50.0", "50.0"]


def test_the_methods_of_abundance_are_those_of_the_answer(run):
    code, out, err = run("abundance", *SIDES, "--reference", "Kupffer cell", "--format", "json")
    head = json.loads(out)
    assert (code, err) == (0, "")
    assert head["methods"].startswith(
        "Cells were counted by Donor and CellType. Samples with fewer than 10 cells were dropped; 4 samples of MASH "
        "and 4 of Healthy were kept (0 dropped)."
    )
    # Counts play no part, so they are not said to be zero.
    assert "min_counts" not in head
    assert list(head["samples"][0]) == ["sample", "side", "n_cells", "why"]
    for words in (
        "model ~ Group",
        "log2 ratios to Kupffer cell",
        "the smallest p that these can give is 0.029",
        "scipy",
    ):
        assert words in head["methods"]
    assert head["software"].keys() == {"MASLDatlas", "numpy", "scipy"}
    adjusted = json.loads(run("abundance", *SIDES, "--covariate", "Sex", "--format", "json")[1])
    assert "model ~ Group + Sex" in adjusted["methods"]
    assert "smallest p" not in adjusted["methods"]


def test_a_second_opinion_needs_its_package(run, monkeypatch):
    monkeypatch.setattr(deseq2, "version", lambda: "")
    for asked in (("--second-opinion",), ("--method", "deseq2")):
        code, out, err = run("differences", *SIDES, "--cell-type", "Hepatocyte", *asked)
        assert (code, out) == (2, "")
        assert "DESeq2 needs the package crest-sc" in err
        assert "pip install crest-sc==0.4.0" in err


def test_sides_that_are_not_named_are_said_where_there_is_no_order(run, data):
    other = cohort()
    other.obs["Group"] = other.obs["Group"].cat.rename_categories({"MASH": "Drug", "Healthy": "Vehicle"})
    path = data / "files" / "drug.h5ad"
    other.write_h5ad(path)
    imported(data, path, species="human")
    code, _, err = run("differences", "human/drug", "--overview")
    assert code == 0
    assert "Drug against Vehicle (Group). The levels of Group have no known order: Vehicle is the reference" in err


def test_the_defaults_are_the_groups_and_the_samples(run):
    assert rows(run("differences", "human/cohort")) == rows(run("differences", *SIDES))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("differences", *SIDES, "--covariate", "Batch"), "'Batch' coincides with the sides"),
        (("differences", *SIDES, "--cell-type", "Hepatocytes"), "Did you mean Hepatocyte"),
        (("differences", *SIDES, "--min-cells", "13"), "needs 2 on each side"),
        (("differences", *SIDES, "--paired", "Pair", "--covariate", "Sex"), "'Pair' coincides with 'Sex'"),
        (("abundance", *SIDES, "--types", "Group"), "is what is compared"),
        (("differences", "human/cohort", "--by", "Age"), "holds numbers"),
    ],
)
def test_what_cannot_be_asked_is_one_line_and_exit_2(run, arguments, words):
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert len(err.strip().splitlines()) == 1
    assert words in err
