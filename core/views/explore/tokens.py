"""Tokens of the address that say what a map is coloured by."""

from __future__ import annotations

GENE, GENE_B, BLEND, SET_A, SET_B, NONE = "@gene", "@gene_b", "@blend", "@set_a", "@set_b", "@none"


WORDS = {
    GENE: "The gene",
    GENE_B: "The second gene",
    BLEND: "Both genes, blended",
    SET_A: "Gene set A",
    SET_B: "Gene set B",
    NONE: "No map",
}


def token_of(column: str) -> str:
    """What stands for a column in the address."""
    return f"@{column}" if column.startswith("@") else column


def column_of(token: str) -> str:
    """The column that a token stands for; empty when it stands for something else."""
    return "" if token in WORDS else token[1:] if token.startswith("@@") else token
