"""Two sides of a comparison of samples: levels of a column, or two selections."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
from rapidfuzz import process

from core.atlas.vocabulary import is_reference, stage_order
from core.cache.in_process import remembered
from core.errors import EmptySelection, InvalidQuery, UnknownColumn
from core.selection.masks import mask_of
from core.selection.model import Selection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from core.atlas.store import Atlas, Categorical

    I8 = NDArray[np.int8]

A, B, NEITHER = 1, 0, -1
_TWO: Final = 2


@dataclass(frozen=True)
class Sides:
    """Sides A and B; differences are those of A relative to B.

    Attributes
    ----------
    by : categorical column; empty where two selections are compared
    a, b : its levels on each side, in the order of the column; empty for selections
    cells_a, cells_b : the selections; all cells for levels
    """

    by: str
    a: tuple[str, ...] = ()
    b: tuple[str, ...] = ()
    cells_a: Selection = field(default_factory=Selection)
    cells_b: Selection = field(default_factory=Selection)

    @classmethod
    def of(cls, atlas: Atlas, by: str = "", a: Sequence[str] = (), b: Sequence[str] = ()) -> Sides:
        """Make the canonical sides.

        Parameters
        ----------
        by
            The groups of the atlas unless named.
        a, b
            Levels of the column; by default the last and the first, which are the ends of the order of disease; of a
            column without a known order see `default_sides`. Without `by`, each may be one selection as in a URL:
            ``where=Group=MASH``.

        Raises
        ------
        UnknownColumn, InvalidQuery
            Something named does not exist, a level is on both sides, or there are no two levels.
        """
        a, b = [text for text in a if text], [text for text in b if text]
        if not by and any("=" in text for text in (*a, *b)):
            return cls.of_selections(a, b)
        by = by or atlas.manifest.roles.get("group", "")
        if not by:
            raise InvalidQuery(f"{atlas.id} has no column of groups.", "Name a categorical column: by=COLUMN.")
        column = atlas.categorical(by)
        for level in (*a, *b):
            _check(atlas, column, level)
        for level in a:
            if level in b:
                raise InvalidQuery(f"{level!r} of {by} is on both sides.", "Remove it from one of them.")
        if not a or not b:
            levels = [level for level, _ in _levels(atlas, by)]
            if len(levels) < _TWO or not {*levels} - {*a, *b}:
                raise InvalidQuery(f"The column {by!r} has no two levels to compare.", "Choose another column.")
            b = b or [_default_b(atlas, by, a)]
            a = a or [_default_a(atlas, by, b)]
        of_a, of_b = (tuple(level for level in column.categories if level in side) for side in (a, b))
        return cls(by, of_a, of_b)

    @classmethod
    def of_selections(cls, a: Sequence[str], b: Sequence[str]) -> Sides:
        """Make the sides from one selection each, as in a URL."""
        for name, texts in (("a", a), ("b", b)):
            if len(texts) != 1:
                raise InvalidQuery(
                    f"The side {name} has {len(texts)} selections; it takes one.",
                    "Give a and b one selection each, or name the column of their levels: by=COLUMN.",
                )
        return cls("", cells_a=Selection.from_text(a[0]), cells_b=Selection.from_text(b[0]))

    @property
    def names(self) -> tuple[str, str]:
        """Names of both sides."""
        return (" + ".join(self.a), " + ".join(self.b)) if self.by else ("A", "B")

    @property
    def words(self) -> str:
        """The sides in words: ``MASH against Healthy (Group)``."""
        if self.by:
            return f"{self.names[0]} against {self.names[1]} ({self.by})"
        return f"A ({self.cells_a.words()}) against B ({self.cells_b.words()})"

    @property
    def texts(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Both sides as they are given to `of`."""
        return (self.a, self.b) if self.by else ((self.cells_a.text(),), (self.cells_b.text(),))

    def codes(self, atlas: Atlas, selection: Selection) -> I8:
        """Find the side of each cell: 1 for A, 0 for B, -1 for a cell that takes no part.

        Raises
        ------
        EmptySelection, InvalidQuery
            A side has no selected cell, or a cell is on both sides.
        """
        mask = mask_of(atlas, selection)
        on_a, on_b = self._masks(atlas)
        n_both = int((on_a & on_b & mask).sum())
        if n_both:
            cells = "1 cell is" if n_both == 1 else f"{n_both:,} cells are"
            raise InvalidQuery(f"{cells} on both sides.", "Choose two selections that have no cell in common.")
        codes = np.full(atlas.n_cells, NEITHER, dtype=np.int8)
        for name, code, side in zip(self.names, (A, B), (on_a, on_b), strict=True):
            inside = side & mask
            if not inside.any():
                raise EmptySelection(f"The side {name} contains no selected cells.", "Choose other cells.")
            codes[inside] = code
        return codes

    def _masks(self, atlas: Atlas) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        if not self.by:
            return mask_of(atlas, self.cells_a), mask_of(atlas, self.cells_b)
        column = atlas.categorical(self.by)
        found = []
        for levels in (self.a, self.b):
            wanted = np.array([*(name in levels for name in column.categories), False])
            found.append(wanted[column.codes])
        return found[0], found[1]


