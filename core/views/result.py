"""What a view is when it leaves the page: the figure, its source data, and everything a reader must know of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from core import __version__
from core.analysis.provenance import n_samples_of, of_atlas
from core.errors import InvalidQuery
from core.figures.print_style import Look, fitted, styled
from core.selection.masks import mask_of
from core.urls.permalinks import permalink
from core.views.formatting import cells_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from core.atlas.store import Atlas
    from core.figures.theme import Json
    from core.selection.model import Selection
    from core.urls.page_queries import PageQuery
    from core.views.resolve import Problem

Facts: TypeAlias = dict[str, object]
SIMULATED = "SIMULATED"
NOT_CELLS = "All cells are simulated: no statement about biology can rest on them."


@dataclass(frozen=True)
class Figure:
    """A view, drawn.

    Attributes
    ----------
    figure
        Plotly's JSON with its cells, laid out for paper; `look.scale` brings it to size.
    tables
        Source data by name, the first of them that of a single CSV: what is drawn, no more and no less.
    title, legend, methods
        In plain words; legend and methods are a paragraph each.
    facts
        Of which data, which cells, which parameters, which program.
    notes
        What whoever follows the link should be told, such as that the atlas has changed since.
    """

    figure: Json
    tables: dict[str, pa.Table]
    title: str
    legend: str
    methods: str
    facts: Facts
    look: Look
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Subject:
    """Which figure of which cells: what the words and facts of every view begin with.

    Attributes
    ----------
    query
        Of the page, complete; `search` is what the link said and may hold more, such as a zoom.
    layer
        Empty for a figure that shows no values.
    n_cells, n_samples
        Those that are drawn; None for those of the selection.
    """

    figure: str
    atlas: Atlas
    query: PageQuery
    search: str
    layer: str = ""
    n_cells: int | None = None
    n_samples: int | None = None
    notes: tuple[str, ...] = ()
    panel: int = 1

    @property
    def selection(self) -> Selection:
        """Of the cells."""
        return self.query.selection


@dataclass(frozen=True)
class Words:
    """What a view says of itself: a title, how to read the marks, how the numbers were made, and its parameters."""

    title: str
    marks: str
    made: str
    parameters: Mapping[str, object] = field(default_factory=dict[str, object])


def finished(
    subject: Subject,
    figure: Json,
    tables: dict[str, pa.Table],
    words: Words,
    look: Look,
    least: tuple[float, float] = (0.0, 0.0),
) -> Figure:
    """Set a figure on paper and write down what it shows.

    Parameters
    ----------
    least : pixels of the figure, across and up, below which names would lie over each other; 0 for whatever

    Raises
    ------
    InvalidQuery
        It does not fit on so small a paper.
    """
    smaller = look if look.screen else fitted(look, least)
    notes = subject.notes
    if smaller is not look:
        notes = (
            *notes,
            f"Its letters have {smaller.font_size:.1f} pt instead of {look.font_size:g}: larger ones would lie over "
            "each other at this size.",
        )
    atlas = subject.atlas
    manifest = atlas.manifest
    mark = f"{SIMULATED}. " if manifest.simulated else ""
    facts = _facts(subject, words) | {"notes": " ".join(notes) or None}
    title = f"{mark}{words.title}"
    n, n_samples = facts["n_cells"], facts["n_samples"]
    samples = f" of {n_samples:,} sample{'' if n_samples == 1 else 's'}" if isinstance(n_samples, int) else ""
    cells = f"n = {cells_of(int(str(n)))}{samples} ({facts['selection']})"
    legend = f"{title}. {words.marks} {cells}. {manifest.title}{_of_sample(atlas)}."
    if manifest.simulated:
        legend = f"{legend} {NOT_CELLS}"
    return Figure(
        styled(figure, smaller, title, SIMULATED if manifest.simulated and not look.screen else ""),
        tables,
        title,
        legend,
        _methods(subject, words, facts),
        facts,
        smaller,
        notes,
    )


def sure(problems: Sequence[Problem]) -> tuple[str, ...]:
    """What there is to tell where nothing hinders the figure.

    A page shows something else in the place of what does not exist, and says so beside it. A figure that leaves the
    page must be what was asked for.

    Raises
    ------
    InvalidQuery
        Something in the address means nothing here.
    """
    for problem in problems:
        if not problem.harmless:
            raise InvalidQuery(
                f"The link is not drawn, as the page would not show what it asks for: {problem.text}", problem.remedy
            )
    return tuple(problem.text for problem in problems)


def _facts(subject: Subject, words: Words) -> Facts:
    atlas, selection = subject.atlas, subject.selection
    manifest = atlas.manifest
    own: dict[str, Any] = {}
    if subject.layer:
        own = {"layer": subject.layer, "unit": atlas.layer(subject.layer).info.unit}
    n = int(mask_of(atlas, selection).sum()) if subject.n_cells is None else subject.n_cells
    samples = n_samples_of(atlas, selection) if subject.n_cells is None else subject.n_samples
    return {
        "figure": subject.figure,
        "title": words.title,
        **of_atlas(manifest),
        **own,
        "selection": str(words.parameters.get("selection") or selection.words()),
        "n_cells": n,
        "n_samples": samples,
        "parameters": {name: value for name, value in words.parameters.items() if name != "selection"},
        "permalink": permalink(subject.figure, subject.search or subject.query, manifest.content_hash, subject.panel),
    }


def _methods(subject: Subject, words: Words, facts: Facts) -> str:
    atlas = subject.atlas
    manifest = atlas.manifest
    simulated = f"{SIMULATED} data. {NOT_CELLS} " if manifest.simulated else ""
    values = ""
    if subject.layer:
        info = atlas.layer(subject.layer).info
        values = f" Values are those of the layer {info.name} ({info.unit}; {info.rule.rstrip('.')})."
    citation = f" {manifest.citation.rstrip('.')}." if manifest.citation else ""
    return (
        f"{simulated}Cells of {manifest.title} ({atlas.id}{_of_sample(atlas)}; source file {manifest.source.file}, "
        f"SHA-256 {manifest.source.sha256}).{citation} Selection: {facts['selection']}.{values} {words.made} "
        f"Made with MASLDatlas {__version__} from the atlas content {manifest.content_hash[:12]}."
    )


def _of_sample(atlas: Atlas) -> str:
    """That an atlas is a sample of the cells of its file."""
    return f", a sample: {atlas.manifest.cells_in_words}" if atlas.manifest.subset else ""
