"""A sample of the cells: who is drawn, and that what is imported of them is what the whole file gives."""

import json

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from scipy import sparse

from core.atlas.catalog import Catalog
from core.atlas.manifest import Manifest
from core.atlas.paths import AtlasId
from core.atlas.store import MANIFEST, Categorical
from core.errors import InvalidInput
from core.ingest import matrix as matrices
from core.ingest.importer import ImportRequest, import_file
from core.ingest.subset import Subset, shares
from tests.core.ingest._build import counts, dense_of, made

TYPES = ("Hepatocyte", "Kupffer", "LSEC")


@given(sizes=st.lists(st.integers(1, 50), min_size=1, max_size=12), data=st.data())
def test_shares_are_proportional(sizes, data):
    sizes = np.array(sizes)
    n = data.draw(st.integers(1, int(sizes.sum()) - 1)) if sizes.sum() > 1 else 0
    given_ = shares(sizes, n) if n else np.zeros(len(sizes), int)
    assert given_.sum() == n
    assert (given_ <= sizes).all()
    if n >= len(sizes):
        assert (given_ >= 1).all()
    exact = sizes * n / sizes.sum()
    # One cell for the smallest costs the others; without that, nobody is off by a cell.
    if (exact >= 1).all() or n < len(sizes):
        assert (np.abs(given_ - exact) < 1).all()
    assert all(given_[a] <= given_[b] for a in range(len(sizes)) for b in range(len(sizes)) if sizes[a] < sizes[b])


@pytest.mark.parametrize(
    ("sizes", "n", "expected"),
    [
        ([97, 2, 1], 10, [8, 1, 1]),
        ([50, 30, 20], 10, [5, 3, 2]),
        ([10, 10, 10], 4, [2, 1, 1]),
        ([1, 5, 5], 1, [0, 1, 0]),
        ([3, 3], 5, [3, 2]),
        ([7], 3, [3]),
        ([10_000_000, 1], 2, [1, 1]),
    ],
)
def test_shares_by_hand(sizes, n, expected):
    assert shares(np.array(sizes), n).tolist() == expected


@pytest.mark.parametrize(("n", "seed"), [(0, 0), (-3, 0), (5, -1), (5, 2**32)])
def test_what_is_no_sample(n, seed):
    with pytest.raises(InvalidInput):
        Subset(n, seed)


def cells_of(n=200, seed=3):
    rng = np.random.default_rng(seed)
    types = rng.choice(TYPES, n, p=[0.9, 0.08, 0.02]).astype(object)
    types[:4] = None
    types[4] = "Rare"
    return pd.DataFrame(
        {
            "CellType": pd.Categorical(types),
            "Sample": pd.Categorical(rng.choice(["d1", "d2"], n)),
            "score": np.where(np.arange(n) % 7 == 0, np.nan, rng.normal(size=n)),
            "flag": rng.random(n) < 0.5,
            "empty": pd.Categorical([None] * n),
        },
        index=[f"cell{at % (n - 5)}" for at in range(n)],
    )


