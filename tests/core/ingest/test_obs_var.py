"""obs and var as people write them come out as columns a dashboard can use."""

import numpy as np
import pandas as pd
import pytest

from core.atlas.store import Categorical, Numeric
from core.errors import InvalidFile, InvalidQuery, UnknownColumn
from core.ingest.names import EMPTY, unique_names
from core.ingest.obs_var import MAX_CATEGORIES, clean_column, clean_obs
from core.ingest.var import clean_var
from tests.core.ingest._build import counts, made

N = 6
HTML = "<img src=x onerror=alert('x')>"
ODD_NAMES = [
    "Zelle ü",
    "肝臓",
    HTML,
    "a=b",
    "a\\b",
    "x:1",
    "percent.mt",
    "a[0]",
    "q&a;#?",
    " padded ",
    "new\nline",
    "%25",
]


def series(values, dtype=None):
    return pd.Series(values, dtype=dtype)


def labels_of(column):
    codes = column.array.indices.to_pylist()
    categories = column.array.dictionary.to_pylist()
    return [None if code is None else categories[code] for code in codes]


def obs_of(**columns):
    return pd.DataFrame(columns, index=[f"cell{i}" for i in range(N)])


# Columns


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (series([1, 2, None], "Int64"), [1, 2, np.nan]),
        (series([1.5, None, 2], "Float64"), [1.5, np.nan, 2]),
        (series([np.nan] * 3), [np.nan] * 3),
        (series([1, -2, 3], "int8"), [1, -2, 3]),
        (series([1, np.inf, np.nan]), [1, np.inf, np.nan]),
        (series([1, 2, 3], "float16"), [1, 2, 3]),
    ],
)
def test_numbers_stay_numbers(values, expected):
    column = clean_column("x", values)
    np.testing.assert_array_equal(column.array.to_numpy(), expected)
    finite = [value for value in expected if np.isfinite(value)]
    assert (column.info.minimum, column.info.maximum) == ((min(finite), max(finite)) if finite else (None, None))
    assert column.info.n_missing == np.isnan(expected).sum()


@pytest.mark.parametrize(
    ("values", "expected", "categories"),
    [
        (series([True, False, True]), ["True", "False", "True"], ["False", "True"]),
        (series([True, None, True], "boolean"), ["True", None, "True"], ["True"]),
        (series(["b", None, "a"], "string"), ["b", None, "a"], ["a", "b"]),
        (series(["10", "9", "10"]), ["10", "9", "10"], ["9", "10"]),
        (series([b"b", b"a", None]), ["b", "a", None], ["a", "b"]),
        (series(["a", 1, 2.5], object), ["a", "1", "2.5"], ["1", "2.5", "a"]),
        (series([None, None, None], object), [None, None, None], []),
        (series(["", " ", "a"]), [EMPTY, EMPTY, "a"], [EMPTY, "a"]),
        (series(pd.Categorical(["b", "a", "b"], ["c", "b", "a"])), ["b", "a", "b"], ["b", "a"]),
        (series(pd.Categorical(["2", "10", None])), ["2", "10", None], ["2", "10"]),
        (series(pd.Categorical(["10", "9", "9"], ["10", "9"], ordered=True)), ["10", "9", "9"], ["10", "9"]),
        (series(pd.Categorical(["", "a", ""])), [EMPTY, "a", EMPTY], [EMPTY, "a"]),
        (series(pd.Categorical([3, 1, 3])), ["3", "1", "3"], ["1", "3"]),
        (series(pd.Categorical([2.5, 1.0, None])), ["2.5", "1.0", None], ["1.0", "2.5"]),
        (series(pd.Categorical([True, False, True])), ["True", "False", "True"], ["False", "True"]),
        (
            series(pd.to_datetime(["2020-01-02", None, "2019-05-01"])),
            ["2020-01-02", None, "2019-05-01"],
            ["2019-05-01", "2020-01-02"],
        ),
        (series([HTML, "肝", "ü"]), [HTML, "肝", "ü"], [HTML, "ü", "肝"]),
    ],
    ids=lambda value: "" if isinstance(value, list) else None,
)
def test_labels_stay_labels(values, expected, categories):
    column = clean_column("x", values)
    assert column.info.kind == "categorical"
    assert labels_of(column) == expected
    assert column.array.dictionary.to_pylist() == categories
    assert column.info.n_categories == len(categories)
    assert column.info.n_missing == sum(label is None for label in expected)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (series([2, 10, 1]), ["2", "10", "1"]),
        (series([2, None, 1], "Int64"), ["2", None, "1"]),
        (series([1234567, 1234568, 1234569]), ["1234567", "1234568", "1234569"]),
        (series([10**16 + 1, 10**16 + 2, 1]), ["10000000000000001", "10000000000000002", "1"]),
        (series([2.0, 0.1, np.nan]), ["2", "0.1", None]),
    ],
)
def test_numbers_asked_for_as_labels_are_exact_and_in_natural_order(values, expected):
    column = clean_column("x", values, as_labels=True)
    assert labels_of(column) == expected
    categories = column.array.dictionary.to_pylist()
    assert categories == sorted(categories, key=float)


