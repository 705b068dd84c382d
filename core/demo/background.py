"""Genes outside the programmes: what fills a transcriptome, and disease effects of known size on some of them.

The programmes of `core.demo.programs` hold about a thousand genes, fewer than a tenth of any collection of gene sets.
The background adds real symbols with their orthologs, long noncoding and unannotated genes among them. Their means
spread as in a real liver, over four orders of magnitude; dispersions have a heavy tail [1]_; a fifth are confined to
few cell types; donors and batches differ [2]_; and in every cell type a few change with disease, by effects that
`Background.effect` tells.

References
----------
.. [1] Zappia L, Phipson B, Oshlack A. Splatter: simulation of single-cell RNA sequencing data. Genome Biology 2017.
.. [2] Squair JW et al. Confronting false discoveries in single-cell differential expression. Nature Communications
   2021.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import numpy as np
import numpy.typing as npt
from scipy import sparse

from core.demo.blueprint import DRIFT
from core.demo.cell_types import CELL_TYPES, GROUPS, ZONES
from core.demo.donors import N_DONORS
from core.system.threads import pool

if TYPE_CHECKING:
    from core.demo.donors import Donors
    from core.genes.ortholog_table import Species

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
F32 = npt.NDArray[np.float32]

FILE: Final = Path(__file__).with_suffix(".tsv")
NONE: Final = "-"

MEAN_SD: Final = 1.7
"""Standard deviation of the log mean of a gene."""

NONCODING: Final = -1.5
"""Shift of the log mean of genes without a counterpart in mouse."""

TYPE_SD: Final = 0.35
"""Standard deviation of the log level of a gene between cell types."""

RESTRICTED: Final = 0.2
"""Share of genes that are confined to one to four cell types, and lie lower elsewhere by `ELSEWHERE`."""

ELSEWHERE: Final = (1.5, 4.0)

DONOR_SD: Final = (0.2, 0.4)
"""Median over the genes, and log spread, of the standard deviation of a gene's log level between donors."""

BATCH_SD: Final = 0.12

DISPERSION: Final = (0.4, 0.8)
"""Median and log spread of the dispersions of the genes."""

CHANGED: Final = 0.025
"""Share of the genes of a cell type that change with disease."""

EFFECT: Final = (0.6, 2.0)
"""Range of the size of such a change in cirrhosis against health, log2."""

COURSE: Final = (0.0, 0.4, 0.8, 1.0)
"""Part of the change that each group shows."""

LIBRARY: Final = {**dict.fromkeys(ZONES, 3400.0), "Cholangiocyte": 2600.0, "Neutrophil": 900.0}
"""Median counts a cell over the background; `OTHER_LIBRARY` for the types not named."""

OTHER_LIBRARY: Final = 1900.0

OUTLIER: Final = 9
"""Index of the donor of poor quality: few counts, much ambient RNA, levels of its own."""

AMBIENT: Final = 0.02
"""Share of a cell's counts that come from the donor's ambient RNA."""

LIBRARY_SD: Final = 0.38
"""Standard deviation of the log library size within a cell type and donor."""

CHUNK: Final = 1024
"""Cells drawn at a time."""

OUTLIER_DEPTH: Final = 0.4
OUTLIER_AMBIENT: Final = 6.0
OUTLIER_SD: Final = 0.5

BATCH: Final = np.tile([0, 0, 1, 1], len(GROUPS))
"""Batch of each donor: two of each group, one of either sex, in each."""


@dataclass(frozen=True, slots=True)
class Shared:
    """Quantities that the species share, on the human genes: natural logs.

    Parameters
    ----------
    genes : (n_genes,) human symbols
    level : (n_cell_types, n_genes), relative
    dispersion, donor_sd, batch : (n_genes,)
    effect : (n_cell_types, n_genes) change in cirrhosis against health; 0 for most
    """

    genes: tuple[str, ...]
    level: F64
    dispersion: F64
    donor_sd: F64
    batch: F64
    effect: F64


@dataclass(frozen=True, slots=True)
class Background:
    """The background of one species and its donors.

    Parameters
    ----------
    symbols, human : (n_genes,) and the human gene that each follows
    profile : (n_cell_types, n_genes) float32, log of the share of the counts of the background
    donor : (n_donors, n_genes) float32, log
    effect : (n_groups, n_cell_types, n_genes) float32, log, of a donor of severity 1
    dispersion : (n_genes,) float32
    library : (n_cell_types,) median counts
    """

    symbols: tuple[str, ...]
    human: tuple[str, ...]
    profile: F32
    donor: F32
    effect: F32
    dispersion: F32
    library: F64


