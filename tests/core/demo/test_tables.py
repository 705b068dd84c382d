"""The tables behind the demo: symbols, orthologs, proportions."""

from __future__ import annotations

import re

import numpy as np
import pytest

from core.demo import orthologs
from core.demo.cell_types import CELL_TYPES, GROUPS, LIBRARY, LINEAGES, NEIGHBOURS, members, proportions
from core.demo.programs import PROGRAMS, human_genes
from core.demo.programs.universal import LEVELS
from core.genes import ortholog_table

SYMBOL = {
    "human": re.compile(r"[A-Z][A-Z0-9]*(-[A-Z0-9]+)?"),
    "mouse": re.compile(r"([A-Z][a-z0-9]*(-[A-Z][A-Za-z0-9]*)?|mt-[A-Z][a-z]+\d?)"),
    "zebrafish": re.compile(r"[a-z][a-z0-9]*([.-][a-z0-9]+)*"),
}


@pytest.mark.parametrize("species", ortholog_table.SPECIES)
def test_every_species_has_its_own_genes_in_its_own_spelling(species):
    symbols = [symbol for symbol, _, _ in orthologs.genes(species)]
    assert len(symbols) >= 900
    assert len(set(symbols)) == len(symbols)
    assert [symbol for symbol in symbols if not SYMBOL[species].fullmatch(symbol)] == []


def test_every_gene_of_the_programmes_has_one_row_of_orthologs_and_no_row_is_idle():
    assert set(ortholog_table.ORTHOLOGS) == set(human_genes())


@pytest.mark.parametrize(
    ("human", "mouse", "zebrafish"),
    [
        ("FASN", ("Fasn",), ("fasn",)),
        ("CYP3A4", ("Cyp3a11",), ("cyp3a65",)),
        ("CYP2C9", ("Cyp2c29",), ()),
        ("SERPINA1", tuple(f"Serpina1{c}" for c in "abcde"), ("serpina1", "serpina1l")),
        ("HLA-A", ("H2-K1",), ("mhc1zba",)),
        ("HLA-DQB1", ("H2-Ab1",), ()),
        ("APOA1", ("Apoa1",), ("apoa1a", "apoa1b")),
        ("FABP1", ("Fabp1",), ("fabp1a", "fabp1b.1")),
        ("TF", ("Trf",), ("tfa",)),
        ("CXCL8", (), ("cxcl8a", "cxcl8b.1")),
        ("MT-CYB", ("mt-Cytb",), ("mt-cyb",)),
        ("ALB", ("Alb",), ()),
        ("COL3A1", ("Col3a1",), ()),
    ],
)
def test_the_orthologs_that_a_change_of_case_gets_wrong(human, mouse, zebrafish):
    assert ortholog_table.ORTHOLOGS[human] == {"mouse": mouse, "zebrafish": zebrafish}


def test_one_to_one_leaves_out_every_gene_with_paralogs():
    pairs = orthologs.one_to_one()
    assert len(pairs) >= 300
    assert "FASN" in pairs
    assert not {"APOA1", "SERPINA1", "ALB", "CXCL8"} & set(pairs)
    assert all(set(names) == set(ortholog_table.SPECIES) for names in pairs.values())


def test_the_proportions_of_each_group_sum_to_one_and_follow_the_disease():
    share = proportions()
    assert share.shape == (len(GROUPS), len(CELL_TYPES))
    np.testing.assert_allclose(share.sum(axis=1), 1.0)
    for rising in ("Scar-associated macrophage", "Myofibroblast", "Cholangiocyte"):
        assert (np.diff(share[:, CELL_TYPES.index(rising)]) > 0).all()
    for falling in ("Kupffer cell", "LSEC", "Hepatocyte (pericentral)"):
        assert (np.diff(share[:, CELL_TYPES.index(falling)]) < 0).all()


def test_every_name_in_a_table_means_something():
    assert {name for names in LINEAGES.values() for name in names} <= set(CELL_TYPES)
    assert set(NEIGHBOURS) | set(NEIGHBOURS.values()) | set(LIBRARY) <= set(CELL_TYPES)
    assert all(members(name) for program in PROGRAMS for name in program.cells)
    assert set(LEVELS) <= set(human_genes())
    assert len({program.name for program in PROGRAMS}) == len(PROGRAMS)
    assert [program.name for program in PROGRAMS if len(set(program.genes)) != len(program.genes)] == []
