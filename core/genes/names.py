"""Current symbols, aliases and ids of genes, from the fetched tables of names (`core.genes.reference_store`).

A current symbol is never an alias of another gene, whatever the table says. Names are compared as the genes of an atlas
are: without regard to case and typographic hyphens.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from core.atlas.gene_index import is_ensembl
from core.atlas.spelling import folded
from core.genes.reference_store import references, stamp, table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from core.genes.ortholog_table import Species


@dataclass(frozen=True)
class _Table:
    """Names of one species: symbols by their folded form, by alias or id, and ids by folded symbol."""

    current: Mapping[str, str]
    aliases: Mapping[str, tuple[str, ...]]
    ids: Mapping[str, str]


_EMPTY = _Table({}, {}, {})


class Names:
    """The fetched names of genes; read at the first look, and again when the references have changed.

    Parameters
    ----------
    data
        The data directory; None for no names at all.
    """

    def __init__(self, data: Path | None) -> None:
        self._data = data
        self._lock = Lock()
        self._tables: dict[Species, tuple[object, _Table]] = {}

    def symbols(self, text: str, species: Species) -> tuple[str, ...]:
        """Return the symbols of which a text is an alias, a former symbol or an id; none for a current symbol."""
        name = folded(text)
        if is_ensembl(name):
            name = name.partition(".")[0]
        return self._table(species).aliases.get(name, ())

    def is_symbol(self, text: str, species: Species) -> bool:
        """Tell whether a text is the current symbol of a gene, in any case."""
        return folded(text) in self._table(species).current

    def symbol(self, text: str, species: Species) -> str:
        """Return a current symbol in its own spelling; empty where it is none."""
        return self._table(species).current.get(folded(text), "")

    def id_of(self, symbol: str, species: Species) -> str:
        """Return the Ensembl id of a symbol; empty where it is not known."""
        return self._table(species).ids.get(folded(symbol), "")

    def _table(self, species: Species) -> _Table:
        if self._data is None:
            return _EMPTY
        now = stamp(self._data)
        with self._lock:
            known = self._tables.get(species)
            if known is None or known[0] != now:
                known = self._tables[species] = (now, self._read(self._data, species))
            return known[1]

    def _read(self, data: Path, species: Species) -> _Table:
        reference = references(data).get(f"names_{species}")
        if reference is None:
            return _EMPTY
        rows = table(data, reference)
        genes, ids = rows["gene"].to_pylist(), rows["id"].to_pylist()
        current = {folded(gene): gene for gene in genes}
        aliases: dict[str, dict[str, None]] = defaultdict(dict)
        for gene, id_, others in zip(genes, ids, rows["aliases"].to_pylist(), strict=True):
            for name in (id_, *others):
                key = folded(name)
                if key and key not in current:
                    aliases[key][gene] = None
        known = {folded(gene): id_ for gene, id_ in zip(genes, ids, strict=True) if id_}
        return _Table(current, {key: tuple(found) for key, found in aliases.items()}, known)


NO_NAMES = Names(None)
