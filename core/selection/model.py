"""Selections of cells: filters, ranges, thresholds and lassos, and their form in a URL.

A `Selection` names cells by what they are, never by their positions: it is short, it can be put into words, and it
means the same after the atlas was imported again.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qsl, urlencode

from core.errors import InvalidQuery

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MAX_TEXT = 400
# A lasso of `MAX_POINTS` corners.
MAX_LASSO = 4_000
MAX_POINTS = 200
MIN_POINTS = 3
MAX_CONDITIONS = 100
# How often what is excluded may itself exclude.
MAX_DEPTH = 4
# Above it a float need not be the whole number that was meant.
MAX_PLAIN = 2**53
Pairs = list[tuple[str, str]]
# The parameters of a URL that a selection takes, each any number of times.
PARAMETERS = ("where", "range", "expr", "lasso", "exclude")
# In front of = and of itself a backslash belongs to the name of the column.
_FILTER = re.compile(r"(?P<column>(?:\\.|[^=\\])+)=(?P<category>.*)", re.DOTALL)
_ESCAPED = re.compile(r"\\([=\\])")


@dataclass(frozen=True, order=True)
class Range:
    """Cells whose numeric column lies within [low, high]; either end may be open (None)."""

    column: str
    low: float | None
    high: float | None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``COLUMN:MIN:MAX``; an empty end is open."""
        return cls(*_bounds(text, "range", "COLUMN:MIN:MAX"))

    def __str__(self) -> str:
        return f"{self.column}:{_plain(self.low)}:{_plain(self.high)}"

    def words(self) -> str:
        """Describe the range in a phrase."""
        low, high = _plain(self.low), _plain(self.high)
        if low and high:
            return f"{self.column} is between {low} and {high}"
        if low or high:
            return f"{self.column} is {f'at least {low}' if low else f'at most {high}'}"
        return f"{self.column} is given"


@dataclass(frozen=True, order=True)
class Threshold:
    """Cells in which the expression of a gene lies above `low` and is at most `high`; either end may be open (None).

    The lower end is left out, so that a threshold of 0 means the cells that express the gene. The values are those of
    the layer ``expression``, in its unit.
    """

    gene: str
    low: float | None
    high: float | None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``GENE:ABOVE:MAX``; an empty end is open."""
        return cls(*_bounds(text, "expression threshold", "GENE:ABOVE:MAX"))

    def __str__(self) -> str:
        return f"{self.gene}:{_plain(self.low)}:{_plain(self.high)}"

    def words(self) -> str:
        """Describe the threshold in a phrase."""
        low, high = _plain(self.low), _plain(self.high)
        if low and high:
            return f"{self.gene} is above {low} and at most {high}"
        return f"{self.gene} is {f'above {low}' if low else f'at most {high}' if high else 'any'}"


@dataclass(frozen=True, order=True)
class Lasso:
    """Cells inside a polygon on a map, by the even-odd rule.

    Attributes
    ----------
    plane
        The map, as in the parameter ``embedding``: ``X_umap``, or ``X_umap:1-3`` for its first and third axis.
    points
        Corners in the coordinates of the map, three or more; the last joins the first.
    """

    plane: str
    points: tuple[tuple[float, float], ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``MAP:X_Y~X_Y~X_Y``: corners in order, parted by ~, and their coordinates by an underscore."""
        plane, _, corners = text.rpartition(":")
        if not plane:
            raise InvalidQuery(f"{text[:40]!r} is not a lasso.", "Write MAP:X_Y~X_Y~X_Y.")
        parts = corners.split("~")
        if not MIN_POINTS <= len(parts) <= MAX_POINTS:
            raise InvalidQuery(
                f"The lasso on {plane[:40]!r} has {len(parts):,} corners.",
                f"Give it {MIN_POINTS} to {MAX_POINTS}, as MAP:X_Y~X_Y~X_Y.",
            )
        return cls(plane, tuple(_corner(part, plane) for part in parts))

    def __str__(self) -> str:
        return f"{self.plane}:" + "~".join(f"{_plain(x)}_{_plain(y)}" for x, y in self.points)

    def words(self) -> str:
        """Describe the lasso in a phrase."""
        return f"lasso on {self.plane.removeprefix('X_').upper()}"


