"""Finding genes by symbol, Ensembl id or the beginning of either: as spelled, else whatever the case."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from rapidfuzz import process

from core.atlas.spelling import cleaned, folded
from core.atlas.vocabulary import ENSEMBL
from core.errors import InvalidQuery, UnknownGene

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

MAX_QUERY_LENGTH = 100
MAX_OPTIONS = 10


def is_ensembl(text: str) -> bool:
    """Tell whether a name has the form of an Ensembl gene id, with or without a version."""
    return bool(ENSEMBL.fullmatch(cleaned(text)))


def not_found(text: str, where: str) -> str:
    """Say that a name is no gene of an atlas; an overlong name is cut."""
    return f'"{cleaned(text)[:80]}" was not found in {where}.'


class OtherName(NamedTuple):
    """Genes that a name may mean which is not theirs in the atlas.

    Attributes
    ----------
    genes : display names of those that the atlas has
    sentence : says of what it is another name
    sure : whether it means one gene, and nothing else
    """

    genes: tuple[str, ...]
    sentence: str
    sure: bool


class _Names(NamedTuple):
    """Names of genes, and the genes that have each: as spelled, cleaned where that differs, folded and in order."""

    exact: dict[str, list[int]]
    cleaned: dict[str, list[int]]
    folded: dict[str, list[int]]
    keys: list[str]


def _names_of(kinds: Iterable[Sequence[str]]) -> _Names:
    """Index several kinds of names, each of which goes behind those before."""
    exact: dict[str, list[int]] = {}
    clean: dict[str, list[int]] = {}
    folds: dict[str, list[int]] = defaultdict(list)
    for kind in kinds:
        own: dict[str, list[int]] = {}
        own_clean: dict[str, list[int]] = {}
        fold: dict[str, list[int]] = {}
        for gene, text in enumerate(kind):
            if not text:
                continue
            own.setdefault(text, []).append(gene)
            if name := cleaned(text):
                fold.setdefault(name.casefold(), []).append(gene)
                if name != text:
                    own_clean.setdefault(name, []).append(gene)
        for text, genes in fold.items():
            known = folds[text]
            if genes != known:
                known.extend(sorted(set(genes).difference(known)) if known else genes)
        # A gene shown as X goes before one that has X for an alias.
        exact = own | exact
        clean = own_clean | clean
    return _Names(exact, clean, dict(folds), sorted(folds))


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
    atlas
        Name of the atlas, for messages.
    other
        Finds a gene by a name that is not its own here, such as an alias; see `core.genes.aliases.other_name`.

    Notes
    -----
    Case is folded only to find a name, never to change one: *Alb*, *ALB* and *alb* are different genes of different
    species, and an atlas may hold names that differ in case alone. Then the exact spelling decides. Invisible marks,
    typographic hyphens and blanks at the ends are ignored likewise (`core.atlas.spelling`). ``SYMBOL (ID)``, as the
    product itself writes genes, is found where both are names of one gene.
    """

    def __init__(
        self,
        names: Sequence[str],
        ids: Sequence[str],
        aliases: Sequence[Sequence[str]] = (),
        *,
        atlas: str = "this atlas",
        other: Callable[[GeneIndex, str], OtherName | None] | None = None,
    ) -> None:
        self.atlas = atlas
        self._other = other
        self.names = tuple(names)
        self.ids = tuple(ids)
        # Of a file without symbols, names and ids are the same.
        self._kinds = tuple(dict.fromkeys((self.names, self.ids, *map(tuple, aliases))))

    @cached_property
    def _shown(self) -> dict[str, int]:
        """Genes by their display names."""
        return {name: gene for gene, name in enumerate(self.names) if name}

    @cached_property
    def _known(self) -> _Names:
        """Every name of every gene; made for the first name that is not simply the display name of a gene."""
        return _names_of(self._kinds)

    def __len__(self) -> int:
        return len(self.names)

    def resolve(self, text: str, *, other: bool = True) -> int:
        """Return the gene of that name, or the only gene of which it is another name.

        Parameters
        ----------
        text
            The name.
        other
            Whether other names count.

        Raises
        ------
        UnknownGene
            No gene has that name; carries the nearest names.
        InvalidQuery
            The name fits several genes: they share it as a symbol, or it fits none of them exactly and several when
            case is ignored; or it is not a name.
        """
        genes, how = self._find(text)
        if not genes:
            text = text.strip()
            if not text or len(text) > MAX_QUERY_LENGTH:
                raise InvalidQuery(
                    f"A gene name has 1 to {MAX_QUERY_LENGTH} characters.",
                    "Give a symbol such as ALB, or an Ensembl id.",
                )
        if len(genes) == 1:
            return genes[0]
        if genes:
            options = ", ".join(self.names[gene] for gene in genes[:MAX_OPTIONS])
            more = ", …" if len(genes) > MAX_OPTIONS else ""
            raise InvalidQuery(
                f"{text.strip()!r} fits {len(genes):,} genes{how}: {options}{more}.", "Use one of these spellings."
            )
        meant = self.other_name(text) if other else None
        if meant is not None and meant.sure:
            return self.resolve(meant.genes[0], other=False)
        raise self._unknown(text, meant)

    def other_name(self, text: str) -> OtherName | None:
        """Return what a name may mean that no gene has; None for the name of a gene, or where nothing is known."""
        if self._other is None or not text.strip() or len(text) > MAX_QUERY_LENGTH or self.knows(text):
            return None
        return self._other(self, text)

    def knows(self, text: str) -> bool:
        """Tell whether a gene has that name, in any case; then `resolve` finds the gene, or names the ambiguity."""
        return bool(self._find(text)[0])

    def only(self, text: str) -> int | None:
        """Return the only gene of that name, in any case; None where there is none, or several."""
        genes, _ = self._find(text)
        return genes[0] if len(genes) == 1 else None

    def spelled(self, text: str) -> list[int]:
        """List the genes that have exactly this name; invisible marks and blanks at its ends do not count."""
        if (gene := self._shown.get(text)) is not None:
            return [gene]
        name, exact = cleaned(text), self._known.exact
        found = (exact.get(text), exact.get(text.strip()), exact.get(name), self._known.cleaned.get(name))
        return next((genes for genes in found if genes), []) if name or text in exact else []

    def id_of(self, name: str) -> str:
        """Return the id of the gene with a display name, as it stands in the file's own index."""
        return self._ids[name]

    @cached_property
    def _ids(self) -> dict[str, str]:
        return dict(zip(self.names, self.ids, strict=True))

    @property
    def keys(self) -> Sequence[str]:
        """Every name of every gene, folded, in ascending order."""
        return self._known.keys

    def search(self, text: str, limit: int = 20) -> list[int]:
        """Genes that fit what has been typed so far: as spelled, whatever the case, by beginning, then containing it.

        An empty text gives the first genes of the atlas. At most `limit`, which is positive; no repeats.
        """
        wanted = folded(text)[:MAX_QUERY_LENGTH]
        if not wanted:
            return list(range(min(limit, len(self))))
        begins = [key for key in self._known.keys if key.startswith(wanted)]
        begins.sort(key=lambda key: (len(key), key))
        first = [*self.spelled(text), *self._find(text)[0]]
        found = self._collect([wanted, *begins], limit, first)
        if len(found) < limit:
            found = self._collect([wanted, *begins, *(key for key in self._known.keys if wanted in key)], limit, first)
        return found

    def suggest(self, text: str, limit: int = 5) -> tuple[str, ...]:
        """Suggest the names nearest in spelling, best first; none for an Ensembl id."""
        # An id that differs in one digit belongs to another gene altogether.
        if is_ensembl(text):
            return ()
        near = process.extract(folded(text), self._known.keys, limit=limit, score_cutoff=60)
        return tuple(self.names[gene] for gene in self._collect([str(key) for key, _, _ in near], limit))

    @cached_property
    def _versions(self) -> dict[str, list[int]]:
        """Genes by their Ensembl ids, folded and without versions."""
        found: dict[str, list[int]] = {}
        for key in filter(is_ensembl, self._known.keys):
            genes = found.setdefault(key.partition(".")[0], [])
            genes.extend(gene for gene in self._known.folded[key] if gene not in genes)
        return found

    def _unknown(self, text: str, meant: OtherName | None = None) -> UnknownGene:
        if meant is not None:
            listed = ", ".join(meant.genes)
            remedy = f"Of these it has {listed}: use that name if it is meant." if listed else ""
            return UnknownGene(f"{not_found(text, self.atlas)} {meant.sentence}", remedy, suggestions=meant.genes)
        near = self.suggest(text)
        if near:
            remedy = f"Did you mean {', '.join(near)}?"
        elif is_ensembl(text) and not self.has_ensembl:
            remedy = "It has no Ensembl ids: search by symbol."
        else:
            remedy = "Check the species, or search by symbol or Ensembl id."
        return UnknownGene(not_found(text, self.atlas), remedy, suggestions=near)

    @cached_property
    def has_ensembl(self) -> bool:
        """True where genes can be found by their Ensembl ids."""
        return any(map(is_ensembl, self._known.keys))

    def _find(self, text: str) -> tuple[list[int], str]:
        """Return the genes of a name, and in words how they were found, where it was not as spelled."""
        if genes := self.spelled(text):
            return genes, ""
        name = folded(text)
        if genes := self._known.folded.get(name, []) if name else []:
            return genes, " when case is ignored"
        # The version at the end of an Ensembl id is not part of its identity.
        if is_ensembl(name) and (genes := self._versions.get(name.partition(".")[0], [])):
            return genes, " when the version is ignored"
        head, _, tail = name.rpartition(" (")
        if head and tail.endswith(")"):
            both = set(self._known.folded.get(head, ())) & set(self._known.folded.get(tail[:-1], ()))
            return sorted(both), " when case is ignored"
        return [], ""

    def _collect(self, keys: Iterable[str], limit: int, first: Sequence[int] = ()) -> list[int]:
        found: dict[int, None] = dict.fromkeys(first[:limit])
        for key in keys:
            if len(found) == limit:
                break
            for gene in self._known.folded.get(key, ()):
                found[gene] = None
                if len(found) == limit:
                    return list(found)
        return list(found)
