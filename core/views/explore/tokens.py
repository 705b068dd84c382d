"""Tokens of the address that name the colours of a map."""

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
    """Return the token of a column."""
    return f"@{column}" if column.startswith("@") else column


def column_of(token: str) -> str:
    """Return the column of a token; empty for other tokens."""
    return "" if token in WORDS else token[1:] if token.startswith("@@") else token
