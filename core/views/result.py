"""A rendered figure: Plotly's JSON, source data, title, legend, methods and provenance."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from core import __version__
from core.analysis.provenance import n_samples_of, of_atlas
from core.atlas.lineages import LINEAGE
from core.atlas.nouns import counted, sample_noun, values_of
from core.errors import InvalidQuery
from core.figures.paper_sizes import height_warning
from core.figures.print_style import Look, fitted, styled
from core.genes.ids import with_ids
from core.selection.masks import mask_of
from core.urls.permalinks import permalink
from core.views.formatting import cells_of
from core.views.lineages import derivation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from core.atlas.manifest import Manifest
    from core.atlas.store import Atlas
    from core.figures.theme import Json
    from core.genes.lists import GeneList
    from core.selection.model import Selection
    from core.urls.page_queries import PageQuery
    from core.views.layout import Layout
    from core.views.resolve import Problem

Facts: TypeAlias = dict[str, object]
SIMULATED = "SIMULATED"
MAX_NAMED = 5
NOT_CELLS = "All cells are simulated: no statement about biology can rest on them."


@dataclass(frozen=True)
class Figure:
    """A figure as it leaves the page.

    Attributes
    ----------
    figure
        Plotly's JSON with its cells, laid out for paper; `look.scale` brings it to size.
    tables
        Source data by name, the first of them that of a single CSV: exactly what is drawn.
    title, legend, methods
        In plain words; legend and methods are a paragraph each.
    facts
        Provenance: atlas, selection, parameters and version of the program.
    notes
        What a reader of the link should be told, such as that the atlas has changed since.
    fitting
        Parameters of the page with which a figure that is too high fits on a page of a journal; empty where it fits.
    """

    figure: Json
    tables: dict[str, pa.Table]
    title: str
    legend: str
    methods: str
    facts: Facts
    look: Look
    notes: tuple[str, ...] = ()
    fitting: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Subject:
    """Data behind a figure: atlas, query, layer and numbers of cells.

    Attributes
    ----------
    query
        Complete query of the page; `search` is its canonical text and may hold more, such as a zoom.
    layer
        Empty for a figure that shows no values.
    n_cells, n_samples
        Those that are drawn; None for those of the selection.
    notes
        What a reader should be told, such as names of a list that are no genes of the atlas.
    beside
        Further atlases that the figure shows.
    """

    atlas: Atlas
    query: PageQuery
    search: str
    layer: str = ""
    n_cells: int | None = None
    n_samples: int | None = None
    notes: tuple[str, ...] = ()
    beside: tuple[Manifest, ...] = ()

    @property
    def simulated(self) -> bool:
        """True where any cells are simulated."""
        return any(manifest.simulated for manifest in (self.atlas.manifest, *self.beside))

    @property
    def selection(self) -> Selection:
        """Selection of the cells."""
        return self.query.selection


@dataclass(frozen=True)
class Words:
    """Title, legend, methods and parameters of a figure.

    Attributes
    ----------
    legend
        How to read the marks, in sentences of a paper.
    methods
        How the numbers were computed.
    note
        Sentence below the title on the page, where a legend would be too long.
    heading
        First sentence of the legend, without a full stop; the title unless given.
    """

    title: str
    legend: str
    methods: str
    parameters: Mapping[str, object] = field(default_factory=dict[str, object])
    note: str = ""
    heading: str = ""


def assembled(
    name: str, panel: int, subject: Subject, layout: Layout, words: Words, tables: Mapping[str, pa.Table]
) -> Figure:
    """Set a figure on paper and write down what it shows.

    Parameters
    ----------
    name, panel : which figure of the page it is

    Raises
    ------
    InvalidQuery
        It does not fit on so small a paper.
    """
    look = layout.look if layout.look.screen else fitted(layout.look, layout.least)
    notes = subject.notes
    if look is not layout.look:
        notes = (
            *notes,
            f"The font size is {look.font_size:.1f} pt instead of {layout.look.font_size:g}: "
            "larger names would overlap at this size.",
        )
    notes = (*notes, *layout.notes)
    atlas = subject.atlas
    manifest = atlas.manifest
    mark = f"{SIMULATED}. " if subject.simulated else ""
    title = f"{mark}{words.title}"
    figure = styled(
        layout.figure, look, title, SIMULATED if subject.simulated and not look.screen else "", _genes(words)
    )
    too_high = ""
    if not look.screen:
        height = look.height or look.millimetres(figure["layout"]["height"])
        too_high = height_warning(height, layout.lower)
        notes = (*notes, *filter(None, [too_high]))
    fitting = layout.fitting if too_high else ()
    hashes = {each.id: each.content_hash for each in subject.beside}
    beside = [hashes.get(each, "") for each in subject.query.beside]
    link = permalink(name, subject.search or subject.query, manifest.content_hash, panel, beside)
    facts = {"figure": name, **_facts(subject, words), "permalink": link, "notes": " ".join(notes) or None}
    n, n_samples = facts["n_cells"], facts["n_samples"]
    samples = f" from {counted(n_samples, sample_noun(atlas))}" if isinstance(n_samples, int) else ""
    chosen = f" ({facts['selection']})" if _is_chosen(subject, words) else ""
    simulated = f" {_not_cells(subject)}" if subject.simulated else ""
    heading = words.heading or words.title
    legend = f"{mark}{heading}. {words.legend} n = {cells_of(int(str(n)))}{samples}{chosen}.{simulated}"
    return Figure(
        figure,
        {each: with_ids(table, atlas.genes) for each, table in tables.items()},
        title,
        legend,
        _methods(subject, words, facts),
        facts,
        look,
        notes,
        fitting,
    )


def unknown_genes(atlas: Atlas, listed: GeneList, noun: str = "list", most: int = MAX_NAMED) -> tuple[str, ...]:
    """Name the entries of a list or set that are no genes of the atlas; no note where all are."""
    if not listed.unknown:
        return ()
    names = ", ".join(repr(name[:40]) for name, _ in listed.unknown[:most])
    return (f"Of the {noun}, {len(listed.unknown):,} are no genes of {atlas.id}: {names}.",)


def require(problems: Sequence[Problem]) -> tuple[str, ...]:
    """Return the notes of problems that leave the figure as it was requested.

    A page replaces what does not exist by a default and says so. An exported or embedded figure must be what its
    address asks for.

    Raises
    ------
    InvalidQuery
        Something in the address means nothing here.
    """
    for problem in problems:
        if not problem.harmless:
            remedy = problem.remedy or _offered(problem)
            raise InvalidQuery(f"The figure of this link cannot be drawn: {problem.text}", remedy)
    return tuple(problem.text for problem in problems)


def _offered(problem: Problem) -> str:
    names = ", ".join(name for name, _ in problem.choices)
    return f"Did you mean {names}?" if names else ""


def _facts(subject: Subject, words: Words) -> Facts:
    atlas, selection = subject.atlas, subject.selection
    manifest = atlas.manifest
    own: dict[str, Any] = {}
    if subject.layer:
        own = {"layer": subject.layer, "unit": atlas.layer(subject.layer).info.unit}
    n = int(mask_of(atlas, selection).sum()) if subject.n_cells is None else subject.n_cells
    samples = n_samples_of(atlas, selection) if subject.n_cells is None else subject.n_samples
    return {
        "title": words.title,
        **of_atlas(manifest),
        "simulated": subject.simulated,
        **own,
        "selection": str(words.parameters.get("selection") or selection.words()),
        "n_cells": n,
        "n_samples": samples,
        "parameters": {name: value for name, value in words.parameters.items() if name != "selection"},
    }


def _genes(words: Words) -> tuple[str, ...]:
    """List the genes that the title of a figure may name."""
    return tuple(str(words.parameters[name]) for name in ("gene", "gene_b") if words.parameters.get(name))


def _is_chosen(subject: Subject, words: Words) -> bool:
    """Return whether a figure shows some of the cells only."""
    return not subject.selection.is_all or "selection" in words.parameters


def _methods(subject: Subject, words: Words, facts: Facts) -> str:
    atlas = subject.atlas
    manifest = atlas.manifest
    simulated = f"{SIMULATED} data. {_not_cells(subject)} " if subject.simulated else ""
    values = f" {values_of(atlas.layer(subject.layer).info)}" if subject.layer else ""
    chosen = f" Analyses were restricted to the following cells: {facts['selection']}."
    source = f"{manifest.title}{_of_sample(atlas)}{_cited(manifest)}"
    beside = "".join(f" Further data: {each.title or each.id}{_cited(each)}." for each in subject.beside)
    return (
        f"{simulated}Single-cell data were taken from {source}.{beside}"
        f"{chosen if _is_chosen(subject, words) else ''}{values} {words.methods}{_derived(subject, words)} "
        f"The figure was made with MASLDatlas {__version__} (dataset version {manifest.content_hash[:12]}; source file "
        f"{manifest.source.file}, SHA-256 {manifest.source.sha256})."
    )


def _derived(subject: Subject, words: Words) -> str:
    """State which cell types each lineage has, where a figure or its selection uses the derived column."""
    columns = {*map(str, words.parameters.values()), *(column for column, _ in subject.selection.where)}
    return f" {derivation(subject.atlas)}" if LINEAGE in columns and subject.atlas.lineages else ""


def _cited(manifest: Manifest) -> str:
    """Return the citation of an atlas; one of several sentences stands for itself."""
    cited = manifest.citation.rstrip(". ")
    return f" ({cited})" if cited and ". " not in cited else f". {cited}" if cited else ""


def _not_cells(subject: Subject) -> str:
    """Say which cells are simulated: all of them, or those of some atlases."""
    every = (subject.atlas.manifest, *subject.beside)
    made = [manifest.id for manifest in every if manifest.simulated]
    return NOT_CELLS if len(made) == len(every) else f"The cells of {' and '.join(made)} are simulated."


def _of_sample(atlas: Atlas) -> str:
    """State that an atlas is a sample of the cells of its file."""
    return f", a sample: {atlas.manifest.cells_in_words}" if atlas.manifest.subset else ""
