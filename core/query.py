"""The whole state of a view: frozen, canonical, hashable, and the same as a URL.

A `Selection` names cells by what they are, never by their positions: it is short, it can be put into words, and it
means the same after the atlas was imported again.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, Self
from urllib.parse import parse_qsl, urlencode

from core.errors import InvalidQuery

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MAX_URL = 8_000
MAX_TEXT = 400
# A list of 300 genes by their Ensembl ids.
MAX_LIST = 6_000
# Above it a float need not be the whole number that was meant.
MAX_PLAIN = 2**53
Pairs = list[tuple[str, str]]
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
        column, _, ends = text.rpartition(":")
        column, _, low = column.rpartition(":")
        if not column:
            raise InvalidQuery(f"{text[:MAX_TEXT]!r} is not a range.", "Write COLUMN:MIN:MAX; an end may be empty.")
        bounds = tuple(_number(end, text) for end in (low, ends))
        if bounds[0] is not None and bounds[1] is not None and bounds[0] > bounds[1]:
            raise InvalidQuery(f"The range {text!r} ends before it begins.", "Write the smaller number first.")
        return cls(column, *bounds)

    def __str__(self) -> str:
        return f"{self.column}:{_plain(self.low)}:{_plain(self.high)}"


@dataclass(frozen=True)
class Selection:
    """Which cells.

    Attributes
    ----------
    where
        Categories by column, both sorted: OR within a column, AND between columns. An empty category means the cells
        for which nothing is given.
    ranges
        Numeric ranges, sorted; AND between them.
    """

    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    ranges: tuple[Range, ...] = ()

    @classmethod
    def of(cls, where: Mapping[str, Iterable[str]], ranges: Iterable[Range] = ()) -> Self:
        """The canonical selection: columns and categories sorted, no repeats, empty filters left out."""
        filters = {column: tuple(sorted(set(categories))) for column, categories in where.items()}
        return cls(
            tuple(sorted((column, kept) for column, kept in filters.items() if kept)),
            tuple(sorted(set(ranges), key=str)),
        )

    @classmethod
    def parse(cls, where: Iterable[str], ranges: Iterable[str] = ()) -> Self:
        r"""Read ``COLUMN=VALUE`` and ``COLUMN:MIN:MAX`` texts, as the CLI, the API and every URL write them.

        An equals sign within the name of a column is written ``\=``.
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
        return cls.of(filters, [Range.parse(text) for text in ranges])

    @property
    def is_all(self) -> bool:
        """Whether every cell is meant."""
        return not self.where and not self.ranges

    def pairs(self) -> Pairs:
        """The parameters of a URL, in canonical order."""
        filters = [
            ("where", f"{_escaped(column)}={category}") for column, categories in self.where for category in categories
        ]
        return filters + [("range", str(bounds)) for bounds in self.ranges]

    def words(self) -> str:
        """The selection as a phrase for a sentence."""
        parts = [
            f"{column} is {' or '.join(category or 'not given' for category in kept)}" for column, kept in self.where
        ]
        for bounds in self.ranges:
            low, high = _plain(bounds.low), _plain(bounds.high)
            if low and high:
                parts.append(f"{bounds.column} is between {low} and {high}")
            elif low or high:
                parts.append(f"{bounds.column} is {f'at least {low}' if low else f'at most {high}'}")
            else:
                parts.append(f"{bounds.column} is given")
        return "; ".join(parts) or "all cells"


@dataclass(frozen=True)
class PageQuery:
    """What the state of every page that shows cells has in common. Empty texts mean: the atlas' own default.

    `PATH` is the address of the page, `NAMES` its parameters in their canonical order, without the selection.
    """

    PATH: ClassVar[str] = ""
    NAMES: ClassVar[tuple[str, ...]] = ("atlas", "gene", "embedding", "layer")

    atlas: str = ""
    gene: str = ""
    embedding: str = ""
    layer: str = ""
    selection: Selection = field(default_factory=Selection)

    @classmethod
    def parse(cls, search: str) -> Self:
        """Read the part of a URL after the question mark; unknown parameters are ignored.

        Raises
        ------
        InvalidQuery
            It is too long, or a filter is malformed.
        """
        single, where, ranges = split_search(search)
        return cls.of(single, Selection.parse(where, ranges))

    @classmethod
    def of(cls, single: Mapping[str, str], selection: Selection) -> Self:
        """The state that single parameters and a selection make; parameters of other pages are ignored."""
        return cls(**{name: single.get(name, "") for name in cls.NAMES}, selection=selection)

    def search(self) -> str:
        """The canonical URL query, with its question mark; empty parameters are left out."""
        single = [(name, str(getattr(self, name))) for name in self.NAMES]
        return to_search([pair for pair in single if pair[1]] + self.selection.pairs())

    @property
    def address(self) -> str:
        """Path and query of the view."""
        return self.PATH + self.search()

    def but(self, **changes: object) -> Self:
        """The same state with some parameters changed."""
        return replace(self, **changes)  # pyright: ignore[reportArgumentType] - checked by replace itself


