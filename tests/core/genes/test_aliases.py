"""Tests of `core.genes.aliases`."""

from __future__ import annotations

import pytest

from core.genes.aliases import _TABLE, beginning, symbol_of
from core.genes.ortholog_table import ORTHOLOGS


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("NTCP", "SLC10A1"),
        ("aSMA", "ACTA2"),
        ("α-SMA", "ACTA2"),
        ("CK19", "KRT19"),
        ("albumin", "ALB"),
        ("ENSG00000130649", "CYP2E1"),
        ("ensg00000130649.9", "CYP2E1"),
        ("ENSG00000000000", ""),
        ("PLINN2", ""),
        ("", ""),
    ],
)
def test_other_names_lead_to_the_symbol(text, symbol):
    assert symbol_of(text) == symbol


def test_a_name_is_found_while_it_is_typed():
    assert beginning("albu") == ["ALB"]
    assert beginning("ck") == [], "two letters begin too many names"
    assert beginning("cytokeratin 1") == ["KRT18", "KRT19"]


def test_no_other_name_is_the_symbol_of_another_gene_of_the_table():
    lines = [line.split(" ", 2) for line in _TABLE.strip().splitlines()]
    symbols = [symbol for symbol, _, _ in lines]
    assert symbols == sorted(symbols)
    assert len({ensembl for _, ensembl, _ in lines}) == len(lines)
    for symbol, _, names in lines:
        for name in names.split(","):
            assert name not in {*symbols, *ORTHOLOGS} - {symbol}
