"""Names of genes in gene sets and rankings, as an atlas has them: ids, aliases and former symbols replaced.

A list that somebody pastes is looked up name by name (`core.genes.lists`). A collection holds tens of thousands of
names, which are looked up together here, and only a sentence says what was replaced.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.genes import dates
from core.genes.aliases import symbols_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from core.atlas.gene_index import GeneIndex
    from core.genes.names import Names
    from core.genes.ortholog_table import Species

# In the sentence.
N_EXAMPLES: Final = 3


@dataclass(frozen=True)
class Renamed:
    """Names that an atlas has otherwise.

    Attributes
    ----------
    genes : display name in the atlas by the name that was given; only where these differ by more than case
    dates : dates that a spreadsheet made of names, with the sentence that says of which
    """

    genes: Mapping[str, str]
    dates: Mapping[str, str]

    @property
    def sentence(self) -> str:
        """Say how many names were replaced, with examples, and which are dates; empty where none is."""
        told: list[str] = []
        if self.genes:
            n = len(self.genes)
            some = ", ".join(f"{given} as {here}" for given, here in list(self.genes.items())[:N_EXAMPLES])
            told.append(
                f"{n:,} {'name was' if n == 1 else 'names were'} found by an alias, a former symbol or an id: "
                f"{some}{', …' if n > N_EXAMPLES else ''}."
            )
        if self.dates:
            more = len(self.dates) - N_EXAMPLES
            told += list(self.dates.values())[:N_EXAMPLES]
            told += (
                [f"{more:,} further {'name is a date' if more == 1 else 'names are dates'} too."] if more > 0 else []
            )
        return " ".join(told)

    def name(self, given: str) -> str:
        """Return the name in the atlas, or the name that was given."""
        return self.genes.get(given, given)


def renamed(index: GeneIndex, given: Iterable[str], names: Names, species: Species) -> Renamed:
    """Find names that the atlas has otherwise.

    Parameters
    ----------
    index
        Genes of the atlas.
    given
        Names of genes, as they stand in gene sets or in a file.
    names
        The fetched names.
    species
        Whose names they are.

    Notes
    -----
    A name of a gene here is never replaced. Any other one is, where it is the id, an alias or a former symbol of one
    gene and this gene is here under its current symbol, or under one alias that no other gene has.
    """
    found: dict[str, str] = {}
    days: dict[str, str] = {}
    unknown: list[str] = []
    own = frozenset(index.names)
    for text in dict.fromkeys(given):
        if text in own:
            continue
        if index.knows(text):
            here = index.only(text)
            if here is not None and index.names[here].casefold() != text.casefold():
                found[text] = index.names[here]
        elif date := dates.meant(text):
            days[text] = date.sentence
        else:
            unknown.append(text)
    if unknown:
        found |= _by_other_names(index, unknown, names, species)
    return Renamed(found, days)


def _by_other_names(index: GeneIndex, unknown: list[str], names: Names, species: Species) -> dict[str, str]:
    aliases, current = names.symbols_of_all(unknown, species), names.current(unknown, species)
    former = _former(index, names, species)
    found: dict[str, str] = {}
    for text in unknown:
        symbols = (text,) if text in current else aliases.get(text, ())
        if not symbols and species == "human":
            symbols = symbols_of(text, names)
        if len(symbols) != 1:
            continue
        here = index.only(symbols[0])
        name = former.get(symbols[0].casefold()) if here is None else index.names[here]
        if name is not None:
            found[text] = name
    return found


def _former(index: GeneIndex, names: Names, species: Species) -> dict[str, str]:
    """Genes of the atlas under a former symbol, by the current one; those that two genes here could be are left out."""
    old = names.symbols_of_all([name for name in index.names if name], species)
    found: dict[str, str] = {}
    twice: set[str] = set()
    for name, symbols in old.items():
        key = symbols[0].casefold()
        if len(symbols) == 1 and found.setdefault(key, name) != name:
            twice.add(key)
    return {key: name for key, name in found.items() if key not in twice}
