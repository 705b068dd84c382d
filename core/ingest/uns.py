"""Facts of ``uns``: texts, the map to show first, the base of the logarithm, colours of categories."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import h5py
import numpy as np

from core.ingest.bounds import VALUE_BYTES
from core.ingest.matrix import UNREADABLE, text_of
from core.ingest.nested import entries

if TYPE_CHECKING:
    from collections.abc import Mapping

# By place, or by the name of the category.
Colors: TypeAlias = "list[str] | dict[str, str]"

TEXTS = (
    *("title", "citation", "abstract", "description", "doi", "DOI", "publication_doi"),
    *("organism", "organism_ontology_term_id", "species", "source", "default_embedding"),
)
SUFFIX = "_colors"
MAX_COLORS = 2_000


@dataclass(frozen=True)
class Uns:
    """Facts of ``uns``; a fact that cannot be read is none.

    Attributes
    ----------
    texts
        The strings of `TEXTS`.
    log_base
        Base of the logarithm that ``log1p`` says; NaN where it says none, which means the natural one; None where
        nothing tells that there was a logarithm.
    colors
        For each column with ``<column>_colors``, the colours as written, ``#rrggbb`` where they are numbers.
    """

    texts: Mapping[str, str] = field(default_factory=dict)
    log_base: float | None = None
    colors: Mapping[str, Colors] = field(default_factory=dict)

    @classmethod
    def of(cls, node: object) -> Uns:
        """Read the group ``uns``; empty where it is none."""
        if not isinstance(node, h5py.Group):
            return cls()
        texts = {name: text for name in TEXTS if (text := _text(node, name))}
        return cls(texts, _log_base(node), _colors(node))


def _text(uns: h5py.Group, name: str) -> str:
    try:
        node = uns.get(name)
        is_one = isinstance(node, h5py.Dataset) and node.shape in ((), (1,)) and node.nbytes <= VALUE_BYTES
        if is_one and node.dtype.kind in "OS":
            return text_of(node[()] if node.shape == () else node[0])
    except UNREADABLE:
        # It describes the data and is not part of it.
        return ""
    return ""


def _log_base(uns: h5py.Group) -> float | None:
    try:
        node = uns.get("log1p")
        if node is None:
            return None
        base = node.get("base") if isinstance(node, h5py.Group) else None
        return float("nan") if base is None else float(np.asarray(base[()]).ravel()[0])
    except UNREADABLE:
        return float("nan")


def _colors(uns: h5py.Group) -> dict[str, Colors]:
    found: dict[str, Colors] = {}
    for key, parent, name in entries(uns):
        column, _, inner = key.partition(f"{SUFFIX}/")
        try:
            if inner:
                # A plain group of category and colour.
                known = found.setdefault(column, {})
                if isinstance(known, dict) and len(known) < MAX_COLORS:
                    known[inner] = text_of(parent[name][()])
            elif key.endswith(SUFFIX) and (colors := _list(parent[name])):
                found[key.removesuffix(SUFFIX)] = colors
        except UNREADABLE:
            continue
    return found


def _list(node: h5py.Group | h5py.Dataset) -> Colors:
    if isinstance(node, h5py.Group):
        return {text_of(name): text_of(node[name][()]) for name in list(node)[:MAX_COLORS]}
    if node.ndim == 1 and len(node) <= MAX_COLORS and node.dtype.kind in "OS":
        return [text_of(color) for color in node[:]]
    if node.ndim == 2 and len(node) <= MAX_COLORS and node.dtype.kind in "uif" and node.shape[1] in (3, 4):  # noqa: PLR2004
        channels = np.asarray(node[:, :3], dtype=np.float64)
        top = 255 if channels.max(initial=0) <= 1 and node.dtype.kind == "f" else 1
        return ["#" + "".join(f"{round(part * top):02x}" for part in row) for row in np.clip(channels, 0, 255 / top)]
    return []
