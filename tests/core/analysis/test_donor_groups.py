"""Donor means against pandas, and their tests against scipy."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kruskal, mannwhitneyu

from core.analysis.donor_groups import MIN_CELLS, compare, donor_means
from core.analysis.expression import expression_of
from core.selection.model import Selection
from tests.core.ingest._build import counts, made

N = 400
RAW = counts(N, 6, seed=8)


@pytest.fixture
def atlas(atlas_of):
    donors = np.arange(N) % 8
    obs = pd.DataFrame(
        {
            "cell_type": pd.Categorical(np.random.default_rng(4).choice(["a", "b", "rare"], N, p=[0.6, 0.37, 0.03])),
            "group": pd.Categorical(np.where(donors < 4, "Healthy", "MASH")),
            "donor": pd.Categorical([f"d{donor}" for donor in donors]),
        },
        index=[f"cell{i}" for i in range(N)],
    )
    return atlas_of(made(RAW, obs=obs))


@pytest.mark.parametrize("split", ["", "group"])
def test_means_are_those_of_pandas(atlas, split):
    expression = expression_of(atlas, atlas.genes.names[0])
    names = [name for name in ("cell_type", split) if name]
    frame = pd.DataFrame({name: list(atlas.categorical(name).codes) for name in (*names, "donor")})
    frame["value"] = expression.values
    kept = frame.groupby([*names, "donor"])["value"].agg(["mean", "size"]).query("size >= @MIN_CELLS")
    found = donor_means(atlas, expression, "cell_type", Selection(), split)
    said = {
        (*pair, donor): mean
        for pair, each in found.items()
        for donor, mean in zip(each.donors, each.means, strict=True)
    }
    assert len(said) == len(kept)
    for key, row in kept.iterrows():
        where = [atlas.categorical(name).categories[code] for name, code in zip((*names, "donor"), key, strict=True)]
        where = where if split else [where[0], "", where[1]]
        assert said[tuple(where)] == pytest.approx(row["mean"])
    assert MIN_CELLS == 10


def test_donors_are_no_replicates_of_themselves(atlas):
    expression = expression_of(atlas, atlas.genes.names[0])
    assert donor_means(atlas, expression, "donor", Selection()) == {}


def test_two_groups_by_mann_whitney_and_more_by_kruskal_wallis():
    random = np.random.default_rng(1)
    one, two, three = random.normal(size=5), random.normal(1, size=6), random.normal(size=4)
    pair = compare({"Healthy": one, "MASH": two, "one donor": three[:1]})
    assert pair.groups == ("Healthy", "MASH")
    assert pair.sizes == (5, 6)
    assert pair.p == pytest.approx(mannwhitneyu(one, two).pvalue)
    assert pair.difference == pytest.approx(np.median(two) - np.median(one))
    every = compare({"a": one, "b": two, "c": three})
    assert (every.name, every.difference) == ("Kruskal–Wallis", None)
    assert every.p == pytest.approx(kruskal(one, two, three).pvalue)
    assert compare({"a": one, "b": two[:2]}) is None
    assert compare({"a": np.zeros(3), "b": np.zeros(4)}).p == 1.0
