"""Ids beside symbols, in whatever form a table holds the names."""

import pyarrow as pa
import pytest

from core.atlas.gene_index import GeneIndex
from core.genes.ids import with_ids

INDEX = GeneIndex(["ALB", "TBCE (ENSG2)", "TBCE (ENSG3)"], ["ENSG1", "ENSG2", "ENSG3"])
NAMES = ["TBCE (ENSG3)", "ALB", "TBCE (ENSG2)", "ALB"]
IDS = ["ENSG3", "ENSG1", "ENSG2", "ENSG1"]


@pytest.mark.parametrize(
    "names",
    [
        pa.array(NAMES),
        pa.array(NAMES).dictionary_encode(),
        pa.chunked_array([pa.array(NAMES[:1]), pa.array(NAMES[1:])]),
        pa.chunked_array([pa.array(NAMES[:1]).dictionary_encode(), pa.array(NAMES[1:]).dictionary_encode()]),
    ],
)
def test_the_id_stands_right_behind_the_gene(names):
    found = with_ids(pa.table({"category": pa.array(range(4)), "gene": names, "r": pa.array(range(4))}), INDEX)
    assert found.column_names == ["category", "gene", "id", "r"]
    assert found["id"].to_pylist() == IDS
    assert found["gene"].to_pylist() == NAMES


def test_no_row_has_no_id():
    assert with_ids(pa.table({"gene": pa.array(NAMES)}).slice(0, 0), INDEX)["id"].to_pylist() == []


@pytest.mark.parametrize("columns", [{"cell": NAMES}, {"gene": NAMES, "id": NAMES}])
def test_other_tables_stay_as_they_are(columns):
    table = pa.table(columns)
    assert with_ids(table, INDEX) is table