@pytest.mark.parametrize(
    "values", [series([1j, 2, 3]), series(pd.to_timedelta([1, 2, 3])), series([[1], [2], [3]]), series([{}, "a", "b"])]
)
def test_what_is_neither_numbers_nor_text_is_none(values):
    assert clean_column("x", values) is None
    assert clean_column("x", values, as_labels=True) is None


@pytest.mark.parametrize("dtype", ["object", "category", "string"])
def test_thousands_of_texts_are_text(dtype):
    texts = series([f"barcode {i}" for i in range(5_000)] + [None], dtype)
    column = clean_column("x", texts)
    assert column.info.kind == "text"
    assert column.info.n_missing == 1
    assert column.array.to_pylist() == [*texts[:-1], None]
    assert clean_column("x", texts, as_labels=True).info.n_categories == 5_000
    few = clean_column("x", texts[:MAX_CATEGORIES])
    assert (few.info.kind, few.info.n_categories) == ("categorical", MAX_CATEGORIES)


def test_many_categories_take_no_time():
    values = pd.Categorical.from_codes(np.arange(100_000), [f"c{i}" for i in range(100_000)], ordered=True)
    assert clean_column("x", series(values)).info.n_categories == 100_000


def test_integer_clusters_are_labels_and_counts_are_not():
    obs = clean_obs(obs_of(leiden=[10, 2, 1, 0, 0, 0], n_genes=range(N), donor=[7, 7, 8, 8, 9, 9]), {})
    kinds = {column.name: column.kind for column in obs.columns}
    assert kinds == {"leiden": "categorical", "n_genes": "numeric", "donor": "categorical"}
    assert obs.table["leiden"].combine_chunks().dictionary.to_pylist() == ["0", "1", "2", "10"]


# obs


def test_disease_stages_are_in_the_order_of_disease():
    obs = clean_obs(obs_of(group=["Cirrhosis", "MASH", "Healthy", "MASL", None, "MASH"]), {})
    column = obs.table["group"].combine_chunks()
    assert column.dictionary.to_pylist() == ["Healthy", "MASL", "MASH", "Cirrhosis"]
    assert column.to_pylist() == ["Cirrhosis", "MASH", "Healthy", "MASL", None, "MASH"]
    assert obs.roles == {"group": "group"}


def test_groups_that_are_no_stages_keep_their_order():
    obs = clean_obs(obs_of(condition=pd.Categorical(["b", "a", "c"] * 2, ["c", "a", "b"])), {})
    assert obs.table["condition"].combine_chunks().dictionary.to_pylist() == ["c", "a", "b"]


def test_roles_are_found_by_name_and_a_constant_gives_way():
    obs = clean_obs(
        obs_of(
            Condition=["x"] * N,
            disease=["a", "b"] * 3,
            Cell_Type=["H", "K"] * 3,
            leiden=["0", "1"] * 3,
            donor_id=["d1", "d2"] * 3,
        ),
        {},
    )
    assert obs.roles == {"cell_type": "Cell_Type", "group": "disease", "sample": "donor_id"}


def test_what_the_user_asks_for_goes_first_and_becomes_labels():
    obs = clean_obs(obs_of(cell_type=list("abcabc"), plate=[3, 1, 2, 3, 1, 2.0]), {"cell_type": "plate", "group": None})
    assert obs.roles == {"cell_type": "plate"}
    assert obs.table["plate"].combine_chunks().to_pylist() == ["3", "1", "2", "3", "1", "2"]


def test_a_column_that_does_not_exist_is_refused_with_those_that_do():
    with pytest.raises(InvalidFile) as caught:
        clean_obs(obs_of(a=list("abcabc"), b=range(N)), {"group": "A"})
    assert str(caught.value) == "There is no obs column 'A' for --group. The file has: a, b."
    with pytest.raises(InvalidFile, match=r"The file has: none\."):
        clean_obs(obs_of(), {"cell_type": "A"})


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ([None] * N, "it has no values"),
        ([np.nan] * N, "it has no values"),
        ([[1]] * N, "it holds neither numbers nor text, or has a reserved name"),
    ],
)
def test_a_column_that_cannot_serve_is_refused(values, why):
    with pytest.raises(InvalidFile) as caught:
        clean_obs(obs_of(a=list("abcabc"), b=values), {"cell_type": "b"})
    assert str(caught.value) == f"The obs column 'b' cannot serve for --cell-type: {why}. Choose one of: a."