FORMS = {
    "csr": sparse.csr_matrix,
    "csc": sparse.csc_matrix,
    "dense": lambda m: m.toarray(),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("entries", [7, 2_000_000])
@pytest.mark.filterwarnings("ignore:Observation names are not unique")
def test_the_kept_cells_are_those_of_the_whole(atlas_of, monkeypatch, form, entries):
    monkeypatch.setattr(matrices, "CHUNK_ENTRIES", entries)
    monkeypatch.setattr(matrices.Matrix.chunks, "__defaults__", (entries,))
    monkeypatch.setattr(matrices, "MIN_GAP", 3)
    whole_counts = counts(200, 15)
    obs = cells_of()
    adata = made(FORMS[form](whole_counts), obs=obs, layers={"other": FORMS[form](whole_counts * 0.5)}, raw=None)
    adata.uns["title"] = "A liver"
    whole = atlas_of(adata, "whole", layers=("other",))
    part = atlas_of(adata, "part", layers=("other",), subset=Subset(40, 5))
    names = whole.cells()
    kept = np.array([names.index(cell) for cell in part.cells()])
    assert (np.diff(kept) > 0).all()
    assert part.n_cells == len(kept) == 40
    for layer in ("expression", "counts", "other"):
        np.testing.assert_array_equal(dense_of(part.layer(layer)), dense_of(whole.layer(layer))[kept])
        np.testing.assert_array_equal(part.layer(layer).cell_sums, whole.layer(layer).cell_sums[kept])
        assert part.layer(layer).info.rule == whole.layer(layer).info.rule
    np.testing.assert_array_equal(part.embedding("X_umap"), whole.embedding("X_umap")[kept])
    for name in ("CellType", "Sample", "flag", "score", "empty"):
        mine, theirs = part.column(name), whole.column(name)
        if isinstance(mine, Categorical):
            assert set(mine.codes[mine.codes >= 0]) == set(range(len(mine.categories)))
            assert [c for c in theirs.categories if c in mine.categories] == list(mine.categories)
            said = [
                [column.categories[code] if code >= 0 else None for code in column.codes] for column in (mine, theirs)
            ]
            assert said[0] == [said[1][at] for at in kept]
        else:
            np.testing.assert_array_equal(mine.values, theirs.values[kept])
    info = part.manifest.subset
    assert (info.n_source_cells, info.seed, info.columns) == (200, 5, ("CellType", "Sample"))
    assert part.manifest.roles == whole.manifest.roles
    assert part.manifest.cells_in_words == "40 of 200 cells"
    assert part.manifest.notes[0].startswith("This is a sample: 40 of the 200 cells")
    assert whole.manifest.subset is None
    assert whole.manifest.cells_in_words == "200 cells"
    assert Catalog(part.path.parents[2]).check(AtlasId.parse(part.id)) == []


def test_every_stratum_is_there_and_in_proportion(atlas_of):
    obs = cells_of(400).reset_index(drop=True).rename(index=str)
    part = atlas_of(made(counts(400, 8), obs=obs), subset=Subset(60))
    types, samples = part.role("cell_type"), part.role("sample")
    drawn = pd.Series(zip(types.codes.tolist(), samples.codes.tolist(), strict=True)).value_counts()
    strata = (
        obs.astype({"CellType": object}).fillna({"CellType": ""}).groupby(["CellType", "Sample"], observed=True).size()
    )
    assert len(drawn) == len(strata) == part.manifest.subset.n_strata
    assert drawn.max() / 60 == pytest.approx(strata.max() / 400, abs=0.06)


def test_one_seed_draws_the_same_cells_and_another_does_not(atlas_of):
    adata = made(counts(300, 6), obs=cells_of(300).reset_index(drop=True).rename(index=str))
    one, again, other = (
        atlas_of(adata, name, subset=Subset(50, seed)) for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert one.cells() == again.cells()
    assert one.cells() != other.cells()
    assert sorted(map(int, one.cells())) == list(map(int, one.cells()))


def test_without_roles_it_is_drawn_at_random_and_says_so(atlas_of):
    part = atlas_of(made(counts(50, 6)), subset=Subset(10))
    assert part.n_cells == 10
    assert part.manifest.subset.columns == ()
    assert "at random" in part.manifest.notes[0]


@pytest.mark.parametrize("n", [30, 31, 10**9])
def test_no_fewer_cells_than_there_are_means_all(atlas_of, n):
    atlas = atlas_of(made(counts(30, 6)), subset=Subset(n))
    assert atlas.n_cells == 30
    assert atlas.manifest.subset is None
    assert atlas.manifest.notes[0].startswith("All 30 cells")


def test_a_single_cell(atlas_of):
    atlas = atlas_of(made(counts(30, 6), obs=cells_of(30).reset_index(drop=True).rename(index=str)), subset=Subset(1))
    assert atlas.n_cells == 1


def test_a_file_with_x_as_expression_and_raw_counts(atlas_of):
    matrix = counts(80, 9)
    adata = made(matrix.copy())
    adata.raw = adata.copy()
    adata.X = np.log1p(matrix.toarray()) - 0.5
    whole, part = atlas_of(adata, "whole"), atlas_of(adata, "part", subset=Subset(20))
    kept = [whole.cells().index(cell) for cell in part.cells()]
    for layer in ("expression", "counts"):
        np.testing.assert_array_equal(dense_of(part.layer(layer)), dense_of(whole.layer(layer))[kept])


def test_only_what_is_needed_is_read(tmp_path, monkeypatch):
    """Far fewer entries cross the line than the file has."""
    path = tmp_path / "large.h5ad"
    made(sparse.random(4_000, 200, density=0.3, random_state=0, format="csr", dtype=np.float32)).write_h5ad(path)
    read = []
    entries = matrices.Matrix._entries
    monkeypatch.setattr(matrices, "MIN_GAP", 10)
    monkeypatch.setattr(matrices.Matrix, "_gap", lambda self: matrices.MIN_GAP)
    monkeypatch.setattr(
        matrices.Matrix, "_entries", lambda self, low, high, n: read.append(high - low) or entries(self, low, high, n)
    )
    monkeypatch.setattr("core.ingest.layer_rules.PEEK_ENTRIES", 100)
    monkeypatch.setattr("core.ingest.scale.MAX_CELLS", 20)
    import_file(ImportRequest(path, subset=Subset(40)), tmp_path / "data", lambda *_: None)
    # The cells themselves, and a look at the first ones for each rule and for the scale.
    assert sum(read) < 0.03 * 4_000 * 200 * 0.3


def test_an_atlas_from_before_there_were_samples(atlas_of):
    atlas = atlas_of(made(counts(30, 6)))
    path = atlas.path / MANIFEST
    raw = json.loads(path.read_bytes())
    del raw["subset"]
    old = Manifest.model_validate(raw)
    assert old.subset is None
    assert old.sealed().content_hash == atlas.manifest.content_hash == old.content_hash


@pytest.mark.real
@pytest.mark.parametrize("file", ["human_liver_he2020_ahca", "human_pbmc_kang2018_ctrl_8donors"])
def test_a_sample_of_real_cells(real_data, load, file):
    whole = load(real_data / f"{file}.h5ad", species="human", name="whole")
    part = load(real_data / f"{file}.h5ad", species="human", name="part", subset=Subset(500))
    place = {cell: at for at, cell in enumerate(whole.cells())}
    kept = [place[cell] for cell in part.cells()]
    for gene in range(0, whole.layer().n_genes, 97):
        np.testing.assert_array_equal(part.layer().dense(gene), whole.layer().dense(gene)[kept])
    assert len(part.role("cell_type").categories) == len(whole.role("cell_type").categories)
    expected = np.bincount(whole.role("cell_type").codes) * 500 / whole.n_cells
    assert np.abs(np.bincount(part.role("cell_type").codes) - expected).max() < 8
