"""Expression of one gene in the cell types of every atlas, under the name that the gene has there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pyarrow as pa

from core.analysis.distributions import CategorySummary, summarise
from core.analysis.expression import expression_of
from core.atlas.gene_index import is_ensembl, not_found
from core.atlas.spelling import cleaned, folded
from core.errors import AtlasError, InvalidQuery, NotFound, UnknownGene
from core.genes.aliases import beginning, explained, symbol_of, symbols_of
from core.genes.names import NO_NAMES
from core.genes.orthologs import absence, counterparts
from core.selection.model import Selection

if TYPE_CHECKING:
    from core.atlas.catalog import Catalog
    from core.atlas.manifest import Manifest
    from core.atlas.store import Atlas
    from core.genes.names import Names
    from core.genes.orthologs import Orthologs

ALL_CELLS = "All cells"
MAX_SUGGESTED = 5
COLUMNS = {
    "dataset": pa.string(), "gene": pa.string(), "id": pa.string(), "relation": pa.string(),
    "category": pa.string(), "n": pa.int64(), "n_expressing": pa.int64(),
    "pct_expressing": pa.float64(), "mean": pa.float64(), "unit": pa.string(), "simulated": pa.bool_(),
}  # fmt: skip


@dataclass(frozen=True)
class Here:
    """A gene as one atlas has it: by its `symbol`, or as the `ortholog` of the gene of another species.

    `of` is how many genes of the atlas answer to the name: of several paralogs none is chosen.
    """

    atlas: Atlas
    gene: str
    relation: Literal["symbol", "ortholog"]
    of: int


@dataclass(frozen=True)
class Missing:
    """An atlas in which the gene was not found, and why not, in a sentence."""

    manifest: Manifest
    why: str


@dataclass(frozen=True)
class GeneParams:
    """One gene of an atlas, by its display name: the question that is remembered."""

    gene: str


def find(catalog: Catalog, orthologs: Orthologs, gene: str) -> tuple[list[Here], list[Missing]]:
    """Look a gene up in every atlas, in the order of the catalogue.

    Raises
    ------
    UnknownGene
        No atlas has it; carries the nearest names.
    InvalidQuery
        It is not a name, or where it is one it fits several genes.
    """
    here: list[Here] = []
    missing: list[Missing] = []
    near: dict[str, None] = {}
    refused: InvalidQuery | None = None
    for manifest in catalog.manifests():
        try:
            atlas = catalog.get(manifest.id)
            names = names_in(atlas, gene, orthologs)
            here += [Here(atlas, name, relation, len(names)) for name, relation in names.items()]
        except AtlasError as error:
            missing.append(Missing(manifest, error.message))
            refused = error if isinstance(error, InvalidQuery) else refused
            near |= dict.fromkeys(error.suggestions if isinstance(error, NotFound) else ())
    symbols = symbols_of(gene, orthologs.names) if not here else ()
    if len(symbols) == 1 and symbols[0] != cleaned(gene):
        return find(catalog, orthologs, symbols[0])
    if symbols:
        remedy = f"Search for {' or '.join(symbols)}."
        raise UnknownGene(explained(gene, orthologs.names), remedy, suggestions=symbols)
    if not here:
        if refused is not None:
            raise refused
        names = tuple(near)[:MAX_SUGGESTED]
        remedy = f"Did you mean {', '.join(names)}?" if names else "Search by symbol or Ensembl id."
        raise UnknownGene(not_found(gene, "any atlas"), remedy, suggestions=names)
    return here, missing


def names_in(atlas: Atlas, gene: str, orthologs: Orthologs) -> dict[str, Literal["symbol", "ortholog"]]:
    """List the names of a gene in an atlas: every ortholog of a gene of another species, with the way it was found.

    Raises
    ------
    UnknownGene
        It is not there; says whether that is for want of an ortholog.
    InvalidQuery
        The name fits several genes.
    """
    found = counterparts(atlas, cleaned(gene), orthologs)
    try:
        name = atlas.genes.names[atlas.genes.resolve(gene, other=False)]
    except AtlasError as error:
        if found.here:
            return dict.fromkeys(found.here, "ortholog")
        if not isinstance(error, NotFound):
            raise
        raise UnknownGene(absence(gene, found) or error.message, error.remedy, suggestions=error.suggestions) from error
    if cleaned(name) == cleaned(gene):
        # A gene of this very species has no orthologs in it.
        return {name: "symbol"}
    if found.known and name not in found.here and not is_ensembl(gene):
        # Of another species, whose gene of that name in another case is no ortholog.
        if found.here:
            return dict.fromkeys(found.here, "ortholog")
        raise UnknownGene(absence(gene, found), f"It has a gene {name}.", suggestions=(name,))
    direct: Literal["symbol", "ortholog"] = "ortholog" if name in found.here else "symbol"
    return {name: direct, **dict.fromkeys((other for other in found.here if other != name), "ortholog")}


def by_cell_type(atlas: Atlas, params: GeneParams) -> pa.Table:
    """One gene in each cell type of an atlas, in the order of that column; in all cells where there is none.

    Returns
    -------
    `category`, `n`, `n_expressing`, `pct_expressing` and `mean` over all `n` cells, zeros included; categories without
    cells are left out.
    """
    expression = expression_of(atlas, params.gene)
    by = atlas.manifest.roles.get("cell_type")
    if by is None:
        n_expressing = int(np.count_nonzero(expression.values > 0))
        mean = float(expression.values.mean(dtype=np.float64))
        nan = float("nan")
        rows = [CategorySummary(ALL_CELLS, atlas.n_cells, n_expressing, mean, nan, nan, nan)]
    else:
        rows = [row for row in summarise(atlas, expression, by, Selection()) if row.n]
    names = ("category", "n", "n_expressing", "pct_expressing", "mean")
    return pa.table({name: pa.array([getattr(row, name) for row in rows], COLUMNS[name]) for name in names})


def labelled(here: Here, table: pa.Table) -> pa.Table:
    """Add atlas and name in front of the table of one gene, unit and whether it is simulated behind: API rows."""
    unit = here.atlas.layer().info.unit
    given: dict[str, str | bool] = {
        "dataset": here.atlas.id,
        "gene": here.gene,
        "id": here.atlas.genes.id_of(here.gene),
        "relation": here.relation,
        "unit": unit,
    }
    given["simulated"] = here.atlas.manifest.simulated
    n = table.num_rows
    columns = [table[name] if name not in given else pa.array([given[name]] * n, COLUMNS[name]) for name in COLUMNS]
    return pa.table(dict(zip(COLUMNS, columns, strict=True)))


def search(catalog: Catalog, text: str, limit: int, names: Names = NO_NAMES) -> dict[str, list[str]]:
    """Genes of all atlases that fit what has been typed so far, with the ids of the atlases that have them.

    Names as spelled first, then the symbol of which the text is another name, then those that differ in case, then
    shorter ones that begin so, then those that contain it. Atlases that cannot be read are passed over.
    """
    found: dict[str, list[str]] = {}
    symbols = beginning(text, names)
    for manifest in catalog.manifests():
        try:
            genes = catalog.get(manifest.id).genes
        except AtlasError:
            continue
        known = [genes.resolve(symbol, other=False) for symbol in symbols if genes.spelled(symbol)]
        for index in dict.fromkeys((*known, *genes.search(text, limit))):
            found.setdefault(genes.names[index], []).append(manifest.id)
    spelled, wanted, named = cleaned(text), folded(text), symbol_of(text, names)

    def rank(gene: str) -> tuple[bool, bool, bool, bool, int, str]:
        name = folded(gene)
        # One that was found by its Ensembl id does not contain the text.
        inside = wanted in name and not name.startswith(wanted)
        return cleaned(gene) != spelled, gene != named, name != wanted, inside, len(gene), gene

    return {gene: found[gene] for gene in sorted(found, key=rank)[:limit]}
