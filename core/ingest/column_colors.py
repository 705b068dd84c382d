"""The author's colours of the categories of a column, from ``uns['<column>_colors']``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
from natsort import natsorted

from core.ingest.obs_var import label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.ingest.obs_var import Obs
    from core.ingest.uns import Colors


def colors_by_label(obs: pd.DataFrame, given: Mapping[str, Colors], notes: list[str]) -> dict[str, dict[str, str]]:
    """Return for each column the colour ``#rrggbb`` of each label, in the order in which scanpy pairs them.

    Colours are not used, and `notes` says so, where there are fewer than categories or one of them cannot be read.
    """
    found: dict[str, dict[str, str]] = {}
    for column, colors in given.items():
        if column not in obs or not isinstance(series := obs[column], pd.Series):
            continue
        labels = _labels(series)
        pairs = colors if isinstance(colors, dict) else dict(zip(labels, colors, strict=False))
        where = f"uns['{column}_colors']"
        if lacking := [each for each in labels if each not in pairs]:
            n = len(labels) - len(lacking)
            notes.append(f"{where} has colours for {n:,} of {len(labels):,} categories of {column!r} and is not used.")
            continue
        known = {each: _hex(pairs[each]) for each in labels}
        if wrong := [pairs[each] for each, color in known.items() if color is None]:
            notes.append(f"{where} has the colour {wrong[0][:40]!r}, which is none, and is not used.")
            continue
        found[column] = {each: color for each, color in known.items() if color is not None}
    return found


def with_colors(obs: Obs, found: Mapping[str, Mapping[str, str]]) -> Obs:
    """Write the colours into the description of each categorical column, in the order of its categories."""
    columns = []
    for info in obs.columns:
        colors = found.get(info.name, {})
        names = obs.table[info.name].combine_chunks().dictionary.to_pylist() if info.kind == "categorical" else []
        whole = bool(names) and all(name in colors for name in names)
        columns.append(info.model_copy(update={"colors": tuple(colors[name] for name in names)}) if whole else info)
    return replace(obs, columns=tuple(columns))


def _labels(series: pd.Series) -> list[str]:
    if isinstance(series.dtype, pd.CategoricalDtype):
        return [label(category) for category in series.cat.categories]
    if pd.api.types.is_bool_dtype(series.dtype):
        return ["False", "True"]
    given = series.dropna().unique().tolist()
    # scanpy makes categories of texts in natural order.
    return [
        label(each) for each in (sorted(given) if pd.api.types.is_numeric_dtype(series.dtype) else natsorted(given))
    ]


def _hex(color: str) -> str | None:
    from matplotlib.colors import is_color_like, to_hex

    return to_hex(color) if is_color_like(color) else None