def test_reserved_names_are_left_out_with_a_note():
    obs = clean_obs(obs_of(__cell__=list("abcabc"), fine=list("abcabc")), {})
    assert [column.name for column in obs.columns] == ["fine"]
    assert obs.table["__cell__"].to_pylist() == [f"cell{i}" for i in range(N)]
    assert obs.notes == ("The obs column '__cell__' has a reserved name and was left out.",)


def test_columns_of_one_name_are_told_apart():
    obs = pd.DataFrame([[1, 2, 3]] * 2, columns=["a", "a", ""], index=["x", "x"])
    cleaned = clean_obs(obs, {})
    assert [column.name for column in cleaned.columns] == ["a", "a-1", EMPTY]
    assert cleaned.table["__cell__"].to_pylist() == ["x", "x-1"]
    assert cleaned.notes == (
        "1 repeated cell name got a number to tell them apart, such as 'x-1'.",
        "1 repeated obs column name got a number to tell them apart, such as 'a-1'.",
    )


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["a", "a", "a"], ["a", "a-1", "a-2"]),
        (["a", "a", "a-1"], ["a", "a-2", "a-1"]),
        (["a-1", "a", "a", "a-1"], ["a-1", "a", "a-2", "a-1-1"]),
        ([], []),
    ],
)
def test_unique_names_change_only_repeats(names, expected):
    assert unique_names(names, "cell", []) == expected


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_names_of_columns_and_categories_survive_the_store(name, atlas_of):
    obs = pd.DataFrame(
        {name: pd.Categorical([name, "b", None] * 2, [name, "b"]), f"{name}2": range(N)},
        index=[f"{name}{i}" for i in range(N)],
    )
    atlas = atlas_of(made(counts(N, 4), obs=obs))
    column = atlas.column(name)
    assert isinstance(column, Categorical)
    assert [column.categories[code] if code >= 0 else None for code in column.codes] == [name, "b", None] * 2
    assert isinstance(atlas.column(f"{name}2"), Numeric)
    assert atlas.column(f"{name}2").values.tolist() == list(range(N))
    assert atlas.cells() == list(obs.index)
    assert atlas.cell(3) == f"{name}3"


@pytest.mark.filterwarnings("ignore:Forward slashes")
def test_a_slash_in_the_name_of_a_column(atlas_of):
    obs = pd.DataFrame({"T/NK": ["a", "</b>"] * 3}, index=[f"cell{i}" for i in range(N)])
    assert atlas_of(made(counts(N, 4), obs=obs)).categorical("T/NK").categories == ("</b>", "a")


def test_every_kind_of_column_survives_the_store(atlas_of):
    obs = pd.DataFrame(
        {
            "nullable": pd.array([1, None, 3, 4, 5, 6], "Int64"),
            "flag": pd.array([True, None] * 3, "boolean"),
            "plain_flag": [True, False] * 3,
            "nothing": [np.nan] * N,
            "empty_category": pd.Categorical([None] * N, ["a"]),
            "unused": pd.Categorical(["a", "b"] * 3, ["z", "a", "b"]),
            "number_category": pd.Categorical([1, 2] * 3),
            "text": [f"t{i}" for i in range(N)],
        },
        index=[str(i) for i in range(N)],
    )
    atlas = atlas_of(made(counts(N, 4), obs=obs))
    kinds = {column.name: column.kind for column in atlas.manifest.columns}
    assert [name for name, kind in kinds.items() if kind == "numeric"] == ["nullable", "nothing"]
    assert set(kinds.values()) == {"numeric", "categorical"}
    assert atlas.categorical("unused").categories == ("a", "b")
    assert atlas.categorical("empty_category").codes.tolist() == [-1] * N
    assert atlas.categorical("flag").codes.tolist() == [0, -1] * 3
    assert np.isnan(atlas.column("nothing").values).all()
    assert atlas.cells()[:2] == ["0", "1"]
    with pytest.raises(InvalidQuery, match="holds numbers, not categories"):
        atlas.categorical("nullable")


def test_text_columns_cannot_be_coloured_by(atlas_of):
    n = MAX_CATEGORIES + 1
    obs = pd.DataFrame({"id": [f"x{i}" for i in range(n)]}, index=[f"c{i}" for i in range(n)])
    atlas = atlas_of(made(counts(n, 2), obs=obs))
    with pytest.raises(UnknownColumn, match="holds free text"):
        atlas.column("id")