@dataclass(frozen=True)
class Selection:
    """Selection of cells.

    Attributes
    ----------
    where
        Categories by column, both sorted: OR within a column, AND between columns. An empty category means the cells
        for which nothing is given.
    ranges, thresholds
        Numeric ranges and expression thresholds, sorted; AND between them.
    lassos
        Sorted; OR between those on one map, AND between maps.
    excluded
        Selections whose cells are left out, sorted.
    """

    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    ranges: tuple[Range, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    lassos: tuple[Lasso, ...] = ()
    excluded: tuple[Selection, ...] = ()

    @classmethod
    def of(
        cls,
        where: Mapping[str, Iterable[str]],
        ranges: Iterable[Range] = (),
        thresholds: Iterable[Threshold] = (),
        lassos: Iterable[Lasso] = (),
        excluded: Iterable[Selection] = (),
    ) -> Self:
        """Make the canonical selection: sorted, without repeats, empty filters left out."""
        filters = {column: tuple(sorted(set(categories))) for column, categories in where.items()}
        return cls(
            tuple(sorted((column, kept) for column, kept in filters.items() if kept)),
            tuple(sorted(set(ranges), key=str)),
            tuple(sorted(set(thresholds), key=str)),
            tuple(sorted(set(lassos), key=str)),
            tuple(sorted(set(excluded), key=Selection.text)),
        )

    @classmethod
    def parse(
        cls,
        where: Iterable[str] = (),
        ranges: Iterable[str] = (),
        thresholds: Iterable[str] = (),
        lassos: Iterable[str] = (),
        excluded: Iterable[str] = (),
    ) -> Self:
        r"""Read the texts that the CLI, the API and every URL write.

        ``COLUMN=VALUE`` (an equals sign within the name of a column is written ``\=``), ``COLUMN:MIN:MAX``,
        ``GENE:ABOVE:MAX``, ``MAP:X_Y~X_Y~X_Y``, and for what is excluded the text of a selection.
        """
        filters: dict[str, list[str]] = {}
        for text in where:
            found = _FILTER.fullmatch(text)
            if found is None:
                raise InvalidQuery(
                    f"{text[:MAX_TEXT]!r} is not a filter.", "Write COLUMN=VALUE, such as CellType=Hepatocyte."
                )
            column = _ESCAPED.sub(r"\1", found["column"])
            filters.setdefault(column, []).append(found["category"])
        return cls.of(
            filters,
            [Range.parse(text) for text in ranges],
            [Threshold.parse(text) for text in thresholds],
            [Lasso.parse(text) for text in lassos],
            [cls.from_text(text) for text in excluded],
        )

    @classmethod
    def of_parameters(cls, given: Mapping[str, Sequence[str]]) -> Self:
        """Read the parameters named in `PARAMETERS`, each a list of texts.

        Raises
        ------
        InvalidQuery
            One is malformed, or there are more than `MAX_CONDITIONS` that each cost a pass over the cells.
        """
        n = sum(len(texts) for name, texts in given.items() if name in PARAMETERS[1:])
        if n > MAX_CONDITIONS:
            raise InvalidQuery(
                f"The selection has {n:,} ranges, thresholds, lassos and exclusions; {MAX_CONDITIONS} is the limit.",
                "Use fewer.",
            )
        return cls.parse(
            given.get("where", ()),
            given.get("range", ()),
            given.get("expr", ()),
            given.get("lasso", ()),
            given.get("exclude", ()),
        )

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read what `text` writes.

        Raises
        ------
        InvalidQuery
            The text has a malformed or an unknown parameter.
        """
        if _is_deep(text):
            raise InvalidQuery("Exclusions are nested too deeply.", "Simplify the selection.")
        given: dict[str, list[str]] = {}
        for name, value in parse_qsl(text, keep_blank_values=True):
            if name not in PARAMETERS:
                raise InvalidQuery(
                    f"{name[:40]!r} is not a parameter of a selection.", f"A selection has {', '.join(PARAMETERS)}."
                )
            given.setdefault(name, []).append(value)
        return cls.of_parameters(given)

    def text(self) -> str:
        """Write the selection as one text, a URL query of its own, which is its value within another URL."""
        return urlencode(self.pairs())

    @property
    def is_all(self) -> bool:
        """True when every cell is selected."""
        return self == Selection()

    def but(self, **changes: object) -> Self:
        """Return the same selection with some attributes changed."""
        return replace(self, **changes)  # pyright: ignore[reportArgumentType] - checked by replace itself

    def inverse(self) -> Selection:
        """Return the selection of the cells that this one leaves out."""
        only_excludes = self == Selection(excluded=self.excluded)
        if only_excludes and len(self.excluded) == 1:
            return self.excluded[0]
        return Selection(excluded=(self,))

    def parts(self) -> list[Self]:
        """Its conditions one by one, each a selection of its own; the lassos of one map stay together."""
        planes = dict.fromkeys(lasso.plane for lasso in self.lassos)
        return [
            *(type(self)(where=(filtered,)) for filtered in self.where),
            *(type(self)(ranges=(bounds,)) for bounds in self.ranges),
            *(type(self)(thresholds=(threshold,)) for threshold in self.thresholds),
            *(type(self)(lassos=tuple(lasso for lasso in self.lassos if lasso.plane == plane)) for plane in planes),
            *(type(self)(excluded=(other,)) for other in self.excluded),
        ]

    def pairs(self) -> Pairs:
        """List the parameters of a URL, in canonical order."""
        filters = [
            ("where", filter_text(column, category)) for column, categories in self.where for category in categories
        ]
        return [
            *filters,
            *(("range", str(bounds)) for bounds in self.ranges),
            *(("expr", str(threshold)) for threshold in self.thresholds),
            *(("lasso", str(lasso)) for lasso in self.lassos),
            *(("exclude", other.text()) for other in self.excluded),
        ]

    def words(self) -> str:
        """Describe the selection in a phrase for a sentence."""
        parts = [
            f"{column} is {' or '.join(category or 'not given' for category in kept)}" for column, kept in self.where
        ]
        parts += [bounds.words() for bounds in self.ranges] + [threshold.words() for threshold in self.thresholds]
        for plane in dict.fromkeys(lasso.plane for lasso in self.lassos):
            parts.append(" or ".join(lasso.words() for lasso in self.lassos if lasso.plane == plane))
        parts += [_outside(other) for other in self.excluded]
        return "; ".join(parts) or "all cells"


def _outside(excluded: Selection) -> str:
    """Describe the cells that are left by an exclusion."""
    only_lasso = len(excluded.lassos) == 1 and excluded == Selection(lassos=excluded.lassos)
    return f"all cells outside the {excluded.words()}" if only_lasso else f"not ({excluded.words()})"


def _is_deep(text: str) -> bool:
    """Tell whether exclusions are nested deeper than `MAX_DEPTH`, without recursion, which would run out first."""
    texts = [text]
    for _ in range(MAX_DEPTH + 1):
        pairs = [pair for each in texts for pair in parse_qsl(each, keep_blank_values=True)]
        texts = [value for name, value in pairs if name == "exclude"]
    return bool(texts)


def _bounds(text: str, thing: str, form: str) -> tuple[str, float | None, float | None]:
    head, _, last = text.rpartition(":")
    head, _, first = head.rpartition(":")
    remedy = f"Write {form}; an end may be empty."
    if not head:
        raise InvalidQuery(f"{text[:MAX_TEXT]!r} is not a{'n' if thing[0] in 'aeiou' else ''} {thing}.", remedy)
    low, high = (_number(end, f"the {thing} {text[:MAX_TEXT]!r}", remedy) if end else None for end in (first, last))
    if low is not None and high is not None and low > high:
        raise InvalidQuery(f"The {thing} {text!r} ends before it starts.", "Write the smaller number first.")
    return head, low, high


def _corner(text: str, plane: str) -> tuple[float, float]:
    x, _, y = text.partition("_")
    thing = f"the lasso on {plane[:40]!r}"
    return _number(x, thing, "Write X_Y for each corner."), _number(y, thing, "Write X_Y for each corner.")


def _number(text: str, whole: str, remedy: str) -> float:
    try:
        # Python reads 1_000 as a number.
        value = float("" if "_" in text else text)
    except ValueError as error:
        raise InvalidQuery(f"{text[:40]!r} in {whole} is not a number.", remedy) from error
    if not math.isfinite(value):
        raise InvalidQuery(f"{text!r} in {whole} is not finite.", "Leave an end empty to keep it open.")
    # Zero has no sign here.
    return value + 0.0


def filter_text(column: str, category: str) -> str:
    """Write one filter as `Selection.parse` reads it, an equals sign within the column escaped."""
    return f"{_escaped(column)}={category}"


def _escaped(column: str) -> str:
    return column.replace("\\", r"\\").replace("=", r"\=")


def _plain(value: float | None) -> str:
    """Write a number as the shortest text that reads back as the same number."""
    if value is None:
        return ""
    number = float(value) + 0.0
    return f"{number:.0f}" if number.is_integer() and abs(number) < MAX_PLAIN else repr(number)
