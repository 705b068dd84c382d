"""Planted changes with disease in the simulated liver: the truth against which analyses are tested."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.demo.blueprint import expressing, zonation_basis
from core.demo.cell_types import CELL_TYPES, GROUPS, ZONES
from core.demo.programs import PROGRAMS
from core.demo.programs.hepatocyte import SIMPSON_PAIR, SIMPSON_SHIFT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.demo.blueprint import Blueprint

F64 = npt.NDArray[np.float64]
SMALLEST = 1e-6


def truth_table(
    blueprint: Blueprint,
    symbols: Sequence[str],
    background: npt.NDArray[np.float32] | None,
    flattening: Sequence[float],
) -> pd.DataFrame:
    """Tabulate the planted changes.

    Parameters
    ----------
    blueprint : of the species
    symbols : of all genes, those of the blueprint first
    background : (n_groups, n_cell_types, n_genes) effects on the genes behind those of the blueprint, natural log
    flattening : factor on the zonation in each group

    Returns
    -------
    Columns CellType, Gene, Group, Log2FC: the change of the expectation in a group against Healthy, of a donor of
    severity 1, before profiles are normalised to their sum and ambient RNA is mixed in. Genes and groups without a
    change have no row; the cell cycle, which a share of the cells runs, has none either.
    """
    effect = _of_programs(blueprint) + _of_zonation(blueprint, flattening)
    if background is not None:
        effect = np.concatenate([effect, background], axis=2)
    group, cell_type, gene = np.nonzero(np.abs(effect) > SMALLEST)
    return pd.DataFrame(
        {
            "CellType": np.array(CELL_TYPES, dtype=object)[cell_type],
            "Gene": np.array(symbols, dtype=object)[gene],
            "Group": np.array(GROUPS, dtype=object)[group],
            "Log2FC": effect[group, cell_type, gene] / np.log(2),
        }
    )


def _of_programs(blueprint: Blueprint) -> F64:
    shift = np.array([program.shift if program.fraction == 1.0 else (0.0,) * len(GROUPS) for program in PROGRAMS])
    runs = expressing()
    effect = np.stack([(runs * shift[:, at]) @ blueprint.loading for at in range(len(GROUPS))])
    down, up = (np.array(blueprint.human) == gene for gene in SIMPSON_PAIR)
    apart = np.array(SIMPSON_SHIFT)[:, None, None]
    return effect + apart * (up.astype(float) - down.astype(float))


def _of_zonation(blueprint: Blueprint, flattening: Sequence[float]) -> F64:
    """Change of the mean over the cells of a zone when the gradients flatten."""
    effect = np.zeros((len(GROUPS), len(CELL_TYPES), len(blueprint.symbols)))
    for zone in range(len(ZONES)):
        along = zonation_basis((zone + (np.arange(50) + 0.5) / 50) / len(ZONES)) @ blueprint.gradient
        level = np.stack([np.log(np.exp(factor * along).mean(axis=0)) for factor in flattening])
        effect[:, zone] = level - level[0]
    return effect
