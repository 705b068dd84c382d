"""The donors of the simulated liver: four a group, with sex, histology and a severity of their own.

Histology agrees with the group: the NAFLD activity score [1]_ is 0 to 1 in health, 2 to 4 in MASL, 5 to 7 in MASH and
falls again in cirrhosis, where steatosis burns out [2]_; fibrosis is staged F0 to F4. Mice and fish are given the same
scores. Within a group a donor of higher severity has the higher score.

References
----------
.. [1] Kleiner DE et al. Design and validation of a histological scoring system for nonalcoholic fatty liver disease.
   Hepatology 2005.
.. [2] van der Poorten D et al. Hepatic fat loss in advanced nonalcoholic steatohepatitis: are alterations in serum
   adiponectin the cause? Hepatology 2013.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from core.demo.blueprint import Blueprint
from core.demo.cell_types import GROUPS, proportions
from core.demo.programs import PROGRAMS
from core.demo.programs.hepatocyte import SIMPSON_PAIR, SIMPSON_SHIFT
from core.demo.programs.universal import FEMALE, MALE
from core.genes.ortholog_table import Species

F64 = npt.NDArray[np.float64]

DONORS_PER_GROUP: Final = 4
N_DONORS: Final = DONORS_PER_GROUP * len(GROUPS)

STAGES: Final = ("F0", "F1", "F2", "F3", "F4")
"""Fibrosis stages, in order."""

_NAS: Final = ((0, 0, 1, 1), (2, 3, 3, 4), (5, 5, 6, 7), (3, 4, 4, 5))
_STAGE: Final = ((0, 0, 0, 0), (0, 0, 1, 1), (1, 2, 3, 3), (4, 4, 4, 4))

_GENE_SD: Final = 0.16
"""Standard deviation, in natural log units, of a gene's level between donors."""

_PROGRAM_SD: Final = 0.18
"""The same for the activity of a programme."""

_SEVERITY_SD: Final = 0.25
"""Standard deviation of the log severity among the donors of a group, whose geometric mean is 1."""

_CONCENTRATION: Final = 250.0
"""Concentration of the Dirichlet distribution of a donor's composition around its group's."""

_SILENT: Final = -12.0
"""Added, in natural log units, to a gene of the other sex."""


@dataclass(frozen=True, slots=True)
class Donors:
    """The donors of one species, ordered by group.

    Parameters
    ----------
    names, sex
        (n_donors,) str.
    group, nas, stage
        (n_donors,) int64: code in `GROUPS`, NAFLD activity score, code in `STAGES`.
    severity
        (n_donors,) factor on every disease shift, around 1.
    composition
        (n_donors, n_cell_types) share of each cell type; rows sum to 1.
    depth
        (n_donors,) factor on the library size.
    gene
        (n_donors, n_genes) effect on the log abundance.
    program
        (n_donors, n_programs) mean activity: disease shift and donor effect together.
    """

    names: tuple[str, ...]
    sex: tuple[str, ...]
    group: npt.NDArray[np.int64]
    nas: npt.NDArray[np.int64]
    stage: npt.NDArray[np.int64]
    severity: F64
    composition: F64
    depth: F64
    gene: F64
    program: F64


def _names(species: Species, *, prefixed: bool) -> tuple[str, ...]:
    """Name the donors: Healthy-1 ... Cirrhosis-4, after the species when there are several."""
    prefix = f"{species}-" if prefixed else ""
    return tuple(f"{prefix}{group}-{i + 1}" for group in GROUPS for i in range(DONORS_PER_GROUP))


def draw_donors(blueprint: Blueprint, rng: np.random.Generator, *, prefixed: bool) -> Donors:
    """Draw sixteen donors.

    Parameters
    ----------
    blueprint
        The genes they are given effects on.
    rng
        Advanced.
    prefixed
        Whether the names start with the species.
    """
    group = np.repeat(np.arange(len(GROUPS)), DONORS_PER_GROUP)
    deviation = rng.normal(0.0, _SEVERITY_SD, (len(GROUPS), DONORS_PER_GROUP))
    severity = np.exp(deviation - deviation.mean(axis=1, keepdims=True)).ravel()
    rank = severity.reshape(-1, DONORS_PER_GROUP).argsort(axis=1).argsort(axis=1).ravel()
    shares = proportions()[group]
    gammas = rng.standard_gamma(shares * _CONCENTRATION) + 1e-6

    shift = np.array([program.shift for program in PROGRAMS])
    program = shift[:, group].T * severity[:, None] + rng.normal(0.0, _PROGRAM_SD, (N_DONORS, len(PROGRAMS)))
    gene = rng.normal(0.0, _GENE_SD, (N_DONORS, len(blueprint.symbols)))
    sex = tuple("FM"[i % 2] for i in range(N_DONORS))
    human = np.array(blueprint.human)
    gene[np.ix_(np.array(sex) == "M", np.isin(human, FEMALE))] += _SILENT
    gene[np.ix_(np.array(sex) == "F", np.isin(human, MALE))] += _SILENT
    down, up = SIMPSON_PAIR
    apart = np.array(SIMPSON_SHIFT)[group]
    gene[:, human == down] -= apart[:, None]
    gene[:, human == up] += apart[:, None]
    return Donors(
        names=_names(blueprint.species, prefixed=prefixed),
        sex=sex,
        group=group,
        nas=np.array(_NAS)[group, rank],
        stage=np.array(_STAGE)[group, rank],
        severity=severity,
        composition=gammas / gammas.sum(axis=1, keepdims=True),
        depth=rng.lognormal(0.0, 0.12, N_DONORS),
        gene=gene,
        program=program,
    )
