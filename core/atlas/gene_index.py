"""Finding genes by symbol, Ensembl id or the beginning of either, whatever the case."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from rapidfuzz import process

from core.errors import InvalidQuery, UnknownGene

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MAX_QUERY_LENGTH = 100
MAX_OPTIONS = 10


class GeneIndex:
    """The names of an atlas' genes.

    Parameters
    ----------
    names
        Unique display names (symbols where there are any), length n_genes.
    ids
        The names in the file's own index, length n_genes; may equal `names`.
    aliases
        Further searchable names of each gene (an Ensembl id kept beside the symbol), length n_genes or empty.

    Notes
    -----
    Case is folded only to find a name, never to change one: *Alb*, *ALB* and *alb* are different genes of different
    species, and an atlas may hold names that differ in case alone. Then the exact spelling decides.
    """

    def __init__(self, names: Sequence[str], ids: Sequence[str], aliases: Sequence[Sequence[str]] = ()) -> None:
        self.names = tuple(names)
        self.ids = tuple(ids)
        self._exact: dict[str, list[int]] = {}
        self._folded: dict[str, list[int]] = defaultdict(list)
        for kind in (self.names, self.ids, *aliases):
            exact: dict[str, list[int]] = {}
            folded: dict[str, list[int]] = {}
            for gene, text in enumerate(kind):
                if text:
                    exact.setdefault(text, []).append(gene)
                    folded.setdefault(text.casefold(), []).append(gene)
            for text, genes in folded.items():
                known = self._folded[text]
                known.extend(sorted(set(genes).difference(known)))
            # A gene shown as X goes before one that has X for an alias.
            self._exact = exact | self._exact
        self._keys = sorted(self._folded)

    def __len__(self) -> int:
        return len(self.names)

    def resolve(self, text: str) -> int:
        """Return the gene of that name.

        Raises
        ------
        UnknownGene
            No gene has that name; carries the nearest names.
        InvalidQuery
            The name fits several genes: they share it as a symbol, or it fits none of them exactly and several when
            case is ignored; or it is not a name.
        """
        genes = self._exact.get(text) or self._exact.get(text.strip())
        how = ""
        if not genes:
            text = text.strip()
            if not text or len(text) > MAX_QUERY_LENGTH:
                raise InvalidQuery(
                    f"A gene name has 1 to {MAX_QUERY_LENGTH} characters.",
                    "Give a symbol such as ALB, or an Ensembl id.",
                )
            genes, how = self._folded.get(text.casefold(), []), " when case is ignored"
        if len(genes) == 1:
            return genes[0]
        if genes:
            options = ", ".join(self.names[gene] for gene in genes[:MAX_OPTIONS])
            more = ", …" if len(genes) > MAX_OPTIONS else ""
            raise InvalidQuery(
                f"{text!r} fits {len(genes):,} genes{how}: {options}{more}.", "Use one of these spellings."
            )
        near = self.suggest(text)
        remedy = f"Did you mean {', '.join(near)}?" if near else "Search by symbol or Ensembl id."
        raise UnknownGene(f"This atlas has no gene {text!r}.", remedy, suggestions=near)

    def knows(self, text: str) -> bool:
        """Tell whether a gene has that name, in any case; then `resolve` finds the gene, or names the ambiguity."""
        return text in self._exact or text.strip().casefold() in self._folded

    def search(self, text: str, limit: int = 20) -> list[int]:
        """Genes that fit what has been typed so far: exact first, then by beginning, then containing it.

        An empty text gives the first genes of the atlas. At most `limit`, which is positive; no repeats.
        """
        wanted = text.strip().casefold()[:MAX_QUERY_LENGTH]
        if not wanted:
            return list(range(min(limit, len(self))))
        begins = [key for key in self._keys if key.startswith(wanted)]
        begins.sort(key=lambda key: (len(key), key))
        found = self._collect([wanted, *begins], limit)
        if len(found) < limit:
            found = self._collect([wanted, *begins, *(key for key in self._keys if wanted in key)], limit)
        return found

    def suggest(self, text: str, limit: int = 5) -> tuple[str, ...]:
        """Suggest the names nearest in spelling, best first."""
        near = process.extract(text.casefold(), self._keys, limit=limit, score_cutoff=60)
        return tuple(self.names[gene] for gene in self._collect([str(key) for key, _, _ in near], limit))

    def _collect(self, keys: Iterable[str], limit: int) -> list[int]:
        found: dict[int, None] = {}
        for key in keys:
            for gene in self._folded.get(key, ()):
                found[gene] = None
                if len(found) == limit:
                    return list(found)
        return list(found)