@cache
def table() -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Read the genes: human symbol, mouse symbol or ``-``, zebrafish symbols."""
    lines = [line for line in FILE.read_text("utf-8").splitlines() if not line.startswith("#")][1:]
    rows = (line.split("\t") for line in lines)
    return tuple((human, mouse, tuple(fish.split(",")) if fish != NONE else ()) for human, mouse, fish in rows)


def genes(species: Species) -> list[tuple[str, int, int]]:
    """List the genes of a species: symbol, row of `table`, and rank among the paralogs (-1 without any)."""
    found: list[tuple[str, int, int]] = []
    for row, (human, mouse, fish) in enumerate(table()):
        if species == "human":
            found.append((human, row, -1))
        elif species == "mouse":
            found += [(mouse, row, -1)] if mouse != NONE else []
        else:
            found += [(symbol, row, rank if len(fish) > 1 else -1) for rank, symbol in enumerate(fish)]
    return found


def one_to_one() -> list[int]:
    """Return the rows of `table` with exactly one ortholog in mouse and in zebrafish."""
    return [row for row, (_, mouse, fish) in enumerate(table()) if mouse != NONE and len(fish) == 1]


def draw_shared(rng: np.random.Generator) -> Shared:
    """Draw what the species share."""
    rows = table()
    n_types, n_genes = len(CELL_TYPES), len(rows)
    mean = rng.normal(0.0, MEAN_SD, n_genes) + np.where([mouse == NONE for _, mouse, _ in rows], NONCODING, 0.0)
    level = mean + rng.normal(0.0, TYPE_SD, (n_types, n_genes))
    # A restricted gene keeps its level in one to four types, the three hepatocytes together.
    kept = rng.random((n_types, n_genes)).argsort(axis=0) < rng.integers(1, 5, n_genes)
    kept[: len(ZONES)] = kept[: len(ZONES)].any(axis=0)
    restricted = rng.random(n_genes) < RESTRICTED
    level -= np.where(restricted & ~kept, rng.uniform(*ELSEWHERE, (n_types, n_genes)), 0.0)
    changed = rng.random((n_types, n_genes)) < CHANGED
    effect = changed * rng.choice([-1.0, 1.0], changed.shape) * rng.uniform(*EFFECT, changed.shape) * np.log(2)
    # Zones of the lobule respond alike.
    effect[: len(ZONES)] = effect[0]
    return Shared(
        tuple(human for human, _, _ in rows),
        level,
        DISPERSION[0] * rng.lognormal(0.0, DISPERSION[1], n_genes),
        DONOR_SD[0] * rng.lognormal(0.0, DONOR_SD[1], n_genes),
        rng.normal(0.0, BATCH_SD, n_genes),
        effect,
    )


def draw_background(
    shared: Shared, species: Species, rng: np.random.Generator, *, integrated: bool = False
) -> Background:
    """Draw the background of a species and of its donors; integrated, only genes with one ortholog in each."""
    rows = [(shared.genes[row], row, -1) for row in one_to_one()] if integrated else genes(species)
    take = np.array([row for _, row, _ in rows])
    rank = np.array([rank for _, _, rank in rows])
    n_genes = len(rows)
    level = shared.level[:, take] + rng.normal(0.0, 1.0, n_genes) * DRIFT[species]
    # Paralogs have each lost a part of the ancestral expression.
    level -= (rank >= 0) * (0.5 * np.maximum(rank, 0) + rng.gamma(1.0, 0.5, level.shape))
    profile = level - np.log(np.exp(level).sum(axis=1, keepdims=True))
    donor = rng.standard_normal((N_DONORS, n_genes)) * shared.donor_sd[take]
    donor += np.where(BATCH == 1, 0.5, -0.5)[:, None] * shared.batch[take]
    donor[OUTLIER] += rng.normal(0.0, OUTLIER_SD, n_genes)
    return Background(
        tuple(symbol for symbol, _, _ in rows),
        tuple(shared.genes[row] for row in take),
        profile.astype(np.float32),
        donor.astype(np.float32),
        (np.array(COURSE)[:, None, None] * shared.effect[:, take]).astype(np.float32),
        shared.dispersion[take].astype(np.float32),
        np.array([LIBRARY.get(name, OTHER_LIBRARY) for name in CELL_TYPES]),
    )


def draw_counts(
    background: Background, donors: Donors, cells: tuple[I64, I64], rng: np.random.Generator, threads: int = 1
) -> sparse.csr_matrix:
    """Draw the counts of every cell, (n_cells, n_genes) int32: negative binomial, around the profile of its type.

    Parameters
    ----------
    cells : (n_cells,) codes of donor and of cell type
    threads : chunks drawn at a time; each has a generator of its own, so their number changes nothing
    """
    donor, cell_type = cells
    ambient = (donors.composition @ np.exp(background.profile)).astype(np.float32)
    starts = range(0, len(donor), CHUNK)

    def chunk(start: int, own: np.random.Generator) -> sparse.csr_matrix:
        part = slice(start, start + CHUNK)
        return _chunk(background, donors, (donor[part], cell_type[part]), ambient, own)

    with pool("simulate", threads) as workers:
        parts = list(workers.map(chunk, starts, rng.spawn(len(starts))))
    return cast("sparse.csr_matrix", sparse.vstack(parts, format="csr"))


def _chunk(
    background: Background, donors: Donors, cells: tuple[I64, I64], ambient: F32, rng: np.random.Generator
) -> sparse.csr_matrix:
    donor, cell_type = cells
    # Cells of one donor and type share their expectation but for the library.
    pairs, which = np.unique(np.column_stack(cells), axis=0, return_inverse=True)
    of, kind = pairs[:, 0], pairs[:, 1]
    eta = background.profile[kind] + background.donor[of]
    eta += donors.severity.astype(np.float32)[of, None] * background.effect[donors.group[of], kind]
    expected = np.exp(eta)
    expected /= expected.sum(axis=1, keepdims=True)
    leak = (AMBIENT * np.where(of == OUTLIER, OUTLIER_AMBIENT, 1.0)).astype(np.float32)[:, None]
    expected = (1 - leak) * expected + leak * ambient[of]
    library = background.library[cell_type] * donors.depth[donor] * rng.lognormal(0.0, LIBRARY_SD, len(donor))
    mean = expected[which.ravel()]
    mean *= library.astype(np.float32)[:, None]
    shape = 1.0 / background.dispersion
    mean *= rng.standard_gamma(np.broadcast_to(shape, mean.shape), dtype=np.float32) / shape
    return sparse.csr_matrix(np.asarray(rng.poisson(mean), dtype=np.int32))
