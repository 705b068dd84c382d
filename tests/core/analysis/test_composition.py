"""What samples are made of, against pandas."""

import math

import numpy as np
import pandas as pd
import pytest

from core.analysis.composition import COLUMNS, CompositionParams, composition
from core.analysis.expression import NOT_GIVEN
from core.errors import InvalidQuery, UnknownColumn
from core.selection.model import Selection
from tests.core.ingest._build import counts, made

N = 400


def frame(*, crossed=False):
    """Donors of two groups, one of them without a group, and cells without a donor or a type."""
    random = np.random.default_rng(3)
    donors = pd.Series(random.choice(["d1", "d2", "d3", "d10"], N)).astype(object)
    groups = donors.map({"d1": "MASH", "d2": "Healthy", "d3": "MASH", "d10": None})
    types = pd.Series(random.choice(["a", "b"], N, p=[0.8, 0.2])).astype(object)
    types[:9], donors[20:27] = None, None
    if crossed:
        groups[donors == "d2"] = np.resize(["Healthy", "MASH"], (donors == "d2").sum())
    obs = pd.DataFrame(
        {
            "cell_type": pd.Categorical(types),
            "group": pd.Categorical(groups),
            "donor": pd.Categorical(donors),
            "age": random.normal(size=N),
        }
    )
    obs.index = [f"cell{number}" for number in range(N)]
    return obs


@pytest.fixture
def atlas(atlas_of):
    return atlas_of(made(counts(N, 4), obs=frame()))


@pytest.mark.parametrize("where", [[], ["cell_type=a"], ["group=MASH"], ["cell_type=", "cell_type=b"]])
def test_every_number_is_pandas(atlas, where):
    params = CompositionParams.of(atlas, selection=Selection.parse(where))
    assert (params.by, params.sample) == ("cell_type", "donor")
    obs = frame().astype({"cell_type": object, "donor": object, "group": object})
    obs["cell_type"] = obs["cell_type"].fillna(NOT_GIVEN)
    for column, categories in params.selection.where:
        obs = obs[obs[column].isin([it or NOT_GIVEN for it in categories])]
    given = obs.dropna(subset="donor")
    found = composition(atlas, params)
    assert found.table.column_names == list(COLUMNS)
    rows = found.table.to_pylist()
    assert sum(row["n"] for row in rows) == len(given)
    assert found.n_without == len(obs) - len(given)
    assert found.n_samples == given["donor"].nunique()
    assert found.n_samples + found.n_empty == 4
    for row in rows:
        cells = given[given["donor"] == row["sample"]]
        n = int((cells["cell_type"] == row["category"]).sum())
        assert (row["n"], row["fraction"]) == (n, pytest.approx(n / len(cells), rel=1e-15))
    sums = pd.DataFrame(rows).groupby("sample")["fraction"].sum()
    np.testing.assert_allclose(sums, 1, rtol=1e-12)


def test_samples_come_by_group_and_those_without_one_last(atlas):
    found = composition(atlas, CompositionParams.of(atlas))
    order = list(dict.fromkeys((row["sample"], row["group"]) for row in found.table.to_pylist()))
    assert order == [("d2", "Healthy"), ("d1", "MASH"), ("d3", "MASH"), ("d10", "")]
    assert (found.group, found.groups) == ("group", ("Healthy", "MASH"))
    assert (found.n_samples, found.n_empty) == (4, 0)


def test_categories_without_cells_are_there_and_those_not_given_only_where_needed(atlas):
    def names(*where):
        found = composition(atlas, CompositionParams.of(atlas, selection=Selection.parse(where)))
        return list(dict.fromkeys(found.table["category"].to_pylist()))

    assert names() == ["a", "b", NOT_GIVEN]
    assert names("cell_type=a") == ["a", "b"]


def test_samples_of_several_groups_have_none(atlas_of):
    atlas = atlas_of(made(counts(N, 4), obs=frame(crossed=True)))
    found = composition(atlas, CompositionParams.of(atlas))
    assert found.group == ""
    assert found.groups == ()
    assert set(found.table["group"].to_pylist()) == {""}
    assert list(dict.fromkeys(found.table["sample"].to_pylist())) == ["d1", "d2", "d3", "d10"]
    assert found.n_empty == 0
    within = composition(atlas, CompositionParams.of(atlas, selection=Selection.parse(["group=MASH"])))
    assert within.groups == ("MASH",), "in these cells every donor lies in one"
    assert (within.n_samples, within.n_empty) == (3, 1)


def test_without_a_cell_there_are_no_rows(atlas):
    found = composition(atlas, CompositionParams.of(atlas, selection=Selection.parse([], ["age:1e9:"])))
    assert (found.table.num_rows, found.n_samples, found.n_empty) == (0, 0, 4)
    assert found.table.column_names == list(COLUMNS)


def test_any_two_columns(atlas):
    found = composition(atlas, CompositionParams.of(atlas, "donor", "group"))
    assert found.group == "", "the samples are the groups"
    assert list(dict.fromkeys(found.table["sample"].to_pylist())) == ["Healthy", "MASH"]
    assert found.n_without == int(frame()["group"].isna().sum())
    fractions = [row["fraction"] for row in found.table.to_pylist()]
    assert not any(map(math.isnan, fractions))


def test_what_cannot_be_asked(atlas, atlas_of):
    for by, sample, error, words in (
        ("donor", "donor", InvalidQuery, "both the samples"),
        ("age", "", InvalidQuery, "holds numbers"),
        ("", "age", InvalidQuery, "holds numbers"),
        ("", "nope", UnknownColumn, "nope"),
    ):
        with pytest.raises(error, match=words):
            CompositionParams.of(atlas, by, sample)
    obs = pd.DataFrame({"cell_type": pd.Categorical(list("abc"))}, index=list("xyz"))
    other = atlas_of(made(counts(3, 4), obs=obs), name="other")
    with pytest.raises(InvalidQuery, match=r"name one: sample=COLUMN.*cell_type"):
        CompositionParams.of(other)