def has_order(atlas: Atlas, by: str) -> bool:
    """Tell whether the levels of a column are known stages, which the atlas keeps in the order of disease."""
    return stage_order([level for level, _ in _levels(atlas, by)]) is not None


def default_sides(atlas: Atlas, by: str) -> tuple[str, str]:
    """Choose the sides A and B of a column of two levels or more.

    The ends of the order of disease, where it is known. Else B is a control by its name, of several the one with the
    most samples, and A the level with the most samples of the others; without a control they are the two levels with
    the most samples, in the order of the column from B to A.
    """
    b = _default_b(atlas, by, ())
    return _default_a(atlas, by, (b,)), b


def reason_of_default(atlas: Atlas, by: str) -> str:
    """Say why the sides of a column without a known order are what they are; empty where there is no choice."""
    levels = _levels(atlas, by)
    if has_order(atlas, by):
        return ""
    a, b = default_sides(atlas, by)
    unknown, most = f"The levels of {by} have no known order", len(levels) > _TWO
    if is_reference(b) and not is_reference(a):
        return f"{unknown}: {b} is the reference by its name{f', and {a} has the most samples' if most else ''}."
    return f"{unknown}: {a} and {b} have the most samples." if most else ""


def _default_b(atlas: Atlas, by: str, a: Sequence[str]) -> str:
    free = [(level, n) for level, n in _levels(atlas, by) if level not in a]
    if has_order(atlas, by):
        return free[0][0]
    ranked = _by_samples(free)
    controls = [level for level in ranked if is_reference(level)]
    best = controls[:1] or (ranked[:1] if a else ranked[:_TWO])
    return next(level for level, _ in free if level in best)


def _default_a(atlas: Atlas, by: str, b: Sequence[str]) -> str:
    free = [(level, n) for level, n in _levels(atlas, by) if level not in b]
    if has_order(atlas, by):
        return free[-1][0]
    ranked = _by_samples(free)
    return next((level for level in ranked if not is_reference(level)), ranked[0])


def _by_samples(levels: Sequence[tuple[str, int]]) -> list[str]:
    return [level for level, _ in sorted(levels, key=lambda pair: -pair[1])]


@remembered
def _levels(atlas: Atlas, by: str) -> list[tuple[str, int]]:
    """List the levels of a column that have cells, each with its number of samples, or of cells without samples."""
    column = atlas.categorical(by)
    used = np.bincount(column.codes[column.codes >= 0], minlength=len(column.categories))
    sample = atlas.manifest.roles.get("sample", "")
    counted = used
    if sample:
        samples = atlas.categorical(sample)
        part = (column.codes >= 0) & (samples.codes >= 0)
        places = column.codes[part].astype(np.int64) * len(samples.categories) + samples.codes[part]
        met = np.bincount(places, minlength=len(column.categories) * len(samples.categories)) > 0
        counted = met.reshape(len(column.categories), -1).sum(axis=1)
    return [(level, int(n)) for level, there, n in zip(column.categories, used, counted, strict=True) if there]


def _check(atlas: Atlas, column: Categorical, level: str) -> None:
    if level not in column.categories:
        near = tuple(str(match) for match, _, _ in process.extract(level, column.categories, limit=3, score_cutoff=50))
        remedy = f"Did you mean {', '.join(near)}?" if near else f"It has: {', '.join(column.categories[:20])}."
        raise UnknownColumn(
            f"The column {column.name!r} of {atlas.id} has no level {level!r}.", remedy, suggestions=near
        )
