"""The tables obs and var of a file: those of anndata of any age, and those written from R.

anndata reads what it wrote. A plain group without ``encoding-type`` it hands over as a dict, and codes beside
``__categories`` as numbers: SeuratDisk and others write such tables, and they are read here.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import h5py
import numpy as np
import pandas as pd

from core.errors import InvalidFile
from core.ingest.matrix import DAMAGED, TRUNCATED, UNREADABLE, first_line, text_of
from core.ingest.nested import entries

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Node: TypeAlias = h5py.Group | h5py.Dataset
CATEGORIES = "__categories"
# How R writes a missing integer (the smallest of 32 bits) and a missing logical value.
R_INTEGER, R_NA = np.dtype(np.int32), "NA"
# Attributes without which anndata reads no data frame.
NEEDED = ("_index", "column-order")
# What the index of a table is called where nothing says so.
INDEX_NAMES = ("_index", "index", "_rownames", "rownames", "cell_names", "gene_names", "features")


def read_table(file: h5py.File, node: Node, scratch: Path, notes: list[str]) -> pd.DataFrame:
    """Read one table, with its index as text.

    Parameters
    ----------
    scratch
        An empty directory, for the copy that anndata needs of a table of version 0.6 and older.
    notes
        Takes a sentence for every column left out.

    Raises
    ------
    InvalidFile
        It cannot be read.
    """
    name = f"{Path(file.filename).name}: the table {node.name.strip('/')}"
    if isinstance(node, h5py.Dataset) and node.dtype.names is None:
        raise InvalidFile(f"{name} holds {node.dtype} values and no columns.", DAMAGED)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if isinstance(node, h5py.Dataset):
                return _old_table(file, node, scratch)
            encoded = text_of(node.attrs.get("encoding-type", "")) == "dataframe" and set(NEEDED) <= set(node.attrs)
            return _with_labels(_encoded(node, notes) if encoded else plain_table(node, notes), node, notes)
    except OSError as error:
        if error.errno is not None:
            raise
        raise InvalidFile(f"{name} cannot be read ({first_line(error)}).", TRUNCATED) from error
    except InvalidFile:
        raise
    except Exception as error:
        # Whatever anndata stumbles over, the file is not what it says.
        raise InvalidFile(f"{name} cannot be read ({first_line(error)}).", DAMAGED) from error


def _encoded(group: h5py.Group, notes: list[str]) -> pd.DataFrame:
    """Read what anndata wrote; texts that are not what they say, such as UTF-8 marked as ASCII, it does not read."""
    import anndata

    try:
        return anndata.io.read_elem(group)
    except UnicodeDecodeError:
        return plain_table(group, notes)


def plain_table(group: h5py.Group, notes: list[str]) -> pd.DataFrame:
    """Read a group of columns that does not say that it is a table."""
    where = group.name.strip("/")
    key = _index_key(group)
    if key is None:
        raise InvalidFile(f"The table {where} has no index: no names of its rows.", DAMAGED)
    index = pd.Index([text_of(name) for name in _values(group[key])], dtype=object)
    columns: dict[str, Any] = {}
    for name, parent, own in _columns(group, key):
        try:
            values = _values(parent[own])
        except UNREADABLE as error:
            notes.append(f"The {where} column {name!r} cannot be read ({first_line(error)}) and was left out.")
            continue
        if len(values) == len(index):
            columns[name] = values
        else:
            notes.append(f"The {where} column {name!r} has {len(values):,} of {len(index):,} rows and was left out.")
    return pd.DataFrame(columns, index=index)


def _index_key(group: h5py.Group) -> str | None:
    said = text_of(group.attrs.get("_index", ""))
    return next((name for name in (said, *INDEX_NAMES) if name and name in group), None)


def _columns(group: h5py.Group, index: str) -> Iterator[tuple[str, h5py.Group, str]]:
    """List the columns in the order that the group gives, then the others."""
    order = {text_of(name): place for place, name in enumerate(group.attrs.get("column-order", ()))}
    found = [each for each in entries(group) if each[0] != index and each[0].partition("/")[0] != CATEGORIES]
    yield from sorted(found, key=lambda each: order.get(each[0], len(order)))


def _values(node: Node) -> Any:  # noqa: ANN401 - an array of whatever type the column has
    """Read one column: a dataset, or a group of the two parts of a factor or of a column with missing values."""
    import anndata

    if isinstance(node, h5py.Dataset):
        if node.ndim != 1:
            raise ValueError(f"it has {node.ndim} dimensions")
        values = _given(node)
        reference = node.attrs.get("categories")
        return _factor(values, _values(node.file[reference])) if isinstance(reference, h5py.Reference) else values
    if "encoding-type" in node.attrs:
        try:
            return anndata.io.read_elem(node)
        except UnicodeDecodeError:
            if "categories" not in node:
                raise
    if "categories" in node and "codes" in node:
        return _factor(_values(node["codes"]), _values(node["categories"]))
    if "levels" in node and "values" in node:
        # A factor of R counts from one.
        return _factor(pd.Series(_values(node["values"])) - 1, _values(node["levels"]))
    if "values" in node and "mask" in node:
        given = pd.Series(_values(node["values"]), dtype=object).mask(_values(node["mask"]).astype(bool))
        # A series would be joined by its own index.
        return given.infer_objects().array
    raise ValueError("it is a group of another kind")


def _given(node: h5py.Dataset) -> Any:  # noqa: ANN401 - an array of whatever type the column has
    """Read the values of a dataset: texts as str, those that R writes for NA as missing, enumerated ones by name."""
    values = node[:]
    if values.dtype.kind in "OS":
        return np.array([text_of(value) for value in values], dtype=object)
    names = h5py.check_enum_dtype(node.dtype)
    if names is not None:
        return _named(values, names)
    if values.dtype.kind == "i" and values.dtype.itemsize == R_INTEGER.itemsize:
        missing = values == np.iinfo(R_INTEGER).min
        if missing.any():
            return pd.arrays.IntegerArray(values.astype(np.int64), missing)
    return values


def _named(values: np.ndarray, names: Mapping[str, int]) -> Any:  # noqa: ANN401 - booleans or labels
    """Return the names of enumerated values; R has FALSE, TRUE and NA."""
    label_of = {number: name for name, number in names.items() if name != R_NA}
    texts = [label_of.get(value) for value in values.tolist()]
    if set(label_of.values()) == {"FALSE", "TRUE"}:
        return pd.array([None if text is None else text == "TRUE" for text in texts], dtype="boolean")
    return pd.Categorical(texts, categories=list(label_of.values()))


def _factor(codes: Any, labels: Any) -> pd.Categorical:  # noqa: ANN401 - arrays
    """Join labels to codes; -1 is not given, and so is a number that is none."""
    given = pd.Series(codes)
    places = given.where(given.notna(), -1).to_numpy(dtype=np.int64)
    if places.size and places.min() >= 1 and places.max() == len(labels):
        # Only codes that count from one reach the number of labels.
        places = places - 1
    if places.size and (places.min() < -1 or places.max() >= len(labels)):
        raise ValueError(f"it has codes beyond its {len(labels):,} categories")
    names = [text_of(label) for label in labels]
    if len(set(names)) < len(names):
        return pd.Categorical([names[place] if place >= 0 else None for place in places])
    return pd.Categorical.from_codes(places, categories=names)


def _with_labels(frame: pd.DataFrame, group: h5py.Group, notes: list[str]) -> pd.DataFrame:
    """Give columns of codes the labels that lie in ``__categories``."""
    for name in frame:
        node = group.get(str(name))
        if isinstance(node, h5py.Dataset) and h5py.check_enum_dtype(node.dtype) and len(node) == len(frame):
            # anndata hands over the numbers.
            frame[name] = pd.Series(_given(node), index=frame.index)
    labels = group.get(CATEGORIES)
    for name, parent, own in entries(labels) if isinstance(labels, h5py.Group) else ():
        if name not in frame or not pd.api.types.is_numeric_dtype(frame[name].dtype):
            continue
        try:
            frame[name] = pd.Series(_factor(frame[name], _values(parent[own])), index=frame.index)
        except UNREADABLE as error:
            where = group.name.strip("/")
            notes.append(
                f"The {where} column {name!r} keeps its codes, as its categories do not fit ({first_line(error)})."
            )
    return frame


def _old_table(file: h5py.File, node: h5py.Dataset, scratch: Path) -> pd.DataFrame:
    """Read a table of anndata 0.6 or older, whose categories lie in ``uns``.

    anndata opens it from a copy of the file that holds nothing else, as it reads such a table only within a file.
    """
    import anndata

    copy = scratch / f"{node.name.strip('/')}.h5ad"
    with h5py.File(copy, "x") as tables:
        file.copy(node, tables, "obs")
        file.copy(node, tables, "var")
        uns, kept = file.get("uns"), tables.create_group("uns")
        for key in uns if isinstance(uns, h5py.Group) else ():
            if key.endswith("_categories") and isinstance(uns[key], h5py.Dataset):
                file.copy(uns[key], kept, key)
    return anndata.read_h5ad(copy).obs
