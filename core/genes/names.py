"""Current symbols, aliases and ids of genes, from the fetched tables of names (`core.genes.reference_store`).

A current symbol is never an alias of another gene, whatever the table says. Names are compared as the genes of an atlas
are: without regard to case and typographic hyphens.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from core.atlas.gene_index import is_ensembl
from core.atlas.spelling import folded
from core.genes.reference_store import SCHEMAS, references, stamp, table

if TYPE_CHECKING:
    from pathlib import Path

    from core.genes.ortholog_table import Species


@dataclass(frozen=True)
class _Table:
    """Names of one species as Arrow arrays, which take a tenth of the memory of dictionaries.

    Attributes
    ----------
    genes, ids : symbols and Ensembl ids, a row each
    folded : the symbols in small letters
    aliases, rows : aliases and ids in small letters, and the rows of their genes
    """

    genes: pa.Array
    ids: pa.Array
    folded: pa.Array
    aliases: pa.Array
    rows: pa.Array

    @classmethod
    def of(cls, table: pa.Table) -> _Table:
        """Read a table of names; aliases that are current symbols are left out."""
        table = table.combine_chunks()
        genes, ids, others = (_whole(table[name]) for name in ("gene", "id", "aliases"))
        folded = pc.utf8_lower(genes)
        aliases = pc.utf8_lower(pa.concat_arrays([ids, others.flatten()]))
        rows = pa.concat_arrays(
            [pa.array(range(len(ids)), pa.int64()), pc.list_parent_indices(others).cast(pa.int64())]
        )
        kept = pc.and_(pc.not_equal(aliases, ""), pc.invert(pc.is_in(aliases, value_set=folded)))
        return cls(genes, ids, folded, aliases.filter(kept), rows.filter(kept))

    def row(self, name: str) -> int | None:
        """Return the row of a folded symbol."""
        found = pc.index(self.folded, name).as_py()
        return None if found < 0 else found


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)


@cache
def _empty() -> _Table:
    """Return a table without names; made at the first use, since Arrow then loads pandas."""
    return _Table.of(SCHEMAS["names"].empty_table())


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
        table = self._table(species)
        rows = table.rows.filter(pc.equal(table.aliases, name))
        return tuple(dict.fromkeys(table.genes.take(rows).to_pylist()))

    def is_symbol(self, text: str, species: Species) -> bool:
        """Tell whether a text is the current symbol of a gene, in any case."""
        return self._table(species).row(folded(text)) is not None

    def symbol(self, text: str, species: Species) -> str:
        """Return a current symbol in its own spelling; empty where it is none."""
        table = self._table(species)
        row = table.row(folded(text))
        return "" if row is None else str(table.genes[row])

    def id_of(self, symbol: str, species: Species) -> str:
        """Return the Ensembl id of a symbol; empty where it is not known."""
        table = self._table(species)
        row = table.row(folded(symbol))
        return "" if row is None else str(table.ids[row])

    def _table(self, species: Species) -> _Table:
        if self._data is None:
            return _empty()
        now = stamp(self._data)
        with self._lock:
            known = self._tables.get(species)
            if known is None or known[0] != now:
                known = self._tables[species] = (now, self._read(self._data, species))
            return known[1]

    def _read(self, data: Path, species: Species) -> _Table:
        reference = references(data).get(f"names_{species}")
        return _empty() if reference is None else _Table.of(table(data, reference))


NO_NAMES = Names(None)
