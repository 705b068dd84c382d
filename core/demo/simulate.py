"""Simulate a MASLD liver: negative-binomial counts with real structure, from one seed.

Each cell c of type t, donor d and zonation coordinate z draws, for each gene j of the panel,

- a log abundance ``level[t, j] + zonation(z) @ gradient[:, j] + activity[c] @ loading[:, j] + donor[d, j]``, normalised
  to a profile over the panel; the activities of the programmes are latent, differ from cell to cell and shift with
  the group times the donor's severity;
  besides, each cell leans somewhat towards a neighbouring type;
- an expectation: the profile, with a share of ambient RNA of the donor mixed in [1]_, times a log-normal library size;
- a count from a gamma-Poisson mixture with the gene's dispersion, that is a negative binomial [2]_ [3]_.

Zonation flattens with disease. One pair of genes shows a Simpson's paradox on purpose:
`core.demo.programs.hepatocyte.SIMPSON_PAIR`.

References
----------
.. [1] Young MD, Behjati S. SoupX removes ambient RNA contamination from droplet-based single-cell RNA sequencing data.
   GigaScience 2020.
.. [2] Zappia L, Phipson B, Oshlack A. Splatter: simulation of single-cell RNA sequencing data. Genome Biology 2017.
.. [3] Svensson V. Droplet scRNA-seq is not zero-inflated. Nature Biotechnology 2020.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal, cast, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from core import __version__
from core.demo import orthologs
from core.demo.background import (
    AMBIENT,
    BATCH,
    LIBRARY_SD,
    OUTLIER,
    OUTLIER_AMBIENT,
    OUTLIER_DEPTH,
    OUTLIER_SD,
    Shared,
    draw_background,
    draw_counts,
    draw_shared,
)
from core.demo.blueprint import (
    Biology,
    Blueprint,
    draw_biology,
    draw_blueprint,
    expressing,
    restrict,
    zonation_basis,
)
from core.demo.cell_types import CELL_TYPES, GROUPS, ZONES, leaning
from core.demo.donors import N_DONORS, STAGES, Donors, draw_donors
from core.demo.programs import PROGRAMS
from core.demo.truth import truth_table
from core.errors import InvalidInput
from core.genes import ortholog_table
from core.genes.ortholog_table import Species

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

Kind = Literal["human", "mouse", "zebrafish", "integrated"]

LEANING: Final = (0.6, 4.0)
"""Parameters of the beta distribution of how far a cell leans towards the neighbouring type: 0.13 on average."""

FLATTENING: Final = (1.0, 0.95, 0.8, 0.6)
"""Factor on the zonation gradients in each group."""

SWITCHED_ON: Final = 6.0
"""Activity of a switch-like programme (the cell cycle) in the cells where it is on."""

RARE: Final = ("Hepatic stellate cell", "Kupffer cell", "Scar-associated macrophage")
FEWEST: Final = 20
"""Cells a donor of each of the types `RARE`, in donors of at least `ENOUGH` cells."""

ENOUGH: Final = 400

_CHUNK: Final = 2048
"""Cells simulated at a time: a few arrays of 16 MB."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """A simulated atlas.

    Parameters
    ----------
    counts
        (n_cells, n_genes) int32 CSR with sorted indices and no stored zeros, raw counts.
    obs
        (n_cells) rows, index of unique cell names, columns CellType, Group (ordered), Sample, Zonation (0 periportal to
        1 pericentral, NaN off hepatocytes), Sex, NAS (0 to 8), FibrosisStage (ordered), and Species when integrated.
    var
        (n_genes) rows, index of unique symbols, column Human: the human gene whose pattern the gene follows.
    title, citation
        What it is called, and the sentence that says it is simulated.
    species
        What was asked for.
    truth
        Planted changes with disease; see `core.demo.truth.truth_table`. Integrated: with a column Species.
    """

    counts: sparse.csr_matrix
    obs: pd.DataFrame
    var: pd.DataFrame
    title: str
    citation: str
    species: Kind
    truth: pd.DataFrame


def simulate(species: Kind, n_cells: int, seed: int, *, background: bool = False, threads: int = 1) -> Simulated:
    """Simulate a MASLD liver.

    Parameters
    ----------
    species
        "human", "mouse", "zebrafish"; or "integrated": the three together, a third of the cells each, with their own
        donors, on the human symbols of the genes with exactly one ortholog in each.
    n_cells
        At least one a donor: 16, or 48 when integrated. Cells are ordered by donor; donors differ in their share.
    seed
        Not negative. The same arguments give the same bytes, with the same version of numpy.
    background
        Also draw some 12,000 genes outside the programmes, batches (a column Batch), one donor of poor quality, and at
        least `FEWEST` stellate cells, Kupffer cells and scar-associated macrophages a donor where there are cells
        enough.
    threads
        Threads that draw the background; their number changes nothing.

    Raises
    ------
    InvalidInput
        The species is unknown, there are fewer cells than donors, or the seed is negative.
    """
    if species not in get_args(Kind):
        raise InvalidInput(f"No simulated liver of {species!r}.", f"Choose one of {', '.join(get_args(Kind))}.")
    parts: tuple[Species, ...] = ortholog_table.SPECIES if species == "integrated" else (species,)
    fewest = N_DONORS * len(parts)
    if n_cells < fewest:
        raise InvalidInput(
            f"{n_cells:,} cells are too few for the {fewest} donors of the simulated {species} liver.",
            f"Ask for at least {fewest}.",
        )
    if seed < 0:
        raise InvalidInput(f"The seed {seed} is negative.", "Choose 0 or more.")

    rng = np.random.default_rng(seed)
    biology = draw_biology(rng)
    around = np.random.default_rng([seed, 1]) if background else None
    shared = None if around is None else (draw_shared(around), around)
    sizes = [n_cells // len(parts) + (i < n_cells % len(parts)) for i in range(len(parts))]
    atlases = [
        _one(part, size, biology, rng, shared, threads, integrated=len(parts) > 1)
        for part, size in zip(parts, sizes, strict=True)
    ]
    obs = pd.concat([each.obs for each in atlases])
    if species == "integrated":
        obs["Sample"] = pd.Categorical(obs["Sample"], categories=obs["Sample"].unique())
        obs["Species"] = pd.Categorical(obs["Species"], categories=list(parts))
    counts = _stack([each.counts for each in atlases])
    truth = pd.concat([each.truth for each in atlases], ignore_index=True)
    title, citation = f"Simulated {species} MASLD liver", _citation(species, n_cells, seed)
    return Simulated(counts, obs, atlases[0].var, title, citation, species, truth)


def _citation(species: Kind, n_cells: int, seed: int) -> str:
    """Say in one paragraph that nothing here was measured."""
    return (
        f"SIMULATED by MASLDatlas {__version__} ({species}, {n_cells:,} cells, seed {seed}). Counts were drawn from "
        "a model whose genes and directions of change follow the literature; nothing was measured. Do not cite as data."
    )


@dataclass(frozen=True, slots=True)
class _Part:
    counts: sparse.csr_matrix
    obs: pd.DataFrame
    var: pd.DataFrame
    truth: pd.DataFrame


def _one(  # noqa: PLR0913 - each is drawn or chosen by the caller
    species: Species,
    n_cells: int,
    biology: Biology,
    rng: np.random.Generator,
    shared: tuple[Shared, np.random.Generator] | None,
    threads: int,
    *,
    integrated: bool,
) -> _Part:
    """Simulate one species."""
    blueprint = draw_blueprint(biology, species, rng)
    if integrated:
        names = orthologs.one_to_one()
        blueprint = restrict(blueprint, [symbols[species] for symbols in names.values()], list(names))
    donors = draw_donors(blueprint, rng, prefixed=integrated)
    if shared is not None:
        donors = _with_outlier(donors, shared[1])
    donor, cell_type = _cells(donors, n_cells, rng)
    if shared is not None:
        cell_type = _with_rare_types(donor, cell_type)
    zonation = _zonation(cell_type, rng)
    ambient = AMBIENT * np.where(np.arange(N_DONORS) == OUTLIER, OUTLIER_AMBIENT if shared else 1.0, 1.0)
    counts = _counts(blueprint, donors, (donor, cell_type, zonation), ambient, rng)
    obs = _obs(donors, donor, cell_type, zonation)
    symbols, human, effect = blueprint.symbols, blueprint.human, None
    if shared is not None:
        around = draw_background(shared[0], species, shared[1], integrated=integrated)
        drawn = draw_counts(around, donors, (donor, cell_type), shared[1], threads)
        counts = cast("sparse.csr_matrix", sparse.hstack([counts, drawn], format="csr"))
        symbols, human, effect = (*symbols, *around.symbols), (*human, *around.human), around.effect
        obs["Batch"] = pd.Categorical.from_codes(BATCH[donor].tolist(), categories=["B1", "B2"])
    truth = truth_table(blueprint, symbols, effect, FLATTENING)
    if integrated:
        obs["Species"] = species
        truth["Species"] = species
    return _Part(counts, obs, pd.DataFrame({"Human": list(human)}, index=pd.Index(symbols, name="gene")), truth)


def _with_outlier(donors: Donors, rng: np.random.Generator) -> Donors:
    """Give one donor few counts and levels of its own."""
    depth, gene = donors.depth.copy(), donors.gene.copy()
    depth[OUTLIER] *= OUTLIER_DEPTH
    gene[OUTLIER] += rng.normal(0.0, OUTLIER_SD, gene.shape[1])
    return replace(donors, depth=depth, gene=gene)


def _with_rare_types(donor: I64, cell_type: I64) -> I64:
    """Let hepatocytes become stellate cells and macrophages where a donor of many cells has fewer than `FEWEST`."""
    found = cell_type.copy()
    for each in range(N_DONORS):
        mine = np.flatnonzero(donor == each)
        if len(mine) < ENOUGH:
            continue
        for name in RARE:
            code = CELL_TYPES.index(name)
            missing = FEWEST - int((found[mine] == code).sum())
            if missing > 0:
                found[mine[found[mine] < len(ZONES)][:missing]] = code
    return found


def _cells(donors: Donors, n_cells: int, rng: np.random.Generator) -> tuple[I64, I64]:
    """Share the cells among the donors, each at least one, and give each cell a type.

    Returns
    -------
    donor, cell_type : (n_cells,) int64, ordered by donor.
    """
    share = rng.dirichlet(np.full(N_DONORS, 25.0))
    per_donor = 1 + rng.multinomial(n_cells - N_DONORS, share)
    donor = np.repeat(np.arange(N_DONORS), per_donor)
    cumulative = donors.composition.cumsum(axis=1)[donor]
    cell_type = (rng.random(n_cells)[:, None] > cumulative).sum(axis=1)
    return donor, np.minimum(cell_type, len(CELL_TYPES) - 1)


def _zonation(cell_type: I64, rng: np.random.Generator) -> F64:
    """Place each hepatocyte within its third of the axis; NaN for every other cell."""
    within = rng.random(len(cell_type))
    return np.where(cell_type < len(ZONES), (cell_type + within) / len(ZONES), np.nan)


def _ambient(blueprint: Blueprint, donors: Donors) -> F64:
    """Return the average profile of each donor, (n_donors, n_genes), rows summing to 1: what leaks into droplets."""
    profile = np.exp(blueprint.level)
    profile /= profile.sum(axis=1, keepdims=True)
    leaked = (donors.composition * blueprint.library) @ profile
    return leaked / leaked.sum(axis=1, keepdims=True)


def _counts(
    blueprint: Blueprint, donors: Donors, cells: tuple[I64, I64, F64], leak: F64, rng: np.random.Generator
) -> sparse.csr_matrix:
    """Draw the counts of every cell, a chunk at a time; `leak` is the share of ambient RNA of each donor.

    Expectations are rounded to float32 before a count is drawn, so that a last-bit difference between processors in
    ``exp`` does not reach the result; the loadings are sparse for the same reason, since a BLAS sums in its own order.
    """
    donor, cell_type, zonation = cells
    runs = expressing()
    on = np.array([program.fraction for program in PROGRAMS])
    spread = np.array([program.spread for program in PROGRAMS])
    flattening = np.array(FLATTENING)[donors.group]
    towards = blueprint.level[leaning()] - blueprint.level
    ambient = _ambient(blueprint, donors)
    shape = (1.0 / blueprint.dispersion).astype(np.float32)
    loading = sparse.csr_array(blueprint.loading)
    parts: list[sparse.csr_matrix] = []
    for start in range(0, len(donor), _CHUNK):
        d, t, z = donor[start : start + _CHUNK], cell_type[start : start + _CHUNK], zonation[start : start + _CHUNK]
        graded = donors.program[d] + spread * rng.standard_normal((len(d), len(PROGRAMS)))
        switched = SWITCHED_ON * (rng.random(graded.shape) < on * np.exp(donors.program[d]))
        activity = np.where(on < 1.0, switched, graded) * runs[t]
        eta = blueprint.level[t] + donors.gene[d]
        eta += rng.beta(*LEANING, len(t))[:, None] * towards[t]
        eta += (zonation_basis(z) * flattening[d, None]) @ blueprint.gradient
        eta += activity @ loading
        profile = np.exp(eta, out=eta)
        profile *= (1.0 - leak[d])[:, None] / profile.sum(axis=1, keepdims=True)
        profile += leak[d, None] * ambient[d]
        library = blueprint.library[t] * donors.depth[d] * rng.lognormal(0.0, LIBRARY_SD, len(d))
        mean = (profile * library[:, None]).astype(np.float32)
        mean *= rng.standard_gamma(np.broadcast_to(shape, mean.shape), dtype=np.float32) / shape
        drawn = np.asarray(rng.poisson(mean), dtype=np.int32)
        parts.append(sparse.csr_matrix(drawn))
    return _stack(parts)


def _stack(parts: list[sparse.csr_matrix]) -> sparse.csr_matrix:
    """Put matrices of the same genes below one another."""
    return cast("sparse.csr_matrix", sparse.vstack(parts, format="csr"))


def _obs(donors: Donors, donor: I64, cell_type: I64, zonation: F64) -> pd.DataFrame:
    """Describe every cell."""
    first = np.searchsorted(donor, donor)
    number = np.arange(len(donor)) - first + 1
    names = [f"{donors.names[d]}_{n:05d}" for d, n in zip(donor, number, strict=True)]
    return pd.DataFrame(
        {
            "CellType": pd.Categorical.from_codes(cell_type.tolist(), categories=list(CELL_TYPES)),
            "Group": pd.Categorical.from_codes(donors.group[donor].tolist(), categories=list(GROUPS), ordered=True),
            "Sample": pd.Categorical.from_codes(donor.tolist(), categories=list(donors.names)),
            "Zonation": zonation,
            "Sex": pd.Categorical(np.array(donors.sex)[donor], categories=["F", "M"]),
            "NAS": donors.nas[donor],
            "FibrosisStage": pd.Categorical.from_codes(
                donors.stage[donor].tolist(), categories=list(STAGES), ordered=True
            ),
        },
        index=pd.Index(names, name="cell"),
    )
