"""Words for scales: units on axes, and parts of sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from core.atlas.manifest import Scale

# By the base that scanpy writes, to three digits.
STATED: Final[dict[float, Scale]] = {2.718: "ln1p", 2.0: "log2_1p", 10.0: "log10_1p"}
_WORDS: Final[dict[Scale, str]] = {
    "ln1p": "ln(x + 1)",
    "log2_1p": "log2(x + 1)",
    "log10_1p": "log10(x + 1)",
    "linear": "linear values",
    "signed": "scaled or centred values",
}
_UNITS: Final[dict[Scale, str]] = {
    "ln1p": "log1p({})",
    "log2_1p": "log2({} + 1)",
    "log10_1p": "log10({} + 1)",
    "linear": "{}",
    "signed": "expression as in the file (with negative values)",
}
# Totals that have a name; per million, TPM and CPM look alike but for whole multiples.
_NEAR = 1e-3
CP10K, MILLION = 1e4, 1e6


def base_words(scale: Scale) -> str:
    """Return ``log2(x + 1)`` and the like."""
    return _WORDS[scale]


def unit_of(scale: Scale, total: float | None, *, multiples: bool) -> str:
    """Return the unit of an axis, such as ``log2(CP10k + 1)``; `total` is that of each cell without the logarithm."""
    if total is not None and abs(total - CP10K) <= _NEAR * CP10K:
        what = "CP10k"
    elif total is not None and abs(total - MILLION) <= _NEAR * MILLION:
        what = "CPM" if multiples else "TPM"
    else:
        what = "expression, linear" if scale == "linear" else "expression"
    return _UNITS[scale].format(what)