@dataclass(frozen=True)
class ExploreQuery(PageQuery):
    """The state of the page Explore."""

    PATH: ClassVar[str] = "/explore"
    NAMES: ClassVar[tuple[str, ...]] = ("atlas", "gene", "color", "embedding", "layer", "split")

    color: str = ""
    split: str = ""


@dataclass(frozen=True)
class CorrelationQuery(PageQuery):
    """The state of the page Correlation.

    Attributes
    ----------
    gene, gene_b
        A, which is correlated with every other gene, and B; an empty B is the strongest correlate of A.
    method
        ``spearman`` or ``pearson``.
    drop_zeros, depth
        ``true`` or ``false``; empty is false for the first, and true for the second: adjust for total counts.
    by
        The column of the forest.
    adjust
        A further column that the partial correlation takes out.
    one, two
        Two categories of the atlas' groups whose correlations are compared.
    genes
        A list of genes for the matrix, as it was pasted; empty for A and its `top_n` strongest correlates.
    """

    PATH: ClassVar[str] = "/correlation"
    NAMES: ClassVar[tuple[str, ...]] = (
        "atlas", "gene", "gene_b", "method", "drop_zeros", "layer", "by", "depth", "adjust", "embedding", "one", "two",
        "genes", "top_n",
    )  # fmt: skip

    gene_b: str = ""
    method: str = ""
    drop_zeros: str = ""
    by: str = ""
    depth: str = ""
    adjust: str = ""
    one: str = ""
    two: str = ""
    genes: str = ""
    top_n: str = ""


def split_search(search: str) -> tuple[dict[str, str], list[str], list[str]]:
    """Single parameters (the first of each name), ``where`` and ``range`` of a URL query."""
    if len(search) > MAX_URL:
        raise InvalidQuery(
            f"The link is {len(search):,} characters long; {MAX_URL:,} is the limit.", "Use fewer filters."
        )
    single: dict[str, str] = {}
    repeated: dict[str, list[str]] = {"where": [], "range": []}
    for name, value in parse_qsl(search.lstrip("?"), keep_blank_values=True):
        limit = MAX_LIST if name == "genes" else MAX_TEXT
        if len(value) > limit:
            raise InvalidQuery(
                f"The parameter {name[:40]!r} is {len(value):,} characters long; {limit:,} is the limit."
            )
        if name in repeated:
            repeated[name].append(value)
        else:
            single.setdefault(name, value)
    return single, repeated["where"], repeated["range"]


def to_search(pairs: Pairs) -> str:
    """A URL query with its question mark; empty when there is nothing to say."""
    return f"?{urlencode(pairs)}" if pairs else ""


def _number(text: str, whole: str) -> float | None:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError as error:
        raise InvalidQuery(
            f"{text[:40]!r} in the range {whole[:MAX_TEXT]!r} is not a number.", "Write COLUMN:MIN:MAX."
        ) from error
    if not math.isfinite(value):
        raise InvalidQuery(f"{text!r} in the range {whole!r} is not finite.", "Leave an end empty to keep it open.")
    return value


def _escaped(column: str) -> str:
    return column.replace("\\", r"\\").replace("=", r"\=")


def _plain(value: float | None) -> str:
    """The shortest text that reads back as the same number."""
    if value is None:
        return ""
    # Zero has no sign here.
    number = float(value) + 0.0
    return f"{number:.0f}" if number.is_integer() and abs(number) < MAX_PLAIN else repr(number)
