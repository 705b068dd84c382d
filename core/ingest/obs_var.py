"""obs and var as a store keeps them: every column numeric, categorical or text, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
from natsort import natsorted

from core.atlas.manifest import ColumnInfo, Role
from core.atlas.store import CELL, GENE, GENE_ID, MISSING
from core.atlas.vocabulary import ENSEMBL, ID_COLUMNS, ROLE_NAMES, SYMBOL_COLUMNS, find_role, plain, stage_order
from core.errors import InvalidFile
from core.ingest.bounds import LABEL_LENGTH, MAX_COLUMNS, refuse_long_names
from core.ingest.matrix import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAX_CATEGORIES = 2_000
MAX_INTEGER_CATEGORIES = 100
EMPTY = "(empty)"
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
    cells = unique_names([_label(name) for name in obs.index], "cell", notes)
    frame = obs.set_axis(unique_names([_label(name) for name in obs.columns], "obs column", notes), axis="columns")
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


def clean_var(var: pd.DataFrame, notes: list[str]) -> tuple[pa.Table, list[str]]:
    """Make the gene names of a store: display name, the file's own name, and further names to search by.

    Returns the table and the unique display names. A symbol shared by several ids is shown with its id, never merged.
    """
    refuse_long_names("gene", var.index)
    ids = unique_names([_label(name) for name in var.index], "gene", notes)
    named: dict[str, str] = {}
    for column in var.columns:
        named.setdefault(plain(str(column)), column)
    symbols = _first_texts(var, named, SYMBOL_COLUMNS)
    others = _first_texts(var, named, ID_COLUMNS)
    names = ids
    if symbols is not None and _are_ids(ids):
        often = pd.Series(symbols).duplicated(keep=False).to_numpy()
        shown = [
            gene if not symbol or symbol == gene else f"{symbol} ({gene})" if twice else symbol
            for symbol, gene, twice in zip(symbols, ids, often, strict=True)
        ]
        names = unique_names(shown, "gene", notes)
        if n := int((often & (np.array(symbols, dtype=object) != "")).sum()):
            notes.append(
                f"{n:,} genes share their symbol with another id; they are shown as SYMBOL (id) and kept apart."
            )
    table = {GENE: pa.array(names), GENE_ID: pa.array(ids)}
    bare = [_without_version(gene) for gene in ids]
    bare_others = None if others is None else [_without_version(gene) for gene in others]
    aliases = [texts for texts in (symbols, others, bare, bare_others) if texts is not None]
    for texts in aliases:
        if texts not in (column.to_pylist() for column in table.values()):
            table[f"__alias{len(table) - 2}"] = pa.array(texts)
    return pa.table(table), names


def unique_names(names: Sequence[str], what: str, notes: list[str]) -> list[str]:
    """Append -1, -2, … to repeated names, as scanpy does, and return a note about that."""
    seen: dict[str, int] = {}
    taken = set(names)
    unique: list[str] = []
    for name in names:
        count = seen.get(name)
        if count is None:
            seen[name] = 0
            unique.append(name)
            continue
        candidate = name
        while candidate in taken:
            count += 1
            candidate = f"{name}-{count}"
        seen[name] = count
        taken.add(candidate)
        unique.append(candidate)
    n_changed = sum(new != old for new, old in zip(unique, names, strict=True))
    if n_changed:
        first = next(new for new, old in zip(unique, names, strict=True) if new != old)
        notes.append(
            f"{n_changed:,} repeated {what} name{'s' if n_changed > 1 else ''} got a number to tell them apart, "
            f"such as {first!r}."
        )
    return unique


def clean_column(name: str, series: pd.Series, *, as_labels: bool = False) -> Column | None:
    """One column as numeric (float64), categorical (dictionary of strings) or text; None if it is none of these."""
    if isinstance(series.dtype, pd.CategoricalDtype):
        return _factor(name, series, as_labels=as_labels)
    if pd.api.types.is_bool_dtype(series.dtype):
        codes = series.astype("boolean").astype("Int8").fillna(MISSING).to_numpy(dtype=np.int8)
        return _categorical(name, codes, ["False", "True"], ordered=True)
    if pd.api.types.is_complex_dtype(series.dtype):
        return None
    if pd.api.types.is_integer_dtype(series.dtype) and as_labels:
        return _texts(name, series.astype("string").astype(object), as_labels=True)
    if pd.api.types.is_numeric_dtype(series.dtype):
        values = series.to_numpy(dtype=np.float64, na_value=np.nan)
        return _texts(name, _as_labels(values), as_labels=True) if as_labels else numeric(name, values)
    return _other(name, series, as_labels=as_labels)


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
    labels = [_label(category) for category in categories]
    used = [int(code) for code in np.unique(codes) if code != MISSING]
    kept = list(dict.fromkeys(labels[code] for code in used))
    # pandas sorts categories as text; only that order is no one's choice.
    if not ordered and kept == sorted(kept):
        kept = natsorted(kept)
    place = {label: position for position, label in enumerate(kept)}
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
    known = {label for labels in ROLE_NAMES.values() for label in labels}
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
        free = [label for label in labels if label not in roles.values()]
        several = [label for label in free if columns[label].info.n_categories > 1]
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


def _are_ids(names: Sequence[str]) -> bool:
    """Tell whether most names are Ensembl ids or bare numbers, which are no names of genes."""
    n_ids = sum(gene.isdigit() or ENSEMBL.fullmatch(gene) is not None for gene in names)
    return n_ids > len(names) / 2


def _without_version(gene: str) -> str:
    """``ENSG00000163631.12`` is known as ``ENSG00000163631`` as well; other names may end in a number of their own."""
    return gene.partition(".")[0] if ENSEMBL.fullmatch(gene) else gene


def _label(name: object) -> str:
    text = text_of(name)
    return text if text.strip() else EMPTY


def _first_texts(var: pd.DataFrame, named: Mapping[str, str], known: Sequence[str]) -> list[str] | None:
    """Return the first of the known columns that holds any text; empty when there is none."""
    for name in known:
        column = named.get(plain(name))
        if column is not None and not pd.api.types.is_numeric_dtype(var[column].dtype):
            given = var[column].astype(object)
            texts = [text_of(text).strip() if pd.notna(text) else "" for text in given]
            if any(texts):
                return texts
    return None
