"""obs as a store keeps it: every column numeric, categorical or text, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
from natsort import natsorted

from core.atlas.manifest import ColumnInfo, Role
from core.atlas.store import CELL, MISSING
from core.atlas.vocabulary import ROLE_NAMES, find_role, plain, stage_order
from core.errors import InvalidFile
from core.ingest.bounds import LABEL_LENGTH, MAX_COLUMNS, refuse_long_names
from core.ingest.matrix import text_of
from core.ingest.names import label, unique_names

if TYPE_CHECKING:
    from collections.abc import Mapping

# Every integer up to this is a float64.
EXACT_FLOAT64 = 2**53
MAX_CATEGORIES = 2_000
MAX_INTEGER_CATEGORIES = 100
# Integer columns with such names hold labels, not quantities.
LABEL_WORDS = ("cluster", "leiden", "louvain", "batch", "donor", "sample", "patient", "replicate", "snnres")


@dataclass(frozen=True)
class Column:
    """One cleaned column."""

    info: ColumnInfo
    array: pa.Array

    @property
    def longest(self) -> int:
        """Length of the longest category; 0 for other columns."""
        return max(map(len, self.array.dictionary.to_pylist()), default=0) if self.info.kind == "categorical" else 0


@dataclass(frozen=True)
class Obs:
    """The cleaned obs table, the roles of its columns, and what had to be changed, in words."""

    table: pa.Table
    columns: tuple[ColumnInfo, ...]
    roles: dict[Role, str]
    notes: tuple[str, ...]


def clean_obs(obs: pd.DataFrame, asked: Mapping[Role, str | None]) -> Obs:
    """Bring obs into the store's form and find the roles of its columns.

    Parameters
    ----------
    obs
        As read; the index holds the cell names.
    asked
        Columns named by the user for a role; these become categorical whatever they hold.

    Raises
    ------
    InvalidFile
        A column asked for does not exist or holds nothing to tell cells apart by.
    """
    notes: list[str] = []
    refuse_long_names("cell", obs.index)
    if len(obs.columns) > MAX_COLUMNS:
        notes.append(f"obs has {len(obs.columns):,} columns; those after the first {MAX_COLUMNS:,} were left out.")
        obs = obs.iloc[:, :MAX_COLUMNS]
    cells = unique_names([label(name) for name in obs.index], "cell", notes)
    frame = obs.set_axis(unique_names([label(name) for name in obs.columns], "obs column", notes), axis="columns")
    for role, name in asked.items():
        if name is not None and name not in frame:
            raise InvalidFile(
                f"There is no obs column {name!r} for --{role.replace('_', '-')}.",
                f"The file has: {', '.join(frame) or 'none'}.",
            )
    forced = {name for name in asked.values() if name}
    columns: dict[str, Column] = {}
    for name in frame:
        column = clean_column(name, frame[name], as_labels=name in forced or _is_label(name, frame[name]))
        if column is None:
            notes.append(f"The obs column {name!r} holds neither numbers nor text and was left out.")
        elif column.longest > LABEL_LENGTH or len(name) > LABEL_LENGTH:
            n = max(column.longest, len(name))
            notes.append(f"The obs column {name[:80]!r} has labels of up to {n:,} characters and was left out.")
        elif name.startswith("__"):
            notes.append(f"The obs column {name!r} has a reserved name and was left out.")
        else:
            columns[name] = column
    _check_asked(asked, columns)
    roles = _roles(columns, asked)
    if group := roles.get("group"):
        columns[group] = _in_stage_order(columns[group])
    arrays = {CELL: pa.array(cells), **{name: column.array for name, column in columns.items()}}
    return Obs(pa.table(arrays), tuple(column.info for column in columns.values()), roles, tuple(notes))


def clean_column(name: str, series: pd.Series, *, as_labels: bool = False) -> Column | None:
    """One column as numeric (float64), categorical (dictionary of strings) or text; None if it is none of these."""
    if isinstance(series.dtype, pd.CategoricalDtype):
        return _factor(name, series, as_labels=as_labels)
    if pd.api.types.is_bool_dtype(series.dtype):
        codes = series.astype("boolean").astype("Int8").fillna(MISSING).to_numpy(dtype=np.int8)
        return _categorical(name, codes, ["False", "True"], ordered=True)
    if pd.api.types.is_complex_dtype(series.dtype):
        return None
    if pd.api.types.is_integer_dtype(series.dtype) and (as_labels or _beyond_floats(series)):
        # As labels, numbers keep all their digits.
        return _texts(name, series.astype("string").astype(object), as_labels=as_labels)
    if pd.api.types.is_numeric_dtype(series.dtype):
        values = series.to_numpy(dtype=np.float64, na_value=np.nan)
        return _texts(name, _as_labels(values), as_labels=True) if as_labels else numeric(name, values)
    return _other(name, series, as_labels=as_labels)


def _beyond_floats(series: pd.Series) -> bool:
    """Tell whether whole numbers are too large for float64 to tell neighbours apart: ids, not quantities."""
    given = series.dropna()
    return len(given) > 0 and (int(given.max()) > EXACT_FLOAT64 or int(given.min()) < -EXACT_FLOAT64)


def _factor(name: str, series: pd.Series, *, as_labels: bool) -> Column:
    ordered = bool(series.cat.ordered)
    # anndata makes a category of every text that occurs twice; thousands of them are still no choice to offer.
    if series.cat.codes.nunique() > MAX_CATEGORIES and not (ordered or as_labels):
        return _texts(name, series.astype(object).map(text_of, na_action="ignore"), as_labels=False)
    return _categorical(name, series.cat.codes.to_numpy(), list(series.cat.categories), ordered=ordered)


def _as_labels(values: np.ndarray) -> pd.Series:
    """Numbers as the labels they are: 3, not 3.0."""
    labels = [
        None if np.isnan(value) else str(int(value)) if value.is_integer() else repr(value) for value in values.tolist()
    ]
    return pd.Series(labels, dtype=object)


def _other(name: str, series: pd.Series, *, as_labels: bool) -> Column | None:
    """Dates and texts."""
    if pd.api.types.is_datetime64_any_dtype(series.dtype) or isinstance(series.dtype, pd.PeriodDtype):
        return _texts(name, series.astype("string").astype(object), as_labels=as_labels)
    objects = series.astype(object)
    given = objects[objects.notna()]
    if not given.map(lambda value: isinstance(value, str | bytes | bool | int | float | np.generic)).all():
        return None
    texts = objects.map(text_of, na_action="ignore")
    return _texts(name, texts, as_labels=as_labels)


def _texts(name: str, texts: pd.Series, *, as_labels: bool) -> Column:
    codes, categories = pd.factorize(texts, sort=True)
    if len(categories) > MAX_CATEGORIES and not as_labels:
        missing = int((codes < 0).sum())
        info = ColumnInfo(name=name, kind="text", n_categories=0, n_missing=missing, minimum=None, maximum=None)
        return Column(info, pa.array(texts.where(texts.notna(), None).to_list(), type=pa.string()))
    return _categorical(name, codes, list(categories), ordered=False)


def _categorical(name: str, codes: np.ndarray, categories: list[object], *, ordered: bool) -> Column:
    """Drop unused categories, give each a distinct text, and put unordered ones into natural order."""
    labels = [label(category) for category in categories]
    used = [int(code) for code in np.unique(codes) if code != MISSING]
    kept = list(dict.fromkeys(labels[code] for code in used))
    # pandas sorts categories as text; only that order is no one's choice.
    if not ordered and kept == sorted(kept):
        kept = natsorted(kept)
    place = {text: position for position, text in enumerate(kept)}
    lookup = np.full(len(labels) + 1, MISSING, dtype=np.int32)
    for code in used:
        lookup[code] = place[labels[code]]
    return dictionary(name, lookup[codes], kept)


def dictionary(name: str, codes: np.ndarray, categories: list[str]) -> Column:
    """Make a categorical column from codes, `MISSING` where nothing is given."""
    array = pa.DictionaryArray.from_arrays(
        pa.array(codes, mask=codes < 0, type=pa.int32()), pa.array(categories, type=pa.string())
    )
    missing = int((codes < 0).sum())
    info = ColumnInfo(
        name=name, kind="categorical", n_categories=len(categories), n_missing=missing, minimum=None, maximum=None
    )
    return Column(info, array)


def numeric(name: str, values: np.ndarray) -> Column:
    """Make a numeric column from float64 values, NaN where nothing is given."""
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (None, None)
    missing = int(np.isnan(values).sum())
    info = ColumnInfo(name=name, kind="numeric", n_categories=0, n_missing=missing, minimum=low, maximum=high)
    return Column(info, pa.array(values))


def _is_label(name: str, series: pd.Series) -> bool:
    if not pd.api.types.is_integer_dtype(series.dtype) or series.nunique() > MAX_INTEGER_CATEGORIES:
        return False
    known = {each for names in ROLE_NAMES.values() for each in names}
    return plain(name) in known or any(word in plain(name) for word in LABEL_WORDS)


def _check_asked(asked: Mapping[Role, str | None], columns: Mapping[str, Column]) -> None:
    usable = [name for name, column in columns.items() if column.info.n_categories]
    for role, name in asked.items():
        if name is not None and name not in usable:
            why = "it has no values" if name in columns else "it holds neither numbers nor text, or has a reserved name"
            raise InvalidFile(
                f"The obs column {name!r} cannot serve for --{role.replace('_', '-')}: {why}.",
                f"Choose one of: {', '.join(usable) or 'none'}.",
            )


def _roles(columns: Mapping[str, Column], asked: Mapping[Role, str | None]) -> dict[Role, str]:
    roles: dict[Role, str] = {}
    labels = [
        name for name, column in columns.items() if column.info.kind == "categorical" and column.info.n_categories
    ]
    for role in ROLE_NAMES:
        name = asked.get(role)
        free = [each for each in labels if each not in roles.values()]
        several = [each for each in free if columns[each].info.n_categories > 1]
        name = name or find_role(role, several) or find_role(role, free)
        if name:
            roles[role] = name
    return roles


def _in_stage_order(column: Column) -> Column:
    array = column.array
    categories = array.dictionary.to_pylist()
    order = stage_order(categories)
    if order is None:
        return column
    codes = array.indices.fill_null(MISSING).to_numpy(zero_copy_only=False)
    lookup = np.array([order.index(category) for category in categories] + [MISSING], dtype=np.int32)
    return dictionary(column.info.name, lookup[codes], order)
