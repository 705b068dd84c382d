"""The tables of the demo as arrays: what is expected of every gene in every cell type of one species.

The expected log expression of gene j in cell c is a sum::

    level[type, j] + zonation(z) @ gradient[:, j] + activity[c] @ loading[:, j] + donor[sample, j]

`Biology` holds what the species share and `Blueprint` what one species makes of it: its own genes, its drift from the
common ancestor, and paralogs that have each lost part of the ancestral expression (subfunctionalisation [1]_).

References
----------
.. [1] Force A et al. Preservation of duplicate genes by complementary, degenerative mutations. Genetics 1999.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from core.demo import orthologs
from core.demo.cell_types import CELL_TYPES, library, members
from core.demo.programs import PROGRAMS, human_genes
from core.demo.programs.hepatocyte import CENTRAL_EDGE, MIDZONAL, PERICENTRAL, PERIPORTAL, SIMPSON_PAIR
from core.demo.programs.universal import LEVELS
from core.genes.ortholog_table import Species

F64 = npt.NDArray[np.float64]

BACKGROUND: Final = (4.0, 6.5)
"""Range, in natural log units, by which a gene lies lower in cell types that do not express it: a uniform draw."""

ZONATION_STRENGTH: Final[dict[Species, float]] = {"human": 0.85, "mouse": 1.0, "zebrafish": 0.45}
"""Scale of the zonation gradients: clear in the mouse lobule, weaker where lobules are less regular; fish have none."""

DRIFT: Final[dict[Species, float]] = {"human": 0.0, "mouse": 0.35, "zebrafish": 0.5}
"""Standard deviation of a gene's log level between a species and man."""


@dataclass(frozen=True, slots=True)
class Biology:
    """Biology that the species share, on the human genes.

    Parameters
    ----------
    level
        (n_cell_types, n_genes) natural log of the abundance, in counts per 10,000 of the panel.
    gradient
        (3, n_genes) coefficients of the zonation basis of `zonation_basis`.
    loading
        (n_programs, n_genes) response of the log abundance to the activity of a programme; 0 outside it.
    dispersion
        (n_genes,) of the negative binomial: variance = mean + dispersion * mean**2.
    """

    level: F64
    gradient: F64
    loading: F64
    dispersion: F64


@dataclass(frozen=True, slots=True)
class Blueprint:
    """Biology of one species: the arrays of `Biology` on its own genes, and their names.

    Parameters
    ----------
    species
        Which one.
    symbols
        (n_genes,) in the species' own nomenclature, unique.
    human
        (n_genes,) the human gene each of them follows.
    library
        (n_cell_types,) median counts a cell over these genes.
    level, gradient, loading, dispersion
        As in `Biology`, on these genes.
    """

    species: Species
    symbols: tuple[str, ...]
    human: tuple[str, ...]
    library: F64
    level: F64
    gradient: F64
    loading: F64
    dispersion: F64


def expressing() -> npt.NDArray[np.bool_]:
    """Return which cell types run which programme: (n_cell_types, n_programs) bool."""
    runs = np.zeros((len(CELL_TYPES), len(PROGRAMS)), dtype=np.bool_)
    for column, program in enumerate(PROGRAMS):
        for name in program.cells:
            runs[[CELL_TYPES.index(cell_type) for cell_type in members(name)], column] = True
    return runs


def zonation_basis(coordinate: F64) -> F64:
    """Evaluate the shapes of zonation along the porto-central axis.

    Parameters
    ----------
    coordinate
        (n,) from 0, periportal, to 1, pericentral; NaN off the axis.

    Returns
    -------
    (n, 3) float64: a line, a step at the last layers around the central vein, a midzonal bump. 0 where NaN.
    """
    z = np.where(np.isnan(coordinate), 0.5, coordinate)
    line = z - 0.5
    edge = 1.0 / (1.0 + np.exp(-(z - 0.85) / 0.04))
    bump = np.exp(-(((z - 0.5) / 0.18) ** 2)) - 0.5
    return np.column_stack([line, edge, bump]) * ~np.isnan(coordinate)[:, None]