# var


def genes_of(index, **columns):
    notes = []
    table, names = clean_var(pd.DataFrame(columns, index=index), notes)
    aliases = [table[name].to_pylist() for name in table.column_names if name.startswith("__alias")]
    assert table["__gene__"].to_pylist() == names
    assert len(set(names)) == len(names)
    return names, table["__id__"].to_pylist(), aliases, notes


def ensembl(n, version=""):
    return [f"ENSG{i:011d}{version}" for i in range(n)]


def test_ensembl_ids_are_shown_as_symbols():
    names, ids, aliases, notes = genes_of(ensembl(3), feature_name=["ALB", "TTR", "APOA1"])
    assert names == ["ALB", "TTR", "APOA1"]
    assert ids == ensembl(3)
    assert aliases == []
    assert notes == []


def test_symbols_that_repeat_or_lack():
    names, _, aliases, notes = genes_of(ensembl(5), gene_symbols=["ALB", "ALB", "", None, " TTR "])
    first, second, third, fourth, _ = ensembl(5)
    assert names == [f"ALB ({first})", f"ALB ({second})", third, fourth, "TTR"]
    assert aliases == [["ALB", "ALB", "", "", "TTR"]]
    assert notes == ["2 genes share their symbol with another id; they are shown as SYMBOL (id) and kept apart."]


def test_a_symbol_that_is_the_id_of_another():
    names, *_ = genes_of(ensembl(2), symbol=[ensembl(2)[1], ""])
    assert names == [ensembl(2)[1], f"{ensembl(2)[1]}-1"]


def test_symbols_in_the_index_with_ids_beside_them():
    names, ids, aliases, _ = genes_of(["ALB", "TTR"], gene_ids=["ENSG00000163631.17", "ENSG00000118271"])
    assert names == ids == ["ALB", "TTR"]
    assert aliases == [["ENSG00000163631.17", "ENSG00000118271"], ["ENSG00000163631", "ENSG00000118271"]]


def test_ids_with_a_version_are_known_without_it():
    names, _, aliases, _ = genes_of(["ENSG00000163631.17", "ENSMUSG00000029368.3", "AC012345.1"])
    assert names == ["ENSG00000163631.17", "ENSMUSG00000029368.3", "AC012345.1"]
    assert aliases == [["ENSG00000163631", "ENSMUSG00000029368", "AC012345.1"]]


def test_bare_numbers_give_way_to_symbols():
    assert genes_of(["213", "7276"], gene_symbol=["ALB", "TTR"])[0] == ["ALB", "TTR"]
    assert genes_of(["213", "7276"])[0] == ["213", "7276"]


def test_an_empty_symbol_column_is_passed_over():
    assert genes_of(ensembl(2), feature_name=[None, ""], symbol=["ALB", "TTR"])[0] == ["ALB", "TTR"]
    assert genes_of(ensembl(2), feature_name=[np.nan, np.nan])[0] == ensembl(2)


def test_symbols_as_categories_and_bytes():
    assert genes_of(ensembl(2), feature_name=pd.Categorical(["ALB", "TTR"]))[0] == ["ALB", "TTR"]
    assert genes_of(ensembl(2), feature_name=[b"ALB", b"TTR"])[0] == ["ALB", "TTR"]


def test_genes_of_one_name_or_none():
    names, _, _, notes = genes_of(["ALB", "ALB", "", " "])
    assert names == ["ALB", "ALB-1", EMPTY, f"{EMPTY}-1"]
    assert notes == ["2 repeated gene names got a number to tell them apart, such as 'ALB-1'."]


def test_ensembl_ids_and_symbols_find_the_same_gene_in_the_store(atlas_of):
    var = pd.DataFrame({"feature_name": ["ALB", "TTR", "MATR3", "MATR3", ""]}, index=ensembl(5, ".2"))
    genes = atlas_of(made(counts(N, 5), var=var)).genes
    assert genes.resolve("alb") == genes.resolve("ENSG00000000000.2") == genes.resolve("ensg00000000000") == 0
    assert genes.resolve("ENSG00000000004") == 4
    assert genes.search("matr") == [2, 3]
    with pytest.raises(InvalidQuery) as caught:
        genes.resolve("MATR3")
    assert str(caught.value) == (
        "'MATR3' fits 2 genes: MATR3 (ENSG00000000002.2), MATR3 (ENSG00000000003.2). Use one of these spellings."
    )
    assert genes.resolve("MATR3 (ENSG00000000003.2)") == 3
