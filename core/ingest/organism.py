"""The species of a file, from its tables and ``uns``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.atlas.vocabulary import ENSEMBL, ID_COLUMNS, SYMBOL_COLUMNS
from core.genes.genomes import genomes_of
from core.genes.species import MIN_GENES, Told, guess_species
from core.ingest.gene_tables import first_texts, named_columns
from core.ingest.matrix import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from core.atlas.manifest import Species
    from core.ingest.h5ad import Source

OBS_COLUMNS = ("organism", "species", "organism_ontology_term_id")
# Of each gene: the taxon, as CELLxGENE writes it, and the genome, as Cell Ranger does.
VAR_COLUMNS = ("feature_reference", "genome", "organism", "species")
TEXTS = ("organism", "organism_ontology_term_id", "species")


def species_of(source: Source) -> Species:
    """Tell the species of a file from what it says and from the names of its genes, those of the wider table."""
    return _told(source).species


def untold(source: Source, names: Sequence[str]) -> list[str]:
    """Say that nothing tells the species of a file of many genes; nothing where something does."""
    if len(names) < MIN_GENES or _told(source).by:
        return []
    return ["Nothing in the file tells the species: import it with --species to have orthologs and examples."]


def _told(source: Source) -> Told:
    raw_var = source.raw_var
    wide = source.var if raw_var is None or len(raw_var) < len(source.var) else raw_var
    genes = [text_of(name) for name in wide.index]
    symbols = first_texts(wide, named_columns(wide), SYMBOL_COLUMNS) or []
    organisms, ids = _organisms(source), _ids(wide) or _ids(source.var)
    if ids and not genomes_of(genes):
        # They say more than the spelling of symbols, which some write in capitals for every species.
        return guess_species(organisms, ids, [*genes, *symbols])
    return guess_species(organisms, genes, symbols)


def _ids(table: pd.DataFrame) -> list[str]:
    """Return the Ensembl ids that a column gives for genes with other names; none where most are none."""
    texts = first_texts(table, named_columns(table), ID_COLUMNS) or []
    ids = [text for text in texts if ENSEMBL.fullmatch(text)]
    return ids if len(ids) > len(texts) / 2 else []


def _organisms(source: Source) -> list[str]:
    """List what the file names: by its cells and as a whole, else by its genes, spike-ins among them."""
    texts = [text for name in TEXTS if (text := source.uns.texts.get(name))]
    said = [*texts, *_distinct(source.obs, OBS_COLUMNS)]
    return said or [each for each in _distinct(source.var, VAR_COLUMNS) if guess_species([each], ()).species != "other"]


def _distinct(table: pd.DataFrame, columns: Sequence[str]) -> Iterator[str]:
    for name in columns:
        if name in table:
            yield from (text_of(value) for value in table[name].dropna().unique())