def draw_biology(rng: np.random.Generator) -> Biology:
    """Draw the quantities that the tables leave open: levels around their programme's, backgrounds, loadings."""
    genes = human_genes()
    index = {gene: j for j, gene in enumerate(genes)}
    n_types, n_genes = len(CELL_TYPES), len(genes)
    jitter = rng.normal(0.0, 0.45, n_genes)
    background = rng.uniform(*BACKGROUND, n_genes)
    steepness = rng.uniform(0.7, 1.3, n_genes)
    dispersion = 0.25 * rng.lognormal(0.0, 0.5, n_genes)

    runs = expressing()
    on = np.full((n_types, n_genes), -np.inf)
    loading = np.zeros((len(PROGRAMS), n_genes))
    for row, program in enumerate(PROGRAMS):
        weights = rng.uniform(0.7, 1.2, len(program.genes))
        for gene, weight in zip(program.genes, weights, strict=True):
            j = index[gene]
            loading[row, j] = 1.0 if gene in SIMPSON_PAIR else weight
            level = LEVELS[gene] if gene in LEVELS else program.level + jitter[j]
            on[runs[:, row], j] = np.maximum(on[runs[:, row], j], level)
    level = np.where(np.isinf(on), on.max(axis=0) - background, on)
    return Biology(level, _gradients(index, steepness), loading, dispersion)


def _gradients(index: dict[str, int], steepness: F64) -> F64:
    """Zonation coefficients: a full swing of e**3.4 along the axis for a gene of average steepness."""
    gradient = np.zeros((3, len(index)))
    line, edge, bump = gradient
    for gene in PERIPORTAL.genes:
        line[index[gene]] = -3.4
    for gene in PERICENTRAL.genes:
        line[index[gene]] = 3.4
    for gene in CENTRAL_EDGE:
        line[index[gene]] = 0.5
        edge[index[gene]] = 3.2
    for gene in MIDZONAL.genes:
        bump[index[gene]] = 1.8
    return gradient * steepness


def draw_blueprint(biology: Biology, species: Species, rng: np.random.Generator) -> Blueprint:
    """Draw what a species makes of the common biology.

    Every gene drifts from the human level; each paralog also loses a part of the ancestral expression, by its own
    draw in every cell type, and follows its programmes less tightly.
    """
    table = orthologs.genes(species)
    position = {gene: j for j, gene in enumerate(human_genes())}
    take = np.array([position[human] for _, human, _ in table])
    rank = np.array([rank for _, _, rank in table])
    n_types, n_genes = len(CELL_TYPES), len(table)

    duplicated = rank >= 0
    level = biology.level[:, take] + rng.normal(0.0, 1.0, n_genes) * DRIFT[species]
    level -= duplicated * (rank > 0) * rng.uniform(0.2, 1.4, n_genes)
    level -= duplicated * rng.gamma(1.0, 0.5, (n_types, n_genes))
    loading = biology.loading[:, take] * np.where(duplicated, rng.uniform(0.35, 1.0, n_genes), 1.0)
    return Blueprint(
        species=species,
        symbols=tuple(symbol for symbol, _, _ in table),
        human=tuple(human for _, human, _ in table),
        library=library(),
        level=level,
        gradient=biology.gradient[:, take] * ZONATION_STRENGTH[species],
        loading=loading,
        dispersion=biology.dispersion[take],
    )


def restrict(blueprint: Blueprint, symbols: list[str], names: list[str]) -> Blueprint:
    """Keep the genes ``symbols`` of a blueprint, in that order, name them ``names``, drop the other counts."""
    position = {symbol: j for j, symbol in enumerate(blueprint.symbols)}
    take = [position[symbol] for symbol in symbols]
    abundance = np.exp(blueprint.level)
    kept = abundance[:, take].sum(axis=1) / abundance.sum(axis=1)
    return Blueprint(
        species=blueprint.species,
        symbols=tuple(names),
        human=tuple(blueprint.human[j] for j in take),
        library=blueprint.library * kept,
        level=blueprint.level[:, take],
        gradient=blueprint.gradient[:, take],
        loading=blueprint.loading[:, take],
        dispersion=blueprint.dispersion[take],
    )
